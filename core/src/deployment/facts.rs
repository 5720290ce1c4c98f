//! What a deployment is judged by: what is asked for, and what is the case.
//!
//! It judges nothing: that is for `rules.rs` and `by_hand.rs`.

use super::history::History;
use super::running::Scope;
use super::status::Status;
use crate::approval::{Approval, Reviews};
use crate::base::authority::Authority;
use crate::base::id::DeploymentId;
use crate::base::revision::CommitSha;
use crate::base::timestamp::Timestamp;
use crate::environment::Environment;
use crate::policy::OrderFacts;
use crate::run::RunKey;
use crate::version::Version;
use crate::{Actor, EnvironmentName, InfrastructureId, RegionName};

/// The deployment that is asked for, as far as a plan knows it.
#[derive(Debug, Clone)]
pub struct DeploymentPlan<'a> {
    /// What is to be deployed.
    pub version: &'a Version,
    /// The commit to deploy, which should be the version's; `None` where the version has none.
    pub commit: Option<CommitSha>,
    /// Where to.
    pub environment: &'a EnvironmentName,
    /// To which region of it.
    pub region: Option<&'a RegionName>,
    /// Who asks for it.
    pub triggered_by: &'a Actor,
    /// Other names by which the same person is known here, such as a login or an e-mail address.
    pub also_known_as: &'a [Actor],
    /// Who agreed to it.
    pub approval: Known<Option<&'a Approval>>,
    /// Who agreed besides.
    pub approvals: Known<&'a [Approval]>,
    /// Whether an older version may replace a newer one.
    pub allow_downgrade: Known<bool>,
    /// The deployment after which the version stays away, where it is asked for all the same.
    pub redeploy_after: Known<Option<&'a DeploymentId>>,
    /// Whether a success moves the environment's tag.
    pub moves_tag: bool,
    /// Whether it runs tests of its own.
    pub runs_tests: Known<bool>,
    /// What else it names.
    pub references: References<'a>,
    /// Why it is asked for, in words.
    pub reason: Option<&'a str>,
    /// By what right.
    pub authority: &'a Authority,
}

impl DeploymentPlan<'_> {
    /// Where the version is to run.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            environment: self.environment.clone(),
            sub_project_path: self.version.sub_project_path().clone(),
            region: self.region.cloned(),
        }
    }
}

/// Records that a deployment names, as far as a plan knows them.
#[derive(Debug, Clone, Copy, Default)]
pub struct References<'a> {
    /// The infrastructure resource that hosts it.
    pub infrastructure: Option<&'a InfrastructureId>,
    /// The run of a pipeline that made it.
    pub pipeline_run: Option<&'a RunKey>,
    /// The deployment whose damage it makes good.
    pub fixes: Option<&'a DeploymentId>,
}

/// Which of [`References`] are on record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OnRecord {
    /// The infrastructure resource.
    pub infrastructure: bool,
    /// The run.
    pub pipeline_run: bool,
    /// What became of the deployment that it fixes.
    pub fixes: Option<Status>,
}

impl OnRecord {
    /// All that could be named.
    pub const ALL: Self =
        Self { infrastructure: true, pipeline_run: true, fixes: Some(Status::Failed) };
}

/// A value that a plan may not know yet. What depends on it is checked at the apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<T> {
    /// It is known.
    Is(T),
    /// It will be known at the apply.
    NotYet,
}

/// What is the case in the repository and in the ledger. It comes from a
/// [`Survey`](super::survey::Survey): nobody else can tell.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeploymentFacts<'a> {
    /// The commit of the version's tag.
    pub version_tag: Option<CommitSha>,
    /// The kind of what the version's tag leads to, where that is no commit.
    pub strange_tag: Option<String>,
    /// A version that has a tag, and that may have been meant where this one has none.
    pub near_version: Option<&'a Version>,
    /// The ref, by full name, beside which git has no room for the environment's tag.
    pub in_the_way: Option<String>,
    /// The environment: as it is registered, or as the same plan will register it.
    pub environment: Option<&'a Environment>,
    /// The environment as it is registered.
    pub registered: Option<&'a Environment>,
    /// The names of all registered environments.
    pub environment_names: Vec<&'a EnvironmentName>,
    /// What the environment runs now, where that is known.
    pub running: Option<&'a Version>,
    /// The deployments to the environment.
    pub history: &'a History,
    /// When the commit was made, where an approval made somebody look.
    pub committed_at: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
    /// Whether the environment has a tag on a remote, for all to see.
    pub shared_tag: bool,
    /// What of that is on record, or named by nobody.
    pub on_record: OnRecord,
    /// What happened in the environments that come before.
    pub order: OrderFacts<'a>,
    /// What the ledger says of the commit: who approved and who rejected it.
    pub reviews: &'a Reviews,
}

#[cfg(any(test, feature = "testing"))]
impl<'a> DeploymentFacts<'a> {
    /// Facts of a repository in which nothing is, for tests of single rules.
    #[must_use]
    pub const fn of_nothing(history: &'a History, now: Timestamp) -> Self {
        Self {
            version_tag: None,
            strange_tag: None,
            near_version: None,
            in_the_way: None,
            environment: None,
            registered: None,
            environment_names: Vec::new(),
            running: None,
            history,
            committed_at: None,
            now,
            shared_tag: false,
            on_record: OnRecord::ALL,
            order: OrderFacts::NONE,
            reviews: Reviews::NONE,
        }
    }
}
