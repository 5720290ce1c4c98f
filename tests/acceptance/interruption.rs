//! What is cut off in the middle: nothing is half done, and the next apply converges.

use std::process::{Child, Output};
use std::time::Instant;

use pipeline_acceptance::command::Said;
use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::hold::Hold;
use pipeline_acceptance::process::{FOR_EVER, running, signal, wait_until};
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome};

use crate::hcl::{deployment, health_check, short, staging, tag};
use crate::team::outlive_the_lease;

/// A lease that nobody waits for.
const LONG_LEASE: &str = "  lease = \"24h\"";

/// A scene with one released version and staging registered.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.workspace.configure(&scene.repository.path(), LONG_LEASE)?;
    scene.workspace.settle(&staging())?;
    Ok(scene)
}

/// The youngest provider process of a workspace: the one that applies.
pub(crate) fn applying(workspace: &Workspace) -> Outcome<u32> {
    let all = running(&workspace.provider()).unwrap_or_default();
    all.last().copied().ok_or_else(|| Failure::new("no provider is running"))
}

pub(crate) fn finish(child: Child) -> Outcome<Run> {
    let output: Output = child.wait_with_output()?;
    Ok(Run::read(Said::of("terraform apply".to_owned(), &output)))
}

/// Starts an apply whose health check hangs, and waits until it does.
fn hanging(scene: &Scene) -> Outcome<(Child, HealthServer)> {
    let server = HealthServer::start(Health::Hangs)?;
    scene.workspace.main(
        &[staging(), deployment("staging", "api/v1.0.0", &health_check(&server.url))].concat(),
    )?;
    let child = scene.workspace.start_apply()?;
    wait_until("the service is asked for its health", || server.asked() > 0)?;
    Ok((child, server))
}

fn status(scene: &Scene) -> Outcome<Vec<String>> {
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    let statuses = records.values().map(|record| record["status"].as_str().unwrap_or_default());
    let mut statuses: Vec<_> = statuses.map(str::to_owned).collect();
    statuses.sort();
    Ok(statuses)
}

/// Applies a deployment that is healthy and finds its environment free soon, or fails.
fn converges(scene: &Scene) -> Outcome {
    let server = HealthServer::start(Health::Status(200))?;
    let lines = format!("  wait_timeout = \"15m\"\n{}", health_check(&server.url));
    scene.workspace.main(&[staging(), deployment("staging", "api/v1.0.0", &lines)].concat())?;
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn a_killed_provider_leaves_a_deployment_that_the_next_apply_replaces() -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("a_killed_provider…", "this machine does not list its processes");
        return Ok(());
    }
    let scene = released()?;
    let (child, _server) = hanging(&scene)?;
    signal(applying(&scene.workspace)?, "KILL")?;
    let run = finish(child)?;
    assert_eq!(run.said.code, Some(1), "{:?}", run.said);
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"));
    outlive_the_lease(&scene.repository)?;
    converges(&scene)?;
    assert_eq!(status(&scene)?, ["failed", "succeeded"]);
    Ok(())
}

#[test]
fn a_deployment_in_progress_keeps_others_out_and_is_named() -> Outcome {
    let scene = released()?;
    let (mut child, _server) = hanging(&scene)?;
    let second = scene.second_workspace("second")?;
    second.main(
        "resource \"pipeline_deployment\" \"this\" {\n  environment = \"staging\"\n  \
         version = \"api/v1.0.0\"\n  workflow_run_id = \"2\"\n  on_busy = \"fail\"\n}\n",
    )?;
    let run = second.apply(&[]);
    signal(child.id(), "INT")?;
    run?.refused("BUS001")?.says("deploy-")?;
    child.wait()?;
    Ok(())
}

#[test]
fn an_interrupted_deployment_is_cancelled_soon_and_recorded() -> Outcome {
    let scene = released()?;
    let (child, _server) = hanging(&scene)?;
    let start = Instant::now();
    signal(child.id(), "INT")?;
    let run = finish(child)?;
    assert!(start.elapsed() < FOR_EVER, "it waited for an answer: {:?}", start.elapsed());
    assert_eq!(run.said.code, Some(1), "{:?}", run.said);
    assert_eq!(status(&scene)?, ["cancelled"]);
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"));
    converges(&scene)
}

#[test]
fn a_provider_killed_while_it_pushes_converges_where_the_push_arrives() -> Outcome {
    killed_while_it_pushes(true)
}

#[test]
fn a_provider_killed_while_it_pushes_converges_where_the_push_does_not_arrive() -> Outcome {
    killed_while_it_pushes(false)
}

/// Kills a provider whose push is on its way; then the push arrives or is lost.
fn killed_while_it_pushes(arrives: bool) -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("a_provider_killed_while_it_pushes…", "this machine does not list its processes");
        return Ok(());
    }
    let (scene, remote) = Scene::shared()?;
    let place = scene.environment().root().join("pushing");
    let hold = Hold::at(&place)?;
    remote.hook("pre-receive", &Hold::pre_receive(&place, "refs/tags/api/v1.2.0"))?;
    let head = scene.repository.head()?;
    let hcl: String =
        (0..3).map(|n| tag(&format!("t{n}"), &format!("api/v1.{n}.0"), &head)).collect();
    scene.workspace.main(&hcl)?;
    let child = scene.workspace.start_apply()?;
    hold.reached()?;
    signal(applying(&scene.workspace)?, "KILL")?;
    assert_eq!(finish(child)?.said.code, Some(1));
    assert!(!remote.refs()?.contains_key("refs/tags/api/v1.2.0"));
    hold.leave(if arrives { 0 } else { 1 })?;
    std::fs::remove_file(remote.directory.join("hooks/pre-receive"))?;
    if arrives {
        let there = || remote.refs().is_ok_and(|refs| refs.contains_key("refs/tags/api/v1.2.0"));
        wait_until("the push arrived", there)?;
    }
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let tag = remote.resolve("api/v1.2.0")?;
    assert_eq!(short(&tag), short(&head));
    Ok(())
}
