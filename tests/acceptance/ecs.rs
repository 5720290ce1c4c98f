//! Deployments to a service of ECS, on the local AWS, through Terraform.
//!
//! Its rollouts complete at once; those that fail by themselves are in the table of faults.

use pipeline_acceptance::aws::{Account, LocalAws, Service};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::{Outcome, repository::Repository};
use serde_json::{Value, json};

use crate::hcl::{deployment, health_check, staging};

const ADDRESS: &str = "pipeline_deployment.this";

/// Versions 1.0.0 to 1.2.0 of the api, staging registered, and a service that runs `api:0.9.0`.
struct Stage {
    scene: Scene,
    account: Account,
    before: String,
}

impl Stage {
    fn set() -> Outcome<Self> {
        let mut scene = Scene::local()?;
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            let commit = scene.repository.commit(version)?;
            scene.repository.tag(&format!("api/v{version}"), &commit)?;
        }
        let account = LocalAws::fresh_account()?;
        let (cluster, name, container, image) = ("main", "api", "app", "api:0.9.0");
        let before = account.service(Service { cluster, name, container, image })?;
        account.log_in(&mut scene.workspace.environment);
        scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
        scene.workspace.settle(&staging())?;
        Ok(Self { scene, account, before })
    }

    /// What is asked for: a version, whose image has its number, and further lines.
    fn ask(&self, version: &str, lines: &str) -> Outcome {
        let lines = format!("{}{lines}", ecs(&format!("api:{version}")));
        let text = [staging(), deployment("staging", &format!("api/v{version}"), &lines)].concat();
        self.scene.workspace.main(&text)
    }

    fn image(&self) -> Outcome<String> {
        self.account.image("main", "api")
    }

    fn revision(&self) -> Outcome<String> {
        let service = self.account.described("main", "api")?;
        Ok(service["taskDefinition"].as_str().unwrap_or_default().to_owned())
    }
}

fn ecs(image: &str) -> String {
    format!(
        "  ecs = {{\n    cluster = \"main\"\n    service = \"api\"\n    container = \"app\"\n    \
         image = \"{image}\"\n    poll_interval = \"100ms\"\n  }}\n"
    )
}

/// The records of all deployments to staging, oldest first.
fn records(repository: &Repository) -> Outcome<Vec<Value>> {
    let mut records: Vec<Value> =
        repository.records("refs/ledger/deployments/staging/")?.into_values().collect();
    records.sort_by_key(|record| record["deployment_id"].to_string());
    Ok(records)
}

/// The newest record.
fn newest(repository: &Repository) -> Outcome<Value> {
    let mut records = records(repository)?;
    records.sort_by_key(|record| record["requested_at"].to_string());
    Ok(records.pop().unwrap_or_default())
}

#[test]
fn rolls_an_image_out_and_records_the_revision() -> Outcome {
    let stage = Stage::set()?;
    stage.ask("1.0.0", "")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    stage.scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(stage.image()?, "api:1.0.0");
    let record = newest(&stage.scene.repository)?;
    assert_eq!(record["status"], "succeeded");
    assert_eq!(record["rollout"]["task_definition"], stage.revision()?.as_str());
    assert_eq!(record["rollout"]["previous_task_definition"], stage.before.as_str());
    let id = record["rollout"]["ecs_deployment_id"].as_str().unwrap_or_default();
    assert!(id.starts_with("ecs-svc/"), "{record}");
    Ok(())
}

/// What the guide on adopting promises.
#[test]
fn a_service_that_runs_is_adopted_without_a_rollout() -> Outcome {
    let stage = Stage::set()?;
    let plain = [staging(), deployment("staging", "api/v1.0.0", "")].concat();
    stage.scene.workspace.settle(&plain)?;
    assert_eq!((stage.revision()?, stage.image()?.as_str()), (stage.before.clone(), "api:0.9.0"));
    // The first one that is rolled out fails, and what was adopted runs again.
    let sick = HealthServer::start(Health::Status(500))?;
    stage.ask("1.1.0", &health_check(&sick.url))?;
    let told = stage.scene.workspace.apply(&[])?.refused("The deployment failed")?.detail;
    assert!(told.contains("api/v1.0.0 runs again"), "{told}");
    assert_eq!(stage.revision()?, stage.before);
    stage.ask("1.2.0", "")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    assert_eq!(stage.image()?, "api:1.2.0");
    Ok(())
}

