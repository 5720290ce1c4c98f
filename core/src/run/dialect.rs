//! A run of a pipeline in the JSON of the documented systems. None says all of it: one has the pipeline, one the
//! steps of a script, one the stages of a workflow. So a run is read as what is told of it.

use serde_json::{Map, Value, json};

use super::pipeline::RunCommit;
use super::record::PipelineRunParts;
use super::result::{BuildResult, Stage, TestResult};
use super::{PipelineName, PipelineRun, RunId, RunStatus, StepName, Trigger};
use crate::Timestamp;
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, flag, list, number, parsed, text, whole};
use crate::base::revision::BranchName;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};

/// What is told of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldRun {
    told: PipelineRunParts,
    /// Which fields were told, by their names in a [`PipelineRun`].
    fields: Vec<&'static str>,
}

/// What stands for what nobody told. It never leaves this room: whoever reads it asks what was told.
fn nothing() -> Option<PipelineRunParts> {
    Some(PipelineRunParts {
        name: "untold".parse().ok()?,
        run_id: "run-20000101-000000-000000".parse().ok()?,
        trigger: Trigger::Manual,
        branch: "untold".parse().ok()?,
        commit_sha: "0123456789abcdef0123456789abcdef01234567".parse().ok()?,
        status: RunStatus::Running,
        profile: None,
        triggered_by: None,
        exit_code: None,
        steps_completed: Vec::new(),
        started_at: None,
        completed_at: None,
        duration_seconds: None,
        artifacts: Vec::new(),
        stages: Vec::new(),
        tests: Vec::new(),
        build: None,
        test_result: None,
    })
}

impl From<&PipelineRun> for ToldRun {
    fn from(run: &PipelineRun) -> Self {
        let told = (**run).clone();
        let known = [
            ("profile", told.profile.is_some()),
            ("triggered_by", told.triggered_by.is_some()),
            ("exit_code", told.exit_code.is_some()),
            ("steps_completed", !told.steps_completed.is_empty()),
            ("started_at", told.started_at.is_some()),
            ("completed_at", told.completed_at.is_some()),
            ("artifacts", !told.artifacts.is_empty()),
            ("stages", !told.stages.is_empty()),
            ("tests", !told.tests.is_empty()),
            ("build", told.build.is_some()),
            ("test_result", told.test_result.is_some()),
        ];
        let always = ["name", "run_id", "trigger", "branch", "commit_sha", "status"];
        let more = known.into_iter().filter(|(_, is_told)| *is_told).map(|(name, _)| name);
        Self { fields: always.into_iter().chain(more).collect(), told }
    }
}

