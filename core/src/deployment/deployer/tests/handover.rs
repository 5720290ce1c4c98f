//! Several deployments of one process: each hears of the end of the one before, and nobody looks for it.
//!
//! Tokio's clock stands still but for timers here: where no time passes, no timer was needed.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::world::{LEASE, at, commit, id, once, request, silence};
use super::*;
use crate::DeploymentId;
use crate::ledger::memory::Fault;

/// One process with a store, in which deployments come and go.
#[derive(Clone)]
pub(super) struct Process {
    pub(super) world: World,
    pub(super) handover: Handover,
    pub(super) store: Store,
}

impl Process {
    pub(super) fn of(world: &World) -> Self {
        Self { world: world.clone(), handover: Handover::new(), store: world.store() }
    }

    pub(super) fn deploy(&self, request: Request) -> JoinHandle<Report> {
        self.deploy_by(self.store.clone(), request)
    }

    /// Deploys by a store to which something happens.
    pub(super) fn deploy_by(&self, store: Store, request: Request) -> JoinHandle<Report> {
        let Self { world, handover, .. } = self.clone();
        tokio::spawn(async move {
            let deployer = Deployer { handover, ..world.deployer(store) };
            deployer.deploy(request, NO_TARGET, std::future::pending()).await
        })
    }
}

pub(super) fn timed() -> World {
    let start = Instant::now();
    let world = World::new();
    for n in 4..=40 {
        world.tag(&format!("api/v1.{n}.0"), commit(n));
    }
    world.with_clock(move || at(i64::try_from(start.elapsed().as_secs()).unwrap()))
}

pub(super) fn patient(n: u8) -> Request {
    Request { on_busy: OnBusy::Wait { at_most: Duration::from_secs(3_600) }, ..request(n) }
}

/// The same with a check of a silent service, which takes so many seconds and fails.
pub(super) fn slow(n: u8, seconds: u64) -> (std::net::TcpListener, Request) {
    let (listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(seconds)));
    (listener, Request { health_check, ..patient(n) })
}

pub(super) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Which deployment holds staging.
pub(super) async fn holder(world: &World) -> Option<DeploymentId> {
    world.queue("staging").await.unwrap().current.map(|claim| claim.deployment_id)
}

