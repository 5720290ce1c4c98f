//! Deployments to a service of ECS that fails as it is told: what an engineer sees of it.
//!
//! How each fault is judged is the fault table's matter, and what goes well is `ecs.rs`'s.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::ecs::{Act, Course, Ecs, Script};
use pipeline_acceptance::scene::Scene;
use serde_json::Value;

use crate::hcl::{deployment, staging};

/// A scene whose AWS is at this address, with staging registered and versions 1.0.0 and 1.1.0.
pub(crate) fn scene(url: &str) -> Outcome<Scene> {
    let mut scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.commit("Go on")?;
    scene.repository.tag("api/v1.1.0", "HEAD")?;
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIDTEST"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ] {
        scene.workspace.environment.set(name, value);
    }
    let aws = format!("  aws = {{ region = \"eu-west-1\", endpoint_url = \"{url}\" }}\n");
    scene.workspace.configure(&scene.repository.path(), &aws)?;
    scene.workspace.settle(&staging())?;
    Ok(scene)
}

fn ecs(lines: &str) -> String {
    format!("  ecs = {{\n    cluster = \"main\"\n    poll_interval = \"50ms\"\n{lines}\n  }}\n")
}

/// Staging, and one deployment of an image to the service.
fn to_ecs(version: &str, image: &str, lines: &str) -> String {
    let service = "    service = \"web\"\n    container = \"app\"\n";
    let group = ecs(&format!("{service}    image = \"{image}\"\n{lines}"));
    [staging(), deployment("staging", version, &group)].concat()
}

fn newest_record(scene: &Scene) -> Outcome<Value> {
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    Ok(records.into_values().next_back().unwrap_or_default())
}

#[test]
fn variables_reach_the_container() -> Outcome {
    let server = Ecs::start(Script::new())?;
    let scene = scene(&server.url)?;
    let lines = "    environment = { LEVEL = \"debug\" }\n    secrets = { KEY = \"/web/key\" }\n";
    scene.workspace.settle(&to_ecs("api/v1.0.0", "web:2.0", lines))?;
    let record = newest_record(&scene)?;
    assert_eq!(record["status"], "succeeded");
    assert_eq!(record["rollout"]["image"], "web:2.0");
    let revision = record["rollout"]["task_definition"].as_str().unwrap_or_default();
    assert!(revision.ends_with("web:2"), "{record}");
    let world = server.world();
    assert_eq!(world.runs().as_deref(), Some("web:2.0"));
    let container = &world.body(2)["containerDefinitions"][1];
    assert!(container["environment"].to_string().contains("debug"), "{container}");
    assert!(container["secrets"].to_string().contains("/web/key"), "{container}");
    Ok(())
}

#[test]
fn what_ecs_takes_back_is_a_failure_that_says_why() -> Outcome {
    let server = Ecs::start(Script::new().course("web:2.1", Course::CrashLoop).breaker(true))?;
    let scene = scene(&server.url)?;
    scene.workspace.settle(&to_ecs("api/v1.0.0", "web:2.0", ""))?;
    let stands = scene.repository.resolve("api/staging")?;
    scene.workspace.main(&to_ecs("api/v1.1.0", "web:2.1", ""))?;
    let failed = scene.workspace.apply(&[])?.refused("The deployment failed")?;
    failed.says("tasks failed to start")?.says("exit code 1")?;
    assert_eq!(scene.repository.resolve("api/staging")?, stands);
    assert_eq!(server.world().runs().as_deref(), Some("web:2.0"));
    let record = newest_record(&scene)?;
    assert_eq!(record["status"], "failed");
    assert_eq!(record["rolled_back_to"], "api/v1.0.0");
    let restored = record["rollout"]["restored_task_definition"].as_str().unwrap_or_default();
    assert!(restored.ends_with("web:2"), "{record}");
    Ok(())
}

