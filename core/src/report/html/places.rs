//! What runs where, what would be promoted, and what is under way.

use maud::{Markup, html};

use super::super::model::{Card, EnvironmentView, Promotion, Report, Underway};
use super::super::shown::{count, duration, foreign, short};
use super::{chip, lane, scrolled, time};

/// More commits of a promotion are counted but not named.
const COMMITS: usize = 12;

pub(super) fn environments(report: &Report) -> Markup {
    html! {
        section aria-labelledby="environments" {
            h2 id="environments" { "Environments" }
            @if report.environments.is_empty() {
                p.lead { "No environment is registered yet." }
            }
            ol.environments {
                @for it in &report.environments { (environment(it, report)) }
            }
        }
    }
}

fn environment(it: &EnvironmentView, report: &Report) -> Markup {
    let coming = report.promotions.iter().filter(|next| next.to.environment == it.name);
    html! {
        li.environment {
            @for next in coming { (promotion(next)) }
            article.card.production[it.is_production] {
                h3 { (foreign(it.name.as_str()))
                    @if it.is_production { " " span.label { "production" } }
                }
                @if it.cards.is_empty() { p { "Nothing was deployed yet." } }
                @for place in &it.cards { (card(place)) }
            }
        }
    }
}

fn card(it: &Card) -> Markup {
    let region = it.lane.region.as_ref().map(|region| foreign(region.as_str()));
    let project = it.lane.sub_project_path.to_string();
    html! {
        div.place {
            @if !project.is_empty() || region.is_some() {
                p.where { (foreign(&project)) @if let Some(region) = &region { " · " (region) } }
            }
            p.version {
                @match (&it.version, it.commit_sha) {
                    (Some(version), _) => (version.semver()),
                    (None, Some(commit)) => { (short(commit)) }
                    (None, None) => "–",
                }
            }
            p.chips {
                @if let Some(status) = it.last { (chip(status.as_str())) }
                @if it.moved_by_hand { " " span.chip.rolled_back { "! Moved by hand" } }
            }
            p.meta {
                @if let Some(commit) = it.commit_sha {
                    @match &it.commit_url {
                        Some(url) => { a href=(url) { code { (short(commit)) } } }
                        None => code { (short(commit)) },
                    }
                }
                @if let Some(by) = &it.by { " by " (foreign(by.as_str())) }
            }
            p.meta {
                @if let Some(since) = it.since {
                    "since " (time(since))
                    @if let Some(seconds) = it.for_seconds { " · " (duration(seconds)) }
                } @else if it.commit_sha.is_some() { "since when is not recorded" }
                @else { "runs nothing" }
            }
            @if it.public_url.is_some() || it.run_url.is_some() {
                p.meta {
                    @if let Some(url) = &it.public_url { a href=(url) rel="noreferrer" { "Open" } " " }
                    @if let Some(url) = &it.run_url { a href=(url) { "Workflow run" } }
                }
            }
        }
    }
}

fn promotion(it: &Promotion) -> Markup {
    let project = it.from.sub_project_path.to_string();
    html! {
        div.promotion {
            p {
                span.arrow aria-hidden="true" { "↓ " }
                @if !project.is_empty() { (foreign(&project)) ": " }
                @match &it.commits {
                    Some(commits) => { strong { (count(commits.len(), "commit")) } " ahead in " }
                    None => { "other commits (how many is not known: shallow clone) in " }
                }
                (foreign(it.from.environment.as_str()))
                @if let Some(url) = &it.compare_url { " · " a href=(url) { "Compare" } }
            }
            @if let Some(commits) = &it.commits {
                details {
                    summary { "Commits" }
                    ul.commits { @for commit in commits.iter().take(COMMITS) {
                        li { code { (short(commit.commit_sha)) } " " (foreign(&commit.summary)) }
                    } }
                    (super::more(commits.len(), COMMITS, "commit"))
                }
            }
        }
    }
}

/// Absent where nothing is under way.
pub(super) fn underway(report: &Report) -> Markup {
    html! {
        @if !report.underway.is_empty() {
            section aria-labelledby="now" {
                h2 id="now" { "Now" }
                (scrolled("Now", &html! { table {
                    thead { tr {
                        th scope="col" { "State" } th scope="col" { "Where" } th scope="col" { "Version" }
                        th scope="col" { "By" } th scope="col" { "Since (UTC)" } th scope="col" { "Waits on" }
                    } }
                    tbody { @for it in &report.underway { (row(it)) } }
                } }))
            }
        }
    }
}

fn row(it: &Underway) -> Markup {
    let wait = it.estimated_wait_seconds.and_then(|it| i64::try_from(it).ok());
    html! { tr {
        td { @match it.position {
            None => (chip("in_progress")),
            Some(place) => { (chip("queued")) " place " (place) }
        } }
        th scope="row" { (lane(&it.lane)) }
        td { @if let Some(version) = &it.version { (version) } @else { "–" } }
        td { (foreign(it.by.as_str())) }
        td { (time(it.since)) }
        td { (foreign(&it.waits_on)) @if let Some(wait) = wait { ", about " (duration(wait)) } }
    } }
}
