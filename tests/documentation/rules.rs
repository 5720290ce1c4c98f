//! The page of all rules, as the catalogue has them.

use pipeline_core::{CATALOGUE, Rule, Severity, Stage};

/// Where the page is, below `docs/`.
pub(crate) const PATH: &str = "guides/rules.md";

const HEAD: &str = "\
---
page_title: \"Rules\"
subcategory: \"\"
description: |-
  Every rule that a message may name, and when it is checked.
---

# Rules

Every error and every warning about a value names the rule that it comes from, such as `DEP012`, and says what was
found, what was expected, and what to do next. This page lists all rules, in the order of their IDs. It is made from the
catalogue by which they are checked.

Each rule has its ID as its heading, so that `rules.md#dep012` leads to `DEP012`. Below stand what is wrong where the
rule is broken, what the rule says, when it is checked, and where it comes from.
";

/// What stands at the end of the page at `from`, so that a rule's ID leads to what it says.
pub(crate) fn link(from: &str) -> String {
    let up = "../".repeat(from.matches('/').count());
    format!(
        "\n## Rules\n\nAn error or a warning about a value names its rule, such as `DEP012`. [Rules]({up}{PATH}) says \
         what each one\nasks for.\n"
    )
}

/// The page.
pub(crate) fn page() -> String {
    let mut text = HEAD.to_owned();
    let mut last = "";
    for rule in CATALOGUE {
        let family = family(rule);
        if family != last {
            text += &format!("\n## {family}\n");
            last = family;
        }
        let Rule { id, entity, title, statement, .. } = rule;
        let (severity, stage, source) = (severity(rule), stage(rule), source(rule));
        text += &format!(
            "\n### {id}\n\n**{entity} violates {id}: {title}**\n\n{statement}\n\n*{severity}, {stage}. Source: {source}.*\n"
        );
    }
    text
}

/// Whose rule it is, in words: nobody who reads the page has the documents by number.
fn source(rule: &Rule) -> &'static str {
    match rule.seed {
        "000" => "the common model of pipelines",
        "001" => "releases by git tags",
        "002" => "deployments on Azure",
        "003" => "deployment-state files",
        "004" => "stacks and artifacts on AWS",
        _ => "this provider",
    }
}

fn family(rule: &Rule) -> &'static str {
    rule.id.as_str().trim_end_matches(|letter: char| letter.is_ascii_digit())
}

const fn severity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "An error",
        Severity::Warning => "A warning",
    }
}

const fn stage(rule: &Rule) -> &'static str {
    match rule.stage {
        Stage::Type => "wherever a value is read",
        Stage::Plan => "at plan",
        Stage::Apply => "at apply, as far as a plan cannot know it",
        Stage::Read => "when something recorded is read",
        _ => "at some other time",
    }
}
