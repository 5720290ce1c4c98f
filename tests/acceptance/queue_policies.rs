//! What an environment's policies make of those who wait in its queue: superseded versions, and what is only too
//! early.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::workspace::Workspace;
use serde_json::{Value as Json, json};

use crate::hcl::{environment, health_check};
use crate::interruption::finish;

const QUEUE: &str = "refs/ledger/queues/staging";

/// Staging as `policy` has it, registered by a configuration of its own, and versions 1.0.0 to 1.2.0.
fn scene(policy: &str) -> Outcome<Scene> {
    let scene = Scene::local()?;
    for version in ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0"] {
        scene.repository.tag(version, "HEAD")?;
    }
    scene.workspace.settle(&environment("staging", policy))?;
    Ok(scene)
}

/// A configuration that deploys this version to staging.
fn deploys(scene: &Scene, name: &str, version: &str, lines: &str) -> Outcome<Workspace> {
    let workspace = scene.second_workspace(name)?;
    workspace.main(&format!(
        "resource \"pipeline_deployment\" \"this\" {{\n  environment = \"staging\"\n  version = \
         \"api/{version}\"\n{lines}\n}}\n"
    ))?;
    Ok(workspace)
}

fn waiting(scene: &Scene) -> Vec<Json> {
    let queues = scene.repository.records(QUEUE).unwrap_or_default();
    let waiting = queues.get(QUEUE).and_then(|queue| queue["waiting"].as_array());
    waiting.cloned().unwrap_or_default()
}

#[test]
fn a_newer_version_supersedes_one_that_waits() -> Outcome {
    let (scene, witness) = (scene("  supersede_queued = true")?, Witness::start()?);
    witness.answer("holder", Answer::WhenReleased);
    let check = health_check(&witness.url("holder"));
    let holder = deploys(&scene, "holder", "v1.0.0", &check)?.start_apply()?;
    witness.wait_for("holder")?;
    let older = deploys(&scene, "older", "v1.1.0", "")?.start_apply()?;
    wait_until("the older one waits", || waiting(&scene).len() == 1)?;
    let newer = deploys(&scene, "newer", "v1.2.0", "")?.start_apply()?;
    finish(older)?.refused("POL007")?.says("api/v1.2.0")?;
    witness.release("holder");
    finish(holder)?.ok()?;
    finish(newer)?.ok()?;
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    let of = |version: &str| {
        let found = records.values().find(|record| record["version"] == format!("api/{version}"));
        found.map(|record| record["status"].clone()).unwrap_or_default()
    };
    let all = [of("v1.0.0"), of("v1.1.0"), of("v1.2.0")];
    assert_eq!(all, ["succeeded", "cancelled", "succeeded"].map(|it| json!(it)));
    Ok(())
}

#[test]
fn who_waits_for_the_end_of_a_freeze_begins_when_it_is_taken_back() -> Outcome {
    let always =
        "  freezes = [{ name = \"Stop\", from = \"2000-01-01T00:00\", to = \"2100-01-01T00:00\" }]";
    let scene = scene(always)?;
    let refused = deploys(&scene, "refused", "v1.0.0", "")?;
    refused.apply(&[])?.refused("POL003")?;
    let patient = deploys(&scene, "patient", "v1.1.0", "  wait_for = [\"freeze\"]")?;
    patient.plan(&[])?.warned("would wait in the queue")?.says("it waits for that by itself")?;
    let child = patient.start_apply()?;
    wait_until("it waits for more than its turn", || {
        waiting(&scene).iter().any(|it| it["held_back"]["waits_for"] == json!(["freeze"]))
    })?;
    scene.workspace.main(&format!(
        "{}data \"pipeline_deployment_queue\" \"this\" {{\n  environment = \"staging\"\n}}\n\
         output \"waits_for\" {{\n  value = data.pipeline_deployment_queue.this.queue[*].waits_for\n}}\n",
        environment("staging", always)
    ))?;
    scene.workspace.apply(&[])?.ok()?;
    assert_eq!(scene.workspace.output("waits_for")?, json!([["freeze"]]));
    scene.workspace.main(&environment("staging", ""))?;
    scene.workspace.apply(&[])?.ok()?;
    finish(child)?.ok()?;
    assert_eq!(patient.attributes("pipeline_deployment.this")?["status"], "succeeded");
    Ok(())
}
