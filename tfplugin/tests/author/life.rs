//! The life of an object: planned, made, read, changed, replaced, removed, and what fails halfway.

use proptest::prelude::*;
use serde_json::json;
use tfplugin::{Number, Path, Value};

use crate::host::{compatible, proposed, valid};
use crate::random;
use crate::sample::Fault;
use crate::stage::{Object, Stage, blamed, config, errors, with};

fn minimal() -> serde_json::Value {
    json!({ "name": "a", "words": ["w"] })
}

#[tokio::test]
async fn a_plan_fills_in_what_is_known() {
    let stage = Stage::new();
    let config = config(stage.thing(), &minimal());
    let plan = stage.accepted(stage.thing(), &Object::NONE, &config).await;
    let value = |name: &str| plan.planned.get(name).unwrap().clone();
    assert_eq!(value("force"), Value::Bool(false));
    assert_eq!(value("prefix"), Value::from("v"));
    assert!(value("id").is_unknown() && value("revision").is_unknown());
    assert!(value("owner").is_unknown());
    assert_eq!(value("version").get("major"), Some(&Value::Number(Number::from(1_i64))));
    assert_eq!(plan.identity.get("name"), Some(&Value::from("a")));
}

#[tokio::test]
async fn a_second_plan_changes_nothing_and_a_read_echoes() {
    let stage = Stage::new();
    let full = json!({
        "name": "a", "type": "t", "words": ["w", "x"], "tags": { "k": "v" },
        "spots": [{ "major": 1 }, { "major": 2, "label": "l" }],
        "places": { "p": { "name": "q" } }, "line": [{ "name": "r", "weight": 2 }],
        "home": { "name": "h" }, "beta": 0.5, "token_wo": "once", "secret": "s",
        "timeouts": { "create": "90s" }, "rule": [{ "branch": "b" }],
    });
    let config = config(stage.thing(), &full);
    let object = stage.apply(stage.thing(), &Object::NONE, &config).await;
    assert_eq!(object.state.get("token_wo"), Some(&Value::Null));
    assert_eq!(*stage.store.tokens.lock().unwrap(), ["once"]);
    let read = stage.read(stage.thing(), &object).await;
    assert_eq!(Object::from(read), object);
    let plan = stage.accepted(stage.thing(), &object, &config).await;
    assert_eq!(plan.planned, object.state);
    assert_eq!(plan.requires_replace, [] as [Path; 0]);
    assert_eq!((plan.private, plan.identity), (object.private, object.identity));
}

#[tokio::test]
async fn an_update_keeps_what_never_changes() {
    let stage = Stage::new();
    let thing = stage.thing();
    let object = stage.apply(thing, &Object::NONE, &config(thing, &minimal())).await;
    let changed = config(thing, &json!({ "name": "a", "words": ["w"], "alpha": "x" }));
    let plan = stage.accepted(thing, &object, &changed).await;
    assert_eq!(plan.planned.get("id"), Some(&Value::from("id-a")));
    assert!(plan.planned.get("revision").unwrap().is_unknown());
    // Nobody changed the owner, although it is computed anew.
    assert!(plan.planned.get("owner").unwrap().is_unknown());
    assert_eq!(plan.requires_replace, [] as [Path; 0]);
    let owned = with(&changed, "owner", Value::from("me"));
    let plan = stage.accepted(thing, &object, &owned).await;
    assert_eq!(plan.requires_replace, [Path::from("owner")]);
    let object = stage.apply(thing, &object, &changed).await;
    assert_eq!(object.state.get("revision"), Some(&Value::Number(Number::from(2_i64))));
}

#[tokio::test]
async fn a_replacement_is_planned_anew_without_the_old_object() {
    let stage = Stage::new();
    let thing = stage.thing();
    let object = stage.apply(thing, &Object::NONE, &config(thing, &minimal())).await;
    let json = json!({ "name": "b", "words": ["w"], "prefix": "p", "alpha": "replace" });
    let changed = config(thing, &json);
    let plan = stage.accepted(thing, &object, &changed).await;
    assert_eq!(plan.requires_replace, ["alpha", "name", "prefix"].map(Path::from));
    let anew = Object { state: Value::Null, private: plan.private, identity: plan.identity };
    let plan = stage.accepted(thing, &anew, &changed).await;
    assert!(plan.planned.get("id").unwrap().is_unknown());
    assert_eq!(plan.identity.get("name"), Some(&Value::from("b")));
    assert_eq!(plan.requires_replace, [] as [Path; 0]);
}

