//! What somebody should look at.

use maud::{Markup, html};

use super::super::model::{Attention, Report, Severity};
use super::super::shown::foreign;
use super::more;
use super::signs::{Sign, chip};

/// More things that need attention are counted but not told.
const MOST: usize = 100;

pub(super) fn section(report: &Report) -> Markup {
    html! {
        section aria-labelledby="attention" {
            h2 id="attention" { "Needs attention" }
            @if report.attention.is_empty() { p.lead { "Nothing." } }
            @else {
                ul.attention { @for it in report.attention.iter().take(MOST) { (one(it)) } }
                (more(report.attention.len(), MOST, "thing"))
            }
        }
    }
}

fn one(it: &Attention) -> Markup {
    let (sign, word) = match it.severity {
        Severity::Broken => (Sign::Failed, "Broken"),
        Severity::Warning => (Sign::Warning, "Warning"),
        Severity::Note => (Sign::Note, "Note"),
    };
    html! {
        li.(sign.name()) {
            p { (chip(sign, word)) " " strong { (foreign(&it.what)) } }
            p { (foreign(&it.why)) "." }
            p.next { (foreign(&it.next)) }
            @if let Some(command) = &it.command { p { code.command { (command) } } }
        }
    }
}
