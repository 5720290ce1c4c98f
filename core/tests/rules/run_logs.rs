//! Cases of logs of runs and of the tests in them: each is a log that is read as the data source reads it.

use pipeline_core::run_log::{RunLog, Selection};
use serde_json::{Value, json};

use super::{Case, Found, case};

pub(crate) const CASES: &[Case] = &[
    case(
        "RUN020",
        || log(&[entry(json!({}))]),
        || log(&[entry(json!({"run_id": "run-20251320-143045-k8m3q2"}))]),
    ),
    case(
        "LOG001",
        || log(&[entry(json!({}))]),
        || log(&[entry(json!({"timestamp": "20 October"}))]),
    ),
    case(
        "LOG002",
        || log(&[entry(json!({"level": "warn"}))]),
        || log(&[entry(json!({"level": "warning"}))]),
    ),
    case("LOG003", || log(&[entry(json!({}))]), || log(&[entry(json!({"message": ""}))])),
    case("LOG003", || log(&[entry(json!({}))]), || log(&[entry(json!({"run_id": null}))])),
    case("LOG003", || log(&[entry(json!({})), tests(json!({}))]), || log(&[tests(json!({}))])),
    case(
        "LOG004",
        || log(&[entry(json!({"line_number": 1}))]),
        || log(&[entry(json!({"line_number": 0}))]),
    ),
    case(
        "LOG004",
        || log(&[entry(json!({}))]),
        || log(&[entry(json!({"source_file": "/bin/ci"}))]),
    ),
    case("LOG005", || log(&[completed(0)]), || log(&[completed(-1)])),
    case(
        "LOG005",
        || log(&[entry(json!({})), completed(5)]),
        || log(&[completed(5), completed(6)]),
    ),
    case(
        "LOG006",
        || read("{}\n{}".replace("{}", &entry(json!({})).to_string())),
        || read("npm warn"),
    ),
    case(
        "LOG006",
        || log(&[entry(json!({}))]),
        || read(entry(json!({})).to_string().replace('}', "")),
    ),
    case(
        "LOG007",
        || log(&[entry(json!({"step_name": "build"}))]),
        || log(&[entry(json!({"step_name": "deploy"}))]),
    ),
    case("TST001", || log(&[inside(json!({}))]), || log(&[inside(json!({"test_type": "smoke"}))])),
    case("TST002", || log(&[inside(json!({}))]), || log(&[inside(json!({"attempt_number": 3}))])),
    case(
        "TST002",
        || log(&[inside(json!({})), tests(json!({"attempt_number": 2}))]),
        || {
            log(&[
                inside(json!({"status": "passed", "failure_count": 0})),
                tests(json!({"attempt_number": 2})),
            ])
        },
    ),
    case("TST003", || log(&[inside(json!({}))]), || log(&[inside(json!({"status": "flaky"}))])),
    case("TST004", || log(&[inside(json!({}))]), || log(&[inside(json!({"failure_count": 0}))])),
    case("TST004", || log(&[inside(json!({}))]), || log(&[inside(json!({"status": "passed"}))])),
    case("TST005", || log(&[inside(json!({}))]), || log(&[inside(json!({"duration": 44}))])),
    case(
        "TST005",
        || log(&[inside(json!({}))]),
        || log(&[inside(json!({"completed_at": 1_729_433_444}))]),
    ),
    case(
        "TST006",
        || log(&[inside(json!({"fallback_to_serial": true, "run_in_parallel": false}))]),
        || log(&[inside(json!({"fallback_to_serial": true}))]),
    ),
    case("TST007", twice, || {
        let third = tests(json!({"attempt_number": 2}));
        log(&[inside(json!({})), third.clone(), third])
    }),
    case("TST008", twice, || {
        let unit = json!({"test_type": "unit"});
        log(&[inside(unit), tests(json!({"test_type": "unit", "attempt_number": 2}))])
    }),
];

fn twice() -> Found {
    log(&[inside(json!({})), tests(json!({"attempt_number": 2}))])
}

fn read(log: impl AsRef<str>) -> Found {
    let log = RunLog::read(log.as_ref().as_bytes(), &Selection::default()).unwrap();
    log.problems.into_iter().map(|problem| problem.violation).collect()
}

fn log(values: &[Value]) -> Found {
    read(values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// `own`, with these fields instead.
fn with(mut own: Value, fields: Value) -> Value {
    if let (Some(own), Value::Object(fields)) = (own.as_object_mut(), fields) {
        own.extend(fields);
    }
    own
}

fn entry(fields: Value) -> Value {
    let own = json!({
        "timestamp": "2025-10-20T14:30:45Z", "level": "info", "message": "Running unit tests",
        "run_id": "run-20251020-143045-k8m3q2", "source_file": "scripts/ci/run.sh", "line_number": 123,
        "function_name": "run_unit", "step_name": "lint",
    });
    with(own, fields)
}

/// An entry that completes its step.
fn completed(duration_ms: i64) -> Value {
    entry(json!({"duration_ms": duration_ms}))
}

/// Tests in a value of their own.
fn tests(fields: Value) -> Value {
    let own = json!({
        "test_type": "e2e", "attempt_number": 1, "status": "failed", "duration": 45, "failure_count": 2,
        "started_at": 1_729_433_445, "completed_at": 1_729_433_490, "run_in_parallel": true,
        "fallback_to_serial": false,
    });
    with(own, fields)
}

/// An entry with tests in it.
fn inside(fields: Value) -> Value {
    entry(json!({"test_execution": tests(fields)}))
}