impl ToldRun {
    fn set<T>(
        &mut self,
        name: &'static str,
        value: Option<T>,
        put: impl FnOnce(&mut PipelineRunParts, T),
    ) {
        if let Some(value) = value {
            put(&mut self.told, value);
            self.fields.push(name);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.contains(&name)
    }

    /// The run, where all that it has to have was told.
    ///
    /// # Errors
    /// OWN044 for each field that nobody told.
    pub fn complete(&self) -> Result<PipelineRun, Violations> {
        self.must(&["name", "run_id", "trigger", "branch", "commit_sha", "status"])?;
        PipelineRun::new(self.told.clone())
    }

    fn must(&self, names: &[&'static str]) -> Result<(), Violations> {
        let missing = names.iter().filter(|name| !self.has(name)).map(|name| {
            let next = format!("Say `{name}` of the run, or tell it in other words.");
            Violation::new(RuleId::OWN044, "nothing", format!("`{name}`"), next).under(*name)
        });
        Violations::check(missing.collect())
    }
}

impl Documented for ToldRun {
    const DIALECTS: &'static [Dialect] = &[Dialect::D000, Dialect::D003, Dialect::D004];

    fn read(json: &Value, from: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let told = nothing().map(|told| Self { told, fields: Vec::new() });
        let made = told.map(|mut told| {
            match from {
                Dialect::D003 => script(&mut fields, &mut told),
                Dialect::D004 => workflow(&mut fields, &mut told),
                _ => pipeline(&mut fields, &mut told),
            }
            told
        });
        // Its own rules are about what was told; what was not told breaks none of them.
        if let Some(told) = made.as_ref().filter(|_| fields.is_faultless()) {
            fields.whole(PipelineRun::new(told.told.clone()));
        }
        fields.finish(made)
    }

    fn tell(&self, to: Dialect) -> Result<Told, Violations> {
        let told = &self.told;
        let (json, has) = match to {
            Dialect::D003 => {
                self.must(&["run_id", "exit_code", "started_at", "completed_at"])?;
                self.must(&["profile", "triggered_by"])?;
                let json = json!({
                    "run_id": told.run_id,
                    "start_time": told.started_at.map(Timestamp::unix_seconds),
                    "end_time": told.completed_at.map(Timestamp::unix_seconds),
                    "duration": told.span(),
                    "exit_code": told.exit_code,
                    "profile": told.profile,
                    "triggered_by": told.triggered_by,
                    "steps_completed": told.steps_completed,
                });
                (json, &SCRIPT[..])
            }
            Dialect::D004 => {
                self.must(&["run_id", "commit_sha", "branch", "started_at", "status"])?;
                let json = json!({
                    "workflow_id": told.run_id,
                    "commit_sha": told.commit_sha,
                    "branch": told.branch,
                    "triggered_at": told.started_at,
                    "completed_at": told.completed_at,
                    "status": word(told.status)?,
                    "stages": told.stages.iter().map(tell_stage).collect::<Vec<_>>(),
                });
                (json, &WORKFLOW[..])
            }
            _ => {
                self.must(&["run_id", "name", "status", "trigger", "branch", "commit_sha"])?;
                let json = json!({
                    "id": told.run_id,
                    "name": told.name,
                    "status": told.status,
                    "trigger": told.trigger,
                    "branch": told.branch,
                    "commit_sha": told.commit_sha,
                    "started_at": told.started_at,
                    "completed_at": told.completed_at,
                    "duration_seconds": told.span(),
                    "artifacts": told.artifacts,
                });
                (json, &PIPELINE[..])
            }
        };
        let left_out = self.fields.iter().copied().filter(|name| !has.contains(name)).collect();
        Ok(Told { json, left_out })
    }
}

const PIPELINE: [&str; 9] = [
    "run_id",
    "name",
    "status",
    "trigger",
    "branch",
    "commit_sha",
    "started_at",
    "completed_at",
    "artifacts",
];
const SCRIPT: [&str; 8] = [
    "run_id",
    "status",
    "started_at",
    "completed_at",
    "exit_code",
    "profile",
    "triggered_by",
    "steps_completed",
];
const WORKFLOW: [&str; 7] =
    ["run_id", "commit_sha", "branch", "started_at", "completed_at", "status", "stages"];

fn pipeline(fields: &mut Fields<'_>, told: &mut ToldRun) {
    told.set("run_id", fields.must("id", parsed::<RunId>), |it, id| it.run_id = id);
    told.set("name", fields.must("name", parsed::<PipelineName>), |it, name| it.name = name);
    told.set("status", fields.must("status", parsed), |it, status| it.status = status);
    told.set("trigger", fields.must("trigger", parsed), |it, trigger| it.trigger = trigger);
    told.set("branch", fields.must("branch", parsed::<BranchName>), |it, name| it.branch = name);
    told.set("commit_sha", fields.must("commit_sha", parsed::<RunCommit>), |it, commit| {
        it.commit_sha = commit;
    });
    told.set("started_at", fields.may("started_at", parsed), |it, at| it.started_at = Some(at));
    told.set("completed_at", fields.may("completed_at", parsed), |it, at| {
        it.completed_at = Some(at);
    });
    told.told.duration_seconds = fields.may("duration_seconds", whole);
    told.set("artifacts", fields.must("artifacts", |it| list(it, text)), |it, all| {
        it.artifacts = all;
    });
}

fn script(fields: &mut Fields<'_>, told: &mut ToldRun) {
    told.set("run_id", fields.must("run_id", parsed::<RunId>), |it, id| it.run_id = id);
    told.set("started_at", fields.must("start_time", seconds), |it, at| it.started_at = Some(at));
    told.set("completed_at", fields.may("end_time", seconds), |it, at| {
        it.completed_at = Some(at);
    });
    told.told.duration_seconds = fields.may("duration", whole);
    told.set("exit_code", fields.may("exit_code", whole), |it, code| {
        it.exit_code = Some(code);
        it.status = if code == 0 { RunStatus::Success } else { RunStatus::Failed };
    });
    told.set("profile", fields.must("profile", parsed), |it, profile| it.profile = Some(profile));
    told.set("triggered_by", fields.must("triggered_by", parsed), |it, by| {
        it.triggered_by = Some(by);
    });
    let steps = fields.must("steps_completed", |it| list(it, parsed::<StepName>));
    told.set("steps_completed", steps, |it, steps| it.steps_completed = steps);
    if told.has("exit_code") {
        told.fields.push("status");
    }
}

fn workflow(fields: &mut Fields<'_>, told: &mut ToldRun) {
    told.set("run_id", fields.must("workflow_id", parsed::<RunId>), |it, id| it.run_id = id);
    told.set("commit_sha", fields.must("commit_sha", parsed::<RunCommit>), |it, commit| {
        it.commit_sha = commit;
    });
    told.set("branch", fields.must("branch", parsed::<BranchName>), |it, name| it.branch = name);
    told.set("started_at", fields.must("triggered_at", parsed), |it, at| {
        it.started_at = Some(at);
    });
    told.set("completed_at", fields.may("completed_at", parsed), |it, at| {
        it.completed_at = Some(at);
    });
    told.set("status", fields.must("status", status), |it, status| it.status = status);
    told.set("stages", fields.must("stages", |it| list(it, stage)), |it, all| it.stages = all);
}

/// A time in seconds since 1970.
fn seconds(json: &Value) -> Result<Timestamp, Violations> {
    let seconds = whole(json)?;
    Timestamp::from_unix_seconds(seconds).ok_or_else(|| {
        let expected = "seconds since 1970 began, of the years 0 to 9999";
        let next = "Take the time from a clock.";
        Violation::new(RuleId::GLB001, format!("`{seconds}`"), expected, next).into()
    })
}

/// The words of a workflow for how far it is.
const WORDS: [(RunStatus, &str); 3] = [
    (RunStatus::Running, "running"),
    (RunStatus::Success, "succeeded"),
    (RunStatus::Failed, "failed"),
];

fn status(json: &Value) -> Result<RunStatus, Violations> {
    let word = text(json)?;
    let known = WORDS.iter().find(|(_, known)| *known == word).map(|(status, _)| *status);
    let words = WORDS.iter().map(|(_, word)| *word);
    known.ok_or_else(|| Violation::not_listed(RuleId::WFL001, &word, words).into())
}

fn word(status: RunStatus) -> Result<&'static str, Violations> {
    let known = WORDS.iter().find(|(known, _)| *known == status).map(|(_, word)| *word);
    let words = WORDS.iter().map(|(_, word)| *word);
    known.ok_or_else(|| {
        Violation::not_listed(RuleId::GLB004, status.as_str(), words).under("status").into()
    })
}

fn stage(json: &Value) -> Result<Stage, Violations> {
    let mut fields = Fields::of(json)?;
    let stage_name = fields.must("stage_name", text);
    let started_at = fields.must("started_at", parsed);
    let completed_at = fields.may("completed_at", parsed);
    let status = fields.must("status", parsed);
    let error_message = fields.may("error_message", text);
    let made = match (stage_name, started_at, status) {
        (Some(stage_name), Some(started_at), Some(status)) => {
            Some(Stage { stage_name, status, started_at, completed_at, error_message })
        }
        _ => None,
    };
    fields.finish(made)
}

fn tell_stage(stage: &Stage) -> Value {
    json!({
        "stage_name": stage.stage_name,
        "started_at": stage.started_at,
        "completed_at": stage.completed_at,
        "status": stage.status,
        "error_message": stage.error_message,
    })
}

/// A result, with what the build or the tests printed. The ledger keeps none of that.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed<T> {
    /// The result.
    pub result: T,
    /// What went to standard output.
    pub stdout: String,
    /// What went to standard error.
    pub stderr: String,
}