#[tokio::test]
async fn removing_needs_consent_and_leaves_nothing() {
    let stage = Stage::new();
    let thing = stage.thing();
    let kept = config(thing, &json!({ "name": "k", "words": [], "prefix": "keep" }));
    let kept = stage.apply(thing, &Object::NONE, &kept).await;
    let refused = stage.plan(thing, &kept, &Value::Null).await;
    assert_eq!(errors(&refused.diagnostics), [": It must be kept."]);
    let object = stage.apply(thing, &Object::NONE, &config(thing, &minimal())).await;
    let plan = stage.accepted(thing, &object, &Value::Null).await;
    assert!(plan.planned.is_null());
    let gone = stage.put(thing, &object, &plan, &Value::Null).await;
    assert_eq!(Object::from(gone), Object::NONE);
    assert!(stage.read(thing, &object).await.state.is_null());
}

#[tokio::test]
async fn what_is_forgotten_stays_and_both_plan_and_removal_say_so() {
    let stage = Stage::new();
    let thing = stage.thing();
    let left = config(thing, &json!({ "name": "l", "words": [], "prefix": "leave" }));
    let left = stage.apply(thing, &Object::NONE, &left).await;
    let plan = stage.accepted(thing, &left, &Value::Null).await;
    let told = |found: &tfplugin::Diagnostics| {
        let texts = found.iter().map(|one| format!("{:?} {}", one.severity, one.detail));
        texts.collect::<Vec<_>>()
    };
    assert_eq!(told(&plan.diagnostics), ["Warning It is only forgotten."]);
    let gone = stage.put(thing, &left, &plan, &Value::Null).await;
    assert_eq!(told(&gone.diagnostics), ["Warning It is only forgotten."]);
    assert!(gone.state.is_null());
    assert!(stage.store.things.lock().unwrap().contains_key("l"), "the object itself stays");
    let lost = config(thing, &json!({ "name": "m", "words": [], "prefix": "lost" }));
    let lost = stage.apply(thing, &Object::NONE, &lost).await;
    let refused = stage.plan(thing, &lost, &Value::Null).await;
    assert_eq!(errors(&refused.diagnostics), [": Nobody knows whether it may be forgotten."]);
    let kept = stage.put(thing, &lost, &plan, &Value::Null).await;
    assert!(kept.diagnostics.has_errors() && !kept.state.is_null());
}

#[tokio::test]
async fn a_creation_that_fails_leaves_what_was_made() {
    let stage = Stage::new();
    let thing = stage.thing();
    let config = config(thing, &minimal());
    let plan = stage.accepted(thing, &Object::NONE, &config).await;
    for fault in [Fault::FailHalfway, Fault::PanicHalfway] {
        stage.fault(fault);
        let half = stage.put(thing, &Object::NONE, &plan, &config).await;
        assert!(half.diagnostics.has_errors());
        assert_eq!(half.state.get("id"), Some(&Value::from("half")));
        assert_eq!(half.state.get("revision"), Some(&Value::Null));
        assert_eq!(half.identity.get("name"), Some(&Value::from("a")));
        stage.repair();
        stage.store.things.lock().unwrap().clear();
        let read = stage.read(thing, &half.into()).await;
        assert!(!read.diagnostics.has_errors(), "{:?}", read.diagnostics);
    }
    stage.fault(Fault::FailAtOnce);
    let nothing = stage.put(thing, &Object::NONE, &plan, &config).await;
    assert!(nothing.state.is_null() && nothing.diagnostics.has_errors());
}

#[tokio::test]
async fn a_change_or_removal_that_fails_keeps_the_object() {
    let stage = Stage::new();
    let thing = stage.thing();
    let object = stage.apply(thing, &Object::NONE, &config(thing, &minimal())).await;
    let changed = config(thing, &json!({ "name": "a", "words": [] }));
    for config in [changed, Value::Null] {
        let plan = stage.accepted(thing, &object, &config).await;
        stage.fault(Fault::FailAtOnce);
        let response = stage.put(thing, &object, &plan, &config).await;
        assert_eq!(errors(&response.diagnostics), [": It stays."]);
        assert_eq!(Object::from(response), object);
        stage.repair();
    }
}

