//! Cases of reports, made as the provider makes them.

use pipeline_core::action_link::{GithubRepository, Workflow};
use pipeline_core::report::{ReportFacts, ReportQuestion, check_links};

use super::{Case, Found, case};

pub(crate) const CASES: &[Case] =
    &[case("RPT002", || linked(&[Workflow::Rollback]), || linked(&[]))];

/// What a report says of its links where the repository is named and has these workflows.
fn linked(workflows: &[Workflow]) -> Found {
    let github = "example/shop".parse::<GithubRepository>().ok();
    let workflows = workflows.iter().copied().collect();
    let facts = ReportFacts { github: github.clone(), workflows, ..ReportFacts::default() };
    let report = facts.report(&ReportQuestion::default()).unwrap();
    check_links(&report.action_links, github.as_ref()).into_iter().collect()
}
