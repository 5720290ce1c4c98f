//! Secrets in an Azure Key Vault: which there are, and when each is due to be rotated. Never their values:
//! no field can hold one, and a record that has one all the same is refused (SEC007).
//!
//! Nothing here talks to Azure.

mod dialect;
pub mod rules;
mod survey;
mod vault;

use serde::{Deserialize, Serialize};

#[cfg(all(feature = "git", feature = "decrypt"))]
pub use survey::in_file;
pub use survey::{rotations, survey, survey_removal};
pub use vault::KeyVaultUrl;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};
use crate::registration::Registered;
use crate::{Actor, EnvironmentName, Timestamp};

/// A secret as it was registered.
pub type SecretRecord = Registered<Secret>;

/// What is known of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// The environment that uses it.
    pub environment: EnvironmentName,
    /// Its name in the Key Vault.
    pub name: SecretName,
    /// The Key Vault that holds its value.
    pub key_vault_url: KeyVaultUrl,
    /// What it is.
    #[serde(rename = "type")]
    pub secret_type: SecretType,
    /// How often it is to be rotated.
    #[serde(default)]
    pub rotation_schedule_days: RotationDays,
    /// When it was rotated last, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_rotated_at: Option<Timestamp>,
    /// When somebody read it last, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_accessed_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: Actor,
    /// Whether anything uses it.
    pub is_active: bool,
}

impl Secret {
    /// When it is to be rotated next; `None`: it never was.
    #[must_use]
    pub fn next_rotation_due(&self) -> Option<Timestamp> {
        self.last_rotated_at.map(|last| self.rotation_schedule_days.after(last))
    }

    /// Whether it should have been rotated before `now`. One that nothing uses is never overdue.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_active && self.next_rotation_due().is_some_and(|due| due <= now)
    }
}

closed_list! {
    /// What a secret is.
    pub enum SecretType breaks SEC003 {
        /// How a database or a queue is reached.
        ConnectionString = "ConnectionString",
        /// The key to somebody's API.
        ApiKey = "ApiKey",
        /// A certificate with its private key.
        Certificate = "Certificate",
        /// Something else.
        Other = "Other",
    }
}

checked_text! {
    /// The name of a secret in a Key Vault, such as `DatabaseConnectionString`.
    pub struct SecretName checked by check_name
}

impl SecretName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the ledger files it: to a Key Vault, names that differ only in case are one.
    pub(crate) fn filed(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn names_secret(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=127).contains(&text.len()) && text.bytes().all(fits)
}

fn check_name(text: &str) -> Result<(), Violation> {
    if names_secret(text) {
        return Ok(());
    }
    let hyphened = |c| if matches!(c, '_' | ' ' | '.' | ':' | '/') { '-' } else { c };
    let likely: String = text.chars().map(hyphened).collect();
    let next = if names_secret(&likely) {
        format!("Write `{likely}`, and use that name in the Key Vault.")
    } else {
        "Write a name such as `DatabaseConnectionString`.".to_owned()
    };
    let expected = "the name of a secret in a Key Vault: 1 to 127 letters, digits and hyphens";
    Err(Violation::new(RuleId::SEC001, quoted(text), expected, next))
}

/// After how many days a secret is to be rotated again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct RotationDays(u16);

impl RotationDays {
    /// What holds where nothing is said.
    pub const DEFAULT: u16 = 90;
    /// A hundred years: who means longer means never.
    const MOST: u16 = 36_500;

    /// The number of days.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// That many days after `time`.
    fn after(self, time: Timestamp) -> Timestamp {
        time.plus_seconds(i64::from(self.0) * 86_400)
    }
}

impl Default for RotationDays {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

impl TryFrom<i64> for RotationDays {
    type Error = Violations;
    fn try_from(days: i64) -> Result<Self, Violations> {
        match u16::try_from(days) {
            Ok(days @ 1..=Self::MOST) => Ok(Self(days)),
            _ => Err(Violation::new(
                RuleId::SEC004,
                format!("`{days}`"),
                format!("a number of days from 1 to {}", Self::MOST),
                format!("Write a number of days, or leave it out, which means {}.", Self::DEFAULT),
            )
            .into()),
        }
    }
}

impl From<RotationDays> for i64 {
    fn from(days: RotationDays) -> Self {
        days.0.into()
    }
}

#[cfg(test)]
mod tests;