#[tokio::test]
async fn a_result_that_breaks_the_plan_is_the_providers_mistake() {
    let stage = Stage::new();
    let thing = stage.thing();
    let config = config(thing, &minimal());
    let plan = stage.accepted(thing, &Object::NONE, &config).await;
    stage.fault(Fault::ChangeArgument);
    let response = stage.put(thing, &Object::NONE, &plan, &config).await;
    assert_eq!(blamed(&response.diagnostics), ["prefix"]);
    assert!(!response.state.is_null());
    stage.fault(Fault::LeaveUnknown);
    let response = stage.put(thing, &Object::NONE, &plan, &config).await;
    assert_eq!(blamed(&response.diagnostics), ["id", "revision", "owner"]);
    assert!(response.state.is_wholly_known());
}

#[tokio::test]
async fn a_set_keeps_the_members_that_were_planned() {
    let stage = Stage::new();
    let thing = stage.thing();
    let json = json!({ "name": "a", "words": [], "spots": [{ "major": 1 }, { "major": 2 }] });
    let config = config(thing, &json);
    let plan = stage.accepted(thing, &Object::NONE, &config).await;
    stage.fault(Fault::LoseMember);
    let response = stage.put(thing, &Object::NONE, &plan, &config).await;
    assert_eq!(blamed(&response.diagnostics), ["spots"]);
}

#[tokio::test]
async fn a_read_leaves_null_what_the_state_never_had() {
    let stage = Stage::new();
    let thing = stage.thing();
    let mut object = stage.apply(thing, &Object::NONE, &config(thing, &minimal())).await;
    object.state = with(&object.state, "revision", Value::Null);
    let read = stage.read(thing, &object).await;
    assert_eq!(read.state, object.state);
    object.state = with(&object.state, "name", Value::Null);
    let refused = stage.read(thing, &object).await;
    assert_eq!(blamed(&refused.diagnostics), ["name"]);
    assert_eq!(refused.state, object.state);
}

#[tokio::test]
async fn a_plan_that_breaks_a_rule_is_the_providers_mistake() {
    let stage = Stage::new();
    let thing = stage.thing();
    let config = config(thing, &minimal());
    let object = stage.apply(thing, &Object::NONE, &config).await;
    for (fault, path) in
        [(Fault::LosePlan, ""), (Fault::ReplaceNowhere, ""), (Fault::SetArgument, "alpha")]
    {
        stage.fault(fault);
        let plan = stage.plan(thing, &object, &config).await;
        assert_eq!(blamed(&plan.diagnostics), [path], "{fault:?}");
        let problem = plan.diagnostics.iter().next().unwrap();
        assert_eq!(problem.summary, "Bug in the provider");
    }
}

#[tokio::test]
async fn an_identity_stays() {
    let stage = Stage::new();
    let thing = stage.thing();
    let config = config(thing, &minimal());
    let mut object = stage.apply(thing, &Object::NONE, &config).await;
    stage.fault(Fault::Rename);
    let read = stage.read(thing, &object).await;
    assert_eq!(blamed(&read.diagnostics), ["name"]);
    stage.repair();
    // What is stored says another name than the state: nobody asked for a replacement.
    object.identity = Value::Map([("name".to_owned(), Value::from("z"))].into());
    let plan = stage.plan(thing, &object, &config).await;
    assert_eq!(blamed(&plan.diagnostics), ["name"]);
}

#[tokio::test]
async fn an_immutable_object_is_replaced_except_for_its_settings() {
    let stage = Stage::new();
    let fixed = stage.resource("sample_fixed");
    let before = config(fixed, &json!({ "text": "t", "note": "n", "token_wo": "x" }));
    let object = stage.apply(fixed, &Object::NONE, &before).await;
    let token = with(&before, "token_wo", Value::from("y"));
    assert_eq!(stage.accepted(fixed, &object, &token).await.planned, object.state);
    let note = with(&before, "note", Value::from("m"));
    let plan = stage.accepted(fixed, &object, &note).await;
    assert_eq!(plan.requires_replace, [Path::from("note")]);
    let json = json!({ "text": "t", "note": "n", "timeouts": { "create": "1m" } });
    let patient = config(fixed, &json);
    let plan = stage.accepted(fixed, &object, &patient).await;
    assert_eq!(plan.requires_replace, [] as [Path; 0]);
    let after = stage.apply(fixed, &object, &patient).await;
    assert_eq!(after.state.get("id"), object.state.get("id"));
    assert_ne!(after.state.get("timeouts"), Some(&Value::Null));
}

