//! How objects and arguments arrive from elsewhere: import, upgrade, move, data sources, functions,
//! and the provider's own configuration.

use std::sync::Arc;

use serde_json::json;
use tfplugin::Log;
use tfplugin::codec::json as codec;
use tfplugin::erased::{Call, ImportKey, MoveRequest};
use tfplugin::provider::self_check;
use tfplugin::stop::Stopper;
use tfplugin::{Number, Value};

use crate::sample::{Fault, call};
use crate::stage::{Object, Stage, blamed, config, errors, with};

fn unconfigured() -> Call {
    Call { configured: None, stop: Stopper::new().token(), log: Log::off() }
}

fn number(n: i64) -> Value {
    Value::Number(Number::from(n))
}

#[tokio::test]
async fn an_object_is_imported_by_id_and_by_identity() {
    let stage = Stage::new();
    let thing = stage.thing();
    let config = config(thing, &json!({ "name": "a", "words": [], "token_wo": "x" }));
    let object = stage.apply(thing, &Object::NONE, &config).await;
    for key in [ImportKey::Id("a".to_owned()), ImportKey::Identity(object.identity.clone())] {
        let found = thing.import(key, call(&stage.store)).await;
        assert!(!found.diagnostics.has_errors(), "{:?}", found.diagnostics);
        assert_eq!(found.state, object.state);
        assert_eq!(found.identity, object.identity);
        let read = stage.read(thing, &found.into()).await;
        assert_eq!(read.state, object.state);
    }
    stage.fault(Fault::Rename);
    let key = ImportKey::Identity(object.identity.clone());
    let other = thing.import(key, call(&stage.store)).await;
    assert!(errors(&other.diagnostics)[0].contains("another `name` than asked for"));
    let missing = thing.import(ImportKey::Id("b".to_owned()), call(&stage.store)).await;
    assert!(missing.state.is_null());
    assert_eq!(errors(&missing.diagnostics), [": There is no such thing."]);
}

#[tokio::test]
async fn an_identity_that_cannot_be_is_refused_before_the_search() {
    let stage = Stage::new();
    let identity =
        with(&Value::Map([("name".to_owned(), Value::Null)].into()), "name", "A B".into());
    let refused = stage.thing().import(ImportKey::Identity(identity), call(&stage.store)).await;
    assert_eq!(blamed(&refused.diagnostics), ["name"]);
}

#[tokio::test]
async fn nothing_runs_without_a_configured_provider() {
    let stage = Stage::new();
    let response = stage.thing().import(ImportKey::Id("a".to_owned()), unconfigured()).await;
    assert!(errors(&response.diagnostics)[0].contains("has not been configured"));
    assert!(response.state.is_null());
}

#[tokio::test]
async fn state_of_the_same_version_is_read_as_it_is() {
    let stage = Stage::new();
    let thing = stage.thing();
    let config = config(thing, &json!({ "name": "a", "words": ["w"], "beta": 0.25 }));
    let object = stage.apply(thing, &Object::NONE, &config).await;
    let compact = codec::encode(&object.state, &thing.schema().ty()).unwrap();
    let mut parsed: serde_json::Value = serde_json::from_slice(&compact).unwrap();
    parsed["removed_long_ago"] = json!({ "a": [1] });
    let pretty = serde_json::to_vec_pretty(&parsed).unwrap();
    for raw in [compact, pretty] {
        let (state, problems) = thing.upgrade(2, &raw);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(state, object.state);
    }
}

