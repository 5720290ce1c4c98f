//! The table.

mod failures;
mod interruptions;
mod refusals;
mod strangers;
mod successes;

use crate::case::Case;

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    let tables = [
        successes::cases(),
        failures::cases(),
        refusals::cases(),
        strangers::cases(),
        interruptions::cases(),
    ];
    tables.into_iter().flatten().collect()
}
