//! `pipeline_deployment`: a version reaches an environment, whole or not at all.

use std::time::{Duration, Instant};

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::process::FOR_EVER;
use pipeline_acceptance::repository::{Repository, same_refs};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use serde_json::Value;

use crate::hcl::{
    deployment, environment, hasty_health_check, health_check, production, short, staging,
};

const ADDRESS: &str = "pipeline_deployment.this";
const APPROVAL: &str =
    "  approval = {\n    approved_by = \"Grace Example\"\n    reference = \"CHG-1\"\n  }\n";

/// A scene with versions 1.0.0 and 1.1.0 of the api, each on a commit of its own.
fn released() -> Outcome<(Scene, String, String)> {
    let scene = Scene::local()?;
    let first = scene.repository.head()?;
    scene.repository.tag("api/v1.0.0", &first)?;
    let second = scene.repository.commit("Go on")?;
    scene.repository.tag("api/v1.1.0", &second)?;
    Ok((scene, first, second))
}

/// The configuration of staging and one deployment to it.
fn to_staging(version: &str, lines: &str) -> String {
    [staging(), deployment("staging", version, lines)].concat()
}

/// The statuses of all deployments on record for an environment.
fn statuses(repository: &Repository, environment: &str) -> Outcome<Vec<String>> {
    let records = repository.records(&format!("refs/ledger/deployments/{environment}/"))?;
    let status = |record: &Value| record["status"].as_str().unwrap_or_default().to_owned();
    Ok(records.values().map(status).collect())
}

/// Registers staging, so that what follows is about the deployment alone.
fn registered() -> Outcome<(Scene, String, String)> {
    let (scene, first, second) = released()?;
    scene.workspace.settle(&staging())?;
    Ok((scene, first, second))
}

#[test]
fn deploys_records_and_moves_the_tag() -> Outcome {
    let (scene, first, _) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    assert_eq!(scene.repository.resolve("api/staging")?, first);
    assert_eq!(statuses(&scene.repository, "staging")?, ["succeeded"]);
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["status"], "succeeded");
    assert_eq!(known["commit_sha"], first);
    assert_eq!(known["sub_project_path"], "api");
    assert!(known["previous_version"].is_null());
    let id = known["deployment_id"].as_str().unwrap_or_default();
    assert!(id.starts_with("deploy-"), "{id}");
    for name in ["uuid", "triggered_by", "started_at", "completed_at"] {
        assert!(known[name].is_string(), "{name}: {known}");
    }
    Ok(())
}

#[test]
fn another_version_is_a_new_deployment_in_place() -> Outcome {
    let (scene, _, second) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    let before = scene.workspace.attributes(ADDRESS)?;
    scene.workspace.main(&to_staging("api/v1.1.0", ""))?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let after = scene.workspace.attributes(ADDRESS)?;
    assert_ne!(after["deployment_id"], before["deployment_id"]);
    assert_eq!(after["previous_version"], "api/v1.0.0");
    assert_eq!(scene.repository.resolve("api/staging")?, second);
    assert_eq!(statuses(&scene.repository, "staging")?, ["succeeded", "succeeded"]);
    Ok(())
}

#[test]
fn the_tag_stays_where_it_should_not_move() -> Outcome {
    let (scene, _, _) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", "  will_move_env_tag = false\n"))?;
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"));
    assert_eq!(statuses(&scene.repository, "staging")?, ["succeeded"]);
    Ok(())
}

#[test]
fn a_tag_that_deployments_leave_alone_is_no_drift() -> Outcome {
    let (scene, first, _) = released()?;
    scene.repository.tag("api/staging", &first)?;
    scene.workspace.settle(&to_staging("api/v1.1.0", "  will_move_env_tag = false\n"))?;
    assert_eq!(scene.repository.resolve("api/staging")?, first);
    Ok(())
}

#[test]
fn the_reason_goes_into_the_record_and_deploys_nothing_by_itself() -> Outcome {
    let (scene, _, _) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", "  reason = \"CHG-1\"\n"))?;
    let id = scene.workspace.attributes(ADDRESS)?["deployment_id"].clone();
    scene.workspace.settle(&to_staging("api/v1.0.0", "  reason = \"CHG-2\"\n"))?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["deployment_id"], id);
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    let reasons: Vec<&Value> = records.values().map(|record| &record["reason"]).collect();
    assert_eq!(reasons, ["CHG-1"]);
    Ok(())
}

