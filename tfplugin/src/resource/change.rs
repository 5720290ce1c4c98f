//! A plan in the making, as an author's `plan` sees it.

use super::Resource;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::model::Draft as _;
use crate::path::Path;

/// What applying the plan would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Make an object.
    Create,
    /// Change an object in place, or replace it; also where nothing changes.
    Update,
    /// Remove an object.
    Delete,
}

/// A plan in the making: defaults are filled in, and what is not known before apply is unknown.
#[derive(Debug)]
pub struct Change<R: Resource> {
    /// As configured. All null in a delete.
    pub config: R::Draft,
    /// The object as it is. Absent in a create.
    pub prior: Option<R>,
    /// What the object will be; computed fields may be set to what is known already. All null in a
    /// delete.
    pub planned: R::Draft,
    kind: ChangeKind,
    changed: bool,
    replace: Vec<Path>,
    warnings: Diagnostics,
}

impl<R: Resource> Change<R> {
    pub(crate) fn new(
        kind: ChangeKind,
        config: R::Draft,
        prior: Option<R>,
        planned: R::Draft,
        changed: bool,
    ) -> Self {
        let (replace, warnings) = (Vec::new(), Diagnostics::new());
        Self { config, prior, planned, kind, changed, replace, warnings }
    }

    /// What applying would do.
    pub const fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// Whether the object stays exactly as it is.
    pub fn is_noop(&self) -> bool {
        self.kind == ChangeKind::Update && !self.changed && !self.planned.touched()
    }

    /// Says that the change at `path` needs another object in place of this one.
    pub fn requires_replace(&mut self, path: impl Into<Path>) {
        self.replace.push(path.into());
    }

    /// Shows a warning; an error given here is shown as a warning too.
    pub fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    pub(crate) fn finish(self) -> (R::Draft, Vec<Path>, Diagnostics) {
        (self.planned, self.replace, self.warnings)
    }
}
