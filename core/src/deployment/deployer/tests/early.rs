//! Waiting for the end of a freeze: whoever may begin goes first, and a place is kept.
//!
//! The clock on the wall goes with tokio's, and a freeze lasts whole minutes.

use std::time::Duration;

use super::waiting::{beside, pass};
use super::world::{at, commit, id, once, request, silence, timed};
use super::*;
use crate::policy::{Freeze, FreezeParts, WaitFor};
use crate::{DeploymentId, Timestamp};

/// A freeze that begins this many minutes after the beginning and lasts so many.
fn freeze(begins: i64, minutes: i64) -> Freeze {
    let civil = |minute: i64| {
        let begin = at(0).unix_seconds().div_euclid(60) * 60;
        let at = Timestamp::from_unix_seconds(begin + minute * 60).unwrap().to_string();
        at[..16].parse().unwrap()
    };
    let (from, to) = (civil(begins), civil(begins + minutes));
    let (name, timezone) = ("Year end".parse().unwrap(), "UTC".parse().unwrap());
    Freeze::new(FreezeParts { name, from, to, timezone }).unwrap()
}

/// A world in which `staging` is frozen from that minute on, for so many.
fn frozen(begins: i64, minutes: i64) -> World {
    let world = timed();
    freeze_from(&world, begins, minutes);
    world
}

fn freeze_from(world: &World, begins: i64, minutes: i64) {
    world.with_policy(|it| it.freezes = vec![freeze(begins, minutes)]);
}

/// The n-th deployment, which waits for an hour at most, and for the end of a freeze.
fn patient(n: u8) -> Request {
    let on_busy = OnBusy::Wait { at_most: Duration::from_secs(3_600) };
    Request { on_busy, wait_for: vec![WaitFor::Freeze], ..request(n) }
}

/// The same with a check of a silent service, which takes so many seconds and fails.
fn slow(n: u8, seconds: u64) -> (std::net::TcpListener, Request) {
    let (listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(seconds)));
    (listener, Request { health_check, ..patient(n) })
}

/// Who waits, and whether for more than its turn.
async fn line(world: &World) -> Vec<(DeploymentId, bool)> {
    let queue = world.queue("staging").await.unwrap();
    let one = |it: &crate::queue::Waiting| (it.deployment_id.clone(), it.held_back.is_some());
    queue.waiting.iter().map(one).collect()
}

#[tokio::test(start_paused = true)]
async fn who_does_not_wait_for_it_is_refused_in_a_freeze() {
    let world = frozen(0, 10);
    let report = world.deploy(Request { wait_for: Vec::new(), ..patient(1) }).await;
    assert_eq!(rules(&report), [RuleId::POL003]);
    assert!(world.queue("staging").await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_end_begins_when_it_is_over() {
    let world = frozen(0, 10);
    let deployment = beside(&world, patient(1));
    pass(60).await;
    let queue = world.queue("staging").await.unwrap();
    let held = queue.held_back(&id(1)).unwrap();
    let end = freeze(0, 10).span();
    assert_eq!(held.waits_for, [WaitFor::Freeze]);
    assert!(held.until.is_some_and(|until| !end.holds(until)));
    let report = deployment.await.unwrap();
    assert_eq!(report.verdict, SUCCESS);
    let began = report.deployment.unwrap().progress.started_at().unwrap();
    assert!(!end.holds(began) && began.seconds_since(held.until.unwrap()) < 30, "{began}");
}

/// A freeze that begins while one waits; the one behind it goes back to what ran, and may begin.
#[tokio::test(start_paused = true)]
async fn a_rollback_goes_first_and_the_place_is_kept() {
    let world = timed();
    world.ran(1);
    world.tag("api/staging", commit(1));
    assert_eq!(world.deploy(patient(2)).await.verdict, SUCCESS);
    let (_listener, holder) = slow(3, 200);
    let holder = beside(&world, Request { version: "api/v1.3.0".parse().unwrap(), ..holder });
    pass(1).await;
    world.tag("api/v1.4.0", commit(4));
    world.tag("api/v1.5.0", commit(5));
    let first = beside(&world, patient(4));
    pass(1).await;
    let (version, commit_sha) = ("api/v1.1.0".parse().unwrap(), commit(1));
    let rollback = Request { version, commit_sha, wait_for: Vec::new(), ..patient(9) };
    let rollback = beside(&world, rollback);
    pass(1).await;
    let last = beside(&world, patient(5));
    pass(20).await;
    assert_eq!(line(&world).await, [(id(4), false), (id(9), false), (id(5), false)]);
    freeze_from(&world, 1, 20);
    holder.await.unwrap();
    assert_eq!(rollback.await.unwrap().verdict, SUCCESS);
    pass(100).await;
    assert_eq!(line(&world).await, [(id(4), true), (id(5), true)]);
    let [first, last] = [first.await.unwrap(), last.await.unwrap()];
    assert_eq!([first.verdict, last.verdict], [SUCCESS, SUCCESS]);
    let began = |report: Option<Deployment>| report.unwrap().progress.started_at().unwrap();
    assert!(began(first.deployment) <= began(last.deployment), "the places were kept");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_end_gives_up_in_time() {
    let world = frozen(0, 100);
    let on_busy = OnBusy::Wait { at_most: Duration::from_secs(300) };
    let report = world.deploy(Request { on_busy, ..patient(1) }).await;
    let reason = cancelled(&report);
    assert!(reason.contains("300 s") && reason.contains("freeze"), "{reason}");
    assert_eq!(world.status("staging", 1).await, Some(Status::Cancelled));
    assert_eq!(world.queue("staging").await.unwrap().waiting, []);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_comes_earlier_is_noticed() {
    let world = frozen(0, 100);
    let deployment = beside(&world, patient(1));
    pass(60).await;
    world.with_policy(|_| ());
    pass(30).await;
    assert!(deployment.is_finished(), "somebody took the freeze back");
    assert_eq!(deployment.await.unwrap().verdict, SUCCESS);
}

/// Nobody sees whether one who may not begin is alive; a day after its time to wait it is not.
#[tokio::test(start_paused = true)]
async fn the_dead_are_found_a_day_after_they_would_have_given_up() {
    let world = frozen(0, 100);
    let dead = beside(&world, patient(1));
    pass(60).await;
    dead.abort();
    pass(23 * 3_600).await;
    assert_eq!(world.deploy(patient(2)).await.verdict, SUCCESS);
    assert_eq!(line(&world).await, [(id(1), true)]);
    pass(3 * 3_600).await;
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    assert_eq!(line(&world).await, []);
    let reason = world.record("staging", 1).await.unwrap();
    assert!(reason.progress.error_message().is_some_and(|it| it.contains("a day later")));
}
