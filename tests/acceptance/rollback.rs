//! Going back: the version to go back to, what speaks against the others, and the history that says so.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{LocalAws, Service};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::Workspace;
use serde_json::{Value, json};

use crate::hcl::{deployment, health_check, staging};

const ADDRESS: &str = "data.pipeline_rollback_target.this";

/// Versions 1.0.0 to 1.4.0 of the api, each on a commit of its own.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"] {
        let commit = scene.repository.commit(version)?;
        scene.repository.tag(&format!("api/v{version}"), &commit)?;
    }
    Ok(scene)
}

/// The configuration of staging with this version.
fn runs(version: &str, lines: &str) -> String {
    [staging(), deployment("staging", version, lines)].concat()
}

/// Deploys this version, whose health check says no.
fn fails(scene: &Scene, version: &str) -> Outcome {
    let server = HealthServer::start(Health::Status(500))?;
    let once = health_check(&server.url).replace("retries = 2", "retries = 0");
    scene.workspace.main(&runs(version, &once))?;
    scene.workspace.apply(&[])?.refused("500")?;
    Ok(())
}

fn target(lines: &str) -> String {
    format!(
        "data \"pipeline_rollback_target\" \"this\" {{\n  environment = \"staging\"\n  \
         sub_project_path = \"api\"\n{lines}\n}}\n"
    )
}

/// What the data source says with these further lines.
fn ask(workspace: &Workspace, lines: &str) -> Outcome<Value> {
    workspace.settle(&target(lines))?;
    workspace.attributes(ADDRESS)
}

fn versions(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|it| it["version"].as_str()).collect()
}

#[test]
fn a_hotfix_below_the_newest_says_nothing_against_the_newest() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    scene.workspace.settle(&runs("api/v1.4.0", ""))?;
    scene.workspace.settle(&runs("api/v1.2.0", "  allow_downgrade = true"))?;
    scene.workspace.settle(&runs("api/v1.4.0", ""))?;
    // Going back to what ran before does: it is how a bad version is taken back.
    scene.workspace.settle(&runs("api/v1.0.0", "  allow_downgrade = true"))?;
    scene.workspace.main(&runs("api/v1.4.0", ""))?;
    scene.workspace.plan(&[])?.refused("OWN040")?.says("redeploy_after")?;
    Ok(())
}

#[test]
fn it_names_the_version_to_go_back_to_and_rejects_the_others_with_reasons() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    fails(&scene, "api/v1.1.0")?;
    scene.workspace.settle(&runs("api/v1.2.0", ""))?;
    scene.workspace.settle(&runs("api/v1.4.0", ""))?;
    let second = scene.second_workspace("second")?;
    let known = ask(&second, "")?;
    assert_eq!(known["current_version"], "api/v1.4.0");
    assert_eq!(known["target_version"], "api/v1.2.0");
    assert_eq!(known["commit_sha"], scene.repository.resolve("api/v1.2.0")?);
    assert!(known["reason"].is_null() && known["task_definition"].is_null(), "{known}");
    assert_eq!(versions(&known["candidate_versions"]), ["api/v1.2.0", "api/v1.0.0"]);
    assert_eq!(versions(&known["rejected_versions"]), ["api/v1.3.0", "api/v1.1.0"]);
    let reason = |index: usize| known["rejected_versions"][index]["reason"].to_string();
    assert!(reason(0).contains("never deployed") && reason(1).contains(" failed at "), "{known}");
    assert_eq!(known["last_known_good"]["version"], "api/v1.4.0");

    scene.repository.tag("api/v1.0.0-stable", "api/v1.0.0^{commit}")?;
    assert_eq!(ask(&second, "")?["target_version"], "api/v1.0.0");
    second.main(&target("  prioritize_stable = false"))?;
    second.apply(&[])?.ok()?.warned("RBK003")?;
    assert_eq!(second.attributes(ADDRESS)?["target_version"], "api/v1.2.0");
    scene.repository.tag("api/v1.0.0-deprecated", "api/v1.0.0^{commit}")?;
    scene.repository.tag("api/v1.2.0-unstable", "api/v1.2.0^{commit}")?;
    let none = ask(&second, "  exclude_unstable = true")?;
    assert!(none["target_version"].is_null(), "{none}");
    assert!(none["reason"].as_str().is_some_and(|it| it.contains("is rejected")), "{none}");
    Ok(())
}

#[test]
fn no_target_is_an_answer_that_a_precondition_can_use() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&staging())?;
    let second = scene.second_workspace("second")?;
    let nothing = ask(&second, "")?;
    assert!(nothing["target_version"].is_null() && nothing["last_known_good"].is_null());
    assert!(nothing["reason"].as_str().is_some_and(|it| it.contains("runs nothing of `api`")));
    let wanted = "  lifecycle {\n    postcondition {\n      condition = self.target_version != null\n      \
                  error_message = \"No way back: ${self.reason}.\"\n    }\n  }";
    second.main(&target(wanted))?;
    second.plan(&[])?.refused("No way back: `staging` runs nothing")?;
    Ok(())
}

