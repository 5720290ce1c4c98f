//! The promises, in every order of deployments, faults, interruptions and people at work.
//!
//! Several deployments run at once, one per process, on one thread. What happens to each of their
//! commits is drawn; every commit that happens is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use super::store::Witness;
use super::world::{GONE, LEASE, at, commit, id, once, request, silence};
use super::*;
use crate::CommitSha;
use crate::git::{RefTarget, Snapshot};
use crate::ledger::memory::{self, Fault};

/// What happens just before a commit.
#[derive(Debug, Clone)]
enum Happening {
    Nothing,
    Waits(u8),
    Meets(Fault),
    MeetsAndIsCutOff(Fault, u32),
    TimePasses(i64),
    IsInterrupted,
    SomebodyMovesTheTag(u8),
    SomebodyDeletesTheTag,
    SomebodyEnters,
    SomebodyLeaves,
}

/// One deployment: what happens before each of its commits.
#[derive(Debug, Clone)]
struct Life {
    happenings: Vec<Happening>,
    checks_health: bool,
    moves_the_tag: bool,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::LostReply),
        Just(Fault::LostRequest),
        Just(Fault::Unreachable),
        (1..=3_i64).prop_map(|count| Fault::Retried(Attempts::new(count).unwrap())),
        Just(Fault::Rejected("no".to_owned())),
        Just(Fault::NoAtomic),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => Just(Happening::Nothing),
        2 => (0..4_u8).prop_map(Happening::Waits),
        4 => fault().prop_map(Happening::Meets),
        2 => (fault(), 1..3_u32).prop_map(|(fault, n)| Happening::MeetsAndIsCutOff(fault, n)),
        3 => prop::sample::select(vec![1, LEASE / 2, LEASE, GONE]).prop_map(Happening::TimePasses),
        1 => Just(Happening::IsInterrupted),
        1 => (4..9_u8).prop_map(Happening::SomebodyMovesTheTag),
        1 => Just(Happening::SomebodyDeletesTheTag),
        1 => Just(Happening::SomebodyEnters),
        1 => Just(Happening::SomebodyLeaves),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    let happenings = prop::collection::vec(happening(), 0..6);
    (happenings, prop::bool::weighted(0.2), prop::bool::weighted(0.8)).prop_map(
        |(happenings, checks_health, moves_the_tag)| Life {
            happenings,
            checks_health,
            moves_the_tag,
        },
    )
}

/// What the ledger says of staging.
struct Seen {
    records: BTreeMap<String, (RefTarget, Deployment)>,
    holder: Option<String>,
    tag: Option<RefTarget>,
}

/// Reads what refs held at some moment.
async fn see(world: &World, refs: &Snapshot) -> Seen {
    let shelf = "refs/ledger/deployments/staging/";
    let mut records = BTreeMap::new();
    for (name, target) in refs.under(shelf) {
        let record = world.read::<Deployment>(&format!("{shelf}{name}"), target).await;
        records.insert(name.to_owned(), (target, record));
    }
    let queue = "refs/ledger/queues/staging";
    let claim = match refs.get(queue) {
        Some(target) => world.read::<QueueRecord>(queue, target).await.current,
        None => None,
    };
    let holder = claim.map(|claim| claim.deployment_id.to_string());
    Seen { records, holder, tag: refs.tag("api/staging") }
}

/// What must be true whenever a commit happened.
fn judge(before: &Seen, after: &Seen) -> Result<(), TestCaseError> {
    let running: BTreeSet<&String> = after
        .records
        .iter()
        .filter(|(_, (_, record))| record.status() == Status::InProgress)
        .map(|(id, _)| id)
        .collect();
    // Never two in progress; who is in progress holds the queue; the queue is held by nobody else.
    prop_assert_eq!(running, after.holder.iter().collect());
    let mut succeeded = Vec::new();
    for (id, (object, record)) in &before.records {
        let (now, later) = &after.records[id];
        if record.status() == Status::InProgress {
            succeeded.extend((later.status() == Status::Succeeded).then_some(later));
        } else if record.status() == Status::Succeeded && later.status() == Status::RolledBack {
            let by = later.progress.rolled_back_to();
            prop_assert!(by.is_some_and(|by| *by < record.version), "{:?}", later);
        } else {
            prop_assert_eq!(now, object, "an end was overwritten");
        }
    }
    let moving = succeeded.into_iter().find(|record| record.will_move_env_tag);
    match moving {
        Some(record) => {
            let stands = after.tag.map(|tag| tag.target().to_commit());
            prop_assert_eq!(stands, Some(record.commit_sha));
            let stood = before.tag.map(|tag| tag.target().to_commit());
            prop_assert_eq!(stood, record.previous_commit, "somebody's move was overwritten");
        }
        None => prop_assert_eq!(after.tag, before.tag, "the tag moved without a success"),
    }
    Ok(())
}

