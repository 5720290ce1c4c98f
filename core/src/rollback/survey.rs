//! Gathers what a choice of the version to go back to depends on.

use std::collections::BTreeMap;

use super::select::{Current, RollbackFacts};
use crate::deployment::survey::{self as running, Survey};
use crate::deployment::{Deployment, Running, Scope};
use crate::ledger::{Ledger, LedgerError, RefStore, Unreadable};
use crate::{EnvironmentName, SubProjectPath, TagGrammar};

/// What runs, and what was deployed before.
#[derive(Debug, Clone)]
pub struct RollbackSurvey {
    survey: Survey,
    records: Vec<Deployment>,
}

/// Looks at an environment and its history; records that cannot be used are named beside it.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    environment: EnvironmentName,
    sub_project_path: SubProjectPath,
) -> Result<(RollbackSurvey, Vec<Unreadable>), LedgerError> {
    survey_of(ledger, grammar, Scope { environment, sub_project_path, region: None }).await
}

/// The same of one region, where the scope names one: what was deployed to others says nothing there.
///
/// # Errors
/// As [`survey`].
pub async fn survey_of<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    scope: Scope,
) -> Result<(RollbackSurvey, Vec<Unreadable>), LedgerError> {
    let (history, unreadable) = running::history(ledger, &scope.environment).await?;
    let region = scope.region.clone();
    let here = |it: &&Deployment| region.is_none() || it.region.is_none() || it.region == region;
    let records = history.records().filter(here).cloned().collect();
    let survey = running::survey(ledger, grammar, scope).await?;
    Ok((RollbackSurvey { survey, records }, unreadable))
}

impl RollbackSurvey {
    /// The deployments to the environment.
    #[must_use]
    pub fn records(&self) -> &[Deployment] {
        &self.records
    }

    /// The facts; `revision_active` says of revisions, by their ARNs, whether they can still be put into
    /// service, as far as anybody asked.
    #[must_use]
    pub fn facts<'a>(&'a self, revision_active: &'a BTreeMap<String, bool>) -> RollbackFacts<'a> {
        let Scope { environment, sub_project_path: project, .. } = self.survey.scope();
        RollbackFacts {
            environment,
            project,
            current: self.current(),
            releases: self.survey.releases(),
            records: &self.records,
            revision_active,
        }
    }

    /// What runs; where somebody deleted the tag that tells, what was last deployed.
    fn current(&self) -> Current<'_> {
        match (self.survey.running(), self.survey.last_good()) {
            (Some(Running { version: Some(version), .. }), _) => Current::Version(version),
            (Some(Running { commit, .. }), _) => Current::Untagged(*commit),
            (None, Some(last)) => Current::Version(&last.version),
            (None, None) => Current::Nothing,
        }
    }
}
