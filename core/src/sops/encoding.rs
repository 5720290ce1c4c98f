//! How the bytes of a file stand for letters. SOPS writes UTF-8; a redirection in PowerShell, or an
//! editor, may have written the file again in another way. No value got known by that.

use super::detect;
use super::error::{NotEncrypted, Problem};
use super::format::Format;

const MARK: char = '\u{feff}';

/// The text of a file, and its format.
pub(crate) fn read<'a>(path: &str, bytes: &'a [u8]) -> Result<(Format, &'a str), NotEncrypted> {
    let refused = |problem| NotEncrypted::one(Format::Binary, problem);
    if let Some(name) = other_encoding(bytes) {
        return Err(refused(Problem::Encoding { name }));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| refused(Problem::NoMetadata))?;
    let Some(bare) = text.strip_prefix(MARK) else { return Ok((detect::format(path, text), text)) };
    match detect::format(path, bare) {
        format @ (Format::Yaml | Format::Ini) => Ok((format, bare)),
        format => Err(NotEncrypted::one(format, Problem::ByteOrderMark)),
    }
}

/// Told by a byte order mark, or by zeros beside the letters of the first line.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [a, 0, 0, 0, ..] | [0, 0, 0, a, ..] if *a > 0 => Some("UTF-32"),
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some("UTF-16"),
        _ => None,
    }
}
