//! One deployer: what it wants, what it meets, and how it lives through that.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::deployment::deployer::{Deployer, OnBusy, Request};
use pipeline_core::ledger::Ledger;
use pipeline_core::policy::WaitFor;
use pipeline_core::{CommitSha, DeploymentId, DeploymentUuid, Version};
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::chores::Chores;
use crate::dice::Dice;
use crate::frozen::{Fit, Frozen, Sudden};
use crate::known::ServiceKey;
use crate::line::Line;
use crate::lock::lock;
use crate::names::short;
use crate::promise;
use crate::shared::Shared;
use crate::target::{Behaviour, Operator};
use crate::world::World;
use pipeline_core::Authority;

/// As CI deploys.
pub(crate) static AUTHORITY: Authority =
    Authority { in_ci: true, admin_override: None, protected_push: None };

/// How long somebody is dead.
pub(crate) const EVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// One deployer, as it was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) number: usize,
    /// When it arrives, counted from the beginning of its process.
    pub(crate) arrives: Duration,
    pub(crate) key: ServiceKey,
    /// The minor number of the version.
    pub(crate) version: u8,
    pub(crate) on_busy: OnBusy,
    /// Whether it waits for the end of a freeze.
    pub(crate) waits_for_freezes: bool,
    /// Whether it waits until somebody approves.
    pub(crate) waits_for_approvals: bool,
    pub(crate) allow_downgrade: bool,
    pub(crate) will_move_env_tag: bool,
    /// What it runs beside that.
    pub(crate) chores: Chores,
    /// How its service goes; without, nothing but git is changed.
    pub(crate) behaviour: Option<Behaviour>,
    /// When it is interrupted by itself, counted from its arrival.
    pub(crate) stops: Option<Duration>,
    /// When it is dropped while its process lives on, counted from its arrival.
    pub(crate) dropped: Option<Duration>,
    pub(crate) dice: Dice,
}

/// A version of a sub-project.
pub(crate) fn version(key: &ServiceKey, minor: u8) -> Result<Version, Failure> {
    Ok(format!("{}/v1.{minor}.0", key.1).parse()?)
}

/// The commit of a version.
pub(crate) fn commit(key: &ServiceKey, minor: u8) -> CommitSha {
    let mut bytes = [minor; 20];
    bytes[0] = key.1.to_string().bytes().next().unwrap_or_default();
    CommitSha::from_bytes(bytes)
}

impl Life {
    /// Lives through it, from its arrival to its end.
    pub(crate) async fn live(self, shared: Arc<Shared>) -> Result<(), Failure> {
        sleep(self.arrives).await;
        let _place = shared.places.acquire().await?;
        let now = shared.clock.now(shared.world.start);
        let id = DeploymentId::new(now, &format!("dep{:03}", self.number))?;
        lock(&shared.machine.begun).push(id.clone());
        shared.world.joins(&id, shared.process);
        let tell = {
            let (world, id) = (Arc::clone(&shared.world), id.clone());
            move |fit| taken_by(&world, &id, fit)
        };
        let fits: Vec<_> = self.dropped.map(|after| (after, Fit::Dies)).into_iter().collect();
        let work = self.deploy(Arc::clone(&shared), id);
        Frozen::new(work, &fits, Sudden::default(), tell).await.unwrap_or(Ok(()))
    }

