//! The SHA-256 of some bytes, written as 64 hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use sha2::Digest as _;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The SHA-256 with these 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        read_hex(text).map(Self).ok_or_else(|| bad(text).into())
    }
}

text_serde!(Sha256);

fn read_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(|d| matches!(d, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn bad(text: &str) -> Violation {
    let upper = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let base64 = text.len() == 44 && text.ends_with('=');
    let next = if upper {
        format!("Write it in lower case: `{}`.", text.to_ascii_lowercase())
    } else if base64 {
        "Write hexadecimal digits instead of Base64: Terraform's `filesha256` gives them."
            .to_owned()
    } else {
        "Take it from `sha256sum <file>`, or from Terraform's `filesha256`.".to_owned()
    };
    let expected = "a SHA-256, 64 hexadecimal digits in lower case";
    Violation::new(RuleId::ART003, quoted(text), expected, next)
}
