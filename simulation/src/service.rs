//! A service that runs versions: the twin of what a target changes.
//!
//! A change is a rollout that comes after a while, or breaks. Whoever is in front is what the service
//! steers towards; what came last runs. It leaves out who may change it.

use std::time::Duration;

use pipeline_core::{DeploymentId, Version};
use tokio::time::Instant;

/// How long a service takes to go back by itself.
const BACK: Duration = Duration::from_secs(3);

/// One service.
#[derive(Debug, Default)]
pub(crate) struct Service {
    /// What each revision runs; nobody knows of the first one.
    revisions: Vec<Option<Version>>,
    rollouts: Vec<Rollout>,
}

/// One change of a service.
#[derive(Debug, Clone)]
pub(crate) struct Rollout {
    pub(crate) revision: usize,
    pub(crate) by: By,
    /// When it comes or breaks.
    due: Instant,
    fate: Fate,
    /// When another one took its place.
    replaced: Option<Instant>,
}

/// Who changed a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// Nobody: it ran in the beginning.
    Nobody,
    /// A deployment, to bring its version.
    Deployment(DeploymentId),
    /// A deployment, to put back what ran before.
    Restoring(DeploymentId),
    /// The service itself, when something broke.
    Itself,
    /// A person.
    Person,
}

/// How a rollout goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It comes, and stays.
    Comes,
    /// It does not come; some services go back by themselves.
    Breaks {
        /// Whether this one does.
        goes_back: bool,
    },
    /// It comes, and breaks so much later.
    Crashes(Duration),
}

/// What can be seen of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is on its way.
    Coming,
    /// It runs.
    Runs,
    /// It does not come, or stays not.
    Broken,
}

impl Service {
    /// A service that runs something since before anybody knew.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let (by, fate) = (By::Nobody, Fate::Comes);
        let first = Rollout { revision: 0, by, due: now, fate, replaced: None };
        Self { revisions: vec![None], rollouts: vec![first] }
    }

    /// A new revision.
    pub(crate) fn register(&mut self, version: &Version) -> usize {
        self.revisions.push(Some(version.clone()));
        self.revisions.len() - 1
    }

    /// Brings a revision to the front; gives the number of the rollout.
    pub(crate) fn put(&mut self, revision: usize, by: By, takes: Duration, fate: Fate) -> usize {
        let now = Instant::now();
        self.settle();
        self.push(Rollout { revision, by, due: now + takes, fate, replaced: None }, now)
    }

    fn push(&mut self, rollout: Rollout, at: Instant) -> usize {
        if let Some(last) = self.rollouts.last_mut() {
            last.replaced = Some(at);
        }
        self.rollouts.push(rollout);
        self.rollouts.len() - 1
    }

    /// Lets the service do what it does by itself up to now.
    pub(crate) fn settle(&mut self) {
        let front = self.rollouts.last().cloned();
        let Some(front) = front.filter(|front| front.fate == Fate::Breaks { goes_back: true })
        else {
            return;
        };
        if front.standing() == Standing::Broken {
            let revision = self.steady().unwrap_or(0);
            let (by, due) = (By::Itself, front.due + BACK);
            self.push(Rollout { revision, by, due, fate: Fate::Comes, replaced: None }, front.due);
        }
    }

    /// Which rollout is in front.
    pub(crate) fn front(&self) -> usize {
        self.rollouts.len().saturating_sub(1)
    }

    pub(crate) fn rollout(&self, number: usize) -> Option<&Rollout> {
        self.rollouts.get(number)
    }

    /// The last rollout of a revision, and its number.
    pub(crate) fn of_revision(&self, revision: usize) -> Option<usize> {
        self.rollouts.iter().rposition(|rollout| rollout.revision == revision)
    }

    /// The revision that came last and was not seen to break before another took its place.
    pub(crate) fn steady(&self) -> Option<usize> {
        let runs = |rollout: &&Rollout| rollout.standing() == Standing::Runs;
        self.rollouts.iter().rev().find(runs).map(|rollout| rollout.revision)
    }

    /// What a revision runs.
    pub(crate) fn version(&self, revision: usize) -> Option<&Version> {
        self.revisions.get(revision)?.as_ref()
    }

    /// Who changed it last.
    pub(crate) fn changed_by(&self) -> Option<&By> {
        self.rollouts.last().map(|rollout| &rollout.by)
    }

    /// Whether it went back by itself since this moment, and nobody changed it after that.
    pub(crate) fn went_back_since(&self, at: Instant) -> bool {
        let [.., before, last] = self.rollouts.as_slice() else { return false };
        last.by == By::Itself && before.replaced.is_some_and(|replaced| at <= replaced)
    }

    /// Whether a deployment ever asked it to run its version.
    pub(crate) fn was_changed_by(&self, id: &DeploymentId) -> bool {
        self.rollouts.iter().any(|rollout| rollout.by == By::Deployment(id.clone()))
    }
}

impl Rollout {
    /// How it stands now, or stood when another took its place.
    pub(crate) fn standing(&self) -> Standing {
        let now = self.replaced.unwrap_or_else(Instant::now);
        match self.fate {
            _ if now < self.due => Standing::Coming,
            Fate::Comes => Standing::Runs,
            Fate::Crashes(after) if now < self.due + after => Standing::Runs,
            Fate::Crashes(_) | Fate::Breaks { .. } => Standing::Broken,
        }
    }
}
