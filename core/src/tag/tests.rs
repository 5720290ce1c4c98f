//! Laws and samples of tag names and tags.

use proptest::prelude::*;

use super::*;
use crate::version::Version;

fn grammar() -> TagGrammar {
    TagGrammar::default()
}

fn lenient() -> TagGrammar {
    TagGrammar { allow_prerelease: true, ..TagGrammar::default() }
}

#[test]
fn the_three_kinds_are_told_apart() {
    let version = grammar().parse("api/v1.2.3").unwrap();
    assert_eq!(version.tag_type(), TagType::Version);
    assert_eq!(version.sub_project_path().as_str(), "api");
    assert!(!version.is_movable());

    let environment = grammar().parse("api/production").unwrap();
    assert_eq!(environment.environment().unwrap().as_str(), "production");
    assert!(environment.is_movable() && environment.version().is_none());

    let state = grammar().parse("services/api/v1.2.3-stable").unwrap();
    assert_eq!(state.state(), Some(State::Stable));
    assert_eq!(state.version().unwrap().to_string(), "services/api/v1.2.3");
}

#[test]
fn prereleases_are_tags_only_where_allowed() {
    assert!(grammar().parse("v1.2.3-rc.1").unwrap_err().breaks(RuleId::TAG001));
    assert_eq!(lenient().parse("v1.2.3-rc.1").unwrap().tag_type(), TagType::Version);
}

#[test]
fn a_state_name_is_always_a_state() {
    assert_eq!(lenient().parse("v1.2.3-stable").unwrap().tag_type(), TagType::State);
    for name in ["v1.2.3-rc.1-stable", "v1.2-stable", "x-stable"] {
        assert!(lenient().parse(name).unwrap_err().breaks(RuleId::TAG003), "{name}");
    }
}

#[test]
fn slips_are_told_what_was_meant() {
    for (name, rule, hint) in [
        ("api/prodution", RuleId::TAG002, "Did you mean `production`?"),
        ("v1.2.3-stabel", RuleId::TAG003, "Did you mean `v1.2.3-stable`?"),
        ("api/1.2.3", RuleId::TAG001, "Write `v1.2.3`."),
        ("v1.2", RuleId::TAG001, "Write `v1.2.0`."),
        ("qa", RuleId::TAG002, "environment_tag_names"),
        ("v01.2.3", RuleId::VER003, "Write `1`."),
        ("v1.2.3+4", RuleId::VER007, "Write `v1.2.3`."),
        ("a b", RuleId::TAG013, "Write a name"),
        ("-v1.2.3", RuleId::TAG013, "hyphen"),
    ] {
        let error = grammar().parse(name).unwrap_err();
        assert!(error.breaks(rule) && error.to_string().contains(hint), "{name}: {error}");
    }
}

#[test]
fn environment_names_can_be_configured() {
    let names = ["qa", "production"].map(|name| name.parse().unwrap()).to_vec();
    let grammar = TagGrammar { allow_prerelease: false, environment_names: names };
    assert!(grammar.parse("api/qa").unwrap().is_movable());
    assert!(grammar.parse("api/staging").is_err());
}

#[test]
fn tags_can_be_made_from_their_parts() {
    let version: Version = "api/v1.2.3".parse().unwrap();
    let made = Tag::of_state(version.clone(), State::Deprecated).unwrap();
    assert_eq!(made, grammar().parse("api/v1.2.3-deprecated").unwrap());
    let environment = Tag::of_environment("api".parse().unwrap(), "canary".parse().unwrap());
    assert_eq!(environment, grammar().parse("api/canary").unwrap());
    assert_eq!(environment.name().ref_name().as_str(), "refs/tags/api/canary");
    assert_eq!(Tag::of_version(version).unwrap(), grammar().parse("api/v1.2.3").unwrap());
    let rc: Version = "v1.2.3-rc.1".parse().unwrap();
    assert!(Tag::of_state(rc, State::Stable).unwrap_err().breaks(RuleId::TAG003));
    let locked: Version = "v1.2.3-rc.lock".parse().unwrap();
    assert!(Tag::of_version(locked).unwrap_err().breaks(RuleId::TAG013));
}

#[test]
fn all_that_disagrees_with_the_name_is_told() {
    let told = |name: &str, spoil: fn(&mut TagParts)| {
        let tag = grammar().parse(name).unwrap();
        let mut parts = TagParts::from(&tag);
        spoil(&mut parts);
        let faults = parts.faults(&tag);
        faults.iter().map(|fault| format!("{} {}", fault.rule, fault.at)).collect::<Vec<_>>()
    };
    let time = |parts: &mut TagParts| parts.updated_at = "2025-11-21T10:30:00Z".parse().ok();
    assert_eq!(told("staging", time), Vec::<String>::new());
    assert_eq!(told("v1.2.3", time), ["TAG008 updated_at"]);
    let movable: fn(&mut TagParts) = |parts| parts.is_movable = true;
    assert_eq!(told("v1.2.3", movable), ["TAG004 is_movable"]);
    assert_eq!(told("v1.2.3-stable", movable), ["TAG006 is_movable"]);
    let other = |parts: &mut TagParts| {
        *parts = TagParts::from(&grammar().parse("api/v1.2.3-stable").unwrap())
    };
    let fields = ["tag_type", "sub_project_path", "version", "environment", "state", "is_movable"];
    assert_eq!(told("staging", other), fields.map(|field| format!("TAG005 {field}")));
}

fn any_tag() -> impl Strategy<Value = String> {
    let path =
        prop_oneof![Just(String::new()), "[a-z@]{1,4}(\\.[a-z]{1,2})?/", "[a-z]{1,3}/[a-z]{1,3}/"];
    let last = prop_oneof![
        "v[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,2}",
        "v[0-9]\\.[0-9]\\.[0-9]-(stable|unstable|deprecated|rc\\.1|[a-z.-]{1,6})",
        "production|staging|canary|sandbox|performance|dev|prod",
    ];
    (path, last).prop_map(|(path, last)| path + &last)
}

proptest! {
    #[test]
    fn what_is_read_prints_back_and_is_a_ref(name in any_tag()) {
        if let Ok(tag) = lenient().parse(&name) {
            prop_assert_eq!(tag.to_string(), name.clone());
            prop_assert!(tag.name().ref_name().as_str().parse::<RefName>().is_ok());
            prop_assert_eq!(tag.is_movable(), tag.tag_type() == TagType::Environment);
        }
        if let Ok(tag) = grammar().parse(&name) {
            prop_assert_eq!(lenient().parse(&name).unwrap(), tag);
        }
    }

    #[test]
    fn parts_of_a_name_agree_with_it(name in any_tag(), other in any_tag()) {
        if let (Ok(tag), Ok(other)) = (grammar().parse(&name), grammar().parse(&other)) {
            let parts = TagParts::from(&tag);
            prop_assert_eq!(parts.faults(&tag), vec![]);
            prop_assert_eq!(parts.faults(&other).is_empty(), parts == TagParts::from(&other));
        }
    }
}

#[test]
fn a_name_has_no_letter_that_nobody_sees() {
    for bad in ["api\u{8b}/v1.0.0", "v1.0.0\u{202e}", "a\u{200b}"] {
        let told = bad.parse::<TagName>().unwrap_err().to_string();
        assert!(told.starts_with("TAG013") && told.contains("which nobody sees"), "{told}");
    }
}
