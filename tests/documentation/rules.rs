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

Every error and every warning about a value names the rule that it comes from, such as `DEP012`, what was found, what
was expected, and what to do next. This page lists all rules. It is made from the catalogue by which they are checked.
";

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
        let Rule { id, statement, .. } = rule;
        text += &format!("\n### {id}\n\n{statement}\n\n*{}, {}.*\n", severity(rule), stage(rule));
    }
    text
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