/// Looks at every commit, and keeps what is wrong.
fn witness(world: &World) -> (Witness, Arc<Mutex<Vec<TestCaseError>>>) {
    let faults: Arc<Mutex<Vec<TestCaseError>>> = Arc::default();
    let (world, found) = (world.clone(), Arc::clone(&faults));
    let look = move |before: Snapshot, after: Snapshot| -> store::Happening {
        let (world, found) = (world.clone(), Arc::clone(&found));
        Box::pin(async move {
            let judged = judge(&see(&world, &before).await, &see(&world, &after).await);
            found.lock().unwrap().extend(judged.err());
        })
    };
    (Arc::new(look), faults)
}

/// A process with its plan, and the person's wish to stop.
fn plan(
    world: &World,
    witness: &Witness,
    life: &Life,
) -> (Store, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let (ask, asked) = tokio::sync::mpsc::unbounded_channel();
    let store = world.store().seen_by(Arc::clone(witness));
    let plan = life.happenings.iter().cloned().enumerate();
    let store = plan.fold(store, |store, (commit, happening)| {
        let (world, twin, ask) = (world.clone(), store.twin.clone(), ask.clone());
        store.before(commit, async move { happen(&world, &twin, &ask, happening).await })
    });
    (store, asked)
}

async fn happen(
    world: &World,
    twin: &memory::RefStore,
    ask: &tokio::sync::mpsc::UnboundedSender<()>,
    happening: Happening,
) {
    match happening {
        Happening::Nothing => {}
        Happening::Waits(turns) => {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
        }
        Happening::Meets(fault) => twin.inject(fault),
        Happening::MeetsAndIsCutOff(fault, listings) => {
            twin.inject(fault);
            twin.fail_listings(listings);
        }
        Happening::TimePasses(seconds) => world.pass(seconds),
        // The second time nobody listens any more.
        Happening::IsInterrupted => drop(ask.send(())),
        Happening::SomebodyMovesTheTag(n) => world.tag("api/staging", commit(n)),
        Happening::SomebodyDeletesTheTag => world.untag("api/staging"),
        Happening::SomebodyEnters => world.enqueue("staging", id(99)).await,
        Happening::SomebodyLeaves => {
            world.change_queue("staging", |queue| queue.without(&id(99), at(0))).await;
        }
    }
}

async fn live(world: &World, witness: &Witness, n: u8, life: Life) -> Report {
    let (store, mut asked) = plan(world, witness, &life);
    let stop = async move {
        match asked.recv().await {
            Some(()) => "Ctrl-C".to_owned(),
            None => std::future::pending().await,
        }
    };
    let (_listener, url) = silence();
    let health_check = life.checks_health.then(|| once(&url, Duration::from_secs(50)));
    let wanted = Request { health_check, will_move_env_tag: life.moves_the_tag, ..request(n) };
    world.deployer(store).deploy(wanted, NO_TARGET, stop).await
}

/// What a report may say of the n-th deployment when all is over.
async fn honest(world: &World, n: u8, report: &Report) -> Result<(), TestCaseError> {
    let recorded = world.status("staging", n).await;
    let queue = world.queue("staging").await;
    let holds =
        queue.and_then(|queue| queue.current).is_some_and(|claim| claim.deployment_id == id(n));
    match &report.verdict {
        Verdict::Recorded(outcome) => {
            prop_assert_eq!(status(report), Some(outcome.status()));
            let taken_back =
                outcome.status() == Status::Succeeded && recorded == Some(Status::RolledBack);
            prop_assert!(taken_back || recorded == status(report), "{:?}", recorded);
            prop_assert!(!holds);
        }
        Verdict::Refused(_) => prop_assert!(recorded.is_none() && !holds),
        Verdict::Unknown { reason, .. } => prop_assert!(*reason != Doubt::HalfWay),
    }
    Ok(())
}

async fn promises(lives: [Life; 3]) -> Result<(), TestCaseError> {
    let world = World::new();
    let (witness, faults) = witness(&world);
    let [first, second, third] = lives;
    let reports = tokio::join!(
        live(&world, &witness, 1, first),
        live(&world, &witness, 2, second),
        live(&world, &witness, 3, third),
    );
    if let Some(fault) = faults.lock().unwrap().pop() {
        return Err(fault);
    }
    honest(&world, 1, &reports.0).await?;
    honest(&world, 2, &reports.1).await?;
    honest(&world, 3, &reports.2).await?;
    let mut all = [reports.0, reports.1, reports.2].into_iter();
    let unknown = all.any(|report| matches!(report.verdict, Verdict::Unknown { .. }));
    prop_assert!(unknown || world.is_free("staging").await);
    recovers(&world, &witness).await?;
    let fault = faults.lock().unwrap().pop();
    fault.map_or(Ok(()), Err)
}

/// Whatever happened, one lease later the next deployment goes through.
async fn recovers(world: &World, witness: &Witness) -> Result<(), TestCaseError> {
    world.pass(GONE);
    world.change_queue("staging", |queue| queue.without(&id(99), at(0))).await;
    let store = world.store().seen_by(Arc::clone(witness));
    let next = Request { id: id(4), ..request(1) };
    prop_assert_eq!(world.deploy_by(store, next).await.verdict, SUCCESS);
    prop_assert_eq!(world.tagged("api/staging"), Some::<CommitSha>(commit(1)));
    prop_assert!(world.is_free("staging").await);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn promises_are_kept(lives in [life(), life(), life()]) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(promises(lives))?;
    }
}
