//! Who waits for more than its turn: for the end of a freeze, for a soak, or for people who agree.
//!
//! It keeps its place, and whoever may begin goes first. It has no turn that it could miss, so nobody can see
//! whether it is alive; it says until when it waits at most, and who is still there a day later than that is
//! not. That is judged by clocks on the wall, which is good enough here: nobody waits for it, and a clock is
//! not wrong by more than a day.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{QueueRecord, Waiting};
use crate::policy::{Objections, WaitFor};
use crate::{DeploymentId, Timestamp};

/// By how much clocks differ at most, in seconds.
const DAY: i64 = 86_400;

/// Why a deployment that waits may not begin yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// What it waits for.
    pub waits_for: Vec<WaitFor>,
    /// From when it may go on, where that depends on time alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When it gives its place up, by its own clock.
    pub gives_up_at: Timestamp,
}

impl HeldBack {
    /// By what speaks against a deployment, which waits until this time at most.
    #[must_use]
    pub fn by(objections: &Objections, gives_up_at: Timestamp) -> Self {
        let mut waits_for: Vec<WaitFor> = objections.not_yet.iter().map(|it| it.reason).collect();
        waits_for.sort_unstable();
        waits_for.dedup();
        Self { waits_for, until: objections.until(), gives_up_at }
    }

    /// Whether it cannot be alive any more.
    #[must_use]
    pub fn is_lost(&self, now: Timestamp) -> bool {
        self.gives_up_at.plus_seconds(DAY) < now
    }
}

impl fmt::Display for HeldBack {
    /// What it waits for, as in "waits for the end of a freeze (until …)".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.waits_for.iter().map(|it| match it {
            WaitFor::Freeze => "the end of a freeze",
            WaitFor::Soak => "the soak of its version",
            WaitFor::Approval => "approvals",
        });
        f.write_str(&words.collect::<Vec<_>>().join(" and "))?;
        self.until.map_or(Ok(()), |until| write!(f, " (until {until})"))
    }
}

impl QueueRecord {
    /// Those who wait for nothing but their turn, first come first.
    pub fn in_turn(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter().filter(|waiting| waiting.held_back.is_none())
    }

    /// How many of those come before this deployment, or before whoever enters.
    #[must_use]
    pub fn ahead(&self, id: &DeploymentId) -> usize {
        let before = self.waiting.iter().take_while(|waiting| waiting.deployment_id != *id);
        before.filter(|waiting| waiting.held_back.is_none()).count()
    }

    /// Why this deployment may not begin yet, where it waits for more than its turn.
    #[must_use]
    pub fn held_back(&self, id: &DeploymentId) -> Option<&HeldBack> {
        let found = self.waiting.iter().find(|waiting| waiting.deployment_id == *id);
        found.and_then(|waiting| waiting.held_back.as_ref())
    }

    /// The queue in which this deployment may not begin yet, or waits for nothing but its turn again.
    #[must_use]
    pub fn hold_back(mut self, id: &DeploymentId, why: Option<&HeldBack>, now: Timestamp) -> Self {
        let first = |queue: &Self| queue.in_turn().next().map(|it| it.deployment_id.clone());
        let before = first(&self);
        for waiting in self.waiting.iter_mut().filter(|it| it.deployment_id == *id) {
            waiting.held_back = why.cloned();
        }
        if first(&self) != before {
            self.turn_since = None;
        }
        self.turned(now)
    }

    /// Those who may not begin yet and cannot be alive any more.
    pub fn lost(&self, now: Timestamp) -> impl Iterator<Item = &Waiting> {
        let is_lost = move |it: &HeldBack| it.is_lost(now);
        self.waiting.iter().filter(move |it| it.held_back.as_ref().is_some_and(is_lost))
    }
}
