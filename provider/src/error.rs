//! From the domain's errors to diagnostics: the only room that words them for Terraform.
//!
//! The domain says rule, found, expected and next; here comes the attribute path. Nothing is decided
//! here.

pub(crate) mod artifact;
pub(crate) mod blank;
pub(crate) mod deployment;
pub(crate) mod drift;
pub(crate) mod lock;
pub(crate) mod registration;
pub(crate) mod revision;
pub(crate) mod stacks;
pub(crate) mod tag;
#[cfg(test)]
mod tests;
mod told;

pub use deployment::not_deployed;
use pipeline_aws::s3::{S3Error, StoreError};
use pipeline_core::base::violation::{FieldPath, Step, Violation, Violations};
use pipeline_core::git::GitError;
use pipeline_core::ledger::{LedgerError, Unreadable};
use pipeline_core::{Override, RuleId};
use tfplugin::{Diagnostic, Diagnostics, Path};
use told::Told;

/// One violation as a diagnostic, its path below `prefix`.
#[must_use]
pub fn violation_under(violation: &Violation, prefix: &Path) -> Diagnostic {
    let rule = violation.rule.rule();
    let summary = format!("{} violates {}: {}", rule.entity, rule.id, rule.title);
    let mut told = violation.clone();
    // A question is answered by the name that it asks for.
    if !told.next.ends_with('?') {
        told.next.push_str(in_terraform(violation));
    }
    let detail = format!("{told:#}");
    let path = match rule.id {
        // Settings are those of the provider block, which no resource's attribute is.
        RuleId::OWN043 => Path::root(),
        _ => prefix.clone().join(&path(&violation.at)),
    };
    if violation.is_warning() {
        Diagnostic::warning(path, summary, detail)
    } else {
        Diagnostic::error(path, summary, detail)
    }
}

/// A rule that an override lifts, at the attribute that breaks it.
#[must_use]
pub fn lifted(violation: &Violation, by: &Override) -> Diagnostic {
    let Violation { rule, found, expected, .. } = violation;
    Diagnostic::warning(
        path(&violation.at),
        format!("The override lifts {rule}"),
        format!(
            "Found {found}; expected {expected}. `{}` answers for it: {}. The audit log will keep it. Next: \
             apply it only if that is meant; remove `override` from the provider block afterwards.",
            by.approved_by(),
            by.reason()
        ),
    )
}

/// A rollback by hand, which needs no CI.
#[must_use]
pub fn returns(violation: &Violation) -> Diagnostic {
    let Violation { rule, found, expected, .. } = violation;
    Diagnostic::warning(
        path(&violation.at),
        format!("A rollback by hand ({rule})"),
        format!(
            "Found {found}; expected {expected}. This version ran there before, so that it may go back by \
             hand. The audit log will keep it. Next: apply it only if that is meant."
        ),
    )
}

/// A rule that forbids an apply now, and not one later: it would be refused, or, where the deployment `waits`, wait.
#[must_use]
pub fn too_early(violation: &Violation, waits: bool) -> Diagnostic {
    let Violation { rule, found, expected, next, .. } = violation;
    let (what, or) = if waits {
        (
            "wait in the queue",
            " Or apply it now: it waits for that by itself, up to `wait_timeout`.",
        )
    } else {
        ("be refused now", "")
    };
    Diagnostic::warning(
        path(&violation.at),
        format!("An apply would {what} ({rule})"),
        format!(
            "Found {found}; expected {expected}. Next: {next}{or}\n\n{rule}: {}",
            rule.rule().statement
        ),
    )
}

/// Which resource does what the domain advises to do.
fn in_terraform(violation: &Violation) -> &'static str {
    match violation.rule {
        RuleId::DEP007 | RuleId::XEN002 => " A `pipeline_version_tag` creates it.",
        RuleId::DEP021 | RuleId::SEC010 => " A `pipeline_environment` does that.",
        RuleId::POL001 | RuleId::POL002 => {
            " A `pipeline_approval` of each person says what they decide."
        }
        RuleId::OWN057 => " A `pipeline_deployment` with that import ID does it.",
        // An environment whose policy is to change has no such argument.
        RuleId::BUS001 if violation.at.is_root() => " `on_busy = \"wait\"` waits for it.",
        RuleId::ENV026 => " `region` in the provider block's `aws` sets the region.",
        RuleId::CFG005 => " `assume_role` in the provider block's `aws` names the role.",
        RuleId::TAG009 | RuleId::TAG011 | RuleId::SCY003 | RuleId::OWN006 => {
            " That override is `override` in the provider block."
        }
        _ => "",
    }
}

/// All violations, each at its own path below `prefix`.
#[must_use]
pub fn violations(violations: &Violations, prefix: &Path) -> Diagnostics {
    all(violations.iter(), prefix)
}

