//! `pipeline_environment_lock`: an environment is held for one whole apply, and no longer.

use std::process::Child;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::process::{signal, wait_until};
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::workspace::Workspace;
use serde_json::{Value as Json, json};

use crate::hcl::{environment, health_check, staging};
use crate::interruption::{applying, finish};
use crate::team::outlive_the_lease;

const QUEUE: &str = "refs/ledger/queues/staging";

/// A lease that nobody waits for.
const LONG_LEASE: &str = "  lease = \"24h\"";

const LOCK: &str = "ephemeral \"pipeline_environment_lock\" \"this\" {\n  environment = \"staging\"\n  \
                    reason = \"release 7\"\n}\n";

const UNDER_LOCK: &str = "  depends_on = [ephemeral.pipeline_environment_lock.this]";

/// Versions of three sub-projects, and staging registered by a workspace of its own.
fn scene() -> Outcome<Scene> {
    let scene = Scene::local()?;
    for project in ["api", "web", "job"] {
        scene.repository.tag(&format!("{project}/v1.0.0"), "HEAD")?;
    }
    scene.second_workspace("environments")?.settle(&staging())?;
    scene.workspace.configure(&scene.repository.path(), LONG_LEASE)?;
    Ok(scene)
}

/// A deployment to staging, named as its sub-project.
fn deployment(project: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_deployment\" \"{project}\" {{\n  environment = \"staging\"\n  version = \
         \"{project}/v1.0.0\"\n{lines}\n}}\n"
    )
}

/// The api and then the web under one lock; whether they are well, the witness says.
fn release(witness: &Witness) -> String {
    let checked = |project: &str, lines: &str| {
        deployment(project, &[&health_check(&witness.url(project)), lines].concat())
    };
    let both = "  depends_on = [ephemeral.pipeline_environment_lock.this, pipeline_deployment.api]";
    [LOCK.to_owned(), checked("api", UNDER_LOCK), checked("web", both)].concat()
}

/// A witness that answers nobody before it is told to.
fn witness() -> Outcome<Witness> {
    let witness = Witness::start()?;
    ["api", "web", "job"].iter().for_each(|who| witness.answer(who, Answer::WhenReleased));
    Ok(witness)
}

fn queue(scene: &Scene) -> Json {
    let queues = scene.repository.records("refs/ledger/queues/").unwrap_or_default();
    queues.get(QUEUE).cloned().unwrap_or_default()
}

/// Somebody else deploys to staging, and waits for its turn.
fn contends(scene: &Scene, witness: &Witness) -> Outcome<(Workspace, Child)> {
    let other = scene.second_workspace("other")?;
    other.main(&deployment("job", &health_check(&witness.url("job"))))?;
    let child = other.start_apply()?;
    let waits = || queue(scene)["waiting"].as_array().is_some_and(|all| !all.is_empty());
    wait_until("the other one waits", waits)?;
    Ok((other, child))
}

#[test]
fn a_plan_writes_nothing_and_an_apply_without_changes_neither() -> Outcome {
    let scene = scene()?;
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "a_plan_writes_nothing_and_…") {
        return Ok(());
    }
    let text = [LOCK, &deployment("api", UNDER_LOCK), &deployment("web", UNDER_LOCK)].concat();
    scene.workspace.main(&text)?;
    let before = scene.repository.refs()?;
    scene.workspace.plan(&[])?.ok()?.silent()?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.apply(&[])?.ok()?.silent()?;
    let deployed = scene.repository.refs()?;
    assert_eq!(queue(&scene)["lock"], Json::Null);
    assert_eq!(queue(&scene)["schema_version"], 1, "older releases read what is left");
    scene.workspace.plan(&[])?.unchanged()?;
    scene.workspace.apply(&[])?.ok()?;
    same_refs(&deployed, &scene.repository.refs()?)
}

#[test]
fn nobody_deploys_between_the_deployments_of_one_apply() -> Outcome {
    let (scene, witness) = (scene()?, witness()?);
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "nobody_deploys_between_…") {
        return Ok(());
    }
    scene.workspace.main(&release(&witness))?;
    let locked = scene.workspace.start_apply()?;
    witness.wait_for("api")?;
    let (_, other) = contends(&scene, &witness)?;
    witness.release("api");
    witness.wait_for("web")?;
    assert!(!witness.was_asked_by("job"), "it has its turn between the two");
    let held = queue(&scene);
    assert_eq!(
        (&held["lock"]["reason"], &held["schema_version"]),
        (&json!("release 7"), &json!(3))
    );
    let reader = scene.second_workspace("reader")?;
    reader.main(
        "data \"pipeline_deployment_queue\" \"this\" {\n  environment = \"staging\"\n}\noutput \"lock\" {\n  value = \
         data.pipeline_deployment_queue.this.lock.lock_id\n}\n",
    )?;
    reader.apply(&[])?.ok()?;
    assert_eq!(reader.output("lock")?, held["lock"]["lock_id"]);
    assert!(!witness.was_asked_by("job"));
    witness.release("web");
    finish(locked)?.ok()?.silent()?;
    witness.wait_for("job")?;
    assert_eq!(queue(&scene)["lock"], Json::Null);
    witness.release("job");
    finish(other)?.ok()?;
    let came: Vec<String> = witness.visits().into_iter().map(|visit| visit.who).collect();
    assert_eq!(came, ["api", "web", "job"]);
    Ok(())
}