#[test]
fn a_failed_check_puts_the_revision_back_that_ran_before() -> Outcome {
    let stage = Stage::set()?;
    stage.ask("1.0.0", "")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    let (good, tag) = (stage.revision()?, stage.scene.repository.resolve("api/staging")?);
    let sick = HealthServer::start(Health::Status(500))?;
    stage.ask("1.1.0", &health_check(&sick.url))?;
    let refused = stage.scene.workspace.apply(&[])?;
    let told = refused.refused("The deployment failed")?.detail;
    assert!(told.contains("500") && told.contains("api/v1.0.0 runs again"), "{told}");
    assert_eq!((stage.image()?.as_str(), stage.revision()?), ("api:1.0.0", good.clone()));
    assert_eq!(stage.scene.repository.resolve("api/staging")?, tag);
    let record = newest(&stage.scene.repository)?;
    assert_eq!(record["status"], "failed");
    assert_eq!(record["rolled_back_to"], "api/v1.0.0");
    assert_eq!(record["rollout"]["restored_task_definition"], good.as_str());

    // Applied again, it does not go out once more unless it is asked for by name.
    let refused = stage.scene.workspace.plan(&[])?;
    let told = refused.refused("OWN040")?.detail;
    let id = record["deployment_id"].as_str().unwrap_or_default();
    assert!(told.contains(id), "{told}");
    let well = HealthServer::start(Health::Status(200))?;
    let lines = format!("  redeploy_after = \"{id}\"\n{}", health_check(&well.url));
    stage.ask("1.1.0", &lines)?;
    stage.scene.workspace.apply(&[])?.ok()?;
    assert_eq!(stage.image()?, "api:1.1.0");
    Ok(())
}

#[test]
fn a_lower_version_takes_the_higher_back() -> Outcome {
    let stage = Stage::set()?;
    for version in ["1.0.0", "1.1.0"] {
        stage.ask(version, "")?;
        stage.scene.workspace.apply(&[])?.ok()?;
    }
    stage.ask("1.0.0", "")?;
    stage.scene.workspace.plan(&[])?.refused("OWN002")?;
    stage.ask("1.0.0", "  allow_downgrade = true\n")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    assert_eq!(stage.image()?, "api:1.0.0");
    let statuses: Vec<Value> =
        records(&stage.scene.repository)?.iter().map(|record| record["status"].clone()).collect();
    assert_eq!(statuses, [json!("succeeded"), json!("rolled_back"), json!("succeeded")]);
    stage.ask("1.1.0", "")?;
    stage.scene.workspace.plan(&[])?.refused("OWN040")?;
    Ok(())
}

#[test]
fn a_plan_names_what_is_missing() -> Outcome {
    let stage = Stage::set()?;
    let wrong = ecs("api:1.0.0").replace("\"api\"", "\"apo\"");
    let text = [staging(), deployment("staging", "api/v1.0.0", &wrong)].concat();
    stage.scene.workspace.main(&text)?;
    let told = stage.scene.workspace.plan(&[])?.refused("apo")?.detail;
    assert!(told.contains("api"), "{told}");
    let wrong = ecs("api:1.0.0").replace("\"app\"", "\"web\"");
    let text = [staging(), deployment("staging", "api/v1.0.0", &wrong)].concat();
    stage.scene.workspace.main(&text)?;
    let told = stage.scene.workspace.plan(&[])?.refused("web")?.detail;
    assert!(told.contains("app"), "{told}");
    assert_eq!(stage.revision()?, stage.before, "nothing was touched");
    Ok(())
}

#[test]
fn what_somebody_else_rolled_out_shows_at_plan() -> Outcome {
    let stage = Stage::set()?;
    stage.ask("1.0.0", "")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    let other = stage.account.task_definition("api", "app", "api:hotfix")?;
    stage.account.ecs(
        "UpdateService",
        &json!({"cluster": "main", "service": "api", "taskDefinition": other}),
    )?;
    let plan = stage.scene.workspace.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    let told = plan.warned("runs something else")?.detail;
    for part in ["api:hotfix", "api:1.0.0", other.rsplit('/').next().unwrap_or_default()] {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
    assert_eq!(stage.image()?, "api:hotfix", "a plan touches nothing");
    stage.scene.workspace.apply(&[])?.ok()?;
    assert_eq!(stage.image()?, "api:1.0.0");
    stage.scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_change_of_settings_that_deploys_nothing_touches_nothing() -> Outcome {
    let stage = Stage::set()?;
    stage.ask("1.0.0", "")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    let revision = stage.revision()?;
    stage.ask("1.0.0", "  wait_timeout = \"5m\"\n")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    assert_eq!(stage.revision()?, revision);
    assert_eq!(records(&stage.scene.repository)?.len(), 1);
    Ok(())
}

#[test]
fn a_change_of_the_image_alone_is_a_deployment() -> Outcome {
    let stage = Stage::set()?;
    stage.ask("1.0.0", "")?;
    stage.scene.workspace.apply(&[])?.ok()?;
    let text = [staging(), deployment("staging", "api/v1.0.0", &ecs("api:1.0.0-rebuilt"))].concat();
    stage.scene.workspace.main(&text)?;
    stage.scene.workspace.apply(&[])?.ok()?;
    assert_eq!(stage.image()?, "api:1.0.0-rebuilt");
    assert_eq!(records(&stage.scene.repository)?.len(), 2);
    Ok(())
}
