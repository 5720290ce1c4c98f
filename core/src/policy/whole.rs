//! Whether the policies of one environment go together.

use super::freeze::too_many;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Violation, quoted};
use crate::environment::EnvironmentParts;

/// POL003 for too many freezes, POL005 for a soak with nothing before, POL006 for an environment before itself.
pub(crate) fn faults(parts: &EnvironmentParts) -> Vec<Violation> {
    let freezes = too_many("freezes", parts.freezes.len());
    let windows = too_many("freeze_windows", parts.freeze_windows.len());
    let soak = parts.soak.as_ref().filter(|_| parts.after.is_none()).map(|soak| {
        Violation::new(
            RuleId::POL005,
            format!("`{soak}`, while no environment comes before this one"),
            "`soak` beside `after`",
            "Name the environments in which a version runs that long in `after`, or leave `soak` out.",
        )
        .under("soak")
    });
    let names = parts.after.iter().flat_map(|after| after.environments()).enumerate();
    let itself = names.filter(|(_, name)| **name == parts.name).map(|(index, name)| {
        Violation::new(
            RuleId::POL006,
            format!("{}, which is this environment itself", quoted(name.as_str())),
            "another environment",
            "Name the environments that come before this one.",
        )
        .under(FieldPath::from("after").field("environments").index(index))
    });
    freezes.into_iter().chain(windows).chain(soak).chain(itself).collect()
}
