//! What has to come of each cell.

use super::place::{Kind, THEIRS};
use super::{Fate, Step};

/// The version that runs before, the one that meets its fate, and the next one.
pub(super) const OLD: &str = "1.0.0";
pub(super) const NEW: &str = "1.1.0";
pub(super) const NEXT: &str = "1.2.0";

/// What has to be the case after a fate, before the next deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    /// What the run says; nothing where Terraform tells of the provider's death, or of success.
    pub(super) told: Option<&'static str>,
    /// The status on record.
    pub(super) status: &'static str,
    /// What is said of the migrations; nothing where nobody can.
    pub(super) migrations: Option<&'static str>,
    /// What the record says runs again.
    pub(super) back_to: Option<&'static str>,
    /// The version that the environment's tag is at.
    pub(super) tag: &'static str,
    /// What the target runs; nothing where it is under way.
    pub(super) runs: Option<&'static str>,
    /// The status on record after the next deployment.
    pub(super) in_the_end: &'static str,
    /// Whether the same version is refused until somebody asks for it (TSK001).
    pub(super) is_half_migrated: bool,
}

const FAILED: &str = "The deployment failed";
const CANCELLED: &str = "interrupted";
pub(super) const UNKNOWN: &str = "Whether the deployment succeeded is not known";

/// It came to an end and is put back.
const PUT_BACK: Expected = Expected {
    told: Some(FAILED),
    status: "failed",
    migrations: Some("rolled-back"),
    back_to: Some(OLD),
    tag: OLD,
    runs: Some(OLD),
    in_the_end: "failed",
    is_half_migrated: false,
};

/// It succeeded.
const DONE: Expected = Expected {
    told: None,
    status: "succeeded",
    migrations: Some("success"),
    back_to: None,
    tag: NEW,
    runs: Some(NEW),
    in_the_end: "succeeded",
    is_half_migrated: false,
};

/// Its process is gone, or asleep.
const GONE: Expected = Expected {
    told: None,
    status: "in_progress",
    migrations: None,
    back_to: None,
    tag: OLD,
    runs: Some(NEW),
    in_the_end: "failed",
    is_half_migrated: true,
};

/// What has to come of a cell.
pub(super) fn expected(kind: Kind, step: Step, fate: Fate) -> Expected {
    match fate {
        Fate::Success => DONE,
        // Nobody answers what runs: neither success nor failure is said.
        Fate::Hang if (kind, step) == (Kind::Ecs, Step::Confirm) => {
            Expected { told: Some(UNKNOWN), ..GONE }
        }
        // The push is tried once more, and nobody keeps that one.
        Fate::Hang if step == Step::Commit => DONE,
        Fate::Failure | Fate::Hang => failed(kind, step, fate),
        // What is sent cannot be taken back.
        Fate::CtrlC | Fate::Kill if step == Step::Commit => DONE,
        Fate::CtrlC => {
            let told = Some(CANCELLED);
            Expected { told, status: "cancelled", in_the_end: "cancelled", ..stopped(step) }
        }
        Fate::Kill | Fate::LostLease => gone(kind, step),
    }
}

/// What a failed step leaves, or one that is interrupted.
fn stopped(step: Step) -> Expected {
    match step {
        // The second one did not come to a good end; the first is taken back.
        Step::Migrations => Expected { migrations: Some("failed"), ..PUT_BACK },
        _ => PUT_BACK,
    }
}

fn failed(kind: Kind, step: Step, fate: Fate) -> Expected {
    let kept = Expected { migrations: Some("success"), back_to: None, ..PUT_BACK };
    match (kind, step, fate) {
        // Theirs stays, and the migrations with it.
        (Kind::Ecs | Kind::Stacks, Step::Confirm, _) => Expected { runs: Some(THEIRS), ..kept },
        // Nor does its way back come to an end in time, and what is under way may need what the migrations made.
        (Kind::Stacks, Step::Target, Fate::Hang) => Expected { runs: None, ..kept },
        _ => stopped(step),
    }
}

fn gone(kind: Kind, step: Step) -> Expected {
    match (kind, step) {
        (_, Step::Migrations) => Expected { runs: Some(OLD), ..GONE },
        (Kind::Stacks, Step::Target) => Expected { runs: None, ..GONE },
        _ => GONE,
    }
}
