//! The timeline: one lane for each place, time to the right. Each outcome has a shape of its own and a text.
//!
//! Places along the time are shares of the width, so that a drawing is as wide as the screen and its letters as large
//! as all others.

use maud::{Markup, html};

use super::super::model::Report;
use super::super::shown::{self, count, duration};
use super::super::timeline::{Bar, Mark, TimelineLane};
use super::signs::Sign;
use super::{lane, minute, more, outcome, scrolled};
use crate::Timestamp;
use crate::deployment::Status;

/// More bars and marks of a lane are not drawn; the newest are.
const MOST: usize = 150;

/// More lanes are not drawn.
const MOST_LANES: usize = 60;

/// More rows of the table beside it are not shown.
const ROWS: usize = 75;

/// Shares are whole numbers of these parts.
const PARTS: i64 = 10_000;

/// A bar of that share has room for its version, on a desktop and on a phone.
const WIDE: i64 = 650;
const WIDER: i64 = 1_800;

/// A bar is never narrower than that share.
const NARROWEST: i64 = 30;

/// Ticks on the axis: the style draws as many lines.
const TICKS: i64 = 6;

pub(super) fn section(report: &Report) -> Markup {
    let lanes = report.timeline.get(..report.timeline.len().min(MOST_LANES)).unwrap_or_default();
    let scale = Scale { since: report.since, until: report.generated_at };
    html! {
        section aria-labelledby="timeline" {
            h2 id="timeline" { "Timeline" }
            @if lanes.is_empty() { p.lead { "Nothing happened in this period." } }
            @else {
                (legend())
                div.timeline {
                    (axis(scale))
                    @for some in lanes.chunk_by(|one, next| one.lane.environment == next.lane.environment) {
                        (environment(some, scale))
                    }
                }
                (more(report.timeline.len(), MOST_LANES, "lane"))
                details.screen { summary { "The same as a table" } (table(lanes)) }
            }
        }
    }
}

fn legend() -> Markup {
    let signs = [
        (Sign::Failed, "failed"),
        (Sign::RolledBack, "rolled back"),
        (Sign::Cancelled, "cancelled"),
        (Sign::Approved, "approved"),
    ];
    html! {
        p.legend aria-hidden="true" {
            span { i.swatch.current {} "in service" } span { i.swatch {} "earlier" }
            @for (sign, word) in signs { span.(sign.name()) { (sign.inline()) (word) } }
        }
    }
}

/// From time to the right.
#[derive(Clone, Copy)]
struct Scale {
    since: Timestamp,
    until: Timestamp,
}

impl Scale {
    fn x(self, at: Timestamp) -> i64 {
        let whole = self.until.seconds_since(self.since).max(1);
        let part = at.seconds_since(self.since).clamp(0, whole);
        // At most a few centuries of seconds: nowhere near the end of the numbers.
        part.saturating_mul(PARTS) / whole
    }

    fn ticks(self) -> Vec<(i64, String)> {
        let whole = self.until.seconds_since(self.since).max(1);
        let one = |tick: i64| {
            let at = self.since.plus_seconds(whole / TICKS * tick);
            let label = if whole > 2 * 86_400 {
                shown::day(at)
            } else {
                shown::time(at).chars().skip(11).collect()
            };
            (PARTS * tick / TICKS, label)
        };
        (0..TICKS).map(one).collect()
    }
}

/// A share as a style says it.
fn percent(part: i64) -> String {
    format!("{}.{:02}%", part / 100, part % 100)
}

fn axis(scale: Scale) -> Markup {
    html! {
        div.lane.axis aria-hidden="true" {
            span {}
            svg height="16" {
                @for (x, label) in scale.ticks() { text x=(percent(x)) y="12" { (label) } }
            }
        }
    }
}

/// The lanes of one environment, below its name where there are several.
fn environment(lanes: &[TimelineLane], scale: Scale) -> Markup {
    let name = lanes.first().map(|it| shown::foreign(it.lane.environment.as_str()));
    html! {
        @if lanes.len() > 1 { h3 { (name.unwrap_or_default()) } }
        @for it in lanes { (one_lane(it, lanes.len() > 1, scale)) }
    }
}

