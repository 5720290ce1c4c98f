//! Leases: how long they are, that they are renewed, and what becomes of a renewal that fails.
//!
//! Tokio's clock stands still but for timers here, so that a minute's wait takes no time.

use std::time::Duration;

use tokio::time::Instant;

use super::world::{LEASE, at, id, once, request, silence, timed};
use super::*;
use crate::ledger::memory::Fault;

/// Deploys with a check of a silent service that gives up after 50 of the lease's 60 seconds:
/// after renewals at 20 and 40.
async fn waits(world: &World, store: Store) -> (Report, u64) {
    let (_listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(50)));
    world.commits_of(world.deploy_by(store, Request { health_check, ..request(1) })).await
}

/// Until when staging is held.
async fn held_until(world: &World) -> Timestamp {
    world.queue("staging").await.unwrap().current.unwrap().lease_until
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_while_the_check_runs() {
    let world = timed();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let store = (1..=3).fold(world.store(), |store, commit| {
        let (world, seen) = (world.clone(), Arc::clone(&seen));
        store.before(commit, async move {
            let until = held_until(&world).await;
            seen.lock().unwrap().push(until);
        })
    });
    let (report, commits) = waits(&world, store).await;
    assert!(failed(&report).contains("in time"));
    assert_eq!(commits, 4, "claim, two renewals, end");
    assert_eq!(*seen.lock().unwrap(), [at(LEASE), at(LEASE + 20), at(LEASE + 40)]);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_does_not_get_through_is_tried_again() {
    for fault in [Fault::Unreachable, Fault::LostRequest, Fault::Rejected("no".to_owned())] {
        let world = timed();
        let (report, commits) = waits(&world, world.store().fault(1, fault)).await;
        assert_eq!(status(&report), Some(Status::Failed));
        assert_eq!(commits, 3, "claim, the second renewal, end");
        assert!(world.is_free("staging").await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_answer_got_lost_is_looked_up() {
    let world = timed();
    let (report, commits) = waits(&world, world.store().fault(1, Fault::LostReply)).await;
    assert_eq!((status(&report), commits), (Some(Status::Failed), 4));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_of_which_nothing_is_known_is_no_loss() {
    for commit in [1, 2] {
        let world = timed();
        let store = world.store().fault_and_silence(commit, Fault::LostReply, 1);
        let (report, commits) = waits(&world, store).await;
        assert_eq!((status(&report), commits), (Some(Status::Failed), 4), "{report:?}");
        assert!(matches!(report.verdict, Verdict::Recorded(_)));
        assert!(world.is_free("staging").await);
    }
}

#[tokio::test(start_paused = true)]
async fn who_enters_the_waiting_list_does_not_end_a_lease() {
    let world = timed();
    let other = world.clone();
    let store = world.store().before(1, async move { other.enqueue("staging", id(9)).await });
    let (report, commits) = waits(&world, store).await;
    assert_eq!((status(&report), commits), (Some(Status::Failed), 4));
    assert_eq!(world.queue("staging").await.unwrap().position(&id(9)), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_ends_the_check_and_names_who_has_it() {
    let world = timed();
    let other = world.clone();
    let takeover = async move { other.supersede(2).await };
    let began = Instant::now();
    let (report, commits) = waits(&world, world.store().before(1, takeover)).await;
    assert_eq!(began.elapsed().as_secs(), 20, "at the first renewal");
    assert!(unknown(&report).contains(id(2).as_str()), "{report:?}");
    assert_eq!((status(&report), commits), (Some(Status::Failed), 1));
    let queue = world.queue("staging").await.unwrap();
    assert_eq!(queue.current.unwrap().deployment_id, id(2));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_slow_does_not_hold_the_check_up() {
    let world = timed();
    let slow = async { tokio::time::sleep(Duration::from_secs(25)).await };
    let began = Instant::now();
    let (report, _) = waits(&world, world.store().before(1, slow)).await;
    assert_eq!(status(&report), Some(Status::Failed));
    assert_eq!(began.elapsed().as_secs(), 50);
}

#[tokio::test(start_paused = true)]
async fn an_end_waits_for_the_renewal_on_its_way() {
    let world = timed();
    let slow = async { tokio::time::sleep(Duration::from_secs(35)).await };
    let began = Instant::now();
    let (report, commits) = waits(&world, world.store().before(1, slow)).await;
    assert_eq!((status(&report), commits), (Some(Status::Failed), 3));
    assert_eq!(began.elapsed().as_secs(), 55);
}

#[tokio::test]
async fn every_lease_is_longer_than_its_renewal_on_a_clock_of_seconds() {
    let cases = [
        (Duration::ZERO, 2),
        (Duration::from_millis(1), 2),
        (Duration::from_secs(1), 2),
        (Duration::from_millis(2_001), 3),
        (Duration::from_secs(300), 300),
    ];
    for (lease, seconds) in cases {
        let mut world = World::new();
        world.lease = lease;
        let deployer = world.deployer(world.store());
        assert_eq!(deployer.lease_seconds(), seconds);
        let certain = Duration::from_secs(seconds.unsigned_abs() - 1);
        assert!(Duration::ZERO < deployer.renewal_interval());
        assert!(deployer.renewal_interval() < certain, "{lease:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_without_end_is_a_lease_of_a_day() {
    let mut world = timed();
    world.lease = Duration::MAX;
    assert_eq!(world.deployer(world.store()).lease_seconds(), 86_400);
    let (report, commits) = waits(&world, world.store()).await;
    assert_eq!((status(&report), commits), (Some(Status::Failed), 2));
}
