//! `pipeline_promote`.

use std::process::Child;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::ecs::{Ecs, Script};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::process::{signal, wait_until};
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::workspace::Workspace;
use serde_json::Value;

use super::{action, invoke, trigger};
use crate::ecs_scripted;
use crate::hcl::{environment, health_check};
use crate::interruption::finish;

const KIND: &str = "pipeline_promote";

/// The test, on a release that has no actions.
fn lacks(scene: &Scene, test: &str) -> bool {
    scene.workspace.terraform.lacks(Feature::Actions, &format!("actions::promote::{test}"))
}

/// A folder for `dev`, and versions 1.0.0 and 1.1.0 of the api, on commits of their own.
fn released(scene: &Scene) -> Outcome {
    scene.repository.write("environments/dev/config.yaml", "{}\n")?;
    let secrets = include_str!("../../fixtures/staging.enc.yaml");
    scene.repository.write("environments/dev/secrets.enc", secrets)?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        let commit = scene.repository.commit(version)?;
        if !scene.repository.refs()?.contains_key(&format!("refs/tags/{version}")) {
            scene.repository.tag(version, &commit)?;
        }
    }
    Ok(())
}

/// A deployment in the place of its name.
fn deploys(environment: &str, version: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_deployment\" \"{environment}\" {{\n  environment = \
         pipeline_environment.{environment}.name\n  version = \"{version}\"\n  workflow_run_id = \"4711\"\n{lines}\n}}\n"
    )
}

/// Dev runs one version and staging another one, with these further lines of the deployment to staging.
fn runs(dev: &str, staging: &str, lines: &str) -> String {
    let both = [environment("dev", ""), environment("staging", "")];
    [both.concat(), deploys("dev", dev, ""), deploys("staging", staging, lines)].concat()
}

fn promote(lines: &str) -> String {
    let fixed = "    from = \"dev\"\n    to = \"staging\"\n    sub_project_path = \"api\"\n";
    action(KIND, &format!("{fixed}{lines}"))
}

/// Somebody else's workspace, which only promotes.
fn promoter(scene: &Scene, lines: &str) -> Outcome<Workspace> {
    let second = scene.second_workspace("promoter")?;
    second.main(&promote(lines))?;
    Ok(second)
}

fn newest(scene: &Scene) -> Outcome<Value> {
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    Ok(records.into_values().next_back().ok_or("no deployment")?)
}

#[test]
fn what_dev_runs_goes_to_staging_by_the_health_check_on_record() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene, "what_dev_runs_goes_to_staging_by_the_health_check_on_record") {
        return Ok(());
    }
    released(&scene)?;
    let server = HealthServer::start(Health::Says("all is well"))?;
    let check = health_check(&server.url)
        .replace("    retries", "    expected_body = \"^all is well$\"\n    retries");
    scene.workspace.settle(&runs("api/v1.1.0", "api/v1.0.0", &check))?;
    let asked = server.asked();
    let second = promoter(&scene, "    reason = \"green in dev\"")?;
    let run = invoke(&second, KIND)?.ok()?;
    for told in
        ["Promoting api/v1.1.0 to `staging/api`", "Checking the health", "api/v1.1.0 runs in"]
    {
        assert!(run.said.stdout.contains(told), "{told}: {}", run.said.stdout);
    }
    assert!(server.asked() > asked, "nobody asked for its health");
    let record = newest(&scene)?;
    assert_eq!(
        (&record["version"], &record["status"], &record["reason"]),
        (&"api/v1.1.0".into(), &"succeeded".into(), &"green in dev".into())
    );
    assert_eq!(record["health_check_terms"]["expected_body"], "^all is well$");
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.resolve("api/v1.1.0")?);
    // Once more there is nothing to do.
    let before = scene.repository.refs()?;
    let again = invoke(&second, KIND)?.ok()?;
    again.warned("nothing to promote")?;
    same_refs(&before, &scene.repository.refs()?)?;
    // The configuration still names the version before: it is not silently put back.
    scene.workspace.plan(&[])?.refused("OWN002")?;
    let left_alone = format!("{check}  lifecycle {{\n    ignore_changes = [version]\n  }}\n");
    scene.workspace.main(&runs("api/v1.1.0", "api/v1.0.0", &left_alone))?;
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.settle(&runs("api/v1.1.0", "api/v1.1.0", &check))?;
    Ok(())
}

