//! Why a file was not decrypted, and what to do about it. Nothing here holds a value, or a part of one.

use std::fmt;

use crate::base::foreign;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;

use super::super::NotEncrypted;

/// How many letters of a place are shown.
const SHOWN: usize = 120;
/// How many recipients are named.
const NAMED: usize = 10;

/// Why nothing was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Locked {
    /// The file is not one that SOPS encrypted, in whole.
    NotEncrypted(NotEncrypted),
    /// Several groups of keys share the data key.
    KeyGroups {
        /// How many.
        groups: usize,
    },
    /// Only other services hold the data key.
    OtherKeys {
        /// Their kinds, such as `kms`.
        kinds: Vec<String>,
    },
    /// No identity is meant by the file.
    NotForUs {
        /// What was tried, or where none was found.
        identities: String,
        /// For whom the data key is sealed.
        recipients: Vec<String>,
    },
    /// What holds the data key is damaged.
    DataKey,
    /// A value was changed, moved or taken from another file.
    Value {
        /// Its place.
        at: String,
    },
    /// The values are not the ones that were encrypted.
    Mac,
    /// Two values have one place.
    SamePlace {
        /// Which.
        at: String,
    },
    /// A value is not text.
    NotText {
        /// Its place.
        at: String,
    },
    /// The keys on the way to all its values are longer than is read.
    TooMuch {
        /// How many bytes they may have, counted for each value.
        most: u64,
    },
    /// It took longer than there was time for.
    TooSlow {
        /// How many seconds there were.
        seconds: u64,
    },
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |text: &str| foreign::word(text, SHOWN);
        match self {
            Self::NotEncrypted(why) => write!(f, "{why}"),
            Self::KeyGroups { groups } => {
                write!(f, "{groups} groups of keys share its data key, which is not supported")
            }
            Self::OtherKeys { kinds } => {
                write!(f, "its data key is kept by {} only", kinds.join(", "))
            }
            Self::NotForUs { identities, recipients } => {
                let names = recipients.iter().take(NAMED).map(|it| format!("`{}`", word(it)));
                let names = names.collect::<Vec<_>>().join(", ");
                write!(f, "it is encrypted for {names}; found {identities}")
            }
            Self::DataKey => f.write_str("its data key is damaged"),
            Self::Value { at } => {
                write!(f, "`{}` is not what SOPS encrypted there", word(at))
            }
            Self::Mac => f.write_str("its MAC does not match its values"),
            Self::SamePlace { at } => write!(f, "two values are called `{}`", word(at)),
            Self::NotText { at } => write!(f, "`{}` is not text", word(at)),
            Self::TooMuch { most } => {
                write!(f, "the keys on the way to its values have more than {most} bytes")
            }
            Self::TooSlow { seconds } => write!(f, "it was not decrypted within {seconds} s"),
        }
    }
}

impl std::error::Error for Locked {}

impl Locked {
    /// The broken rule; `path` is that of the file.
    #[must_use]
    pub fn violation(&self, path: &str) -> Violation {
        let path = foreign::word(path, SHOWN);
        let (expected, next) = self.remedy();
        Violation::new(RuleId::SEC009, format!("`{path}`, where {self}"), expected, next)
    }

    fn remedy(&self) -> (&'static str, String) {
        const UNTOUCHED: &str = "a file as SOPS wrote it, with the MAC of its values";
        let restore = || {
            "Restore the file from the commit before it was changed, or have its owner encrypt it anew; \
             change values with `sops edit` only."
        };
        match self {
            Self::NotEncrypted(why) => {
                let next = why.problems.first().map_or("", super::super::Problem::next);
                ("a file that SOPS encrypted", next.to_owned())
            }
            Self::KeyGroups { .. } => (
                "one group of keys, with an age recipient in it",
                "Encrypt the file for one group: remove `key_groups` from `.sops.yaml`, then run `sops updatekeys` \
                 on it."
                    .to_owned(),
            ),
            Self::OtherKeys { .. } => (
                "an age recipient among its keys; key services and PGP are not asked",
                "Add the age recipient of this machine to `.sops.yaml`, and run `sops updatekeys` on the file."
                    .to_owned(),
            ),
            Self::NotForUs { .. } => (
                "an X25519 identity of one of these in `SOPS_AGE_KEY`, in the file of `SOPS_AGE_KEY_FILE`, or in \
                 the default file",
                "Set `SOPS_AGE_KEY_FILE` to the file with the identity (in CI, `SOPS_AGE_KEY` to the identity itself), \
                 or have this machine's recipient added: `.sops.yaml`, then `sops updatekeys`."
                    .to_owned(),
            ),
            Self::DataKey | Self::Value { .. } | Self::Mac => (UNTOUCHED, restore().to_owned()),
            Self::SamePlace { .. } => (
                "one value for each place",
                "Rename one of the two keys with `sops edit`.".to_owned(),
            ),
            Self::NotText { .. } => (
                "text in each value of a structure",
                "Keep other bytes in a file of their own: `sops encrypt --input-type binary`.".to_owned(),
            ),
            Self::TooMuch { .. } | Self::TooSlow { .. } => (
                "a file of secrets of the usual size",
                "Check that this is the secrets file; keep large data in a store of its own.".to_owned(),
            ),
        }
    }
}
