//! `pipeline_rollback_target`: which version an environment can go back to.

use std::collections::BTreeMap;

use pipeline_aws::ecs;
use pipeline_core::rollback::RejectedVersion as Rejection;
use pipeline_core::rollback::{
    self, Candidate, Current, RollbackFacts, Selection, check, last_known_good, select,
};
use pipeline_core::{EnvironmentName, SelectionCriteria, SubProjectPath};
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use super::deployments::DeploymentItem;
use crate::error;
use crate::pipeline::Pipeline;
use crate::session::Session;

/// How many revisions ECS is asked about at most: a plan waits for each.
const MOST_REVISIONS: usize = 20;

/// The version that an environment can go back to: of those that were deployed to it before with success
/// and not taken back, the highest that is lower than the one that runs.
///
/// A version is rejected, with the reason, when its newest deployment failed or was rolled back, when its
/// tag is gone or stands on another commit than the one that was deployed, when its ECS task definition is
/// not active any more, when it is not lower, or when its state tags exclude it. Where there is no target,
/// `target_version` is null and `reason` says why: that is an answer and no error, so that a plan that does
/// not roll back goes on. Ask for one with a `precondition`.
///
/// To go back, set `version` of the `pipeline_deployment` to `target_version` and its `allow_downgrade` to
/// `true`.
#[derive(Debug, Clone, Model)]
pub struct RollbackTarget {
    /// Name of the environment.
    pub environment: Text<EnvironmentName>,
    /// Path of the sub-project; the root project where absent.
    pub sub_project_path: Option<Text<SubProjectPath>>,
    /// Whether a version with a `-stable` tag comes before a higher one without.
    #[tf(default = true)]
    pub prioritize_stable: bool,
    /// Whether a version with a `-deprecated` tag is rejected. Where it is not, it is listed among the
    /// candidates, and still never the target.
    #[tf(default = true)]
    pub exclude_deprecated: bool,
    /// Whether a version with an `-unstable` tag is rejected.
    #[tf(default = false)]
    pub exclude_unstable: bool,
    /// Version that the environment runs; null where it runs none, or a commit that no version tag names.
    pub current_version: Computed<Option<String>>,
    /// Version to go back to; null where there is none.
    pub target_version: Computed<Option<String>>,
    /// Commit of the version to go back to.
    pub commit_sha: Computed<Option<String>>,
    /// Revision of the ECS task definition that ran the version to go back to; null where it was deployed
    /// without ECS.
    pub task_definition: Computed<Option<String>>,
    /// Why there is no target; null where there is one.
    pub reason: Computed<Option<String>>,
    /// Versions that the environment can go back to, highest first.
    pub candidate_versions: Computed<Vec<CandidateVersion>>,
    /// Other versions that were deployed to the environment, and versions without a deployment that are
    /// higher than the target; highest first.
    pub rejected_versions: Computed<Vec<RejectedVersion>>,
    /// Newest deployment of the sub-project that succeeded and was not taken back; null where there is none.
    pub last_known_good: Computed<Option<DeploymentItem>>,
}

/// A version that an environment can go back to.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct CandidateVersion {
    /// Version, with its sub-project path.
    pub version: String,
    /// Commit of the version.
    pub commit_sha: String,
    /// State tags of the version, such as `stable`.
    pub states: Vec<String>,
    /// ID of the newest deployment, which shows that the version is good.
    pub deployment_id: String,
    /// When that deployment ended, in UTC.
    pub deployed_at: Option<String>,
    /// Revision of the ECS task definition that ran it; null where it was deployed without ECS.
    pub task_definition: Option<String>,
    /// Whether that revision can still be put into service. Null where it has none or ECS cannot be asked
    /// from here, and for candidates below the target, about which nobody asks.
    pub revision_active: Option<bool>,
}

/// A version that an environment does not go back to.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct RejectedVersion {
    /// Version, with its sub-project path.
    pub version: String,
    /// Everything that speaks against it.
    pub reason: String,
}

