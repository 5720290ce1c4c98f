//! Lists: each item names its object, as many as are wanted, no faster than the host reads them. And the
//! configuration that is generated for an object.

use std::path::Path;

use tfplugin::Value;
use tfplugin::types::Type;
use tfplugin::value::Number;
use tfplugin::wire::tfplugin6::*;
use tonic::Streaming;

use crate::support::host::{blamed, clean, dynamic, value};
use crate::support::walk::{Stored, THING, Walk, object};

type Events = Streaming<list_resource::Event>;

fn list_type() -> Type {
    Type::from_json(
        br#"["object",{"amount":"number","journal":"string","mode":"string","weight":"number"}]"#,
    )
    .unwrap()
}

fn number(number: i64) -> Value {
    Value::Number(Number::from(number))
}

fn request(set: &[(&str, Value)], limit: i64, whole: bool) -> list_resource::Request {
    let ty = list_type();
    list_resource::Request {
        type_name: THING.to_owned(),
        config: dynamic(&object(&ty, set), &ty),
        include_resource_object: whole,
        limit,
    }
}

async fn begin(walk: &Walk, request: list_resource::Request) -> Events {
    walk.host.provider.clone().list_resource(request).await.unwrap().into_inner()
}

async fn all(walk: &Walk, request: list_resource::Request) -> Vec<list_resource::Event> {
    let mut events = begin(walk, request).await;
    let mut found = Vec::new();
    while let Some(event) = events.message().await.unwrap() {
        found.push(event);
    }
    found
}

fn name(walk: &Walk, event: &list_resource::Event) -> Value {
    let data = event.identity.as_ref().unwrap().identity_data.as_ref();
    value(data, &walk.identity).get("name").unwrap().clone()
}