#[test]
fn what_somebody_else_put_there_and_bad_records_hide_nothing() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    let bad = "refs/ledger/deployments/staging/deploy-20200101-000000-aaaaaa";
    scene.repository.git(&["update-ref", bad, "refs/ledger/environments/staging"])?;
    let none = "refs/ledger/deployments/staging/deploy-20200101-000000-bbbbbb";
    scene.repository.git(&["update-ref", none, "HEAD"])?;
    scene.repository.git(&["tag", "--force", "api/staging", "api/v1.3.0^{commit}"])?;
    let second = scene.second_workspace("second")?;
    second.main(&[target("").as_str(), HISTORY].concat())?;
    let run = second.apply(&[])?.ok()?;
    run.warned("expected one of kind `deployment`")?;
    run.warned("is a commit; expected a tag")?;
    let known = second.attributes(ADDRESS)?;
    assert_eq!(known["current_version"], "api/v1.3.0");
    assert_eq!(known["target_version"], "api/v1.1.0");
    let history = second.attributes("data.pipeline_deployments.this")?;
    assert_eq!(versions(&history["history"]), ["api/v1.0.0", "api/v1.1.0"]);
    assert_eq!(history["last_known_good"]["version"], "api/v1.1.0");
    scene.repository.git(&["tag", "--force", "api/staging", "HEAD~1"])?;
    scene.repository.git(&["tag", "--delete", "api/v1.3.0"])?;
    second.apply(&[])?.ok()?;
    let known = second.attributes(ADDRESS)?;
    assert!(known["current_version"].is_null(), "{known}");
    assert!(known["reason"].as_str().is_some_and(|it| it.contains("no version tag names")));
    Ok(())
}

const HISTORY: &str = "data \"pipeline_deployments\" \"this\" {\n  environment = \"staging\"\n}\n";

#[test]
fn the_history_is_document_003s() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    fails(&scene, "api/v1.2.0")?;
    let second = scene.second_workspace("second")?;
    second.settle(HISTORY)?;
    let known = second.attributes("data.pipeline_deployments.this")?;
    assert_eq!(versions(&known["history"]), ["api/v1.0.0", "api/v1.1.0"]);
    assert_eq!(known["last_known_good"]["version"], "api/v1.1.0");
    let state: Value =
        serde_json::from_str(known["deployment_state_json"].as_str().unwrap_or_default())?;
    let commit = |version: &str| scene.repository.resolve(version);
    assert_eq!(state["lastKnownGood"]["commit_sha"], commit("api/v1.1.0")?);
    assert_eq!(state["currentDeployment"]["commit_sha"], commit("api/v1.2.0")?);
    assert_eq!(state["currentDeployment"]["status"], "failure");
    assert!(state["currentDeployment"]["error_message"].is_string(), "{state}");
    let statuses: Vec<_> = state["history"].as_array().into_iter().flatten().collect();
    assert_eq!(statuses.len(), 2, "{state}");
    assert_eq!(statuses[0]["status"], json!("success"));
    Ok(())
}

/// Versions of an image on a service of ECS: the revision that ran the target is asked for, and one that
/// is not active any more is no way back.
#[test]
fn a_revision_that_is_gone_is_no_way_back() -> Outcome {
    let mut scene = released()?;
    let account = LocalAws::fresh_account()?;
    let (cluster, name, container) = ("main", "api", "app");
    account.service(Service { cluster, name, container, image: "api:0" })?;
    account.log_in(&mut scene.workspace.environment);
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    for number in ["1.0.0", "1.1.0", "1.2.0"] {
        let ecs = format!(
            "  ecs = {{\n    cluster = \"main\"\n    service = \"api\"\n    container = \"app\"\n    \
             image = \"api:{number}\"\n    poll_interval = \"100ms\"\n  }}\n"
        );
        scene.workspace.main(&runs(&format!("api/v{number}"), &ecs))?;
        scene.workspace.apply(&[])?.ok()?;
    }
    let second = scene.second_workspace("second")?;
    second.configure(&scene.repository.path(), &account.block(""))?;
    let known = ask(&second, "")?;
    assert_eq!(known["target_version"], "api/v1.1.0");
    let revision = known["task_definition"].clone();
    assert!(revision.as_str().is_some_and(|arn| arn.contains("task-definition/api:")), "{known}");
    assert_eq!(known["candidate_versions"][0]["revision_active"], true);
    assert!(known["candidate_versions"][1]["revision_active"].is_null(), "nobody asked: {known}");

    account.ecs("DeregisterTaskDefinition", &json!({ "taskDefinition": revision }))?;
    let known = ask(&second, "")?;
    assert_eq!(known["target_version"], "api/v1.0.0");
    let reason = known["rejected_versions"].to_string();
    assert!(reason.contains("is not active any more"), "{known}");
    // Without a way to AWS nothing is claimed of it.
    let mut third = scene.second_workspace("third")?;
    third.environment.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let known = ask(&third, "")?;
    assert_eq!(known["target_version"], "api/v1.1.0");
    assert!(known["candidate_versions"][0]["revision_active"].is_null(), "{known}");
    Ok(())
}
