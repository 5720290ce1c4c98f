//! What kind of thing an artifact is. Document 004 gives examples and no closed list.

use std::fmt;
use std::str::FromStr;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

/// The type of an artifact, such as `lambda-layer`, `binary` or `package`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactType(String);

/// The longest type, in characters.
const LONGEST: usize = 64;

impl ArtifactType {
    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArtifactType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ArtifactType {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if text.len() <= LONGEST && text.split('-').all(part) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "lower-case letters and digits, in words joined by hyphens";
        let next = "Write a word such as `package`, `binary` or `lambda-layer`.";
        Err(Violation::new(RuleId::OWN022, quoted(text), expected, next).into())
    }
}

text_serde!(ArtifactType);