#[tokio::test]
async fn private_bytes_of_a_new_object_start_empty() {
    let stage = Stage::new();
    let thing = stage.thing();
    let config = config(thing, &minimal());
    let stale = Object { private: b"{\"old\":\"\"}".to_vec(), ..Object::NONE };
    let plan = stage.accepted(thing, &stale, &config).await;
    assert_eq!(plan.private, b"{\"planned\":\"eWVz\"}");
}

/// Configurations of a thing, as JSON.
pub fn things() -> impl Strategy<Value = serde_json::Value> {
    let place = ("[a-c]", proptest::option::of(0..3_i64))
        .prop_map(|(name, weight)| json!({ "name": name, "weight": weight }));
    let some = proptest::option::of::<BoxedStrategy<serde_json::Value>>;
    let text = |pattern: &'static str| some(pattern.prop_map(serde_json::Value::from).boxed());
    let places = proptest::collection::btree_map("[kl]", place.clone(), 0..3);
    let line = proptest::collection::vec(place.clone(), 0..3);
    (
        (text("[tu]"), text("[pq]"), text("[op]"), text("[ab]")),
        some(places.prop_map(|places| json!(places)).boxed()),
        some(line.prop_map(|line| json!(line)).boxed()),
        some(place.boxed()),
        proptest::collection::vec("[w-z]", 0..3),
        proptest::collection::btree_set(0..4_u64, 0..3),
        any::<bool>(),
    )
        .prop_map(|((kind, prefix, owner, alpha), places, line, home, words, spots, force)| {
            let spots: Vec<_> = spots.into_iter().map(|major| json!({ "major": major })).collect();
            json!({
                "name": "a", "type": kind, "prefix": prefix, "owner": owner, "alpha": alpha,
                "places": places, "line": line, "home": home, "words": words, "spots": spots,
                "force": force, "rule": [{ "pattern": "x" }],
            })
        })
}

/// Runs a future of a test to its end.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A known configuration, and one with parts of it unknown.
fn blurred() -> impl Strategy<Value = (serde_json::Value, serde_json::Value, Value)> {
    (things(), things()).prop_flat_map(|(first, second)| {
        let stage = Stage::new();
        let block = &stage.thing().schema().block;
        let partly = random::partly_unknown(block, &config(stage.thing(), &second));
        (Just(first), Just(second), partly)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_life_is_one_that_the_host_accepts((first, second, partly) in blurred()) {
        wait(async {
            let stage = Stage::new();
            let thing = stage.thing();
            let block = &thing.schema().block;
            let (first, second) = (config(thing, &first), config(thing, &second));
            let object = stage.apply(thing, &Object::NONE, &first).await;
            assert_eq!(stage.accepted(thing, &object, &first).await.planned, object.state);
            let early = stage.plan(thing, &object, &partly).await;
            assert_eq!(blamed(&early.diagnostics), [""; 0]);
            let faults = valid::faults(block, &object.state, &partly, &early.planned);
            assert!(faults.is_empty(), "{faults:?}");
            let late = stage.accepted(thing, &object, &second).await;
            if early.requires_replace.is_empty() && late.requires_replace.is_empty() {
                let faults = compatible::faults(block, &early.planned, &late.planned);
                assert!(faults.is_empty(), "{faults:?}");
                let next = stage.apply(thing, &object, &second).await;
                assert_eq!(stage.accepted(thing, &next, &second).await.planned, next.state);
            } else {
                stage.apply(thing, &Object::NONE, &second).await;
            }
        });
    }
}

#[test]
fn the_host_proposes_the_prior_value_of_what_is_computed() {
    let stage = Stage::new();
    let block = &stage.thing().schema().block;
    let config = config(stage.thing(), &minimal());
    let prior = with(&config, "id", Value::from("kept"));
    let merged = proposed::proposed(block, &prior, &config);
    assert_eq!(merged.get("id"), Some(&Value::from("kept")));
}
