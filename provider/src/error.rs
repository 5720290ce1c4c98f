//! From the domain's errors to diagnostics: the only file that words them for Terraform.
//!
//! The domain says rule, found, expected and next; here comes the attribute path. Nothing is decided
//! here.

use pipeline_core::model::violation::{FieldPath, Step, Violation, Violations};
use tfplugin::{Diagnostic, Diagnostics, Path};

/// One violation as a diagnostic, its path below `prefix`.
#[must_use]
pub fn violation_under(violation: &Violation, prefix: &Path) -> Diagnostic {
    let rule = violation.rule.rule();
    let summary = format!("{} rule {} does not hold", rule.entity, rule.id);
    let detail = format!(
        "Found {}; expected {}. {}\n\n{}: {}",
        violation.found, violation.expected, violation.next, rule.id, rule.statement
    );
    let path = prefix.clone().join(&path(&violation.at));
    if violation.is_warning() {
        Diagnostic::warning(path, summary, detail)
    } else {
        Diagnostic::error(path, summary, detail)
    }
}

/// All violations, each at its own path below `prefix`.
#[must_use]
pub fn violations(violations: &Violations, prefix: &Path) -> Diagnostics {
    all(violations.iter(), prefix)
}

/// All violations, all at one attribute: for values that are one attribute in HCL.
#[must_use]
pub fn violations_at(violations: &Violations, path: Path) -> Diagnostics {
    let at = |violation: &Violation| Diagnostic { path: path.clone(), ..violation_under(violation, &path) };
    let mut out = Diagnostics::new();
    out.extend(violations.iter().map(at));
    out
}

/// Some violations, perhaps none, each at its own path below `prefix`.
pub fn all<'a>(violations: impl IntoIterator<Item = &'a Violation>, prefix: &Path) -> Diagnostics {
    let mut out = Diagnostics::new();
    out.extend(violations.into_iter().map(|violation| violation_under(violation, prefix)));
    out
}

/// The domain's field path as an attribute path: the names are the same.
fn path(at: &FieldPath) -> Path {
    let step = |path: Path, step: &Step| match step {
        Step::Field(name) => path.attribute(name.clone()),
        Step::Index(index) => path.index(i64::try_from(*index).unwrap_or(i64::MAX)),
        Step::Key(key) => path.key(key.clone()),
    };
    at.steps().iter().fold(Path::root(), step)
}
