//! Which values of a file are secret, by the file's own settings.
//!
//! As SOPS has it: one setting at most; without any, everything is secret but what stands under a
//! key that ends in `_unencrypted`. Expressions match anywhere in a key. SOPS's are Go's RE2
//! syntax, of which the engine here leaves out Unicode classes alone; a file that uses them is
//! refused rather than misread.

use regex_lite::Regex;

use super::error::Problem;
use super::metadata::Metadata;
use super::tree::Leaf;

/// What SOPS uses where a file says nothing.
const DEFAULT_SUFFIX: &str = "_unencrypted";

/// The settings, by their names in a file.
pub(crate) const SETTINGS: [&str; 6] = [
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
];

/// What is secret.
pub(crate) enum Rule {
    /// Everything but what stands under such a key.
    AllBut(Test),
    /// Nothing but what stands under such a key.
    Only(Test),
}

/// What makes a key, or a comment, one of those.
pub(crate) enum Test {
    KeyEnds(String),
    Key(Regex),
    Comment(Regex),
}

impl Rule {
    /// The rule that a file's settings make.
    pub(crate) fn of(metadata: &Metadata) -> Result<Self, Problem> {
        let (setting, value) = match metadata.rules.as_slice() {
            [] => return Ok(Self::AllBut(Test::KeyEnds(DEFAULT_SUFFIX.to_owned()))),
            [(setting, value)] => (*setting, value.as_str()),
            several => {
                let settings = several.iter().map(|(setting, _)| *setting).collect();
                return Err(Problem::SeveralRules { settings });
            }
        };
        let regex = || Regex::new(value).map_err(|_| Problem::InvalidRegex { setting });
        Ok(match setting {
            "unencrypted_suffix" => Self::AllBut(Test::KeyEnds(value.to_owned())),
            "encrypted_suffix" => Self::Only(Test::KeyEnds(value.to_owned())),
            "unencrypted_regex" => Self::AllBut(Test::Key(regex()?)),
            "encrypted_regex" => Self::Only(Test::Key(regex()?)),
            "unencrypted_comment_regex" => Self::AllBut(Test::Comment(regex()?)),
            _ => Self::Only(Test::Comment(regex()?)),
        })
    }

    /// Whether a value is to be encrypted.
    pub(crate) fn is_secret(&self, leaf: &Leaf<'_>) -> bool {
        match self {
            Self::AllBut(test) => !test.meets(leaf),
            Self::Only(test) => test.meets(leaf),
        }
    }
}

impl Test {
    fn meets(&self, leaf: &Leaf<'_>) -> bool {
        match self {
            Self::KeyEnds(suffix) => leaf.keys.iter().any(|key| key.ends_with(suffix)),
            Self::Key(regex) => leaf.keys.iter().any(|key| regex.is_match(key)),
            Self::Comment(regex) => leaf.comments.iter().any(|comment| regex.is_match(comment)),
        }
    }
}
