//! The check finds planted dead code, and takes no living code for dead.

use super::*;

/// What is said of one rule, `TST001`, with these files.
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let catalogue = [(CATALOGUE, "catalogue! {\n    TST001 \"A statement.\"\n}\n")];
    let source =
        |(path, text): &(&str, &str)| Source { path: (*path).to_owned(), text: (*text).to_owned() };
    let sources: Vec<Source> = files.iter().chain(&catalogue).map(source).collect();
    check_with(&sources, &[]).problems
}

#[track_caller]
fn lives(files: &[(&str, &str)]) {
    assert_eq!(problems(files), Vec::<String>::new());
}

#[track_caller]
fn is_dead(files: &[(&str, &str)]) {
    let found = problems(files);
    assert!(found.len() == 1 && found[0].contains("enforces TST001"), "{found:?}");
}

const CALLS: (&str, &str) = ("provider/src/lib.rs", "fn plan() { pipeline_core::a::check(1) }");
const PARSES: (&str, &str) = (
    "provider/src/lib.rs",
    "use pipeline_core::a::Word; struct Model { word: Word } fn plan(text: &str) { text.parse() }",
);
const CHECK: &str = "pub fn check(it: u8) { broken(RuleId::TST001) } fn broken(rule: RuleId) {}";

#[test]
fn a_function_lives_where_the_provider_calls_it() {
    lives(&[("core/src/a.rs", CHECK), CALLS]);
    is_dead(&[("core/src/a.rs", CHECK)]);
    is_dead(&[("core/src/b.rs", CHECK), ("core/src/a.rs", "pub fn check() {}"), CALLS]);
}

#[test]
fn a_function_lives_by_way_of_others() {
    let way = "use crate::b::check as look; pub fn check() { [1].map(look) }";
    lives(&[("core/src/b.rs", CHECK), ("core/src/a.rs", way), CALLS]);
    let unused = "use crate::b::check as look; pub fn check() {} pub fn other() { look(1) }";
    is_dead(&[("core/src/b.rs", CHECK), ("core/src/a.rs", unused), CALLS]);
}

#[test]
fn what_only_tests_call_or_compile_is_dead() {
    let called = "pub fn check() {} #[cfg(test)] mod tests { fn t() { super::broken() } } \
                  fn broken() { fault(RuleId::TST001) }";
    is_dead(&[("core/src/a.rs", called), CALLS]);
    let hidden =
        "pub fn check() { tests::broken() } #[cfg(any(test, feature = \"testing\"))] mod tests;";
    is_dead(&[
        ("core/src/a.rs", hidden),
        ("core/src/a/tests.rs", "pub fn broken() { fault(RuleId::TST001) }"),
        CALLS,
    ]);
}

#[test]
fn a_rule_that_is_asked_for_is_not_enforced() {
    for asked in [
        "faults.breaks(RuleId::TST001)",
        "fault.rule == RuleId::TST001",
        "crate::RuleId::TST001 != fault.rule",
        "[RuleId::TST001].contains(&fault.rule)",
        "match fault.rule { RuleId::TST001 => 1, _ => 2 }",
    ] {
        is_dead(&[("core/src/a.rs", &format!("pub fn check() {{ {asked}; }}")), CALLS]);
    }
}

#[test]
fn a_type_that_is_named_can_be_read() {
    let read = "pub struct Word; impl FromStr for Word { \
                fn from_str(text: &str) { fault(RuleId::TST001) } }";
    lives(&[("core/src/a.rs", read), PARSES]);
    is_dead(&[("core/src/a.rs", read)]);
    let listed = "closed_list! { pub enum Word breaks TST001 { One = \"one\", } }";
    lives(&[("core/src/a.rs", listed), PARSES]);
    is_dead(&[("core/src/a.rs", listed), CALLS]);
    let parts = "#[serde(try_from = \"Parts\")] pub struct Word; struct Parts; \
                 impl Parts { fn whole(self) { fault(RuleId::TST001) } } \
                 impl TryFrom<Parts> for Word { fn try_from(it: Parts) { it.whole() } }";
    lives(&[("core/src/a.rs", parts), PARSES]);
}

#[test]
fn a_type_of_the_same_name_elsewhere_makes_nothing_live() {
    let dead = "pub struct Queue; impl Queue { pub fn push(self) { fault(RuleId::TST001) } }";
    let own = "struct Queue; fn plan(it: Queue, list: Vec<u8>) { list.push(1) }";
    is_dead(&[("core/src/a.rs", dead), ("provider/src/lib.rs", own)]);
    let used = "use pipeline_core::a::Queue; fn plan(it: Queue) { it.push() }";
    lives(&[("core/src/a.rs", dead), ("provider/src/lib.rs", used)]);
}

#[test]
fn a_method_lives_by_its_type_and_its_name() {
    let types = "pub struct One; pub struct Two; impl One { pub fn check(&self) {} } \
                 impl Two { pub fn check(&self) { Self::fault() } fn fault() { say(RuleId::TST001) } }";
    let one = "use pipeline_core::a::One; fn plan(it: One) { it.check() }";
    let two = "use pipeline_core::a::Two; fn plan(it: Two) { it.check() }";
    let idle = "use pipeline_core::a::Two; fn plan(it: Two) { it.check }";
    is_dead(&[("core/src/a.rs", types), ("provider/src/lib.rs", one)]);
    lives(&[("core/src/a.rs", types), ("provider/src/lib.rs", two)]);
    is_dead(&[("core/src/a.rs", types), ("provider/src/lib.rs", idle)]);
}

#[test]
fn exceptions_are_said_and_do_not_outlive_their_reason() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let mut sources = vec![source(CATALOGUE, "catalogue! {\n    TST001 \"A statement.\"\n}\n")];
    let later = [("TST001", "the next thing")];
    let found = check_with(&sources, &later);
    assert_eq!((found.problems.len(), found.later.len()), (0, 1));
    assert_eq!(found.later[0], "TST001 comes with the next thing");
    sources.push(source(CALLS.0, CALLS.1));
    sources.push(source("core/src/a.rs", CHECK));
    let found = check_with(&sources, &later);
    assert!(found.problems[0].contains("take it out"), "{:?}", found.problems);
    let found = check_with(&sources, &[("TST002", "nothing")]);
    assert!(found.problems[0].contains("no rule TST002"), "{:?}", found.problems);
}