#[test]
fn the_others_go_on_after_the_lease_of_a_run_that_was_killed() -> Outcome {
    let (scene, witness) = (scene()?, witness()?);
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "the_others_go_on_…") {
        return Ok(());
    }
    scene.workspace.main(&release(&witness))?;
    let mut locked = scene.workspace.start_apply()?;
    witness.wait_for("api")?;
    // The youngest provider, as long as nobody else has one.
    let provider = applying(&scene.workspace)?;
    let (_, other) = contends(&scene, &witness)?;
    witness.release("api");
    witness.wait_for("web")?;
    locked.kill()?;
    locked.wait()?;
    signal(provider, "KILL")?;
    assert!(queue(&scene)["lock"].is_object());
    outlive_the_lease(&scene.repository)?;
    witness.wait_for("job")?;
    assert_eq!(queue(&scene)["lock"], Json::Null);
    witness.release("job");
    finish(other)?.ok()?;
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    let ended: Vec<_> = records.values().map(|it| (&it["version"], &it["status"])).collect();
    let is = |project: &str, status: &str| {
        ended.contains(&(&json!(format!("{project}/v1.0.0")), &json!(status)))
    };
    assert!(is("api", "succeeded") && is("web", "failed") && is("job", "succeeded"), "{ended:?}");
    Ok(())
}

/// A release of which the api fails, after which the web does not begin.
fn failing(check: &str) -> String {
    let fails = deployment("api", &[check, UNDER_LOCK].concat());
    let both = "  depends_on = [ephemeral.pipeline_environment_lock.this, pipeline_deployment.api]";
    [LOCK.to_owned(), deployment("job", UNDER_LOCK), fails, deployment("web", both)].concat()
}

/// Terraform does not close a lock when something failed that depends on it.
#[test]
fn the_lock_ends_with_a_run_that_failed() -> Outcome {
    let scene = scene()?;
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "the_lock_ends_with_a_run_that_failed") {
        return Ok(());
    }
    let fails = "  command = { deploy = [\"false\"], restore = [\"true\"] }\n";
    scene.workspace.main(&failing(fails))?;
    scene.workspace.apply(&[])?.refused("The deployment failed")?;
    assert_eq!(queue(&scene)["lock"], Json::Null);
    assert_eq!(queue(&scene)["schema_version"], 1, "older releases read what is left");
    Ok(())
}

#[test]
fn the_lock_ends_with_a_run_that_was_interrupted_and_with_one_whose_terraform_was_killed() -> Outcome
{
    for how in ["INT", "KILL"] {
        let (scene, witness) = (scene()?, witness()?);
        if scene.workspace.terraform.lacks(Feature::Ephemeral, "the_lock_ends_with_a_run_that_was…")
        {
            return Ok(());
        }
        scene.workspace.main(&release(&witness))?;
        let locked = scene.workspace.start_apply()?;
        witness.wait_for("api")?;
        witness.release("api");
        witness.wait_for("web")?;
        assert!(queue(&scene)["lock"].is_object());
        signal(locked.id(), how)?;
        // A provider without a host goes on with what it began.
        if how == "KILL" {
            witness.release("web");
        }
        finish(locked)?;
        wait_until("the lock is gone", || queue(&scene)["lock"].is_null())?;
    }
    Ok(())
}

#[test]
fn a_lock_that_comes_after_a_deployment_says_so() -> Outcome {
    let scene = scene()?;
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "a_lock_that_comes_after_…") {
        return Ok(());
    }
    let late = LOCK.replace("}\n", "  depends_on = [pipeline_deployment.api]\n}\n");
    // OpenTofu opens no lock that waits for a change and that nothing names.
    let (before, under) = (deployment("api", ""), deployment("web", UNDER_LOCK));
    scene.workspace.main(&[late, before, under].concat())?;
    let told = scene.workspace.apply(&[])?.ok()?.warned("A deployment is not under the lock")?;
    told.at("ephemeral \"pipeline_environment_lock\" \"this\"")
        .or_else(|_| told.says("depends_on"))?;
    Ok(())
}

#[test]
fn what_cannot_be_locked_is_told_at_plan() -> Outcome {
    let scene = scene()?;
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "what_cannot_be_locked_…") {
        return Ok(());
    }
    let folder = |name: &str| scene.repository.directory.join("environments").join(name);
    std::fs::create_dir(folder("qa"))?;
    for file in ["config.yaml", "secrets.enc"] {
        std::fs::copy(folder("staging").join(file), folder("qa").join(file))?;
    }
    scene.repository.commit("qa")?;
    let sub_projects = environment("qa", "  concurrency = \"sub_project\"");
    scene.second_workspace("qa")?.settle(&sub_projects)?;
    let of = |environment: &str| LOCK.replace("staging", environment);
    scene.workspace.main(&of("qa"))?;
    scene.workspace.plan(&[])?.refused("BUS004")?.says("concurrency")?;
    scene.workspace.main(&of("stagin"))?;
    scene.workspace.plan(&[])?.ok()?.warned("The environment is not registered")?.says("stagin")?;
    scene.workspace.main(&LOCK.replace("release 7", "see https://ada:secret@example.org/"))?;
    scene.workspace.plan(&[])?.refused("OWN046")?;
    Ok(())
}

#[test]
fn the_example_applies() -> Outcome {
    let scene = scene()?;
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "the_example_applies") {
        return Ok(());
    }
    for project in ["schema", "api"] {
        scene.repository.tag(&format!("{project}/v1.4.0"), "HEAD")?;
    }
    let text = include_str!(
        "../../../examples/ephemeral-resources/pipeline_environment_lock/ephemeral-resource.tf"
    );
    scene.workspace.settle(text)?.silent()?;
    assert_eq!(queue(&scene)["lock"], Json::Null);
    Ok(())
}
