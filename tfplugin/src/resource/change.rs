//! A plan in the making, as an author's `plan` sees it.

use std::sync::Arc;

use super::Resource;
use super::answer::stored;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::model::{Attr, Draft as _, Trail};
use crate::path::Path;
use crate::plan;
use crate::schema::{Block, Schema};
use crate::value::Value;

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
///
/// Beside single fields of `planned`, all that the provider computes can be planned at once:
/// [`keep_computed`](Self::keep_computed), [`reopen_computed`](Self::reopen_computed),
/// [`plan_computed`](Self::plan_computed). Each leaves alone what the configuration sets, and what
/// has a default.
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
    values: Values,
    changed: bool,
    replace: Vec<Path>,
    warnings: Diagnostics,
}

/// What the drafts were read from.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) schema: Arc<Schema>,
    pub(super) config: Value,
    pub(super) planned: Value,
}

impl<R: Resource> Change<R> {
    /// The change of `prior` that `values` are; else what is wrong with either.
    pub(super) fn new(
        kind: ChangeKind,
        prior: &Value,
        values: Values,
        changed: bool,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::new();
        let prior = if prior.is_null() { None } else { stored::<R>(prior, &mut problems) };
        let config = R::Draft::read(&values.config, &Trail::ROOT, &mut problems);
        let planned = R::Draft::read(&values.planned, &Trail::ROOT, &mut problems);
        if problems.has_errors() {
            return Err(problems);
        }
        let (replace, warnings) = (Vec::new(), Diagnostics::new());
        Ok(Self { config, prior, planned, kind, values, changed, replace, warnings })
    }

    /// What applying would do.
    pub const fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// Whether the object stays exactly as it is.
    pub fn is_noop(&self) -> bool {
        self.kind == ChangeKind::Update && !self.changed && !self.planned.touched()
    }

    /// Plans every computed value as it is: what applying does, it does not concern them.
    ///
    /// What the object does not have yet stays as planned so far.
    pub fn keep_computed(&mut self) {
        if let Some(prior) = self.prior.as_ref().map(R::encode) {
            self.revise(|block, config, planned| {
                plan::computed_from(block, &prior, config, planned);
            });
        }
    }

    /// Plans every computed value as not known before apply, apart from the attributes in `except`:
    /// what applying does, it makes them anew.
    pub fn reopen_computed(&mut self, except: impl IntoIterator<Item = Attr>) {
        let except: Vec<&str> = except.into_iter().map(Attr::name).collect();
        self.revise(|block, config, planned| {
            let before = planned.clone();
            plan::computed_unknown(block, config, planned);
            if let Value::Map(fields) = planned {
                let kept = except.iter().filter_map(|name| Some((*name, before.get(name)?)));
                fields.extend(kept.map(|(name, value)| (name.to_owned(), value.clone())));
            }
        });
    }

    /// Plans every computed value that `known` knows as it is there; the others stay as planned so
    /// far, as do arguments.
    pub fn plan_computed(&mut self, known: &R) {
        let known = known.encode();
        self.revise(|block, config, planned| plan::computed_from(block, &known, config, planned));
    }

    /// Says that the change at `path` needs another object in place of this one.
    pub fn requires_replace(&mut self, path: impl Into<Path>) {
        self.replace.push(path.into());
    }

    /// Shows a warning; an error given here is shown as a warning too.
    pub fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    /// Takes over what was set, goes on from there by value, and reads the draft anew.
    fn revise(&mut self, step: impl FnOnce(&Block, &Value, &mut Value)) {
        let mut planned = self.values.planned.clone();
        self.planned.overlay(&mut planned);
        step(&self.values.schema.block, &self.values.config, &mut planned);
        self.changed |= planned != self.values.planned;
        // What a draft or a model encodes, a draft reads: there is nothing to report.
        self.planned = R::Draft::read(&planned, &Trail::ROOT, &mut Diagnostics::new());
        self.values.planned = planned;
    }

    /// The values with what was set, where another object is asked for, and warnings.
    pub(super) fn finish(mut self) -> (Values, Vec<Path>, Diagnostics) {
        self.planned.overlay(&mut self.values.planned);
        (self.values, self.replace, self.warnings)
    }
}
