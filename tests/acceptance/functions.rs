//! The provider's functions, called as configurations call them.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::{Value, json};

use crate::hcl::outputs;

/// Evaluates each expression and compares it with what it should be.
fn evaluate(cases: &[(&str, Value)]) -> Outcome {
    let scene = Scene::local()?;
    let expressions: Vec<_> =
        cases.iter().map(|(call, _)| format!("provider::pipeline::{call}")).collect();
    let expressions: Vec<_> = expressions.iter().map(String::as_str).collect();
    scene.workspace.settle(&outputs(&expressions))?;
    for (number, (call, expected)) in cases.iter().enumerate() {
        assert_eq!(&scene.workspace.output(&format!("o{number}"))?, expected, "{call}");
    }
    Ok(())
}

/// Calls a function with a wrong argument and expects this text.
fn refuses(call: &str, text: &str) -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&outputs(&[&format!("provider::pipeline::{call}")]))?;
    scene.workspace.plan(&[])?.refused(text)?;
    Ok(())
}

#[test]
fn parse_version() -> Outcome {
    evaluate(&[
        ("parse_version(\"api/v1.2.3\").semver", json!("v1.2.3")),
        ("parse_version(\"team/api/v1.2.3-rc.1\").prerelease", json!("rc.1")),
        ("parse_version(\"team/api/v1.2.3-rc.1\").sub_project_path", json!("team/api")),
        ("parse_version(\"v1.2.3\").prerelease == null", json!(true)),
        ("parse_version(\"v10.20.30\").minor", json!(20)),
    ])?;
    refuses("parse_version(\"api/1.2\")", "VER001")
}

#[test]
fn compare_versions() -> Outcome {
    evaluate(&[
        ("compare_versions(\"v1.2.3\", \"v1.10.0\")", json!(-1)),
        ("compare_versions(\"v1.0.0\", \"v1.0.0\")", json!(0)),
        ("compare_versions(\"v1.0.0\", \"v1.0.0-rc.1\")", json!(1)),
        ("compare_versions(\"v1.0.0-rc.2\", \"v1.0.0-rc.10\")", json!(-1)),
    ])
}

#[test]
fn bump_version() -> Outcome {
    evaluate(&[
        ("bump_version(\"api/v1.2.3\", \"major\")", json!("api/v2.0.0")),
        ("bump_version(\"api/v1.2.3\", \"minor\")", json!("api/v1.3.0")),
        ("bump_version(\"v1.2.3\", \"patch\")", json!("v1.2.4")),
    ])?;
    refuses("bump_version(\"v1.2.3\", \"mayor\")", "major")
}

#[test]
fn satisfies() -> Outcome {
    evaluate(&[
        ("satisfies(\"v1.2.3\", \"~> 1.2\")", json!(true)),
        ("satisfies(\"v2.0.0\", \">= 1.2, < 2\")", json!(false)),
        ("satisfies(\"v1.3.0\", \"!= 1.3.0\")", json!(false)),
    ])?;
    refuses("satisfies(\"v1.2.3\", \"about 1\")", "about 1")
}

#[test]
fn parse_tag() -> Outcome {
    evaluate(&[
        ("parse_tag(\"api/v1.2.3\").tag_type", json!("version")),
        ("parse_tag(\"api/v1.2.3-stable\").state", json!("stable")),
        ("parse_tag(\"api/production\").environment", json!("production")),
        ("parse_tag(\"api/production\").is_movable", json!(true)),
        ("parse_tag(\"api/v1.2.3\").environment == null", json!(true)),
    ])?;
    refuses("parse_tag(\"api/produktion\")", "TAG002")
}

#[test]
fn can_transition() -> Outcome {
    evaluate(&[
        ("can_transition(\"deployment\", \"queued\", \"in_progress\")", json!(true)),
        ("can_transition(\"deployment\", \"succeeded\", \"queued\")", json!(false)),
        ("can_transition(\"deployment\", \"succeeded\", \"rolled_back\")", json!(true)),
    ])?;
    refuses("can_transition(\"deploymant\", \"queued\", \"failed\")", "deployment")
}

#[test]
fn parse_run_id() -> Outcome {
    evaluate(&[
        ("parse_run_id(\"run-20251020-143045-k8m3q2\").started_at", json!("2025-10-20T14:30:45Z")),
        ("parse_run_id(\"run-20251020-143045-k8m3q2\").suffix", json!("k8m3q2")),
    ])?;
    refuses("parse_run_id(\"run-20251320-143045-k8m3q2\")", "RUN020")
}