/// All violations, all at one attribute: for values that are one attribute in HCL.
#[must_use]
pub fn violations_at(violations: &Violations, path: impl Into<Path>) -> Diagnostics {
    let path = path.into();
    let at = |violation: &Violation| Diagnostic {
        path: path.clone(),
        ..violation_under(violation, &path)
    };
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

/// Nothing where no rule is broken.
///
/// # Errors
/// The broken rule, blamed on `path`.
pub fn refuse(broken: Option<Violation>, path: impl Into<Path>) -> Result<(), Diagnostics> {
    broken.map_or(Ok(()), |broken| Err(violations_at(&broken.into(), path)))
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

/// An error of the domain or of an adapter that can be told as diagnostics.
pub trait Blamable {
    /// What Terraform shows, blamed on `path`.
    fn blamed_on(&self, path: &Path) -> Diagnostics;
}

impl Blamable for Violations {
    fn blamed_on(&self, path: &Path) -> Diagnostics {
        violations_at(self, path.clone())
    }
}

impl Blamable for Vec<Violation> {
    fn blamed_on(&self, path: &Path) -> Diagnostics {
        all(self, path)
    }
}

impl Blamable for GitError {
    fn blamed_on(&self, path: &Path) -> Diagnostics {
        git(self, path)
    }
}

impl Blamable for LedgerError {
    fn blamed_on(&self, path: &Path) -> Diagnostics {
        ledger(self, path)
    }
}

impl Blamable for S3Error {
    fn blamed_on(&self, path: &Path) -> Diagnostics {
        s3(self, path.clone())
    }
}

/// Says which attribute an error is about.
pub trait Blame<T> {
    /// Blames `path`: all violations of one value at once, each of several below it.
    ///
    /// # Errors
    /// The same error, as diagnostics.
    fn blame(self, path: impl Into<Path>) -> Result<T, Diagnostics>;
}

impl<T, E: Blamable> Blame<T> for Result<T, E> {
    fn blame(self, path: impl Into<Path>) -> Result<T, Diagnostics> {
        self.map_err(|error| error.blamed_on(&path.into()))
    }
}

/// The warnings among `violations`, handed to `warn`.
///
/// # Errors
/// The errors among them, all at once.
pub fn settle(
    violations: &[Violation],
    mut warn: impl FnMut(Diagnostic),
) -> Result<(), Diagnostics> {
    let (warnings, errors): (Vec<_>, Vec<_>) = violations.iter().partition(|v| v.is_warning());
    for warning in warnings {
        warn(violation_under(warning, &Path::root()));
    }
    if errors.is_empty() { Ok(()) } else { Err(all(errors, &Path::root())) }
}

/// What git could not do, blamed on `path`.
#[must_use]
pub fn git(error: &GitError, path: &Path) -> Diagnostics {
    ledger(&error.clone().into(), path)
}

/// What the ledger could not do, blamed on `path`; what a transaction met with, on the whole block.
#[must_use]
pub fn ledger(error: &LedgerError, path: &Path) -> Diagnostics {
    let path = match error {
        LedgerError::Commit(_) => Path::root(),
        _ => path.clone(),
    };
    Told::of(error).at(path)
}

/// A record that a list leaves out, blamed on the attribute that would show it.
#[must_use]
pub fn unusable(path: impl Into<Path>, record: &Unreadable) -> Diagnostic {
    Diagnostic::warning(
        path,
        "A record cannot be used",
        format!(
            "Found {record}. The others are shown. Next: look at the ref; a newer provider may have written it."
        ),
    )
}

/// What S3 could not do, blamed on `path`.
#[must_use]
pub fn s3(error: &S3Error, path: impl Into<Path>) -> Diagnostics {
    let summary = match error {
        S3Error::NoBucket { .. } => "There is no such bucket",
        S3Error::OtherRegion { .. } => "The bucket is in another region",
        S3Error::Denied { .. } => "S3 denied access",
        S3Error::NoCredentials { .. } => "There are no AWS credentials",
        S3Error::NoRegion => "There is no AWS region",
        S3Error::Unsettled { .. } => "A setting of AWS cannot be followed",
        S3Error::Unreachable { .. } => "S3 did not answer",
        S3Error::Busy { .. } => "S3 was too busy",
        _ => "S3 did not do what it was asked to",
    };
    Diagnostic::error(path, summary, format!("Found that {error}. Next: {}", error.next())).into()
}

/// Why S3 did not store a file, blamed on `bucket` or on `file`.
#[must_use]
pub fn store(error: &StoreError, bucket: impl Into<Path>, file: impl Into<Path>) -> Diagnostics {
    let (path, summary) = match error {
        StoreError::S3(error) => return s3(error, bucket),
        StoreError::File { .. } | StoreError::TooLarge { .. } => {
            (file.into(), "The file cannot be uploaded")
        }
        StoreError::FileChanged => (file.into(), "The file changed while it was uploaded"),
        StoreError::Overwrites { .. } => (bucket.into(), "The store overwrites objects"),
        StoreError::Interrupted { .. } => (file.into(), "The upload was interrupted"),
        _ => (bucket.into(), "S3 does not hold what was stored"),
    };
    Diagnostic::error(path, summary, format!("Found that {error}. Next: {}", error.next())).into()
}

/// With a capital and a full stop, as other details are written. The name of a ref stays one that git knows.
fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    if text.starts_with("refs/") {
        return format!("{text}{stop}");
    }
    let mut letters = text.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{capital}{}{stop}", letters.as_str())
}
