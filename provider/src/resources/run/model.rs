//! The HCL of `pipeline_run`, and the ways between it and the domain.

use pipeline_core::run::{
    BuildResult, Invocation, PipelineName, PipelineRunParts, Profile, RunCommit, RunId, RunStatus,
    Stage, StageStatus, StepName, TestExecutionParts, TestResult, TestStatus, TestType, Trigger,
};
use pipeline_core::{BranchName, Timestamp};
use tfplugin::{Computed, Model, Text};

use crate::words::says;

/// A run of a pipeline: what started it, how far it is, and what came of its stages, tests and build.
///
/// The record is kept in the ledger, where `pipeline_runs` of any configuration finds it, and deployments name
/// the run that made them. The status changes from `pending` to `running`, from `running` to `success` or
/// `failed`, and from both to `cancelled`; any other change of one run fails the plan. A run may first be
/// recorded in any status. It keeps its commit, and once it is over nothing changes of it any more. Another `run_id` is another run: it is recorded beside the one before, in place.
///
/// The first run that uses the name of a pipeline claims it in this repository, with its trigger and its branch.
///
/// Output of commands is not recorded: it belongs in logs, which `pipeline_run_log` reads. Destroying it forgets
/// it: the record stays in git.
#[derive(Debug, Clone, Model)]
pub struct Run {
    /// Name of the pipeline, such as `production-deploy`. One in a repository: it means one trigger and one branch.
    #[tf(identity, requires_replace)]
    pub name: Text<PipelineName>,
    /// ID of the run: `run-YYYYMMDD-HHMMSS-` and six lower-case letters or digits.
    pub run_id: Text<RunId>,
    /// What started it: `push`, `manual` or `schedule`.
    pub trigger: Text<Trigger>,
    /// Branch that it builds.
    pub branch: Text<BranchName>,
    /// Commit that it builds, in full.
    pub commit_sha: Text<RunCommit>,
    /// How far it is: `pending`, `running`, `success`, `failed` or `cancelled`.
    pub status: Text<RunStatus>,
    /// How much it tests: `dev`, `ui` or `full`.
    pub profile: Option<Text<Profile>>,
    /// How it was invoked: `TUI` or `CLI`.
    pub triggered_by: Option<Text<Invocation>>,
    /// Exit code of its script: 0 for success in less than 300 seconds, else the lowest of what failed: 1 lint,
    /// 2 tests, 3 build, 4 check of the environment; 5 for a time-out alone.
    pub exit_code: Option<i64>,
    /// Steps that it completed, in order: `init`, `env-check`, `lint`, `test-unit`, `test-integration`, `test-e2e`,
    /// `build`, `cleanup`, `complete`.
    pub steps_completed: Option<Vec<Text<StepName>>>,
    /// When it began, in UTC.
    pub started_at: Option<Text<Timestamp>>,
    /// When it ended, in UTC. After the beginning; a run with an `exit_code` may take less than a second.
    pub completed_at: Option<Text<Timestamp>>,
    /// How long it took, in seconds. Follows from the times; where it is given, it is compared with them.
    #[tf(optional)]
    pub duration_seconds: Computed<Option<i64>>,
    /// What it built, such as paths or URLs.
    pub artifacts: Option<Vec<String>>,
    /// Stages of the run. Each lies within the time of the run, and a run with a failed one is no success.
    pub stages: Option<Vec<StageBlock>>,
    /// Executions of suites of tests, in the order in which they ended; at most two of a suite.
    pub tests: Option<Vec<TestBlock>>,
    /// What came of the build.
    pub build: Option<BuildBlock>,
    /// Files in JUnit's XML format, such as `reports/*.xml` or `**/TEST-*.xml`, relative to the working directory:
    /// `test_result` is counted from them. They are read once, by the plan that records the run as over, and have to be
    /// the same at the apply; at most 1,000 files of 64 MiB each and 256 MiB together.
    pub junit: Option<String>,
    /// What came of the tests, counted one by one; by `junit`, where it is given.
    #[tf(optional)]
    pub test_result: Computed<Option<TestResultBlock>>,
    /// ID of the record: `name/run_id`.
    pub id: Computed<String>,
    /// When it was recorded, in UTC.
    pub registered_at: Computed<Text<Timestamp>>,
    /// When the record last changed, in UTC.
    pub updated_at: Computed<Text<Timestamp>>,
}

/// A stage of the run.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct StageBlock {
    /// Name of the stage.
    pub stage_name: String,
    /// How far it is: `running`, `succeeded` or `failed`.
    pub status: Text<StageStatus>,
    /// When it began, in UTC.
    pub started_at: Text<Timestamp>,
    /// When it ended, in UTC; absent while it runs.
    pub completed_at: Option<Text<Timestamp>>,
    /// Why it failed; of a failed stage alone.
    pub error_message: Option<String>,
}

/// One execution of a suite of tests.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TestBlock {
    /// Suite: `unit`, `integration` or `e2e`.
    pub test_type: Text<TestType>,
    /// 1, or 2 after a failed first attempt: of `e2e`, or of another suite that falls back to run alone.
    #[tf(default = 1)]
    pub attempt_number: i64,
    /// How it went: `passed`, `failed` or `skipped`.
    pub status: Text<TestStatus>,
    /// How many tests failed.
    #[tf(default = 0)]
    pub failure_count: i64,
    /// When it began, in UTC.
    pub started_at: Text<Timestamp>,
    /// When it ended, in UTC.
    pub completed_at: Text<Timestamp>,
    /// Whether other suites ran at the same time.
    #[tf(default = false)]
    pub run_in_parallel: bool,
    /// Whether it ran alone because together with others it could not.
    #[tf(default = false)]
    pub fallback_to_serial: bool,
}

/// What came of the build.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct BuildBlock {
    /// Exit code of the commands; 0 is success.
    pub exit_code: i64,
    /// Whether it succeeded. Follows from the exit code; where it is given, it is compared with that.
    pub success: Option<bool>,
    /// How long it took, in seconds.
    pub duration_seconds: f64,
    /// Paths of what was built.
    pub artifacts: Option<Vec<String>>,
}

/// What came of the tests.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct TestResultBlock {
    /// Exit code of the commands.
    pub exit_code: i64,
    /// Whether all passed. Follows from the exit code and the failures; where it is given, it is compared with them.
    pub success: Option<bool>,
    /// How long they took, in seconds.
    pub duration_seconds: f64,
    /// How many ran: those that passed and those that failed. Skipped ones are not among them.
    pub test_count: i64,
    /// How many passed.
    pub passed_count: i64,
    /// How many failed.
    pub failed_count: i64,
}

says!(Run as PipelineRunParts {
    name, run_id, trigger, branch, commit_sha, status, profile, triggered_by, exit_code, steps_completed,
    started_at, completed_at, duration_seconds, artifacts, stages, tests, build, test_result,
} and id, junit, registered_at, updated_at);

says!(StageBlock as Stage { stage_name, status, started_at, completed_at, error_message });

says!(BuildBlock as BuildResult { exit_code, success, duration_seconds, artifacts });

says!(TestResultBlock as TestResult {
    exit_code, success, duration_seconds, test_count, passed_count, failed_count,
});

says!(TestBlock as TestExecutionParts {
    test_type, attempt_number, status, failure_count, started_at, completed_at, run_in_parallel,
    fallback_to_serial,
} from which duration: |it: &Self| it.completed_at.unix_seconds() - it.started_at.unix_seconds());
