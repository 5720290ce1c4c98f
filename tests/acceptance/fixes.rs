//! Why a deployment is made, and which one it makes good: recorded, shown, and counted as rework.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use serde_json::Value;

use crate::hcl::{deployment, health_check, staging};

const ADDRESS: &str = "pipeline_deployment.this";

/// Versions 1.0.0 to 1.5.0 of the api, of which 1.0.0 runs.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    for minor in 0..=5 {
        let commit = scene.repository.commit(&format!("1.{minor}.0"))?;
        scene.repository.tag(&format!("api/v1.{minor}.0"), &commit)?;
    }
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    Ok(scene)
}

fn runs(version: &str, lines: &str) -> String {
    [staging(), deployment("staging", version, lines)].concat()
}

fn fixing(id: &str) -> String {
    format!("  fixes = \"{id}\"\n  reason = \"orders were lost\"")
}

/// The record of a deployment of which this became.
fn record(scene: &Scene, status: &str) -> Outcome<Value> {
    let records = scene.repository.records("refs/ledger/deployments/")?;
    let found = records.into_values().find(|it| it["status"] == status);
    found.ok_or_else(|| format!("no deployment is {status}").into())
}

#[test]
fn what_it_fixes_is_on_record() -> Outcome {
    let scene = released()?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&runs("api/v1.1.0", &fixing("deploy-20200101-000000-abcdef")))?;
    let run = scene.workspace.plan(&[])?.refused("OWN055")?;
    run.says("deploy-20200101-000000-abcdef")?.says("no record of a deployment has")?;
    same_refs(&before, &scene.repository.refs()?)?;

    let server = HealthServer::start(Health::Status(500))?;
    let sick = health_check(&server.url).replace("retries = 2", "retries = 0");
    scene.workspace.main(&runs("api/v1.1.0", &sick))?;
    scene.workspace.apply(&[])?.refused("500")?;
    let failed = record(&scene, "failed")?["deployment_id"].as_str().unwrap_or_default().to_owned();
    scene.workspace.main(&runs("api/v1.2.0", &fixing("deploy-20200101-000000-abcdef")))?;
    scene.workspace.plan(&[])?.refused("OWN055")?.says(&format!("such as `{failed}`"))?;
    scene.workspace.settle(&runs("api/v1.2.0", &fixing(&failed)))?;
    let state = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(
        (&state["fixes"], &state["reason"]),
        (&failed.clone().into(), &"orders were lost".into())
    );
    // Nothing else is deployed because somebody says later what it fixed.
    let deployed = scene.repository.refs()?;
    scene.workspace.settle(&runs("api/v1.2.0", ""))?;
    same_refs(&deployed, &scene.repository.refs()?)?;

    let second = scene.second_workspace("second")?;
    second.settle("data \"pipeline_deployments\" \"this\" {\n  environment = \"staging\"\n}\n")?;
    let shown = second.attributes("data.pipeline_deployments.this")?;
    assert_eq!(shown["deployments"][0]["fixes"], failed);
    assert!(shown["deployments"][1]["fixes"].is_null(), "{shown}");
    Ok(())
}

#[test]
fn reports_count_it_as_rework() -> Outcome {
    let scene = released()?;
    let bad = scene.workspace.attributes(ADDRESS)?["deployment_id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for minor in 1..=3 {
        scene.workspace.settle(&runs(&format!("api/v1.{minor}.0"), ""))?;
    }
    let report = "data \"pipeline_report\" \"this\" {}\n";
    let second = scene.second_workspace("second")?;
    let rework = || -> Outcome<String> {
        second.settle(report)?;
        let json = second.attributes("data.pipeline_report.this")?["json"].clone();
        let report: Value = serde_json::from_str(json.as_str().unwrap_or_default())?;
        let figures = report["metrics"][0]["figures"].as_array().cloned().unwrap_or_default();
        let rework = figures.into_iter().find(|it| it["key"] == "deployment_rework_rate");
        Ok(rework
            .map_or_else(String::new, |it| it["shown"].as_str().unwrap_or_default().to_owned()))
    };
    assert_eq!(rework()?, "not recorded");
    scene.workspace.settle(&runs("api/v1.4.0", &fixing(&bad)))?;
    assert_eq!(rework()?, "20 % (1 of 5)");
    let shown = second.attributes("data.pipeline_report.this")?;
    for page in ["html", "markdown"] {
        let text = shown[page].as_str().unwrap_or_default();
        assert!(text.contains(&bad) && text.contains("orders were lost"), "{page}: {text}");
    }
    Ok(())
}

#[test]
fn a_secret_in_a_reason_that_is_known_late_is_not_recorded() -> Outcome {
    let scene = released()?;
    let before = scene.repository.refs()?;
    let late = "resource \"terraform_data\" \"late\" {\n  input = \"see https://ada:hunter2@example.com\"\n}\n";
    let reason = "  reason = terraform_data.late.output";
    scene.workspace.main(&[late, &runs("api/v1.1.0", reason)].concat())?;
    scene.workspace.plan(&[])?.ok()?;
    scene.workspace.apply(&[])?.refused("OWN046")?.says("not shown")?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene
        .workspace
        .main(&runs("api/v1.1.0", "  reason = \"see https://ada:hunter2@example.com\""))?;
    scene.workspace.validate()?.refused("OWN046")?;
    Ok(())
}

#[test]
fn a_hotfix_below_the_newest_release_and_the_way_back_need_no_ceremony() -> Outcome {
    let scene = released()?;
    // Newer versions are released, and none of them runs here.
    let commit = scene.repository.commit("1.0.1")?;
    scene.repository.tag("api/v1.0.1", &commit)?;
    scene.workspace.settle(&runs("api/v1.0.1", ""))?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    // Back to what ran, and forward to what was replaced by choice, whose ID nobody has to name.
    let commit = scene.repository.commit("1.0.2")?;
    scene.repository.tag("api/v1.0.2", &commit)?;
    scene.workspace.settle(&runs("api/v1.0.2", "  allow_downgrade = true"))?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.resolve("api/v1.1.0")?);
    Ok(())
}
