//! Cases of runs of pipelines, planned as the provider does it, over a ledger in memory.

use pipeline_core::Timestamp;
use pipeline_core::base::actor::Author;
use pipeline_core::registration::{self, Registered};
use pipeline_core::run::{
    self, Invocation, PipelineName, PipelineRun, PipelineRunParts, Profile, RunCommit, RunRecord,
    RunStatus, StageStatus, Trigger,
};
use serde_json::{Value, json};

use super::ledger::{Place, done};
use super::samples::{actor, time};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("RUN001", || read::<PipelineName>("production-deploy"), || read::<PipelineName>("a/b")),
    case("RUN001", || claimed("trigger", "push"), || claimed("trigger", "manual")),
    case("RUN001", || claimed("branch", "main"), || claimed("branch", "develop")),
    case("RUN001", || planned("trigger", "push"), || planned("trigger", "manual")),
    case(
        "RUN002",
        || read::<RunCommit>("5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e"),
        || read::<RunCommit>("a1b2c3d4e5f6"),
    ),
    case("RUN003", || said(&json!({})), || said(&json!({ "completed_at": START }))),
    case(
        "RUN004",
        || said(&json!({ "duration_seconds": 178 })),
        || said(&json!({ "duration_seconds": 0 })),
    ),
    case("RUN005", || read::<RunStatus>("success"), || read::<RunStatus>("succeeded")),
    case("RUN006", || read::<Trigger>("schedule"), || read::<Trigger>("cron")),
    case("RUN007", || changed("pending", "running"), || changed("pending", "success")),
    case("RUN007", || changed("running", "cancelled"), || changed("success", "running")),
    case("RUN007", || changed("failed", "failed"), || changed("cancelled", "pending")),
    case(
        "OWN045",
        || rewritten("running", "exit_code", &json!(null)),
        || rewritten("running", "commit_sha", &json!(OTHER_COMMIT)),
    ),
    case(
        "OWN045",
        || rewritten("success", "exit_code", &json!(0)),
        || rewritten("success", "exit_code", &json!(null)),
    ),
    case(
        "OWN045",
        || rewritten("success", "artifacts", &json!(["dist/a"])),
        || rewritten("success", "artifacts", &json!(["dist/b"])),
    ),
    case(
        "OWN046",
        || built("https://example.com/app.zip"),
        || built("https://ada:s3cret@example.com/app.zip"),
    ),
    case(
        "OWN046",
        || built("s3://bucket/app.zip"),
        || built("https://a.example/app.zip?X-Amz-Signature=ab12"),
    ),
    case("OWN047", || named("build", "build"), || named("build", "Build")),
    case("OWN047", || staged("package"), || staged("pack\u{200b}age")),
    case("OWN047", || staged("package"), || staged("Test")),
    case("RUN001", || read::<PipelineName>("grün"), || read::<PipelineName>("gr\u{202e}ün")),
    case("RUN020", || begun("20251109-000000"), || begun("20251115-000000")),
    case(
        "RUN021",
        || said(&json!({ "completed_at": START, "exit_code": 0 })),
        || said(&json!({ "completed_at": "2025-10-20T14:30:44Z", "exit_code": 0 })),
    ),
    case(
        "RUN022",
        || said(&json!({ "duration_seconds": 178 })),
        || said(&json!({ "duration_seconds": 177 })),
    ),
    case("RUN023", || exits("failed", 4), || exits("failed", 6)),
    case("RUN024", || read::<Profile>("ui"), || read::<Profile>("prod")),
    case("RUN025", || read::<Invocation>("TUI"), || read::<Invocation>("tui")),
    case("RUN026", || steps(&["init", "lint", "complete"]), || steps(&["lint", "complete"])),
    case("RUN026", || steps(&["init", "complete"]), || steps(&["init", "build"])),
    case("RUN026", || steps(&["init", "complete"]), || steps(&["init", "init", "complete"])),
    case("RUN027", || takes(5, "failed", LATE), || takes(5, "failed", "2025-10-20T14:35:44Z")),
    case("RUN027", || takes(0, "success", "2025-10-20T14:35:44Z"), || takes(0, "success", LATE)),
    case("RUN028", || exits("success", 0), || exits("success", 1)),
    case("RUN028", || fails(3, &["init", "lint", "complete"]), || fails(4, &["init", "complete"])),
    case("RUN028", || fails(1, &["init", "complete"]), || fails(3, &["init", "build", "complete"])),
    case("WFL001", || read::<StageStatus>("succeeded"), || read::<StageStatus>("success")),
    case("WFL002", || stage(&json!({})), || stage(&json!({ "completed_at": null }))),
    case("WFL002", || stage(&json!({})), || stage(&json!({ "completed_at": START }))),
    case(
        "WFL002",
        || said(&json!({ "status": "running", "completed_at": null })),
        || said(&json!({ "status": "running" })),
    ),
    case("WFL003", || stage(&json!({})), || stage(&json!({ "error_message": "exit 1" }))),
    case("WFL004", || stage(&json!({})), || stage(&json!({ "completed_at": LATE }))),
    case(
        "WFL004",
        || stage(&json!({})),
        || stage(&json!({ "status": "failed", "error_message": "exit 1" })),
    ),
    case("RES001", || build(&json!({ "success": true })), || build(&json!({ "success": false }))),
    case("RES001", || build(&json!({})), || build(&json!({ "duration_seconds": -0.5 }))),
    case("RES002", || tested(&json!({})), || tested(&json!({ "test_count": 26 }))),
    case(
        "RES002",
        || tested(&json!({ "success": true })),
        || tested(&json!({ "success": true, "passed_count": 24, "failed_count": 1 })),
    ),
];

