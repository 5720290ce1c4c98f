//! Inputs that are grown, to see that the work grows no faster.
//!
//! libFuzzer keeps inputs small, and what takes the square of a small number is still soon done. So a part of an
//! input is repeated until it is large; the processor time of this thread, not that of the clock, must stay
//! within what linear work could need.

/// How large a grown input is, in bytes.
pub const LARGE: usize = 128 * 1024;

/// How much processor time it may take, in milliseconds: 20 µs a byte. The square of its length in the
/// shortest possible steps would be more than that.
pub const MOST_MILLISECONDS: u64 = 2600;

/// The input with one part of it repeated until all is [`LARGE`]. Which part follows from the bytes, so that
/// an input always grows alike; `None` for the many that are not grown, because that is slow.
#[must_use]
pub fn grown(bytes: &[u8], one_in: u64) -> Option<Vec<u8>> {
    let hash = fold(bytes);
    if bytes.is_empty() || one_in == 0 || !hash.is_multiple_of(one_in) {
        return None;
    }
    let at = |part: u64| usize::try_from(part).unwrap_or_default() % bytes.len();
    let (one, other) = (at(hash >> 8), at(hash >> 32));
    let (from, to) = (one.min(other), one.max(other) + 1);
    let (before, part, after) = (bytes.get(..from)?, bytes.get(from..to)?, bytes.get(to..)?);
    let times = LARGE.saturating_sub(before.len() + after.len()) / part.len();
    Some([before, &part.repeat(times.max(1)), after].concat())
}

/// FNV-1a.
fn fold(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_is_repeated_and_the_rest_stays() {
        let grown = grown(b"<a><b/></a>", 1).unwrap();
        assert!(grown.len() > LARGE / 2 && grown.len() <= LARGE + 11);
        assert_eq!(super::grown(b"<a><b/></a>", 1), Some(grown));
    }

    #[test]
    fn only_some_inputs_grow() {
        let few = (0..1000_u32).filter(|it| grown(&it.to_le_bytes(), 64).is_some()).count();
        assert!((5..50).contains(&few), "{few}");
        assert_eq!(grown(b"", 1), None);
    }
}
