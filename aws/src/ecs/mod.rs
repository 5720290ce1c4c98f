//! A service of Amazon ECS as the target of deployments.
//!
//! A rollout registers a new revision of what the service runs, with another image in one container,
//! asks the service to run it, and follows the deployment that comes of it by its own ID to its end.
//! A verdict is only ever made of what ECS shows of that deployment; what cannot be told is said to
//! be unknown.
//!
//! Nothing is ever deregistered. It leaves out services that CodeDeploy or somebody else rolls out,
//! and the creation of clusters, services and first task definitions.

mod active;
mod api;
mod confirm;
mod fault;
mod follow;
mod judge;
mod logs;
mod preflight;
mod put;
mod reason;
mod record;
mod restore;
mod revision;
mod roll_out;
mod running;
mod task;
mod told;
mod view;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

pub use self::active::is_active;
use self::api::Api;
pub use self::fault::Fault;
pub use self::preflight::Preflight;
pub use self::reason::{Followed, Obstacle, Reason, Stranger};
pub use self::running::Running;
pub use self::task::{EcsTask, EcsTaskSettings, TaskNetwork};
use super::Connection;
use crate::patience::Patience;
use pipeline_core::deployment::{EcsRollout, Rollout};
use pipeline_core::rollout::{Order, Permit, Restored, Rolled, Target};

/// How long a plan waits for ECS.
const BRIEF: Duration = Duration::from_secs(20);

/// How often a call is made at most while nothing depends on it yet.
const ATTEMPTS: u32 = 8;

/// The same for a plan, which goes on without an answer too.
const BRIEF_ATTEMPTS: u32 = 3;

/// What to deploy to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcsSettings {
    /// The cluster, by name or ARN.
    pub cluster: String,
    /// The service, by name.
    pub service: String,
    /// The container whose image is replaced.
    pub container: String,
    /// The image.
    pub image: String,
    /// Variables to set in the container, beside those that it has.
    pub environment: BTreeMap<String, String>,
    /// Variables that are filled from a store of secrets: where each is kept, by ARN or by name.
    pub secrets: BTreeMap<String, String>,
    /// How long a rollout, or putting one back, may take.
    pub timeout: Duration,
    /// The pause between two looks.
    pub poll_interval: Duration,
    /// How long one call may take.
    pub call_timeout: Duration,
}

impl EcsSettings {
    /// How long a rollout may take where nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(20 * 60);
    /// The pause between two looks where nothing else is said.
    pub const POLL_INTERVAL: Duration = Duration::from_secs(5);
    /// How long one call may take where nothing else is said.
    pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);

    /// An image for a container, with defaults for the rest.
    #[must_use]
    pub fn new(cluster: &str, service: &str, container: &str, image: &str) -> Self {
        Self {
            cluster: cluster.to_owned(),
            service: service.to_owned(),
            container: container.to_owned(),
            image: image.to_owned(),
            environment: BTreeMap::new(),
            secrets: BTreeMap::new(),
            timeout: Self::TIMEOUT,
            poll_interval: Self::POLL_INTERVAL,
            call_timeout: Self::CALL_TIMEOUT,
        }
    }
}

/// One service of ECS, to deploy one image to.
#[derive(Debug)]
pub struct EcsTarget {
    connection: Arc<Connection>,
    settings: EcsSettings,
    api: OnceCell<Api>,
    /// When the deployment that is followed began, by ECS's clock.
    since: Mutex<f64>,
    /// Whether it is known that records of deployments may not be read.
    no_records: AtomicBool,
}

impl EcsTarget {
    /// A target. No I/O happens here.
    #[must_use]
    pub const fn new(connection: Arc<Connection>, settings: EcsSettings) -> Self {
        Self {
            connection,
            settings,
            api: OnceCell::const_new(),
            since: Mutex::new(0.0),
            no_records: AtomicBool::new(false),
        }
    }

    /// What it deploys to, and how.
    #[must_use]
    pub const fn settings(&self) -> &EcsSettings {
        &self.settings
    }

    async fn api(&self) -> &Api {
        let EcsSettings { cluster, service, call_timeout, .. } = &self.settings;
        self.api.get_or_init(|| Api::new(&self.connection, cluster, service, *call_timeout)).await
    }

    fn patience(&self) -> Patience {
        Patience::new(self.settings.timeout, self.settings.poll_interval, ATTEMPTS)
    }

    /// The patience of a plan, which asks and changes nothing.
    fn brief_patience(&self) -> Patience {
        let Self { settings, .. } = self;
        let interval = settings.poll_interval.min(BRIEF / 40);
        Patience::new(BRIEF.min(settings.timeout), interval, BRIEF_ATTEMPTS)
    }

    /// Asks until there is an answer that another try would not change.
    async fn ask<T, F>(&self, patience: &mut Patience, call: impl Fn() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        patience.ask(call, Fault::may_pass).await
    }

    fn since(&self) -> f64 {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn began(&self, at: f64) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Target for EcsTarget {
    type Trace = EcsRollout;

    fn place(&self) -> Option<EcsRollout> {
        Some(self.untouched())
    }

    async fn roll_out(
        &self,
        _: &Order,
        permit: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Rolled {
        if rollout.as_ref().is_some_and(|it| it.ecs_deployment_id.is_some()) {
            return Box::pin(self.look_again(rollout.as_ref())).await;
        }
        Box::pin(self.bring_out(permit, rollout)).await
    }

    async fn confirm(&self, _: &Order, rollout: &Option<EcsRollout>) -> Rolled {
        Box::pin(self.look_again(rollout.as_ref())).await
    }

    async fn restore(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Restored {
        match rollout {
            Some(rollout) => {
                let last_good = order.last_good.as_ref().and_then(Rollout::ecs);
                Box::pin(self.bring_back(last_good, permit, rollout)).await
            }
            None => Restored::Unchanged,
        }
    }
}
