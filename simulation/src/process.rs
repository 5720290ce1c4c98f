//! One process: deployers that share a machine and what they know of queues, and that sleep and die
//! together.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::deployment::deployer::Handover;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::clock::WallClock;
use crate::frozen::{Fit, Frozen, Sudden};
use crate::keeper::Keeper;
use crate::life::{Life, taken_by};
use crate::lock::lock;
use crate::machine::Machine;
use crate::shared::Shared;
use crate::together::Together;
use crate::weather::Weather;
use crate::world::World;

/// One process, as it was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) number: usize,
    pub(crate) begins: Duration,
    pub(crate) lease: Duration,
    pub(crate) clock: WallClock,
    pub(crate) weather: Weather,
    /// Fits by time, counted from its beginning and sorted.
    pub(crate) fits: Vec<(Duration, Fit)>,
    /// Fits by the number of a request that it makes.
    pub(crate) sudden: Vec<(u32, Fit)>,
    /// When it is interrupted, counted from its beginning.
    pub(crate) stops: Option<Duration>,
    /// How many deploy at a time.
    pub(crate) at_once: usize,
    /// Who keeps a lock for all of them.
    pub(crate) keeper: Option<Keeper>,
    pub(crate) lives: Vec<Life>,
}

impl Process {
    /// Lives through it, from its beginning to its end.
    pub(crate) async fn live(self, world: Arc<World>) -> Result<(), Failure> {
        sleep(self.begins).await;
        let sudden = Sudden::default();
        let machine = Machine::new(&world, self.weather, self.sudden, Arc::clone(&sudden));
        let machine = Arc::new(machine);
        let tell = {
            let (world, machine) = (Arc::clone(&world), Arc::clone(&machine));
            move |fit| lock(&machine.begun).iter().for_each(|id| taken_by(&world, id, fit))
        };
        let shared = Arc::new(Shared {
            world,
            process: self.number,
            machine,
            handover: Handover::new(),
            lease: self.lease,
            clock: self.clock,
            stops: self.stops.map(|after| Instant::now() + after),
            places: Semaphore::new(self.at_once),
        });
        let lives = self.lives.into_iter().map(|life| life.live(Arc::clone(&shared)));
        let work = Together::new(lives);
        let keeper = self.keeper;
        let work = async move {
            match keeper {
                Some(keeper) => keeper.keep_while(&shared, work).await,
                None => work.await,
            }
        };
        Frozen::new(work, &self.fits, sudden, tell).await.unwrap_or(Ok(()))
    }
}
