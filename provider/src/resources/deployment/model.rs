//! The HCL of `pipeline_deployment`.

use std::collections::BTreeMap;

use pipeline_core::policy::WaitFor;
use pipeline_core::run::RunKey;
use pipeline_core::{
    Actor, BodyPattern, CommitSha, DeploymentId, EnvironmentName, HealthCheckUrl, InfrastructureId,
    PublicUrl, RegionName, Timestamp, Version, WorkflowRunId,
};
use tfplugin::{Computed, Model, Span, Spelled, Text, WriteOnly};

use super::commands::{CommandTargetBlock, DeploymentTestsBlock, MigrationBlock};
use super::ecs::EcsBlock;
use super::stacks::StackBlock;
use crate::parts::{no_url_secret, some_time};

/// A version in an environment: deployed, checked, and recorded in git.
///
/// Creating it, or changing `version`, what `ecs` runs or what `stacks` deploys, is a deployment:
/// the environment is claimed, the health check runs, and one atomic transaction moves the environment's tag,
/// writes the record and frees the environment. A deployment that fails or is interrupted moves nothing and is
/// recorded as such. Another `environment` or `region` is another deployment: Terraform forgets this one and makes
/// that. Other changes deploy nothing.
///
/// Every plan compares with what the environment runs. A newer version that somebody else deployed
/// meanwhile is shown and never silently replaced by an older one.
///
/// With `ecs`, the credentials need `ecs:DescribeServices` and `ecs:DescribeTaskDefinition` at plan;
/// to apply, also `ecs:RegisterTaskDefinition`, `ecs:UpdateService`, `ecs:ListTasks`,
/// `ecs:DescribeTasks`, `iam:PassRole` for the roles of the task definition, and `ecs:TagResource`
/// where it has tags. `ecs:ListClusters` and `ecs:ListServices` help to find a misspelled name.
///
/// With `stacks`, they need `cloudformation:GetTemplateSummary` and `cloudformation:DescribeStacks` at plan; to
/// apply, also `cloudformation:CreateChangeSet`, `DescribeChangeSet`, `ExecuteChangeSet`, `DeleteChangeSet`,
/// `DescribeStackEvents`, `GetTemplate`, `ListChangeSets`, `CancelUpdateStack` and `DeleteStack`, `s3:GetObject` for
/// templates in S3, and whatever the templates make.
///
/// Destroying it forgets it: records and tags stay in git.
#[derive(Debug, Clone, Model)]
#[tf(conflicts(ecs, stacks, command))]
pub struct Deployment {
    /// Name of the registered environment.
    #[tf(identity, requires_replace)]
    pub environment: Text<EnvironmentName>,
    /// Version to deploy, with its sub-project path, such as `api/v1.2.3`. Its tag must exist.
    pub version: Text<Version>,
    /// Region of the environment, where only one is meant.
    #[tf(identity(optional), requires_replace)]
    pub region: Option<Text<RegionName>>,
    /// Whether success moves the environment's tag, in environments that have one.
    #[tf(default = true)]
    pub will_move_env_tag: bool,
    /// Whether a version lower than the one that runs may be deployed.
    #[tf(default = false)]
    pub allow_downgrade: bool,
    /// ID of the deployment after which this version stays away, because it failed or was rolled back:
    /// asks for the version all the same, this once.
    pub redeploy_after: Option<Text<DeploymentId>>,
    /// Approval, where the environment asks for one.
    pub approval: Option<ApprovalBlock>,
    /// More approvals, where the environment asks for several. What people record by a `pipeline_approval` counts
    /// without being named here.
    pub approvals: Option<Vec<ApprovalBlock>>,
    /// What to do while another deployment holds the environment or others wait before this one:
    /// `wait` in the queue, first come first served, or `fail`.
    #[tf(default = OnBusyWord::Wait)]
    pub on_busy: OnBusyWord,
    /// How long to wait in the queue, such as `1h`; then the place is given up. Defaults to `30m`.
    pub wait_timeout: Option<Text<Span>>,
    /// What to wait for in the queue besides, up to `wait_timeout`: the end of a `freeze`, the `soak` of the version,
    /// an `approval`. Without it, what is too early is refused. It keeps its place among those who wait, and
    /// whoever may begin goes first meanwhile.
    pub wait_for: Option<Vec<Text<WaitFor>>>,
    /// What runs before the version is brought into service, in this order. The first that fails ends the
    /// deployment with nothing rolled out. Should a later step fail, what ran is rolled back in reverse order,
    /// after the target is put back. A change of them alone deploys nothing.
    pub migrations: Option<Vec<MigrationBlock>>,
    /// Service of Amazon ECS to roll the version out on.
    pub ecs: Option<EcsBlock>,
    /// Stacks of CloudFormation to deploy, in this order, in place of `ecs`. The first failure stops the rest, and
    /// those already changed are put back.
    pub stacks: Option<Vec<StackBlock>>,
    /// Whether a plan makes change sets of `stacks`, shows what they would do, and deletes them again. It changes
    /// nothing else, and needs the credentials of an apply.
    #[tf(default = false)]
    pub plan_change_set: bool,
    /// Commands that bring the version into service, in place of `ecs` and `stacks`. A change of them alone deploys nothing.
    pub command: Option<CommandTargetBlock>,
    /// HTTP check that decides whether the deployment succeeded.
    pub health_check: Option<HealthCheckBlock>,
    /// Tests of the version in service. A change of them alone deploys nothing.
    pub tests: Option<DeploymentTestsBlock>,
    /// Names of variables of this run's environment that all commands get. They are not shown.
    pub pass_environment: Option<Vec<String>>,
    /// Variables with secrets that all commands get. They are in no plan and no state; a change of
    /// them alone deploys nothing.
    pub secrets_wo: WriteOnly<BTreeMap<String, String>>,
    /// Version of `secrets_wo`, to be changed with it for those who read the configuration.
    pub secrets_wo_version: Option<i64>,
    /// Why this version is deployed, for those who read the history. It goes into the record; a change of it
    /// alone deploys nothing.
    #[tf(validate = no_url_secret)]
    pub reason: Option<String>,
    /// ID of the deployment whose damage this one makes good: one that failed, that was taken back, or that brought
    /// into service what has to be fixed there, in any environment. It goes into the record, and reports count it as
    /// rework; a change of it alone deploys nothing.
    pub fixes: Option<Text<DeploymentId>>,
    /// `id` of the `pipeline_infrastructure_resource` that hosts it, on record. It goes into the record of the
    /// deployment; a change of it alone deploys nothing.
    pub infrastructure: Option<Text<InfrastructureId>>,
    /// `id` of the `pipeline_run` that makes it, on record. It goes into the record of the deployment; a change
    /// of it alone deploys nothing.
    pub pipeline_run: Option<Text<RunKey>>,
    /// Where the public finds it. Its query and fragment stay out of records and messages.
    pub public_url: Option<Text<PublicUrl>>,
    /// Run of GitHub Actions that deploys. Defaults to `GITHUB_RUN_ID`.
    #[tf(optional)]
    pub workflow_run_id: Computed<Option<Text<WorkflowRunId>>>,
    /// Path of the version's sub-project; empty for the root project.
    #[tf(identity(optional), use_state_for_unknown)]
    pub sub_project_path: Computed<String>,
    /// ID of the deployment: `deploy-YYYYMMDD-HHMMSS-xxxxxx`.
    pub deployment_id: Computed<String>,
    /// UUID of the deployment.
    pub uuid: Computed<String>,
    /// Commit of the version.
    pub commit_sha: Computed<Text<CommitSha>>,
    /// Status of the deployment: `succeeded`, since nothing else is kept in state.
    pub status: Computed<String>,
    /// Who deployed.
    pub triggered_by: Computed<String>,
    /// When it began, in UTC.
    pub started_at: Computed<Text<Timestamp>>,
    /// When it ended, in UTC.
    pub completed_at: Computed<Text<Timestamp>>,
    /// How long it took, in seconds.
    pub duration_seconds: Computed<u64>,
    /// Version that ran before; null where none did.
    pub previous_version: Computed<Option<String>>,
    /// ARN of the ECS revision that was rolled out; null without `ecs`.
    pub task_definition: Computed<Option<String>>,
    /// Outputs of `stacks`, by stack and key, without those that show a `NoEcho` parameter or are named like a
    /// secret; null without `stacks`.
    pub stack_outputs: Computed<Option<BTreeMap<String, BTreeMap<String, String>>>>,
    /// Result of the health check; null without one.
    pub health_check_status: Computed<Option<String>>,
    /// Time of the good answer, in milliseconds; null without one.
    pub health_check_response_time_ms: Computed<Option<u64>>,
    /// How many tests ran, all of which passed: those of their reports where `tests.junit` names them, else commands.
    /// Null without tests.
    pub test_count: Computed<Option<u64>>,
    /// How many tests were skipped, beside those that ran; null without tests.
    pub skipped_test_count: Computed<Option<u64>>,
}

