//! One deployer: what it wants, what it meets, and how it lives through that.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::deployment::deployer::{Deployer, OnBusy, Request};
use pipeline_core::ledger::Ledger;
use pipeline_core::{CommitSha, DeploymentId, DeploymentUuid, Version};
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::clock::WallClock;
use crate::dice::Dice;
use crate::frozen::{Fit, Frozen, Sudden};
use crate::line::Line;
use crate::promise;
use crate::target::{Behaviour, Operator};
use crate::weather::Weather;
use crate::world::{ServiceKey, World};

/// How long somebody is dead.
const EVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// One deployer, as it was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) number: usize,
    pub(crate) arrives: Duration,
    pub(crate) key: ServiceKey,
    /// The minor number of the version.
    pub(crate) version: u8,
    pub(crate) lease: Duration,
    pub(crate) clock: WallClock,
    pub(crate) on_busy: OnBusy,
    pub(crate) allow_downgrade: bool,
    pub(crate) will_move_env_tag: bool,
    /// How its service goes; without, nothing but git is changed.
    pub(crate) behaviour: Option<Behaviour>,
    pub(crate) weather: Weather,
    /// Fits by time, counted from its arrival and sorted.
    pub(crate) fits: Vec<(Duration, Fit)>,
    /// Fits by the number of a request that it makes.
    pub(crate) sudden: Vec<(u32, Fit)>,
    /// When it is interrupted, counted from its arrival.
    pub(crate) stops: Option<Duration>,
    pub(crate) dice: Dice,
}

/// The last part of an ID, which tells deployers of one schedule apart.
pub(crate) fn short(id: &DeploymentId) -> &str {
    id.as_str().rsplit('-').next().unwrap_or_default()
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
    pub(crate) async fn live(self, world: Arc<World>) -> Result<(), Failure> {
        sleep(self.arrives).await;
        let now = self.clock.now(world.start);
        let id = DeploymentId::new(now, &format!("dep{:03}", self.number))?;
        let sudden = Sudden::default();
        let tell = {
            let (world, id) = (Arc::clone(&world), id.clone());
            move |fit| taken_by(&world, &id, fit)
        };
        let (fits, asked) = (self.fits.clone(), Arc::clone(&sudden));
        let work = self.deploy(Arc::clone(&world), id.clone(), asked);
        Frozen::new(work, &fits, sudden, tell).await.unwrap_or(Ok(()))
    }

    async fn deploy(
        mut self,
        world: Arc<World>,
        id: DeploymentId,
        sudden: Sudden,
    ) -> Result<(), Failure> {
        let request = self.request(id.clone())?;
        world.note(&id, || self.told());
        let line = Line::new(&world, id.clone(), self.weather.clone(), self.dice.fork());
        let line = line.with_fits(self.sudden.clone(), sudden);
        let operator = self.behaviour.clone().map(|behaviour| {
            let (key, image) = (self.key.clone(), request.version.clone());
            Operator::new(&world, key, id.clone(), image, behaviour, self.dice.fork())
        });
        let (clock, start) = (self.clock, world.start);
        let now = move || clock.now(start);
        let tell = |notice| world.note(&id, || format!("{notice}"));
        let deployer = Deployer {
            ledger: Ledger::new(line),
            grammar: &world.grammar,
            lease: self.lease,
            author: "Ada",
            email: "",
            clock: &now,
            tell: &tell,
        };
        let stops = self.stops.map(|after| Instant::now() + after);
        world.leaves(&id, stops.into_iter().chain(self.patience_ends()).min());
        let report = deployer.deploy(request, operator.as_ref(), interruption(stops)).await;
        world.with(|seen| {
            let told = || format!("reports {:?}", report.verdict);
            seen.chronicle.note(&short(&id), told);
            let known = seen.known.entry(id.clone()).or_default();
            let now = Instant::now();
            let Some(place) = seen.places.get(&self.key.0) else { return };
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
        Ok(Request {
            id,
            uuid: DeploymentUuid::from_random(self.dice.bytes()),
            version: version(&self.key, self.version)?,
            commit_sha: commit(&self.key, self.version),
            environment: self.key.0.clone(),
            region: None,
            will_move_env_tag: self.will_move_env_tag,
            allow_downgrade: self.allow_downgrade,
            redeploy_after: None,
            triggered_by: "ada".parse()?,
            also_known_as: Vec::new(),
            approval: None,
            workflow_run_id: None,
            public_url: None,
            health_check: None,
            on_busy: self.on_busy,
        })
    }

    fn told(&self) -> String {
        let Self { key, version, lease, clock, on_busy, allow_downgrade, .. } = self;
        let Self { will_move_env_tag, behaviour, fits, sudden, stops, weather, .. } = self;
        format!(
            "arrives: {} {}/v1.{version}.0, lease {lease:?}, clock +{}..{} ms, {on_busy:?}, \
             downgrade {allow_downgrade}, tag {will_move_env_tag}, {behaviour:?}, {fits:?}, \
             {sudden:?}, stops {stops:?}, {weather:?}",
            key.0, key.1, clock.first, clock.later
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

fn taken_by(world: &World, id: &DeploymentId, fit: Fit) {
    let long = match fit {
        Fit::Sleeps(long) => long,
        Fit::Dies => EVER,
    };
    let now = Instant::now();
    world.with(|seen| {
        seen.chronicle.note(&short(id), || format!("{fit:?}"));
        seen.known.entry(id.clone()).or_default().mishaps.push((now, now + long));
    });
}
