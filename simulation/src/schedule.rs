//! One schedule, from an empty ledger to the last deployments, which find out whether everything
//! recovers.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::approval::Decision;
use pipeline_core::deployment::deployer::OnBusy;
use pipeline_core::deployment::engine::{Outcome as End, Verdict};
use pipeline_core::environment::{Concurrency, Environment, EnvironmentParts};
use pipeline_core::environment::{EnvironmentAtCommit, EnvironmentRecord};
use pipeline_core::git::Signature;
use pipeline_core::ledger::Ledger;
use pipeline_core::policy::{CivilTime, Freeze, FreezeParts};
use pipeline_core::queue::{QueueRecord, QueueScope};
use pipeline_core::testing::RawLedger as _;
use pipeline_core::{ApprovalPolicy, EnvironmentName, RefName, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::Failure;
use crate::approvals::{Approvals, decide};
use crate::chores::Chores;
use crate::chronicle::{Breach, Promise};
use crate::clock::{EPOCH, WallClock};
use crate::dice::Dice;
use crate::life::{Life, commit, version};
use crate::names::short;
use crate::plan::{Ground, Plan, Policy, VERSIONS};
use crate::process::Process;
use crate::promise;
use crate::service::{Fate, Service};
use crate::target::Behaviour;
use crate::truth::{Place, promise as promised};
use crate::weather::Weather;
use crate::world::{Seen, World, queue_ref, record_ref};

/// Nothing may take longer.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// Versions that only the last deployments want.
const LAST_VERSIONS: [u8; 2] = [0, 99];

/// How a schedule went.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What it was drawn from.
    pub seed: u64,
    /// How many deployers there were.
    pub deployers: usize,
    /// How many of them shared their process with others.
    pub neighbours: usize,
    /// How many transactions happened.
    pub commits: u64,
    /// How many things happened.
    pub events: u64,
    /// How many deployers reported a success, a failure or an interruption, a refusal, that they do
    /// not know; and how many died.
    pub ends: [usize; 5],
    /// How long it took by its own clock.
    pub took: Duration,
    /// How many locks were taken, and how many of them put aside.
    pub locks: [usize; 2],
    /// What went wrong.
    pub breaches: Vec<Breach>,
    /// What happened, where that was asked for.
    pub lines: Vec<String>,
}

/// Runs the schedule of a seed, with so many deployers at most.
///
/// # Errors
/// When it could not even begin.
pub fn run(seed: u64, most: usize, readable: bool) -> Result<Outcome, Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let plan = Plan::draw(seed, most)?;
    runtime.block_on(play(seed, plan, readable))
}

async fn play(seed: u64, plan: Plan, readable: bool) -> Result<Outcome, Failure> {
    let world = World::new(plan.pace, plan.habits, plan.policies, readable);
    set_up(&world, &plan.grounds)?;
    let sizes: Vec<usize> = plan.processes.iter().map(|process| process.lives.len()).collect();
    let deployers: usize = sizes.iter().sum();
    let mut tasks = Vec::new();
    let live = |process: Process| tokio::spawn(process.live(Arc::clone(&world)));
    tasks.extend(plan.processes.into_iter().map(live));
    let deeds = plan.meddlings.into_iter();
    tasks.extend(deeds.map(|deed| tokio::spawn(deed.happen(Arc::clone(&world)))));
    for task in tasks {
        end_of(&world, task).await?;
    }
    while !world.is_still() {
        sleep(Duration::from_millis(100)).await;
    }
    let mut dice = plan.dice;
    sleep(world.with(|seen| until_all_is_over(seen, world.start.elapsed()))).await;
    for (index, ground) in plan.grounds.iter().enumerate() {
        let first = deployers + index + 1;
        let numbers = [first, first + plan.grounds.len()];
        conclude(&world, ground, numbers, plan.lease, &mut dice).await?;
    }
    compare(&world);
    Ok(close(seed, &sizes, &world))
}

/// How long it takes until freezes are over and all who were held back are known to be dead, by any clock. People
/// who wait for that longer than a schedule lasts are no part of what the last deployments show.
fn until_all_is_over(seen: &Seen, passed: Duration) -> Duration {
    let held = seen.places.values().flat_map(|place| &place.queue.waiting);
    let held = held.filter_map(|it| it.held_back.as_ref()).map(|it| it.gives_up_at.unix_seconds());
    let freezes = seen.places.values().flat_map(|place| place.freezes.iter().map(|(_, to)| *to));
    let Some(last) = held.chain(freezes).max() else { return Duration::ZERO };
    let ends = Duration::from_secs((last - EPOCH).max(0).unsigned_abs() + 2 * 86_400);
    ends.saturating_sub(passed)
}

/// Waits for a task, which must end, and not by a panic.
async fn end_of(world: &World, task: JoinHandle<Result<(), Failure>>) -> Result<(), Failure> {
    let told = match timeout(LONGEST, task).await {
        Ok(Ok(result)) => return result,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "somebody never ends".to_owned(),
    };
    world.with(|seen| seen.chronicle.broken(Promise::Soundness, told));
    Ok(())
}

