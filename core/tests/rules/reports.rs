//! Cases of reports, made as the provider makes them.

use pipeline_core::action_link::{GithubRepository, Workflow};
use pipeline_core::report::{ReportFacts, ReportQuestion, check_links, check_run};
use pipeline_core::run::RunRecord;

use super::{Case, Found, case};

pub(crate) const CASES: &[Case] = &[
    case("RPT002", || linked(&[Workflow::Rollback]), || linked(&[])),
    case("RPT004", || of_run(Some("failed")), || of_run(Some("running"))),
    case("RPT004", || of_run(Some("cancelled")), || of_run(None)),
];

/// A report of a run that is on record with this status, or not at all.
fn of_run(status: Option<&str>) -> Found {
    let run = |status: &str| -> RunRecord {
        serde_json::from_value(serde_json::json!({
            "name": "build", "run_id": "run-20251020-143045-k8m3q2", "trigger": "push", "branch": "main",
            "commit_sha": "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e", "status": status,
            "registered_at": "2025-10-20T14:35:00Z", "registered_by": "ada",
        }))
        .unwrap()
    };
    let key = "build/run-20251020-143045-k8m3q2".parse().unwrap();
    check_run(&key, status.map(run).as_ref()).into_iter().collect()
}

/// What a report says of its links where the repository is named and has these workflows.
fn linked(workflows: &[Workflow]) -> Found {
    let github = "example/shop".parse::<GithubRepository>().ok();
    let workflows = workflows.iter().copied().collect();
    let facts = ReportFacts { github: github.clone(), workflows, ..ReportFacts::default() };
    let report = facts.report(&ReportQuestion::default()).unwrap();
    check_links(&report.action_links, github.as_ref()).into_iter().collect()
}
