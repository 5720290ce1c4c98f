//! Registering an environment, and removing its registration: what forbids it, and the transaction.
//!
//! Pure, apart from making the objects that the transaction points refs at.

use super::rules::check;
use super::survey::{EnvironmentSurvey, RemovalSurvey};
use super::{Environment, EnvironmentRecord};
use crate::base::actor::Author;
use crate::base::checked::Checked;
use crate::base::timestamp::Timestamp;
use crate::base::violation::Violation;
use crate::deployment::rules::check_free;
use crate::ledger::{Ledger, LedgerError, RefStore, Staged};

/// What registering an environment would do.
#[derive(Debug, Clone)]
pub struct Registration {
    survey: EnvironmentSurvey,
    seen: Option<Timestamp>,
}

/// Says what registering an environment would do. `seen` is when the registration was written that is to
/// be replaced, as far as the caller knows; `None`: the caller knows of none.
#[must_use]
pub const fn plan(survey: EnvironmentSurvey, seen: Option<Timestamp>) -> Registration {
    Registration { survey, seen }
}

/// Why an environment is not registered.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RegistrationRefused {
    /// Rules forbid it.
    Violations(Vec<Violation>),
    /// The registration is not the one that the caller knows.
    Displaced {
        /// When the one was written that the caller knows.
        seen: Option<Timestamp>,
        /// What is there.
        found: Option<Box<EnvironmentRecord>>,
    },
}

impl Registration {
    /// The environment.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.survey.environment
    }

    /// What was found.
    #[must_use]
    pub const fn survey(&self) -> &EnvironmentSurvey {
        &self.survey
    }

    /// All that rules say of it, warnings included.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        check(&self.survey.environment, &self.survey.facts)
    }

    /// Proof that nothing forbids it.
    ///
    /// # Errors
    /// All that does.
    pub fn check(self) -> Result<Checked<Self>, RegistrationRefused> {
        let found = self.violations();
        if found.iter().any(|violation| !violation.is_warning()) {
            return Err(RegistrationRefused::Violations(found));
        }
        match self.displaced() {
            Some(refused) => Err(refused),
            None => Ok(Checked::new(self)),
        }
    }

    /// Somebody else wrote the registration. One that this clone wrote before it was killed is nobody
    /// else's.
    fn displaced(&self) -> Option<RegistrationRefused> {
        let found = self.survey.recorded.record();
        let is_own = self.seen.is_none() && self.survey.recorded.is_own();
        (!is_own && found.map(EnvironmentRecord::written_at) != self.seen).then(|| {
            RegistrationRefused::Displaced { seen: self.seen, found: found.cloned().map(Box::new) }
        })
    }
}

/// A registration, ready to be committed.
#[derive(Debug)]
#[must_use = "nothing happens before it is committed"]
pub struct StagedRegistration {
    /// What [`Ledger::commit`] takes.
    pub staged: Staged,
    /// What is registered then.
    pub record: EnvironmentRecord,
    /// Git's ID of the folder's content.
    pub tree: Option<String>,
}

impl Checked<Registration> {
    /// The transaction; nothing where the same is registered already.
    ///
    /// # Errors
    /// When an object cannot be made.
    pub fn stage<S: RefStore>(
        self,
        ledger: &Ledger<S>,
        author: &Author,
    ) -> Result<StagedRegistration, LedgerError> {
        let EnvironmentSurvey { environment, commit, tree, recorded, .. } =
            self.into_change().survey;
        let before = recorded.record();
        let record = EnvironmentRecord {
            environment,
            commit_sha: commit,
            registered_at: before.map_or(author.at, |before| before.registered_at),
            registered_by: author.actor.clone(),
            updated_at: Some(author.at),
        };
        let verb = if before.is_some() { "change" } else { "register" };
        let message = format!("{verb} environment {}", record.environment.name);
        let same = |before: &EnvironmentRecord| {
            before.environment == record.environment && before.commit_sha == commit
        };
        let staged = recorded.stage(ledger, &record, same, author, &message, None)?;
        let record = match before.filter(|_| staged.is_empty()) {
            Some(before) => before.clone(),
            None => record,
        };
        Ok(StagedRegistration { staged, record, tree })
    }
}

/// What removing a registration would do.
#[derive(Debug, Clone)]
pub struct Removal {
    survey: RemovalSurvey,
    at: Timestamp,
}

/// Says what removing a registration at this time would do.
#[must_use]
pub const fn plan_removal(survey: RemovalSurvey, at: Timestamp) -> Removal {
    Removal { survey, at }
}

impl Removal {
    /// Proof that nothing forbids it.
    ///
    /// # Errors
    /// When somebody deploys there (OWN's rule of a busy environment).
    pub fn check(self) -> Result<Checked<Self>, Violation> {
        let registered = self.survey.recorded.record().is_some();
        let queue = self.survey.queue.as_ref().filter(|_| registered);
        match queue.and_then(|queue| check_free(queue, None, self.at)) {
            Some(busy) => Err(busy),
            None => Ok(Checked::new(self)),
        }
    }
}

impl Checked<Removal> {
    /// The transaction; nothing where there is no registration.
    ///
    /// # Errors
    /// When no ref can have the name.
    pub fn stage(self) -> Result<Staged, LedgerError> {
        self.into_change().survey.recorded.stage_removal()
    }
}