/// A month later, when all of these runs have begun.
fn now() -> Timestamp {
    time(30 * 86_400)
}

const OTHER_COMMIT: &str = "8f2eb8688d01e28f36008db8a60271064607db87";
const START: &str = "2025-10-20T14:30:45Z";
/// 300 seconds after the start.
const LATE: &str = "2025-10-20T14:35:45Z";

/// The parts of a run that succeeded, with others in their place.
pub(crate) fn parts(others: &Value) -> PipelineRunParts {
    let mut parts = json!({
        "name": "production-deploy",
        "run_id": "run-20251020-143045-k8m3q2",
        "trigger": "push",
        "branch": "main",
        "commit_sha": "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e",
        "status": "success",
        "started_at": START,
        "completed_at": "2025-10-20T14:33:43Z",
    });
    put(&mut parts, others);
    serde_json::from_value(parts).unwrap()
}

fn put(into: &mut Value, others: &Value) {
    for (name, value) in others.as_object().unwrap() {
        into[name] = value.clone();
    }
}

fn said(others: &Value) -> Found {
    found(PipelineRun::new(parts(others)))
}

fn exits(status: &str, code: i64) -> Found {
    said(&json!({ "status": status, "exit_code": code }))
}

fn takes(code: i64, status: &str, until: &str) -> Found {
    said(&json!({ "status": status, "exit_code": code, "completed_at": until }))
}

fn steps(steps: &[&str]) -> Found {
    said(&json!({ "steps_completed": steps }))
}

/// A run whose build failed.
fn fails(code: i64, steps: &[&str]) -> Found {
    let build = json!({ "exit_code": 1, "duration_seconds": 1.5 });
    said(
        &json!({ "status": "failed", "exit_code": code, "steps_completed": steps, "build": build }),
    )
}

fn stage(others: &Value) -> Found {
    let mut stage = json!({
        "stage_name": "package",
        "status": "succeeded",
        "started_at": "2025-10-20T14:31:00Z",
        "completed_at": "2025-10-20T14:33:00Z",
    });
    put(&mut stage, others);
    said(&json!({ "stages": [stage] }))
}

fn build(others: &Value) -> Found {
    let mut build = json!({ "exit_code": 0, "duration_seconds": 120.5 });
    put(&mut build, others);
    said(&json!({ "build": build }))
}

fn tested(others: &Value) -> Found {
    let mut tests = json!({
        "exit_code": 0,
        "duration_seconds": 45.2,
        "test_count": 25,
        "passed_count": 25,
        "failed_count": 0,
    });
    put(&mut tests, others);
    said(&json!({ "test_result": tests }))
}

/// What a plan says of the same run with another status.
fn changed(from: &str, to: &str) -> Found {
    let status =
        |status| PipelineRun::new(parts(&json!({ "status": status, "completed_at": null })));
    beside(status(from).unwrap(), status(to).unwrap())
}

/// What a plan says of a run of this status with another value of one field.
fn rewritten(status: &str, field: &str, value: &Value) -> Found {
    let is_over = status != "running";
    let end = if is_over { json!("2025-10-20T14:33:43Z") } else { json!(null) };
    let code = if is_over { json!(0) } else { json!(null) };
    let mut others = json!({
        "status": status, "completed_at": end, "exit_code": code, "artifacts": ["dist/a"],
    });
    let before = PipelineRun::new(parts(&others)).unwrap();
    others[field] = value.clone();
    beside(before, PipelineRun::new(parts(&others)).unwrap())
}

