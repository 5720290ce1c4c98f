//! What is answered in an author's place: defaults of the trait, and problems the author cannot see.

use std::fmt::Display;

use super::Resource;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::guard::bug;
use crate::model::{Model, Trail};
use crate::path::Path;
use crate::plan;
use crate::value::Value;

/// The update of an immutable resource: only settings changed, and what is open stays as it was.
pub(super) fn keep_settings<R: Resource>(planned: &R, prior: &R) -> Result<R, Diagnostics> {
    if !R::IMMUTABLE {
        let text =
            format!("`{}` was to be changed in place, which it does not implement.", R::NAME);
        return Err(bug(Path::root(), text).into());
    }
    let mut state = planned.encode();
    plan::settle(&mut state, &prior.encode());
    let mut problems = Diagnostics::new();
    R::decode(&state, &Trail::ROOT, &mut problems).ok_or(problems)
}

/// The removal of an object that is neither removed nor forgotten.
pub(super) fn cannot_delete(name: &str) -> Diagnostic {
    bug(Path::root(), format!("`{name}` was to be removed, which it does not implement."))
}

/// An object of a resource that cannot be imported.
pub(super) fn cannot_import(name: &str) -> Diagnostic {
    Diagnostic::error(
        Path::root(),
        "Resource cannot be imported",
        format!(
            "`{name}` has no import: what exists already cannot be taken over. Remove the `import` block, and \
             declare the resource to make one."
        ),
    )
}

/// State of a version that nobody can read any more.
pub(super) fn cannot_upgrade(name: &str, stored: i64, current: i64) -> Diagnostic {
    Diagnostic::error(
        Path::root(),
        "State cannot be upgraded",
        format!(
            "The stored state of this `{name}` has schema version {stored}, and this provider \
             reads only version {current}. Apply once with a provider release in between, or remove \
             the object from the state and import it again."
        ),
    )
}

/// State that is not readable at all.
pub(super) fn unreadable_state(name: &str, reason: impl Display) -> Diagnostic {
    Diagnostic::error(
        Path::root(),
        "Stored state cannot be read",
        format!(
            "The stored state of this `{name}` is not what any release of this provider wrote: \
             {reason}. Restore a backup of the state, or remove the object from it and import it \
             again."
        ),
    )
}

/// No configured provider.
pub(crate) fn not_configured(name: &str) -> Diagnostic {
    Diagnostic::error(
        Path::root(),
        "Provider is not configured",
        format!(
            "`{name}` needs its provider, which has not been configured in this run. Check the \
             `provider` block and the messages about it."
        ),
    )
}

/// The model of stored state.
pub(super) fn stored<M: Model>(state: &Value, out: &mut Diagnostics) -> Option<M> {
    let mut problems = Diagnostics::new();
    let model = M::decode(state, &Trail::ROOT, &mut problems);
    out.extend(problems.into_iter().map(|problem| Diagnostic {
        severity: Severity::Error,
        summary: "Stored state does not fit".to_owned(),
        detail: format!(
            "At `{}` of the stored state: {} The state may come from another release of the \
             provider.",
            problem.path, problem.detail
        ),
        path: problem.path,
    }));
    model
}