#[test]
fn a_plan_tells_everything_that_ecs_would_refuse() -> Outcome {
    let server = Ecs::start(Script::new().controller("CODE_DEPLOY").desired(0))?;
    let scene = scene(&server.url)?;
    let lines = "    service = \"web\"\n    container = \"proyx\"\n    image = \"web:2.0\"\n";
    scene
        .workspace
        .main(&[staging(), deployment("staging", "api/v1.0.0", &ecs(lines))].concat())?;
    let plan = scene.workspace.plan(&[])?;
    plan.refused("OWN012")?.says("Did you mean `proxy`?")?;
    plan.refused("OWN013")?.says("CODE_DEPLOY")?;
    plan.refused("OWN014")?.says("scaled to zero")?;
    let lines = "    service = \"wbe\"\n    container = \"app\"\n    image = \"web:2.0\"\n";
    scene
        .workspace
        .main(&[staging(), deployment("staging", "api/v1.0.0", &ecs(lines))].concat())?;
    scene.workspace.plan(&[])?.refused("OWN011")?.says("Did you mean `web`?")?;
    assert_eq!(server.world().called("UpdateService"), 0);
    Ok(())
}

#[test]
fn a_plan_needs_the_revision_that_a_failure_would_put_back() -> Outcome {
    let server = Ecs::start(Script::new().at("DescribeServices", 1, Act::Deregister(1)))?;
    let scene = scene(&server.url)?;
    scene.workspace.main(&to_ecs("api/v1.0.0", "web:2.0", ""))?;
    scene.workspace.plan(&[])?.refused("OWN015")?.says("web:1")?;
    Ok(())
}

#[test]
fn a_plan_goes_on_where_nobody_answers() -> Outcome {
    let scene = scene("http://127.0.0.1:9")?;
    scene.workspace.main(&to_ecs("api/v1.0.0", "web:2.0", ""))?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    plan.warned("could not be looked at")?.says("DescribeServices")?;
    Ok(())
}

#[test]
fn without_credentials_a_plan_goes_on_and_an_apply_changes_nothing() -> Outcome {
    let server = Ecs::start(Script::new())?;
    let mut scene = scene(&server.url)?;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        scene.workspace.environment.set(name, "");
    }
    scene.workspace.main(&to_ecs("api/v1.0.0", "web:2.0", ""))?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    plan.warned("could not be looked at")?.says("credential")?;
    scene.workspace.apply(&[])?.refused("The deployment failed")?.says("credential")?;
    assert_eq!(server.world().called("*"), 0);
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"));
    Ok(())
}

#[test]
fn what_is_written_is_checked_at_validate() -> Outcome {
    let scene = scene("http://127.0.0.1:9")?;
    let lines = "    service = \"a b\"\n    container = \"app\"\n    image = \"web\"\n    \
                 environment = { LEVEL = \"x\", TOKEN = \"y\" }\n    \
                 secrets = { TOKEN = \"hunter2hunter2\" }\n";
    scene
        .workspace
        .main(&[staging(), deployment("staging", "api/v1.0.0", &ecs(lines))].concat())?;
    let run = scene.workspace.validate()?;
    run.refused("OWN016")?.says("tag or the digest")?;
    run.refused("OWN017")?;
    run.refused("OWN018")?;
    run.refused("OWN019")?;
    // Terraform shows the line of the source; what the provider says repeats nothing of it.
    assert!(run.refused("OWN019")?.says("hunter2").is_err());
    Ok(())
}

#[test]
fn a_plan_says_that_the_time_is_shorter_than_the_bake_time() -> Outcome {
    let server = Ecs::start(Script::new().strategy("BLUE_GREEN").bakes(1440))?;
    let scene = scene(&server.url)?;
    scene.workspace.main(&to_ecs("api/v1.0.0", "web:2.0", ""))?;
    scene.workspace.plan(&[])?.refused("OWN037")?.says("1440 min")?.says("1460m")?;
    scene.workspace.main(&to_ecs("api/v1.0.0", "web:2.0", "    timeout = \"1460m\"\n"))?;
    scene.workspace.apply(&[])?.ok().map(drop)
}
