//! Cases of what is kept, and for how long.

use pipeline_core::archive::retention::Kept;

use super::samples::time;
use super::{Case, Found, case, found};

pub(crate) const CASES: &[Case] = &[
    case("RET001", || run("success", 90), || run("success", 89)),
    case("RET002", || run("failed", 365), || run("failed", 90)),
    case("RET002", || run("cancelled", 365), || run("cancelled", 364)),
    case("RET004", || goes("deployment_log", 30), || goes("deployment_log", 29)),
    case("RET004", || goes("health_check_response", 7), || goes("health_check_response", 6)),
    case("RET004", || goes("deployment_log", 31), || goes("deployment", 9_999)),
    case("RET004", || goes("deployment_log", 31), || goes("audit", 9_999)),
    case("RET005", || goes("workflow_log", 31), || goes("infrastructure_resource", 9_999)),
    case("RET006", || goes("artifact", 90), || goes("artifact", 89)),
    case("RET006", || goes("workflow_log", 30), || goes("workflow_log", 29)),
];

fn run(status: &str, days: i64) -> Found {
    deleted("run", Some(status), days)
}

fn goes(kind: &str, days: i64) -> Found {
    deleted(kind, None, days)
}

/// A deletion so many days after the end.
fn deleted(kind: &str, status: Option<&str>, days: i64) -> Found {
    let kind: Kept = kind.parse().unwrap();
    found(kind.check_expired(status, time(0), time(days * 86_400)))
}
