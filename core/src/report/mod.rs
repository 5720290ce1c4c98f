//! A report of what runs where: for a phone at night, for a wall, for an auditor.
//!
//! - [`ReportFacts`]: what somebody gathered from the ledger, the tags and the history ([`mod@survey`])
//! - [`Report`]: what follows from them; serde prints it as JSON
//! - [`Report::markdown`]: for the summary of a CI job
//! - [`Report::html`]: one page that needs nothing else
//!
//! A report changes only when something happened: its time is that of the newest record, unless whoever
//! asks names another. It leaves out what nobody records: freezes, order and soak.

mod actions;
mod attention;
mod build;
mod facts;
mod history;
mod html;
mod lane;
mod markdown;
mod metrics;
mod model;
mod rules;
mod run;
mod shown;
pub mod survey;
#[cfg(test)]
mod tests;
mod timeline;

pub use facts::{Change, EnvironmentFacts, PlaceFacts, ReportFacts, WayBack};
pub use history::HistoryEntry;
pub use lane::Lane;
pub use metrics::{Figure, LaneMetrics, new_since};
pub use model::{
    Attention, Card, EnvironmentView, Link, Promotion, Report, ReportQuestion, Severity, Underway,
};
pub use rules::check_links;
pub use run::{GithubRun, RunEnd, RunView, check_github_run, check_run};
pub use timeline::{Bar, Mark, TimelineLane};