#[test]
fn older_state_goes_to_the_author() {
    let stage = Stage::new();
    let (state, problems) = stage.thing().upgrade(1, br#"{"title":"old"}"#);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(state.get("name"), Some(&Value::from("old")));
    assert_eq!(state.get("prefix"), Some(&Value::from("v1")));
    assert!(state.is_wholly_known());
}

#[test]
fn state_that_nobody_can_read_is_an_error_and_never_null_alone() {
    let stage = Stage::new();
    let unreadable: [(i64, &[u8]); 7] = [
        (2, b""),
        (1, b""),
        (2, b"{"),
        (2, b"null"),
        (3, br#"{"name":"a"}"#),
        (1, br#"{"title":"9"}"#),
        (2, br#"{"name":["a"]}"#),
    ];
    for (version, raw) in unreadable {
        let (state, problems) = stage.thing().upgrade(version, raw);
        assert!(state.is_null() && problems.has_errors(), "{version} {raw:?}");
    }
    let (_, problems) = stage.resource("sample_fixed").upgrade(-1, b"{}");
    assert!(errors(&problems)[0].contains("schema version -1"));
}

#[test]
fn a_stored_identity_is_read_and_a_missing_one_is_none() {
    let stage = Stage::new();
    let (identity, problems) = stage.thing().upgrade_identity(0, br#"{"name":"a","old":1}"#);
    assert!(problems.is_empty());
    assert_eq!(identity, Value::Map([("name".to_owned(), Value::from("a"))].into()));
    let (identity, problems) = stage.thing().upgrade_identity(0, b"");
    assert!(identity.is_null() && problems.is_empty());
    assert!(stage.thing().upgrade_identity(0, b"[").1.has_errors());
}

#[test]
fn state_moves_from_a_type_that_is_known() {
    let stage = Stage::new();
    let mut request = MoveRequest {
        source_provider: "example.com/other/other".to_owned(),
        source_type: "other_thing".to_owned(),
        source_version: 0,
        source_state: br#"{"name":"moved"}"#.to_vec(),
        source_private: Vec::new(),
    };
    let moved = stage.thing().move_state(&request);
    assert!(moved.diagnostics.is_empty(), "{:?}", moved.diagnostics);
    assert_eq!(moved.state.get("name"), Some(&Value::from("moved")));
    assert_eq!(moved.identity.get("name"), Some(&Value::from("moved")));
    assert!(moved.state.is_wholly_known());
    request.source_type = "strange_thing".to_owned();
    let refused = stage.thing().move_state(&request);
    assert!(refused.state.is_null());
    assert!(errors(&refused.diagnostics)[0].contains("strange_thing"));
}

#[tokio::test]
async fn a_data_source_keeps_what_is_configured_and_gives_defaults() {
    let stage = Stage::new();
    let finder = stage.provider.data_sources()[0].as_ref();
    let asked = codec::decode(br#"{"name":"a"}"#, &finder.schema().ty()).unwrap();
    let (found, problems) = finder.read(asked, call(&stage.store)).await;
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(found.get("limit"), Some(&number(10)));
    assert_eq!(found.get("found"), Some(&Value::Null));
    assert_eq!(found.get("count_of"), Some(&number(0)));
    let gone = codec::decode(br#"{"name":"gone"}"#, &finder.schema().ty()).unwrap();
    let (found, problems) = finder.read(gone.clone(), call(&stage.store)).await;
    assert!(found.is_null());
    assert_eq!(errors(&problems), [": It is gone."]);
    let (found, problems) = finder.read(gone, unconfigured()).await;
    assert!(found.is_null() && problems.has_errors());
}

#[test]
fn a_function_takes_any_number_of_arguments() {
    let stage = Stage::new();
    let join = stage.provider.functions()[0].as_ref();
    let signature = join.signature();
    assert_eq!(signature.summary, "Joins words. With a separator.");
    assert_eq!(signature.parameters.len(), 1);
    assert!(signature.parameters[0].allow_null);
    assert_eq!(signature.variadic.as_ref().unwrap().ty, tfplugin::types::Type::String);
    let call = |arguments: &[&str]| {
        let rest = arguments.iter().map(|text| Value::from(*text));
        join.call([Value::from("+")].into_iter().chain(rest).collect())
    };
    for (arguments, label) in [(&[][..], ""), (&["a"][..], "a"), (&["a", "b"][..], "a+b")] {
        let result = call(arguments).unwrap();
        assert_eq!(result.get("label"), Some(&Value::from(label)));
    }
    let fault = call(&["a", "9"]).unwrap_err();
    assert_eq!((fault.argument, fault.text.contains("\"9\"")), (Some(2), true));
    let fault = join.call(vec![Value::from("bad")]).unwrap_err();
    assert_eq!((fault.argument, fault.text.as_str()), (Some(0), "It is bad."));
    assert!(join.call(vec![Value::Null, Value::from("a")]).is_ok());
}

#[tokio::test]
async fn a_provider_is_configured_with_its_defaults() {
    let stage = Stage::new();
    let stop = Stopper::new().token();
    let ty = stage.provider.schema().ty();
    let config = codec::decode(b"{}", &ty).unwrap();
    let (configured, problems) =
        stage.provider.configure(&config, "1.15.0", &stop, &Log::off()).await;
    assert!(configured.is_some() && problems.is_empty());
    let config = codec::decode(br#"{"retries":0}"#, &ty).unwrap();
    let (configured, problems) =
        stage.provider.configure(&config, "1.15.0", &stop, &Log::off()).await;
    assert!(configured.is_none());
    assert_eq!(blamed(&problems), ["retries"]);
    let unknown = with(&config, "retries", Value::unknown());
    assert!(stage.provider.configure(&unknown, "1.15.0", &stop, &Log::off()).await.0.is_some());
}

#[test]
fn the_sample_breaks_no_rule_for_schemas() {
    assert_eq!(self_check(Stage::new().provider.as_ref()), [""; 0]);
}

#[test]
fn a_resource_that_was_given_another_provider_says_so() {
    let stage = Stage::new();
    let other =
        Call { configured: Some(Arc::new(7_u8)), stop: Stopper::new().token(), log: Log::off() };
    let answer = stage.thing().import(ImportKey::Id("a".to_owned()), other);
    let response = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer);
    assert!(response.diagnostics.has_errors());
}

#[test]
fn every_offer_has_a_page_with_its_example() {
    let examples = |path: &str| path.ends_with(".tf").then(|| format!("# {path}\n"));
    let pages = tfplugin::docs::pages(Stage::new().provider.as_ref(), &examples);
    let paths: Vec<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    let expected = [
        "index.md",
        "resources/fixed.md",
        "resources/thing.md",
        "data-sources/finder.md",
        "ephemeral-resources/pass.md",
        "functions/join_words.md",
    ];
    assert_eq!(paths, expected);
    let pass = &pages[4].text;
    for part in [
        "page_title: \"sample_pass Ephemeral Resource - sample\"",
        "# sample_pass (Ephemeral Resource)",
        "# ephemeral-resources/sample_pass/ephemeral-resource.tf",
    ] {
        assert!(pass.contains(part), "{part} is missing from\n{pass}");
    }
    let thing = &pages[2].text;
    let parts = [
        "page_title: \"sample_thing Resource - sample\"",
        "description: |-\n  A thing with every kind of field.\n",
        "```terraform\n# resources/sample_thing/resource.tf\n```",
        "- `beta` (Number, Deprecated) The other. Deprecated: Use `alpha`.",
        "- `name` (String, required) The name of the thing.",
        "- `on_failure` (String) What to do. Default: `\"block\"`.\n\n  One of:\n  - `block`: Refuse.\n  \
         - `warn_only`: Warn and go on.",
    ];
    for part in parts {
        assert!(thing.contains(part), "{part} is missing from\n{thing}");
    }
}
