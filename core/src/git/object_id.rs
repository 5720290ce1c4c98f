//! The name of a git object.
//!
//! SHA-1 only: repositories of the SHA-256 format are refused when they are opened.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::error::GitError;
use crate::CommitSha;

/// The SHA-1 of a git object of any kind, as 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId([u8; 20]);

/// A text that is not an object name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} is not a git object name: expected 40 lower-case hexadecimal digits")]
pub struct InvalidObjectId {
    /// The text.
    pub found: String,
}

impl ObjectId {
    /// The 20 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// This object as a commit; the caller knows that it is one.
    #[must_use]
    pub fn to_commit(self) -> CommitSha {
        CommitSha::from_bytes(self.0)
    }

    /// The name that git gives to these bytes.
    pub(crate) fn of_blob(bytes: &[u8]) -> Result<Self, GitError> {
        git2::Oid::hash_object(git2::ObjectType::Blob, bytes)
            .map(Self::from_oid)
            .map_err(|error| GitError::local("name an object", &error))
    }

    pub(crate) fn from_oid(oid: git2::Oid) -> Self {
        let mut bytes = [0; 20];
        for (to, from) in bytes.iter_mut().zip(oid.as_bytes()) {
            *to = *from;
        }
        Self(bytes)
    }

    pub(crate) fn to_oid(self) -> git2::Oid {
        // 20 bytes are always an object name.
        git2::Oid::from_bytes(&self.0).unwrap_or(git2::Oid::ZERO_SHA1)
    }
}

impl From<CommitSha> for ObjectId {
    fn from(commit: CommitSha) -> Self {
        Self(*commit.as_bytes())
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidObjectId { found: text.to_owned() };
        let digits = text.as_bytes();
        if digits.len() != 40 {
            return Err(invalid());
        }
        let mut bytes = [0; 20];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| pair.get(at).copied().and_then(hexadecimal);
            let (Some(high), Some(low)) = (digit(0), digit(1)) else { return Err(invalid()) };
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn prints_back_what_it_read(text in "[0-9a-f]{40}") {
            prop_assert_eq!(text.parse::<ObjectId>().unwrap().to_string(), text);
        }

        #[test]
        fn travels_through_libgit2(bytes: [u8; 20]) {
            prop_assert_eq!(ObjectId::from_oid(ObjectId(bytes).to_oid()), ObjectId(bytes));
        }
    }

    #[test]
    fn refuses_what_git_does_not_print() {
        for text in ["", "abc", &"A".repeat(40), &"g".repeat(40), &"0".repeat(41), &"é".repeat(20)]
        {
            assert_eq!(text.parse::<ObjectId>().unwrap_err().found, text);
        }
    }
}