#[test]
fn a_refresh_changes_nothing() -> Outcome {
    let (scene, _, _) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    let before = scene.workspace.attributes(ADDRESS)?;
    scene.workspace.apply(&["-refresh-only"])?.ok()?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?, before);
    Ok(())
}

#[test]
fn destroying_forgets_it_and_says_so() -> Outcome {
    let (scene, _, _) = registered()?;
    let second = scene.second_workspace("second")?;
    let hcl = "resource \"pipeline_deployment\" \"this\" {\n  environment = \"staging\"\n  \
               version = \"api/v1.0.0\"\n  workflow_run_id = \"1\"\n}\n";
    second.settle(hcl)?;
    let before = scene.repository.refs()?;
    let run = second.destroy()?.ok()?;
    assert!(run.diagnostics().iter().any(|one| one.severity == "warning"), "{:?}", run.said);
    assert!(!second.holds(ADDRESS));
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn imports_by_id() -> Outcome {
    let (scene, _, _) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    let second = scene.second_workspace("second")?;
    let hcl = "resource \"pipeline_deployment\" \"this\" {\n  environment = \"staging\"\n  \
               version = \"api/v1.0.0\"\n  workflow_run_id = \"4711\"\n}\n";
    second.main(hcl)?;
    second.import(ADDRESS, "staging/api")?.success()?;
    second.plan(&[])?.unchanged()?;
    assert_eq!(
        second.attributes(ADDRESS)?["deployment_id"],
        scene.workspace.attributes(ADDRESS)?["deployment_id"]
    );
    Ok(())
}

#[test]
fn imports_by_identity() -> Outcome {
    let (scene, _, _) = released()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "imports_by_identity") {
        return Ok(());
    }
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    let second = scene.second_workspace("second")?;
    second.main(
        "import {\n  to = pipeline_deployment.this\n  \
         identity = { environment = \"staging\", sub_project_path = \"api\" }\n}\n\
         resource \"pipeline_deployment\" \"this\" {\n  environment = \"staging\"\n  \
         version = \"api/v1.0.0\"\n  workflow_run_id = \"4711\"\n}\n",
    )?;
    second.apply(&[])?.ok()?;
    second.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn an_unknown_environment_is_refused_at_plan() -> Outcome {
    let (scene, _, _) = registered()?;
    let before = scene.repository.refs()?;
    let second = scene.second_workspace("second")?;
    second.main(
        "resource \"pipeline_deployment\" \"this\" {\n  environment = \"stagin\"\n  \
         version = \"api/v1.0.0\"\n  workflow_run_id = \"1\"\n}\n",
    )?;
    second.apply(&[])?.refused("DEP021")?.at("environment")?.says("staging")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_version_without_a_tag_is_refused_at_plan() -> Outcome {
    let (scene, _, _) = registered()?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&to_staging("api/v1.0.1", ""))?;
    scene.workspace.apply(&[])?.refused("DEP007")?.at("version")?.says("api/v1.0.1")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn values_are_checked_at_validate() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(
        "resource \"pipeline_deployment\" \"this\" {\n  environment = \"staging\"\n  \
         version = \"api/1.0\"\n  workflow_run_id = \"run-7\"\n  public_url = \"ftp://x\"\n}\n",
    )?;
    let run = scene.workspace.validate()?;
    run.refused("VER001")?.at("version")?;
    run.refused("DEP006")?.at("workflow_run_id")?;
    run.refused("DEP023")?.at("public_url")?;
    scene.workspace.main(
        "resource \"pipeline_deployment\" \"this\" {\n  environment = \"staging\"\n  \
         version = \"api/v1.0.0\"\n  health_check = { url = \"localhost/health\" }\n}\n",
    )?;
    let told = scene.workspace.validate()?.refused("DEP022")?;
    if scene.workspace.terraform.points_inside() {
        told.at("url")?;
    }
    Ok(())
}

#[test]
fn a_region_belongs_to_its_environment() -> Outcome {
    let (scene, first, _) = released()?;
    let with = |region: &str| {
        let lines = format!("{APPROVAL}  region = \"{region}\"\n");
        [production(), deployment("production", "api/v1.0.0", &lines)].concat()
    };
    scene.workspace.settle(&production())?;
    scene.workspace.main(&with("us-east"))?;
    scene.workspace.plan(&[])?.refused("DEP011")?.at("region")?.says("eu-west")?;
    scene.workspace.settle(&with("eu-west"))?;
    assert_eq!(scene.repository.resolve("api/production")?, first);
    Ok(())
}

#[test]
fn production_without_approval_is_refused_at_plan() -> Outcome {
    let (scene, _, _) = released()?;
    scene.workspace.settle(&production())?;
    let before = scene.repository.refs()?;
    let hcl = |lines: &str| [production(), deployment("production", "api/v1.0.0", lines)].concat();
    scene.workspace.main(&hcl(""))?;
    scene.workspace.apply(&[])?.refused("DEP012")?.says("approval")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn nobody_approves_their_own_deployment() -> Outcome {
    let (scene, _, _) = released()?;
    scene.workspace.settle(&production())?;
    let own = APPROVAL.replace("Grace Example", "Ada Example");
    scene.workspace.configure(&scene.repository.path(), "  actor = \"Ada Example\"")?;
    scene.workspace.main(&[production(), deployment("production", "api/v1.0.0", &own)].concat())?;
    scene.workspace.plan(&[])?.refused("DEP012")?.says("Ada Example")?;
    Ok(())
}

#[test]
fn an_approved_deployment_reaches_production() -> Outcome {
    let (scene, first, _) = released()?;
    let hcl = [production(), deployment("production", "api/v1.0.0", APPROVAL)].concat();
    scene.workspace.settle(&hcl)?;
    assert_eq!(scene.repository.resolve("api/production")?, first);
    let records = scene.repository.records("refs/ledger/deployments/production/")?;
    assert!(format!("{records:?}").contains("Grace Example"), "{records:?}");
    Ok(())
}

#[test]
fn an_older_version_is_refused_unless_allowed() -> Outcome {
    let (scene, first, second) = released()?;
    scene.workspace.settle(&to_staging("api/v1.1.0", ""))?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&to_staging("api/v1.0.0", ""))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("allow_downgrade")?.says("v1.1.0")?.says("v1.0.0")?;
    same_refs(&before, &scene.repository.refs()?)?;
    assert_eq!(scene.repository.resolve("api/staging")?, second);
    scene.workspace.settle(&to_staging("api/v1.0.0", "  allow_downgrade = true\n"))?;
    assert_eq!(scene.repository.resolve("api/staging")?, first);
    Ok(())
}

#[test]
fn a_plan_shows_that_the_environment_runs_something_else() -> Outcome {
    let (scene, first, second) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    scene.repository.tag("api/staging", &second)?;
    let plan = scene.workspace.plan(&[])?;
    assert_ne!(plan.said.code, Some(0), "the plan should not be empty");
    let shown = plan.diagnostics();
    assert!(!shown.is_empty(), "{:?}", plan.said);
    let text = format!("{shown:?}");
    assert!(text.contains(short(&second)) || text.contains("v1.1.0"), "{text}");
    assert!(text.contains(short(&first)) || text.contains("v1.0.0"), "{text}");
    Ok(())
}

#[test]
fn a_healthy_answer_is_success() -> Outcome {
    let (scene, _, _) = released()?;
    let server = HealthServer::start(Health::Status(200))?;
    scene.workspace.settle(&to_staging("api/v1.0.0", &health_check(&server.url)))?;
    assert_eq!(server.asked(), 1);
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["health_check_status"], "passed");
    assert!(known["health_check_response_time_ms"].is_number());
    Ok(())
}

