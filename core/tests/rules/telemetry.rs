//! Cases of telemetry: what ended is told, and where it goes.

use pipeline_core::TelemetryUrl;
use pipeline_core::run::PipelineRun;
use pipeline_core::telemetry::{check_delivered, of_run};

use super::{Case, Found, case, read};

pub(crate) const CASES: &[Case] = &[
    case("OBS001", || ended(r#", "completed_at": "2025-10-20T14:32:45Z""#), || ended("")),
    case("OBS002", || delivered(Ok(())), || delivered(Err("it answered 401"))),
    case(
        "OWN056",
        || read::<TelemetryUrl>("https://otlp.example.com:4318"),
        || read::<TelemetryUrl>("otlp.example.com"),
    ),
    case(
        "OWN056",
        || read::<TelemetryUrl>("http://localhost:4318/otlp"),
        || read::<TelemetryUrl>("https://robot:s3cret@otlp.example.com"),
    ),
];

/// A run that was cancelled, with these lines about its times.
fn ended(times: &str) -> Found {
    let run = format!(
        r#"{{ "name": "release", "run_id": "run-20251020-143045-k8m3q2", "trigger": "push",
            "branch": "main", "commit_sha": "abababababababababababababababababababab",
            "status": "cancelled", "started_at": "2025-10-20T14:30:45Z"{times} }}"#
    );
    let run: PipelineRun = serde_json::from_str(&run).unwrap();
    of_run(&run).err().into_iter().collect()
}

fn delivered(end: Result<(), &str>) -> Found {
    check_delivered("traces for `https://otlp.example.com`", end.map_err(str::to_owned))
        .into_iter()
        .collect()
}
