//! What runs, told by the ledger: region by region, by the version that was deployed, and without a tag.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::json;

use crate::hcl::{deployment, environment, outputs, staging};

const REGIONS: &str = r#"
  regions = [
    { name = "eu-west", cloud_mappings = { aws = "eu-west-1" } },
    { name = "us-east", cloud_mappings = { aws = "us-east-1" } },
  ]"#;

/// A rollout over two regions, of which the last one moves the tag.
fn rollout(europe: &str, america: &str) -> String {
    let to = |name: &str, version: &str, region: &str, moves: bool| {
        format!(
            "resource \"pipeline_deployment\" \"{name}\" {{\n  environment = \
             pipeline_environment.staging.name\n  version = \"{version}\"\n  region = \"{region}\"\n  \
             will_move_env_tag = {moves}\n  workflow_run_id = \"1\"\n}}\n"
        )
    };
    let both = to("europe", europe, "eu-west", false) + &to("america", america, "us-east", true);
    environment("staging", REGIONS) + &both
}

/// A scene with versions 1.0.0 and 1.1.0 of the api, each on a commit of its own.
fn released() -> Outcome<(Scene, String, String)> {
    let scene = Scene::local()?;
    let first = scene.repository.head()?;
    scene.repository.tag("api/v1.0.0", &first)?;
    let second = scene.repository.commit("Go on")?;
    scene.repository.tag("api/v1.1.0", &second)?;
    Ok((scene, first, second))
}

#[test]
fn each_region_is_judged_by_what_was_deployed_to_it() -> Outcome {
    let (scene, first, second) = released()?;
    scene.workspace.settle(&rollout("api/v1.0.0", "api/v1.0.0"))?;
    scene.workspace.settle(&rollout("api/v1.1.0", "api/v1.0.0"))?;
    assert_eq!(scene.repository.resolve("api/staging")?, first, "the last region moves the tag");
    scene.workspace.settle(&rollout("api/v1.1.0", "api/v1.1.0"))?;
    assert_eq!(scene.repository.resolve("api/staging")?, second);
    scene.workspace.main(&rollout("api/v1.0.0", "api/v1.1.0"))?;
    scene.workspace.plan(&[])?.refused("OWN002")?;
    Ok(())
}

#[test]
fn of_two_versions_on_one_commit_the_deployed_one_runs() -> Outcome {
    let (scene, first, _) = released()?;
    scene.repository.tag("api/v1.0.1", &first)?;
    let to = |version| staging() + &deployment("staging", version, "");
    scene.workspace.settle(&to("api/v1.0.0"))?;
    // The next one up is no downgrade, although a higher version stands on the commit that runs.
    scene.workspace.settle(&to("api/v1.0.1"))?;
    let known = scene.workspace.attributes("pipeline_deployment.this")?;
    assert_eq!(known["previous_version"], "api/v1.0.0");
    Ok(())
}

#[test]
fn an_environment_without_a_tag_says_what_it_runs() -> Outcome {
    let (scene, first, _) = released()?;
    let dev = environment("dev", "") + &deployment("dev", "api/v1.0.0", "");
    scene.repository.write("environments/dev/config.yaml", "{}\n")?;
    let secrets = include_str!("../fixtures/staging.enc.yaml");
    scene.repository.write("environments/dev/secrets.enc", secrets)?;
    scene.repository.commit("Add dev")?;
    scene.workspace.settle(&dev)?;
    let asked = "data \"pipeline_environment\" \"dev\" {\n  name = \"dev\"\n}\n";
    scene
        .workspace
        .settle(&[&dev, asked, &outputs(&["data.pipeline_environment.dev.deployed"])].concat())?;
    let deployed = scene.workspace.output("o0")?;
    assert_eq!(deployed, json!({"api": {"commit_sha": first, "version": "api/v1.0.0"}}));
    Ok(())
}
