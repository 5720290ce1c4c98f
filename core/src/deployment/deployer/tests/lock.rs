//! A lock over several deployments of one process: others wait until all of them are done.
//!
//! Tokio's clock stands still but for timers here: where no time passes, no timer was needed.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::handover::{Process, holder, pass, patient, slow, timed};
use super::store::Store;
use super::world::{LEASE, World, commit, id, name, request};
use super::*;
use crate::environment::Concurrency;
use crate::ledger::memory::Fault;
use crate::queue::{EnvironmentLock, HeldBy, LockId, Locking, QueueScope};

fn lock_id(n: u8) -> LockId {
    format!("lock-20251121-103045-lock{n:02}").parse().unwrap()
}

fn locking(n: u8) -> Locking {
    Locking { lock_id: lock_id(n), reason: Some("release".to_owned()) }
}

/// A process that has a lock of staging open.
struct Locked {
    process: Process,
    keeper: JoinHandle<()>,
}

impl Locked {
    fn of(world: &World, n: u8) -> Self {
        let process = Process::of(world);
        let opened = process.handover.open_lock(&name("staging"), locking(n));
        assert_eq!((opened.lock_id, opened.after), (lock_id(n), None));
        let keeper = keep(&process, process.store.clone(), n);
        Self { process, keeper }
    }

    async fn close(&self, n: u8) -> Closed {
        let Process { world, handover, store } = self.process.clone();
        let deployer = Deployer { handover, ..world.deployer(store) };
        deployer.close_lock(&name("staging"), &lock_id(n)).await
    }

    /// Its process is gone.
    fn die(&self) {
        self.keeper.abort();
    }
}

fn keep(process: &Process, store: Store, n: u8) -> JoinHandle<()> {
    let Process { world, handover, .. } = process.clone();
    tokio::spawn(async move {
        let deployer = Deployer { handover, ..world.deployer(store) };
        deployer.keep_lock(&name("staging"), &lock_id(n)).await;
    })
}

async fn lock(world: &World) -> Option<EnvironmentLock> {
    world.queue("staging").await.and_then(|queue| queue.lock)
}

