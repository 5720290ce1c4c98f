//! Files as people write them, and every way to get one wrong.

use proptest::prelude::*;

use super::*;
use crate::base::rule::RuleId;

const GOOD: &str = r#"version: "1.0"
build:
  commands:
    - npm ci
    - npm run build
environments:
  - name: dev
    region: us-east-1
    account: "012345678901"
    stacks:
      - {name: OrdersStack, path: lib/orders-stack.ts}
  - name: 2-prod
    region: us-gov-west-1
    account: '210987654321'
    stacks:
      - name: OrdersStack
        path: lib/orders-stack.ts
    tests:
      commands: [npm run smoke-test]
"#;

fn reading(text: &str) -> Reading {
    read(text, &KnownRegions::default())
}

fn told(text: &str) -> Vec<String> {
    reading(text).problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_file_is_read() {
    let reading = reading(GOOD);
    assert_eq!(reading.problems, []);
    let configuration = reading.configuration.unwrap();
    assert_eq!(configuration.build, ["npm ci", "npm run build"]);
    let [dev, prod] = configuration.environments.as_slice() else { panic!() };
    assert_eq!(dev.account.to_string(), "012345678901");
    assert_eq!(prod.name.as_str(), "2-prod");
    assert_eq!(&*prod.tests, ["npm run smoke-test"]);
    assert_eq!(dev.stacks.len(), 1);
}

#[test]
fn every_problem_is_told_with_its_place() {
    let text = GOOD
        .replace("\"1.0\"", "1.0")
        .replace("us-east-1", "us-esat-1")
        .replace("\"012345678901\"", "12345678901")
        .replace("name: 2-prod", "name: dev")
        .replace("    tests:", "    test:");
    let told = told(&text);
    let expected = [
        "line 1, column 10: CFG009 at `version`: found the number `1.0`",
        "line 8, column 13: ENV021 at `environments[0].region`: found `us-esat-1`",
        "line 9, column 14: CFG009 at `environments[0].account`: found the number `12345678901`",
        "line 12, column 11: CFG003 at `environments[1].name`: found `dev` again, after line 7",
        "line 18, column 5: CFG010 at `environments[1].test`: found the key `test`",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}\n{expected}");
    }
    assert!(told[2].contains("`account: \"012345678901\"`"), "{}", told[2]);
    assert!(told[4].ends_with("Did you mean `tests`?"), "{}", told[4]);
    assert_eq!(reading(&text).configuration, None);
}

#[test]
fn an_unknown_key_only_warns() {
    let text = GOOD.replace("build:\n", "owner: team-a\nbuild:\n");
    let reading = reading(&text);
    assert!(reading.configuration.is_some());
    assert!(reading.problems.iter().all(|problem| problem.violation.rule == RuleId::CFG010));
}

#[test]
fn empty_parts_are_told() {
    for (text, rule) in [
        ("version: '1.0'\nbuild: {commands: []}\nenvironments: []\n", RuleId::CFG002),
        ("version: '1.0'\nbuild: npm\nenvironments: []\n", RuleId::CFG003),
        ("version: '2.0'\n", RuleId::CFG001),
        ("", RuleId::CFG004),
        ("- a\n", RuleId::CFG004),
        ("a: [\n", RuleId::CFG004),
        ("version: '1.0'\nversion: '1.0'\n", RuleId::CFG004),
        (
            &GOOD.replace(
                "    tests:\n      commands: [npm run smoke-test]",
                "    tests: {commands: [1]}",
            ),
            RuleId::ENV025,
        ),
        (&GOOD.replace("- npm ci", "- 'npm ci"), RuleId::CFG004),
        (&GOOD.replace("- npm ci", "- it's"), RuleId::CFG002),
        (&GOOD.replace("path: lib/orders-stack.ts}", "path: ''}"), RuleId::ENV024),
        (&GOOD.replace("name: dev", "name: Dev"), RuleId::CFG009),
        (&GOOD.replace("\"012345678901\"", "\"0123\""), RuleId::ENV022),
        (&GOOD.replace("  - name: dev\n    region", "  - region"), RuleId::ENV020),
    ] {
        let problems = reading(text).problems;
        assert!(
            problems.iter().any(|problem| problem.violation.rule == rule),
            "{rule}: {problems:#?}"
        );
    }
}

#[test]
fn a_test_stage_may_be_written_and_left_empty() {
    let text = GOOD
        .replace("    tests:\n      commands: [npm run smoke-test]", "    tests: {commands: []}");
    let configuration = reading(&text).configuration.unwrap();
    assert!(configuration.environments[1].tests.is_empty());
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        let _ = reading(&text);
    }

    #[test]
    fn no_damage_to_a_good_file_breaks_the_reader(at in 0..GOOD.len(), with in "\\PC{0,3}") {
        let mut text = GOOD.to_owned();
        text.replace_range(at..at + 1, &with);
        let reading = reading(&text);
        let has_error = reading.problems.iter().any(|problem| !problem.violation.is_warning());
        prop_assert_eq!(reading.configuration.is_none(), has_error);
    }
}
