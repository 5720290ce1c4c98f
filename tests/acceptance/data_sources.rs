//! What other configurations read: versions, environments, deployments, the queue; and what lies
//! outside git.

mod approvals;
mod audit_log;
mod config;
mod infrastructure_resources;
mod report;
mod run_log;
mod runs;
mod secret_rotations;
mod stack;
mod terraform_state;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::scene::Scene;
use serde_json::json;

use crate::hcl::{deployment, health_check, production, short, staging};

/// A scene with versions of two projects; 1.1.0 of the api is stable, 1.2.0 deprecated.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    for version in ["1.0.0", "1.1.0", "1.2.0", "2.0.0"] {
        scene.repository.commit(version)?;
        scene.repository.tag(&format!("api/v{version}"), "HEAD")?;
    }
    scene.repository.tag("api/v1.1.0-stable", "api/v1.1.0^{commit}")?;
    scene.repository.tag("api/v1.2.0-deprecated", "api/v1.2.0^{commit}")?;
    scene.repository.tag("web/v0.1.0", "HEAD")?;
    Ok(scene)
}

#[test]
fn pipeline_version_finds_the_newest_that_fits() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(
        "data \"pipeline_version\" \"any\" {\n  sub_project_path = \"api\"\n}\n\
         data \"pipeline_version\" \"one\" {\n  sub_project_path = \"api\"\n  constraint = \"~> 1.1\"\n}\n\
         data \"pipeline_version\" \"stable\" {\n  sub_project_path = \"api\"\n  state = \"stable\"\n}\n",
    )?;
    let read = |name: &str| scene.workspace.attributes(&format!("data.pipeline_version.{name}"));
    assert_eq!(read("any")?["full_version"], "api/v2.0.0");
    assert_eq!(read("one")?["full_version"], "api/v1.2.0");
    let stable = read("stable")?;
    assert_eq!(stable["tag_name"], "api/v1.1.0");
    assert_eq!(stable["states"], json!(["stable"]));
    assert_eq!(stable["commit_sha"], scene.repository.resolve("api/v1.1.0")?);
    Ok(())
}

#[test]
fn pipeline_version_says_what_there_is_when_nothing_fits() -> Outcome {
    let scene = released()?;
    scene.workspace.main(
        "data \"pipeline_version\" \"this\" {\n  sub_project_path = \"api\"\n  constraint = \">= 3\"\n}\n",
    )?;
    scene.workspace.plan(&[])?.refused(">= 3")?.says("api/v2.0.0")?;
    scene
        .workspace
        .main("data \"pipeline_version\" \"this\" {\n  sub_project_path = \"apo\"\n}\n")?;
    scene.workspace.plan(&[])?.refused("apo")?.says("api")?;
    Ok(())
}

#[test]
fn tags_of_other_forms_are_counted_and_shown() -> Outcome {
    let scene = Scene::local()?;
    for name in ["1.2.3", "1.3.0", "@scope/pkg@1.2.3", "v1"] {
        scene.repository.tag(name, "HEAD")?;
    }
    scene.workspace.main("data \"pipeline_versions\" \"all\" {}\n")?;
    let run = scene.workspace.apply(&[])?.ok()?;
    run.warned("No version was found")?.says("4 tags")?.says("`@scope/pkg@1.2.3`")?;
    let all = scene.workspace.attributes("data.pipeline_versions.all")?;
    assert_eq!(all["unrecognized_tag_count"], 4);
    assert_eq!(all["unrecognized_tags"], json!(["1.2.3", "@scope/pkg@1.2.3", "v1"]));
    scene.workspace.main("data \"pipeline_version\" \"one\" {}\n")?;
    scene.workspace.plan(&[])?.refused("no version")?.says("4 tags")?.says("`1.2.3`")?;
    // Where there is a version, the others are nobody's mistake.
    scene.repository.tag("v1.0.0", "HEAD")?;
    scene.workspace.main("data \"pipeline_versions\" \"all\" {}\n")?;
    scene.workspace.apply(&[])?.ok()?.silent()?;
    Ok(())
}

#[test]
fn pipeline_versions_lists_by_project_and_constraint() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(
        "data \"pipeline_versions\" \"all\" {}\n\
         data \"pipeline_versions\" \"one\" {\n  sub_project_path = \"api\"\n  constraint = \"< 2\"\n}\n",
    )?;
    let read = |name: &str| scene.workspace.attributes(&format!("data.pipeline_versions.{name}"));
    let all = read("all")?;
    assert_eq!(all["sub_project_paths"], json!(["api", "web"]));
    assert_eq!(all["versions"].as_array().map(Vec::len), Some(5));
    let one = read("one")?;
    let mut names: Vec<_> =
        one["versions"].as_array().into_iter().flatten().map(|v| v["semver"].to_string()).collect();
    names.sort();
    assert_eq!(names, ["\"v1.0.0\"", "\"v1.1.0\"", "\"v1.2.0\""]);
    Ok(())
}

