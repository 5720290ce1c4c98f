//! What is seen of a deployment that waits: in the log of Terraform, and in the queue.

use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome};
use serde_json::{Value as Json, json};

use crate::hcl::deployment;
use crate::interruption::finish;
use crate::team::{ENVIRONMENT, LONG, Team, Way, checked, of};

fn waits(team: &Team, place: usize, who: &str) -> Outcome {
    let there = || team.queue().is_ok_and(|queue| queue["waiting"][place]["holder"] == who);
    wait_until("it waits in the queue", there)
}

#[test]
fn a_waiting_apply_logs_its_place() -> Outcome {
    let (team, witness) = (Team::new(Way::Files, 2)?, Witness::start()?);
    witness.answer("ada", Answer::WhenReleased);
    let holder = team.member("ada", LONG)?.deploy(&checked(0, &witness.url("ada")))?;
    witness.wait_for("ada")?;
    let clone = Repository::clone_of(team.environment(), &team.remote.path(), "clone", &[])?;
    let mut workspace = Workspace::new(team.environment(), "terraform")?;
    workspace.configure(&clone.path(), "")?;
    let waits = deployment(ENVIRONMENT, "api/v1.1.0", "");
    workspace.main(&waits.replace("pipeline_environment.staging.name", "\"staging\""))?;
    let log = team.environment().root().join("terraform.log");
    workspace.environment.set("TF_LOG_PROVIDER", "info");
    workspace.environment.set("TF_LOG_PATH", &log);
    let queue = team.queue()?;
    let id = queue["current"]["deployment_id"].as_str().ok_or("ada holds nothing")?;
    let place = format!("Waiting for `staging` at place 1 of its queue, which `{id}` holds");
    let text = || std::fs::read_to_string(&log).unwrap_or_default();
    let child = workspace.start_apply()?;
    wait_until("the log says that it waits", || text().contains(&place))?;
    witness.release("ada");
    let first = holder.end()?.applied()?;
    assert_eq!(first["deployment_id"], id);
    finish(child)?.ok()?;
    let text = text();
    let line = text.lines().find(|line| line.contains(&place)).unwrap_or_default();
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

/// How long the deployment took that is remembered, in seconds: a day.
const DAY: u64 = 24 * 60 * 60;

/// Puts a deployment of a day on record that is like this one, and was before it.
fn remember_a_day(team: &Team, like: &Json) -> Outcome {
    let mut past = like.clone();
    let id = "deploy-20260101-000000-past00";
    for (name, value) in [
        ("deployment_id", id),
        ("status", "succeeded"),
        ("requested_at", "2026-01-01T00:00:00Z"),
        ("started_at", "2026-01-01T00:00:00Z"),
        ("completed_at", "2026-01-02T00:00:00Z"),
    ] {
        past[name] = json!(value);
    }
    team.remote.put_record(&format!("refs/ledger/deployments/{ENVIRONMENT}/{id}"), &past)
}

#[test]
fn the_queue_tells_places_and_how_long_it_will_probably_take() -> Outcome {
    let (team, witness) = (Team::new(Way::Files, 3)?, Witness::start()?);
    witness.answer("ada", Answer::Never);
    let ada = team.member("ada", LONG)?.deploy(&checked(0, &witness.url("ada")))?;
    witness.wait_for("ada")?;
    let bob = team.member("bob", LONG)?.deploy(&of(1))?;
    waits(&team, 0, "bob")?;
    let cyd = team.member("cyd", LONG)?.deploy(&of(2))?;
    waits(&team, 1, "cyd")?;
    // Nothing is known of how long deployments take.
    let (first, second) = ("bob".to_owned(), "cyd".to_owned());
    assert_eq!(queue(&team)?, [(first, 1, None), (second, 2, None)]);
    let record = team.record_of("ada")?.ok_or("ada has no record")?;
    remember_a_day(&team, &record)?;
    let told = queue(&team)?;
    let [(_, 1, Some(soon)), (_, 2, Some(later))] = told.as_slice() else {
        return Err(Failure::new(format!("two should wait, each for a while: {told:?}")));
    };
    // Since ada began, less than half of it has passed.
    assert!((DAY / 2..=DAY).contains(soon), "{told:?}");
    assert_eq!(*later, soon + DAY, "{told:?}");
    [ada, bob, cyd].iter().try_for_each(crate::host::Applying::kill)
}