/// Waits until the journal says so many lines.
async fn lines(journal: &Path, enough: impl Fn(&[&str]) -> bool) -> Vec<String> {
    loop {
        let text = std::fs::read_to_string(journal).unwrap_or_default();
        let found: Vec<&str> = text.lines().collect();
        if enough(&found) {
            return found.into_iter().map(str::to_owned).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn journal() -> (tempfile::TempDir, std::path::PathBuf, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let text = Value::from(path.to_str().unwrap());
    (folder, path, text)
}

#[tokio::test]
async fn every_item_has_its_identity_and_its_name() {
    let walk = Walk::start().await;
    let found = all(&walk, request(&[], 100, false)).await;
    assert_eq!(found.len(), 3, "the default");
    for (number, event) in found.iter().enumerate() {
        assert_eq!(name(&walk, event), Value::from(format!("thing-{number}").as_str()));
        assert_eq!(event.display_name, format!("hi {number}"));
        assert_eq!(event.resource_object, None, "nobody asked for it");
        clean(&event.diagnostic);
    }
}

#[tokio::test]
async fn an_object_is_what_a_state_would_hold() {
    let walk = Walk::start().await;
    let found = all(&walk, request(&[("amount", number(1))], 100, true)).await;
    let state = value(found[0].resource_object.as_ref(), &walk.ty);
    assert!(state.is_wholly_known(), "{state:?}");
    walk.holds_no_secret(&state);
    assert_eq!(state.get("name"), Some(&Value::from("thing-0")));
    assert_eq!(state.get("replicas"), Some(&number(3)));
}

#[tokio::test]
async fn a_list_ends_at_its_limit() {
    let walk = Walk::start().await;
    for (limit, listed) in [(0, 0), (2, 2), (3, 3), (4, 3), (-1, 0)] {
        let (_folder, path, text) = journal();
        let found = all(&walk, request(&[("journal", text)], limit, false)).await;
        assert_eq!(found.len(), listed, "limit {limit}");
        let said = lines(&path, |lines| lines.last() == Some(&"over")).await;
        assert!(said.len() <= listed + 1, "limit {limit}: {said:?}");
    }
    let asks_late = request(&[("mode", Value::from("panic"))], 3, false);
    assert_eq!(all(&walk, asks_late).await.len(), 3, "what comes after the limit is not done");
}

#[tokio::test]
async fn a_host_that_has_enough_ends_the_list() {
    let walk = Walk::start().await;
    let (_folder, path, text) = journal();
    let wait = [("journal", text), ("mode", Value::from("wait")), ("amount", number(2))];
    let mut events = begin(&walk, request(&wait, 100, false)).await;
    events.message().await.unwrap().unwrap();
    events.message().await.unwrap().unwrap();
    lines(&path, |lines| lines.len() == 2).await;
    drop(events);
    lines(&path, |lines| lines.last() == Some(&"over")).await;
    assert_eq!(all(&walk, request(&[], 100, false)).await.len(), 3, "the next one is not harmed");
}

#[tokio::test]
async fn an_interruption_ends_the_list_and_says_so() {
    let walk = Walk::start().await;
    let wait = request(&[("mode", Value::from("wait"))], 100, false);
    let mut events = begin(&walk, wait).await;
    for _ in 0..3 {
        events.message().await.unwrap().unwrap();
    }
    walk.host.provider.clone().stop_provider(stop_provider::Request {}).await.unwrap();
    let last = events.message().await.unwrap().unwrap();
    assert_eq!(last.diagnostic[0].summary, "Interrupted");
    assert!(events.message().await.unwrap().is_none());
}

/// The most memory that the process ever had, in kilobytes.
fn peak(walk: &Walk) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", walk.process.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::test]
async fn ten_thousand_items_wait_for_their_reader_and_not_in_memory() {
    const ITEMS: i64 = 10_000;
    const WEIGHT: i64 = 10_000;
    let walk = Walk::start().await;
    let (_folder, path, text) = journal();
    let asked = [("journal", text), ("amount", number(ITEMS)), ("weight", number(WEIGHT))];
    let mut events = begin(&walk, request(&asked, ITEMS, true)).await;
    events.message().await.unwrap().unwrap();
    let before = peak(&walk);
    // A second list runs to its end while nobody reads the first one, which stands still meanwhile.
    assert_eq!(all(&walk, request(&[], 100, false)).await.len(), 3);
    let taken = std::fs::read_to_string(&path).unwrap().lines().count();
    assert!(taken < 1000, "{taken} items were made for a reader who took one");
    let mut read = 1;
    while let Some(event) = events.message().await.unwrap() {
        assert!(event.identity.is_some());
        read += 1;
    }
    assert_eq!(read, ITEMS);
    let Some((before, after)) = before.zip(peak(&walk)) else { return };
    // All of them are 100 MB.
    let grown = after - before;
    assert!(grown < 16 * 1024, "{ITEMS} items cost {grown} KB");
}

#[tokio::test]
async fn what_goes_wrong_comes_after_what_was_found() {
    let walk = Walk::start().await;
    for (mode, told) in [
        ("fail", "As asked."),
        ("panic", "the list panicked"),
        ("silent", "failed without saying why"),
    ] {
        let found = all(&walk, request(&[("mode", Value::from(mode))], 100, false)).await;
        assert_eq!(found.len(), 4, "{found:#?}");
        found[..3].iter().for_each(|event| assert!(event.identity.is_some()));
        let last = &found[3];
        assert_eq!(last.identity, None);
        assert!(last.diagnostic[0].detail.contains(told), "{last:#?}");
        assert_eq!(last.diagnostic[0].severity(), diagnostic::Severity::Error);
    }
}

#[tokio::test]
async fn a_warning_comes_with_the_item_it_was_given_before() {
    let walk = Walk::start().await;
    let found = all(&walk, request(&[("mode", Value::from("warn"))], 100, false)).await;
    let warnings = |event: &list_resource::Event| {
        let severity = diagnostic::Severity::Warning;
        assert!(event.diagnostic.iter().all(|it| it.severity() == severity));
        event.diagnostic.iter().map(|it| it.summary.clone()).collect::<Vec<_>>()
    };
    let all: Vec<_> = found.iter().map(warnings).collect();
    assert_eq!(all, [["Warned"], ["Warned"], ["Warned"], ["Warned late"]]);
    assert_eq!(found[3].identity, None);
}

#[tokio::test]
async fn a_list_that_is_not_there_is_an_error_and_no_status() {
    let walk = Walk::start().await;
    let unknown = list_resource::Request {
        type_name: "conform_nothing".to_owned(),
        ..request(&[], 100, false)
    };
    let found = all(&walk, unknown).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].diagnostic[0].detail.contains("conform_nothing"));
}

#[tokio::test]
async fn what_is_asked_for_is_validated() {
    let walk = Walk::start().await;
    let ty = list_type();
    let check = async |config: Value| {
        let request = validate_list_resource_config::Request {
            type_name: THING.to_owned(),
            config: dynamic(&config, &ty),
            ..Default::default()
        };
        let mut provider = walk.host.provider.clone();
        provider.validate_list_resource_config(request).await.unwrap().into_inner().diagnostics
    };
    let open = ["amount", "journal", "mode", "weight"].map(|name| (name, Value::unknown()));
    clean(&check(object(&ty, &open)).await);
    clean(&check(object(&ty, &[])).await);
    assert_eq!(blamed(&check(object(&ty, &[("amount", number(-1))])).await), [".config.amount"]);
}

async fn configuration(walk: &Walk, state: &Value) -> Value {
    let request = generate_resource_config::Request {
        type_name: THING.to_owned(),
        state: dynamic(state, &walk.ty),
    };
    let answer = walk.host.provider.clone().generate_resource_config(request).await.unwrap();
    let answer = answer.into_inner();
    clean(&answer.diagnostics);
    value(answer.config.as_ref(), &walk.ty)
}

#[tokio::test]
async fn a_generated_configuration_says_what_a_person_would_write() {
    let walk = Walk::start().await;
    let part = |weight: Value| {
        let part = [("material".to_owned(), Value::from("oak")), ("weight".to_owned(), weight)];
        Value::Map([("leg".to_owned(), Value::Map(part.into()))].into())
    };
    let config = walk.thing(&[
        ("name", Value::from("a")),
        ("secret", Value::from("hidden")),
        ("parts", part(Value::Null)),
    ]);
    let Stored { state, .. } = walk.create(&config).await;
    let generated = configuration(&walk, &state).await;
    // The zone was left open, and is a person's to say.
    let expected = walk.thing(&[
        ("name", Value::from("a")),
        ("zone", Value::from("somewhere")),
        ("parts", part(Value::Null)),
    ]);
    assert_eq!(generated, expected);
    clean(&walk.validate(&generated, true).await);
    let other = walk.thing(&[("name", Value::from("a")), ("replicas", number(4))]);
    let state = walk.create(&other).await.state;
    assert_eq!(configuration(&walk, &state).await.get("replicas"), Some(&number(4)));
    assert!(configuration(&walk, &Value::Null).await.is_null());
}
