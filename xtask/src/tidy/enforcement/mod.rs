//! Rules that nothing enforces: no code that the provider reaches names them as broken.
//!
//! Code is followed by names, from everything in `provider/src` through `core` and `aws`. Names say more
//! than a compiler would: what is found here is dead for sure, and what is not found may be dead all
//! the same. Tests, and what only tests compile, count for nothing.

mod code;
mod reach;
mod words;

use std::collections::BTreeSet;

use self::code::Code;
use super::source::Source;

/// Where the rules are listed.
const CATALOGUE: &str = "core/src/base/rule/catalogue.rs";

/// Rules that no user can break yet, and what will bring them a way to.
const LATER: &[(&str, &str)] = &[];

/// Rules that types keep, so that nothing is left to check, and which types do.
const KEPT_BY_TYPES: &[(&str, &str)] = &[(
    "SCY004",
    "`Checked<TagPlan>`: it alone makes the transaction of a tag, with the audit record in it",
)];

/// What was found out about the rules.
pub(crate) struct Enforcement {
    /// One line for each rule that nothing enforces, and for each exception that is none any more.
    pub(crate) problems: Vec<String>,
    /// One line for each exception.
    pub(crate) later: Vec<String>,
}

/// Looks for what enforces each rule.
pub(crate) fn check(sources: &[Source]) -> Enforcement {
    check_with(sources, LATER)
}

fn check_with(sources: &[Source], later: &[(&str, &str)]) -> Enforcement {
    let code = match Code::read(sources) {
        Ok(code) => code,
        Err(problem) => return Enforcement { problems: vec![problem], later: Vec::new() },
    };
    let enforced = reach::enforced(&code);
    let is_later = |rule: &str| later.iter().any(|(known, _)| *known == rule);
    let mut problems: Vec<String> = Vec::new();
    let rules = rules(sources);
    let is_kept = |rule: &str| KEPT_BY_TYPES.iter().any(|(known, _)| *known == rule);
    let lost = |rule: &&String| !enforced.contains(*rule) && !is_later(rule) && !is_kept(rule);
    for rule in rules.iter().filter(lost) {
        problems.push(format!(
            "{CATALOGUE}: nothing that the provider reaches enforces {rule}; call its check \
             where users go, or remove both"
        ));
    }
    for (rule, _) in later {
        if enforced.contains(*rule) {
            problems.push(format!("{rule} is enforced; take it out of the rules that come later"));
        } else if !rules.contains(*rule) {
            problems.push(format!("there is no rule {rule} that could come later"));
        }
    }
    let later = later.iter().map(|(rule, what)| format!("{rule} comes with {what}")).collect();
    Enforcement { problems, later }
}

/// The IDs of the catalogue.
fn rules(sources: &[Source]) -> BTreeSet<String> {
    let catalogue = sources.iter().filter(|source| source.path == CATALOGUE);
    let words = catalogue.flat_map(|source| source.text.lines().filter_map(first_word));
    words.filter(|word| words::is_rule(word)).map(str::to_owned).collect()
}

fn first_word(line: &str) -> Option<&str> {
    line.split_whitespace().next()
}

#[cfg(test)]
mod tests;