#[test]
fn parse_github_event() -> Outcome {
    let push = |branch: &str| {
        json!({
            "ref": branch, "before": "1".repeat(40), "after": "2".repeat(40), "forced": true,
            "head_commit": {
                "message": "Serve orders", "timestamp": "2025-11-21T10:30:00-07:00",
                "author": { "name": "Ana", "email": "ana@example.com" },
            },
            "repository": { "full_name": "example/shop", "clone_url": "https://github.com/example/shop.git" },
        })
    };
    // JSON in JSON: one string literal of HCL.
    let call = |payload: &Value| format!("parse_github_event({})", json!(payload.to_string()));
    let read = call(&push("refs/heads/main"));
    evaluate(&[
        (&format!("{read}.branch"), json!("refs/heads/main")),
        (&format!("{read}.timestamp"), json!("2025-11-21T17:30:00Z")),
        (&format!("{read}.author"), json!("ana@example.com")),
        (&format!("{read}.forced"), json!(true)),
        (&format!("{read}.pusher == null"), json!(true)),
    ])?;
    refuses(&call(&push("refs/tags/v1.0.0")), "EVT002")?;
    refuses(&call(&json!({ "zen": "Design for failure.", "hook_id": 1 })), "EVT001")
}

#[test]
fn action_link() -> Outcome {
    let link = |workflow: &str, input: &str| {
        format!(
            "action_link(\"example/shop\", \"{workflow}\", {{ {input} = \"v1.2.3\" }}, \"Promote to release\")"
        )
    };
    let release = link("release", "version");
    let url = "https://github.com/example/shop/actions/workflows/release.yml?inputs=version:v1.2.3";
    evaluate(&[
        (&format!("{release}.url"), json!(url)),
        (&format!("{release}.category"), json!("release")),
        (
            &format!("{release}.command"),
            json!("gh workflow run release.yml --repo example/shop -f version=v1.2.3"),
        ),
    ])?;
    refuses(&link("release", "versoin"), "LNK004")?;
    refuses(&link("relaese", "version"), "Did you mean `release`?")
}

#[test]
fn convert_deployment() -> Outcome {
    let deployment = json!({
        "deployment_id": "deploy-20251121-103045-abc123", "version": "api/v1.2.3", "environment": "production",
        "commit_sha": "2".repeat(40), "will_move_env_tag": true, "status": "succeeded",
        "started_at": "2025-11-21T10:30:45Z", "completed_at": "2025-11-21T10:35:00Z",
        "workflow_run_id": "1234567890", "triggered_by": "ana",
    });
    let call = |to: &str| {
        format!("convert_deployment({}, \"ci\", \"{to}\")", json!(deployment.to_string()))
    };
    let hosting = call("hosting");
    let expected = json!({
        "id": "deploy-20251121-103045-abc123", "application_name": "api", "version": "v1.2.3",
        "environment": "production", "status": "deployed", "deployed_at": "2025-11-21T10:35:00Z",
    });
    let left_out =
        ["commit_sha", "will_move_env_tag", "started_at", "triggered_by", "workflow_run_id"];
    evaluate(&[
        (&format!("{hosting}.json"), json!(expected.to_string())),
        (&format!("{hosting}.left_out"), json!(left_out)),
    ])?;
    refuses(&call("azure"), "OWN044")?;
    refuses(&call("hostin"), "Did you mean `hosting`?")
}

#[test]
fn rules() -> Outcome {
    let of = |id: &str, field: &str| {
        format!("rules()[index(provider::pipeline::rules()[*].id, \"{id}\")].{field}")
    };
    evaluate(&[
        (&of("DEP012", "severity"), json!("error")),
        (&of("ENV006", "severity"), json!("warning")),
        (&of("DEP012", "entity"), json!("Deployment")),
    ])
}

#[test]
fn retention_until() -> Outcome {
    let at = "\"2025-10-20T14:30:45Z\"";
    evaluate(&[
        (&format!("retention_until(\"run\", \"success\", {at})"), json!("2026-01-18T14:30:45Z")),
        (&format!("retention_until(\"run\", \"failed\", {at})"), json!("2026-10-20T14:30:45Z")),
        (&format!("retention_until(\"workflow_log\", null, {at})"), json!("2025-11-19T14:30:45Z")),
        (&format!("retention_until(\"deployment\", \"failed\", {at}) == null"), json!(true)),
    ])?;
    refuses(&format!("retention_until(\"run\", \"sucess\", {at})"), "Did you mean `success`?")?;
    refuses(&format!("retention_until(\"audits\", null, {at})"), "GLB004")
}
