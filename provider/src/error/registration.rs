//! What is said of registrations that are not what the state says, of whatever kind.

use pipeline_core::Timestamp;
use pipeline_core::base::suggest::did_you_mean_or;
use pipeline_core::base::violation::quoted;
use pipeline_core::registration::{Registered, Registrable, RegistrationRefused};
use tfplugin::{Attr, Diagnostic, Diagnostics, Path};

use crate::error;

/// Why a thing cannot be registered. `named_by` is the attribute that names it.
pub(crate) fn refused<T: Registrable>(why: RegistrationRefused<T>, named_by: Attr) -> Diagnostics {
    match why {
        // Warnings are told apart.
        RegistrationRefused::Violations(found) => {
            error::all(found.iter().filter(|it| !it.is_warning()), &Path::root())
        }
        RegistrationRefused::Displaced { seen: None, found: Some(record) } => {
            registered(&record, named_by)
        }
        RegistrationRefused::Displaced { seen, found } => {
            displaced(seen, found.as_deref(), named_by)
        }
        _ => {
            let summary = format!("The {} cannot be registered", T::KIND);
            Diagnostic::error(Path::root(), summary, "").into()
        }
    }
}

fn registered<T: Registrable>(record: &Registered<T>, named_by: Attr) -> Diagnostics {
    let key = T::shown(&record.what.key());
    Diagnostic::error(
        named_by,
        format!("The {} is registered already", T::KIND),
        format!(
            "Found the registration of \"{key}\" by {} at {}; expected none, because this configuration does \
             not know it. Next: import it as `{key}`, or remove the resource here.",
            record.registered_by, record.registered_at
        ),
    )
    .into()
}

/// Somebody registered or changed the thing since the plan.
fn displaced<T: Registrable>(
    seen: Option<Timestamp>,
    found: Option<&Registered<T>>,
    named_by: Attr,
) -> Diagnostics {
    let told = |at: Option<Timestamp>| {
        at.map_or_else(|| "no registration".to_owned(), |at| format!("a registration of {at}"))
    };
    Diagnostic::error(
        named_by,
        format!("Somebody else registered the {} first", T::KIND),
        format!(
            "Found {}; expected {}, as the plan saw it. Nothing was overwritten. Next: plan again.",
            told(found.map(Registered::written_at)),
            told(seen),
        ),
    )
    .into()
}

/// Somebody else changed what this configuration registered.
pub(crate) fn changed_outside<T: Registrable>(
    record: &Registered<T>,
    named_by: Attr,
) -> Diagnostic {
    let next = match record.what.is_over() {
        true => {
            "write what is on record in the configuration; it is over, and does not change any more"
        }
        false => "apply puts this configuration's values back",
    };
    Diagnostic::warning(
        named_by,
        format!("The {} was changed outside this configuration", T::KIND),
        format!(
            "Found the registration of {} by {}; expected the one that this configuration made. Next: {next}.",
            record.written_at(),
            record.registered_by
        ),
    )
}

/// Another resource of the same configuration registers the same thing.
pub(crate) fn made_twice<T: Registrable>(what: &T, named_by: Attr) -> Diagnostics {
    let key = T::shown(&what.key());
    Diagnostic::error(
        named_by,
        format!("Two resources are the same {}", T::KIND),
        format!(
            "Found another resource of this configuration that registers \"{key}\"; expected one. Next: remove \
             one of them, or name another thing in it."
        ),
    )
    .into()
}

/// A thing would change whose record was removed when its time was over.
pub(crate) fn cleaned_up<T: Registrable>(what: &T, named_by: Attr) -> Diagnostics {
    let key = T::shown(&what.key());
    Diagnostic::error(
        named_by,
        format!("The record of the {} was cleaned up", T::KIND),
        format!(
            "Found a change of \"{key}\", whose record is gone because it was kept long enough; expected it as it \
             was, because it is over. Next: undo the change, or let Terraform forget it with a `removed` block."
        ),
    )
    .into()
}

/// There is nothing of that key to import; names what is near among those that are `known`.
pub(crate) fn not_registered<T: Registrable>(
    key: &str,
    known: &[String],
    named_by: Attr,
) -> Diagnostics {
    let otherwise = || "Next: register it by applying the resource.".to_owned();
    let next = did_you_mean_or(key, known.iter().map(String::as_str), otherwise);
    Diagnostic::error(
        named_by,
        format!("No such {} is registered", T::KIND),
        format!("Found no registration of {}; expected one to import. {next}", quoted(key)),
    )
    .into()
}