impl DataSource for RollbackTarget {
    const NAME: &'static str = "pipeline_rollback_target";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let (ledger, project) = (session.ledger(), self.project());
        let grammar = &session.settings.grammar;
        let survey = rollback::survey(&ledger, grammar, self.environment.0.clone(), project);
        let survey = survey.await.map_err(|error| error::ledger(&error, &Path::root()));
        let (survey, broken) = survey?;
        for record in &broken {
            cx.warn(error::unusable(Self::CANDIDATE_VERSIONS, record));
        }
        let nothing = BTreeMap::new();
        let facts = survey.facts(&nothing);
        let revision_active = revisions(&session, facts, self.criteria()).await;
        let facts = RollbackFacts { revision_active: &revision_active, ..facts };
        let found = select(&facts, self.criteria());
        let entity = found.entity(&facts, self.criteria());
        let entity = entity.map_err(|bad| error::violations_at(&bad, Self::TARGET_VERSION))?;
        if let Some(target) = &entity {
            error::settle(&check(target, &facts), |warning| cx.warn(warning))?;
        }
        let good = last_known_good(survey.records(), Some(facts.project)).map(DeploymentItem::from);
        let current = match facts.current {
            Current::Version(version) => Some(version.to_string()),
            Current::Nothing | Current::Untagged(_) => None,
        };
        let told = self.clone().told(&found);
        Ok(Self { current_version: current.into(), last_known_good: good.into(), ..told })
    }
}

impl RollbackTarget {
    fn project(&self) -> SubProjectPath {
        self.sub_project_path.as_ref().map_or_else(SubProjectPath::root, |path| path.0.clone())
    }

    const fn criteria(&self) -> SelectionCriteria {
        let Self { prioritize_stable, exclude_deprecated, exclude_unstable, .. } = *self;
        SelectionCriteria { prioritize_stable, exclude_deprecated, exclude_unstable }
    }

    fn told(self, found: &Selection<'_>) -> Self {
        let target = found.target.as_ref().ok();
        let version = target.map(|it| it.deployment.version.to_string());
        let commit = target.map(|it| it.deployment.commit_sha.to_string());
        let task_definition = target.and_then(Candidate::task_definition).map(str::to_owned);
        let candidates: Vec<_> = found.candidates.iter().map(CandidateVersion::from).collect();
        let rejected: Vec<_> =
            found.rejected.iter().map(|it| RejectedVersion::from(Rejection::from(it))).collect();
        Self {
            target_version: version.into(),
            commit_sha: commit.into(),
            task_definition: task_definition.into(),
            reason: found.target.as_ref().err().cloned().into(),
            candidate_versions: candidates.into(),
            rejected_versions: rejected.into(),
            ..self
        }
    }
}

/// Asks ECS about the revision of the target, and of the one after it where that is gone, and so on.
/// Nothing is known of a revision that ECS cannot be asked about from here.
pub(crate) async fn revisions(
    session: &Session<'_>,
    facts: RollbackFacts<'_>,
    criteria: SelectionCriteria,
) -> BTreeMap<String, bool> {
    let mut known = BTreeMap::new();
    let Some(connection) = session.aws() else { return known };
    for _ in 0..MOST_REVISIONS {
        let found = select(&RollbackFacts { revision_active: &known, ..facts }, criteria);
        let target = found.target.as_ref().ok().filter(|it| it.revision_active.is_none());
        let Some(revision) = target.and_then(Candidate::task_definition) else { break };
        let Some(active) = ecs::is_active(&connection, revision).await else { break };
        known.insert(revision.to_owned(), active);
    }
    known
}

impl From<&Candidate<'_>> for CandidateVersion {
    fn from(candidate: &Candidate<'_>) -> Self {
        let record = candidate.deployment;
        Self {
            version: record.version.to_string(),
            commit_sha: record.commit_sha.to_string(),
            states: candidate.states.iter().map(ToString::to_string).collect(),
            deployment_id: record.id.to_string(),
            deployed_at: record.progress.completed_at().map(|at| at.to_string()),
            task_definition: candidate.task_definition().map(str::to_owned),
            revision_active: candidate.revision_active,
        }
    }
}

impl From<Rejection> for RejectedVersion {
    fn from(rejection: Rejection) -> Self {
        Self { version: rejection.version.to_string(), reason: rejection.reason }
    }
}
