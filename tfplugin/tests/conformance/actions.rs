//! Actions: what they say while they run, and that they always end with one last word.

use std::time::{Duration, Instant};

use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::invoke_action::event::Type as Said;
use tfplugin::wire::tfplugin6::*;
use tfplugin::{Number, Value};

use crate::support::host::{Host, blamed, clean, dynamic};
use crate::support::process::Process;
use crate::support::walk::{Walk, object};

const WORK: &str = "conform_work";

fn config(set: &[(&str, Value)]) -> Option<DynamicValue> {
    let ty = Type::Object(
        [("mode".to_owned(), Type::String), ("steps".to_owned(), Type::Number)].into(),
    );
    dynamic(&object(&ty, set), &ty)
}

fn mode(mode: &str) -> Option<DynamicValue> {
    config(&[("mode", Value::from(mode))])
}

async fn planned(host: &Host, config: Option<DynamicValue>) -> Vec<Diagnostic> {
    let request = plan_action::Request {
        action_type: WORK.to_owned(),
        config,
        client_capabilities: Some(ClientCapabilities::default()),
    };
    let answer = host.provider.clone().plan_action(request).await.unwrap().into_inner();
    assert!(answer.deferred.is_none());
    answer.diagnostics
}

async fn invoked(
    host: &Host,
    action_type: &str,
    config: Option<DynamicValue>,
) -> tonic::Streaming<invoke_action::Event> {
    let action_type = action_type.to_owned();
    let request = invoke_action::Request { action_type, config, client_capabilities: None };
    host.provider.clone().invoke_action(request).await.unwrap().into_inner()
}

/// Everything that is said: lines, and the last word, after which nothing comes.
async fn heard(
    mut events: tonic::Streaming<invoke_action::Event>,
) -> (Vec<String>, Vec<Diagnostic>) {
    let mut lines = Vec::new();
    loop {
        let event = events.message().await.unwrap().expect("it ends without a last word");
        match event.r#type.expect("an event without a case") {
            Said::Progress(line) => lines.push(line.message),
            Said::Completed(completed) => {
                assert_eq!(events.message().await.unwrap(), None, "there is more");
                return (lines, completed.diagnostics);
            }
        }
    }
}

#[tokio::test]
async fn an_action_tells_how_it_goes_on_and_then_ends_once() {
    let walk = Walk::start().await;
    let (lines, problems) = heard(invoked(&walk.host, WORK, config(&[])).await).await;
    assert_eq!(lines, ["hi step 1", "hi step 2"]);
    clean(&problems);
    let steps = config(&[("steps", Value::Number(Number::from(0)))]);
    let (lines, problems) = heard(invoked(&walk.host, WORK, steps).await).await;
    assert!(lines.is_empty(), "{lines:?}");
    clean(&problems);
    let (lines, problems) = heard(invoked(&walk.host, WORK, mode("warn")).await).await;
    assert_eq!((lines.len(), problems.len()), (2, 1));
    assert_eq!(problems[0].severity(), diagnostic::Severity::Warning);
}

#[tokio::test]
async fn whatever_goes_wrong_is_told_by_the_last_word() {
    let walk = Walk::start().await;
    let cases = [
        ("fail", 2, "Failed", "As asked."),
        ("silent", 2, "Bug in the provider", "`invoke` failed without saying why."),
        ("panic", 2, "Bug in the provider", "the work panicked"),
    ];
    for (how, count, summary, detail) in cases {
        let (lines, problems) = heard(invoked(&walk.host, WORK, mode(how)).await).await;
        assert_eq!((lines.len(), problems.len()), (count, 1), "{how}: {problems:#?}");
        assert_eq!(problems[0].summary, summary);
        assert!(problems[0].detail.contains(detail), "{problems:#?}");
        assert_eq!(problems[0].severity(), diagnostic::Severity::Error);
    }
    let (lines, problems) = heard(invoked(&walk.host, "conform_nothing", mode("fail")).await).await;
    assert!(lines.is_empty() && problems[0].detail.contains("conform_nothing"), "{problems:#?}");
    let nonsense = Some(DynamicValue { msgpack: b"\xc1"[..].into(), ..Default::default() });
    let (_, problems) = heard(invoked(&walk.host, WORK, nonsense).await).await;
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let process = Process::start().await;
    let (_, problems) = heard(invoked(&process.host().await, WORK, config(&[])).await).await;
    assert_eq!(problems[0].summary, "Provider is not configured");
}

#[tokio::test]
async fn a_plan_says_what_forbids_it_and_takes_what_is_unknown() {
    let walk = Walk::start().await;
    let open = [("mode", Value::unknown()), ("steps", Value::unknown())];
    clean(&planned(&walk.host, config(&open)).await);
    clean(&planned(&walk.host, config(&[])).await);
    assert_eq!(blamed(&planned(&walk.host, mode("forbidden")).await), [".mode"]);
    let warned = planned(&walk.host, mode("warn")).await;
    assert_eq!(warned[0].severity(), diagnostic::Severity::Warning);
    let panicked = planned(&walk.host, mode("panic-plan")).await;
    assert!(panicked[0].detail.contains("the plan panicked"), "{panicked:#?}");
    let process = Process::start().await;
    let unready = planned(&process.host().await, config(&[])).await;
    assert_eq!(unready[0].summary, "Provider is not configured");
}

#[tokio::test]
async fn validation_needs_no_configuration() {
    let process = Process::start().await;
    let mut provider = process.host().await.provider;
    let mut validated = async |config| {
        let request = validate_action_config::Request { action_type: WORK.to_owned(), config };
        provider.validate_action_config(request).await.unwrap().into_inner().diagnostics
    };
    clean(&validated(config(&[("mode", Value::unknown()), ("steps", Value::unknown())])).await);
    clean(&validated(mode("fail")).await);
    let few = validated(config(&[("steps", Value::Number(Number::from(-1)))])).await;
    assert_eq!(blamed(&few), [".steps"]);
}

#[tokio::test]
async fn a_stop_ends_an_action_in_order() {
    let walk = Walk::start().await;
    let mut events = invoked(&walk.host, WORK, mode("wait")).await;
    let first = events.message().await.unwrap().unwrap();
    assert!(matches!(first.r#type, Some(Said::Progress(_))));
    walk.host.provider.clone().stop_provider(stop_provider::Request {}).await.unwrap();
    let (lines, problems) = heard(events).await;
    assert_eq!(lines, ["hi step 2", "stopped"]);
    assert_eq!(problems[0].summary, "Interrupted");
    walk.configure().await;
    clean(&heard(invoked(&walk.host, WORK, config(&[])).await).await.1);
}

#[tokio::test]
async fn an_action_survives_the_stream_that_it_speaks_on() {
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("mark");
    let walk = Walk::start().await;
    let events = invoked(&walk.host, WORK, mode(&format!("mark:{}", mark.display()))).await;
    drop(events);
    assert!(!mark.exists());
    let begun = Instant::now();
    while !mark.exists() {
        assert!(begun.elapsed() < Duration::from_secs(5), "the action was cut off");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