#[test]
fn a_deployment_to_dev_asks_for_the_promotion() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene, "a_deployment_to_dev_asks_for_the_promotion") {
        return Ok(());
    }
    released(&scene)?;
    scene.workspace.settle(&runs("api/v1.0.0", "api/v1.0.0", ""))?;
    let second = scene.second_workspace("second")?;
    let asks =
        trigger(KIND, "\"api/v1.1.0\"").replace("terraform_data", "pipeline_deployment").replace(
            "  input = \"api/v1.1.0\"\n",
            "  environment = \"dev\"\n  version = \"api/v1.1.0\"\n  workflow_run_id = \"1\"\n",
        );
    second.main(&[asks, promote("")].concat())?;
    second.apply(&[])?.ok()?;
    let record = newest(&scene)?;
    assert_eq!(
        (&record["version"], &record["status"]),
        (&"api/v1.1.0".into(), &"succeeded".into())
    );
    Ok(())
}

#[test]
fn a_version_that_is_not_well_is_put_back_and_the_action_fails() -> Outcome {
    let server = Ecs::start(Script::new())?;
    let scene = ecs_scripted::scene(&server.url)?;
    if lacks(&scene, "a_version_that_is_not_well_is_put_back_and_the_action_fails") {
        return Ok(());
    }
    released(&scene)?;
    let health = HealthServer::start(Health::Recovers(0))?;
    let service = |image: &str, lines: &str| {
        format!(
            "  ecs = {{\n    cluster = \"main\"\n    service = \"web\"\n    container = \"app\"\n    \
             image = \"{image}\"\n    poll_interval = \"50ms\"\n  }}\n{lines}"
        )
    };
    let check = health_check(&health.url);
    let both = [environment("dev", ""), environment("staging", "")].concat();
    let dev = deploys("dev", "api/v1.1.0", &service("web:2.1", ""));
    let waits = format!("{check}  depends_on = [pipeline_deployment.dev]\n");
    let staging = deploys("staging", "api/v1.0.0", &service("web:2.0", &waits));
    scene.workspace.main(&[both, dev, staging].concat())?;
    scene.workspace.apply(&[])?.ok()?;
    assert_eq!(server.world().runs().as_deref(), Some("web:2.0"));
    let stands = scene.repository.resolve("api/staging")?;
    health.becomes(Health::Status(500));
    let second = scene.second_workspace("promoter")?;
    let aws = format!("  aws = {{ region = \"eu-west-1\", endpoint_url = \"{}\" }}\n", server.url);
    second.configure(&scene.repository.path(), &aws)?;
    second.main(&promote("    poll_interval = \"50ms\""))?;
    let failed = invoke(&second, KIND)?.refused("The deployment failed")?;
    failed.says("500")?.says("api/v1.0.0 runs again")?;
    assert_eq!(server.world().runs().as_deref(), Some("web:2.0"));
    assert_eq!(scene.repository.resolve("api/staging")?, stands);
    assert_eq!(newest(&scene)?["status"], "failed");
    health.becomes(Health::Status(200));
    second.main(&promote("    poll_interval = \"50ms\""))?;
    // It failed there after it was in service (OWN040): it goes there again only by a configuration that says so.
    invoke(&second, KIND)?.refused("OWN040")?.says("write it in a `pipeline_deployment`")?;
    Ok(())
}

