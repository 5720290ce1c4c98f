//! Committing as a configuration among others: the first write registers the settings that all of them
//! share, in its own transaction, and every other one is compared with them (OWN043).

use std::fmt;

use super::PipelineError;
use crate::base::actor::Author;
use crate::git::{CommitError, Interruption, Repository};
use crate::ledger::{Ledger, LedgerError, Staged};
use crate::{Override, RuleId, TagGrammar, settings};

/// How often somebody else may register settings while these are being registered.
const RACES: u32 = 3;

/// A tag was written, but the settings that go with it could not be: the remote takes no refs of the
/// ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unregistered {
    /// The refs that the remote would have to take.
    refs: String,
    /// How it refused.
    refusal: CommitError,
}

impl fmt::Display for Unregistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { refs, refusal } = self;
        let rule = RuleId::OWN043;
        write!(
            f,
            "Found that {refusal}; expected a remote that takes `{refs}`, where configurations agree on how \
             tags are read. The tag was written without that, and nobody will be told who reads tags \
             otherwise. Next: allow `{refs}` in the hooks or the rules of the remote. ({rule})"
        )
    }
}

/// Makes sure that a configuration reads tags as all others of the repository do.
///
/// # Errors
/// OWN043 where it does not and no override changes that for all; when the ledger cannot be read.
pub(super) async fn compare(
    ledger: &Ledger<Repository>,
    grammar: &TagGrammar,
    admin_override: Option<&Override>,
) -> Result<(), PipelineError> {
    let found = settings::survey(ledger, grammar.into()).await?;
    settings::plan(found, admin_override).check().map(drop).map_err(PipelineError::Refused)
}

/// Commits what was staged, whole or not at all. Where no configuration has written yet, the settings of
/// this one become those of all in the same transaction. An interruption ends it before a push, not in one.
///
/// # Errors
/// OWN043 where the settings differ from those of all and no override changes them; when the commit fails.
pub async fn commit(
    ledger: &Ledger<Repository>,
    grammar: &TagGrammar,
    admin_override: Option<&Override>,
    author: &Author,
    staged: Staged,
    interruption: &Interruption,
) -> Result<Option<Unregistered>, PipelineError> {
    if staged.is_empty() {
        return Ok(None);
    }
    let mut losses = 0;
    loop {
        let found = tokio::select! {
            found = settings::survey(ledger, grammar.into()) => found?,
            () = interruption.wait() => {
                return Err(LedgerError::Commit(CommitError::Interrupted).into());
            }
        };
        let plan = settings::plan(found, admin_override).check();
        let plan = plan.map_err(PipelineError::Refused)?;
        let can_do_without = plan.is_first() && staged.is_of_tags_alone();
        let registration = plan.stage(ledger, author)?;
        match together((ledger, interruption), &staged, registration, can_do_without).await {
            // Somebody registered theirs at the same time, perhaps the same.
            Err(error) if losses < RACES && is_about_settings(&error, ledger) => losses += 1,
            other => return Ok(other?),
        }
    }
}

/// Commits both in one transaction, or one by one where the remote cannot do more. A remote that takes no
/// refs of the ledger gets the tags alone, if that is all it was to get.
async fn together(
    (ledger, interruption): (&Ledger<Repository>, &Interruption),
    staged: &Staged,
    registration: Staged,
    can_do_without: bool,
) -> Result<Option<Unregistered>, LedgerError> {
    let commit = |staged| ledger.commit_unless(staged, interruption);
    let mut first = commit(staged.clone().and(registration.clone())).await;
    if !registration.is_empty()
        && let Err(LedgerError::Commit(CommitError::NoAtomic { .. })) = first
    {
        first = commit(registration).await;
        if first.is_ok() {
            return commit(staged.clone()).await.map(|()| None);
        }
    }
    match first {
        Err(LedgerError::Commit(refused @ CommitError::Rejected { .. })) if can_do_without => {
            commit(staged.clone()).await?;
            let refs = format!("{}/*", ledger.store().ledger_prefix());
            Ok(Some(Unregistered { refs, refusal: refused }))
        }
        // The tags are there, and with them what nobody will read.
        Err(LedgerError::Commit(hidden @ CommitError::Hidden { .. })) if can_do_without => {
            let refs = format!("{}/*", ledger.store().ledger_prefix());
            Ok(Some(Unregistered { refs, refusal: hidden }))
        }
        other => other.map(|()| None),
    }
}

fn is_about_settings(error: &LedgerError, ledger: &Ledger<Repository>) -> bool {
    let (LedgerError::Commit(CommitError::Conflict { conflicts }), Ok(name)) =
        (error, ledger.settings().ref_name())
    else {
        return false;
    };
    conflicts.iter().any(|conflict| conflict.name == name)
}
