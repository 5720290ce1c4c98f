//! The report as one page: no script, no external resource. What others wrote is escaped by `maud`, and
//! letters that are not seen are made visible before.

mod delivery;
mod history;
mod places;
mod timeline;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::model::{Attention, Link, Report, Severity};
use super::shown::{self, foreign};
use super::{Lane, RunEnd, RunView, WayBack};
use crate::Timestamp;

/// How it looks.
const STYLE: &str = include_str!("style.css");

/// More rejected versions are counted but not named.
const REJECTED: usize = 10;

impl Report {
    /// The report as one HTML page that needs nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        let title = foreign(&self.title);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    meta http-equiv="Content-Security-Policy"
                        content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                    link rel="icon" href="data:,";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#main" { "Skip to the environments" }
                    (self.header(&title))
                    main id="main" {
                        @if let Some(run) = &self.run { (run_section(run)) }
                        (places::environments(self))
                        (places::underway(self))
                        (timeline::section(self))
                        (self.attention_section())
                        (delivery::section(self))
                        (history::section(self))
                        (self.rollback_section())
                        (self.action_section())
                    }
                    footer { p { "Read from the ledger " code { (foreign(&self.ledger)) } ". Nothing was written." } }
                }
            }
        };
        page.into_string()
    }

    fn header(&self, title: &str) -> Markup {
        let serious = self.attention.iter().map(|it| it.severity).min();
        let state = match serious {
            Some(Severity::Broken) => "broken",
            Some(Severity::Warning) => "warning",
            Some(Severity::Note) | None => "good",
        };
        html! {
            header.top {
                h1 { (title) }
                p.state.(state) { (foreign(&self.summary)) "." }
                p.meta {
                    @if let Some(url) = &self.repository { a href=(url) { (url.trim_start_matches("https://")) } " · " }
                    (time(self.since)) " to " (time(self.generated_at)) " UTC"
                    @if let Some(commit) = self.commit_sha { " · commit " code { (shown::short(commit)) } }
                }
            }
        }
    }

    fn attention_section(&self) -> Markup {
        html! {
            section aria-labelledby="attention" {
                h2 id="attention" { "Needs attention" }
                @if self.attention.is_empty() { p.lead { "Nothing." } }
                @else {
                    ul.attention {
                        @for it in self.attention.iter().take(MOST_ATTENTION) { (attention(it)) }
                    }
                    (more(self.attention.len(), MOST_ATTENTION, "thing"))
                }
            }
        }
    }

    fn rollback_section(&self) -> Markup {
        html! {
            @if !self.rollbacks.is_empty() {
                section aria-labelledby="rollback" {
                    h2 id="rollback" { "Rollback" }
                    div.grid { @for it in &self.rollbacks { (way_back(it)) } }
                }
            }
        }
    }

    fn action_section(&self) -> Markup {
        let mut links: Vec<&Link> = self.action_links.iter().collect();
        links.sort_by_key(|it| it.category);
        html! {
            @if !links.is_empty() {
                section aria-labelledby="actions" {
                    h2 id="actions" { "Actions" }
                    p.lead { "GitHub fills in no inputs from a link: the command carries them." }
                    (scrolled("Actions", &html! { table {
                        thead { tr {
                            th scope="col" { "For" } th scope="col" { "Action" } th scope="col" { "Command" }
                        } }
                        tbody { @for it in links { tr {
                            td { (it.category) }
                            th scope="row" { a href=(it.url) { (foreign(&it.label)) } }
                            td { code.command { (it.command) } }
                        } } }
                    } }))
                }
            }
        }
    }
}

fn run_section(it: &RunView) -> Markup {
    let status = match it.status {
        RunEnd::Success => "succeeded",
        RunEnd::Failure => "failed",
        RunEnd::Cancelled => "cancelled",
    };
    html! {
        section aria-labelledby="run" {
            h2 id="run" { "Run" }
            article.card {
                h3 { (foreign(&it.workflow_name.to_string())) }
                p { (chip(status)) " " @if let Some(url) = &it.run_url { a href=(url) { code { (it.run_id) } } }
                    @else { code { (it.run_id) } } }
                p.meta {
                    "Built " code { (shown::short(it.commit_sha.0)) } " of " (foreign(it.branch.as_str()))
                    @if let Some(at) = it.completed_at { ", over since " (time(at)) " UTC" }
                    @if let Some(took) = it.duration_seconds { ", after " (shown::duration(took)) }
                    @if let Some(late) = it.late_seconds { "; " (shown::after_end(late)) }
                }
                @if !it.deployments.is_empty() {
                    ul { @for id in &it.deployments { li { code { (id) } } } }
                }
            }
        }
    }
}

/// More things that need attention are counted but not told.
const MOST_ATTENTION: usize = 100;

fn attention(it: &Attention) -> Markup {
    let (class, word) = match it.severity {
        Severity::Broken => ("failed", "✕ Broken"),
        Severity::Warning => ("rolled_back", "! Warning"),
        Severity::Note => ("cancelled", "i Note"),
    };
    html! {
        li.(class) {
            p { span.chip.(class) { (word) } " " strong { (foreign(&it.what)) } }
            p { (foreign(&it.why)) ". " (foreign(&it.next)) }
            @if let Some(command) = &it.command { p { code.command { (command) } } }
        }
    }
}

fn way_back(it: &WayBack) -> Markup {
    html! {
        article.card {
            h3 { (lane(&it.lane)) }
            @match (&it.target, &it.reason) {
                (Some(target), _) => { p { "Back to" } p.version { (target) } }
                (None, Some(reason)) => { p { "No way back: " (foreign(reason)) "." } }
                (None, None) => { p { "No way back." } }
            }
            @if it.candidates.len() > 1 {
                p.meta { "Also possible: "
                    @for (place, version) in it.candidates.iter().filter(|version| Some(*version) != it.target.as_ref()).take(REJECTED).enumerate() {
                        @if place > 0 { ", " } (version)
                    }
                }
            }
            @if !it.rejected.is_empty() {
                details {
                    summary { "Why not " (shown::count(it.rejected.len(), "other version")) }
                    dl { @for no in it.rejected.iter().take(REJECTED) {
                        dt { (no.version) } dd { (foreign(&no.reason)) }
                    } }
                    (more(it.rejected.len(), REJECTED, "version"))
                }
            }
        }
    }
}

/// A table scrolls in its box; the page never does. The box can be reached with the keyboard.
fn scrolled(name: &str, table: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="group" aria-label=(name) { (table) } }
}

/// Says what is not shown.
fn more(all: usize, shown: usize, noun: &str) -> Markup {
    html! { @if all > shown {
        p.meta { (shown::count(all - shown, &format!("more {noun}"))) " not shown here: the JSON of the report has all." }
    } }
}

fn lane(lane: &Lane) -> String {
    foreign(&lane.to_string())
}

fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) { (shown::time(at)) } }
}

/// The outcome of a deployment: a sign, a word and a colour.
fn chip(status: &str) -> Markup {
    let (sign, word) = match status {
        "succeeded" => ("✓", "Succeeded"),
        "failed" => ("✕", "Failed"),
        "rolled_back" => ("↩", "Rolled back"),
        "cancelled" => ("⊘", "Cancelled"),
        "in_progress" => ("▶", "In progress"),
        _ => ("…", "Queued"),
    };
    html! { span.chip.(status) { (sign) " " (word) } }
}
