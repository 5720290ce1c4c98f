//! How far a deployment has come, with exactly what goes with it.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::Status;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, Violations};
use crate::version::Version;

/// The status of a deployment together with its times, its place and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ProgressParts", into = "ProgressParts")]
pub enum Progress {
    /// It waits for its turn.
    Queued {
        /// Its place, from 1.
        position: NonZeroU32,
        /// How long it will probably wait, in seconds.
        estimated_wait_seconds: Option<u64>,
    },
    /// It is being done.
    InProgress {
        /// Since when.
        started_at: Timestamp,
    },
    /// It is done.
    Succeeded {
        /// Since when it was being done.
        started_at: Timestamp,
        /// When it was done.
        completed_at: Timestamp,
    },
    /// It could not be done.
    Failed {
        /// Since when it was tried.
        started_at: Timestamp,
        /// When it was given up.
        completed_at: Timestamp,
        /// Why.
        error_message: String,
        /// What the environment was put back to.
        rolled_back_to: Option<Version>,
    },
    /// Somebody stopped it.
    Cancelled {
        /// Since when it was being done, unless it only waited.
        started_at: Option<Timestamp>,
        /// When it was stopped.
        completed_at: Timestamp,
        /// Why.
        reason: Option<String>,
        /// What the environment was put back to.
        rolled_back_to: Option<Version>,
    },
    /// It was done and then taken back.
    RolledBack {
        /// Since when it was being done.
        started_at: Timestamp,
        /// When it was done.
        completed_at: Timestamp,
        /// When it was taken back.
        rolled_back_at: Timestamp,
        /// What the environment was put back to.
        rolled_back_to: Option<Version>,
    },
}

impl Progress {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Queued { .. } => Status::Queued,
            Self::InProgress { .. } => Status::InProgress,
            Self::Succeeded { .. } => Status::Succeeded,
            Self::Failed { .. } => Status::Failed,
            Self::Cancelled { .. } => Status::Cancelled,
            Self::RolledBack { .. } => Status::RolledBack,
        }
    }

    /// When it started.
    #[must_use]
    pub const fn started_at(&self) -> Option<Timestamp> {
        match self {
            Self::Queued { .. } => None,
            Self::Cancelled { started_at, .. } => *started_at,
            Self::InProgress { started_at }
            | Self::Succeeded { started_at, .. }
            | Self::Failed { started_at, .. }
            | Self::RolledBack { started_at, .. } => Some(*started_at),
        }
    }

    /// When it came to its end.
    #[must_use]
    pub const fn completed_at(&self) -> Option<Timestamp> {
        match self {
            Self::Queued { .. } | Self::InProgress { .. } => None,
            Self::Succeeded { completed_at, .. }
            | Self::Failed { completed_at, .. }
            | Self::Cancelled { completed_at, .. }
            | Self::RolledBack { completed_at, .. } => Some(*completed_at),
        }
    }

    /// When it was taken back.
    #[must_use]
    pub const fn rolled_back_at(&self) -> Option<Timestamp> {
        match self {
            Self::RolledBack { rolled_back_at, .. } => Some(*rolled_back_at),
            _ => None,
        }
    }

    /// What the environment was put back to.
    #[must_use]
    pub const fn rolled_back_to(&self) -> Option<&Version> {
        match self {
            Self::Failed { rolled_back_to, .. }
            | Self::Cancelled { rolled_back_to, .. }
            | Self::RolledBack { rolled_back_to, .. } => rolled_back_to.as_ref(),
            Self::Queued { .. } | Self::InProgress { .. } | Self::Succeeded { .. } => None,
        }
    }

    /// Why it failed or was cancelled.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        match self {
            Self::Failed { error_message, .. } => Some(error_message),
            Self::Cancelled { reason, .. } => reason.as_deref(),
            _ => None,
        }
    }

    /// Its place in the queue.
    #[must_use]
    pub const fn queue_position(&self) -> Option<NonZeroU32> {
        match self {
            Self::Queued { position, .. } => Some(*position),
            _ => None,
        }
    }

    /// How long it will probably wait, in seconds.
    #[must_use]
    pub const fn estimated_wait_seconds(&self) -> Option<u64> {
        match self {
            Self::Queued { estimated_wait_seconds, .. } => *estimated_wait_seconds,
            _ => None,
        }
    }
}

/// The attributes of progress side by side, as documents and records have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressParts {
    /// The status.
    pub status: Status,
    /// The place in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_position: Option<u32>,
    /// How long it will probably wait, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_wait_seconds: Option<u64>,
    /// When it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_at: Option<Timestamp>,
    /// What the environment was put back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_to: Option<Version>,
    /// Why it failed or was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

impl From<Progress> for ProgressParts {
    fn from(progress: Progress) -> Self {
        Self::from(&progress)
    }
}

impl TryFrom<ProgressParts> for Progress {
    type Error = Violations;
    fn try_from(parts: ProgressParts) -> Result<Self, Violations> {
        parts.check()
    }
}

impl From<&Progress> for ProgressParts {
    fn from(progress: &Progress) -> Self {
        Self {
            status: progress.status(),
            queue_position: progress.queue_position().map(NonZeroU32::get),
            estimated_wait_seconds: progress.estimated_wait_seconds(),
            started_at: progress.started_at(),
            completed_at: progress.completed_at(),
            rolled_back_at: progress.rolled_back_at(),
            rolled_back_to: progress.rolled_back_to().cloned(),
            error_message: progress.error_message().map(str::to_owned),
        }
    }
}

