//! Who is dead, and who only seemed so: what happens between a look and a claim, turns that were missed,
//! and what is said of those who died.
//!
//! Tokio's clock stands still but for timers here, and the clock on the wall goes with it.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::world::{LEASE, at, commit, id, once, request, silence, timed};
use super::*;
use crate::deployment::EcsRollout;
use crate::ledger::memory::Fault;
use crate::rollout::{Failure, Restored, Rolled};

fn patient(n: u8) -> Request {
    Request { on_busy: OnBusy::Wait { at_most: Duration::from_secs(3_600) }, ..request(n) }
}

fn seconds(lease: i64) -> Duration {
    Duration::from_secs(lease.unsigned_abs())
}

/// Lets the first deployment claim staging and die.
async fn first_dies_holding(world: &World) {
    let store = world.store().fault(1, Fault::LostRequest);
    unknown(&world.deploy_by(store, request(1)).await);
    assert_eq!(world.status("staging", 1).await, Some(Status::InProgress));
}

/// Lets the second deployment enter the queue and die.
async fn second_dies_waiting(world: &World) {
    let waiting = world.clone();
    let second = tokio::spawn(async move { waiting.deploy(patient(2)).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    second.abort();
    assert_eq!(world.status("staging", 2).await, Some(Status::Queued));
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_comes_back_between_look_and_claim_is_not_put_aside() {
    let world = timed();
    first_dies_holding(&world).await;
    let (other, renewed) = (world.clone(), Instant::now());
    let store = world.store().before_listing_after(seconds(LEASE), async move {
        let now = at(i64::try_from(renewed.elapsed().as_secs()).unwrap());
        other.change_queue("staging", |queue| queue.renew(&id(1), now).unwrap()).await;
    });
    let began = Instant::now();
    assert_eq!(world.deploy_by(store, patient(2)).await.verdict, SUCCESS);
    assert!(began.elapsed() >= 2 * seconds(LEASE), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_is_passed_over_while_it_leaves_learns_that() {
    let world = timed();
    first_dies_holding(&world).await;
    let store = world.store();
    let (blind, waiting) = (store.clone(), world.clone());
    let at_most = 3 * seconds(LEASE);
    let second = Request { on_busy: OnBusy::Wait { at_most }, ..request(2) };
    let second = tokio::spawn(async move { waiting.deploy_by(store, second).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    blind.hide();
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    let report = second.await.unwrap();
    let record = world.record("staging", 2).await.unwrap();
    let reason = cancelled(&report);
    assert_eq!(Some(reason.as_str()), record.progress.error_message());
    assert!(reason.contains(id(3).as_str()), "{reason}");
    assert_eq!(report.deployment, Some(record));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_to_wait_watches_the_dead_before_it_passes_them_over() {
    let world = timed();
    let (_listener, url) = silence();
    let slow = Request { health_check: Some(once(&url, Duration::from_secs(5))), ..request(1) };
    let holder = world.clone();
    let first = tokio::spawn(async move { holder.deploy(slow).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    second_dies_waiting(&world).await;
    first.await.unwrap();

    let soon = world.deploy(request(3)).await;
    assert_eq!(rules(&soon), [RuleId::QUE007], "its turn is not over");
    tokio::time::sleep(3 * seconds(LEASE)).await;
    let began = Instant::now();
    assert_eq!(world.deploy(request(3)).await.verdict, SUCCESS);
    assert!(began.elapsed() >= seconds(LEASE), "{:?}", began.elapsed());
    assert_eq!(world.status("staging", 2).await, Some(Status::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_to_wait_is_refused_when_one_of_the_dead_moves() {
    let world = timed();
    first_dies_holding(&world).await;
    second_dies_waiting(&world).await;
    tokio::time::sleep(4 * seconds(LEASE)).await;
    let (other, start) = (world.clone(), Instant::now());
    let store = world.store().before_listing_after(Duration::from_secs(20), async move {
        let now = at(4 * LEASE + i64::try_from(start.elapsed().as_secs()).unwrap());
        other.change_queue("staging", |queue| queue.renew(&id(1), now).unwrap()).await;
    });
    let report = world.deploy_by(store, request(3)).await;
    assert!(rules(&report).contains(&RuleId::BUS001), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_whose_clock_is_a_day_ahead_puts_no_living_holder_aside() {
    for on_busy in [OnBusy::Fail, patient(2).on_busy] {
        let world = timed();
        let (_listener, url) = silence();
        let check = Some(once(&url, Duration::from_secs(300)));
        let holder = world.clone();
        let slow = Request { health_check: check, ..request(1) };
        let first = tokio::spawn(async move { holder.deploy(slow).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let start = Instant::now();
        let ahead = world
            .clone()
            .with_clock(move || at(86_400 + i64::try_from(start.elapsed().as_secs()).unwrap()));
        let second = ahead.deploy(Request { on_busy, ..request(2) }).await;
        let told = first.await.unwrap();
        assert!(failed(&told).contains("in time"), "not put aside: {told:?}");
        if on_busy == OnBusy::Fail {
            assert!(rules(&second).contains(&RuleId::BUS001), "{second:?}");
        } else {
            assert_eq!(second.verdict, SUCCESS);
            assert!(start.elapsed() >= Duration::from_secs(298), "{:?}", start.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_to_wait_says_whom_it_watches() {
    let world = timed();
    first_dies_holding(&world).await;
    tokio::time::sleep(10 * seconds(LEASE)).await;
    let told = Mutex::new(Vec::new());
    let tell = |notice: Notice| told.lock().unwrap().push(notice.to_string());
    let deployer = Deployer { tell: &tell, ..world.deployer(world.store()) };
    let report = deployer.deploy(request(2), NO_TARGET, std::future::pending()).await;
    assert_eq!(report.verdict, SUCCESS);
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    for said in ["Watching `staging`", id(1).as_str(), &format!("another {LEASE} s")] {
        assert!(told[0].contains(said), "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_to_wait_watches_a_dead_holder_for_its_lease() {
    let world = timed();
    first_dies_holding(&world).await;
    tokio::time::sleep(10 * seconds(LEASE)).await;
    let began = Instant::now();
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
    assert!(began.elapsed() >= Duration::from_secs(60), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_once_within_a_second() {
    // The clock on the wall stands still: each renewal would write what is there.
    let world = World::new();
    let (_listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(50)));
    let (report, commits) =
        world.commits_of(world.deploy(Request { health_check, ..request(1) })).await;
    assert!(failed(&report).contains("in time"));
    assert_eq!(commits, 2, "claim and end");
}

/// A service that is rolled out for ever.
struct Endless;

impl Target for Endless {
    type Trace = EcsRollout;

    fn place(&self) -> Option<EcsRollout> {
        Some(EcsRollout {
            cluster: "main".to_owned(),
            service: "web".to_owned(),
            container: "app".to_owned(),
            image: "web:1".to_owned(),
            task_definition: None,
            previous_task_definition: None,
            ecs_deployment_id: None,
            restored_task_definition: None,
        })
    }

    async fn roll_out(&self, _: &Order, _: &Permit, _: &mut Option<EcsRollout>) -> Rolled {
        std::future::pending().await
    }

    async fn confirm(&self, _: &Order, _: &Option<EcsRollout>) -> Rolled {
        Rolled::Out
    }

    async fn restore(&self, _: &Order, _: &Permit, _: &mut Option<EcsRollout>) -> Restored {
        Restored::Unchanged
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_says_what_a_service_runs_whose_deployment_died() {
    let world = timed();
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
    let dying = world.clone();
    let second = tokio::spawn(async move {
        let never = std::future::pending();
        dying.deployer(dying.store()).deploy(request(2), Some(&Endless), never).await
    });
    tokio::time::sleep(Duration::from_secs(30)).await;
    second.abort();
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    let dead = world.record("staging", 2).await.unwrap();
    assert_eq!(dead.status(), Status::Failed);
    assert_eq!(
        (dead.rollout, dead.progress.rolled_back_to()),
        (Endless.place().map(Into::into), None)
    );
}

/// A service that takes no version, and afterwards runs what it ran before, or was not touched at all.
struct Refusing {
    touches: bool,
}

impl Target for Refusing {
    type Trace = EcsRollout;

    fn place(&self) -> Option<EcsRollout> {
        Endless.place()
    }

    async fn roll_out(&self, _: &Order, _: &Permit, rollout: &mut Option<EcsRollout>) -> Rolled {
        if !self.touches {
            return Rolled::Untouched { reason: Failure::NoTarget };
        }
        let known = |revision: &str| Some(format!("task-definition/web:{revision}"));
        *rollout = self.place().map(|place| EcsRollout {
            task_definition: known("9"),
            previous_task_definition: known("8"),
            restored_task_definition: known("8"),
            ..place
        });
        Rolled::Failed { reason: Failure::NoTarget }
    }

    async fn confirm(&self, _: &Order, _: &Option<EcsRollout>) -> Rolled {
        Rolled::Out
    }

    async fn restore(&self, _: &Order, _: &Permit, _: &mut Option<EcsRollout>) -> Restored {
        Restored::Done
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_deployment_left_in_a_service_is_not_taken_for_what_ran_by_the_tag() {
    let world = timed();
    (4..=7).for_each(|n| world.tag(&format!("api/v1.{n}.0"), commit(n)));
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
    let refused = async |n, touches| {
        let (deployer, target) = (world.deployer(world.store()), Refusing { touches });
        deployer.deploy(patient(n), Some(&target), std::future::pending()).await;
        let record = world.record("staging", n).await.unwrap();
        assert_eq!(record.status(), Status::Failed);
        record.progress.rolled_back_to().map(ToString::to_string)
    };
    let ran = Some("api/v1.1.0".to_owned());
    assert_eq!((refused(2, true).await, refused(3, false).await), (ran.clone(), ran));
    let dying = world.clone();
    let fourth = tokio::spawn(async move {
        let never = std::future::pending();
        dying.deployer(dying.store()).deploy(patient(4), Some(&Endless), never).await
    });
    tokio::time::sleep(Duration::from_secs(30)).await;
    fourth.abort();
    // Who comes next, and who comes after one who could not tell.
    for (n, touches) in [(5, true), (6, true), (7, false)] {
        assert_eq!(refused(n, touches).await, None, "{n}");
    }
}
