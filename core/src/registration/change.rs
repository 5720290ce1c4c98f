//! Registering a thing, and removing its registration: what forbids it, and the transaction.
//!
//! Pure, apart from making the objects that the transaction points refs at.

use super::survey::RegistrationSurvey;
use super::{Registered, Registrable};
use crate::base::actor::Author;
use crate::base::checked::Checked;
use crate::base::secrecy::recorded_secrets;
use crate::base::timestamp::Timestamp;
use crate::base::violation::Violation;
use crate::git::{RefUpdate, Signature};
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Staged};
use crate::queue::Rewrite;
use crate::record::Record;

/// What registering a thing would do.
#[derive(Debug, Clone)]
pub struct Registration<T: Registrable> {
    survey: RegistrationSurvey<T>,
    seen: Option<Timestamp>,
    again: bool,
}

/// Says what registering a thing would do. `seen` is when the registration was written that is to be
/// replaced, as far as the caller knows; `None`: the caller knows of none.
#[must_use]
pub const fn plan<T: Registrable>(
    survey: RegistrationSurvey<T>,
    seen: Option<Timestamp>,
) -> Registration<T> {
    Registration { survey, seen, again: false }
}

/// Why a thing is not registered.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RegistrationRefused<T: Registrable> {
    /// Rules forbid it.
    Violations(Vec<Violation>),
    /// The registration is not the one that the caller knows.
    Displaced {
        /// When the one was written that the caller knows.
        seen: Option<Timestamp>,
        /// What is there.
        found: Option<Box<Registered<T>>>,
    },
}

impl<T: Registrable> Registration<T> {
    /// The same, written even where nothing changes but the time.
    #[must_use]
    pub fn again(self) -> Self {
        Self { again: true, ..self }
    }

    /// What was found.
    #[must_use]
    pub const fn survey(&self) -> &RegistrationSurvey<T> {
        &self.survey
    }

    /// All that rules say of it, warnings included.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let what = &self.survey.what;
        let before = self.survey.record().filter(|before| !self.again || before.what != *what);
        let mut found = what.check(before, &self.survey.facts);
        found.extend(serde_json::to_value(what).iter().flat_map(recorded_secrets));
        found
    }

    /// Proof that nothing forbids it.
    ///
    /// # Errors
    /// All that does.
    pub fn check(self) -> Result<Checked<Self>, RegistrationRefused<T>> {
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
    fn displaced(&self) -> Option<RegistrationRefused<T>> {
        let found = self.survey.record();
        let is_own = self.seen.is_none() && self.survey.recorded.is_own();
        (!is_own && found.map(Registered::written_at) != self.seen).then(|| {
            RegistrationRefused::Displaced { seen: self.seen, found: found.cloned().map(Box::new) }
        })
    }
}

/// A registration, ready to be committed.
#[derive(Debug)]
#[must_use = "nothing happens before it is committed"]
pub struct StagedRegistration<T> {
    /// What [`Ledger::commit`] takes.
    pub staged: Staged,
    /// What is registered then.
    pub record: Registered<T>,
    is_signed: bool,
}

