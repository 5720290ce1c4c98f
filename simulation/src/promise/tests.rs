//! Each promise can be broken, and it shows.

use std::time::Duration;

use pipeline_core::deployment::deployer::Closed;
use pipeline_core::deployment::engine::{Doubt, Verdict};
use pipeline_core::deployment::{Attempts, MigrationsRun};
use pipeline_core::policy::WaitFor;
use pipeline_core::queue::{Claimant, HeldBack, Lapses, LockId, Locking, QueueRecord};
use pipeline_core::rollout::Grant;
use pipeline_core::{
    CommitSha, Deployment, DeploymentId, DeploymentUuid, Progress, Tag, TagName, Timestamp,
};

use super::*;
use crate::approvals::Approvals;
use crate::known::Kept;
use crate::truth::Move;

const LEASE: i64 = 60;

/// How long a request takes at most.
const TRIP: Duration = Duration::from_millis(20);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn id(n: u8) -> DeploymentId {
    DeploymentId::new(at(0), &format!("dep{n:03}")).unwrap()
}

fn staging() -> EnvironmentName {
    "staging".parse().unwrap()
}

fn sha(n: u8) -> CommitSha {
    CommitSha::from_bytes([n; 20])
}

/// The n-th deployment, of version `api/v1.<n>.0`, in progress.
fn begun(n: u8) -> Deployment {
    Deployment {
        id: id(n),
        uuid: DeploymentUuid::from_random([n; 16]),
        version: format!("api/v1.{n}.0").parse().unwrap(),
        environment: staging(),
        region: None,
        commit_sha: sha(n),
        previous_version: None,
        previous_commit: None,
        will_move_env_tag: true,
        requested_at: at(0),
        triggered_by: "ada".parse().unwrap(),
        approval: None,
        approvals: Vec::new(),
        workflow_run_id: None,
        infrastructure: None,
        pipeline_run: None,
        reason: None,
        fixes: None,
        health_check_url: None,
        health_check_terms: None,
        public_url: None,
        migrations: None,
        tests: None,
        rollout: None,
        health_check: None,
        attempts: Attempts::FIRST,
        progress: Progress::InProgress { started_at: at(0) },
    }
}

fn queued(n: u8, place: u32) -> Deployment {
    let position = place.try_into().unwrap();
    let progress = Progress::Queued { position, estimated_wait_seconds: None };
    Deployment { progress, ..begun(n) }
}

fn who(n: u8) -> Claimant {
    Claimant { deployment_id: id(n), holder: "ada".parse().unwrap(), lease_seconds: LEASE }
}

fn tag() -> TagName {
    Tag::of_environment("api".parse().unwrap(), staging()).name().clone()
}

fn commit(n: u8, queue: Option<QueueRecord>, records: Vec<Deployment>) -> Commit {
    let now = Instant::now();
    let queue = queue.map(|queue| (queue, now));
    Commit { by: id(n), at: now, queue, records, tags: BTreeMap::new() }
}

/// An environment that the first deployment holds, and for which two more wait.
fn place() -> Place {
    let mut place = Place::new(QueueRecord::new(staging()));
    let held = place.queue.clone().claim(who(1), at(0), Lapses::default()).unwrap().queue;
    place.follow(commit(1, Some(held.clone()), vec![begun(1)]));
    let second = held.enqueue(who(2), at(1));
    place.follow(commit(2, Some(second.clone()), vec![queued(2, 1)]));
    let third = second.enqueue(who(3), at(1));
    place.follow(commit(3, Some(third), vec![queued(3, 2)]));
    assert_eq!(standing(&place), []);
    place
}