/// A last deployment to which nothing happens: it must go through, in time, and everything must agree
/// after it. Where the service went back by itself meanwhile, it may fail, and one more must go through.
async fn conclude(
    world: &Arc<World>,
    ground: &Ground,
    [first, second]: [usize; 2],
    lease: Duration,
    dice: &mut Dice,
) -> Result<(), Failure> {
    let begun = Instant::now();
    run_last(world, ground, first, lease, dice).await?;
    let went_back = world.with(|seen| {
        let service = seen.services.get(&ground.key);
        service.is_some_and(|service| service.went_back_since(begun))
            && matches!(said(seen, first), Some(Verdict::Recorded(End::Failed { .. })))
    });
    let last = if went_back { second } else { first };
    if went_back {
        run_last(world, ground, second, lease, dice).await?;
    }
    world.with(|seen| {
        let Some(place) = seen.places.get(&seen.scope_of(&ground.key)) else { return };
        let record = place.records.values().find(|record| short(&record.id) == named(last));
        let mut broken = match record {
            Some(record) => promise::ending(place, record, seen.services.get_mut(&ground.key)),
            None => Vec::new(),
        };
        let said = said(seen, last);
        if !matches!(said, Some(Verdict::Recorded(End::Succeeded { .. }))) {
            broken.push((Promise::Recovery, format!("the last deployment reports {said:?}")));
        }
        for (promise, told) in broken {
            seen.chronicle.broken(promise, told);
        }
    });
    Ok(())
}

fn named(number: usize) -> String {
    format!("dep{number:03}")
}

/// What a deployment reports.
fn said(seen: &Seen, number: usize) -> Option<&Verdict> {
    let known = seen.known.iter().find(|(id, _)| short(id) == named(number));
    known.and_then(|(_, known)| known.said.as_ref())
}

/// Runs a last deployment, which must end in time.
async fn run_last(
    world: &Arc<World>,
    ground: &Ground,
    number: usize,
    lease: Duration,
    dice: &mut Dice,
) -> Result<(), Failure> {
    let key = &ground.key;
    let last = last_process(ground, number, lease, dice);
    let begun = Instant::now();
    let patience =
        world.with(|seen| seen.places.get(&seen.scope_of(key)).map(patience)).unwrap_or_default();
    let task = tokio::spawn(last.live(Arc::clone(world)));
    end_of(world, task).await?;
    let took = begun.elapsed();
    if took > patience + lease * 2 {
        let told = format!("the last deployment took {took:?} instead of {patience:?}");
        world.with(|seen| seen.chronicle.broken(Promise::Recovery, told));
    }
    Ok(())
}

fn last_process(ground: &Ground, number: usize, lease: Duration, dice: &mut Dice) -> Process {
    let takes = dice.time(Duration::ZERO, lease);
    let behaviour =
        Behaviour { takes, fate: Fate::Comes, silent: 0, poll: lease / 10, by_steps: true };
    let life = Life {
        number,
        arrives: Duration::ZERO,
        key: ground.key.clone(),
        version: dice.pick(LAST_VERSIONS, 99),
        on_busy: OnBusy::Wait { at_most: LONGEST },
        waits_for_freezes: true,
        waits_for_approvals: true,
        allow_downgrade: true,
        will_move_env_tag: true,
        chores: Chores::default(),
        behaviour: ground.has_service.then_some(behaviour),
        stops: None,
        dropped: None,
        dice: dice.fork(),
    };
    Process {
        number,
        begins: Duration::ZERO,
        lease,
        clock: WallClock::default(),
        weather: Weather::default(),
        fits: Vec::new(),
        sudden: Vec::new(),
        stops: None,
        at_once: 1,
        keeper: None,
        lives: vec![life],
    }
}

/// How long it may take until it is the turn of the next who enters, when everybody there is dead.
fn patience(place: &Place) -> Duration {
    let holder = place.queue.holding().map(|holding| promised(holding.lease_seconds));
    let waiting = place.queue.waiting.iter().map(|waiting| promised(waiting.lease_seconds));
    // Each look is up to two seconds late, or fifteen far from the head.
    let looks = Duration::from_secs(30);
    looks + holder.unwrap_or_default() + waiting.sum::<Duration>()
}

/// What was followed from commit to commit is what the remote has in the end.
fn compare(world: &World) {
    let refs = world.remote.refs();
    world.with(|seen| {
        let mut expected: Vec<String> = Vec::new();
        for (scope, place) in &seen.places {
            let environment = &scope.environment;
            expected.extend(place.records.keys().map(|id| record_ref(environment, id)));
            expected.push(queue_ref(scope));
            if scope.sub_project_path.is_some() {
                expected.push(queue_ref(&QueueScope::whole(environment.clone())));
            }
        }
        let kinds = ["refs/ledger/deployments/", "refs/ledger/queues/"];
        let is_ours = |name: &str| kinds.iter().any(|kind| name.starts_with(kind));
        let mut found: Vec<String> = refs.iter().map(|(name, _)| name.to_owned()).collect();
        found.retain(|name| is_ours(name));
        expected.sort_unstable();
        expected.dedup();
        if found != expected {
            let told = format!("the remote has {found:?} instead of {expected:?}");
            seen.chronicle.broken(Promise::Records, told);
        }
    });
}