#[test]
fn a_slow_answer_in_time_is_success() -> Outcome {
    let (scene, _, _) = released()?;
    let server = HealthServer::start(Health::Slow(Duration::from_millis(600)))?;
    scene.workspace.settle(&to_staging("api/v1.0.0", &health_check(&server.url)))?;
    let took = scene.workspace.attributes(ADDRESS)?["health_check_response_time_ms"].as_f64();
    assert!(took.is_some_and(|took| took >= 600.0), "{took:?}");
    Ok(())
}

#[test]
fn a_service_that_recovers_in_time_is_healthy() -> Outcome {
    let (scene, _, _) = released()?;
    let server = HealthServer::start(Health::Recovers(2))?;
    scene.workspace.settle(&to_staging("api/v1.0.0", &health_check(&server.url)))?;
    assert_eq!(server.asked(), 3);
    Ok(())
}

/// Deploys 1.1.0 over 1.0.0 with a service in this state, and sees it fail cleanly.
fn fails(health: Health, check: fn(&str) -> String, status: &str, text: &str) -> Outcome {
    let (scene, first, _) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    let server = HealthServer::start(health)?;
    scene.workspace.main(&to_staging("api/v1.1.0", &check(&server.url)))?;
    let start = Instant::now();
    scene.workspace.apply(&[])?.refused(&server.url)?.says(text)?;
    assert!(start.elapsed() < FOR_EVER, "it waited for an answer: {:?}", start.elapsed());
    assert_eq!(scene.repository.resolve("api/staging")?, first, "the tag moved");
    let mut all = statuses(&scene.repository, "staging")?;
    all.sort();
    assert_eq!(all, ["failed", "succeeded"]);
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    assert!(format!("{records:?}").contains(status), "{records:?}");
    // Once the service is well again, the same configuration goes through.
    let server = HealthServer::start(Health::Status(200))?;
    scene.workspace.settle(&to_staging("api/v1.1.0", &health_check(&server.url)))?;
    Ok(())
}