impl<T: Registrable> Checked<Registration<T>> {
    /// The transaction; nothing where the same is registered already.
    ///
    /// # Errors
    /// When an object cannot be made.
    pub fn stage<S: RefStore>(
        self,
        ledger: &Ledger<S>,
        author: &Author,
    ) -> Result<StagedRegistration<T>, LedgerError> {
        let Registration { survey, again, .. } = self.into_change();
        let RegistrationSurvey { what, recorded, facts } = survey;
        let before = recorded.record();
        let record = Registered {
            registered_at: before.map_or(author.at, |before| before.registered_at),
            registered_by: author.actor.clone(),
            updated_at: Some(author.at),
            what,
        };
        let verb = if before.is_some() { "change" } else { "register" };
        let message = format!("{verb} {} {}", T::KIND, T::shown(&record.what.key()));
        let same = |before: &Registered<T>| !again && before.what == record.what;
        let audit = before.and_then(|before| T::audit(before, Some(&record.what), author));
        let is_signed = record.what.is_signed(&facts);
        let staged = recorded.stage(ledger, &record, same, author, &message, audit.as_ref())?;
        let claim = record.what.claim(&facts, author).filter(|_| !staged.is_empty());
        let queues = stage_queues(ledger, record.what.queues(&facts), author, &message)?;
        let staged = staged.and(queues);
        let staged = match claim {
            Some(claim) => staged.and(stage_claim(ledger, &claim, author)?),
            None => staged,
        };
        let record = match before.filter(|_| staged.is_empty()) {
            Some(before) => before.clone(),
            None => record,
        };
        Ok(StagedRegistration { staged, record, is_signed })
    }
}

impl<T: Registrable> StagedRegistration<T> {
    /// With the record signed by the git of who works here, where that is asked for.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub async fn signed<S: RefStore>(self, ledger: &Ledger<S>) -> Result<Self, LedgerError> {
        if !self.is_signed || self.staged.is_empty() {
            return Ok(self);
        }
        let slot = ledger.shelf::<Registered<T>>().slot(&self.record.what.key());
        let staged = self.staged.with_signed(ledger, &slot).await?;
        Ok(Self { staged, ..self })
    }
}

/// Writes a claim where nobody has one.
fn stage_claim<C: Record, S: RefStore>(
    ledger: &Ledger<S>,
    claim: &C,
    author: &Author,
) -> Result<Staged, LedgerError> {
    let key = claim.key().unwrap_or_default();
    let (slot, message) = (ledger.shelf::<C>().slot(&key), format!("claim {} {key}", C::KIND));
    let update = ledger.stage(&slot, None, claim, &Signature::from(author), &message)?;
    Ok(Staged::new(vec![update]))
}

/// Writes queues anew, as long as they are as they were read.
fn stage_queues<S: RefStore>(
    ledger: &Ledger<S>,
    queues: Vec<Rewrite>,
    author: &Author,
    message: &str,
) -> Result<Staged, LedgerError> {
    let mut updates = Vec::with_capacity(queues.len());
    for Rewrite { scope, before, next } in queues {
        let slot = ledger.queue_of(&scope);
        let invalid = |_| LedgerError::InvalidName { name: before.clone() };
        let object = before.parse().map_err(invalid)?;
        updates.push(match next {
            Some(queue) => {
                ledger.stage(&slot, Some(object), &queue, &Signature::from(author), message)?
            }
            None => RefUpdate::delete(slot.ref_name()?, object),
        });
    }
    Ok(Staged::new(updates))
}

/// What removing a registration would do.
#[derive(Debug, Clone)]
pub struct Removal<T> {
    pub(super) recorded: Recorded<Registered<T>>,
    pub(super) objections: Vec<Violation>,
}

impl<T: Registrable> Removal<T> {
    /// Proof that nothing forbids it.
    ///
    /// # Errors
    /// All that does.
    pub fn check(self) -> Result<Checked<Self>, Vec<Violation>> {
        if self.objections.is_empty() { Ok(Checked::new(self)) } else { Err(self.objections) }
    }
}

impl<T: Registrable> Checked<Removal<T>> {
    /// The transaction; nothing where there is no registration.
    ///
    /// # Errors
    /// When no ref can have the name, or the record of the audit log cannot be made.
    pub fn stage<S: RefStore>(
        self,
        ledger: &Ledger<S>,
        author: &Author,
    ) -> Result<Staged, LedgerError> {
        let recorded = self.into_change().recorded;
        let audit = recorded.record().and_then(|before| T::audit(before, None, author));
        let by = Signature::from(author);
        recorded.stage_removal()?.audited(ledger, audit.as_ref(), &by)
    }
}
