//! The five figures as tiles, and deployments for each week as a small drawing.

use maud::{Markup, html};

use super::super::metrics::{Figure, LaneMetrics};
use super::super::model::Report;
use super::{lane, time};

/// The figures of so many sub-projects stand open.
const OPEN: usize = 1;

pub(super) fn section(report: &Report) -> Markup {
    let (open, folded) = report.metrics.split_at(report.metrics.len().min(OPEN));
    html! {
        section aria-labelledby="delivery" {
            h2 id="delivery" { "Delivery" }
            @if report.metrics.is_empty() { p.lead { "No deployment is on record." } }
            @for it in open { (figures(it)) }
            @for it in folded { details { summary { (lane(&it.lane)) } (figures(it)) } }
        }
    }
}

fn figures(it: &LaneMetrics) -> Markup {
    html! {
        h3 { (lane(&it.lane)) }
        p.meta { (time(it.since)) " to " (time(it.until)) " UTC, never summed over services" }
        div.grid.tiles { @for figure in &it.figures { (tile(figure, &it.per_week)) } }
    }
}

fn tile(it: &Figure, per_week: &[u32]) -> Markup {
    let is_drawn = it.key == "deployment_frequency" && it.value.is_some();
    html! {
        div.card.tile {
            h4 { (it.name) }
            p.figure.none[it.value.is_none()] { (it.shown) }
            @if is_drawn { (weeks(per_week)) }
            p.meta { "n = " (it.n) " " (it.of) }
            p.small { (it.definition) }
        }
    }
}

/// A bar for each week.
fn weeks(per_week: &[u32]) -> Markup {
    let most = per_week.iter().copied().max().unwrap_or(0).max(1);
    let told: Vec<String> = per_week.iter().map(u32::to_string).collect();
    let words = format!("Deployments in each week: {}", told.join(", "));
    html! {
        @if per_week.len() > 1 {
            svg.weeks viewBox={ "0 0 " (per_week.len() * 10) " 32" } preserveAspectRatio="none" role="img" aria-label=(words) {
                title { (words) }
                @for (week, count) in per_week.iter().enumerate() {
                    @let height = 1 + count * 31 / most;
                    rect x=(week * 10 + 1) y=(32 - height) width="8" height=(height) {}
                }
            }
        }
    }
}
