//! The entries of a zip archive, as saved plans of Terraform are. Only what those use is read.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// What an entry may unpack to.
const LARGEST: usize = 256 * 1024 * 1024;

/// Names and contents of all entries; none of what is no archive.
pub(crate) fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    listed(bytes).unwrap_or_default()
}

fn listed(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    // The directory stands at the end, and its own end tells where it begins.
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (count, mut at) = (number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?);
    let mut found = Vec::new();
    for _ in 0..count {
        let name_length = number(bytes, at + 28, 2)?;
        let name = bytes.get(at + 46..at + 46 + name_length)?;
        let content = content(bytes, at)?;
        found.push((String::from_utf8_lossy(name).into_owned(), content));
        at += 46 + name_length + number(bytes, at + 30, 2)? + number(bytes, at + 32, 2)?;
    }
    Some(found)
}

/// The content of the entry whose line of the directory stands `at`.
fn content(bytes: &[u8], at: usize) -> Option<Vec<u8>> {
    let (method, size) = (number(bytes, at + 10, 2)?, number(bytes, at + 20, 4)?);
    let start = number(bytes, at + 42, 4)?;
    let start = start + 30 + number(bytes, start + 26, 2)? + number(bytes, start + 28, 2)?;
    let packed = bytes.get(start..start.checked_add(size)?)?;
    match method {
        0 => Some(packed.to_vec()),
        8 => decompress_to_vec_with_limit(packed, LARGEST).ok(),
        _ => None,
    }
}

/// A number of so many bytes, the lowest first.
fn number(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(count)?)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of `a`, stored as it is, and `b`, deflated, as Python writes it.
    const ARCHIVE: &str = "504b03041400000000000000215acf62201905000000050000000100000061706c61696e504b03041400000008\
        000000215a12bf8b8d0b0000003600000001000000624b4c4fcccc534824910400504b01021403140000000000\
        0000215acf622019050000000500000001000000000000000000000080010000000061504b0102140314000000\
        08000000215a12bf8b8d0b0000003600000001000000000000000000000080012400000062504b050600000000\
        020002005e0000004e0000000000";

    #[test]
    fn reads_what_is_stored_and_what_is_deflated() {
        let bytes: Vec<u8> = ARCHIVE
            .as_bytes()
            .chunks(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let expected = [("a".to_owned(), b"plain".to_vec()), ("b".to_owned(), b"again ".repeat(9))];
        assert_eq!(entries(&bytes), expected);
        for end in 0..bytes.len() {
            // Whatever is cut off, nothing is read that is not there.
            entries(&bytes[..end]);
        }
        assert!(entries(b"no archive").is_empty());
    }
}
