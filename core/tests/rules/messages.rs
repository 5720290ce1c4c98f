//! What is said of each breaking case, as one text that somebody reviewed: a change of words is a
//! difference in `messages.txt`.
//!
//! `cargo xtask snapshots` runs this with `PIPELINE_SNAPSHOTS=write`, which writes the file.

use std::path::Path;

use pipeline_core::{CATALOGUE, Rule};

use super::cases;

#[test]
fn messages_are_those_that_were_reviewed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/messages.txt");
    let now = messages();
    if std::env::var_os("PIPELINE_SNAPSHOTS").is_some_and(|value| value == "write") {
        std::fs::write(&file, now).unwrap();
        return;
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let changed = now.lines().find(|line| !reviewed.lines().any(|known| known == *line));
    assert_eq!(changed, None, "new; run `cargo xtask snapshots` and review the difference");
    assert!(now == reviewed, "run `cargo xtask snapshots` and review the difference");
}

/// Rule by rule: its title and statement, and what its breaking cases are told.
fn messages() -> String {
    let mut text = String::new();
    for rule in CATALOGUE {
        let Rule { id, severity, title, statement, .. } = rule;
        text += &format!("\n{id} {severity}: {title}\n  {statement}\n");
        let of_rule = cases().filter(|case| case.rule == rule.id.as_str());
        let told = of_rule.flat_map(|case| (case.breaks)());
        for violation in told.filter(|violation| violation.rule == rule.id) {
            text += &format!("  {violation}\n");
        }
    }
    text
}
