//! The five figures: tiles for a few services, a table for many; and deployments for each week as a small drawing.

use maud::{Markup, html};

use super::super::metrics::{Figure, LaneMetrics};
use super::super::model::Report;
use super::super::shown::{count, foreign};
use super::{lane, scrolled, time};

/// The figures of so many services stand as tiles.
const TILES: usize = 2;

pub(super) fn section(report: &Report) -> Markup {
    html! {
        section aria-labelledby="delivery" {
            h2 id="delivery" { "Delivery" }
            @if report.metrics.is_empty() { p.lead { "No deployment is on record." } }
            @else {
                p.meta { (time(report.since)) " to " (time(report.generated_at)) " UTC, never summed over services" }
                @if report.metrics.len() <= TILES { @for it in &report.metrics { (tiles(it)) } }
                @else { (tables(&report.metrics)) }
            }
        }
    }
}

fn tiles(it: &LaneMetrics) -> Markup {
    html! {
        h3 { (lane(&it.lane)) }
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

/// One table for each environment: the first, which is production where there is one, stands open.
fn tables(metrics: &[LaneMetrics]) -> Markup {
    let mut environments = metrics.chunk_by(|a, b| a.lane.environment == b.lane.environment);
    let name = |some: &[LaneMetrics]| {
        some.first().map_or_else(String::new, |it| foreign(it.lane.environment.as_str()))
    };
    let figures = metrics.first().map(|it| it.figures.as_slice()).unwrap_or_default();
    html! {
        @if let Some(first) = environments.next() { h3 { (name(first)) } (table(&name(first), first)) }
        @for some in environments {
            details { summary { (name(some)) ": " (count(some.len(), "service")) } (table(&name(some), some)) }
        }
        details {
            summary { "What the figures mean" }
            dl { @for it in figures { dt { (it.name) } dd { (it.definition) " n counts " (it.of) "." } } }
        }
    }
}

fn table(name: &str, some: &[LaneMetrics]) -> Markup {
    let names = some.first().map(|it| it.figures.as_slice()).unwrap_or_default();
    scrolled(
        &format!("Figures of {name}"),
        &html! { table.figures {
            thead { tr {
                th scope="col" { "Service" }
                @for it in names { th scope="col" { (it.name) } }
            } }
            tbody { @for it in some { tr {
                @let project = it.lane.sub_project_path.to_string();
                th.name scope="row" { @if project.is_empty() { "root project" } @else { (foreign(&project)) } }
                @for figure in &it.figures { td {
                    span.none[figure.value.is_none()] { (figure.shown) }
                    @if figure.value.is_some() { span.small { "n = " (figure.n) } }
                    @if figure.key == "deployment_frequency" && figure.value.is_some() { (weeks(&it.per_week)) }
                } }
            } } }
        } },
    )
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