#[test]
fn who_interrupts_gets_an_end_in_order() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene, "who_interrupts_gets_an_end_in_order") {
        return Ok(());
    }
    released(&scene)?;
    let health = HealthServer::start(Health::Status(200))?;
    scene.workspace.settle(&runs("api/v1.1.0", "api/v1.0.0", &health_check(&health.url)))?;
    health.becomes(Health::Hangs);
    let asked = health.asked();
    let second = promoter(&scene, "")?;
    let address = format!("-invoke=action.{KIND}.this");
    let mut apply = second.command("apply", &["-json", "-input=false", "-auto-approve", &address]);
    apply.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child: Child = apply.spawn()?;
    wait_until("the service is asked for its health", || health.asked() > asked)?;
    signal(child.id(), "INT")?;
    let run = finish(child)?;
    assert_eq!(run.said.code, Some(1), "{:?}", run.said);
    run.refused("The deployment was cancelled")?;
    assert_eq!(newest(&scene)?["status"], "cancelled");
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.resolve("api/v1.0.0")?);
    Ok(())
}

#[test]
fn what_records_do_not_say_is_refused_before_anything_is_touched() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene, "what_records_do_not_say_is_refused_before_anything_is_touched") {
        return Ok(());
    }
    released(&scene)?;
    let second = promoter(&scene, "")?;
    invoke(&second, KIND)?
        .refused("OWN057")?
        .says("no successful deployment to `dev/api`")?
        .at("from")?;
    let dev =
        [environment("dev", ""), environment("staging", ""), deploys("dev", "api/v1.1.0", "")];
    scene.workspace.settle(&dev.concat())?;
    let before = scene.repository.refs()?;
    let none = invoke(&second, KIND)?.refused("OWN057")?;
    none.says("no successful deployment to `staging/api`")?.at("to")?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.settle(&runs("api/v1.1.0", "api/v1.0.0", ""))?;
    // What waits for people waits here too.
    let approved = environment("staging", "  requires_approval = true");
    let text = runs("api/v1.1.0", "api/v1.0.0", "").replace(&environment("staging", ""), &approved);
    scene.workspace.settle(&text)?;
    let before = scene.repository.refs()?;
    let plan = second.plan(&[&format!("-invoke=action.{KIND}.this")])?;
    plan.refused("DEP012")?.says("or the action `pipeline_approve`")?;
    same_refs(&before, &scene.repository.refs()?)?;
    let same = second.main(&promote("").replace("\"staging\"", "\"dev\""));
    same?;
    second.validate()?.refused("from one environment to another")?;
    Ok(())
}

#[test]
fn a_target_of_commands_is_refused_by_name() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene, "a_target_of_commands_is_refused_by_name") {
        return Ok(());
    }
    released(&scene)?;
    let command = "  command = {\n    deploy = [\"true\"]\n  }\n  migrations = [{ name = \"0001_orders\", command = [\"true\"] }]\n";
    scene.workspace.settle(&runs("api/v1.1.0", "api/v1.0.0", command))?;
    let before = scene.repository.refs()?;
    let plan = promoter(&scene, "")?.plan(&[&format!("-invoke=action.{KIND}.this")])?;
    let refused = plan.refused("the command `true`")?;
    refused.says("OWN057")?.says("`staging/api`")?.says("pipeline_deployment")?;
    plan.refused("0001_orders")?.says("OWN057")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_freeze_is_told_by_the_plan_and_kept_by_the_action() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene, "a_freeze_is_told_by_the_plan_and_kept_by_the_action") {
        return Ok(());
    }
    released(&scene)?;
    scene.workspace.settle(&runs("api/v1.1.0", "api/v1.0.0", ""))?;
    let freeze = "  freezes = [{ name = \"Year end\", from = \"2020-01-01T00:00\", to = \"2090-01-01T00:00\" }]";
    let frozen = runs("api/v1.1.0", "api/v1.0.0", "")
        .replace(&environment("staging", ""), &environment("staging", freeze));
    scene.workspace.settle(&frozen)?;
    let before = scene.repository.refs()?;
    let second = promoter(&scene, "")?;
    second.plan(&[&format!("-invoke=action.{KIND}.this")])?.ok()?.warned("POL003")?;
    invoke(&second, KIND)?.refused("POL003")?.says("Year end")?;
    same_refs(&before, &scene.repository.refs()?)
}
