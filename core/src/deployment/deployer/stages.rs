//! What each step is called, and whether it did what it should: for whoever tells how long steps took.

use std::time::Duration;

use tokio::time::Instant;

use crate::deployment::engine::{Effect, Event, Health};
use crate::rollout::{Restored, Rolled};
use crate::telemetry::{Ending, StepTook};

/// The steps of a deployment that are over.
pub(super) struct Stages {
    asked: Instant,
    over: Vec<StepTook>,
}

/// A step that was begun.
pub(super) struct Begun {
    name: &'static str,
    after: Duration,
}

impl Stages {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { asked: Instant::now(), over: Vec::new() }
    }

    /// Begins one.
    pub(super) fn begin(&self, effect: &Effect) -> Begun {
        Begun { name: name(effect), after: self.asked.elapsed() }
    }

    /// Ends it.
    pub(super) fn end(&mut self, Begun { name, after }: Begun, event: &Event) {
        let took = self.asked.elapsed().saturating_sub(after);
        self.over.push(StepTook { name, after, took, result: ending(event) });
    }

    /// Those that are over, and how long all took.
    pub(super) fn over(self) -> (Vec<StepTook>, Duration) {
        (self.over, self.asked.elapsed())
    }
}

const fn name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Enter => "enter",
        Effect::AwaitTurn => "wait",
        Effect::Leave(_) => "leave",
        Effect::Migrate => "migrations",
        Effect::RollOut => "rollout",
        Effect::CheckHealth => "health_check",
        Effect::Test => "tests",
        Effect::Confirm => "confirm",
        Effect::Restore => "restore",
        Effect::Revert => "revert_migrations",
        Effect::Commit(_) => "record",
    }
}

const fn ending(event: &Event) -> Ending {
    let is_good = match event {
        Event::Stop { .. } | Event::WaitedTooLong { .. } | Event::PassedOver { .. } => {
            return Ending::Cancelled;
        }
        Event::Start
        | Event::Claimed { .. }
        | Event::Queued { .. }
        | Event::Left
        | Event::Committed => true,
        Event::Refused(_)
        | Event::TurnRefused(_)
        | Event::LeaseLost { .. }
        | Event::CommitRefused(_)
        | Event::CommitUnknown(_)
        | Event::EntryUnknown(_) => false,
        Event::Migrated(end) | Event::Tested(end) | Event::Reverted(end) => end.is_ok(),
        Event::RolledOut(rolled) | Event::Confirmed(rolled) => matches!(rolled, Rolled::Out),
        Event::HealthChecked(health) => matches!(health, Health::Passed { .. }),
        Event::Restored(restored) => {
            matches!(restored, Restored::Done | Restored::Unchanged | Restored::AsFound { .. })
        }
    };
    if is_good { Ending::Succeeded } else { Ending::Failed }
}
