//! From the HCL of a run to the domain's, and back.

use pipeline_core::base::violation::{FieldPath, Findings, Violations};
use pipeline_core::run::{
    self, BuildResult, PipelineRun, PipelineRunParts, RunKey, RunRecord, Stage, TestExecution,
    TestExecutionParts, TestResult,
};
use pipeline_core::{CommitSha, Timestamp};
use tfplugin::Text;

use super::model::{BuildBlock, Run, StageBlock, TestBlock, TestResultBlock};

impl Run {
    /// What names it.
    pub(super) fn key(&self) -> RunKey {
        RunKey { name: self.name.0.clone(), run_id: self.run_id.0 }
    }

    /// The domain's run.
    ///
    /// # Errors
    /// Every rule that the arguments break, each at its own.
    pub(super) fn domain(&self) -> Result<PipelineRun, Violations> {
        let mut findings = Findings::new();
        let commit = findings.take("commit_sha", run::commit(&self.commit_sha));
        let tests = self.tests.iter().flatten().enumerate().filter_map(|(at, test)| {
            let path = FieldPath::from("tests").index(at);
            findings.take(path, TestExecution::new(test.parts()))
        });
        let tests = tests.collect();
        // Where the commit is wrong, the rest is judged all the same, with any.
        let commit_sha = commit.unwrap_or(CommitSha::from_bytes([0; 20]));
        let run = findings.take(FieldPath::root(), PipelineRun::new(self.parts(commit_sha, tests)));
        match run {
            Some(run) => findings.finish(run),
            None => Err(findings.fail()),
        }
    }

    fn parts(&self, commit_sha: CommitSha, tests: Vec<TestExecution>) -> PipelineRunParts {
        let steps = self.steps_completed.iter().flatten();
        PipelineRunParts {
            name: self.name.0.clone(),
            run_id: self.run_id.0,
            trigger: self.trigger.0,
            branch: self.branch.0.clone(),
            commit_sha,
            status: self.status.0,
            profile: self.profile.map(|it| it.0),
            triggered_by: self.triggered_by.map(|it| it.0),
            exit_code: self.exit_code,
            steps_completed: steps.map(|step| step.0).collect(),
            started_at: self.started_at.map(|at| at.0),
            completed_at: self.completed_at.map(|at| at.0),
            duration_seconds: self.duration_seconds.get().copied().flatten(),
            artifacts: self.artifacts.clone().unwrap_or_default(),
            stages: self.stages.iter().flatten().map(StageBlock::stage).collect(),
            tests,
            build: self.build.as_ref().map(BuildBlock::result),
            test_result: self.test_result.as_ref().map(TestResultBlock::result),
        }
    }

    /// The arguments that say what `domain` says.
    pub(super) fn of_domain(domain: &PipelineRun) -> Self {
        let steps = domain.steps_completed.iter().copied().map(Text);
        let blank = Self::blank(
            domain.name.clone(),
            domain.run_id,
            domain.trigger,
            domain.branch.clone(),
            domain.commit_sha.to_string(),
            domain.status,
        );
        Self {
            profile: domain.profile.map(Text),
            triggered_by: domain.triggered_by.map(Text),
            exit_code: domain.exit_code,
            steps_completed: filled(steps.collect()),
            started_at: domain.started_at.map(Text),
            completed_at: domain.completed_at.map(Text),
            artifacts: filled(domain.artifacts.clone()),
            stages: filled(domain.stages.iter().map(StageBlock::of).collect()),
            tests: filled(domain.tests.iter().filter_map(|it| TestBlock::of(it.parts())).collect()),
            build: domain.build.as_ref().map(BuildBlock::of),
            test_result: domain.test_result.as_ref().map(TestResultBlock::of),
            ..blank
        }
        .completed(domain)
    }

    /// With what follows from the run.
    pub(super) fn completed(self, domain: &PipelineRun) -> Self {
        Self { duration_seconds: domain.duration_seconds().into(), ..self }
    }

    /// With what the record says beside the run.
    pub(super) fn stamped(self, record: &RunRecord) -> Self {
        Self {
            registered_at: Text(record.registered_at).into(),
            updated_at: Text(record.written_at()).into(),
            ..self
        }
    }
}

fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

impl StageBlock {
    fn stage(&self) -> Stage {
        Stage {
            stage_name: self.stage_name.clone(),
            status: self.status.0,
            started_at: self.started_at.0,
            completed_at: self.completed_at.map(|at| at.0),
            error_message: self.error_message.clone(),
        }
    }

    fn of(stage: &Stage) -> Self {
        Self {
            stage_name: stage.stage_name.clone(),
            status: Text(stage.status),
            started_at: Text(stage.started_at),
            completed_at: stage.completed_at.map(Text),
            error_message: stage.error_message.clone(),
        }
    }
}

impl TestBlock {
    fn parts(&self) -> TestExecutionParts {
        TestExecutionParts {
            test_type: self.test_type.0,
            attempt_number: self.attempt_number,
            status: self.status.0,
            duration: self.completed_at.seconds_since(self.started_at.0),
            failure_count: self.failure_count,
            started_at: self.started_at.unix_seconds(),
            completed_at: self.completed_at.unix_seconds(),
            run_in_parallel: self.run_in_parallel,
            fallback_to_serial: self.fallback_to_serial,
        }
    }

    /// Nothing of times that no calendar has.
    fn of(parts: &TestExecutionParts) -> Option<Self> {
        let time = |seconds| Timestamp::from_unix_seconds(seconds).map(Text);
        Some(Self {
            test_type: Text(parts.test_type),
            attempt_number: parts.attempt_number,
            status: Text(parts.status),
            failure_count: parts.failure_count,
            started_at: time(parts.started_at)?,
            completed_at: time(parts.completed_at)?,
            run_in_parallel: parts.run_in_parallel,
            fallback_to_serial: parts.fallback_to_serial,
        })
    }
}

impl BuildBlock {
    fn result(&self) -> BuildResult {
        BuildResult {
            success: self.success,
            exit_code: self.exit_code,
            duration_seconds: self.duration_seconds,
            artifacts: self.artifacts.clone().unwrap_or_default(),
        }
    }

    fn of(result: &BuildResult) -> Self {
        Self {
            exit_code: result.exit_code,
            success: None,
            duration_seconds: result.duration_seconds,
            artifacts: filled(result.artifacts.clone()),
        }
    }
}

impl TestResultBlock {
    const fn result(&self) -> TestResult {
        TestResult {
            success: self.success,
            exit_code: self.exit_code,
            duration_seconds: self.duration_seconds,
            test_count: self.test_count,
            passed_count: self.passed_count,
            failed_count: self.failed_count,
        }
    }

    const fn of(result: &TestResult) -> Self {
        Self {
            exit_code: result.exit_code,
            success: None,
            duration_seconds: result.duration_seconds,
            test_count: result.test_count,
            passed_count: result.passed_count,
            failed_count: result.failed_count,
        }
    }
}
