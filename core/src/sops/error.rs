//! Why a file is not taken for encrypted.

use std::fmt;

use super::format::Format;

/// A file that is not, or not wholly, encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotEncrypted {
    /// How the file is written, as far as could be told.
    pub format: Format,
    /// Everything that is wrong; never empty.
    pub problems: Vec<Problem>,
}

impl NotEncrypted {
    pub(crate) fn one(format: Format, problem: Problem) -> Self {
        Self { format, problems: vec![problem] }
    }
}

/// One thing that is wrong. It holds names of keys, and no value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The file cannot be read as what it seems to be.
    Unreadable {
        /// What it seems to be.
        format: Format,
        /// Where reading stopped, from 1.
        line: Option<usize>,
    },
    /// SOPS never wrote the file.
    NoMetadata,
    /// There is no MAC, or it is not encrypted.
    NoMac,
    /// Nobody holds a key.
    NoKeys,
    /// A key group is empty: the file cannot be decrypted.
    EmptyKeyGroup {
        /// Which, from 1.
        group: usize,
    },
    /// The file says in several ways what is secret, which SOPS refuses.
    SeveralRules {
        /// The settings.
        settings: Vec<&'static str>,
    },
    /// A setting is no regular expression.
    InvalidRegex {
        /// The setting.
        setting: &'static str,
    },
    /// A secret is in the clear.
    Plaintext {
        /// Its place, such as `database.users[0].password`.
        at: String,
        /// Its line, from 1, where it is known.
        line: Option<usize>,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { format, line: Some(line) } => {
                write!(f, "it is not valid {format} (line {line})")
            }
            Self::Unreadable { format, line: None } => write!(f, "it is not valid {format}"),
            Self::NoMetadata => f.write_str("SOPS has not encrypted it: it has no `sops` section"),
            Self::NoMac => f.write_str("its `sops` section has no encrypted `mac`"),
            Self::NoKeys => f.write_str("its `sops` section names no key that it is encrypted for"),
            Self::EmptyKeyGroup { group } => write!(f, "its key group {group} names no key"),
            Self::SeveralRules { settings } => {
                write!(
                    f,
                    "its `sops` section has {}, of which SOPS takes one",
                    settings.join(" and ")
                )
            }
            Self::InvalidRegex { setting } => {
                write!(f, "its `{setting}` is not a regular expression that can be read")
            }
            Self::Plaintext { at, line: Some(line) } => {
                write!(f, "`{at}` (line {line}) is not encrypted")
            }
            Self::Plaintext { at, line: None } => write!(f, "`{at}` is not encrypted"),
        }
    }
}

impl fmt::Display for NotEncrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&all.join("; "))
    }
}

impl std::error::Error for Problem {}
impl std::error::Error for NotEncrypted {}
