//! The names of change sets, which are the tokens of their operations: they say whose an operation is.

use pipeline_core::DeploymentId;

/// What a deployment does to a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It brings the version out.
    Forward,
    /// It cancels that.
    Cancel,
    /// It puts back what was there.
    Back,
    /// It deletes what it made.
    Delete,
}

/// The name and token of a step: letters, digits and hyphens, at most 128.
pub(super) fn token(deployment: &DeploymentId, step: Step) -> String {
    let end = match step {
        Step::Forward => "",
        Step::Cancel => "-cancel",
        Step::Back => "-back",
        Step::Delete => "-delete",
    };
    format!("pipeline-{deployment}{end}")
}
