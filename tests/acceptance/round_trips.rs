//! What a deployment costs in round trips to the remote, counted by a real git server.
//!
//! One command of git is one round trip, however many HTTP requests it takes; each begins with a
//! request for the refs.

use std::time::{Duration, Instant};

use pipeline_acceptance::Outcome;
use pipeline_acceptance::git_server::{Asked, Asks, available};
use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::skipped;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::workspace::Workspace;

use crate::team::{ENVIRONMENT, LONG, Team, Way, checked, of};

/// The commands of git that these requests are, by what each was in the end.
fn commands(asked: &[Asked]) -> Vec<&'static str> {
    let mut commands = Vec::new();
    for one in asked {
        match (&one.what, commands.last_mut()) {
            (Asks::ToRead, _) => commands.push("ls-remote"),
            (Asks::ToFetch, Some(last)) => *last = "fetch",
            (Asks::ToWrite, _) => commands.push("push"),
            _ => {}
        }
    }
    commands
}

/// Where git serves HTTP; says so where it does not.
fn team(test: &str) -> Outcome<Option<Team>> {
    if available() {
        return Team::new(Way::Http, 3).map(Some);
    }
    skipped(test, "git has no http-backend on this machine");
    Ok(None)
}

#[test]
fn a_claim_and_its_release_are_at_most_four_round_trips() -> Outcome {
    let Some(team) = team("a_claim_and_its_release…")? else { return Ok(()) };
    for (minor, name) in ["ada", "bob"].into_iter().enumerate() {
        // What is planned in one clone is applied in another, which has nothing of the ledger yet.
        let (_, planned) = team.member(&format!("{name}-plans"), "1m")?.plan(&of(minor))?;
        let fresh = team.member(name, "1m")?.provider()?;
        wait_until("the plan's listing is there", || !team.asked_by(name).is_empty())?;
        let before = commands(&team.asked_by(name));
        fresh.apply(&planned)?.end()?.applied()?;
        let all = commands(&team.asked_by(name));
        let own = all.get(before.len()..).unwrap_or_default();
        assert_eq!(before, ["ls-remote"]);
        assert_eq!(own, ["ls-remote", "fetch", "push", "push"], "{name}");
    }
    Ok(())
}

#[test]
fn deployments_of_one_apply_do_not_look_for_each_other() -> Outcome {
    const MANY: usize = 10;
    let Some(team) = team("deployments_of_one_apply…")? else { return Ok(()) };
    team.member("ada", LONG)?;
    let workspace = Workspace::new(team.environment(), "terraform")?;
    workspace.configure(&Repository::at(team.environment(), "ada").path(), "  actor = \"ada\"")?;
    workspace.main(&format!(
        "resource \"pipeline_deployment\" \"many\" {{\n  count = {MANY}\n  \
         environment = \"{ENVIRONMENT}\"\n  version = \"api/v1.0.0\"\n  \
         workflow_run_id = \"4711\"\n}}\n"
    ))?;
    workspace.run("plan", &["-input=false", "-out=saved"])?.success()?;
    let planned = commands(&team.asked_by("ada")).len();
    workspace.apply(&["saved"])?.ok()?;
    let all = commands(&team.asked_by("ada"));
    let own = all.get(planned..).unwrap_or_default();
    let count = |what: &str| own.iter().filter(|command| **command == what).count();
    // Each enters, begins and ends, or begins at once.
    let pushes = count("push");
    assert!((2 * MANY..=3 * MANY).contains(&pushes), "{own:?}");
    // The configuration's, and one before each entry and each beginning; another one where a neighbour
    // wrote meanwhile. Whoever looked for its neighbours would look for as long as those before it take.
    assert!(count("ls-remote") <= 1 + 3 * MANY, "{own:?}");
    Ok(())
}

#[test]
fn waiting_polls_by_one_listing_and_backs_off() -> Outcome {
    let Some(team) = team("waiting_polls_by_one_listing…")? else { return Ok(()) };
    let witness = Witness::start()?;
    witness.answer("ada", Answer::WhenReleased);
    let holder = team.member("ada", LONG)?.deploy(&checked(0, &witness.url("ada")))?;
    witness.wait_for("ada")?;
    let (provider, planned) = team.member("bob", LONG)?.plan(&of(1))?;
    let waiter = provider.apply(&planned)?;
    wait_until("bob waits", || {
        team.queue().is_ok_and(|queue| queue["waiting"][0]["holder"] == "bob")
    })?;
    let before = team.asked_by("bob").len();
    let looks = || {
        let asked = team.asked_by("bob").split_off(before);
        asked.into_iter().filter(|one| one.what == Asks::ToRead).collect::<Vec<_>>()
    };
    wait_until("bob has looked four times", || looks().len() >= 4)?;
    let waiting = team.asked_by("bob").split_off(before);
    witness.release("ada");
    holder.end()?.applied()?;
    waiter.end()?.applied()?;
    assert!(commands(&waiting).iter().all(|command| *command == "ls-remote"), "{waiting:?}");
    let polls: Vec<Instant> =
        waiting.iter().filter(|one| one.what == Asks::ToRead).map(|one| one.at).collect();
    let pauses: Vec<Duration> = polls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Half a second, one, two: each at least half as long, for those who wait do not ask together.
    let least = [500, 1000, 1000].map(Duration::from_millis);
    assert!(pauses.len() >= least.len(), "{pauses:?}");
    assert!(pauses.iter().zip(least).all(|(pause, least)| *pause >= least), "{pauses:?}");
    Ok(())
}