#[tokio::test(start_paused = true)]
async fn a_lock_under_which_nothing_is_deployed_writes_nothing() {
    let world = timed();
    let work = async {
        let locked = Locked::of(&world, 1);
        pass(3 * LEASE.unsigned_abs()).await;
        assert!(matches!(locked.close(1).await, Closed::Untouched));
        locked.keeper.await.unwrap();
        locked.process.store.peeks()
    };
    assert_eq!(world.commits_of(work).await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn others_wait_until_all_deployments_under_a_lock_are_done() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    let (_listener, first) = slow(1, 10);
    let first = ours.process.deploy(first);
    pass(1).await;
    let other = others.deploy(patient(3));
    first.await.unwrap();
    // Longer than a lease without anybody at work.
    pass(4 * LEASE.unsigned_abs()).await;
    assert!(!other.is_finished(), "the lock was lost");
    let held = lock(&world).await.unwrap();
    assert_eq!((held.reason.as_deref(), held.deployments), (Some("release"), 1));
    let second = ours.process.deploy(patient(2)).await.unwrap();
    assert_eq!(second.verdict, SUCCESS);
    assert!(!other.is_finished());
    assert!(matches!(ours.close(1).await, Closed::Released));
    assert_eq!(other.await.unwrap().verdict, SUCCESS);
    assert_eq!(lock(&world).await, None);
    assert_eq!(world.tagged("api/staging"), Some(commit(3)));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ends_gives_back_the_locks_that_nobody_closed() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    // Opened twice, and closed by nobody.
    drop(ours.process.handover.open_lock(&name("staging"), locking(2)));
    assert_eq!(ours.process.deploy(patient(1)).await.unwrap().verdict, SUCCESS);
    assert_eq!(lock(&world).await.unwrap().lock_id, lock_id(1));
    let Process { handover, store, .. } = ours.process.clone();
    Deployer { handover, ..world.deployer(store) }.abandon_locks().await;
    assert_eq!(lock(&world).await, None);
    ours.keeper.await.unwrap();
    assert_eq!(others.deploy(patient(2)).await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn the_first_deployment_under_a_lock_waits_its_turn() {
    let world = timed();
    let (others, ours) = (Process::of(&world), Locked::of(&world, 1));
    let (_listener, first) = slow(1, 30);
    let first = others.deploy(first);
    pass(1).await;
    let (_second_listener, second) = slow(2, 30);
    let second = others.deploy(second);
    pass(1).await;
    let under = ours.process.deploy(patient(3));
    pass(1).await;
    assert_eq!(lock(&world).await, None, "it comes with the claim");
    first.await.unwrap();
    second.await.unwrap();
    assert_eq!(under.await.unwrap().verdict, SUCCESS);
    assert_eq!(lock(&world).await.unwrap().lock_id, lock_id(1));
}

#[tokio::test(start_paused = true)]
async fn deployments_under_a_lock_go_before_others_who_wait_and_look_for_nobody() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    let (_listener, first) = slow(1, 10);
    let first = ours.process.deploy(first);
    pass(1).await;
    let other = others.deploy(patient(2));
    pass(1).await;
    let rest: Vec<_> = (3..=40).map(|n| ours.process.deploy(patient(n))).collect();
    first.await.unwrap();
    let began = Instant::now();
    for one in rest {
        assert_eq!(one.await.unwrap().verdict, SUCCESS);
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(ours.process.store.peeks(), 0);
    assert_eq!(world.tagged("api/staging"), Some(commit(40)), "the order of arrival");
    assert!(!other.is_finished());
    ours.close(1).await;
    assert_eq!(other.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_process_died_is_put_aside_after_its_lease() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    assert_eq!(ours.process.deploy(patient(1)).await.unwrap().verdict, SUCCESS);
    ours.die();
    let began = Instant::now();
    assert_eq!(others.deploy(patient(2)).await.unwrap().verdict, SUCCESS);
    let (lease, waited) = (LEASE.unsigned_abs(), began.elapsed().as_secs());
    assert!((lease..=lease + 3).contains(&waited), "{waited}");
    assert_eq!(lock(&world).await, None);
    assert_eq!(world.status("staging", 1).await, Some(Status::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_died_at_work_under_a_lock_is_put_aside_with_it() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    let (_listener, first) = slow(1, 500);
    let first = ours.process.deploy(first);
    pass(1).await;
    first.abort();
    ours.die();
    let began = Instant::now();
    assert_eq!(others.deploy(patient(2)).await.unwrap().verdict, SUCCESS);
    let (lease, waited) = (LEASE.unsigned_abs(), began.elapsed().as_secs());
    assert!((lease..=lease + 3).contains(&waited), "{waited}");
    assert_eq!(lock(&world).await, None);
    assert_eq!(world.status("staging", 1).await, Some(Status::Failed));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_deployed_under_a_lock_that_was_lost() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    assert_eq!(ours.process.deploy(patient(1)).await.unwrap().verdict, SUCCESS);
    ours.die();
    assert_eq!(others.deploy(patient(2)).await.unwrap().verdict, SUCCESS);
    let refused = ours.process.deploy(patient(3)).await.unwrap();
    assert_eq!(rules(&refused), [RuleId::BUS003]);
    let Closed::Lost(fault) = ours.close(1).await else { panic!("it was lost") };
    assert_eq!(fault.rule, RuleId::BUS003);
    // Without the lock the process deploys as any other.
    assert_eq!(ours.process.deploy(patient(3)).await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_lost_its_lock_at_work_cannot_complete() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    assert_eq!(ours.process.deploy(patient(1)).await.unwrap().verdict, SUCCESS);
    let (_listener, second) = slow(2, 200);
    // Nothing of its own arrives after the claim.
    let refuse = |store: Store, commit| store.fault(commit, Fault::Rejected("no".to_owned()));
    let second = ours.process.deploy_by((2..200).fold(world.store(), refuse), second);
    pass(1).await;
    assert_eq!(holder(&world).await, Some(id(2)));
    assert_eq!(others.deploy(patient(3)).await.unwrap().verdict, SUCCESS);
    assert_eq!(world.status("staging", 2).await, Some(Status::Failed));
    let told = second.await.unwrap();
    assert!(matches!(told.verdict, Verdict::Unknown { .. }), "{:?}", told.verdict);
    assert_eq!(world.tagged("api/staging"), Some(commit(3)));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_to_wait_is_told_of_the_lock() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    ours.process.deploy(patient(1)).await.unwrap();
    let refused = others.deploy(request(2)).await.unwrap();
    assert_eq!(rules(&refused), [RuleId::BUS001]);
    let told = format!("{:?}", refused.verdict);
    assert!(told.contains(lock_id(1).as_str()) && told.contains("release"), "{told}");
    let at_most = Duration::from_secs(20);
    let waits = Request { on_busy: OnBusy::Wait { at_most }, ..request(2) };
    let reason = cancelled(&others.deploy(waits).await.unwrap());
    assert!(reason.contains(lock_id(1).as_str()), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_of_an_environment_with_many_queues_is_refused() {
    let world = timed();
    world.with_policy(|parts| parts.concurrency = Concurrency::SubProject);
    let ours = Locked::of(&world, 1);
    let refused = ours.process.deploy(patient(1)).await.unwrap();
    assert_eq!(rules(&refused), [RuleId::BUS004]);
    assert!(matches!(ours.close(1).await, Closed::Untouched));
    assert_eq!(ours.process.deploy(patient(1)).await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn two_locks_of_one_process_are_one() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    let again = ours.process.handover.open_lock(&name("staging"), locking(2));
    assert_eq!(again.lock_id, lock_id(1));
    ours.process.deploy(patient(1)).await.unwrap();
    assert!(matches!(ours.close(1).await, Closed::Untouched), "it is open elsewhere");
    let other = others.deploy(patient(2));
    pass(3 * LEASE.unsigned_abs()).await;
    assert!(!other.is_finished());
    assert!(matches!(ours.close(1).await, Closed::Released));
    assert_eq!(other.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_closed_before_its_deployment_has_ended_goes_with_its_end() {
    let world = timed();
    let (others, ours) = (Process::of(&world), Locked::of(&world, 1));
    let (_listener, first) = slow(1, 30);
    let first = others.deploy(first);
    pass(1).await;
    let (_second_listener, second) = slow(2, 30);
    let second = ours.process.deploy(second);
    first.await.unwrap();
    pass(1).await;
    assert_eq!(holder(&world).await, Some(id(2)));
    assert!(matches!(ours.close(1).await, Closed::Released));
    assert_eq!(holder(&world).await, Some(id(2)), "it goes on without the lock");
    second.await.unwrap();
    let free = world.queue("staging").await.unwrap();
    assert!(!free.is_held(), "{free:?}");
    // It began under the lock, and the lock is closed before that is known.
    let ours = Locked::of(&world, 2);
    let handover = ours.process.handover.clone();
    let close = async move {
        assert_eq!(handover.open_lock(&name("staging"), locking(3)).lock_id, lock_id(2));
        for _ in 0..2 {
            handover.to(&QueueScope::whole(name("staging"))).close_lock(&lock_id(2));
        }
    };
    let third = ours.process.deploy_by(world.store().before(0, close), patient(3));
    assert_eq!(third.await.unwrap().verdict, SUCCESS);
    let free = world.queue("staging").await.unwrap();
    assert!(!free.is_held(), "{free:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_deployed_before_or_after_a_lock_is_known() {
    let world = timed();
    let process = Process::of(&world);
    process.deploy(patient(1)).await.unwrap();
    let opened = process.handover.open_lock(&name("staging"), locking(1));
    assert_eq!(opened.after, Some(id(1)));
    assert_eq!(process.handover.closed_lock(&name("staging")), None);
    let deployer =
        Deployer { handover: process.handover.clone(), ..world.deployer(process.store.clone()) };
    deployer.close_lock(&name("staging"), &lock_id(1)).await;
    assert_eq!(process.handover.closed_lock(&name("staging")), Some(lock_id(1)));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_or_a_return_whose_answer_got_lost_is_found_out() {
    let world = timed();
    let (ours, others) = (Locked::of(&world, 1), Process::of(&world));
    ours.die();
    ours.process.deploy(patient(1)).await.unwrap();
    let faulty = (1..3).fold(world.store(), |store: Store, n| store.fault(n, Fault::LostReply));
    let keeper = keep(&ours.process, faulty, 1);
    let other = others.deploy(patient(2));
    pass(3 * LEASE.unsigned_abs()).await;
    assert!(!other.is_finished(), "the lock is renewed");
    keeper.abort();
    let Process { handover, .. } = ours.process.clone();
    let store = world.store().fault(1, Fault::LostReply);
    let deployer = Deployer { handover, ..world.deployer(store) };
    let closed = deployer.close_lock(&name("staging"), &lock_id(1)).await;
    assert!(matches!(closed, Closed::Released), "{closed:?}");
    assert_eq!(other.await.unwrap().verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn the_queue_says_what_holds_it() {
    let world = timed();
    let ours = Locked::of(&world, 1);
    ours.process.deploy(patient(1)).await.unwrap();
    let queue = world.queue("staging").await.unwrap();
    let by = queue.holding().unwrap().by;
    assert_eq!(by, HeldBy::Lock(lock_id(1)));
    assert!(world.is_free("staging").await, "no deployment is at work");
}