#[test]
fn pipeline_environment_reads_ledger_and_folder() -> Outcome {
    let scene = released()?;
    scene
        .workspace
        .settle(&[production(), staging(), deployment("staging", "api/v1.0.0", "")].concat())?;
    let second = scene.second_workspace("second")?;
    second.settle(
        "data \"pipeline_environment\" \"production\" {\n  name = \"production\"\n}\n\
         data \"pipeline_environment\" \"staging\" {\n  name = \"staging\"\n}\n",
    )?;
    let known = second.attributes("data.pipeline_environment.production")?;
    assert_eq!(known["requires_approval"], true);
    assert_eq!(known["regions"][0]["name"], "eu-west");
    let staging = second.attributes("data.pipeline_environment.staging")?;
    assert_eq!(staging["deployed"]["api"]["version"], "api/v1.0.0");
    Ok(())
}

#[test]
fn pipeline_environment_reads_a_folder_that_nobody_registered() -> Outcome {
    let scene = Scene::local()?;
    scene
        .workspace
        .settle("data \"pipeline_environment\" \"this\" {\n  name = \"staging\"\n}\n")?;
    let known = scene.workspace.attributes("data.pipeline_environment.this")?;
    assert_eq!(known["config_path"], "environments/staging");
    scene.workspace.main("data \"pipeline_environment\" \"this\" {\n  name = \"stagin\"\n}\n")?;
    scene.workspace.plan(&[])?.refused("stagin")?.says("staging")?;
    Ok(())
}

#[test]
fn pipeline_deployments_tells_the_history() -> Outcome {
    let scene = released()?;
    let apply = |version: &str, lines: &str| -> Outcome<_> {
        scene.workspace.main(&[staging(), deployment("staging", version, lines)].concat())?;
        scene.workspace.apply(&[])
    };
    apply("api/v1.0.0", "")?.ok()?;
    let server = HealthServer::start(Health::Status(500))?;
    apply("api/v1.1.0", &health_check(&server.url))?.refused("500")?;
    let second = scene.second_workspace("second")?;
    second.settle("data \"pipeline_deployments\" \"this\" {\n  environment = \"staging\"\n}\n")?;
    let known = second.attributes("data.pipeline_deployments.this")?;
    let all = known["deployments"].as_array().ok_or("no list")?;
    assert_eq!(all.len(), 2, "{known}");
    assert_eq!((&all[0]["status"], &all[1]["status"]), (&json!("failed"), &json!("succeeded")));
    assert!(all[0]["error_message"].as_str().is_some_and(|text| text.contains("500")), "{known}");
    assert_eq!(known["last_known_good"]["version"], "api/v1.0.0");
    let state: serde_json::Value =
        serde_json::from_str(known["deployment_state_json"].as_str().unwrap_or_default())?;
    let first = scene.repository.resolve("api/v1.0.0")?;
    assert!(state.to_string().contains(short(&first)), "{state}");
    Ok(())
}

#[test]
fn pipeline_deployment_queue_is_empty_when_nothing_runs() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&[staging(), deployment("staging", "api/v1.0.0", "")].concat())?;
    let second = scene.second_workspace("second")?;
    second.settle(
        "data \"pipeline_deployment_queue\" \"this\" {\n  environment = \"staging\"\n}\n",
    )?;
    let known = second.attributes("data.pipeline_deployment_queue.this")?;
    assert_eq!(known.get("current_deployment"), Some(&json!(null)), "{known}");
    assert_eq!(known["queue"], json!([]));
    Ok(())
}

#[test]
fn pipeline_rollback_target_is_the_version_before() -> Outcome {
    let scene = released()?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        scene.workspace.settle(&[staging(), deployment("staging", version, "")].concat())?;
    }
    let second = scene.second_workspace("second")?;
    second.settle(
        "data \"pipeline_rollback_target\" \"this\" {\n  environment = \"staging\"\n  \
         sub_project_path = \"api\"\n}\n",
    )?;
    let known = second.attributes("data.pipeline_rollback_target.this")?;
    assert_eq!(known["target_version"], "api/v1.0.0");
    Ok(())
}

#[test]
fn pre_releases_that_no_tag_can_be_are_told() -> Outcome {
    let scene = Scene::local()?;
    let head = scene.repository.head()?;
    scene.repository.tag("api/v1.0.0", &head)?;
    scene.repository.tag("api/v1.1.0-rc.1", &head)?;
    for kind in ["version", "versions"] {
        let asked = format!(
            "data \"pipeline_{kind}\" \"api\" {{\n  sub_project_path = \"api\"\n  \
             include_prerelease = true\n}}\n"
        );
        scene.workspace.configure(&scene.repository.path(), "")?;
        scene.workspace.main(&asked)?;
        scene.workspace.plan(&[])?.warned("pre-release")?.says("allow_prerelease_tags")?;
        scene.workspace.configure(&scene.repository.path(), "  allow_prerelease_tags = true")?;
        let told = scene.workspace.plan(&[])?.ok()?;
        assert!(told.warned("pre-release").is_err(), "{kind}: said although it counts");
    }
    Ok(())
}