/// What a plan says of a run where it is on record otherwise.
fn beside(before: PipelineRun, after: PipelineRun) -> Found {
    let place = Place::new();
    let slot = place.ledger.run(&before.key());
    let what = Registered {
        what: before,
        registered_at: time(0),
        registered_by: actor("ada"),
        updated_at: None,
    };
    place.put::<RunRecord>(&slot, &what, |_| ());
    let survey = done(run::survey(&place.ledger, after, &[], now())).unwrap();
    registration::plan(survey, Some(time(0))).violations()
}

/// What a plan says of a run of this pipeline, beside one of another that the same plan records.
fn named(first: &str, second: &str) -> Found {
    let first = PipelineRun::new(parts(&json!({ "name": first }))).unwrap();
    let others = json!({ "name": second, "run_id": "run-20251021-090000-a1b2c3" });
    let second = PipelineRun::new(parts(&others)).unwrap();
    let survey = done(run::survey(&Place::new().ledger, second, &[first], now())).unwrap();
    registration::plan(survey, None).violations()
}

/// A run with two stages.
fn staged(name: &str) -> Found {
    let stage = |name| json!({ "stage_name": name, "status": "succeeded", "started_at": START, "completed_at": START });
    said(&json!({ "stages": [stage("test"), stage(name)] }))
}

/// What a plan says of a run that built this.
fn built(artifact: &str) -> Found {
    let run = PipelineRun::new(parts(&json!({ "artifacts": [artifact] }))).unwrap();
    planned_as(run)
}

fn planned_as(run: PipelineRun) -> Found {
    registration::plan(done(run::survey(&Place::new().ledger, run, &[], now())).unwrap(), None)
        .violations()
}

/// What a plan of 8 November says of a new run whose ID has this time.
fn begun(time: &str) -> Found {
    let run_id = format!("run-{time}-k8m3q2");
    planned_as(PipelineRun::new(parts(&json!({ "run_id": run_id }))).unwrap())
}

#[test]
fn no_run_of_the_future_is_the_newest() {
    let (place, name) = (Place::new(), "production-deploy".parse().unwrap());
    for id in
        ["run-20251020-143045-k8m3q2", "run-20251021-090000-a1b2c3", "run-20991231-000000-aaaaaa"]
    {
        let what = PipelineRun::new(parts(&json!({ "run_id": id }))).unwrap();
        let slot = place.ledger.run(&what.key());
        let (registered_at, registered_by) = (time(0), actor("ada"));
        let record = Registered { what, registered_at, registered_by, updated_at: None };
        place.put::<RunRecord>(&slot, &record, |_| ());
    }
    let newest = done(run::newest(&place.ledger, &name, now())).unwrap().unwrap();
    assert_eq!(newest.run_id.suffix(), "a1b2c3");
    let (listed, _) = done(run::runs(&place.ledger, Some(&name), None, now())).unwrap();
    let listed: Vec<_> = listed.iter().map(|run| run.run_id.suffix()).collect();
    assert_eq!(listed, ["a1b2c3", "k8m3q2", "aaaaaa"]);
}

/// What a plan says of a run of a pipeline that nobody has, beside another of it.
fn planned(field: &str, value: &str) -> Found {
    let first = PipelineRun::new(parts(&json!({}))).unwrap();
    let others = json!({ "run_id": "run-20251021-090000-a1b2c3", field: value });
    let second = PipelineRun::new(parts(&others)).unwrap();
    let survey = done(run::survey(&Place::new().ledger, second, &[first], now())).unwrap();
    registration::plan(survey, None).violations()
}

/// What a plan says of a second run of a pipeline whose name the first one claimed.
fn claimed(field: &str, value: &str) -> Found {
    let (place, first) = (Place::new(), PipelineRun::new(parts(&json!({}))).unwrap());
    let survey = done(run::survey(&place.ledger, first, &[], now())).unwrap();
    let checked = registration::plan(survey, None).check().unwrap();
    let author = Author { actor: actor("ada"), email: String::new(), at: time(0) };
    done(place.ledger.commit(checked.stage(&place.ledger, &author).unwrap().staged)).unwrap();
    let others = json!({ "run_id": "run-20251021-090000-a1b2c3", field: value });
    let second = PipelineRun::new(parts(&others)).unwrap();
    let survey = done(run::survey(&place.ledger, second, &[], now())).unwrap();
    registration::plan(survey, None).violations()
}
