//! Where secrets lie in the ledger, and what their rules ask about.

#[cfg(all(feature = "git", feature = "decrypt"))]
mod file;

#[cfg(all(feature = "git", feature = "decrypt"))]
pub use file::in_file;

use super::rules::SecretFacts;
use super::{Secret, SecretName, SecretRecord};
use crate::environment::registered_names;
use crate::ledger::{Ledger, LedgerError, RefStore, Shelf, Slot, Unreadable};
use crate::registration::{self, RegistrationSurvey, Removal};
use crate::{EnvironmentName, Timestamp};

impl<S: RefStore> Ledger<S> {
    /// The secrets of all environments.
    #[must_use]
    pub fn secrets(&self) -> Shelf<SecretRecord> {
        self.shelf()
    }

    /// One secret.
    #[must_use]
    pub fn secret(&self, environment: &EnvironmentName, name: &SecretName) -> Slot<SecretRecord> {
        self.secrets().within(environment).slot(&name.filed())
    }
}

/// Looks at a secret that is to be registered, and at its environment. `is_announced` says that the same
/// plan registers the environment.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    secret: Secret,
    is_announced: bool,
    now: Timestamp,
) -> Result<RegistrationSurvey<Secret>, LedgerError> {
    let environments = registered_names(ledger).await?;
    registration::survey::survey(ledger, secret, SecretFacts { environments, is_announced, now })
        .await
}

/// Looks at the registration of a secret that is to go.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey_removal<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
    name: &SecretName,
) -> Result<Removal<Secret>, LedgerError> {
    registration::survey::removal(ledger, ledger.secret(environment, name), |_| Vec::new()).await
}

/// The secrets of one environment, or of all, sorted; and the records that cannot be used. `overdue` asks
/// for those alone whose rotation is overdue, or is not.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn rotations<S: RefStore>(
    ledger: &Ledger<S>,
    environment: Option<&EnvironmentName>,
    overdue: Option<bool>,
    now: Timestamp,
) -> Result<(Vec<SecretRecord>, Vec<Unreadable>), LedgerError> {
    let all = ledger.secrets();
    let shelf = environment.map_or(all.clone(), |environment| all.within(environment));
    let (entries, unreadable) = ledger.survey(&shelf).await?;
    let records = entries.into_iter().map(|entry| entry.record);
    let wanted = |secret: &SecretRecord| overdue.is_none_or(|due| due == secret.is_overdue(now));
    Ok((records.filter(wanted).collect(), unreadable))
}
