//! What runs where: a table where several services go through a few environments, else a card for each environment.
//! And what is under way.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::super::Lane;
use super::super::model::{Card, EnvironmentView, Promotion, Report, Underway};
use super::super::shown::{count, duration, foreign, short};
use super::signs::{Sign, chip, outcome};
use super::{lane, more, time};

/// More commits of a promotion are counted but not named.
const COMMITS: usize = 12;

/// More environments do not stand beside one another.
const BESIDE: usize = 5;

/// What is told of those that are under way.
const NOW: [&str; 6] = ["Where", "State", "Version", "By", "Since (UTC)", "Waits on"];

/// What would come to a place with the next promotion.
type Coming<'a> = BTreeMap<&'a Lane, Vec<&'a Promotion>>;

pub(super) fn environments(report: &Report) -> Markup {
    let mut coming = Coming::new();
    for promotion in &report.promotions {
        coming.entry(&promotion.to).or_default().push(promotion);
    }
    let several = report.environments.iter().any(|it| it.cards.len() > 1);
    html! {
        section aria-labelledby="environments" {
            h2 id="environments" { "Environments" }
            @if report.environments.is_empty() {
                p.lead { "No environment is registered yet." }
            } @else if several && report.environments.len() <= BESIDE {
                (matrix(&report.environments, &coming))
            } @else {
                ol.environments { @for it in &report.environments { (environment(it, &coming)) } }
            }
        }
    }
}

fn environment(it: &EnvironmentView, coming: &Coming<'_>) -> Markup {
    html! {
        li.card.production[it.is_production] {
            h3 { (title(it)) }
            @if it.cards.is_empty() { p.meta { "Nothing was deployed yet." } }
            @for card in &it.cards {
                div.place { p.where { (service(&card.lane)) } (place(card, coming)) }
            }
        }
    }
}

fn title(it: &EnvironmentView) -> Markup {
    html! {
        (foreign(it.name.as_str()))
        @if it.is_production && !it.name.means_production() { " " span.label { "production" } }
    }
}

/// A row for each service, a column for each environment. On a narrow screen each service is a block of its own:
/// a table in which the roles are said, because what is laid out otherwise is a table no more to a browser.
fn matrix(environments: &[EnvironmentView], coming: &Coming<'_>) -> Markup {
    let key = |card: &Card| (card.lane.sub_project_path.clone(), card.lane.region.clone());
    let services: BTreeSet<_> =
        environments.iter().flat_map(|it| it.cards.iter().map(key)).collect();
    let names: Vec<String> = environments.iter().map(|it| foreign(it.name.as_str())).collect();
    html! {
        table.matrix role="table" aria-labelledby="environments" {
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { "Service" }
                @for it in environments {
                    th.production[it.is_production] scope="col" role="columnheader" { (title(it)) }
                }
            } }
            tbody role="rowgroup" {
                @for service in &services { tr role="row" {
                    th scope="row" role="rowheader" { (name(&service.0.to_string(), service.1.as_ref().map(|it| it.as_str()))) }
                    @for (it, name) in environments.iter().zip(&names) {
                        td role="cell" data-in=(name) {
                            @match it.cards.iter().find(|card| key(card) == *service) {
                                Some(card) => (place(card, coming)),
                                None => span.meta { "not deployed" },
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn service(lane: &Lane) -> Markup {
    name(&lane.sub_project_path.to_string(), lane.region.as_ref().map(|it| it.as_str()))
}

/// A service by its path, and a region where one is meant.
fn name(project: &str, region: Option<&str>) -> Markup {
    let project = if project.is_empty() { "root project".to_owned() } else { foreign(project) };
    html! { (project) @if let Some(region) = region { " · " (foreign(region)) } }
}

fn place(it: &Card, coming: &Coming<'_>) -> Markup {
    html! {
        p.runs {
            span.version {
                @match (&it.version, it.commit_sha) {
                    (Some(version), _) => { (version.semver()) }
                    (None, Some(commit)) => { (short(commit)) }
                    (None, None) => "–",
                }
            }
            @if let Some(status) = it.last { " " (outcome(status)) }
            @if it.moved_by_hand { " " (chip(Sign::Warning, "Moved by hand")) }
        }
        (origin(it))
        @for next in coming.get(&it.lane).into_iter().flatten() { (promotion(next)) }
    }
}

/// Since when; which commit, by whom, and where to read more.
fn origin(it: &Card) -> Markup {
    html! {
        p.meta {
            @if let Some(since) = it.since {
                @if let Some(seconds) = it.for_seconds.filter(|it| *it > 0) { strong { (duration(seconds)) } " since " }
                (time(since))
            } @else if it.commit_sha.is_some() { "since when is not recorded" }
            @else { "runs nothing" }
        }
        @if it.commit_sha.is_some() || it.by.is_some() || it.public_url.is_some() {
            p.links {
                @if let Some(commit) = it.commit_sha {
                    @match &it.commit_url {
                        Some(url) => { a href=(url) { code { (short(commit)) } } },
                        None => code { (short(commit)) },
                    }
                }
                @if let Some(by) = &it.by { " " span { "by " (foreign(by.as_str())) } }
                @if let Some(url) = &it.run_url { " " a href=(url) { "Run" } }
                @if let Some(url) = &it.public_url { " " a href=(url) rel="noreferrer" { "Open" } }
            }
        }
    }
}

fn promotion(it: &Promotion) -> Markup {
    let from = foreign(it.from.environment.as_str());
    html! {
        @match &it.commits {
            Some(commits) => details.promotion.screen {
                summary { (count(commits.len(), "commit")) " behind " (from) }
                ul.commits { @for commit in commits.iter().take(COMMITS) {
                    li { code { (short(commit.commit_sha)) } " " (foreign(&commit.summary)) }
                } }
                (more(commits.len(), COMMITS, "commit"))
                (compare(it))
            },
            None => div.promotion {
                p.meta { "other commits run in " (from) "; how many is not known: shallow clone" }
                (compare(it))
            },
        }
    }
}

fn compare(it: &Promotion) -> Markup {
    html! { @if let Some(url) = &it.compare_url { p.links { a href=(url) { "Compare on GitHub" } } } }
}

/// Absent where nothing is under way.
pub(super) fn underway(report: &Report) -> Markup {
    html! {
        @if !report.underway.is_empty() {
            section aria-labelledby="now" {
                h2 id="now" { "Now" }
                table.matrix role="table" aria-labelledby="now" {
                    thead role="rowgroup" { tr role="row" {
                        @for name in NOW { th scope="col" role="columnheader" { (name) } }
                    } }
                    tbody role="rowgroup" { @for it in &report.underway { (row(it)) } }
                }
            }
        }
    }
}

fn row(it: &Underway) -> Markup {
    let wait = it.estimated_wait_seconds.and_then(|it| i64::try_from(it).ok());
    let cells = [
        html! { @match it.position {
            None => (chip(Sign::InProgress, "In progress")),
            Some(place) => (chip(Sign::Queued, &format!("Waits, place {place}"))),
        } },
        html! { span.number { @if let Some(version) = &it.version { (version.semver()) } @else { "–" } } },
        html! { span { (foreign(it.by.as_str())) } },
        html! { (time(it.since)) },
        html! { span { (foreign(&it.waits_on)) @if let Some(wait) = wait { ", about " (duration(wait)) } } },
    ];
    html! { tr role="row" {
        th scope="row" role="rowheader" { (lane(&it.lane)) }
        @for (name, cell) in NOW.iter().skip(1).zip(cells) { td role="cell" data-in=(name) { (cell) } }
    } }
}
