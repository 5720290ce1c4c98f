//! Stacks of CloudFormation as the target of deployments.
//!
//! Stacks are deployed in the order that is given, each by a change set, which is looked at before it is executed.
//! The first failure stops the rest. Those that were changed are put back to the template and the parameters that
//! they had, the last one first; those that were made are deleted.
//!
//! Every operation has a token of the deployment, and a verdict is only ever made of the events that bear it: what
//! somebody else does to a stack is never taken for ours. It leaves out the resources of nested stacks.

mod back;
mod follow;
mod forward;
mod left;
mod names;
mod preflight;
mod preview;
mod reason;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::preflight::{Obstacle, StackFacts, StackPreflight};
pub use self::preview::Preview;
pub use self::reason::Reason;
use super::Connection;
use crate::cloudformation::{Seen, Stacks, Template};
use crate::fault::Fault;
use crate::patience::Patience;
use pipeline_core::DeploymentId;
use pipeline_core::deployment::{Rollout, StackRollout, StacksRollout};
use pipeline_core::rollout::{Failure, Order, Permit, Restored, Rolled, Target};
use pipeline_core::stack::OwnStackName;

/// How often a look is repeated at most that nothing depends on yet; each is repeated by the SDK already.
const ATTEMPTS: u32 = 3;

/// A stack, and what it is to become.
#[derive(Clone, PartialEq, Eq)]
pub struct StackSettings {
    /// Its name.
    pub name: OwnStackName,
    /// Its template.
    pub template: Template,
    /// The parameters that have a value here; the others have the template's default.
    pub parameters: BTreeMap<String, String>,
    /// Parameters with a value that nobody may see.
    pub secret_parameters: BTreeMap<String, String>,
    /// What the template may do.
    pub capabilities: Vec<String>,
    /// Its tags; absent: those that it has.
    pub tags: Option<BTreeMap<String, String>>,
    /// Logical IDs of resources that are neither replaced nor deleted.
    pub protect: Vec<String>,
    /// How long each operation on it may take.
    pub timeout: Duration,
    /// The pause between two looks.
    pub poll_interval: Duration,
}

impl StackSettings {
    /// How long an operation may take where nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(60 * 60);
    /// The pause between two looks where nothing else is said.
    pub const POLL_INTERVAL: Duration = Duration::from_secs(5);

    fn patience(&self) -> Patience {
        Patience::new(self.timeout, self.poll_interval, ATTEMPTS)
    }
}

/// Parameters may hold secrets, so only their names are told.
impl fmt::Debug for StackSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<&String> =
            self.parameters.keys().chain(self.secret_parameters.keys()).collect();
        write!(f, "StackSettings({}, {:?}, parameters {parameters:?})", self.name, self.template)
    }
}

/// Stacks to deploy to, in order.
pub struct StacksTarget<'a> {
    connection: Arc<Connection>,
    stacks: Vec<StackSettings>,
    tell: &'a (dyn Fn(&str) + Send + Sync),
}

impl fmt::Debug for StacksTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StacksTarget").field(&self.stacks).finish()
    }
}

/// What was done to the stacks, and what can be put back of each.
#[derive(Debug, Clone)]
pub struct StacksTrace {
    rollout: StacksRollout,
    /// What each stack was before, where it was there.
    before: Vec<Option<Before>>,
    /// The deployment that left each stack as it was before, where no success did.
    left_by: Vec<Option<DeploymentId>>,
    /// The stack whose change set was asked for and perhaps not executed.
    prepared: Option<usize>,
}

/// What a stack was before.
#[derive(Clone)]
struct Before {
    seen: Seen,
    template: String,
    /// The parameters whose values CloudFormation does not show.
    hidden: BTreeSet<String>,
    /// Those of them that the change gave another value, as far as the change set tells.
    lost: Vec<String>,
}

/// Parameters and templates may hold secrets.
impl fmt::Debug for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Before").field("stack", &self.seen.stack).finish_non_exhaustive()
    }
}

impl From<StacksTrace> for Rollout {
    fn from(trace: StacksTrace) -> Self {
        Self::Stacks(trace.rollout)
    }
}

/// Why a deployment to stacks does not go on.
enum Stop {
    /// It failed, or nothing was changed.
    Failed(Reason),
    /// Somebody else changed a stack meanwhile.
    Replaced(Reason),
    /// Nobody can tell.
    Unknown(Reason),
    /// The environment may be somebody else's.
    LeaseOver,
}

impl<'a> StacksTarget<'a> {
    /// A target; `tell` hears of each event as it is seen. No I/O happens here.
    #[must_use]
    pub const fn new(
        connection: Arc<Connection>,
        stacks: Vec<StackSettings>,
        tell: &'a (dyn Fn(&str) + Send + Sync),
    ) -> Self {
        Self { connection, stacks, tell }
    }

    async fn open(&self) -> Result<Stacks<'_>, Fault> {
        Stacks::open(&self.connection, None).await
    }

    fn untouched(&self) -> StacksTrace {
        let names = self.stacks.iter().map(|it| it.name.to_string());
        StacksTrace {
            rollout: StacksRollout { stacks: names.map(StackRollout::untouched).collect() },
            before: vec![None; self.stacks.len()],
            left_by: vec![None; self.stacks.len()],
            prepared: None,
        }
    }
}

impl Target for StacksTarget<'_> {
    type Trace = StacksTrace;

    fn place(&self) -> Option<StacksTrace> {
        Some(self.untouched())
    }

    async fn roll_out(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<StacksTrace>,
    ) -> Rolled {
        if let Some(trace) = rollout.as_ref().filter(|trace| trace.rollout.was_begun()) {
            return Box::pin(self.look_again(order, trace)).await;
        }
        let trace = rollout.insert(self.untouched());
        let stop = match Box::pin(self.bring_out(order, permit, trace)).await {
            Ok(()) => return Rolled::Out,
            Err(stop) => stop,
        };
        let begun = trace.rollout.was_begun();
        match stop {
            Stop::LeaseOver if begun => Rolled::Failed { reason: Failure::LeaseOver },
            Stop::LeaseOver => Rolled::Untouched { reason: Failure::LeaseOver },
            Stop::Failed(reason) if begun => Rolled::Failed { reason: Failure::of(reason) },
            Stop::Failed(reason) => Rolled::Untouched { reason: Failure::of(reason) },
            Stop::Replaced(reason) => Rolled::Replaced { reason: Failure::of(reason) },
            Stop::Unknown(reason) => Rolled::Unknown { reason: Failure::of(reason) },
        }
    }

    async fn confirm(&self, order: &Order, rollout: &Option<StacksTrace>) -> Rolled {
        let Some(trace) = rollout else { return Rolled::Out };
        Box::pin(self.look_again(order, trace)).await
    }

    async fn restore(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<StacksTrace>,
    ) -> Restored {
        match rollout {
            Some(trace) => Box::pin(self.bring_back(order, permit, trace)).await,
            None => Restored::Unchanged,
        }
    }
}
