//! The report as one page: no script, no external resource. What others wrote is escaped by `maud`, and
//! letters that are not seen are made visible before.

mod actions;
mod attention;
mod delivery;
mod history;
mod places;
mod rollback;
mod signs;
mod timeline;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::signs::{Sign, outcome};
use super::model::{Report, Severity};
use super::shown::{self, foreign};
use super::{Lane, RunEnd, RunView};
use crate::Timestamp;
use crate::deployment::Status;

/// How it looks.
const STYLE: &str = include_str!("style.css");

/// What the page may load: its own style and its own empty picture.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

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
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    link rel="icon" href="data:,";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (signs::drawings())
                    a.skip href="#main" { "Skip to the environments" }
                    (self.header(&title))
                    main id="main" {
                        @if let Some(run) = &self.run { (run_section(run)) }
                        (places::environments(self))
                        (places::underway(self))
                        (attention::section(self))
                        (timeline::section(self))
                        (delivery::section(self))
                        (history::section(self))
                        (rollback::section(self))
                        (actions::section(self))
                    }
                    footer { p { "Read from the ledger " code { (foreign(&self.ledger)) } ". Nothing was written." } }
                }
            }
        };
        page.into_string()
    }

    fn header(&self, title: &str) -> Markup {
        let serious = self.attention.iter().map(|it| it.severity).min();
        let sign = match serious {
            Some(Severity::Broken) => Sign::Failed,
            Some(Severity::Warning) => Sign::Warning,
            Some(Severity::Note) | None => Sign::Succeeded,
        };
        html! {
            header {
                h1 { (title) }
                p.meta {
                    @if let Some(url) = &self.repository { a href=(url) { (url.trim_start_matches("https://")) } " · " }
                    (time(self.since)) " to " (time(self.generated_at)) " UTC"
                    @if let Some(commit) = self.commit_sha { " · commit " code { (shown::short(commit)) } }
                }
                p.state.(sign.name()) { (sign.inline()) span { (foreign(&self.summary)) "." } }
                nav aria-label="Parts of this page" { ul {
                    @for (id, name) in self.parts() { li { a href={ "#" (id) } { (name) } } }
                } }
            }
        }
    }

    /// What there is to read, in order.
    fn parts(&self) -> Vec<(&'static str, &'static str)> {
        let parts = [
            ("run", "Run", self.run.is_some()),
            ("environments", "Environments", true),
            ("now", "Now", !self.underway.is_empty()),
            ("attention", "Needs attention", true),
            ("timeline", "Timeline", true),
            ("delivery", "Delivery", true),
            ("history", "History", true),
            ("rollback", "Rollback", !self.rollbacks.is_empty()),
            ("actions", "Actions", !self.action_links.is_empty()),
        ];
        parts.into_iter().filter(|it| it.2).map(|(id, name, _)| (id, name)).collect()
    }
}

fn run_section(it: &RunView) -> Markup {
    let status = match it.status {
        RunEnd::Success => Status::Succeeded,
        RunEnd::Failure => Status::Failed,
        RunEnd::Cancelled => Status::Cancelled,
    };
    html! {
        section aria-labelledby="run" {
            h2 id="run" { "Run" }
            article.card {
                h3 { (foreign(&it.workflow_name.to_string())) }
                p { (outcome(status)) " " @if let Some(url) = &it.run_url { a href=(url) { code { (it.run_id) } } }
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

/// The same where a heading says that it is UTC: there are hundreds of them.
fn minute(at: Timestamp) -> Markup {
    html! { time { (shown::time(at)) } }
}