#[test]
fn a_failing_health_check_fails_the_deployment() -> Outcome {
    fails(Health::Status(500), health_check, "failed", "500")
}

#[test]
fn a_hanging_health_check_times_out() -> Outcome {
    fails(Health::Hangs, hasty_health_check, "timeout", "did not pass in time")
}

#[test]
fn a_failed_first_deployment_leaves_no_tag() -> Outcome {
    let (scene, _, _) = registered()?;
    let server = HealthServer::start(Health::Status(500))?;
    scene.workspace.main(&to_staging("api/v1.0.0", &health_check(&server.url)))?;
    scene.workspace.apply(&[])?.refused("500")?;
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"));
    assert_eq!(statuses(&scene.repository, "staging")?, ["failed"]);
    Ok(())
}

#[test]
fn the_root_project_has_an_environment_tag_without_a_path() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("v2.0.0", "HEAD")?;
    scene.workspace.settle(&to_staging("v2.0.0", ""))?;
    assert_eq!(scene.repository.resolve("staging")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn several_projects_share_an_environment() -> Outcome {
    let (scene, first, _) = released()?;
    scene.repository.tag("web/v3.0.0", &first)?;
    let web = deployment("staging", "web/v3.0.0", "  depends_on = [pipeline_deployment.this]\n");
    let web = web.replace("\"pipeline_deployment\" \"this\"", "\"pipeline_deployment\" \"web\"");
    scene.workspace.settle(&[to_staging("api/v1.0.0", ""), web].concat())?;
    assert_eq!(scene.repository.resolve("web/staging")?, first);
    assert_eq!(scene.repository.resolve("api/staging")?, first);
    Ok(())
}

#[test]
fn a_version_made_in_the_same_apply_is_deployed() -> Outcome {
    let scene = Scene::local()?;
    let hcl = [
        crate::hcl::tag("release", "api/v1.0.0", "HEAD"),
        environment("staging", ""),
        "resource \"pipeline_deployment\" \"this\" {\n  \
         environment = pipeline_environment.staging.name\n  \
         version = pipeline_version_tag.release.tag_name\n  \
         workflow_run_id = \"1\"\n}\n"
            .to_owned(),
    ];
    scene.workspace.settle(&hcl.concat())?;
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn a_change_of_settings_deploys_nothing() -> Outcome {
    let (scene, _, _) = released()?;
    scene.workspace.settle(&to_staging("api/v1.0.0", ""))?;
    let before = scene.workspace.attributes(ADDRESS)?;
    scene.workspace.settle(&to_staging("api/v1.0.0", "  wait_timeout = \"5m\"\n"))?;
    let after = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(after["deployment_id"], before["deployment_id"]);
    assert_eq!(statuses(&scene.repository, "staging")?, ["succeeded"]);
    Ok(())
}
