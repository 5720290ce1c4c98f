//! Validation: what is wrong is named with its path, all at once; what is unknown is not wrong.

use serde_json::json;
use tfplugin::erased::Resource;
use tfplugin::schema::Block;
use tfplugin::{Number, Value};

use crate::stage::{Stage, blamed, config, errors, with};

fn validate(resource: &dyn Resource, json: &serde_json::Value) -> Vec<String> {
    errors(&resource.validate(&config(resource, json), true))
}

/// Every attribute unknown, every list of blocks unknown.
fn all_unknown(block: &Block) -> Value {
    let attributes = block.attributes.iter().map(|a| {
        let computed = a.presence == tfplugin::schema::Presence::Computed;
        (a.name.clone(), if computed { Value::Null } else { Value::unknown() })
    });
    let blocks = block.blocks.iter().map(|b| (b.name.clone(), Value::unknown()));
    Value::Map(attributes.chain(blocks).collect())
}

#[test]
fn a_good_block_has_no_problem() {
    let stage = Stage::new();
    let rules = json!([{ "branch": "main" }, { "pattern": "v*", "on_failure": "off" }]);
    let good = json!({ "name": "a", "words": ["b"], "rule": rules, "home": { "name": "c" } });
    assert_eq!(validate(stage.thing(), &good), [""; 0]);
}

#[test]
fn everything_unknown_is_no_problem() {
    let stage = Stage::new();
    for resource in stage.provider.resources() {
        let unknown = all_unknown(&resource.schema().block);
        let found = resource.validate(&unknown, true);
        assert!(found.is_empty(), "{found:?}");
        let found = resource.validate(&Value::unknown(), true);
        assert!(found.is_empty(), "{found:?}");
    }
    for source in stage.provider.data_sources() {
        assert!(source.validate(&all_unknown(&source.schema().block)).is_empty());
    }
    for ephemeral in stage.provider.ephemerals() {
        assert!(ephemeral.validate(&all_unknown(&ephemeral.schema().block)).is_empty());
    }
    assert!(stage.provider.validate(&all_unknown(&stage.provider.schema().block)).is_empty());
}

#[test]
fn all_problems_come_at_once_with_their_paths() {
    let stage = Stage::new();
    let bad = json!({
        "id": "x",
        "prefix": "a b",
        "words": ["fine", "not fine"],
        "alpha": "a",
        "beta": 1,
        "places": { "k": { "name": "9" } },
        "timeouts": { "create": "soon" },
        "rule": [{ "branch": "a" }, { "branch": "-", "pattern": "**" }, {}],
    });
    let config = config(stage.thing(), &bad);
    let mut found = blamed(&stage.thing().validate(&config, true));
    found.sort_unstable();
    let expected = [
        "beta",
        "id",
        "name",
        "places[\"k\"].name",
        "prefix",
        "rule[1].branch",
        "rule[1].pattern",
        "rule[2]",
        "timeouts.create",
        "words[1]",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_required_argument_may_not_be_null() {
    let stage = Stage::new();
    let found = validate(stage.thing(), &json!({ "words": [] }));
    assert_eq!(found, ["name: `name` is null, but a value is required. Set it."]);
}

#[test]
fn another_spelling_is_refused_with_the_expected_one() {
    let stage = Stage::new();
    let found = validate(stage.thing(), &json!({ "name": "Abc", "words": [] }));
    assert_eq!(found, ["name: Found \"Abc\", which is spelled \"abc\". Write \"abc\"."]);
}

#[test]
fn a_choice_suggests_the_nearest_value() {
    let stage = Stage::new();
    let rule = json!([{ "branch": "a", "on_failure": "Blok" }]);
    let found = validate(stage.thing(), &json!({ "name": "a", "words": [], "rule": rule }));
    let expected = "rule[0].on_failure: Found \"Blok\", but the allowed values are \"block\", \
                    \"warn_only\", \"off\". Did you mean \"block\"?";
    assert_eq!(found, [expected]);
}

#[test]
fn write_only_needs_a_host_that_does_not_store_it() {
    let stage = Stage::new();
    let good = json!({ "name": "a", "words": [], "token_wo": "s3cret" });
    let config = config(stage.thing(), &good);
    assert!(stage.thing().validate(&config, true).is_empty());
    let refused = stage.thing().validate(&config, false);
    assert_eq!(blamed(&refused), ["token_wo"]);
    assert!(!format!("{refused:?}").contains("s3cret"));
}

#[test]
fn too_many_blocks_are_refused() {
    let stage = Stage::new();
    let rules = json!([{ "branch": "a" }, { "branch": "b" }, { "branch": "c" }, { "branch": "d" }]);
    let found = validate(stage.thing(), &json!({ "name": "a", "words": [], "rule": rules }));
    assert_eq!(found, ["rule: Found 4 `rule` blocks, but there must be at most 3."]);
}

#[test]
fn a_member_that_is_unknown_violates_no_group() {
    let stage = Stage::new();
    let rule = json!([{ "pattern": "a" }]);
    let base =
        config(stage.thing(), &json!({ "name": "a", "words": [], "alpha": "a", "rule": rule }));
    let unknown = with(&base, "beta", Value::unknown());
    assert!(stage.thing().validate(&unknown, true).is_empty());
    let known = with(&base, "beta", Value::Number(Number::from(1_i64)));
    assert_eq!(blamed(&stage.thing().validate(&known, true)), ["beta"]);
}

#[test]
fn a_null_element_is_named() {
    let stage = Stage::new();
    let found = validate(stage.thing(), &json!({ "name": "a", "words": ["a", null] }));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("words[1]: An element is null"), "{found:?}");
}
