//! The history as a table: the newest open, more folded, the rest counted.

use maud::{Markup, html};

use super::super::history::HistoryEntry;
use super::super::model::Report;
use super::super::shown::{count, duration, foreign};
use super::{lane, minute, more, outcome, scrolled};

/// So many rows are open.
const OPEN: usize = 50;

/// A page with more rows is not read; the JSON has all.
const MOST: usize = 250;

pub(super) fn section(report: &Report) -> Markup {
    let shown = report.history.get(..report.history.len().min(MOST)).unwrap_or_default();
    let (open, folded) = shown.split_at(shown.len().min(OPEN));
    html! {
        section aria-labelledby="history" {
            h2 id="history" { "History" }
            @if open.is_empty() { p.lead { "No deployment in this period." } }
            @else {
                (table("History", open))
                @if !folded.is_empty() {
                    details {
                        summary { (count(folded.len(), "older deployment")) }
                        (table("Older deployments", folded))
                    }
                }
                (more(report.history.len(), MOST, "deployment"))
            }
        }
    }
}

fn table(name: &str, entries: &[HistoryEntry]) -> Markup {
    scrolled(
        name,
        &html! { table.history {
            thead { tr {
                th scope="col" { "Started (UTC)" } th scope="col" { "Where" } th scope="col" { "Version" }
                th scope="col" { "Outcome" } th scope="col" { "Took" } th scope="col" { "Ran for" }
                th scope="col" { "By" } th scope="col" { "Approved by" } th scope="col" { "Reason" }
            } }
            tbody { @for it in entries { (row(it)) } }
        } },
    )
}

fn row(it: &HistoryEntry) -> Markup {
    let took = it.took_seconds.and_then(|it| i64::try_from(it).ok());
    html! { tr {
        td { (minute(it.started_at.unwrap_or(it.requested_at))) }
        td { (lane(&it.lane)) }
        th scope="row" { (it.version.semver()) }
        td { (outcome(it.status))
            @if let Some(version) = &it.rolled_back_to { p.small { "back to " (version.semver()) } }
        }
        td { @if let Some(took) = took { (duration(took)) } @else { "–" } }
        td { @if let Some(ran) = it.ran_seconds { (duration(ran)) } @else { "–" } }
        td { (foreign(it.triggered_by.as_str())) }
        td {
            @for (by, at) in it.approvers() {
                div { (foreign(by.as_str())) @if let Some(at) = at { p.small { (minute(at)) } } }
            }
            @if it.approvers().is_empty() { "–" }
        }
        td {
            @if let Some(reason) = &it.reason { p { (foreign(reason)) } }
            @if let Some(fixed) = &it.fixes { p.small { "Fixes " code { (fixed) } } }
            @if let Some(tests) = &it.tests { p.small { "Tests: " (tests) } }
            @if let Some(error) = &it.error_message { p.small { (foreign(error)) } }
            @if !it.overrides.is_empty() { p.small { "Override of " (foreign(&it.overrides.join(", "))) } }
        }
    } }
}
