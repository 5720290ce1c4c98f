//! What is said of registrations that are not what the state says.

use pipeline_core::Timestamp;
use pipeline_core::environment::{EnvironmentRecord, RegistrationRefused};
use tfplugin::{Diagnostic, Diagnostics, Path};

use crate::error;
use crate::resources::Environment;

/// Why a plan cannot register the environment.
pub(crate) fn refused(why: RegistrationRefused) -> Diagnostics {
    match why {
        RegistrationRefused::Violations(found) => error::all(&found, &Path::root()),
        RegistrationRefused::Displaced { seen: None, found: Some(record) } => registered(&record),
        RegistrationRefused::Displaced { seen, found } => displaced(seen, found.as_deref()),
        _ => Diagnostic::error(Path::root(), "The environment cannot be registered", "").into(),
    }
}

fn registered(record: &EnvironmentRecord) -> Diagnostics {
    Diagnostic::error(
        Environment::NAME,
        "The environment is registered already",
        format!(
            "Found the registration of \"{}\" by {} at {}; expected none, because this configuration does \
             not know it. Next: import it by its name, or remove the resource here.",
            record.environment.name, record.registered_by, record.registered_at
        ),
    )
    .into()
}

/// Somebody registered or changed the environment since the plan.
pub(crate) fn displaced(seen: Option<Timestamp>, found: Option<&EnvironmentRecord>) -> Diagnostics {
    let told = |at: Option<Timestamp>| {
        at.map_or_else(|| "no registration".to_owned(), |at| format!("a registration of {at}"))
    };
    Diagnostic::error(
        Environment::NAME,
        "Somebody else registered the environment first",
        format!(
            "Found {}; expected {}, as the plan saw it. Nothing was overwritten. Next: plan again{}.",
            told(found.map(EnvironmentRecord::written_at)),
            told(seen),
            if seen.is_none() { ", or import the environment by its name" } else { "" }
        ),
    )
    .into()
}

pub(crate) fn changed_outside(record: &EnvironmentRecord) -> Diagnostic {
    Diagnostic::warning(
        Environment::NAME,
        "The environment was changed outside this configuration",
        format!(
            "Found the registration of {} by {}; expected the one that this configuration made. Next: apply \
             puts this configuration's values back.",
            record.written_at(),
            record.registered_by
        ),
    )
}
