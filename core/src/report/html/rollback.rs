//! What each service can go back to, and why not to others.

use maud::{Markup, html};

use super::super::WayBack;
use super::super::model::Report;
use super::super::shown::{count, foreign};
use super::{lane, more, scrolled};

/// More versions are counted but not named.
const VERSIONS: usize = 10;

pub(super) fn section(report: &Report) -> Markup {
    html! {
        @if !report.rollbacks.is_empty() {
            section aria-labelledby="rollback" {
                h2 id="rollback" { "Rollback" }
                (scrolled("Rollback", &html! { table {
                    thead { tr {
                        th scope="col" { "Where" } th scope="col" { "Back to" }
                        th scope="col" { "Also possible" } th scope="col" { "Why not others" }
                    } }
                    tbody { @for it in &report.rollbacks { (row(it)) } }
                } }))
            }
        }
    }
}

fn row(it: &WayBack) -> Markup {
    let others = it.candidates.iter().filter(|version| Some(*version) != it.target.as_ref());
    html! { tr {
        th.name scope="row" { (lane(&it.lane)) }
        td { @match (&it.target, &it.reason) {
            (Some(target), _) => strong.number { (target.semver()) },
            (None, Some(reason)) => { "No way back: " (foreign(reason)) "." },
            (None, None) => "No way back.",
        } }
        td { @for (place, version) in others.take(VERSIONS).enumerate() {
            @if place > 0 { ", " } span.number { (version.semver()) }
        } }
        td.rejected { @if it.rejected.is_empty() { "–" } @else {
            details {
                summary { (count(it.rejected.len(), "version")) }
                dl { @for no in it.rejected.iter().take(VERSIONS) {
                    dt { (no.version.semver()) } dd { (foreign(&no.reason)) }
                } }
                (more(it.rejected.len(), VERSIONS, "version"))
            }
        } }
    } }
}
