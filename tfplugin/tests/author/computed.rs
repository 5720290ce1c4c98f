//! What the provider computes, planned at once: kept, opened again, or taken from a model; and a model
//! of which only what must be given is given.

use serde_json::json;
use tfplugin::{Number, Path, Value};

use crate::sample::{Fixed, OnFailure, Place, Rule, Thing, Word};
use crate::stage::{Object, Stage, config, with};

fn number(number: i64) -> Value {
    Value::Number(Number::from(number))
}

/// An object with a place in a map, and its configuration.
async fn made(stage: &Stage) -> (Object, serde_json::Value) {
    let json = json!({ "name": "a", "words": ["w"], "places": { "p": { "name": "q" } } });
    let object = stage.apply(stage.thing(), &Object::NONE, &config(stage.thing(), &json)).await;
    (object, json)
}

/// The configuration with `alpha` as given, which tells the sample what to plan.
fn asking(stage: &Stage, json: &serde_json::Value, alpha: &str) -> Value {
    with(&config(stage.thing(), json), "alpha", Value::from(alpha))
}

fn address<'a>(planned: &'a Value, key: &str) -> &'a Value {
    let places = planned.get("places").unwrap();
    places.get(key).unwrap().get("address").unwrap()
}

#[tokio::test]
async fn computed_values_are_kept_also_where_they_are_null_or_nested() {
    let stage = Stage::new();
    let (object, json) = made(&stage).await;
    let plan = stage.accepted(stage.thing(), &object, &asking(&stage, &json, "keep")).await;
    let expected = with(&object.state, "alpha", Value::from("keep"));
    assert_eq!(plan.planned, expected);
    let null = Object { state: with(&object.state, "version", Value::Null), ..object };
    let plan = stage.accepted(stage.thing(), &null, &asking(&stage, &json, "keep")).await;
    assert_eq!(plan.planned.get("version"), Some(&Value::Null));
}

#[tokio::test]
async fn what_the_object_does_not_have_yet_is_not_kept() {
    let stage = Stage::new();
    let (object, mut json) = made(&stage).await;
    json["places"]["new"] = json!({ "name": "n" });
    // State that is older than the attribute.
    let object = Object { state: with(&object.state, "revision", Value::Null), ..object };
    let plan = stage.accepted(stage.thing(), &object, &asking(&stage, &json, "keep")).await;
    assert_eq!(address(&plan.planned, "p"), &Value::from("at-q"));
    assert!(address(&plan.planned, "new").is_unknown());
    assert!(plan.planned.get("revision").unwrap().is_unknown());
}

#[tokio::test]
async fn a_plan_that_keeps_what_is_kept_anyway_changes_nothing() {
    let stage = Stage::new();
    let json = json!({ "name": "a", "words": [], "alpha": "keep" });
    let config = config(stage.thing(), &json);
    let object = stage.apply(stage.thing(), &Object::NONE, &config).await;
    let plan = stage.accepted(stage.thing(), &object, &config).await;
    assert_eq!(plan.planned, object.state);
}

#[tokio::test]
async fn computed_values_are_opened_again_apart_from_those_named_and_those_set_later() {
    let stage = Stage::new();
    let (object, json) = made(&stage).await;
    let asked = asking(&stage, &json, "reopen");
    let plan = stage.accepted(stage.thing(), &object, &asked).await;
    let value = |name: &str| plan.planned.get(name).unwrap();
    assert!(value("id").is_unknown() && value("version").is_unknown());
    assert!(address(&plan.planned, "p").is_unknown());
    assert_eq!(value("revision"), &number(7));
    assert_eq!(value("owner"), &Value::from("set before"));
    let owned = with(&asked, "owner", Value::from("me"));
    let plan = stage.accepted(stage.thing(), &object, &owned).await;
    assert_eq!(plan.planned.get("owner"), Some(&Value::from("me")));
    assert_eq!(plan.planned.get("prefix"), Some(&Value::from("v")));
    assert_eq!(plan.requires_replace, [Path::from("owner")]);
}

#[tokio::test]
async fn what_a_model_knows_is_planned_and_arguments_are_not() {
    let stage = Stage::new();
    let (_, json) = made(&stage).await;
    let asked = asking(&stage, &json, "known");
    let plan = stage.accepted(stage.thing(), &Object::NONE, &asked).await;
    let value = |name: &str| plan.planned.get(name).unwrap();
    assert_eq!(value("owner"), &Value::from("known"));
    assert_eq!(value("name"), &Value::from("a"));
    assert!(value("id").is_unknown() && address(&plan.planned, "p").is_unknown());
    let owned = with(&asked, "owner", Value::from("me"));
    let plan = stage.accepted(stage.thing(), &Object::NONE, &owned).await;
    assert_eq!(plan.planned.get("owner"), Some(&Value::from("me")));
}

#[test]
fn a_blank_has_defaults_nothing_optional_and_nothing_computed() {
    let word = |text: &str| text.parse::<Word>().unwrap();
    let thing = Thing::blank(word("a"), Vec::new());
    assert_eq!((thing.force, thing.prefix.as_str()), (false, "v"));
    assert!(thing.id.is_unknown() && thing.owner.is_unknown() && thing.version.is_unknown());
    assert!(thing.alpha.is_none() && thing.places.is_none() && thing.timeouts.is_none());
    assert!(thing.token_wo.get().is_none() && thing.rule.is_empty());
    assert_eq!(Rule::blank().on_failure, OnFailure::Block);
    assert_eq!(Place::blank(word("b")).weight, 1);
    assert_eq!(Fixed::blank("text").text, "text");
}
