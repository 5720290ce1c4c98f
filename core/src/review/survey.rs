//! What the rules of a review ask about.

use super::rules::{ReviewFacts, foreign_name};
use crate::approval::{Review, ReviewRecord};
use crate::base::actor::Actor;
use crate::deployment::survey::strange_tag;
use crate::environment::{Environment, registered, registered_names};
use crate::ledger::{Ledger, LedgerError, RefStore, Slot};
use crate::registration::{self, RegistrationSurvey, Removal};
use crate::{CommitSha, TagGrammar, Timestamp};

/// What the same plan makes that a review depends on.
#[derive(Debug, Clone, Default)]
pub struct Announced {
    /// The environment as it will be registered.
    pub environment: Option<Environment>,
    /// Where the tag of the version will stand.
    pub version_tag: Option<CommitSha>,
}

/// Looks at a review that is to be recorded, by whoever asks.
///
/// # Errors
/// When the ledger or the repository cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    review: Review,
    announced: Announced,
    (by, now): (Actor, Timestamp),
) -> Result<RegistrationSurvey<Review>, LedgerError> {
    let releases = ledger.releases(grammar).await?;
    let tagged = releases.get(&review.version).map(|release| release.commit);
    let policy = match announced.environment {
        Some(environment) => Some(environment.approval.clone()),
        None => {
            let found = registered(ledger, &review.environment).await?;
            found.map(|entry| entry.record.environment.approval.clone())
        }
    };
    let facts = ReviewFacts {
        policy,
        environments: registered_names(ledger).await?,
        version_tag: tagged.or(announced.version_tag),
        near_version: releases.near(&review.version).cloned(),
        strange_tag: strange_tag(ledger, &releases, &review.version).await?,
        by,
        now,
    };
    registration::survey::survey(ledger, review, facts).await
}

/// Looks at a review that is to be withdrawn, by whoever asks.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey_removal<S: RefStore>(
    ledger: &Ledger<S>,
    slot: Slot<ReviewRecord>,
    by: &Actor,
) -> Result<Removal<Review>, LedgerError> {
    let objections = |record: &ReviewRecord| foreign_name(&record.person, by).into_iter().collect();
    registration::survey::removal(ledger, slot, objections).await
}
