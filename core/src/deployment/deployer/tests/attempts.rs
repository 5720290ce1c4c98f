//! What a record says of the attempts of pushes (DEP052).

use std::time::Duration;

use super::world::{once, request, silence, timed};
use super::*;
use crate::ledger::memory::Fault;

fn retried(count: i64) -> Fault {
    Fault::Retried(Attempts::new(count).unwrap())
}

/// The n-th deployment, with a check of a silent service that takes so many seconds and fails.
fn slow(n: u8, seconds: u64) -> (std::net::TcpListener, Request) {
    let (listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(seconds)));
    (listener, Request { health_check, ..request(n) })
}

/// What the record of the first deployment to `staging` says.
async fn told(world: &World) -> u8 {
    world.record("staging", 1).await.unwrap().attempts.get()
}

/// What it says in the end, when these commits (0 claims, 1 ends) meet these faults.
async fn in_the_end(faults: impl IntoIterator<Item = (usize, Fault)>) -> u8 {
    let world = World::new();
    let store = faults.into_iter().fold(world.store(), |store, (n, fault)| store.fault(n, fault));
    let report = world.deploy_by(store, request(1)).await;
    assert_eq!(report.verdict, SUCCESS);
    assert_eq!(report.deployment, world.record("staging", 1).await);
    told(&world).await
}

#[tokio::test]
async fn a_push_that_went_through_at_once_is_one_attempt() {
    assert_eq!(in_the_end([]).await, 1);
}

#[tokio::test]
async fn the_end_tells_of_a_claim_that_took_two_attempts() {
    assert_eq!(in_the_end([(0, retried(2))]).await, 2);
}

#[tokio::test]
async fn a_claim_whose_answer_got_lost_took_all_attempts() {
    assert_eq!(in_the_end([(0, Fault::LostReply)]).await, 3);
}

#[tokio::test]
async fn a_record_knows_nothing_of_the_push_that_writes_it() {
    assert_eq!(in_the_end([(1, retried(3))]).await, 1);
    let world = World::new();
    let (other, (tell, told_then)) = (world.clone(), tokio::sync::oneshot::channel());
    let store = world.store().fault(0, retried(2));
    let store = store.before(1, async move { tell.send(told(&other).await).unwrap() });
    world.deploy_by(store, request(1)).await;
    assert_eq!((told_then.await.unwrap(), told(&world).await), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_written_anew_tells_of_the_attempts_before() {
    assert_eq!(in_the_end([(1, Fault::Unreachable)]).await, 3);
}

#[tokio::test(start_paused = true)]
async fn of_several_pushes_the_most_attempts_are_told() {
    let world = timed();
    let store = [(0, 2), (1, 3), (2, 1)]
        .into_iter()
        .fold(world.store(), |store, (commit, count)| store.fault(commit, retried(count)));
    // It is renewed at 20 and at 40.
    let (_listener, request) = slow(1, 50);
    failed(&world.deploy_by(store, request).await);
    assert_eq!(told(&world).await, 3);
}

#[tokio::test(start_paused = true)]
async fn who_begins_or_leaves_tells_of_the_attempts_to_enter() {
    for (at_most, expected) in [(3_600, Status::Succeeded), (5, Status::Cancelled)] {
        let world = timed();
        let (_listener, first) = slow(2, 50);
        let holder = world.clone();
        let first = tokio::spawn(async move { holder.deploy(first).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let on_busy = OnBusy::Wait { at_most: Duration::from_secs(at_most) };
        let store = world.store().fault(0, retried(2));
        let report = world.deploy_by(store, Request { on_busy, ..request(1) }).await;
        assert_eq!((status(&report), told(&world).await), (Some(expected), 2));
        first.await.unwrap();
    }
}
