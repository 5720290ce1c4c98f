//! Tests of what is told: by the words of the protocol and of CloudWatch.

use serde_json::{Value, json};

use super::cloudwatch::{NAMESPACE, entries};
use super::parent::TraceParent;
use super::traces::traces;
use super::*;
use crate::deployment::tests::deployment;

const BEGAN: Moment = Moment(1_760_000_000_123_456_789);

fn steps() -> [StepTook; 2] {
    let step = |name, after, took, result| StepTook {
        name,
        after: Duration::from_millis(after),
        took: Duration::from_millis(took),
        result,
    };
    [
        step("rollout", 100, 2_000, Ending::Succeeded),
        step("health_check", 2_100, 500, Ending::Failed),
    ]
}

fn failed() -> Ended {
    let at = |seconds: i64| crate::Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap();
    let record = deployment().start(at(0)).unwrap().fail(at(3), "it answered 500", None).unwrap();
    of_deployment(&record, &steps(), (BEGAN, Duration::from_secs(3))).unwrap()
}

fn told(ended: &Ended, parent: Option<&TraceParent>) -> Value {
    serde_json::to_value(traces(ended, parent).unwrap()).unwrap()
}

fn attribute<'a>(span: &'a Value, key: &str) -> &'a Value {
    let all = span["attributes"].as_array().unwrap();
    all.iter().find(|it| it["key"] == key).map_or(&Value::Null, |it| &it["value"]["stringValue"])
}

#[test]
fn a_deployment_is_a_span_and_its_steps_are_children() {
    let traces = told(&failed(), None);
    let spans = traces["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let [whole, rollout, health] = spans.as_slice() else { panic!("{traces}") };
    assert_eq!((&whole["name"], &whole["kind"]), (&json!("RUN production/api"), &json!(2)));
    assert_eq!(whole["startTimeUnixNano"], "1760000000123456789");
    assert_eq!(whole["endTimeUnixNano"], "1760000003123456789");
    assert_eq!(whole["status"], json!({ "code": 2, "message": "it answered 500" }));
    assert_eq!(attribute(whole, "cicd.pipeline.result"), "failure");
    assert_eq!(attribute(whole, "deployment.environment.name"), "production");
    assert_eq!(attribute(whole, "deployment.status"), "failed");
    assert_eq!(attribute(whole, "vcs.ref.head.name"), "api/v1.2.3");
    assert!(whole["parentSpanId"].is_null());
    assert_eq!(attribute(rollout, "cicd.pipeline.task.type"), "deploy");
    assert_eq!(attribute(health, "cicd.pipeline.task.run.result"), "failure");
    let mut ids: Vec<&str> = spans.iter().map(|span| span["spanId"].as_str().unwrap()).collect();
    for (span, id) in spans.iter().zip(&ids) {
        assert_eq!(span["traceId"].as_str().unwrap().len(), 32);
        assert!(id.len() == 16 && id.bytes().all(|it| it.is_ascii_hexdigit()), "{id}");
    }
    for step in [rollout, health] {
        assert_eq!((&step["parentSpanId"], &step["kind"]), (&whole["spanId"], &json!(1)));
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert_eq!(traces, told(&failed(), None), "to tell it twice makes one trace");
}

#[test]
fn it_is_a_part_of_the_trace_of_whoever_started_it() {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let parent = TraceParent::read(text).unwrap();
    let traces_of_it = told(&failed(), Some(&parent));
    let spans = &traces_of_it["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!(spans[0]["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(spans[0]["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(spans[1]["parentSpanId"], spans[0]["spanId"]);
    let dropped = TraceParent { is_sampled: false, ..parent };
    assert!(traces(&failed(), Some(&dropped)).is_none(), "nobody keeps that trace");
}

#[test]
fn cloudwatch_gets_an_entry_for_each_stage_and_the_metrics() {
    let entries = entries(&failed(), NAMESPACE);
    assert!(entries.is_sorted_by_key(|entry| entry.at), "{entries:?}");
    let read = |at: usize| serde_json::from_str::<Value>(&entries[at].message).unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(
        (&read(0)["stage"], &read(0)["message"]),
        (&json!("rollout"), &json!("rollout succeeded"))
    );
    let whole = read(2);
    assert_eq!(whole["workflowId"], failed().workflow_id);
    assert_eq!(whole["message"], "it answered 500");
    assert_eq!((&whole["DeploymentCount"], &whole["DeploymentDuration"]), (&json!(1), &json!(3.0)));
    let metrics = &whole["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(whole["_aws"]["Timestamp"], entries[2].at);
    assert_eq!(metrics["Namespace"], "AphexPipeline");
    assert_eq!(metrics["Dimensions"], json!([["Environment", "Stack", "Status"]]));
    // What the format says of a metric stands beside it.
    for name in metrics["Dimensions"][0].as_array().unwrap() {
        let value = whole[name.as_str().unwrap()].as_str().unwrap();
        assert!(!value.is_empty() && value.is_ascii(), "{name}: {value}");
    }
    for metric in metrics["Metrics"].as_array().unwrap() {
        assert!(whole[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
    }
}

#[test]
fn what_did_not_end_is_not_told() {
    let nothing = of_deployment(&deployment(), &steps(), (BEGAN, Duration::ZERO));
    assert_eq!(nothing, None);
}
