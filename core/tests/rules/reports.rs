//! Cases of reports, made as the provider makes them.

use pipeline_core::action_link::{GithubRepository, Workflow};
use pipeline_core::report::{
    GithubRun, ReportFacts, ReportQuestion, RunEnd, check_github_run, check_links, check_run,
};
use pipeline_core::run::{RunKey, RunRecord};

use super::{Case, Found, case};

pub(crate) const CASES: &[Case] = &[
    case("RPT002", || linked(&[Workflow::Rollback]), || linked(&[])),
    case("RPT001", || of_github_run("18234567890", true), || of_github_run("run-1", true)),
    case("RPT001", || of_github_run("18234567890", true), || of_github_run("18234567890", false)),
    case("RPT003", || made_at("2025-10-20T14:34:55Z"), || made_at("2025-10-20T14:34:56Z")),
    case("RPT003", || made_at("2025-10-20T14:34:45Z"), || made_at("2025-10-20T14:34:44Z")),
    case("RPT004", || of_run(Some("failed")), || of_run(Some("running"))),
    case("RPT004", || of_run(Some("cancelled")), || of_run(None)),
    case("RPT005", || ended("success"), || ended("pending")),
    case("RPT005", || ended("cancelled"), || ended("running")),
];

fn key() -> RunKey {
    "build/run-20251020-143045-k8m3q2".parse().unwrap()
}

/// A run on record with this status.
fn run(status: &str) -> RunRecord {
    serde_json::from_value(serde_json::json!({
        "name": "build", "run_id": "run-20251020-143045-k8m3q2", "trigger": "push", "branch": "main",
        "commit_sha": "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e", "status": status,
        "registered_at": "2025-10-20T14:35:00Z", "registered_by": "ada",
    }))
    .unwrap()
}

/// A report of a run that is on record with this status, or not at all.
fn of_run(status: Option<&str>) -> Found {
    check_run(&key(), status.map(run).as_ref()).into_iter().collect()
}

/// How a run with this status ended, as a report says it.
fn ended(status: &str) -> Found {
    RunEnd::of(run(status).status).err().into_iter().collect()
}

/// A report with this run of GitHub Actions, with or without a run.
fn of_github_run(text: &str, with_run: bool) -> Found {
    let key = with_run.then(key);
    match text.parse::<GithubRun>() {
        Ok(github) => check_github_run(Some(github), key.as_ref()).into_iter().collect(),
        Err(violations) => violations.into_iter().collect(),
    }
}

/// A report, made at this time, of a run that ended at 14:34:45.
fn made_at(at: &str) -> Found {
    let mut value = serde_json::to_value(run("success")).unwrap();
    value["started_at"] = "2025-10-20T14:30:45Z".into();
    value["completed_at"] = "2025-10-20T14:34:45Z".into();
    let run = Some(serde_json::from_value(value).unwrap());
    let question = ReportQuestion { at: at.parse().ok(), ..ReportQuestion::default() };
    let report = ReportFacts { run, ..ReportFacts::default() }.report(&question).unwrap();
    report.check_time(&question).into_iter().collect()
}

/// What a report says of its links where the repository is named and has these workflows.
fn linked(workflows: &[Workflow]) -> Found {
    let github = "example/shop".parse::<GithubRepository>().ok();
    let workflows = workflows.iter().copied().collect();
    let facts = ReportFacts { github: github.clone(), workflows, ..ReportFacts::default() };
    let report = facts.report(&ReportQuestion::default()).unwrap();
    check_links(&report.action_links, github.as_ref()).into_iter().collect()
}