/// The promises that a commit breaks, with what is known of everybody.
fn broken(
    commit: &Commit,
    place: &mut Place,
    known: &BTreeMap<DeploymentId, Known>,
) -> Vec<Promise> {
    let mut services = BTreeMap::new();
    let trip = Some(TRIP);
    let evidence = Evidence { environment: &staging(), known, services: &mut services, trip };
    let mut broken: Vec<_> = judge(place, commit, evidence).into_iter().map(|it| it.0).collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

fn judged(commit: &Commit, place: &mut Place) -> Vec<Promise> {
    broken(commit, place, &BTreeMap::new())
}

/// What is known of somebody who has been dead since the beginning.
fn dead(ids: &[u8]) -> BTreeMap<DeploymentId, Known> {
    let known = |n: &u8| {
        let ever =
            (Instant::now() - Duration::from_secs(1), Instant::now() + Duration::from_secs(900));
        (id(*n), Known { mishaps: vec![ever], ..Known::default() })
    };
    ids.iter().map(known).collect()
}

/// The end of the first deployment, with its tag.
fn success(place: &Place) -> Commit {
    let ended = begun(1).succeed(at(5)).unwrap();
    let queue = place.queue.clone().release(&id(1), at(5)).unwrap();
    let mut commit = commit(1, Some(queue), vec![ended]);
    commit.tags.insert(tag(), Some(sha(1)));
    commit
}

/// The second or third deployment takes the environment in place of all before it.
fn takes_over(place: &Place, n: u8) -> Commit {
    let lapses = Lapses { holder: true, waiting: 2 };
    let claimed = place.queue.clone().claim(who(n), at(200), lapses).unwrap();
    let mut records = vec![begun(n), begun(1).fail(at(200), "dead", None).unwrap()];
    let missed = claimed.passed_over.iter().map(|missed| {
        let record = place.records.get(&missed.deployment_id).unwrap().clone();
        record.cancel(at(200), Some("dead"), None).unwrap()
    });
    records.extend(missed);
    commit(n, Some(claimed.queue), records)
}

#[tokio::test(start_paused = true)]
async fn what_is_right_breaks_nothing() {
    let mut place = place();
    let end = success(&place);
    assert_eq!(judged(&end, &mut place), []);
    place.follow(end);
    let claimed = place.queue.clone().claim(who(2), at(6), Lapses::default()).unwrap().queue;
    assert_eq!(judged(&commit(2, Some(claimed), vec![begun(2)]), &mut place), []);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_put_aside_before_its_lease_is_over() {
    let (mut place, known) = (place(), dead(&[1, 2]));
    tokio::time::advance(Duration::from_millis(59_999)).await;
    assert_eq!(broken(&takes_over(&place, 2), &mut place, &known), [Promise::Lease]);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(broken(&takes_over(&place, 2), &mut place, &known), []);
    let alive = dead(&[2]);
    assert_eq!(broken(&takes_over(&place, 2), &mut place, &alive), [Promise::Progress]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_put_aside_while_its_permit_holds() {
    let (mut place, mut known) = (place(), dead(&[1, 2]));
    let (_grant, permit) = Grant::new(Instant::now(), Duration::from_secs(61));
    known.entry(id(1)).or_default().permit = Some(permit);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(broken(&takes_over(&place, 2), &mut place, &known), [Promise::Lease]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_passed_over_before_its_turn_is_over() {
    let (mut place, known) = (place(), dead(&[1, 2]));
    tokio::time::advance(Duration::from_secs(119)).await;
    assert_eq!(broken(&takes_over(&place, 3), &mut place, &known), [Promise::Order]);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(broken(&takes_over(&place, 3), &mut place, &known), []);
    let alive = dead(&[1]);
    assert_eq!(broken(&takes_over(&place, 3), &mut place, &alive), [Promise::Progress]);
}

#[tokio::test(start_paused = true)]
async fn nobody_enters_but_at_the_end() {
    let mut place = place();
    let mut queue = place.queue.clone().enqueue(who(4), at(2));
    assert_eq!(place.moved(&commit(4, Some(queue.clone()), vec![])), Move::Enters { gone: vec![] });
    assert_eq!(judged(&commit(4, Some(queue.clone()), vec![queued(4, 3)]), &mut place), []);
    assert_eq!(
        judged(&commit(4, Some(queue.clone()), vec![queued(4, 2)]), &mut place),
        [Promise::Order]
    );
    queue.waiting.rotate_right(1);
    let first = judged(&commit(4, Some(queue), vec![queued(4, 1)]), &mut place);
    assert_eq!(first, [Promise::Order, Promise::Records]);
}

#[tokio::test(start_paused = true)]
async fn the_dead_are_told_of_in_the_same_transaction() {
    let (mut place, known) = (place(), dead(&[1, 2]));
    tokio::time::advance(Duration::from_secs(120)).await;
    for missing in [1, 2] {
        let mut silent = takes_over(&place, 3);
        silent.records.remove(missing);
        assert_eq!(broken(&silent, &mut place, &known), [Promise::Records]);
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_begin_once_and_while_the_lease_is_held() {
    let place = place();
    let now = Instant::now();
    let over = now + Duration::from_secs(60);
    assert_eq!(chore(&place, &id(1), 1, now), None);
    assert!(chore(&place, &id(1), 2, now).is_some(), "a second time");
    assert!(chore(&place, &id(2), 1, now).is_some(), "it does not hold the environment");
    assert!(chore(&place, &id(1), 1, over).is_some(), "its lease ran out");
}

#[tokio::test(start_paused = true)]
async fn migrations_that_a_dead_one_had_begun_are_not_run_again() {
    let (mut place, known) = (place(), dead(&[1, 2]));
    let migrations = MigrationsRun::begun(vec!["0001".to_owned()]);
    tokio::time::advance(Duration::from_secs(120)).await;
    let mut takes = takes_over(&place, 3);
    for record in &mut takes.records {
        record.version = begun(3).version;
        if record.id != id(2) {
            record.migrations.clone_from(&migrations);
        }
    }
    for record in place.records.values_mut() {
        record.version = begun(3).version;
    }
    assert_eq!(broken(&takes, &mut place, &known), [Promise::Migrations]);
    takes.records.iter_mut().filter(|it| it.id == id(3)).for_each(|it| it.migrations = None);
    assert_eq!(broken(&takes, &mut place, &known), [], "it has none");
}

#[tokio::test(start_paused = true)]
async fn nobody_begins_in_a_freeze_with_what_is_new() {
    let mut place = Place::new(QueueRecord::new(staging()));
    let begins = |place: &Place| {
        let held = place.queue.clone().claim(who(4), at(9), Lapses::default()).unwrap().queue;
        commit(4, Some(held), vec![begun(4)])
    };
    let seconds = at(0).unix_seconds();
    place.freezes = vec![(seconds + 10, seconds + 20)];
    assert_eq!(judged(&begins(&place), &mut place), []);
    place.freezes = vec![(seconds, seconds + 10)];
    assert_eq!(judged(&begins(&place), &mut place), [Promise::Freeze]);
    let ran = Deployment { id: id(7), ..begun(4) }.succeed(at(0)).unwrap();
    place.follow(commit(7, None, vec![ran]));
    assert_eq!(judged(&begins(&place), &mut place), [], "it goes back");
}

#[tokio::test(start_paused = true)]
async fn nobody_begins_with_what_is_not_approved() {
    let mut place = Place::new(QueueRecord::new(staging()));
    let begins = |place: &Place| {
        let held = place.queue.clone().claim(who(4), at(9), Lapses::default()).unwrap().queue;
        commit(4, Some(held), vec![begun(4)])
    };
    let pass = || tokio::time::advance(Duration::from_secs(LEASE.unsigned_abs() / 3 + 1));
    assert_eq!(judged(&begins(&place), &mut place), [], "nobody asks for an approval");
    let mut approvals = Approvals::default();
    place.approvals = Some(approvals.clone());
    assert_eq!(judged(&begins(&place), &mut place), [Promise::Approval]);
    approvals.decided(sha(4), true);
    pass().await;
    place.approvals = Some(approvals.clone());
    assert_eq!(judged(&begins(&place), &mut place), []);
    approvals.decided(sha(4), false);
    place.approvals = Some(approvals.clone());
    assert_eq!(judged(&begins(&place), &mut place), [], "it may have looked just before");
    pass().await;
    assert_eq!(judged(&begins(&place), &mut place), [Promise::Approval]);
    let mut known = BTreeMap::new();
    let slept = vec![(Instant::now(), Instant::now())];
    known.insert(id(4), Known { mishaps: slept, ..Known::default() });
    assert_eq!(broken(&begins(&place), &mut place, &known), [], "it slept after it had looked");
}

/// The second deployment, which may not begin yet, waits until this second at most.
fn held_back(place: &Place) -> QueueRecord {
    let why = HeldBack { waits_for: vec![WaitFor::Freeze], until: None, gives_up_at: at(60) };
    place.queue.clone().hold_back(&id(2), Some(&why), at(1))
}

#[tokio::test(start_paused = true)]
async fn who_may_not_begin_yet_is_passed_by_and_keeps_its_place() {
    let mut place = place();
    let held = held_back(&place);
    let holds = commit(2, Some(held), vec![]);
    assert_eq!((judged(&holds, &mut place), place.moved(&holds)), (vec![], Move::Holds));
    place.follow(holds);
    place.follow(success(&place));
    let third = place.queue.clone().claim(who(3), at(6), Lapses::default()).unwrap().queue;
    let mut begins = commit(3, Some(third.clone()), vec![begun(3)]);
    assert_eq!(judged(&begins, &mut place), []);
    assert_eq!(third.position(&id(2)), Some(1));
    begins.queue = Some((third.without(&id(2), at(6)), Instant::now()));
    begins.records.push(queued(2, 1).cancel(at(6), Some("lost"), None).unwrap());
    assert_eq!(judged(&begins, &mut place), [Promise::Order], "it may still wait");
    let mut known = BTreeMap::new();
    known.insert(id(2), Known { leaves: Some(Instant::now()), ..Known::default() });
    assert_eq!(broken(&begins, &mut place, &known), []);
}

/// The fourth deployment enters, and so many of those who wait are superseded.
fn supersedes(place: &Place, gone: &[u8]) -> Commit {
    let mut queue = place.queue.clone();
    let mut records = vec![queued(4, 3 - u32::try_from(gone.len()).unwrap())];
    for n in gone {
        queue = queue.without(&id(*n), at(2));
        records.push(queued(*n, 1).cancel(at(2), Some("superseded"), None).unwrap());
    }
    commit(4, Some(queue.enqueue(who(4), at(2))), records)
}

#[tokio::test(start_paused = true)]
async fn newer_versions_supersede_exactly_the_older_ones() {
    let mut place = place();
    assert_eq!(judged(&supersedes(&place, &[]), &mut place), []);
    assert_eq!(judged(&supersedes(&place, &[2, 3]), &mut place), [Promise::Superseding]);
    place.supersedes = true;
    assert_eq!(judged(&supersedes(&place, &[2, 3]), &mut place), []);
    assert_eq!(judged(&supersedes(&place, &[2]), &mut place), [Promise::Superseding]);
    let ran = Deployment { id: id(7), ..begun(2) }.succeed(at(0)).unwrap();
    place.follow(commit(7, None, vec![ran]));
    assert_eq!(judged(&supersedes(&place, &[3]), &mut place), [], "who goes back stays");
    let mut silent = supersedes(&place, &[3]);
    silent.records.pop();
    assert_eq!(judged(&silent, &mut place), [Promise::Records]);
}

fn lock_id() -> LockId {
    "lock-20251121-103045-k00001".parse().unwrap()
}

fn locking() -> Option<(Locking, usize)> {
    Some((Locking { lock_id: lock_id(), reason: None }, 0))
}

/// What is known where the keeper 9 and these deploy in one process.
fn locked(ids: &[u8]) -> BTreeMap<DeploymentId, Known> {
    let mut known = together(ids);
    let keeps = Some(Kept { lock: lock_id(), environment: staging(), is_closed: false });
    known.insert(id(9), Known { process: Some(1), keeps, ..Known::default() });
    known
}

/// The first deployment took the environment under a lock and ended; the second one of its process waits, and
/// the third of another one does before it.
fn between() -> Place {
    let mut place = Place::new(QueueRecord::new(staging()));
    let held = place.queue.clone().claim_under(locking(), who(1), at(0), Lapses::default());
    place.follow(commit(1, Some(held.unwrap().queue), vec![begun(1)]));
    for n in [3, 2] {
        let queue = place.queue.clone().enqueue(who(n), at(1));
        place.follow(commit(n, Some(queue), vec![queued(n, 1)]));
    }
    place.follow(success(&place));
    assert_eq!(standing(&place), []);
    place
}

fn claims(place: &Place, lock: Option<(Locking, usize)>, n: u8, lapses: Lapses) -> Commit {
    let claimed = place.queue.clone().claim_under(lock, who(n), at(6), lapses).unwrap();
    commit(n, Some(claimed.queue), vec![begun(n)])
}

#[tokio::test(start_paused = true)]
async fn under_a_lock_only_the_deployments_of_its_process_begin() {
    let (mut place, known) = (between(), locked(&[1, 2]));
    let second = claims(&place, locking(), 2, Lapses::default());
    assert_eq!(
        broken(&second, &mut place, &known),
        [],
        "it goes past the one that waits before it"
    );
    let strange = claims(&place, locking(), 3, Lapses::default());
    assert_eq!(broken(&strange, &mut place, &known), [Promise::Lock]);
    let takes = claims(&place, None, 3, Lapses { holder: true, waiting: 0 });
    let mut early = broken(&takes, &mut place, &known);
    assert_eq!(early, [Promise::Lease, Promise::Progress]);
    tokio::time::advance(Duration::from_secs(60)).await;
    early = broken(&takes_now(&takes), &mut place, &known);
    assert_eq!(early, [Promise::Progress], "its keeper lives");
    let mut known = known;
    known.get_mut(&id(9)).unwrap().mishaps = dead(&[9]).remove(&id(9)).unwrap().mishaps;
    assert_eq!(broken(&takes_now(&takes), &mut place, &known), []);
}

/// The same a moment later.
fn takes_now(commit: &Commit) -> Commit {
    let queue = commit.queue.clone();
    Commit {
        by: commit.by.clone(),
        at: Instant::now(),
        queue,
        records: commit.records.clone(),
        tags: BTreeMap::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn none_of_a_process_begins_without_its_lock_or_after_it_was_lost() {
    let (mut place, mut known) = (Place::new(QueueRecord::new(staging())), locked(&[1, 2]));
    let without = claims(&place, None, 1, Lapses::default());
    assert_eq!(broken(&without, &mut place, &known), [Promise::Lock]);
    let under = claims(&place, locking(), 1, Lapses::default());
    assert_eq!(broken(&under, &mut place, &known), []);
    place.locks.insert(lock_id());
    assert_eq!(broken(&under, &mut place, &known), [Promise::Lock], "it is lost");
    known.get_mut(&id(9)).unwrap().keeps.as_mut().unwrap().is_closed = true;
    assert_eq!(broken(&without, &mut place, &known), [], "it is given back");
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_written_by_its_keeper_and_by_what_goes_under_it() {
    let (mut place, known) = (between(), locked(&[1, 2]));
    let renewed = place.queue.clone().renew_lock(&lock_id(), at(9)).unwrap();
    let keeps = commit(9, Some(renewed.clone()), vec![]);
    assert_eq!((broken(&keeps, &mut place, &known), place.moved(&keeps)), (vec![], Move::Keeps));
    assert_eq!(broken(&commit(3, Some(renewed), vec![]), &mut place, &known), [Promise::Lock]);
    let free = place.queue.clone().unlock(&lock_id(), at(9)).unwrap();
    let ends = commit(9, Some(free.clone()), vec![]);
    assert_eq!((broken(&ends, &mut place, &known), place.moved(&ends)), (vec![], Move::Unlocks));
    assert_eq!(broken(&commit(3, Some(free), vec![]), &mut place, &known), [Promise::Lock]);
    let fault = place.queue.clone().unlock(&locking_of_others(), at(9)).unwrap_err();
    let says = |closed: &Closed, place: &Place| lock::closed(&lock_id(), closed, [place]).len();
    let lost = Closed::Lost(fault);
    assert_eq!((says(&Closed::Released, &place), says(&lost, &place)), (1, 1));
    place.follow(ends);
    assert_eq!((says(&Closed::Released, &place), says(&lost, &place)), (0, 0));
}

fn locking_of_others() -> LockId {
    "lock-20251121-103045-k00002".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_lock_holds_until_its_lease_is_over_by_the_true_time() {
    let mut place = between();
    tokio::time::advance(Duration::from_secs(50)).await;
    let renewed = place.queue.clone().renew_lock(&lock_id(), at(50)).unwrap();
    place.follow(commit(9, Some(renewed), vec![]));
    tokio::time::advance(Duration::from_secs(59)).await;
    assert!(place.is_open_since(Instant::now()).is_none());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(place.is_open_since(Instant::now()).is_some());
}

#[tokio::test(start_paused = true)]
async fn two_at_work_are_seen() {
    let mut place = place();
    place.follow(commit(2, None, vec![begun(2)]));
    let seen: Vec<_> = standing(&place).into_iter().map(|it| it.0).collect();
    assert_eq!(seen, [Promise::Alone, Promise::Order]);
}

#[tokio::test(start_paused = true)]
async fn an_end_is_never_overwritten() {
    let mut place = place();
    place.follow(success(&place));
    let again = commit(1, None, vec![begun(1).fail(at(9), "no", None).unwrap()]);
    assert_eq!(judged(&again, &mut place), [Promise::Records]);
}

#[tokio::test(start_paused = true)]
async fn the_tag_goes_with_a_success_and_nothing_else() {
    let mut place = place();
    let mut still = success(&place);
    still.tags.clear();
    assert_eq!(judged(&still, &mut place), [Promise::Tag]);
    let mut failed = success(&place);
    failed.records = vec![begun(1).fail(at(5), "no", None).unwrap()];
    assert_eq!(judged(&failed, &mut place), [Promise::Tag]);
    place.put_tag(tag(), Some(sha(9)));
    assert_eq!(judged(&success(&place), &mut place), [Promise::Tag], "somebody moved it meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_return_to_a_lower_version_takes_the_last_good_one_back() {
    let (mut place, newer) = (place(), begun(9).succeed(at(1)).unwrap());
    let mut first = self::place();
    first.follow(commit(9, None, vec![newer.clone()]));
    assert_eq!(
        judged(&success(&first), &mut first),
        [],
        "a version that is new takes nothing back"
    );
    let old = Deployment { id: id(7), ..begun(1) }.succeed(at(0)).unwrap();
    place.follow(commit(7, None, vec![old]));
    place.follow(commit(9, None, vec![newer.clone()]));
    let mut end = success(&place);
    assert_eq!(judged(&end, &mut place), [Promise::Records]);
    end.records.push(newer.roll_back(at(5), None).unwrap());
    assert_eq!(judged(&end, &mut place), []);
}

/// What is known of these, who deploy in one process.
fn together(ids: &[u8]) -> BTreeMap<DeploymentId, Known> {
    let known = |n: &u8| (id(*n), Known { process: Some(1), ..Known::default() });
    ids.iter().map(known).collect()
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_neighbour_begins_as_soon_as_it_has_ended() {
    let (mut place, mut known) = (place(), together(&[1, 2]));
    place.follow(success(&place));
    tokio::time::advance(TRIP * 6).await;
    let claimed = place.queue.clone().claim(who(2), at(6), Lapses::default()).unwrap().queue;
    let begins = |queue: &QueueRecord| commit(2, Some(queue.clone()), vec![begun(2)]);
    assert_eq!(broken(&begins(&claimed), &mut place, &known), []);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(broken(&begins(&claimed), &mut place, &known), [Promise::Handover]);
    known.get_mut(&id(2)).unwrap().process = Some(2);
    assert_eq!(broken(&begins(&claimed), &mut place, &known), [], "it is told nothing");
    known.get_mut(&id(2)).unwrap().process = Some(1);
    known.get_mut(&id(1)).unwrap().disturbed = true;
    assert_eq!(broken(&begins(&claimed), &mut place, &known), [], "something happened");
}

#[tokio::test(start_paused = true)]
async fn nobody_looks_for_a_neighbour() {
    let (mut place, mut known) = (place(), together(&[1, 3]));
    let looks = |place: &mut Place, known: &BTreeMap<_, _>, n| {
        look(place, &id(n), known, Instant::now()).is_some()
    };
    assert!(!looks(&mut place, &known, 3), "it was its turn too, as far as it knew");
    tokio::time::advance(handover::LEAVING).await;
    assert!(looks(&mut place, &known, 3), "the first holds the environment, and will tell");
    assert!(!looks(&mut place, &known, 2), "it is of another process");
    known.get_mut(&id(1)).unwrap().said =
        Some(Verdict::Unknown { reason: Doubt::HalfWay, resolution: None });
    assert!(!looks(&mut place, &known, 3), "the first has ended");
    let mut known = together(&[2, 3]);
    assert!(looks(&mut place, &known, 3), "the second waits, and will tell");
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(!looks(&mut place, &known, 3), "it is the second one's turn");
    known = together(&[1, 3]);
    assert!(!looks(&mut place, &known, 3), "the first has lapsed");
}
