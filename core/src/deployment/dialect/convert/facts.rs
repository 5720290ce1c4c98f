//! What can be told of a deployment, whoever tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

macro_rules! facts {
    ($($(#[$meta:meta])* $variant:ident = $word:literal,)*) => {
        /// Something that can be told of a deployment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fact { $($(#[$meta])* $variant,)* }

        impl Fact {
            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

facts! {
    /// The ID that people see.
    DeploymentId = "deployment_id",
    /// The ID in whole seconds since 1970.
    UnixId = "unix_deployment_id",
    /// The UUID, or another ID for systems.
    Uuid = "uuid",
    /// The sub-project, or the name of the application.
    SubProject = "sub_project_path",
    /// The semantic version.
    Version = "version",
    /// Where to.
    Environment = "environment",
    /// To which region.
    Region = "region",
    /// The commit.
    Commit = "commit_sha",
    /// The branch.
    Branch = "git_branch",
    /// Whether success moves the environment tag.
    MovesTag = "will_move_env_tag",
    /// How far it has come.
    Status = "status",
    /// Its place in the queue.
    QueuePosition = "queue_position",
    /// How long it will probably wait.
    EstimatedWait = "estimated_wait_time",
    /// When it began.
    StartedAt = "started_at",
    /// When it ended.
    CompletedAt = "completed_at",
    /// How long it took, in seconds.
    Duration = "duration",
    /// Who asked for it.
    TriggeredBy = "triggered_by",
    /// The run of the workflow that asked for it.
    WorkflowRun = "workflow_run_id",
    /// The run of the pipeline that it belongs to.
    PipelineRun = "pipeline_id",
    /// What hosts it.
    Infrastructure = "infrastructure_id",
    /// Where it is asked whether it is well.
    HealthCheckUrl = "health_check_url",
    /// Where the public finds it.
    PublicUrl = "public_url",
    /// The built front end.
    FrontendArtifact = "frontend_artifact",
    /// The built back end.
    BackendArtifact = "backend_artifact",
    /// What became of the migrations.
    MigrationStatus = "migration_status",
    /// Their names.
    MigrationsApplied = "migrations_applied",
    /// What the health check found.
    HealthCheckStatus = "health_check_status",
    /// How long its good answer took.
    HealthCheckTime = "health_check_response_time_ms",
    /// How often git was tried.
    Attempts = "git_operations_attempts",
    /// Why it failed.
    ErrorMessage = "error_message",
    /// The stack.
    StackName = "stack_name",
    /// Its outputs.
    StackOutputs = "stack_outputs",
    /// Its events.
    Events = "cloudformation_events",
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was told, and what of it somebody asked for since.
#[derive(Debug, Default)]
pub(super) struct Facts {
    told: BTreeMap<Fact, Value>,
    used: BTreeSet<Fact>,
}

impl Facts {
    /// Notes a fact; null is none.
    pub(super) fn note(&mut self, fact: Fact, value: Value) {
        if !value.is_null() {
            self.told.insert(fact, value);
        }
    }

    /// The fact, which counts as told again from now on.
    pub(super) fn take(&mut self, fact: Fact) -> Option<Value> {
        let value = self.told.get(&fact).cloned()?;
        self.used.insert(fact);
        Some(value)
    }

    /// The fact as a text.
    pub(super) fn text(&mut self, fact: Fact) -> Option<String> {
        self.take(fact)?.as_str().map(str::to_owned)
    }

    /// Counts a fact as told where others say the same.
    pub(super) fn follows(&mut self, fact: Fact) {
        self.used.insert(fact);
    }

    /// What nobody asked for.
    pub(super) fn unused(self) -> Vec<Fact> {
        let Self { told, used } = self;
        told.into_keys().filter(|fact| !used.contains(fact)).collect()
    }
}
