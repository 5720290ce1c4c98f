//! The trace that a run is a part of, as whoever started it says in `TRACEPARENT` (W3C Trace Context).

/// The span that started this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: [u8; 16],
    /// The span in it.
    pub span_id: [u8; 8],
    /// Whether somebody keeps the trace.
    pub is_sampled: bool,
}

impl TraceParent {
    /// Reads `00-<trace>-<span>-<flags>`; what is no such text is passed over, and begins a trace of its own. Later
    /// versions may have more behind.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let [version] = bytes(parts.next()?)?;
        let (trace_id, span_id) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
        let [flags] = bytes(parts.next()?)?;
        let is_known = version != 0xff && (version != 0 || parts.next().is_none());
        let is_any = trace_id != [0; 16] && span_id != [0; 8];
        (is_known && is_any).then_some(Self { trace_id, span_id, is_sampled: flags & 1 == 1 })
    }
}

/// So many bytes, from digits in lower case.
fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if hex.len() != 2 * N || !hex.as_bytes().iter().all(is_hex) {
        return None;
    }
    let mut read = [0; N];
    for (at, byte) in read.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_parent_is_read_or_passed_over() {
        let parent = TraceParent::read(GOOD).unwrap();
        assert_eq!((parent.trace_id[0], parent.span_id[7]), (0x4b, 0xb7));
        assert!(
            parent.is_sampled
                && !TraceParent::read(&GOOD.replace("-01", "-00")).unwrap().is_sampled
        );
        assert!(TraceParent::read(&format!("cc{}-more", &GOOD[2..])).is_some(), "a later version");
        for bad in [
            "",
            "00",
            &GOOD.to_uppercase(),
            &GOOD.replace("00-4b", "ff-4b"),
            &format!("{GOOD}-more"),
            &GOOD.replace("00f067aa0ba902b7", "0000000000000000"),
            &GOOD.replace("4bf92f35", "4bf92f3"),
            &GOOD.replace("4bf9", "+bf9"),
        ] {
            assert_eq!(TraceParent::read(bad), None, "{bad}");
        }
    }
}