impl ProgressParts {
    /// A status with nothing else.
    #[must_use]
    pub const fn of(status: Status) -> Self {
        Self {
            status,
            queue_position: None,
            estimated_wait_seconds: None,
            started_at: None,
            completed_at: None,
            rolled_back_at: None,
            rolled_back_to: None,
            error_message: None,
        }
    }

    /// Checks that the parts go with the status.
    ///
    /// # Errors
    /// DEP003 for the place, DEP004 for the start, DEP005 for the end, DEP053 for the message.
    pub fn check(self) -> Result<Progress, Violations> {
        let mut findings = Findings::new();
        self.check_place(&mut findings);
        self.check_times(&mut findings);
        self.check_outcome(&mut findings);
        match self.clone().build() {
            Some(progress) => findings.finish(progress),
            None => Err(findings.fail()),
        }
    }

    fn check_place(&self, findings: &mut Findings) {
        let queued = self.status == Status::Queued;
        let placed = self.queue_position.is_some_and(|position| position > 0);
        findings.require(queued == placed, || {
            let found = self.queue_position.map(|position| position.to_string());
            self.misfit(
                RuleId::DEP003,
                "queue_position",
                found,
                if queued { "a place from 1" } else { "none" },
            )
        });
        findings.require(queued || self.estimated_wait_seconds.is_none(), || {
            let found = self.estimated_wait_seconds.map(|seconds| seconds.to_string());
            self.misfit(RuleId::DEP003, "estimated_wait_seconds", found, "none")
        });
    }

    fn check_times(&self, findings: &mut Findings) {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let started = match self.status {
            Status::Queued => self.started_at.is_none(),
            Status::Cancelled => true,
            _ => self.started_at.is_some(),
        };
        let expected = if self.status == Status::Queued { "none" } else { "the time of the start" };
        findings.require(started, || {
            self.misfit(RuleId::DEP004, "started_at", text(self.started_at), expected)
        });
        let ends = self.status.is_terminal();
        findings.require(self.completed_at.is_some() == ends, || {
            let expected = if ends { "the time of the end" } else { "none" };
            self.misfit(RuleId::DEP005, "completed_at", text(self.completed_at), expected)
        });
        let taken_back = self.status == Status::RolledBack;
        findings.require(self.rolled_back_at.is_some() == taken_back, || {
            let expected = if taken_back { "the time at which it was taken back" } else { "none" };
            self.misfit(RuleId::DEP005, "rolled_back_at", text(self.rolled_back_at), expected)
        });
        let times: Vec<Timestamp> = [self.started_at, self.completed_at, self.rolled_back_at]
            .into_iter()
            .flatten()
            .collect();
        findings.require(times.is_sorted(), || {
            let expected = "a time that is not before the start";
            self.misfit(RuleId::DEP005, "completed_at", text(self.completed_at), expected)
        });
    }

    fn check_outcome(&self, findings: &mut Findings) {
        let explained = matches!(self.status, Status::Failed | Status::Cancelled);
        findings.require(explained || self.error_message.is_none(), || {
            self.misfit(RuleId::DEP053, "error_message", self.error_message.clone(), "none")
        });
        let restored = explained || self.status == Status::RolledBack;
        findings.require(restored || self.rolled_back_to.is_none(), || {
            let found = self.rolled_back_to.as_ref().map(ToString::to_string);
            self.misfit(RuleId::DEP010, "rolled_back_to", found, "none")
        });
    }

    fn misfit(
        &self,
        rule: RuleId,
        field: &'static str,
        found: Option<String>,
        expected: &str,
    ) -> Violation {
        let found = found.map_or_else(|| "nothing".to_owned(), |found| format!("`{found}`"));
        let next = match expected {
            "none" => format!("Leave `{field}` out."),
            _ => format!("Set `{field}`, or correct the status."),
        };
        let expected = format!("{expected}, because the status is `{}`", self.status);
        Violation::new(rule, found, expected, next).under(field)
    }

    /// The progress, where nothing is missing.
    fn build(self) -> Option<Progress> {
        let rolled_back_to = self.rolled_back_to;
        Some(match self.status {
            Status::Queued => Progress::Queued {
                position: NonZeroU32::new(self.queue_position?)?,
                estimated_wait_seconds: self.estimated_wait_seconds,
            },
            Status::InProgress => Progress::InProgress { started_at: self.started_at? },
            Status::Succeeded => Progress::Succeeded {
                started_at: self.started_at?,
                completed_at: self.completed_at?,
            },
            Status::Failed => Progress::Failed {
                started_at: self.started_at?,
                completed_at: self.completed_at?,
                error_message: self.error_message.unwrap_or_default(),
                rolled_back_to,
            },
            Status::Cancelled => Progress::Cancelled {
                started_at: self.started_at,
                completed_at: self.completed_at?,
                reason: self.error_message,
                rolled_back_to,
            },
            Status::RolledBack => Progress::RolledBack {
                started_at: self.started_at?,
                completed_at: self.completed_at?,
                rolled_back_at: self.rolled_back_at?,
                rolled_back_to,
            },
        })
    }
}
