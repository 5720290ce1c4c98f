//! The report as GitHub-flavoured Markdown, for the summary of a CI job.
//!
//! Whatever others wrote is escaped: it makes no heading, link, image, table or mention.

use std::fmt::Write as _;

use super::model::{Attention, Card, Report, Severity};
use super::shown::{self, count};
use super::{HistoryEntry, LaneMetrics, WayBack};

/// GitHub refuses a summary of more than 1,024 kB.
const MOST: usize = 1_000_000;

/// So many bytes are kept for headings and for what was cut.
const KEPT: usize = 8_000;

/// More commits of a promotion are counted but not named.
const COMMITS: usize = 10;

impl Report {
    /// The report as GitHub-flavoured Markdown: at most 1,000,000 bytes, and what was cut is said.
    #[must_use]
    pub fn markdown(&self) -> String {
        self.markdown_within(MOST)
    }

    pub(super) fn markdown_within(&self, most: usize) -> String {
        let mut page =
            Page { text: String::new(), left: most.saturating_sub(KEPT), cut: Vec::new() };
        page.line(&format!("# {}", escaped(&self.title)));
        page.line(&format!("**{}**", escaped(&self.summary)));
        page.line(&format!(
            "{} to {} (UTC) · ledger {}{}",
            shown::time(self.since),
            shown::time(self.generated_at),
            code(&self.ledger),
            self.commit_sha
                .map_or_else(String::new, |it| format!(" · commit `{}`", shown::short(it)))
        ));
        page.table("Run", RUN, self.run.iter().map(run));
        page.table("Environments", ENVIRONMENTS, self.cards().map(card));
        page.table("Now", NOW, self.underway.iter().map(underway));
        page.list("To promote", self.promotions.iter().map(promotion));
        page.list("Needs attention", self.attention.iter().map(attention));
        page.table("Delivery", DELIVERY, self.metrics.iter().flat_map(figures));
        page.table("Actions", ACTIONS, self.action_links.iter().map(action));
        page.table("Rollback", ROLLBACK, self.rollbacks.iter().map(way_back));
        page.table("History", HISTORY, self.history.iter().map(entry));
        page.end(most)
    }

    fn cards(&self) -> impl Iterator<Item = &Card> {
        self.environments.iter().flat_map(|it| &it.cards)
    }
}

/// A document that stays within its size.
struct Page {
    text: String,
    left: usize,
    cut: Vec<(&'static str, usize)>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\n\n");
        self.left = self.left.saturating_sub(line.len() + 2);
    }

    fn table(
        &mut self,
        title: &'static str,
        heads: &[&str],
        rows: impl Iterator<Item = Vec<String>>,
    ) {
        let head = format!("| {} |\n|{}", heads.join(" | "), " --- |".repeat(heads.len()));
        self.part(title, Some(&head), rows.map(|row| format!("| {} |", row.join(" | "))));
    }

    fn list(&mut self, title: &'static str, items: impl Iterator<Item = String>) {
        self.part(title, None, items.map(|item| format!("- {item}")));
    }

    /// A part with a heading, or nothing where there is nothing to say.
    fn part(
        &mut self,
        title: &'static str,
        head: Option<&str>,
        rows: impl Iterator<Item = String>,
    ) {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return;
        }
        self.line(&format!("## {title}"));
        if let Some(head) = head {
            self.text.push_str(head);
            self.text.push('\n');
        }
        let mut cut = 0;
        for row in rows {
            if cut > 0 || row.len() + 1 > self.left {
                cut += 1;
                continue;
            }
            self.left -= row.len() + 1;
            self.text.push_str(&row);
            self.text.push('\n');
        }
        self.text.push('\n');
        if cut > 0 {
            self.cut.push((title, cut));
        }
    }

    fn end(mut self, most: usize) -> String {
        for (title, cut) in &self.cut {
            // Writing to a string cannot fail.
            let _ = writeln!(
                self.text,
                "> **Cut:** {} of *{title}*, because this summary holds at most {most} bytes. The JSON of the \
                 report has all.\n",
                count(*cut, "row")
            );
        }
        self.text
    }
}

const RUN: &[&str] = &["Pipeline", "Run", "Status", "Branch", "Commit", "Took", "Deployments"];
const ENVIRONMENTS: &[&str] =
    &["Where", "Version", "Commit", "Since (UTC)", "For", "By", "Last deployment"];
