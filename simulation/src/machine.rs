//! What the deployers of one process share of its machine: a clone, and a network that takes its time and
//! loses things.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use pipeline_core::DeploymentId;
use pipeline_core::git::{ObjectId, Snapshot};
use pipeline_core::ledger::memory;
use tokio::time::Instant;

use crate::frozen::{Fit, Sudden};
use crate::lock::lock;
use crate::weather::Weather;
use crate::world::World;

/// The machine of one process.
pub(crate) struct Machine {
    pub(crate) twin: memory::RefStore,
    pub(crate) weather: Weather,
    /// When the process began.
    pub(crate) began: Instant,
    /// Whether the refs were listed since somebody wanted them anew.
    pub(crate) listed: AtomicBool,
    /// What was listed while a transaction was carried out.
    pub(crate) torn: Mutex<Option<Arc<Snapshot>>>,
    /// The objects that are here.
    pub(crate) known: Mutex<HashSet<ObjectId>>,
    /// The deployers that have begun.
    pub(crate) begun: Mutex<Vec<DeploymentId>>,
    requests: AtomicU32,
    fits: Vec<(u32, Fit)>,
    sudden: Sudden,
}

impl Machine {
    /// A machine on which nothing was done yet; its process has a fit with requests of these numbers.
    pub(crate) fn new(
        world: &World,
        weather: Weather,
        fits: Vec<(u32, Fit)>,
        sudden: Sudden,
    ) -> Self {
        Self {
            twin: world.remote.store(),
            weather,
            began: Instant::now(),
            listed: AtomicBool::default(),
            torn: Mutex::default(),
            known: Mutex::default(),
            begun: Mutex::default(),
            requests: AtomicU32::default(),
            fits,
            sudden,
        }
    }

    /// Whether nothing gets through just now.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.weather.is_out(self.began.elapsed())
    }

    /// Something is under way: the moment for a fit.
    pub(crate) fn tick(&self) {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        if let Some((_, fit)) = self.fits.iter().find(|(at, _)| *at == number) {
            *lock(&self.sudden) = Some(*fit);
        }
    }
}