/// What to do while others come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Model)]
pub enum OnBusyWord {
    /// Wait in the queue.
    Wait,
    /// Fail at once.
    Fail,
}

/// Somebody agreed to this deployment. An approval is for one commit: a new version needs a new one.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ApprovalBlock {
    /// Who approved; never the one who deploys, by whatever name git or GitHub Actions know them.
    pub approved_by: Text<Actor>,
    /// When, in UTC; after the commit was made.
    pub approved_at: Option<Text<Spelled<Timestamp>>>,
    /// Where it is written, such as the URL of a review.
    pub reference: Option<String>,
    /// Commit that was approved. Defaults to the commit that the approval was first used for.
    pub commit_sha: Option<Text<CommitSha>>,
}

/// How to tell whether a deployment is well.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct HealthCheckBlock {
    /// Endpoint, HTTP or HTTPS. Redirects are not followed. Certificates are checked against what the machine
    /// trusts; `SSL_CERT_FILE` names other roots. Each attempt looks the name up and connects anew, through
    /// the proxy of `HTTPS_PROXY` and `HTTP_PROXY` unless `NO_PROXY` names the host. The query and the fragment may
    /// hold a token: they stay out of records and messages, but state and plan keep the URL as it is written.
    pub url: Text<HealthCheckUrl>,
    /// Status that means healthy.
    #[tf(default = 200, validate = status)]
    pub expected_status: i64,
    /// Regular expression that the body must match somewhere in its first 64 KiB, such as `^ok$`; gzip is
    /// unpacked before. A plain word also matches inside another one: with `\\bhealthy\\b` an `unhealthy` does not pass.
    pub expected_body: Option<Text<BodyPattern>>,
    /// Pause between attempts.
    #[tf(default = "2s")]
    pub interval: Text<Span>,
    /// How many attempts to make after the first. As many as `timeout` allows where absent.
    pub retries: Option<u64>,
    /// How long one attempt may take, from looking up the name to the end of the answer.
    #[tf(default = "5s", validate = some_time)]
    pub attempt_timeout: Text<Span>,
    /// How long all attempts may take together.
    #[tf(default = "1m", validate = some_time)]
    pub timeout: Text<Span>,
}

fn status(status: &i64) -> Result<(), String> {
    if (100..=599).contains(status) {
        return Ok(());
    }
    Err(format!(
        "Found {status}, which is no HTTP status; expected 100 to 599. Next: write the status of a healthy \
         answer, such as 200."
    ))
}
