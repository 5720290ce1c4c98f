//! `pipeline_release_lock`.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::process::{running, signal, wait_until};
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::terraform::Feature;
use serde_json::Value;

use super::{action, invoke};
use crate::hcl::{deployment, health_check, staging};
use crate::interruption::{applying, finish};
use crate::team::outlive_the_lease;

const KIND: &str = "pipeline_release_lock";

fn release(id: &str, reason: &str) -> String {
    let lines = format!(
        "    environment = \"staging\"\n    held_by = \"{id}\"\n    reason = \"{reason}\"\n"
    );
    action(KIND, &lines)
}

fn queue(scene: &Scene) -> Outcome<Value> {
    let found = scene.repository.records("refs/ledger/queues/")?.into_values().next();
    Ok(found.ok_or("no queue")?)
}

#[test]
fn the_lock_of_one_who_is_gone_is_released_and_audited_and_that_of_one_who_lives_is_not() -> Outcome
{
    let test =
        "the_lock_of_one_who_is_gone_is_released_and_audited_and_that_of_one_who_lives_is_not";
    let scene = Scene::local()?;
    if scene.workspace.terraform.lacks(Feature::Actions, &format!("actions::release_lock::{test}"))
    {
        return Ok(());
    }
    if running("/".as_ref()).is_none() {
        skipped(test, "this machine does not list its processes");
        return Ok(());
    }
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.workspace.configure(&scene.repository.path(), "  lease = \"30s\"")?;
    scene.workspace.settle(&staging())?;
    let server = HealthServer::start(Health::Hangs)?;
    let check = health_check(&server.url);
    scene.workspace.main(&[staging(), deployment("staging", "api/v1.0.0", &check)].concat())?;
    let child = scene.workspace.start_apply()?;
    wait_until("the service is asked for its health", || server.asked() > 0)?;
    let held = queue(&scene)?;
    let id = held["current"]["deployment_id"].as_str().ok_or("nobody holds it")?.to_owned();
    let second = scene.second_workspace("second")?;
    second.main(&release(&id, "I believe that it hangs"))?;
    second.plan(&[&format!("-invoke=action.{KIND}.this")])?.ok()?.warned("may be alive")?;
    let alive = invoke(&second, KIND)?.refused("OWN058")?;
    alive.says("alive: it renewed its lease")?;
    let holds = applying(&scene.workspace)?;
    signal(holds, "KILL")?;
    assert_eq!(finish(child)?.said.code, Some(1));
    outlive_the_lease(&scene.repository)?;
    let before = scene.repository.refs()?;
    for other in ["deploy-20200101-000000-abcdef", "nonsense"] {
        second.main(&release(other, "wrong"))?;
        second.plan(&[&format!("-invoke=action.{KIND}.this")])?.refused(other)?;
    }
    second.main(&release(&id, " "))?;
    second.validate()?.refused("Found no reason")?;
    same_refs(&before, &scene.repository.refs()?)?;
    second.main(&release(&id, "the runner was lost"))?;
    let run = invoke(&second, KIND)?.ok()?;
    for told in ["Watching `staging`", "is free of"] {
        assert!(run.said.stdout.contains(told), "{told}: {}", run.said.stdout);
    }
    assert!(queue(&scene)?["current"].is_null());
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    let record = records.into_values().next().ok_or("no record")?;
    assert_eq!(record["status"], "failed");
    assert!(record["error_message"].to_string().contains("released the lock"), "{record}");
    let audits = scene.repository.records("refs/ledger/audit/")?;
    let audit = audits.into_values().next().ok_or("nothing is audited")?;
    assert_eq!(audit["reason"], "the runner was lost");
    assert!(audit["action"].to_string().contains(&id), "{audit}");
    second
        .plan(&[&format!("-invoke=action.{KIND}.this")])?
        .refused("OWN058")?
        .says("held by nobody")?;
    Ok(())
}
