//! What a remote may do that is no fault: show a transaction ref by ref to who lists it meanwhile, and
//! serve only what refs hold now.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::git::{RefTarget, Snapshot};
use tokio::time::Instant;

use crate::dice::Dice;

/// The habits of one remote.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Habits {
    /// How long it may take until all refs of a transaction are shown.
    pub(crate) tears: Duration,
    /// Whether it serves objects that no ref holds any more.
    pub(crate) serves_all: bool,
}

/// The last transaction, of which some refs may still be shown as they were.
#[derive(Debug, Clone)]
pub(crate) struct Torn {
    pub(crate) at: Instant,
    pub(crate) before: Vec<(String, Option<RefTarget>)>,
}

impl Torn {
    /// The refs that are shown as they were, drawn anew for each listing.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Vec<&(String, Option<RefTarget>)> {
        self.before.iter().filter(|_| dice.chance(500)).collect()
    }
}

/// A listing in which these refs are as they were.
pub(crate) fn torn(now: &Snapshot, before: &[&(String, Option<RefTarget>)]) -> Arc<Snapshot> {
    let is_old = |name: &str| before.iter().any(|(old, _)| old == name);
    let kept = now.iter().filter(|(name, _)| !is_old(name));
    let kept = kept.map(|(name, target)| (name.to_owned(), target));
    let old = before.iter().filter_map(|(name, target)| Some((name.clone(), (*target)?)));
    Arc::new(Snapshot::new(kept.chain(old), now.head()))
}
