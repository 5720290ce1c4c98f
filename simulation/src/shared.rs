//! What the deployers of one process share.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::deployment::deployer::Handover;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::clock::WallClock;
use crate::machine::Machine;
use crate::world::World;

/// Shared by the deployers of a process.
pub(crate) struct Shared {
    pub(crate) world: Arc<World>,
    pub(crate) process: usize,
    pub(crate) machine: Arc<Machine>,
    pub(crate) handover: Handover,
    pub(crate) lease: Duration,
    pub(crate) clock: WallClock,
    pub(crate) stops: Option<Instant>,
    /// Whoever has a place here deploys.
    pub(crate) places: Semaphore,
}
