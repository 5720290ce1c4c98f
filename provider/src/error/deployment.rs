//! What became of a deployment that was no success, and what is said of one that is imported or forgotten. What the
//! ledger could not do is told as everywhere.

use pipeline_core::EnvironmentName;
use pipeline_core::base::cause::in_full;
use pipeline_core::base::violation::quoted;
use pipeline_core::deployment::deployer::Report;
use pipeline_core::deployment::engine::{Back, Outcome, Refusal, Unwritten, Verdict};
use pipeline_core::deployment::{Deployment as Record, Scope};
use pipeline_core::run::junit::ReportsError;
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::told::Told;
use super::{all, ledger};
use crate::resources::Deployment;

/// Everything but a success, blamed on `path`, where it is not about the whole block.
#[must_use]
pub fn not_deployed(
    report: &Report,
    environment: &EnvironmentName,
    path: impl Into<Path>,
) -> Diagnostics {
    let id = report.deployment.as_ref().map_or_else(String::new, |d| format!(" ({})", d.id));
    let stays =
        format!("The record{id} says so; the tag of \"{environment}\" did not move (DEP009).");
    let ended = |outcome: &Outcome, back: &Back| {
        let message = outcome.error_message().unwrap_or_default();
        format!("Found that {message}. {}{stays}", put_back(back, report.deployment.as_ref()))
    };
    let (summary, detail) = match &report.verdict {
        Verdict::Refused(Refusal::Forbidden(violations)) => return all(violations, &Path::root()),
        Verdict::Refused(Refusal::Unclaimed(Unwritten::Ledger(error))) => {
            return ledger(error, &Path::root());
        }
        Verdict::Recorded(Outcome::Succeeded { .. }) => {
            ("The deployment left no record", "Next: look at the ledger.".to_owned())
        }
        Verdict::Recorded(outcome @ Outcome::Failed { reason, back, .. }) => {
            let next = advice(reason.unwritten(), "Next: mend the cause and apply again.");
            ("The deployment failed", format!("{} {next}", ended(outcome, back)))
        }
        Verdict::Recorded(outcome @ Outcome::Cancelled { back, .. }) => (
            "The deployment was cancelled",
            format!("{} Next: apply again when you want it.", ended(outcome, back)),
        ),
        Verdict::Refused(Refusal::Unclaimed(why)) => (
            "The environment could not be claimed",
            format!("Found that {}. Nothing was deployed. Next: apply again.", in_full(why)),
        ),
        Verdict::Refused(Refusal::OutOfTime { waited }) => (
            "The deployment found no place in the queue in time",
            format!(
                "Found that others changed the queue of \"{environment}\" each time it was to enter, for the {} s \
                 that it may wait; expected a place in the queue. Nothing was deployed. Next: raise \
                 `wait_timeout`, or apply again.",
                waited.as_secs()
            ),
        ),
        Verdict::Refused(Refusal::Stopped) => (
            "The deployment did not start",
            "Found that the run was interrupted before anything began. Nothing was deployed."
                .to_owned(),
        ),
        Verdict::Unknown { reason, resolution } => {
            let next = "Next: plan again; the next read shows what is there.";
            let next = advice(reason.unwritten(), next);
            let found = reason.with(resolution.as_ref());
            ("Whether the deployment succeeded is not known", format!("Found that {found}. {next}"))
        }
    };
    Diagnostic::error(path, summary, detail).into()
}

/// What to do: as for anybody else who meets with the same, else `plain`.
fn advice(unwritten: Option<&Unwritten>, plain: &str) -> String {
    let Some(Unwritten::Ledger(error)) = unwritten else { return plain.to_owned() };
    let told = Told::of(error);
    let next = if told.next.is_empty() { plain } else { told.next };
    format!("{next}\n\n{}", told.exhausted()).trim_end().to_owned()
}

/// What runs again, where something was put back.
fn put_back(back: &Back, record: Option<&Record>) -> String {
    let version = record.and_then(|record| record.progress.rolled_back_to());
    match (back, version) {
        (Back::Restored, Some(version)) => format!("{version} runs again. "),
        (Back::Restored, None) => "What ran before runs again. ".to_owned(),
        _ => String::new(),
    }
}

pub(crate) fn kept(deployment: &Deployment) -> Diagnostic {
    Diagnostic::warning(
        Deployment::ENVIRONMENT,
        "The deployment stays in git",
        format!(
            "\"{}\" still runs {}: Terraform forgets the deployment, and git keeps its record and the \
             environment's tag. Next: nothing; deploy another version to replace it.",
            *deployment.environment, *deployment.version
        ),
    )
}

pub(crate) fn never_deployed(scope: &Scope) -> Diagnostics {
    let Scope { environment, sub_project_path: project, .. } = scope;
    Diagnostic::error(
        Deployment::ENVIRONMENT,
        "There is no such deployment",
        format!(
            "Found no successful deployment of sub-project \"{project}\" to \"{environment}\"; expected one \
             to import. Next: check the ID, which is `<environment>[/<sub-project path>][@<region>]`."
        ),
    )
    .into()
}

/// Reports that lay there before the tests ran.
pub(crate) fn old_reports(count: usize) -> Diagnostic {
    let detail = format!(
        "Found {count} files of the pattern that lay there before the tests ran and that they did not write again; \
         expected reports of these tests alone. They are not counted. Next: remove old reports before an apply, or \
         let the pattern match those of these tests."
    );
    let at = Path::from(Deployment::TESTS).attribute("junit");
    Diagnostic::warning(at, "Old test reports do not count", detail)
}

/// A pattern of reports that became known late, and means nothing here.
pub(crate) fn no_reports(why: &ReportsError) -> Diagnostics {
    let detail = format!(
        "Found that {why}. Nothing was deployed. Next: write a pattern from the root of the repository."
    );
    let at = Path::from(Deployment::TESTS).attribute("junit");
    Diagnostic::error(at, "The test reports cannot be found", detail).into()
}

pub(crate) fn not_set(name: &str) -> Diagnostics {
    let detail = format!(
        "Found no variable {} in the environment of this run; expected one to pass on. Nothing was deployed. Next: \
         set it where Terraform runs, or take it out of `pass_environment`.",
        quoted(name)
    );
    Diagnostic::error(Deployment::PASS_ENVIRONMENT, "A variable to pass on is not set", detail)
        .into()
}