const NOW: &[&str] = &["Where", "Version", "By", "Since (UTC)", "State"];
const DELIVERY: &[&str] = &["Where", "Figure", "Value", "n", "Definition"];
const ACTIONS: &[&str] = &["Action", "For", "Command"];
const ROLLBACK: &[&str] = &["Where", "Back to", "Not"];
const HISTORY: &[&str] = &[
    "Asked for (UTC)",
    "Where",
    "Version",
    "Outcome",
    "Took",
    "Ran for",
    "By",
    "Approved by",
    "Reason",
];

fn run(it: &super::RunView) -> Vec<String> {
    let made: Vec<_> = it.deployments.iter().map(|id| code(id.as_str())).collect();
    vec![
        escaped(&it.workflow_name.to_string()),
        it.run_url.as_ref().map_or_else(
            || code(it.run_id.as_str()),
            |url| format!("[{}]({url})", code(it.run_id.as_str())),
        ),
        format!("**{}**", it.status),
        escaped(it.branch.as_str()),
        code(&shown::short(it.commit_sha.0)),
        took(it),
        if made.is_empty() { nothing() } else { made.join("<br>") },
    ]
}

/// How long the run took, and when the report was made where that was not at its end.
fn took(it: &super::RunView) -> String {
    let took = it.duration_seconds.map_or_else(nothing, shown::duration);
    let late = it.late_seconds.map(shown::after_end);
    late.map_or(took.clone(), |late| format!("{took}; {late}"))
}

fn card(it: &Card) -> Vec<String> {
    let commit = it.commit_sha.map(|commit| {
        let short = code(&shown::short(commit));
        it.commit_url.as_ref().map_or(short.clone(), |url| format!("[{short}]({url})"))
    });
    let last =
        it.last.map_or_else(nothing, |status| format!("{} {status}", symbol(status.as_str())));
    let by_hand = if it.moved_by_hand { " · ⚠️ moved by hand" } else { "" };
    vec![
        escaped(&it.lane.to_string()),
        it.version.as_ref().map_or_else(nothing, |it| format!("**{}**", code(&it.to_string()))),
        commit.unwrap_or_else(nothing),
        it.since.map_or_else(nothing, shown::time),
        it.for_seconds.map_or_else(nothing, shown::duration),
        it.by.as_ref().map_or_else(nothing, |it| escaped(it.as_str())),
        format!("{last}{by_hand}"),
    ]
}

fn underway(it: &super::Underway) -> Vec<String> {
    let place = it.position.map_or_else(String::new, |place| format!("place {place}, waits on "));
    let wait = it.estimated_wait_seconds.and_then(|it| i64::try_from(it).ok());
    let wait = wait.map_or_else(String::new, |it| format!(", about {} to go", shown::duration(it)));
    vec![
        escaped(&it.lane.to_string()),
        it.version.as_ref().map_or_else(nothing, |it| code(&it.to_string())),
        escaped(it.by.as_str()),
        shown::time(it.since),
        format!("{place}{}{wait}", escaped(&it.waits_on)),
    ]
}

fn promotion(it: &super::Promotion) -> String {
    let version =
        it.version.as_ref().map_or_else(|| shown::short(it.commit_sha), ToString::to_string);
    let commits = match &it.commits {
        None => "commits not known: shallow clone".to_owned(),
        Some(commits) => format!("{} ahead", count(commits.len(), "commit")),
    };
    let compare =
        it.compare_url.as_ref().map_or_else(String::new, |it| format!(" · [compare]({it})"));
    let from = escaped(&it.from.to_string());
    let to = escaped(&it.to.to_string());
    let mut text = format!("{from} → {to}: {} — {commits}{compare}", code(&version));
    let commits = it.commits.iter().flatten();
    for commit in commits.take(COMMITS) {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n  - {} {}",
            code(&shown::short(commit.commit_sha)),
            escaped(&commit.summary)
        );
    }
    text
}

fn attention(it: &Attention) -> String {
    let word = match it.severity {
        Severity::Broken => "🔴 Broken",
        Severity::Warning => "🟠 Warning",
        Severity::Note => "⚪ Note",
    };
    let command = it.command.as_ref().map_or_else(String::new, |it| format!(" {}", code(it)));
    let Attention { what, why, next, .. } = it;
    format!("**{word}** — {}: {}. {}{command}", escaped(what), escaped(why), escaped(next))
}

