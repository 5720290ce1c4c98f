//! What can be started on GitHub, each with its command.

use maud::{Markup, html};

use super::super::model::{Link, Report};
use super::super::shown::{count, foreign};
use super::scrolled;

/// So many links of a category stand open.
const OPEN: usize = 6;

/// Absent where nothing can be started.
pub(super) fn section(report: &Report) -> Markup {
    let mut links: Vec<&Link> = report.action_links.iter().collect();
    links.sort_by_key(|it| it.category);
    html! {
        @if !links.is_empty() {
            section.actions aria-labelledby="actions" {
                h2 id="actions" { "Actions" }
                p.lead { "GitHub fills in no inputs from a link: the command carries them." }
                @for some in links.chunk_by(|one, next| one.category == next.category) { (category(some)) }
            }
        }
    }
}

fn category(links: &[&Link]) -> Markup {
    let name = links.first().map_or_else(String::new, |it| it.category.to_string());
    html! {
        details.screen open[links.len() <= OPEN] {
            summary { (name) ": " (count(links.len(), "action")) }
            (scrolled(&format!("Actions: {name}"), &html! { table {
                thead { tr { th scope="col" { "Action" } th scope="col" { "Command" } } }
                tbody { @for it in links { tr {
                    th scope="row" { a href=(it.url) { (foreign(&it.label)) } }
                    td { code.command { (it.command) } }
                } } }
            } }))
        }
    }
}
