//! Managed resources through their whole life, judged by the host's rules.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::*;
use tfplugin::{Number, Value};

use crate::oracle::compatible;
use crate::support::host::{clean, dynamic, path, value};
use crate::support::walk::{Stored, THING, Walk};

fn text(value: &str) -> Value {
    Value::from(value)
}

fn number(value: i64) -> Value {
    Value::Number(Number::from(value))
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn part(material: Value) -> Value {
    map([("material", material), ("weight", Value::Null)])
}

fn rule(pattern: Value, level: Value) -> Value {
    map([("pattern", pattern), ("level", level)])
}

/// Any configuration of a thing; with `unknowns`, parts of it may not be known yet.
fn config(unknowns: bool) -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let maybe = move |known: BoxedStrategy<Value>| {
        let chance = u32::from(unknowns);
        prop_oneof![4 => known, 1 => Just(Value::Null), chance => Just(Value::unknown())].boxed()
    };
    let word = || "[a-c]{1,2}".prop_map(Value::String).boxed();
    let required =
        move || prop_oneof![4 => word(), u32::from(unknowns) => Just(Value::unknown())].boxed();
    let small = || (0..3_i64).prop_map(number).boxed();
    let tags = prop::collection::btree_map("[a-c]", required(), 0..3).prop_map(Value::Map);
    let parts = prop::collection::btree_map("[a-c]", required().prop_map(part), 0..3);
    let any = Just(Value::Dynamic(Box::new((Type::Bool, Value::from(true)))));
    let rules = (required(), maybe(small())).prop_map(|(pattern, level)| rule(pattern, level));
    (
        required(),
        (maybe(small()), maybe(small()), maybe(word()), maybe(word())),
        (maybe(tags.boxed()), maybe(parts.prop_map(Value::Map).boxed()), maybe(any.boxed())),
        prop::collection::vec(rules, 0..3).prop_map(Value::List),
    )
        .prop_map(|(name, (size, replicas, zone, secret), (tags, parts, any), rule)| {
            vec![
                ("name", name),
                ("size", size),
                ("replicas", replicas),
                ("zone", zone),
                ("secret", secret),
                ("tags", tags),
                ("parts", parts),
                ("any", any),
                ("rule", rule),
            ]
        })
}

/// The second configuration: what was unknown is known now, everything else is the same.
fn settled(early: &Value, other: &Value) -> Value {
    match (early, other) {
        (Value::Unknown(_), other) => other.clone(),
        (Value::Map(early), other) => {
            let with = |(key, value): (&String, &Value)| {
                (key.clone(), settled(value, other.get(key).unwrap_or(&Value::Null)))
            };
            Value::Map(early.iter().map(with).collect())
        }
        (Value::List(early), _) => {
            Value::List(early.iter().map(|value| settled(value, &Value::Null)).collect())
        }
        (early, _) => early.clone(),
    }
}

/// Gives what must not be null a value.
fn filled(ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Object(types), Value::Map(attributes)) => {
            let required = ["name", "material", "pattern"];
            let with = |(name, value): (&String, &Value)| {
                let must = required.contains(&name.as_str());
                (
                    name.clone(),
                    if must { element(&types[name], value) } else { filled(&types[name], value) },
                )
            };
            Value::Map(attributes.iter().map(with).collect())
        }
        (Type::List(ty), Value::List(elements)) => {
            Value::List(elements.iter().map(|value| element(ty, value)).collect())
        }
        (Type::Map(ty), Value::Map(elements)) => {
            let with = |(key, value): (&String, &Value)| (key.clone(), element(ty, value));
            Value::Map(elements.iter().map(with).collect())
        }
        (_, value) => value.clone(),
    }
}

fn element(ty: &Type, value: &Value) -> Value {
    if value.is_null() { text("later") } else { filled(ty, value) }
}