fn figures(it: &LaneMetrics) -> Vec<Vec<String>> {
    let row = |figure: &super::Figure| {
        vec![
            escaped(&it.lane.to_string()),
            figure.name.to_owned(),
            format!("**{}**", escaped(&figure.shown)),
            format!("{} {}", figure.n, figure.of),
            figure.definition.to_owned(),
        ]
    };
    it.figures.iter().map(row).collect()
}

fn action(it: &super::Link) -> Vec<String> {
    vec![
        format!("[{}]({})", escaped(&it.label), linked(&it.url)),
        it.category.to_string(),
        code(&it.command),
    ]
}

fn way_back(it: &WayBack) -> Vec<String> {
    let reason = || it.reason.as_ref().map_or_else(nothing, |it| escaped(it));
    let not = it.rejected.iter().take(5);
    let not: Vec<String> = not
        .map(|it| format!("{}: {}", code(&it.version.to_string()), escaped(&it.reason)))
        .collect();
    vec![
        escaped(&it.lane.to_string()),
        it.target.as_ref().map_or_else(reason, |it| format!("**{}**", code(&it.to_string()))),
        not.join("<br>"),
    ]
}

fn entry(it: &HistoryEntry) -> Vec<String> {
    let took = it.took_seconds.and_then(|it| i64::try_from(it).ok());
    let back = it
        .rolled_back_to
        .as_ref()
        .map_or_else(String::new, |it| format!(" → {}", code(&it.to_string())));
    let why = [it.reason.as_deref(), it.error_message.as_deref()];
    let mut why: Vec<String> = why.into_iter().flatten().map(escaped).collect();
    why.extend(it.tests.as_ref().map(|tests| format!("tests: {tests}")));
    why.extend(it.fixes.as_ref().map(|fixed| format!("fixes {}", code(fixed.as_str()))));
    if !it.overrides.is_empty() {
        why.push(format!("override of {}", escaped(&it.overrides.join(", "))));
    }
    let approvers = it.approvers();
    let approvers: Vec<String> = approvers.iter().map(|(by, _)| escaped(by.as_str())).collect();
    vec![
        shown::time(it.requested_at),
        escaped(&it.lane.to_string()),
        code(&it.version.to_string()),
        format!("{} {}{back}", symbol(it.status.as_str()), it.status),
        took.map_or_else(nothing, shown::duration),
        it.ran_seconds.map_or_else(nothing, shown::duration),
        escaped(it.triggered_by.as_str()),
        if approvers.is_empty() { nothing() } else { approvers.join(", ") },
        if why.is_empty() { nothing() } else { why.join("; ") },
    ]
}

fn nothing() -> String {
    "–".to_owned()
}

fn symbol(status: &str) -> &'static str {
    match status {
        "succeeded" => "✅",
        "failed" => "❌",
        "rolled_back" => "↩️",
        "cancelled" => "⊘",
        _ => "⏳",
    }
}

/// A text that others wrote: on one line, cut, and each letter that means something to Markdown escaped.
/// Without its slashes and points no address becomes a link by itself.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in shown::foreign(text).chars() {
        match letter {
            // An entity, because a mention is looked for after escapes are gone.
            '@' => shown.push_str("&#64;"),
            '#' => shown.push_str("&#35;"),
            ':' | '.' | '/' | '-' | ',' | ' ' => shown.push(letter),
            _ if letter.is_ascii_punctuation() => {
                shown.push('\\');
                shown.push(letter);
            }
            _ => shown.push(letter),
        }
    }
    // A list or a number at the beginning is one only there; addresses link themselves anywhere.
    let shown = shown.replace("://", "&#58;//").replace("www.", "www&#46;");
    match shown.strip_prefix('-') {
        Some(rest) => format!("\\-{rest}"),
        None => shown,
    }
}

/// A span of code. What would end it or a cell of the table is escaped as text instead.
fn code(text: &str) -> String {
    if text.contains('`') || text.contains('|') || text.chars().any(char::is_control) {
        escaped(text)
    } else {
        format!("`{}`", shown::foreign(text))
    }
}

/// An address that ends neither its link nor a cell.
fn linked(url: &str) -> String {
    url.replace('(', "%28")
        .replace(')', "%29")
        .replace('|', "%7C")
        .replace(' ', "%20")
        .replace('<', "%3C")
}