/// What every result says.
struct Said {
    success: bool,
    exit_code: i64,
    duration_seconds: f64,
}

/// Reads what every result says; `own` reads the rest and checks the whole.
fn read_result<T>(
    json: &Value,
    own: impl FnOnce(&mut Fields<'_>, Option<Said>) -> Option<T>,
) -> Result<Printed<T>, Violations> {
    let mut fields = Fields::of(json)?;
    let success = fields.must("success", flag);
    let exit_code = fields.must("exit_code", whole);
    let (stdout, stderr) = (fields.must("stdout", text), fields.must("stderr", text));
    let duration = fields.must("duration", number);
    let said =
        success.zip(exit_code).zip(duration).map(|((success, exit_code), duration_seconds)| Said {
            success,
            exit_code,
            duration_seconds,
        });
    let result = own(&mut fields, said);
    let made = result.zip(stdout).zip(stderr);
    fields.finish(made.map(|((result, stdout), stderr)| Printed { result, stdout, stderr }))
}

impl<T> Printed<T> {
    fn tell_result<const N: usize>(
        &self,
        exit_code: i64,
        duration: f64,
        own: [(&str, Value); N],
    ) -> Told {
        let shared = [
            ("success", json!(exit_code == 0)),
            ("exit_code", json!(exit_code)),
            ("stdout", json!(self.stdout)),
            ("stderr", json!(self.stderr)),
            ("duration", json!(duration)),
        ];
        let all = shared.into_iter().chain(own).map(|(name, value)| (name.to_owned(), value));
        Told::whole(Value::Object(all.collect::<Map<_, _>>()))
    }
}

impl Documented for Printed<BuildResult> {
    const DIALECTS: &'static [Dialect] = &[Dialect::D004];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        read_result(json, |fields, said| {
            let artifacts = fields.must("artifacts", |it| list(it, text));
            let Said { success, exit_code, duration_seconds } = said?;
            let (success, artifacts) = (Some(success), artifacts?);
            let result = BuildResult { success, exit_code, duration_seconds, artifacts };
            fields.whole(result.check()).map(|()| result)
        })
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        let BuildResult { exit_code, duration_seconds, artifacts, .. } = &self.result;
        let own = [("artifacts", json!(artifacts))];
        Ok(self.tell_result(*exit_code, *duration_seconds, own))
    }
}

impl Documented for Printed<TestResult> {
    const DIALECTS: &'static [Dialect] = &[Dialect::D004];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        read_result(json, |fields, said| {
            let counts = ["test_count", "passed_count", "failed_count"];
            let [test_count, passed_count, failed_count] =
                counts.map(|name| fields.must(name, whole));
            let Said { success, exit_code, duration_seconds } = said?;
            let result = TestResult {
                success: Some(success),
                exit_code,
                duration_seconds,
                test_count: test_count?,
                passed_count: passed_count?,
                failed_count: failed_count?,
            };
            fields.whole(result.check()).map(|()| result)
        })
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        let it = &self.result;
        let own = [
            ("test_count", json!(it.test_count)),
            ("passed_count", json!(it.passed_count)),
            ("failed_count", json!(it.failed_count)),
        ];
        Ok(self.tell_result(it.exit_code, it.duration_seconds, own))
    }
}