/// Create from a plan with unknowns, apply, plan to no change, update, destroy: each answer is
/// judged by the rules of the host.
#[test]
fn random_lives_break_no_rule_of_the_host() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let walk = runtime.block_on(Walk::start());
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(96)
    });
    let lives = (config(true), config(false), config(false));
    let outcome = runner.run(&lives, |(early, first, second)| {
        runtime.block_on(live(&walk, &early, &first, &second));
        Ok(())
    });
    outcome.unwrap();
}

async fn live(
    walk: &Walk,
    early: &[(&str, Value)],
    first: &[(&str, Value)],
    second: &[(&str, Value)],
) {
    let early = walk.thing(early);
    let first = filled(&walk.ty, &settled(&early, &walk.thing(first)));
    clean(&walk.validate(&early, true).await);
    let planned = walk.planned(&walk.plan(&Stored::nothing(), &early).await);
    let late = walk.plan(&Stored::nothing(), &first).await;
    let faults = compatible::faults(&walk.block, &planned, &walk.planned(&late));
    assert!(faults.is_empty(), "the second plan breaks the first: {faults:#?}");

    let stored = walk.create(&first).await;
    unchanged(walk, &stored, &first).await;
    let second = walk.thing(second);
    let plan = walk.plan(&stored, &second).await;
    let stored = if plan.requires_replace.is_empty() {
        walk.change(&stored, &second).await
    } else {
        destroy(walk, &stored).await;
        walk.create(&second).await
    };
    unchanged(walk, &stored, &second).await;
    destroy(walk, &stored).await;
}

/// Reading changes nothing, and planning the same configuration plans nothing.
async fn unchanged(walk: &Walk, stored: &Stored, config: &Value) {
    let read = walk.read(stored).await;
    clean(&read.diagnostics);
    assert_eq!(value(read.new_state.as_ref(), &walk.ty), stored.state);
    assert_eq!(
        (read.private, read.new_identity),
        (stored.private.clone(), stored.identity.clone())
    );
    let plan = walk.plan(stored, config).await;
    assert_eq!(walk.planned(&plan), stored.state);
    assert!(plan.requires_replace.is_empty());
    assert_eq!(plan.planned_identity, stored.identity);
}

async fn destroy(walk: &Walk, stored: &Stored) {
    let plan = walk.ask_plan(stored, &Value::Null).await;
    clean(&plan.diagnostics);
    assert!(walk.planned(&plan).is_null() && plan.requires_replace.is_empty());
    let gone = walk.apply(&stored.state, &plan, &Value::Null).await;
    assert!(gone.state.is_null());
}

#[tokio::test]
async fn replacing_names_the_paths_that_ask_for_it() {
    let walk = Walk::start().await;
    let parts = |wood: &str| map([("b", part(text(wood))), ("a", part(text(wood)))]);
    let stored = walk.create(&walk.thing(&[("name", text("x")), ("parts", parts("oak"))])).await;
    let config = walk.thing(&[("name", text("y")), ("parts", parts("ash"))]);
    let plan = walk.plan(&stored, &config).await;
    let paths: Vec<_> = plan.requires_replace.iter().map(path).collect();
    let expected = [".name", ".parts[\"a\"].material", ".parts[\"b\"].material"];
    assert_eq!(paths, expected, "sorted and unique");
    // The second half of a replacement starts from nothing, with what the first half left behind.
    let replacing = Stored {
        private: plan.planned_private,
        identity: plan.planned_identity,
        ..Stored::nothing()
    };
    let second = walk.plan(&replacing, &config).await;
    destroy(&walk, &stored).await;
    let new = walk.apply(&Value::Null, &second, &config).await;
    assert_eq!(new.state.get("id"), Some(&text("id-y")));
}

#[tokio::test]
async fn a_failed_create_returns_what_exists() {
    let walk = Walk::start().await;
    let config = walk.thing(&[("name", text("x")), ("mode", text("fail")), ("secret", text("s"))]);
    let plan = walk.plan(&Stored::nothing(), &config).await;
    let response = walk.ask_apply(&Value::Null, &plan, &config).await;
    assert_eq!(response.diagnostics.len(), 1);
    let partial = walk.stored(response);
    assert_eq!(partial.state.get("note"), Some(&text("half")));
    assert!(partial.state.is_wholly_known(), "{:?}", partial.state);
    assert!(partial.identity.is_some());
    walk.holds_no_secret(&partial.state);
}

