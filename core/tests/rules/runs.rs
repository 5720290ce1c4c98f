//! Cases of runs of pipelines, planned as the provider does it, over a ledger in memory.

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
    let (place, before) = (Place::new(), status(from).unwrap());
    let slot = place.ledger.run(&before.key());
    let what = Registered {
        what: before,
        registered_at: time(0),
        registered_by: actor("ada"),
        updated_at: None,
    };
    place.put::<RunRecord>(&slot, &what, |_| ());
    let survey = done(run::survey(&place.ledger, status(to).unwrap(), &[])).unwrap();
    registration::plan(survey, Some(time(0))).violations()
}

/// What a plan says of a run of a pipeline that nobody has, beside another of it.
fn planned(field: &str, value: &str) -> Found {
    let first = PipelineRun::new(parts(&json!({}))).unwrap();
    let others = json!({ "run_id": "run-20251021-090000-a1b2c3", field: value });
    let second = PipelineRun::new(parts(&others)).unwrap();
    let survey = done(run::survey(&Place::new().ledger, second, &[first])).unwrap();
    registration::plan(survey, None).violations()
}

/// What a plan says of a second run of a pipeline whose name the first one claimed.
fn claimed(field: &str, value: &str) -> Found {
    let (place, first) = (Place::new(), PipelineRun::new(parts(&json!({}))).unwrap());
    let survey = done(run::survey(&place.ledger, first, &[])).unwrap();
    let checked = registration::plan(survey, None).check().unwrap();
    let author = Author { actor: actor("ada"), email: String::new(), at: time(0) };
    done(place.ledger.commit(checked.stage(&place.ledger, &author).unwrap().staged)).unwrap();
    let others = json!({ "run_id": "run-20251021-090000-a1b2c3", field: value });
    let second = PipelineRun::new(parts(&others)).unwrap();
    let survey = done(run::survey(&place.ledger, second, &[])).unwrap();
    registration::plan(survey, None).violations()
}
