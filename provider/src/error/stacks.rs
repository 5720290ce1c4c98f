//! What is said of the stacks of a deployment, apart from broken rules.

use pipeline_aws::fault::Fault;
use pipeline_core::DeploymentId;
use pipeline_core::base::cause::visible;
use pipeline_core::base::violation::quoted;
use pipeline_core::stack::{OwnStackName, ResourceChange};
use tfplugin::{Diagnostic, Path};

/// At most so many changes of one stack are listed.
const MOST_SHOWN: usize = 50;

/// The value of a parameter of a stack is nowhere.
pub(crate) fn no_secret(at: &Path, parameter: &str, variable: &str) -> Diagnostic {
    let detail = format!(
        "Found no variable {} for parameter {}; expected it in `secrets_wo` or `pass_environment`. Nothing was \
         deployed. Next: add it to one of the two.",
        quoted(variable),
        quoted(parameter)
    );
    Diagnostic::error(
        at.clone().attribute("secret_parameters"),
        "The value of a parameter is missing",
        detail,
    )
}

/// Somebody else changes a stack while it is planned, or a deployment does.
pub(crate) fn busy(
    at: &Path,
    stack: &OwnStackName,
    status: &str,
    by: Option<&DeploymentId>,
) -> Diagnostic {
    if let Some(by) = by {
        let detail = format!(
            "Found that stack `{stack}` is {status}, which `{by}` began; expected no change of it to go on. If that \
             deployment is over, because its run was killed, this one waits for the end of what it began; else this \
             one fails. Next: see whether that run is still there, and wait for it if it is."
        );
        return Diagnostic::warning(at.clone(), "Another deployment changes the stack", detail);
    }
    let detail = format!(
        "Found that stack `{}` is {status}; expected nobody else to change it. Applied before the end of that, the \
         deployment fails. Next: wait for it.",
        stack
    );
    Diagnostic::warning(at.clone(), "Somebody else changes the stack", detail)
}

/// CloudFormation could not be asked for a stack.
pub(crate) fn not_looked(at: &Path, fault: &Fault) -> Diagnostic {
    let detail = format!(
        "Found {fault}. Whether the stack can be deployed will show when it is applied. Next: {}",
        fault.next()
    );
    Diagnostic::warning(at.clone(), "The stack could not be looked at", detail)
}

/// What a change set would do to a stack.
pub(crate) fn shown(at: &Path, stack: &OwnStackName, changes: &[ResourceChange]) -> Diagnostic {
    let mut lines: Vec<String> = changes
        .iter()
        .take(MOST_SHOWN)
        .map(|change| format!("- {}", visible(&change.to_string())))
        .collect();
    if changes.len() > MOST_SHOWN {
        lines.push(format!("- and {} more", changes.len() - MOST_SHOWN));
    }
    if lines.is_empty() {
        lines.push("- nothing".to_owned());
    }
    let detail = format!(
        "A change set of stack `{}` would:\n{}\nIt was deleted again. The deployment makes another one, by what the \
         stack is then.",
        stack,
        lines.join("\n")
    );
    Diagnostic::warning(at.clone(), "What the deployment changes of the stack", detail)
}

/// What a change set would do cannot be shown.
pub(crate) fn not_shown(at: &Path, found: &str) -> Diagnostic {
    let detail = format!(
        "Found {found}; expected to make a change set. What the deployment changes will show when it is applied. A \
         stack that needs what an earlier one makes cannot be shown before that is there. Next: see what is said, or \
         take `plan_change_set` out."
    );
    Diagnostic::warning(
        at.clone(),
        "What the deployment changes of the stack cannot be shown",
        detail,
    )
}
