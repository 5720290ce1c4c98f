//! Telemetry: what ended is told to OpenTelemetry and CloudWatch, and whether it arrives changes nothing else.

use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_acceptance::go::Found;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::otlp::{Collector, TraceServer};
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::{Failure, Outcome};
use serde_json::{Value, json};

use crate::hcl::{deployment, health_check, staging};

const ADDRESS: &str = "pipeline_deployment.this";

/// Two versions, and a provider block with these further lines.
fn scene(block: &str) -> Outcome<Scene> {
    let scene = Scene::local()?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        let commit = scene.repository.commit(version)?;
        scene.repository.tag(version, &commit)?;
    }
    scene.workspace.configure(&scene.repository.path(), block)?;
    Ok(scene)
}

fn otlp(endpoint: &str) -> String {
    format!(
        "  telemetry = {{\n    otlp = {{\n      endpoint = \"{endpoint}\"\n      \
         headers = {{ Authorization = \"Bearer canary-otlp-token\" }}\n    }}\n  }}"
    )
}

fn runs(version: &str, lines: &str) -> String {
    [staging(), deployment("staging", version, lines)].concat()
}

fn spans(traces: &Value) -> Outcome<&Vec<Value>> {
    let spans = traces["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array();
    spans.ok_or_else(|| Failure::new(format!("no spans in {traces}")))
}

fn attribute<'a>(span: &'a Value, key: &str) -> &'a Value {
    let all = span["attributes"].as_array().into_iter().flatten();
    all.clone().find(|it| it["key"] == key).map_or(&Value::Null, |it| &it["value"]["stringValue"])
}

