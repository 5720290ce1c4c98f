//! Queues on the ledger that nobody can go on from: each is named at plan, and nothing is deployed.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::{Repository, same_refs};
use pipeline_acceptance::scene::Scene;
use serde_json::{Value as Json, json};

use crate::hcl::{deployment, production, staging};

const QUEUE: &str = "refs/ledger/queues/staging";

fn queue(environment: &str, waiting: &Json) -> Json {
    json!({ "kind": "queue", "schema_version": 1, "environment": environment, "waiting": waiting })
}

/// A registered environment, and a deployment that is not planned yet.
fn scene() -> Outcome<(Scene, Repository, String)> {
    let (scene, remote) = Scene::shared()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.git(&["push", "--quiet", "--tags", "origin"])?;
    let environments = [staging(), production()].concat();
    scene.workspace.settle(&environments)?;
    let wait = "  on_busy = \"wait\"\n  wait_timeout = \"8s\"\n";
    Ok((scene, remote, [environments, deployment("staging", "api/v1.0.0", wait)].concat()))
}

fn is_named(scene: &Scene, remote: &Repository, text: &str, told: &str) -> Outcome {
    let before = remote.refs()?;
    scene.workspace.main(text)?;
    scene.workspace.plan(&[])?.refused(QUEUE)?.says(told)?;
    same_refs(&before, &remote.refs()?)
}

#[test]
fn a_queue_of_another_environment_is_named() -> Outcome {
    let (scene, remote, text) = scene()?;
    remote.put_record(QUEUE, &queue("production", &json!([])))?;
    is_named(&scene, &remote, &text, "production")
}

#[test]
fn a_queue_that_is_no_record_is_named() -> Outcome {
    let (scene, remote, text) = scene()?;
    remote.put_record(QUEUE, &json!([1, 2, 3]))?;
    is_named(&scene, &remote, &text, "staging")
}

#[test]
fn a_queue_that_is_too_large_is_named() -> Outcome {
    let (scene, remote, text) = scene()?;
    remote.put_record(QUEUE, &queue("staging", &json!("x".repeat(40 << 20))))?;
    is_named(&scene, &remote, &text, "bytes")
}

#[test]
fn a_queue_whose_blob_is_lost_is_named() -> Outcome {
    let (mut scene, remote, text) = scene()?;
    remote.put_record(QUEUE, &queue("staging", &json!([])))?;
    let blob = remote.git(&["rev-parse", &format!("{QUEUE}^{{blob}}")])?;
    let (folder, file) = blob.split_at(2);
    std::fs::remove_file(remote.directory.join("objects").join(folder).join(file))?;
    scene.leaves_corrupt("remote.git");
    is_named(&scene, &remote, &text, "nor at the remote")
}
