//! Why a file is not taken for encrypted, and what to do about it.

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
    /// The file has more bytes than are read.
    TooLarge {
        /// How many it has.
        size: u64,
        /// How many are read.
        most: u64,
    },
    /// Its lists and maps are nested more deeply than is read.
    TooDeep {
        /// How many levels are read.
        most: usize,
    },
    /// It has more parts than are read, or its aliases make that many.
    TooMany {
        /// How many parts are read.
        most: usize,
    },
    /// Its aliases make more of it than is read.
    TooMuch {
        /// How many bytes its aliases may make.
        most: u64,
    },
    /// Looking at it took longer than there was time for.
    TooSlow {
        /// How many seconds there were.
        seconds: u64,
    },
    /// It is written in another encoding than UTF-8.
    Encoding {
        /// Which.
        name: &'static str,
    },
    /// It begins with a mark over which SOPS does not read in this format.
    ByteOrderMark,
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
    /// An encrypted value was broken into lines, so that SOPS cannot decrypt it.
    Reformatted {
        /// Its place.
        at: String,
        /// Its line, from 1, where it is known.
        line: Option<usize>,
    },
    /// The settings of the file leave every value in the clear.
    NothingEncrypted {
        /// How many values there are.
        in_the_clear: usize,
    },
    /// More of what is told before.
    More {
        /// How many more.
        count: usize,
    },
}

impl Problem {
    /// Whether somebody who reads the file reads a secret.
    #[must_use]
    pub const fn exposes(&self) -> bool {
        match self {
            Self::NoMetadata
            | Self::NoMac
            | Self::NoKeys
            | Self::Plaintext { .. }
            | Self::NothingEncrypted { .. }
            | Self::More { .. } => true,
            Self::TooLarge { .. }
            | Self::TooDeep { .. }
            | Self::TooMany { .. }
            | Self::TooMuch { .. }
            | Self::TooSlow { .. }
            | Self::Encoding { .. }
            | Self::ByteOrderMark
            | Self::Unreadable { .. }
            | Self::EmptyKeyGroup { .. }
            | Self::SeveralRules { .. }
            | Self::InvalidRegex { .. }
            | Self::Reformatted { .. } => false,
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn next(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::TooDeep { .. } | Self::TooMany { .. } => {
                "Check that this is the secrets file; keep large data in a store of its own."
            }
            Self::TooMuch { .. } | Self::TooSlow { .. } => {
                "Check that this is the secrets file, and write out what its aliases stand for."
            }
            Self::Encoding { .. } | Self::ByteOrderMark => {
                "Write the file again as UTF-8 without a byte order mark, and commit the result; its \
                 secrets stay as they are."
            }
            Self::Unreadable { .. } => {
                "Repair the file until `sops decrypt` reads it, and commit the result."
            }
            Self::EmptyKeyGroup { .. } | Self::SeveralRules { .. } | Self::InvalidRegex { .. } => {
                "Correct `.sops.yaml`, encrypt the file anew with `sops`, and commit the result."
            }
            Self::Reformatted { .. } => {
                "Restore the file as SOPS wrote it, and keep formatters away from it; its secrets stay \
                 as they are."
            }
            Self::NothingEncrypted { .. } => {
                "Correct the rule for what is encrypted, encrypt the file anew with `sops`, commit the \
                 result, and consider every readable secret as known to others."
            }
            Self::NoMetadata
            | Self::NoMac
            | Self::NoKeys
            | Self::Plaintext { .. }
            | Self::More { .. } => {
                "Run `sops encrypt --in-place` on it, commit the result, and consider every readable \
                 value as known to others."
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, most } => {
                write!(f, "{size} bytes are too many; at most {most} are read")
            }
            Self::TooDeep { most } => {
                write!(f, "lists and maps are nested more than {most} levels deep")
            }
            Self::TooMany { most } => write!(f, "there are more than {most} parts"),
            Self::TooMuch { most } => write!(f, "its aliases make more than {most} bytes"),
            Self::TooSlow { seconds } => {
                write!(f, "it could not be looked through within {seconds} s")
            }
            Self::Encoding { name } => write!(f, "the text is {name}, which SOPS does not write"),
            Self::ByteOrderMark => {
                f.write_str("the text begins with a byte order mark, over which SOPS does not read")
            }
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
            Self::Plaintext { at, line } => {
                write!(f, "`{at}`{} is not encrypted", Line(*line))
            }
            Self::Reformatted { at, line } => {
                write!(
                    f,
                    "the encrypted `{at}`{} is broken into lines, which SOPS cannot decrypt",
                    Line(*line)
                )
            }
            Self::NothingEncrypted { in_the_clear } => {
                write!(f, "its own settings leave every value in the clear ({in_the_clear})")
            }
            Self::More { count } => write!(f, "{count} more such faults are not listed"),
        }
    }
}

/// A line behind a place, where it is known.
struct Line(Option<usize>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, " (line {line})"))
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