#[test]
fn a_deployment_is_a_trace() -> Outcome {
    let server = TraceServer::start(Some((200, "{}")))?;
    let mut scene = scene(&otlp(&server.endpoint))?;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    scene.workspace.environment.set("TRACEPARENT", parent);
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    let sent = server.sent();
    let [only] = sent.as_slice() else {
        return Err(Failure::new(format!("should be one request: {sent:?}")));
    };
    assert_eq!(only.line, "POST /v1/traces HTTP/1.1");
    let header =
        |name: &str| only.headers.iter().find(|(known, _)| known == name).map(|it| it.1.as_str());
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("authorization"), Some("Bearer canary-otlp-token"));
    let state = scene.workspace.attributes(ADDRESS)?;
    let all = spans(&only.body)?;
    assert_eq!(all[0]["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(all[0]["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(attribute(&all[0], "cicd.pipeline.run.id"), &state["deployment_id"]);
    assert_eq!(attribute(&all[0], "deployment.environment.name"), "staging");
    let steps: Vec<&str> = all[1..].iter().filter_map(|span| span["name"].as_str()).collect();
    assert_eq!(steps, ["enter", "record"]);
    assert!(!scene.workspace.state_text()?.contains("canary-otlp-token"));
    // A plan and a refresh tell nothing.
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(server.sent().len(), 1);
    Ok(())
}

#[test]
fn a_failure_is_told_with_the_step_that_failed() -> Outcome {
    let server = TraceServer::start(Some((200, "")))?;
    let scene = scene(&otlp(&server.endpoint))?;
    let sick = HealthServer::start(Health::Status(500))?;
    let check = health_check(&sick.url).replace("retries = 2", "retries = 0");
    scene.workspace.main(&runs("api/v1.0.0", &check))?;
    scene.workspace.apply(&[])?.refused("500")?;
    let sent = server.sent();
    let all = spans(&sent.first().ok_or("nothing was sent")?.body)?;
    assert_eq!(
        (&all[0]["status"]["code"], attribute(&all[0], "cicd.pipeline.result")),
        (&json!(2), &json!("failure"))
    );
    let check = all.iter().find(|span| span["name"] == "health_check").ok_or("no such step")?;
    assert_eq!(attribute(check, "cicd.pipeline.task.run.result"), "failure");
    Ok(())
}

#[test]
fn what_does_not_arrive_is_a_warning() -> Outcome {
    let partial = r#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too many"}}"#;
    let answers = [
        (Some((401, "denied canary-otlp-token")), "it answered 401"),
        (Some((200, partial)), "it rejected 2 spans: too many"),
        (None, "no answer within 5 s"),
    ];
    for (answer, told) in answers {
        let server = TraceServer::start(answer)?;
        let scene = scene(&otlp(&server.endpoint))?;
        scene.workspace.main(&runs("api/v1.0.0", ""))?;
        let run = scene.workspace.apply(&[])?.ok()?;
        run.warned("OBS002")?.says(told)?;
        assert_eq!(scene.workspace.attributes(ADDRESS)?["status"], "succeeded");
        scene.workspace.plan(&[])?.unchanged()?;
    }
    // Nobody listens there.
    let scene = scene(&otlp("http://127.0.0.1:1"))?;
    scene.workspace.main(&runs("api/v1.0.0", ""))?;
    scene.workspace.apply(&[])?.ok()?.warned("OBS002")?;
    Ok(())
}

#[test]
fn an_endpoint_that_cannot_be_one_is_refused() -> Outcome {
    let bad = [
        (otlp("https://robot:s3cret@otlp.example.com"), "OWN056"),
        (otlp("https://otlp.example.com?token=s3cret"), "a token is one of the `headers`"),
        (
            otlp("http://localhost:4318").replace(
                "Authorization = \"Bearer canary-otlp-token\"",
                "\"No Header\" = \"plain\"",
            ),
            "its name is none of a header",
        ),
        (
            "  telemetry = { cloudwatch = { log_group = \"a b\" } }".to_owned(),
            "name of a group of logs",
        ),
        (
            "  telemetry = { cloudwatch = { log_group = \"a\", namespace = \"AWS/ECS\" } }"
                .to_owned(),
            "namespace of one's own",
        ),
    ];
    for (block, told) in bad {
        let scene = scene(&block)?;
        scene.workspace.main(&staging())?;
        let run = scene.workspace.validate()?.refused(told)?;
        // The host shows its user's own line beside that; what we say holds none of it.
        let said = [&run.summary, &run.detail].map(|text| text.contains("s3cret"));
        assert_eq!(said, [false, false], "{run:?}");
    }
    Ok(())
}

#[test]
fn the_collector_itself_understands_it() -> Outcome {
    let collector = match Collector::start()? {
        Found::Ready(collector) => collector,
        Found::Missing(why) => {
            skipped("the_collector_itself_understands_it", &why);
            return Ok(());
        }
    };
    let scene = scene(&otlp(&collector.endpoint))?;
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    let understood = collector.next()?;
    let all = spans(&understood)?;
    assert_eq!((&all[0]["name"], &all[0]["kind"]), (&json!("RUN staging/api"), &json!(2)));
    assert_eq!(all[1]["parentSpanId"], all[0]["spanId"]);
    assert_eq!(attribute(&all[0], "cicd.pipeline.result"), "success");
    let begun = all[0]["startTimeUnixNano"].as_str().and_then(|it| it.parse::<u64>().ok());
    let ended = all[0]["endTimeUnixNano"].as_str().and_then(|it| it.parse::<u64>().ok());
    assert!(begun.is_some() && begun < ended, "{understood}");

    // A run is told once, when it is over.
    let run = |status: &str| {
        format!(
            "resource \"pipeline_run\" \"this\" {{\n  name = \"release\"\n  run_id = \"run-20251020-143045-k8m3q2\"\n  \
             trigger = \"push\"\n  branch = \"main\"\n  commit_sha = \"{}\"\n  \
             started_at = \"2025-10-20T14:30:45Z\"\n{status}\n}}\n",
            "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e"
        )
    };
    scene.workspace.settle(&run("  status = \"running\""))?;
    scene
        .workspace
        .settle(&run("  status = \"cancelled\"\n  completed_at = \"2025-10-20T14:31:45Z\""))?;
    let understood = collector.next()?;
    let all = spans(&understood)?;
    assert_eq!(all[0]["name"], "RUN release");
    assert_eq!(attribute(&all[0], "cicd.pipeline.result"), "cancellation");
    assert_eq!(all[0]["endTimeUnixNano"], "1760970705000000000");
    Ok(())
}

fn cloudwatch(account: &Account) -> String {
    format!(
        "{}  telemetry = {{ cloudwatch = {{ log_group = \"/aphex/pipeline\" }} }}",
        account.block("")
    )
}

#[test]
fn cloudwatch_gets_entries_and_metrics() -> Outcome {
    let account = LocalAws::fresh_account()?;
    let mut scene = scene(&cloudwatch(&account))?;
    account.log_in(&mut scene.workspace.environment);
    scene.workspace.main(&runs("api/v1.0.0", ""))?;
    let run = scene.workspace.apply(&[])?.ok()?;
    run.warned("OBS002")?.says("/aphex/pipeline")?.says("CreateLogStream")?;

    account.logs("CreateLogGroup", &json!({ "logGroupName": "/aphex/pipeline" }))?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    let state = scene.workspace.attributes(ADDRESS)?;
    let found = account.logs(
        "GetLogEvents",
        &json!({
            "logGroupName": "/aphex/pipeline",
            "logStreamName": state["deployment_id"],
            "startFromHead": true,
        }),
    )?;
    let events = found["events"].as_array().cloned().unwrap_or_default();
    let read = |event: &Value| {
        serde_json::from_str::<Value>(event["message"].as_str().unwrap_or_default())
    };
    let entries: Vec<Value> = events.iter().map(read).collect::<Result<_, _>>()?;
    let stages: Vec<&str> = entries.iter().filter_map(|it| it["stage"].as_str()).collect();
    assert_eq!(stages, ["enter", "record", "complete"]);
    for entry in &entries {
        assert_eq!(entry["workflowId"], state["deployment_id"]);
        assert!(entry["timestamp"].is_string() && entry["message"].is_string(), "{entry}");
    }
    let whole = &entries[2];
    assert_eq!((&whole["DeploymentCount"], &whole["Status"]), (&json!(1), &json!("succeeded")));
    assert_eq!((&whole["Environment"], &whole["Stack"]), (&json!("staging"), &json!("api")));
    assert_eq!(whole["_aws"]["CloudWatchMetrics"][0]["Namespace"], "AphexPipeline");
    Ok(())
}