fn one_lane(it: &TimelineLane, is_grouped: bool, scale: Scale) -> Markup {
    let whole = lane(&it.lane);
    let environment = shown::foreign(it.lane.environment.as_str());
    let inside = whole.strip_prefix(&environment).map(|it| it.trim_start_matches(" · "));
    let label = match inside {
        Some("") if is_grouped => "root project",
        Some(inside) if is_grouped => inside,
        _ => &whole,
    };
    let failures = it.marks.iter().filter(|it| it.kind == "failed").count();
    let words = format!(
        "{whole}: {} in service, {}. The table below says the same.",
        count(it.bars.len(), "version"),
        count(failures, "failure")
    );
    let approvals =
        |is: bool| newest(&it.marks).iter().filter(move |it| is == (it.kind == "approved"));
    html! {
        div.lane {
            span.name title=(whole) { (label) }
            svg height="32" role="img" aria-label=(words) {
                @for one in newest(&it.bars) { (bar(one, &it.marks, scale)) }
                @for one in approvals(true) { (mark(one, scale)) }
                @for one in approvals(false) { (mark(one, scale)) }
            }
        }
    }
}

fn newest<T>(all: &[T]) -> &[T] {
    all.get(all.len().saturating_sub(MOST)..).unwrap_or_default()
}

/// A drawing of its own, which cuts what has no room in it. No sign stands on the version.
fn bar(it: &Bar, marks: &[Mark], scale: Scale) -> Markup {
    let (from, to) = (scale.x(it.from), scale.x(it.to));
    let width = (to - from).max(NARROWEST);
    let from = from.min(PARTS - width);
    let is_covered = marks
        .iter()
        .filter(|it| it.kind != "approved")
        .any(|it| (from..from + WIDE).contains(&scale.x(it.at)));
    let words = format!(
        "{} from {} to {} UTC, {}",
        it.version,
        shown::time(it.from),
        shown::time(it.to),
        duration(it.to.seconds_since(it.from))
    );
    html! {
        svg.bar.current[it.is_current] x=(percent(from)) y="10" width=(percent(width)) height="18" {
            title { (words) }
            rect width="100%" height="18" rx="3" {}
            @if width >= WIDE && !is_covered { text.wide[width >= WIDER] x="6" y="13" { (it.version.semver()) } }
        }
    }
}

/// Approvals stand above the bar, all else on it.
fn mark(it: &Mark, scale: Scale) -> Markup {
    let (y, sign, word) = match it.kind {
        "failed" => (19, Sign::Failed, "failed"),
        "rolled_back" => (19, Sign::RolledBack, "was rolled back"),
        "cancelled" => (19, Sign::Cancelled, "was cancelled"),
        _ => (5, Sign::Approved, "was approved"),
    };
    let words = format!("{} {word}, {} UTC", it.version, shown::time(it.at));
    html! {
        g.mark.(sign.name()) { title { (words) } (sign.placed(&percent(scale.x(it.at)), y)) }
    }
}

fn table(lanes: &[TimelineLane]) -> Markup {
    let bars = lanes.iter().flat_map(|it| it.bars.iter().rev().map(move |bar| (&it.lane, bar)));
    let marks = lanes.iter().flat_map(|it| it.marks.iter().rev().map(move |mark| (&it.lane, mark)));
    let all: usize = lanes.iter().map(|it| it.bars.len() + it.marks.len()).sum();
    html! {
        (scrolled("Timeline as a table", &html! { table {
            thead { tr {
                th scope="col" { "Where" } th scope="col" { "Version" } th scope="col" { "What" }
                th scope="col" { "From (UTC)" } th scope="col" { "To (UTC)" }
            } }
            tbody {
                @for (place, bar) in bars.take(ROWS) { tr {
                    td.name { (lane(place)) } th scope="row" { (bar.version.semver()) }
                    td { @if bar.is_current { "in service" } @else { "was in service" } }
                    td { (minute(bar.from)) } td { (minute(bar.to)) }
                } }
                @for (place, mark) in marks.take(ROWS) { tr {
                    td.name { (lane(place)) } th scope="row" { (mark.version.semver()) }
                    td { (what(mark)) }
                    td { (minute(mark.at)) } td { "–" }
                } }
            }
        } }))
        (more(all, all.min(2 * ROWS), "event"))
    }
}

fn what(mark: &Mark) -> Markup {
    match mark.kind {
        "failed" => outcome(Status::Failed),
        "rolled_back" => outcome(Status::RolledBack),
        "cancelled" => outcome(Status::Cancelled),
        _ => html! { "was approved" },
    }
}
