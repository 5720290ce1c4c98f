//! Which values of a file are secret, by the file's own settings.
//!
//! As SOPS has it: one setting at most; without any, everything is secret but what stands under a
//! key that ends in `_unencrypted`. Expressions match anywhere in a key. SOPS's are Go's RE2
//! syntax, of which the engine here leaves out Unicode classes alone; a file that uses them is
//! refused rather than misread.

use regex_lite::{Regex, RegexBuilder};

use super::error::Problem;
use super::metadata::Metadata;

/// How many bytes a compiled expression may take: matching it takes time by its size, for each key.
const LARGEST: usize = 1 << 16;

/// What SOPS uses where a file says nothing.
const DEFAULT_SUFFIX: &str = "_unencrypted";

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
        let read = || RegexBuilder::new(value).size_limit(LARGEST).build();
        let regex = || read().map_err(|_| Problem::InvalidRegex { setting });
        Ok(match setting {
            "unencrypted_suffix" => Self::AllBut(Test::KeyEnds(value.to_owned())),
            "encrypted_suffix" => Self::Only(Test::KeyEnds(value.to_owned())),
            "unencrypted_regex" => Self::AllBut(Test::Key(regex()?)),
            "encrypted_regex" => Self::Only(Test::Key(regex()?)),
            "unencrypted_comment_regex" => Self::AllBut(Test::Comment(regex()?)),
            _ => Self::Only(Test::Comment(regex()?)),
        })
    }

    /// Whether what stands under this key is meant by the rule.
    pub(crate) fn names_key(&self, key: &str) -> bool {
        match self.test() {
            Test::KeyEnds(suffix) => key.ends_with(suffix),
            Test::Key(regex) => regex.is_match(key),
            Test::Comment(_) => false,
        }
    }

    /// Whether what stands under this comment is meant by the rule.
    pub(crate) fn names_comment(&self, comment: &str) -> bool {
        matches!(self.test(), Test::Comment(regex) if regex.is_match(comment))
    }

    /// Whether a value is to be encrypted; `named`: the rule means something that it stands under.
    pub(crate) const fn is_secret(&self, named: bool) -> bool {
        match self {
            Self::AllBut(_) => !named,
            Self::Only(_) => named,
        }
    }

    const fn test(&self) -> &Test {
        match self {
            Self::AllBut(test) | Self::Only(test) => test,
        }
    }
}
