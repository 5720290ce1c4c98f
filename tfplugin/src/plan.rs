//! The plan engine: pure functions over a schema and values, in one fixed order.
//!
//! [`propose`]: the host's merge of configuration and prior state → what is computed and not set is
//! kept → defaults where the configuration
//! gives nothing → write-only arguments to null → if anything changed, what the provider computes is
//! unknown → except what never changes for this object. Then the author's `plan` runs. [`finish`]:
//! replacement by comparison with the prior state → the identity may not change → the result is
//! checked against the rules that the host will apply.
//!
//! The order is not the author's to choose. Comparing for replacement comes after keeping state:
//! else every computed argument that is not set would replace the object.

use crate::diagnostics::Diagnostics;
use crate::path::Path;
use crate::schema::{Block, IdentitySchema};
use crate::value::Value;

mod align;
mod applied;
mod check;
mod fill;
mod identity;
mod presence;
mod replace;
mod same;

pub(crate) use applied::{applied, settle};
pub(crate) use fill::{computed_from, computed_unknown, defaults, only_arguments, write_only_from};
pub(crate) use identity::{identity_changes, identity_of};
pub(crate) use presence::presence;
pub(crate) use same::same;

/// What the engine makes of a request before the author sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The object as planned so far.
    pub planned: Value,
    /// Whether it differs from the prior state.
    pub changed: bool,
}

/// What the plan will be unless the author says more. `config` is not null.
#[must_use]
pub fn propose(block: &Block, prior: &Value, config: &Value, proposed: Value) -> Proposal {
    let mut planned = proposed;
    fill::unset_keeps_prior(block, prior, config, &mut planned);
    defaults(block, config, &mut planned);
    fill::write_only_null(block, &mut planned);
    let changed = planned != *prior;
    if changed {
        computed_unknown(block, config, &mut planned);
        fill::keep_state(block, prior, config, &mut planned);
    }
    Proposal { planned, changed }
}

/// A plan that the author has seen.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// Null in a create.
    pub prior: &'a Value,
    /// As configured.
    pub config: &'a Value,
    /// As planned.
    pub planned: &'a Value,
    /// As stored; null where none is.
    pub prior_identity: &'a Value,
}

/// What remains to be said about a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Sorted and unique.
    pub requires_replace: Vec<Path>,
    /// Null where the resource has none.
    pub identity: Value,
    /// What is wrong with the plan.
    pub diagnostics: Diagnostics,
}

/// Completes a plan: `asked` are the paths for which the author wants another object.
#[must_use]
pub fn finish(
    block: &Block,
    identity_schema: Option<&IdentitySchema>,
    plan: Settled<'_>,
    asked: Vec<Path>,
) -> Outcome {
    let mut diagnostics = Diagnostics::new();
    let requires_replace = replace::paths(block, plan, asked, &mut diagnostics);
    let identity = identity_of(identity_schema, plan.planned);
    if requires_replace.is_empty() && !plan.prior.is_null() {
        let known = identity::stored_or_built(identity_schema, plan);
        identity_changes(&known, &identity, &mut diagnostics);
    }
    check::planned(block, plan, &mut diagnostics);
    // OpenTofu 1.12 cannot store a planned identity that is not known; none at all is as good.
    let identity = if identity.is_wholly_known() { identity } else { Value::Null };
    Outcome { requires_replace, identity, diagnostics }
}
