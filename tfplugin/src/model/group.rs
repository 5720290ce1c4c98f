//! Arguments that depend on each other: exactly one of them, at least one, or not together.

use crate::diagnostics::Diagnostics;
use crate::path::{Path, Step};

/// How the members of a group relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// One member is set, and no other.
    ExactlyOneOf,
    /// One or more members are set.
    AtLeastOneOf,
    /// No two members are set.
    Conflicts,
}

/// One member of a group, and whether it is set.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    path: &'a Path,
    standing: Standing,
}

/// Whether a member is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Set,
    Unset,
    /// Not known yet: it may turn out null.
    Open,
}

impl<'a> Member<'a> {
    pub(super) const fn new(path: &'a Path, standing: Standing) -> Self {
        Self { path, standing }
    }

    fn name(&self) -> &str {
        match self.path.steps().last() {
            Some(Step::Attribute(name)) => name,
            _ => "",
        }
    }
}

impl Group {
    /// Reports a violation; what is not known yet violates nothing.
    pub fn check(self, members: &[Member<'_>], out: &mut Diagnostics) {
        let set: Vec<_> = members.iter().filter(|m| m.standing == Standing::Set).collect();
        let open = members.iter().any(|m| m.standing == Standing::Open);
        let names = names(members);
        if set.is_empty() && !open && self != Self::Conflicts {
            let wanted = if self == Self::ExactlyOneOf { "Exactly one" } else { "At least one" };
            out.error(
                parent(members),
                "Missing argument",
                format!("None of {names} is set. {wanted} of them must be: set one."),
            );
        }
        if let (false, [_, second, ..]) = (self == Self::AtLeastOneOf, set.as_slice()) {
            out.error(
                second.path.clone(),
                "Conflicting arguments",
                format!(
                    "`{}` and `{}` are both set, but of {names} only one may be. Remove the other.",
                    set[0].name(),
                    second.name()
                ),
            );
        }
    }
}

fn names(members: &[Member<'_>]) -> String {
    let names: Vec<String> = members.iter().map(|member| format!("`{}`", member.name())).collect();
    names.join(", ")
}

/// The object that the members are in.
fn parent(members: &[Member<'_>]) -> Path {
    let steps = members.first().map_or(&[][..], |member| member.path.steps());
    steps.iter().take(steps.len().saturating_sub(1)).cloned().collect()
}