#[tokio::test]
async fn a_failed_delete_keeps_the_object() {
    let walk = Walk::start().await;
    let stored =
        walk.create(&walk.thing(&[("name", text("x")), ("mode", text("fail-delete"))])).await;
    let plan = walk.ask_plan(&stored, &Value::Null).await;
    let response = walk.ask_apply(&stored.state, &plan, &Value::Null).await;
    assert_eq!(response.diagnostics.len(), 1);
    assert_eq!(walk.stored(response), stored);
}

#[tokio::test]
async fn a_warning_stops_nothing() {
    let walk = Walk::start().await;
    let config = walk.thing(&[("name", text("x")), ("mode", text("warn"))]);
    let plan = walk.plan(&Stored::nothing(), &config).await;
    let response = walk.ask_apply(&Value::Null, &plan, &config).await;
    assert_eq!(response.diagnostics[0].severity(), diagnostic::Severity::Warning);
    assert!(response.diagnostics[0].attribute.is_some());
    assert!(!walk.stored(response).state.is_null());
}

#[tokio::test]
async fn an_object_that_is_gone_reads_as_nothing() {
    let walk = Walk::start().await;
    let stored = walk.create(&walk.thing(&[("name", text("x")), ("mode", text("gone"))])).await;
    let read = walk.read(&stored).await;
    clean(&read.diagnostics);
    assert!(value(read.new_state.as_ref(), &walk.ty).is_null());
    assert!(read.new_identity.is_none());
}

#[tokio::test]
async fn private_bytes_of_others_are_echoed() {
    let walk = Walk::start().await;
    let stored = walk.create(&walk.thing(&[("name", text("x"))])).await;
    assert!(!stored.private.is_empty());
    for private in [&b"not ours"[..], br#"{ "spaced" : "AA==" }"#, b""] {
        let foreign = Stored { private: private.into(), ..stored.clone() };
        assert_eq!(walk.read(&foreign).await.private, private);
    }
}

#[tokio::test]
async fn imports_find_one_object_by_id_and_by_identity() {
    let walk = Walk::start().await;
    let identity = map([("name", text("found"))]);
    let by_identity =
        Some(ResourceIdentityData { identity_data: dynamic(&identity, &walk.identity) });
    for (id, identity) in [("found", None), ("", by_identity)] {
        let request = import_resource_state::Request {
            type_name: THING.to_owned(),
            id: id.to_owned(),
            identity,
            client_capabilities: None,
        };
        let mut provider = walk.host.provider.clone();
        let response = provider.import_resource_state(request).await.unwrap().into_inner();
        clean(&response.diagnostics);
        let [found] = &response.imported_resources[..] else { panic!("{response:?}") };
        assert_eq!(found.type_name, THING);
        let data = found.identity.as_ref().unwrap().identity_data.as_ref();
        assert_eq!(value(data, &walk.identity), map([("name", text("found"))]));
        let state = value(found.state.as_ref(), &walk.ty);
        assert!(state.is_wholly_known());
        walk.holds_no_secret(&state);
        let (private, identity) = (found.private.clone(), found.identity.clone());
        let read = walk.read(&Stored { state, private, identity }).await;
        clean(&read.diagnostics);
        assert!(!value(read.new_state.as_ref(), &walk.ty).is_null());
        assert_eq!(read.new_identity, found.identity);
    }
}

#[tokio::test]
async fn an_import_that_finds_nothing_says_so() {
    let walk = Walk::start().await;
    let request = import_resource_state::Request {
        type_name: THING.to_owned(),
        id: "nobody".to_owned(),
        ..Default::default()
    };
    let response = walk.host.provider.clone().import_resource_state(request).await.unwrap();
    let response = response.into_inner();
    assert!(response.imported_resources.is_empty());
    assert_eq!(response.diagnostics[0].summary, "No such thing");
}