/// What came of it, for processes with so many deployers.
fn close(seed: u64, sizes: &[usize], world: &World) -> Outcome {
    let commits = world.remote.commits();
    let took = world.start.elapsed();
    world.with(|seen| {
        let mut ends = [0; 5];
        for known in seen.known.values().filter(|known| known.keeps.is_none()) {
            let kind = match &known.said {
                Some(Verdict::Recorded(End::Succeeded { .. })) => 0,
                Some(Verdict::Recorded(_)) => 1,
                Some(Verdict::Refused(_)) => 2,
                Some(Verdict::Unknown { .. }) => 3,
                None => 4,
            };
            ends[kind] += 1;
        }
        let (lines, breaches, events) = seen.chronicle.close();
        let deployers = sizes.iter().sum();
        let neighbours = sizes.iter().filter(|size| **size > 1).sum();
        let places = seen.places.values();
        let locks = places.fold([0, 0], |[taken, aside], place| {
            [taken + place.locks.len(), aside + place.locks_aside]
        });
        Outcome { seed, deployers, neighbours, commits, events, ends, took, locks, breaches, lines }
    })
}

/// Versions, environments and services, before anybody deploys.
fn set_up(world: &World, grounds: &[Ground]) -> Result<(), Failure> {
    for Ground { key, has_service } in grounds {
        for minor in VERSIONS.into_iter().chain(LAST_VERSIONS) {
            let name: RefName = format!("refs/tags/{}", version(key, minor)?).parse()?;
            world.remote.set(&name, commit(key, minor).into());
        }
        let policy = world.with(|seen| seen.policies.get(&key.0).cloned()).unwrap_or_default();
        register(world, &key.0, &policy)?;
        world.with(|seen| {
            let (scope, policy) = (seen.scope_of(key), policy.clone());
            let queue = QueueRecord {
                sub_project_path: scope.sub_project_path.clone(),
                ..QueueRecord::new(key.0.clone())
            };
            let Policy { supersedes, freezes, approved, .. } = policy;
            let mut place = Place::new(queue);
            (place.supersedes, place.freezes) = (supersedes, freezes);
            place.approvals = approved.map(|_| Approvals::default());
            // One queue may be that of several sub-projects.
            seen.places.entry(scope).or_insert(place);
            if *has_service {
                seen.services.insert(key.clone(), Service::new());
            }
        });
        for minor in policy.approved.into_iter().flatten().chain(LAST_VERSIONS) {
            decide(world, key, minor, Some(Decision::Approve))?;
        }
    }
    Ok(())
}

/// A freeze by the clocks of UTC.
fn freeze((from, to): &(i64, i64)) -> Result<Freeze, Failure> {
    let civil = |seconds: i64| -> Result<CivilTime, Failure> {
        let at = Timestamp::from_unix_seconds(seconds).ok_or("no such time")?.to_string();
        Ok(at.get(..16).unwrap_or_default().parse()?)
    };
    let (from, to) = (civil(*from)?, civil(*to)?);
    let parts = FreezeParts { name: "freeze".parse()?, from, to, timezone: "UTC".parse()? };
    Ok(Freeze::new(parts)?)
}

fn register(world: &World, name: &EnvironmentName, policy: &Policy) -> Result<(), Failure> {
    let environment = Environment::new(EnvironmentParts {
        name: name.clone(),
        config_path: format!("environments/{name}").parse()?,
        secrets_file: format!("environments/{name}/secrets.enc.yaml").parse()?,
        is_production: false,
        approval: match policy.approved {
            Some(_) => ApprovalPolicy::required(),
            None => ApprovalPolicy::none(),
        },
        concurrency: if policy.divided {
            Concurrency::SubProject
        } else {
            Concurrency::Environment
        },
        supersede_queued: policy.supersedes,
        freezes: policy.freezes.iter().map(freeze).collect::<Result<_, _>>()?,
        ..Environment::by_convention(name.clone()).into_parts()
    })?;
    let time = Timestamp::from_unix_seconds(EPOCH).ok_or("no such time")?;
    let record = EnvironmentRecord {
        what: EnvironmentAtCommit {
            environment,
            commit_sha: pipeline_core::CommitSha::from_bytes([1; 20]),
        },
        registered_at: time,
        registered_by: "ada".parse()?,
        updated_at: None,
    };
    let ledger = Ledger::new(world.remote.store());
    let by = Signature { name: "Eve".to_owned(), email: String::new(), time };
    let update = ledger.stage(&ledger.environment(name), None, &record, &by, "registered")?;
    world.remote.set(&update.name, update.new.ok_or("no object")?);
    Ok(())
}
