//! Going back: what the records of an environment say about its versions, which version to go back
//! to, what a success leaves behind, and which version is not deployed again without being asked for.
//!
//! Records are those of one environment, in any order. A version is as good as its newest deployment
//! that decided something: an old success is no proof of a version that was taken back since.

mod check;
mod dialect;
mod redeploy;
mod select;
mod standing;
mod survey;
mod target;

pub use check::check;
pub use redeploy::{half_migrated, held, left_behind, returns};
pub use select::{Candidate, Current, Refused, RollbackFacts, Selection, Unfit, select};
pub use standing::{Standing, last_known_good, standing};
pub use survey::{RollbackSurvey, survey, survey_of};
pub use target::{RejectedVersion, RollbackTarget, RollbackTargetParts, SelectionCriteria};

#[cfg(test)]
mod tests;
