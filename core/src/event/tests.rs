//! Payloads of every shape that GitHub sends.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn push() -> Value {
    json!({
        "ref": "refs/heads/main",
        "before": "1".repeat(40),
        "after": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
        "created": false, "deleted": false, "forced": false,
        "head_commit": {
            "id": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
            "message": "Serve orders\n\nFrom two regions.",
            "timestamp": "2025-11-21T10:30:00-07:00",
            "author": { "name": "Ana", "email": "ana@example.com", "username": "ana" },
        },
        "repository": { "full_name": "example/shop", "clone_url": "https://github.com/example/shop.git" },
        "pusher": { "name": "ana", "email": "ana@example.com" },
    })
}

fn told(payload: &Value) -> String {
    PushEvent::read(&payload.to_string()).unwrap_err().to_string()
}

#[test]
fn a_push_is_read_with_its_time_in_utc() {
    let event = PushEvent::read(&push().to_string()).unwrap();
    assert_eq!(event.branch, "refs/heads/main");
    assert_eq!(event.timestamp.to_string(), "2025-11-21T17:30:00Z");
    assert_eq!(event.author, "ana@example.com");
    assert_eq!(event.repository.as_deref(), Some("example/shop"));
    assert!(event.message.ends_with("regions.") && !event.created && !event.forced);
}

#[test]
fn new_and_forced_branches_are_told() {
    let mut payload = push();
    payload["created"] = json!(true);
    payload["forced"] = json!(true);
    payload["head_commit"]["author"] = json!({ "name": "Ana" });
    let event = PushEvent::read(&payload.to_string()).unwrap();
    assert!(event.created && event.forced && event.author == "Ana");
}

#[test]
fn tags_and_deletions_are_refused_by_name_and_nothing_else_is_blamed() {
    let mut payload = push();
    payload["ref"] = json!("refs/tags/v1.0.0");
    assert!(told(&payload).contains("EVT002 at `ref`: found a push of the tag `v1.0.0`"));
    let mut payload = push();
    payload["deleted"] = json!(true);
    payload["after"] = json!("0".repeat(40));
    payload["head_commit"] = Value::Null;
    let told = told(&payload);
    assert!(told.contains("the deletion of `refs/heads/main`"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn other_kinds_are_named() {
    for (payload, kind) in [
        (json!({ "zen": "Keep it logically awesome.", "hook_id": 1 }), "ping"),
        (json!({ "pull_request": {}, "review": {} }), "pull_request_review"),
        (json!({ "ref": "v1", "ref_type": "tag", "master_branch": "main" }), "create"),
        (json!({ "ref": "v1", "ref_type": "tag" }), "delete"),
        (json!({ "ref": "refs/heads/main", "inputs": {} }), "workflow_dispatch"),
    ] {
        let told = told(&payload);
        assert!(told.starts_with("EVT001") && told.contains(&format!("`{kind}`")), "{told}");
    }
    assert!(told(&json!({})).contains("without `ref`"));
    assert!(told(&json!([])).contains("not an object"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut payload = push();
    payload["after"] = json!("abc");
    payload["repository"] = json!({ "clone_url": 7 });
    payload["head_commit"] = json!({ "timestamp": "yesterday" });
    let told = told(&payload);
    for part in [
        "after",
        "repository.clone_url",
        "head_commit.message",
        "head_commit.timestamp",
        "head_commit.author",
    ] {
        assert!(told.contains(&format!(" at `{part}`: ")), "{part}: {told}");
    }
}

#[test]
fn what_is_deep_or_large_is_refused() {
    let deep = format!("{{\"ref\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(PushEvent::read(&deep).is_err());
    let large = format!("\"{}\"", "x".repeat(LARGEST));
    assert!(PushEvent::read(&large).unwrap_err().to_string().contains("more than GitHub sends"));
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in ".{0,200}") {
        let _ = PushEvent::read(&text);
    }

    #[test]
    fn no_value_in_a_field_breaks_the_reader(field in "ref|after|head_commit|repository", text in ".{0,40}") {
        let mut payload = push();
        payload[field.as_str()] = json!(text);
        let _ = PushEvent::read(&payload.to_string());
    }
}
