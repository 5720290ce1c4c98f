//! What is seen of a deployment that waits: in the log of Terraform, and in the queue.

use std::time::Duration;

use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome};
use serde_json::{Value as Json, json};

use crate::hcl::deployment;
use crate::team::{ENVIRONMENT, Team, Way, checked, of};

fn waits(team: &Team, place: usize, who: &str) -> Outcome {
    let there = || team.queue().is_ok_and(|queue| queue["waiting"][place]["holder"] == who);
    wait_until("it waits in the queue", there)
}

#[test]
fn a_waiting_apply_logs_its_place() -> Outcome {
    let (team, witness) = (Team::new(Way::Files, 2)?, Witness::start()?);
    witness.answer("ada", Answer::After(Duration::from_secs(3)));
    let holder = team.member("ada", "1m")?.deploy(&checked(0, &witness.url("ada")))?;
    wait_until("ada holds the environment", || witness.was_asked_by("ada"))?;
    let clone = Repository::clone_of(team.environment(), &team.remote.path(), "clone", &[])?;
    let mut workspace = Workspace::new(team.environment(), "terraform")?;
    workspace.configure(&clone.path(), "")?;
    let waits = deployment(ENVIRONMENT, "api/v1.1.0", "");
    workspace.main(&waits.replace("pipeline_environment.staging.name", "\"staging\""))?;
    let log = team.environment().root().join("terraform.log");
    workspace.environment.set("TF_LOG_PROVIDER", "info");
    workspace.environment.set("TF_LOG_PATH", &log);
    workspace.apply(&[])?.ok()?;
    let first = holder.end()?.applied()?;
    let id = first["deployment_id"].as_str().unwrap_or_default();
    let text = std::fs::read_to_string(log)?;
    let place = format!("Waiting for `staging` at place 1 of its queue, which `{id}` holds");
    let line = text.lines().find(|line| line.contains(&place));
    let line =
        line.ok_or_else(|| Failure::new(format!("the log does not say {place:?}:\n{text}")))?;
    assert!(line.contains("[INFO]"), "{line}");
    let state = workspace.attributes("pipeline_deployment.this")?;
    let own = format!("`{}` holds `staging`", state["deployment_id"].as_str().unwrap_or_default());
    assert!(text.contains(&own), "{own}:\n{text}");
    Ok(())
}

/// What the data source says of each who waits: who, at which place, for how long.
fn queue(team: &Team) -> Outcome<Vec<(String, u64, Option<u64>)>> {
    let asked = json!({ "environment": ENVIRONMENT });
    let mut reader = team.member_again("ada").provider()?;
    let read = reader.read("pipeline_deployment_queue", &asked)?;
    let text = |one: &Json, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let all = read["queue"].as_array().ok_or("no queue")?.iter().map(|one| {
        let place = one["queue_position"].as_u64().unwrap_or_default();
        (text(one, "holder"), place, one["estimated_wait_time"].as_u64())
    });
    Ok(all.collect())
}

/// Puts a deployment of two minutes on record that is like this one, and was before it.
fn remember_two_minutes(team: &Team, like: &Json) -> Outcome {
    let mut past = like.clone();
    let id = "deploy-20260101-000000-past00";
    for (name, value) in [
        ("deployment_id", id),
        ("status", "succeeded"),
        ("requested_at", "2026-01-01T00:00:00Z"),
        ("started_at", "2026-01-01T00:00:00Z"),
        ("completed_at", "2026-01-01T00:02:00Z"),
    ] {
        past[name] = json!(value);
    }
    team.remote.put_record(&format!("refs/ledger/deployments/{ENVIRONMENT}/{id}"), &past)
}

#[test]
fn the_queue_tells_places_and_how_long_it_will_probably_take() -> Outcome {
    let (team, witness) = (Team::new(Way::Files, 3)?, Witness::start()?);
    witness.answer("ada", Answer::Never);
    let ada = team.member("ada", "1m")?.deploy(&checked(0, &witness.url("ada")))?;
    wait_until("ada holds the environment", || witness.was_asked_by("ada"))?;
    let bob = team.member("bob", "1m")?.deploy(&of(1))?;
    waits(&team, 0, "bob")?;
    let cyd = team.member("cyd", "1m")?.deploy(&of(2))?;
    waits(&team, 1, "cyd")?;
    // Nothing is known of how long deployments take.
    let (first, second) = ("bob".to_owned(), "cyd".to_owned());
    assert_eq!(queue(&team)?, [(first, 1, None), (second, 2, None)]);
    let record = team.record_of("ada")?.ok_or("ada has no record")?;
    remember_two_minutes(&team, &record)?;
    let told = queue(&team)?;
    let [(_, 1, Some(soon)), (_, 2, Some(later))] = told.as_slice() else {
        return Err(Failure::new(format!("two should wait, each for a while: {told:?}")));
    };
    assert!((60..=120).contains(soon), "{told:?}");
    assert_eq!(*later, soon + 120, "{told:?}");
    [ada, bob, cyd].iter().try_for_each(crate::host::Applying::kill)
}
