//! What a change set would do to the resources of a stack. Pure: nothing is asked here.

use std::collections::BTreeSet;
use std::fmt;

use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Violation, quoted};

/// What a change set would do to one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceChange {
    /// The resource, by its name in the template.
    pub logical_id: String,
    /// The type of the resource.
    pub resource_type: String,
    /// What would be done.
    pub action: ResourceAction,
}

/// What would be done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceAction {
    /// It is made.
    Add,
    /// It is changed in place.
    Modify,
    /// It may be replaced: that shows only while the change goes on.
    MayReplace,
    /// It is replaced.
    Replace,
    /// It is deleted.
    Delete,
    /// It leaves the stack, and stays.
    Release,
    /// It is taken into the stack as it is.
    Import,
    /// CloudFormation says something that is not known here.
    Unknown,
}

impl ResourceAction {
    /// Whether a protected resource could be lost by it.
    #[must_use]
    pub const fn may_lose(self) -> bool {
        matches!(self, Self::MayReplace | Self::Replace | Self::Delete | Self::Unknown)
    }
}

impl fmt::Display for ResourceAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add => "add",
            Self::Modify => "change",
            Self::MayReplace => "perhaps replace",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Release => "release",
            Self::Import => "import",
            Self::Unknown => "do something unknown to",
        })
    }
}

impl fmt::Display for ResourceChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.action, self.logical_id, self.resource_type)
    }
}

/// STK002: what a change set would replace or delete of the protected resources, one violation for each, at
/// its place in the list.
#[must_use]
pub fn check_protected(protect: &[String], changes: &[ResourceChange]) -> Vec<Violation> {
    let lost = changes.iter().filter(|change| change.action.may_lose());
    let violation = |change: &ResourceChange| {
        let index = protect.iter().position(|id| *id == change.logical_id)?;
        Some(lost_at(index, format!("that the change set would {change}")))
    };
    lost.filter_map(violation).collect()
}

/// STK002: protected resources that the template does not have, so that they would be deleted.
#[must_use]
pub fn check_declared(protect: &[String], resources: &BTreeSet<String>) -> Vec<Violation> {
    let missing = protect.iter().enumerate().filter(|(_, id)| !resources.contains(*id));
    let violation = |(index, id): (usize, &String)| {
        lost_at(index, format!("no resource {} in the template", quoted(id)))
    };
    missing.map(violation).collect()
}

fn lost_at(index: usize, found: String) -> Violation {
    let expected = "protected resources that stay as they are, or change in place";
    let next = "Change the template so that it keeps the resource, or take it out of `protect` if it may be lost.";
    let at = FieldPath::root().field("protect").index(index);
    Violation::new(RuleId::STK002, found, expected, next).under(at)
}
