//! The timeline: one lane for each place, time to the right. Each outcome has a shape of its own and a text.

use maud::{Markup, html};

use super::super::model::Report;
use super::super::shown::{self, duration};
use super::super::timeline::{Bar, Mark, TimelineLane};
use super::{chip, lane, more, scrolled, time};
use crate::Timestamp;

/// The drawing is so wide and a lane so high, in its own units.
const WIDTH: i64 = 960;
const LEFT: i64 = 8;
const LANE: i64 = 64;
const TOP: i64 = 24;

/// More bars and marks of a lane are not drawn; the newest are.
const MOST: usize = 150;

/// More lanes are not drawn.
const MOST_LANES: usize = 60;

/// More rows of the table beside it are not shown.
const ROWS: usize = 75;

/// A version is written into its bar where there is room for it.
const LETTER: i64 = 9;

/// Ticks on the axis.
const TICKS: i64 = 6;

pub(super) fn section(report: &Report) -> Markup {
    let lanes = report.timeline.get(..report.timeline.len().min(MOST_LANES)).unwrap_or_default();
    let scale = Scale { since: report.since, until: report.generated_at };
    html! {
        section aria-labelledby="timeline" {
            h2 id="timeline" { "Timeline" }
            @if lanes.is_empty() { p.lead { "Nothing happened in this period." } }
            @else {
                p.legend aria-hidden="true" {
                    span { i.swatch.current {} "in service" } span { i.swatch.past {} "earlier" }
                    span { i.sign.failed { "✕" } "failed" } span { i.sign.rolled_back { "↩" } "rolled back" }
                    span { i.sign.cancelled { "⊘" } "cancelled" } span { i.sign.approved { "✓" } "approved" }
                }
                (scrolled("Timeline", &drawing(lanes, scale)))
                (more(report.timeline.len(), MOST_LANES, "lane"))
                details { summary { "The same as a table" } (table(lanes)) }
            }
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
        LEFT + part.saturating_mul(WIDTH - 2 * LEFT) / whole
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
            (self.x(at), label)
        };
        (0..TICKS).map(one).collect()
    }
}

fn drawing(lanes: &[TimelineLane], scale: Scale) -> Markup {
    let count = i64::try_from(lanes.len()).unwrap_or(i64::MAX);
    let height = TOP + count.saturating_mul(LANE) + 8;
    html! {
        svg.timeline viewBox={ "0 0 " (WIDTH) " " (height) } role="group" aria-label="Timeline; the table below says the same" {
            @for (x, label) in scale.ticks() {
                line.tick x1=(x) y1=(TOP - 6) x2=(x) y2=(height) {}
                text.axis x=(x + 3) y="12" { (label) }
            }
            @for (index, it) in (0_i64..).zip(lanes) { (one_lane(it, TOP + index * LANE, scale)) }
        }
    }
}

fn one_lane(it: &TimelineLane, y: i64, scale: Scale) -> Markup {
    html! {
        g {
            text.lane x=(LEFT) y=(y + 15) { (lane(&it.lane)) }
            @for one in newest(&it.bars) { (bar(one, y + 24, scale)) }
            @for one in newest(&it.marks) { (mark(one, y + 36, scale)) }
        }
    }
}

fn newest<T>(all: &[T]) -> &[T] {
    all.get(all.len().saturating_sub(MOST)..).unwrap_or_default()
}

fn bar(it: &Bar, y: i64, scale: Scale) -> Markup {
    let (from, to) = (scale.x(it.from), scale.x(it.to));
    let width = (to - from).max(2);
    let version = it.version.semver();
    let letters = i64::try_from(version.chars().count()).unwrap_or(i64::MAX);
    let class = if it.is_current { "current" } else { "past" };
    let words = format!(
        "{} from {} to {} UTC, {}",
        it.version,
        shown::time(it.from),
        shown::time(it.to),
        duration(it.to.seconds_since(it.from))
    );
    html! {
        g.bar.(class) {
            title { (words) }
            rect x=(from) y=(y) width=(width) height="24" rx="3" {}
            @if width > letters.saturating_mul(LETTER) + 12 { text x=(from + 6) y=(y + 17) { (version) } }
        }
    }
}

/// Approvals stand above the bar, all else on it.
fn mark(it: &Mark, y: i64, scale: Scale) -> Markup {
    let x = scale.x(it.at);
    let (y, sign) = match it.kind {
        "failed" => (y, "✕"),
        "rolled_back" => (y, "↩"),
        "cancelled" => (y, "⊘"),
        _ => (y + 19, "✓"),
    };
    let words = format!("{} {}, {} UTC", it.version, word(it.kind), shown::time(it.at));
    html! {
        g.mark.(it.kind) {
            title { (words) }
            circle cx=(x) cy=(y) r="9" {}
            text x=(x) y=(y + 4) text-anchor="middle" { (sign) }
        }
    }
}

const fn word(kind: &str) -> &'static str {
    match kind.as_bytes() {
        b"failed" => "failed",
        b"rolled_back" => "was rolled back",
        b"cancelled" => "was cancelled",
        _ => "was approved",
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
                    td { (lane(place)) } th scope="row" { (bar.version.semver()) }
                    td { @if bar.is_current { "in service" } @else { "was in service" } }
                    td { (time(bar.from)) } td { (time(bar.to)) }
                } }
                @for (place, mark) in marks.take(ROWS) { tr {
                    td { (lane(place)) } th scope="row" { (mark.version.semver()) }
                    td { @if mark.kind == "approved" { "was approved" } @else { (chip(mark.kind)) } }
                    td { (time(mark.at)) } td { "–" }
                } }
            }
        } }))
        (more(all, all.min(2 * ROWS), "event"))
    }
}
