//! State as stored: of this version, of an earlier one, of another type.

use tfplugin::Value;
use tfplugin::codec::json;
use tfplugin::wire::tfplugin6::*;

use crate::support::host::{clean, value};
use crate::support::walk::{THING, Walk};

async fn upgrade(walk: &Walk, version: i64, raw: RawState) -> upgrade_resource_state::Response {
    let request = upgrade_resource_state::Request {
        type_name: THING.to_owned(),
        version,
        raw_state: Some(raw),
    };
    walk.host.provider.clone().upgrade_resource_state(request).await.unwrap().into_inner()
}

fn raw(json: impl Into<Vec<u8>>) -> RawState {
    RawState { json: json.into().into(), ..Default::default() }
}

#[tokio::test]
async fn state_of_this_version_comes_back_however_it_is_written() {
    let walk = Walk::start().await;
    let stored = walk.create(&walk.thing(&[("name", Value::from("a"))])).await;
    let compact = json::encode(&stored.state, &walk.ty).unwrap();
    let parsed: serde_json::Value = serde_json::from_slice(&compact).unwrap();
    let pretty = serde_json::to_vec_pretty(&parsed).unwrap();
    let mut with_more = parsed;
    with_more["gone"] = serde_json::json!({ "since": "long" });
    for json in [compact, pretty, with_more.to_string().into_bytes()] {
        let response = upgrade(&walk, 1, raw(json)).await;
        clean(&response.diagnostics);
        assert_eq!(value(response.upgraded_state.as_ref(), &walk.ty), stored.state);
    }
}

#[tokio::test]
async fn state_of_an_earlier_version_is_brought_up() {
    let walk = Walk::start().await;
    let response = upgrade(&walk, 0, raw(r#"{"title":"old","secret":null}"#)).await;
    clean(&response.diagnostics);
    let state = value(response.upgraded_state.as_ref(), &walk.ty);
    assert_eq!(state.get("name"), Some(&Value::from("old")));
    assert!(state.is_wholly_known(), "{state:?}");
    walk.holds_no_secret(&state);
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_never_nothing() {
    let walk = Walk::start().await;
    let flatmap =
        RawState { flatmap: [("id".to_owned(), "a".to_owned())].into(), ..Default::default() };
    for (version, raw) in [
        (1, flatmap),
        (1, RawState::default()),
        (1, raw("null")),
        (1, raw("{\"name\":")),
        (1, raw(r#"{"name":["a"]}"#)),
        (0, raw("{}")),
        (7, raw(r#"{"name":"a"}"#)),
    ] {
        let response = upgrade(&walk, version, raw.clone()).await;
        assert!(!response.diagnostics.is_empty(), "{version} {raw:?}");
        assert!(response.upgraded_state.is_none());
    }
}

#[tokio::test]
async fn an_identity_of_earlier_days_may_be_empty() {
    let walk = Walk::start().await;
    for (json, known) in [("", false), (r#"{"name":"a"}"#, true)] {
        let request = upgrade_resource_identity::Request {
            type_name: THING.to_owned(),
            version: 0,
            raw_identity: Some(raw(json)),
        };
        let mut provider = walk.host.provider.clone();
        let response = provider.upgrade_resource_identity(request).await.unwrap().into_inner();
        clean(&response.diagnostics);
        assert_eq!(response.upgraded_identity.is_some(), known);
    }
}

#[tokio::test]
async fn state_moves_from_types_that_are_known() {
    let walk = Walk::start().await;
    let request = |source: &str| move_resource_state::Request {
        source_provider_address: "example.com/test/other".to_owned(),
        source_type_name: source.to_owned(),
        source_state: Some(raw(r#"{"name":"moved"}"#)),
        target_type_name: THING.to_owned(),
        ..Default::default()
    };
    let mut provider = walk.host.provider.clone();
    let moved = provider.move_resource_state(request("other_thing")).await.unwrap().into_inner();
    clean(&moved.diagnostics);
    let state = value(moved.target_state.as_ref(), &walk.ty);
    assert_eq!(state.get("name"), Some(&Value::from("moved")));
    assert!(state.is_wholly_known());
    walk.holds_no_secret(&state);
    assert!(moved.target_identity.is_some());
    let refused = provider.move_resource_state(request("elsewhere_thing")).await.unwrap();
    let refused = refused.into_inner();
    assert!(refused.target_state.is_none());
    assert!(refused.diagnostics[0].detail.contains("elsewhere_thing"));
}