    async fn deploy(mut self, shared: Arc<Shared>, id: DeploymentId) -> Result<(), Failure> {
        let mut request = self.request(id.clone())?;
        let world = Arc::clone(&shared.world);
        let (migrations, tests) = self.chores.of(&world, &self.key);
        (request.migrations, request.tests) = (migrations, tests);
        world.note(&id, || self.told(&shared));
        let line = Line::new(&world, &shared.machine, id.clone(), self.dice.fork());
        let operator = self.behaviour.clone().map(|behaviour| {
            let (key, image) = (self.key.clone(), request.version.clone());
            Operator::new(&world, key, id.clone(), image, behaviour, self.dice.fork())
        });
        let (clock, start) = (shared.clock, world.start);
        let now = move || clock.now(start);
        let tell = |notice| world.note(&id, || format!("{notice}"));
        let deployer = Deployer {
            ledger: Ledger::new(line),
            grammar: &world.grammar,
            lease: shared.lease,
            handover: shared.handover.clone(),
            author: "Ada",
            email: "",
            authority: &AUTHORITY,
            clock: &now,
            tell: &tell,
        };
        let own = self.stops.map(|after| Instant::now() + after);
        let stops = own.into_iter().chain(shared.stops).min();
        world.leaves(&id, stops.into_iter().chain(self.patience_ends()).min());
        let report = deployer.deploy(request, operator.as_ref(), interruption(stops)).await;
        world.with(|seen| {
            let told = || format!("reports {:?}", report.verdict);
            seen.chronicle.note(&short(&id), told);
            let scope = seen.scope_of(&self.key);
            let known = seen.known.entry(id.clone()).or_default();
            let now = Instant::now();
            let Some(place) = seen.places.get(&scope) else { return };
            for (promise, told) in promise::report(&id, &report, place, known) {
                seen.chronicle.broken(promise, told);
            }
            known.said = Some(report.verdict);
            // What it left behind is nobody's any more.
            known.mishaps.push((now, now + EVER));
        });
        Ok(())
    }

    /// When it gives its place in the queue up by itself.
    fn patience_ends(&self) -> Option<Instant> {
        let OnBusy::Wait { at_most } = self.on_busy else { return None };
        Some(Instant::now() + at_most)
    }

    fn request(&mut self, id: DeploymentId) -> Result<Request, Failure> {
        let ids = (id, DeploymentUuid::from_random(self.dice.bytes()));
        let version = (version(&self.key, self.version)?, commit(&self.key, self.version));
        let mut request = Request::new(ids, version, self.key.0.clone(), "ada".parse()?);
        request.will_move_env_tag = self.will_move_env_tag;
        request.allow_downgrade = self.allow_downgrade;
        request.on_busy = self.on_busy;
        let waits = [
            (self.waits_for_freezes, WaitFor::Freeze),
            (self.waits_for_approvals, WaitFor::Approval),
        ];
        request.wait_for =
            waits.into_iter().filter_map(|(waits, it)| waits.then_some(it)).collect();
        Ok(request)
    }

    fn told(&self, shared: &Shared) -> String {
        let Self { key, version, on_busy, allow_downgrade, will_move_env_tag, .. } = self;
        let Self { behaviour, chores, stops, dropped, .. } = self;
        let (process, lease, clock) = (shared.process, shared.lease, shared.clock);
        let weather = &shared.machine.weather;
        format!(
            "arrives: {} {}/v1.{version}.0, process {process}, lease {lease:?}, clock +{}..{} ms, \
             {on_busy:?}, downgrade {allow_downgrade}, tag {will_move_env_tag}, {behaviour:?}, {chores:?}, stops \
             {stops:?}, {:?}, dropped {dropped:?}, {weather:?}",
            key.0,
            key.1,
            clock.first,
            clock.later,
            // How long from now: the moment itself differs from run to run.
            shared.stops.map(|at| at.saturating_duration_since(Instant::now()))
        )
    }
}

async fn interruption(at: Option<Instant>) -> String {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
    "Ctrl-C".to_owned()
}

/// Something happens to a deployer all of a sudden.
pub(crate) fn taken_by(world: &World, id: &DeploymentId, fit: Fit) {
    let long = match fit {
        Fit::Sleeps(long) => long,
        Fit::Dies => EVER,
    };
    let now = Instant::now();
    world.with(|seen| {
        seen.chronicle.note(&short(id), || format!("{fit:?}"));
        seen.known.entry(id.clone()).or_default().suffer(now, now + long);
    });
}
