//! What happened, for people to read, and which promises were broken.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// What must hold whatever happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Never two deployments of one environment at work, or of one sub-project where each has its own queue.
    Alone,
    /// The order of service is the order of arrival, without gaps; only the dead are passed over.
    Order,
    /// A newer version supersedes exactly the older ones that wait, where the policy says so.
    Superseding,
    /// No version that is new begins in a freeze; who may wait for its end keeps its place meanwhile.
    Freeze,
    /// Nothing begins that was not approved when its deployer looked last, where the policy asks for an approval.
    Approval,
    /// Nobody is put aside while the lease runs.
    Lease,
    /// While a lock holds an environment, only the deployments of its process begin, and none of them without it;
    /// once it was lost or given back, it holds nothing again.
    Lock,
    /// Records change as the state machine says, and none is lost.
    Records,
    /// The environment tag moves with a success, in the same transaction, and never otherwise.
    Tag,
    /// A service is changed by who holds the environment, and is what the record says.
    Service,
    /// Migrations and tests begin while the lease is held, once for a deployment; and migrations that a killed one
    /// had begun never again unasked.
    Migrations,
    /// What is reported is what the ledger says.
    Verdict,
    /// Whoever lives and is reached is served.
    Progress,
    /// Nobody looks for a neighbour in the same process, and each begins as soon as the one before ended.
    Handover,
    /// After everything, the next deployment goes through, and tag, record and service agree. Where the
    /// service went back by itself under its hands, which a target leaves alone like anything new, it
    /// fails, and the one after it goes through.
    Recovery,
    /// Nothing panics, and everything ends.
    Soundness,
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub promise: Promise,
    /// When, since the schedule began.
    pub at: Duration,
    /// How.
    pub told: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} broken at {}: {}", self.promise, seconds(self.at), self.told)
    }
}

/// The story of one schedule.
#[derive(Debug)]
pub(crate) struct Chronicle {
    start: Instant,
    lines: Option<Vec<String>>,
    breaches: Vec<Breach>,
    counted: u64,
}

impl Chronicle {
    /// An empty one; a `readable` one keeps every line.
    pub(crate) fn new(readable: bool) -> Self {
        let lines = readable.then(Vec::new);
        Self { start: Instant::now(), lines, breaches: Vec::new(), counted: 0 }
    }

    /// Something happened.
    pub(crate) fn note(&mut self, who: &dyn fmt::Display, what: impl FnOnce() -> String) {
        self.counted += 1;
        let at = self.start.elapsed();
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{} {who:>6}  {}", seconds(at), what()));
        }
    }

    /// A promise was broken.
    pub(crate) fn broken(&mut self, promise: Promise, told: String) {
        let at = self.start.elapsed();
        let breach = Breach { promise, at, told };
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>19}  {breach}", "!!!"));
        }
        self.breaches.push(breach);
    }

    /// The readable lines, the broken promises, and how much happened.
    pub(crate) fn close(&mut self) -> (Vec<String>, Vec<Breach>, u64) {
        let lines = self.lines.take().unwrap_or_default();
        (lines, std::mem::take(&mut self.breaches), self.counted)
    }
}

fn seconds(time: Duration) -> String {
    format!("{:>9}.{:03} s", time.as_secs(), time.subsec_millis())
}