#[tokio::test(start_paused = true)]
async fn forty_of_one_process_need_no_timer_and_no_look_between_them() {
    let world = timed();
    let process = Process::of(&world);
    let began = Instant::now();
    let all: Vec<_> = (1..=40).map(|n| process.deploy(patient(n))).collect();
    for one in all {
        assert_eq!(one.await.unwrap().verdict, SUCCESS);
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(process.store.peeks(), 0);
    assert_eq!(world.tagged("api/staging"), Some(commit(40)), "the order of arrival");
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_handed_over_when_the_holder_has_ended() {
    let world = timed();
    let process = Process::of(&world);
    let (_listener, first) = slow(1, 500);
    let first = process.deploy(first);
    pass(1).await;
    let second = process.deploy(patient(2));
    pass(1).await;
    let third = process.deploy(patient(3));
    first.await.unwrap();
    let ended = Instant::now();
    assert_eq!(second.await.unwrap().verdict, SUCCESS);
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
    assert_eq!(ended.elapsed(), Duration::ZERO);
    assert_eq!(process.store.peeks(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_stands_between_two_of_a_process_is_served_between_them() {
    let world = timed();
    let (ours, others) = (Process::of(&world), Process::of(&world));
    let (_listener, first) = slow(1, 100);
    let first = ours.deploy(first);
    pass(1).await;
    let (_other_listener, second) = slow(2, 100);
    let second = others.deploy(second);
    pass(1).await;
    let third = ours.deploy(patient(3));
    pass(1).await;
    first.await.unwrap();
    assert_eq!(ours.store.peeks(), 0, "nobody looks before the turn of the one between");
    pass(10).await;
    assert_eq!(holder(&world).await, Some(id(2)));
    assert!(ours.store.peeks() > 0, "the one between does not tell");
    second.await.unwrap();
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_is_dropped_is_watched_like_anybody_else() {
    let world = timed();
    let process = Process::of(&world);
    let (_listener, first) = slow(1, 500);
    let first = process.deploy(first);
    pass(1).await;
    let second = process.deploy(patient(2));
    let seen = Instant::now();
    pass(9).await;
    first.abort();
    assert_eq!(second.await.unwrap().verdict, SUCCESS);
    let (lease, waited) = (LEASE.unsigned_abs(), seen.elapsed().as_secs());
    assert!((lease - 1..=lease + 3).contains(&waited), "{waited}");
    assert_eq!(world.status("staging", 1).await, Some(Status::Failed));
}

#[tokio::test(start_paused = true)]
async fn the_next_but_one_begins_when_the_next_was_dropped() {
    let world = timed();
    let process = Process::of(&world);
    let (_listener, first) = slow(1, 30);
    let first = process.deploy(first);
    pass(1).await;
    let second = process.deploy(patient(2));
    pass(1).await;
    let third = process.deploy(patient(3));
    pass(1).await;
    second.abort();
    first.await.unwrap();
    let free = Instant::now();
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
    let lease = LEASE.unsigned_abs();
    let waited = free.elapsed().as_secs();
    assert!((lease..=lease + 15).contains(&waited), "{waited}: one turn, and a look");
    assert_eq!(world.status("staging", 2).await, Some(Status::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_lives_and_lets_its_turn_pass_is_passed_over() {
    let world = timed();
    let process = Process::of(&world);
    let (_listener, first) = slow(1, 30);
    let first = process.deploy(first);
    pass(1).await;
    let refuse = |store: Store, commit| store.fault(commit, Fault::Rejected("no".to_owned()));
    // It enters, and never begins.
    let second = process.deploy_by((1..200).fold(world.store(), refuse), patient(2));
    pass(1).await;
    let third = process.deploy(patient(3));
    first.await.unwrap();
    let free = Instant::now();
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
    let lease = LEASE.unsigned_abs();
    assert!((lease..=lease + 3).contains(&free.elapsed().as_secs()), "{:?}", free.elapsed());
    let report = second.await.unwrap();
    assert_eq!(status(&report), Some(Status::Cancelled));
    assert_eq!(report.deployment, world.record("staging", 2).await);
}

#[tokio::test(start_paused = true)]
async fn whoever_sleeps_gives_up_in_time_and_those_behind_move_up() {
    let world = timed();
    let process = Process::of(&world);
    let (_listener, first) = slow(1, 100);
    let first = process.deploy(first);
    pass(1).await;
    let at_most = Duration::from_secs(20);
    let second = process.deploy(Request { on_busy: OnBusy::Wait { at_most }, ..request(2) });
    pass(1).await;
    let third = process.deploy(patient(3));
    let report = second.await.unwrap();
    let reason = cancelled(&report);
    assert!(reason.contains("20 s") && reason.contains(id(1).as_str()), "{reason}");
    first.await.unwrap();
    let free = Instant::now();
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
    assert_eq!(free.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_to_wait_is_refused_by_a_neighbour_too() {
    let world = timed();
    let process = Process::of(&world);
    let (_listener, first) = slow(1, 100);
    let first = process.deploy(first);
    pass(1).await;
    let second = process.deploy(request(2)).await.unwrap();
    assert_eq!(rules(&second), [RuleId::BUS001]);
    first.await.unwrap();
    assert_eq!(process.deploy(request(2)).await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_holder_renews_by_what_its_neighbours_made_of_the_queue() {
    let world = timed();
    let process = Process::of(&world);
    let (_listener, first) = slow(1, 3 * LEASE.unsigned_abs());
    let first = process.deploy(first);
    pass(1).await;
    let all: Vec<_> = (2..=9).map(|n| process.deploy(patient(n))).collect();
    let failed = first.await.unwrap();
    assert_eq!(status(&failed), Some(Status::Failed), "{failed:?}");
    for one in all {
        assert_eq!(one.await.unwrap().verdict, SUCCESS);
    }
    assert_eq!(process.store.lost_races(), 0);
}
