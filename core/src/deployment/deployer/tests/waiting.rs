//! Waiting for one's turn: in order, not for ever, and past those who died.
//!
//! Tokio's clock stands still but for timers here, and the clock on the wall goes with it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::world::{LEASE, at, commit, id, once, ref_name, request, silence, timed};
use super::*;
use crate::deployment::Progress;
use crate::ledger::memory::Fault;

/// The n-th deployment, which waits for an hour at most.
fn patient(n: u8) -> Request {
    Request { on_busy: OnBusy::Wait { at_most: Duration::from_secs(3_600) }, ..request(n) }
}

/// The same with a check of a silent service, which takes so many seconds and fails.
fn slow(n: u8, seconds: u64) -> (std::net::TcpListener, Request) {
    let (listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(seconds)));
    (listener, Request { health_check, ..patient(n) })
}

/// Lets a deployment go on beside the test.
pub(super) fn beside(world: &World, request: Request) -> tokio::task::JoinHandle<Report> {
    let world = world.clone();
    tokio::spawn(async move { world.deploy(request).await })
}

pub(super) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn who_comes_second_waits_and_is_served_second() {
    let world = timed();
    let (_listener, first) = slow(1, 100);
    let first = beside(&world, first);
    pass(1).await;
    let second = beside(&world, patient(2));
    pass(1).await;
    let third = beside(&world, patient(3));
    pass(10).await;
    let record = world.record("staging", 2).await.unwrap();
    let Progress::Queued { position, .. } = record.progress else { panic!("{record:?}") };
    assert_eq!(position.get(), 1);
    let queue = world.queue("staging").await.unwrap();
    assert_eq!((queue.position(&id(2)), queue.position(&id(3))), (Some(1), Some(2)));
    assert_eq!(status(&first.await.unwrap()), Some(Status::Failed));
    let second = second.await.unwrap();
    assert_eq!(second.verdict, SUCCESS);
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
    let record = world.record("staging", 3).await.unwrap();
    assert_eq!(record.previous_version, Some("api/v1.2.0".parse().unwrap()));
    assert_eq!(world.tagged("api/staging"), Some(commit(3)));
    assert_eq!(world.queue("staging").await.unwrap().waiting, []);
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_taken_soon_after_the_environment_is_free() {
    let world = timed();
    let (_listener, first) = slow(1, 200);
    let first = beside(&world, first);
    pass(1).await;
    let second = beside(&world, patient(2));
    first.await.unwrap();
    let free = Instant::now();
    assert_eq!(second.await.unwrap().verdict, SUCCESS);
    assert!(free.elapsed() <= Duration::from_secs(2), "{:?}", free.elapsed());
}

/// In a crowd, those who enter would win every race against the one whose turn it is.
#[tokio::test(start_paused = true)]
async fn who_enters_gives_way_to_the_one_whose_turn_it_is_for_a_few_looks() {
    let world = timed();
    let (_listener, first) = slow(1, 5);
    let first = beside(&world, first);
    pass(1).await;
    let second = beside(&world, patient(2));
    pass(1).await;
    second.abort();
    first.await.unwrap();
    let third = beside(&world, patient(3));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.status("staging", 3).await, None);
    pass(1).await;
    assert_eq!(world.status("staging", 3).await, Some(Status::Queued));
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn places_are_told_when_they_change() {
    let world = timed();
    let (_listener, first) = slow(1, 50);
    let first = beside(&world, first);
    pass(1).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let tell = move |notice: Notice| heard.lock().unwrap().push(notice.to_string());
    let deployer = Deployer { tell: &tell, ..world.deployer(world.store()) };
    let report = deployer.deploy(patient(2), NO_TARGET, std::future::pending()).await;
    assert_eq!(report.verdict, SUCCESS);
    first.await.unwrap();
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("at place 1") && told[0].contains(id(1).as_str()), "{told:?}");
    assert!(told[1].contains("holds"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_when_the_time_is_over() {
    let world = timed();
    let (_listener, first) = slow(1, 500);
    let first = beside(&world, first);
    pass(1).await;
    let began = Instant::now();
    let at_most = Duration::from_secs(30);
    let report = world.deploy(Request { on_busy: OnBusy::Wait { at_most }, ..request(2) }).await;
    let reason = cancelled(&report);
    assert!(reason.contains("30 s") && reason.contains(id(1).as_str()), "{reason}");
    assert!(reason.contains("after 60 s without a sign of life: wait longer"), "{reason}");
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(world.status("staging", 2).await, Some(Status::Cancelled));
    assert_eq!(world.queue("staging").await.unwrap().waiting, []);
    first.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_interruption_leaves_the_queue() {
    let world = timed();
    let (_listener, first) = slow(1, 500);
    let first = beside(&world, first);
    pass(1).await;
    let third = beside(&world, patient(3));
    let stop = async {
        pass(20).await;
        "Ctrl-C".to_owned()
    };
    let report = world.deployer(world.store()).deploy(patient(2), NO_TARGET, stop).await;
    let cancelled = interrupted();
    assert_eq!(report.verdict, Verdict::Recorded(cancelled));
    assert_eq!(report.deployment, world.record("staging", 2).await);
    assert_eq!(status(&report), Some(Status::Cancelled));
    first.await.unwrap();
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_put_aside_one_lease_after_it_was_last_seen() {
    let world = timed();
    let store = world.store().fault(1, Fault::LostRequest);
    unknown(&world.deploy_by(store, request(1)).await);
    let began = Instant::now();
    assert_eq!(world.deploy(patient(2)).await.verdict, SUCCESS);
    let waited = began.elapsed().as_secs_f64();
    let lease = 60.0;
    assert!((lease..=lease + 3.0).contains(&waited), "{waited}");
    assert_eq!(world.status("staging", 1).await, Some(Status::Failed));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_takes_nothing_from_the_living() {
    let world = timed();
    let (_listener, first) = slow(1, 300);
    let first = beside(&world, first);
    pass(1).await;
    let start = Instant::now();
    let ahead = world
        .clone()
        .with_clock(move || at(LEASE - 1 + i64::try_from(start.elapsed().as_secs()).unwrap()));
    assert_eq!(ahead.deploy(patient(2)).await.verdict, SUCCESS);
    assert!(start.elapsed() >= Duration::from_secs(298), "{:?}", start.elapsed());
    assert_eq!(status(&first.await.unwrap()), Some(Status::Failed));
    let told = world.record("staging", 1).await.unwrap();
    assert!(told.progress.error_message().unwrap().contains("in time"), "not put aside");
}

#[tokio::test(start_paused = true)]
async fn the_dead_in_the_queue_are_passed_over_in_order() {
    let world = timed();
    let (_listener, first) = slow(1, 20);
    let first = beside(&world, first);
    pass(1).await;
    let second = beside(&world, patient(2));
    pass(5).await;
    second.abort();
    let began = Instant::now();
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    first.await.unwrap();
    let waited = began.elapsed().as_secs();
    assert!((74..=90).contains(&waited), "{waited}: the rest of the first, then one turn");
    let missed = world.record("staging", 2).await.unwrap();
    assert_eq!(missed.status(), Status::Cancelled);
    let told = missed.progress.error_message().unwrap();
    assert!(told.contains("no sign of life") && told.contains(id(3).as_str()), "{told}");
}

#[tokio::test(start_paused = true)]
async fn who_was_passed_over_learns_that() {
    let world = timed();
    let (_listener, first) = slow(1, 30);
    let first = beside(&world, first);
    pass(1).await;
    // Its clock stops while it waits, as a machine's that sleeps.
    let sleepy = world.store();
    let twin = sleepy.twin.clone();
    let second = {
        let world = world.clone();
        tokio::spawn(async move { world.deploy_by(sleepy, patient(2)).await })
    };
    pass(5).await;
    twin.fail_listings(u32::MAX);
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    twin.fail_listings(0);
    let report = second.await.unwrap();
    let reason = cancelled(&report);
    assert!(reason.contains(id(3).as_str()), "{reason}");
    assert_eq!(report.deployment, world.record("staging", 2).await);
    first.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_newer_version_deployed_while_waiting_is_not_undone() {
    let world = timed();
    let (_listener, first) = slow(1, 30);
    let first = beside(&world, first);
    pass(1).await;
    let second = beside(&world, patient(3));
    pass(1).await;
    let report = world.deploy(Request { allow_downgrade: false, ..patient(2) }).await;
    assert_eq!(rules(&report), [RuleId::OWN002]);
    let record = world.record("staging", 2).await.unwrap();
    assert_eq!(record.status(), Status::Cancelled);
    assert!(record.progress.error_message().unwrap().contains("OWN002"));
    assert_eq!(report.deployment, Some(record));
    first.await.unwrap();
    assert_eq!(second.await.unwrap().verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(3)));
}

#[tokio::test(start_paused = true)]
async fn a_remote_that_is_away_while_waiting_costs_no_place() {
    let world = timed();
    let (_listener, first) = slow(1, 100);
    let first = beside(&world, first);
    pass(1).await;
    let store = world.store();
    let twin = store.twin.clone();
    let (waiting, other) = (world.clone(), beside(&world, patient(3)));
    let second = tokio::spawn(async move { waiting.deploy_by(store, patient(2)).await });
    pass(10).await;
    twin.fail_listings(4);
    assert_eq!(second.await.unwrap().verdict, SUCCESS);
    first.await.unwrap();
    assert_eq!(other.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_return_to_a_lower_version_takes_the_higher_back() {
    let world = timed();
    world.ran(1);
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    assert_eq!(world.deploy(patient(1)).await.verdict, SUCCESS);
    let left = world.record("staging", 3).await.unwrap();
    assert_eq!(left.status(), Status::RolledBack);
    assert_eq!(left.progress.rolled_back_to(), Some(&"api/v1.1.0".parse().unwrap()));
    assert_eq!(world.deploy(patient(2)).await.verdict, SUCCESS);
    assert_eq!(
        world.status("staging", 1).await,
        Some(Status::Succeeded),
        "an upgrade takes nothing back"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lower_version_that_is_new_takes_nothing_back() {
    let world = timed();
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    assert_eq!(world.deploy(patient(1)).await.verdict, SUCCESS);
    assert_eq!(world.status("staging", 3).await, Some(Status::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_taken_back_does_not_stop_the_deployment() {
    let world = timed();
    world.ran(1);
    world.deploy(patient(3)).await;
    let slot = ref_name(&format!("refs/ledger/deployments/staging/{}", id(3)));
    let store = world.store().fault(1, Fault::Overtaken(slot, None));
    assert_eq!(world.deploy_by(store, patient(1)).await.verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
}

#[tokio::test(start_paused = true)]
async fn races_end_with_the_time_to_wait() {
    let world = timed();
    let contested = (0..RACES).fold(world.store(), |store, race| {
        let other = world.clone();
        let touched = async move { other.change_queue("staging", |queue| queue).await };
        store.before(usize::try_from(race).unwrap(), touched)
    });
    let began = Instant::now();
    let on_busy = OnBusy::Wait { at_most: Duration::from_secs(8) };
    let report = world.deploy_by(contested, Request { on_busy, ..request(1) }).await;
    let waited = Duration::from_secs(8);
    assert_eq!(report.verdict, Verdict::Refused(Refusal::OutOfTime { waited }));
    assert_eq!(began.elapsed().as_secs(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_queue_whose_object_is_missing_is_told_before_the_time_to_wait_is_over() {
    for on_busy in [OnBusy::Fail, OnBusy::Wait { at_most: Duration::from_secs(8) }] {
        let world = timed();
        world.remote.set(&ref_name("refs/ledger/queues/staging"), commit(99).into());
        let began = Instant::now();
        let report = world.deploy(Request { on_busy, ..request(1) }).await;
        assert!(unclaimed(&report).contains("is missing"), "{report:?}");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    }
}

/// Deployments 1, 2 and 3 to a `staging` that supersedes, the first of which takes so long; when all are there.
async fn three_in_a_row(
    world: &World,
    [first, second, third]: [u8; 3],
) -> [tokio::task::JoinHandle<Report>; 3] {
    world.with_policy(|it| it.supersede_queued = true);
    let (listener, first) = slow(first, 100);
    let first = beside(world, first);
    pass(1).await;
    let second = beside(world, patient(second));
    pass(1).await;
    let third = beside(world, patient(third));
    pass(20).await;
    std::mem::forget(listener);
    [first, second, third]
}

#[tokio::test(start_paused = true)]
async fn a_newer_version_supersedes_an_older_one_that_waits() {
    let world = timed();
    let [first, second, third] = three_in_a_row(&world, [1, 2, 3]).await;
    let superseded = second.await.unwrap();
    let reason = cancelled(&superseded);
    for part in ["POL007", "api/v1.3.0", id(3).as_str()] {
        assert!(reason.contains(part), "{reason}");
    }
    let record = world.record("staging", 2).await.unwrap();
    assert_eq!(record.status(), Status::Cancelled);
    assert_eq!(record.progress.error_message(), Some(reason.as_str()));
    assert_eq!(status(&first.await.unwrap()), Some(Status::Failed), "who is in progress goes on");
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn an_older_version_supersedes_nobody() {
    let world = timed();
    let [first, second, third] = three_in_a_row(&world, [1, 3, 2]).await;
    let all = [first.await.unwrap(), second.await.unwrap(), third.await.unwrap()];
    assert_eq!(
        all.map(|it| status(&it)),
        [Status::Failed, Status::Succeeded, Status::Succeeded].map(Some)
    );
}

#[tokio::test(start_paused = true)]
async fn who_goes_back_to_what_ran_before_is_not_superseded() {
    let world = timed();
    world.ran(2);
    let [_, second, third] = three_in_a_row(&world, [1, 2, 3]).await;
    assert_eq!(second.await.unwrap().verdict, SUCCESS);
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn without_the_policy_nobody_is_superseded() {
    let world = timed();
    let (_listener, first) = slow(1, 100);
    let first = beside(&world, first);
    pass(1).await;
    let second = beside(&world, patient(2));
    pass(1).await;
    assert_eq!(world.deploy(patient(3)).await.verdict, SUCCESS);
    assert_eq!(second.await.unwrap().verdict, SUCCESS);
    first.await.unwrap();
}
