//! A trace of what ended, in the JSON of OpenTelemetry's protocol: the whole is a span, its stages are its children.
//!
//! Names are those of OpenTelemetry's conventions for CI/CD. IDs follow from the ID of what ended, which is random
//! already, so that telling it twice makes one trace. The protocol writes IDs as hexadecimal digits and times as
//! texts, for want of integers of 64 bits in JSON.

use serde::Serialize;

use super::parent::TraceParent;
use super::{Ended, Ending, Kind, Moment, Stage};
use crate::Sha256;

/// The body of a request for traces.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traces {
    resource_spans: [ResourceSpans; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    resource: Resource,
    scope_spans: [ScopeSpans; 1],
}

#[derive(Debug, Serialize)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Debug, Serialize)]
struct ScopeSpans {
    scope: Scope,
    spans: Vec<Span>,
}

#[derive(Debug, Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute>,
    status: Status,
}

#[derive(Debug, Serialize)]
struct Attribute {
    key: &'static str,
    value: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    string_value: String,
}

#[derive(Debug, Serialize)]
struct Status {
    code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Work within a service.
const INTERNAL: u8 = 1;
/// Work that somebody else asked for.
const SERVER: u8 = 2;

/// The program, as a resource and as a scope.
const PROGRAM: &str = "terraform-provider-pipeline";

/// The trace; nothing where whoever started this keeps none.
#[must_use]
pub fn traces(ended: &Ended, parent: Option<&TraceParent>) -> Option<Traces> {
    if parent.is_some_and(|parent| !parent.is_sampled) {
        return None;
    }
    let trace_id = parent.map_or_else(|| id::<16>(ended, "trace"), |it| hex(&it.trace_id));
    let root = id::<8>(ended, "whole");
    let mut spans = vec![Span {
        trace_id: trace_id.clone(),
        span_id: root.clone(),
        parent_span_id: parent.map(|it| hex(&it.span_id)),
        name: format!("RUN {}", ended.name),
        kind: SERVER,
        start_time_unix_nano: nanoseconds(ended.began),
        end_time_unix_nano: nanoseconds(ended.began.after(ended.took)),
        attributes: of_the_whole(ended),
        status: status(ended.result, ended.message.as_deref()),
    }];
    spans.extend(ended.stages.iter().enumerate().map(|(at, stage)| {
        let began = ended.began.after(stage.after);
        Span {
            trace_id: trace_id.clone(),
            span_id: id::<8>(ended, &format!("stage {at}")),
            parent_span_id: Some(root.clone()),
            name: stage.name.clone(),
            kind: INTERNAL,
            start_time_unix_nano: nanoseconds(began),
            end_time_unix_nano: nanoseconds(began.after(stage.took)),
            attributes: of_a_stage(ended, at, stage),
            status: status(stage.result, stage.message.as_deref()),
        }
    }));
    let (name, version) = (PROGRAM, env!("CARGO_PKG_VERSION"));
    let attributes = vec![attribute("service.name", name), attribute("service.version", version)];
    let scope_spans = [ScopeSpans { scope: Scope { name, version }, spans }];
    let resource_spans = [ResourceSpans { resource: Resource { attributes }, scope_spans }];
    Some(Traces { resource_spans })
}

fn of_the_whole(ended: &Ended) -> Vec<Attribute> {
    let mut all = vec![
        attribute("cicd.pipeline.action.name", "RUN"),
        attribute("cicd.pipeline.name", &ended.name),
        attribute("cicd.pipeline.run.id", &ended.workflow_id),
        attribute("cicd.pipeline.result", word(ended.result)),
    ];
    if ended.result == Ending::Failed {
        // The convention asks for one; the words are in the status.
        all.push(attribute("error.type", "_OTHER"));
    }
    if ended.kind == Kind::Deployment {
        all.push(attribute("deployment.environment.name", &ended.environment));
        all.push(attribute("deployment.id", &ended.workflow_id));
        all.push(attribute("deployment.name", &ended.name));
        // The convention has no word for what somebody ended.
        let known = Some(ended.result).filter(|result| *result != Ending::Cancelled);
        all.extend(known.map(|result| attribute("deployment.status", result.as_str())));
    }
    all.extend(ended.attributes.iter().map(|(key, value)| attribute(key, value)));
    all
}

fn of_a_stage(ended: &Ended, at: usize, stage: &Stage) -> Vec<Attribute> {
    let run = format!("{}/{at}", ended.workflow_id);
    let mut all = vec![
        attribute("cicd.pipeline.task.name", &stage.name),
        attribute("cicd.pipeline.task.run.id", &run),
        attribute("cicd.pipeline.task.run.result", word(stage.result)),
    ];
    let kind = match stage.name.as_str() {
        "rollout" => Some("deploy"),
        "health_check" | "tests" => Some("test"),
        _ => None,
    };
    all.extend(kind.map(|kind| attribute("cicd.pipeline.task.type", kind)));
    if stage.result == Ending::Failed {
        all.push(attribute("error.type", "_OTHER"));
    }
    all
}

const fn word(result: Ending) -> &'static str {
    match result {
        Ending::Succeeded => "success",
        Ending::Failed => "failure",
        Ending::Cancelled => "cancellation",
    }
}

/// Unset but for a failure: only somebody who looks at it calls a span good.
fn status(result: Ending, message: Option<&str>) -> Status {
    match result {
        Ending::Failed => Status { code: 2, message: message.map(super::cut) },
        Ending::Succeeded | Ending::Cancelled => Status { code: 0, message: None },
    }
}

fn attribute(key: &'static str, value: &str) -> Attribute {
    Attribute { key, value: Text { string_value: super::cut(value) } }
}

fn nanoseconds(at: Moment) -> String {
    at.0.to_string()
}

/// So many bytes that follow from what ended and from what they are for. Never all zero, but by a chance that nobody
/// lives to see.
fn id<const N: usize>(ended: &Ended, what: &str) -> String {
    let hash = Sha256::of(format!("{}\n{what}", ended.seed).as_bytes()).to_string();
    hash.chars().take(2 * N).collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
