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

impl Step {
    const ALL: [Self; 4] = [Self::Cancel, Self::Back, Self::Delete, Self::Forward];

    const fn end(self) -> &'static str {
        match self {
            Self::Forward => "",
            Self::Cancel => "-cancel",
            Self::Back => "-back",
            Self::Delete => "-delete",
        }
    }
}

/// The deployment and its step that have this token; nothing where it is the token of something else.
pub(super) fn owner(token: &str) -> Option<(DeploymentId, Step)> {
    let rest = token.strip_prefix("pipeline-")?;
    Step::ALL.into_iter().find_map(|step| {
        let id = rest.strip_suffix(step.end())?;
        Some((id.parse().ok()?, step))
    })
}

/// The name and token of a step: letters, digits and hyphens, at most 128.
pub(super) fn token(deployment: &DeploymentId, step: Step) -> String {
    format!("pipeline-{deployment}{}", step.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_deployment_and_step_and_nothing_else_does() {
        let id: DeploymentId = "deploy-20260101-000000-abc123".parse().unwrap();
        for step in Step::ALL {
            assert_eq!(owner(&token(&id, step)), Some((id.clone(), step)));
        }
        for foreign in [
            "",
            "pipeline-",
            "pipeline-plan-deploy-20260101-000000-abc123",
            "Console-Execute-1",
            "pipeline-deploy-20260101-000000-abc123-later",
            "pipeline-deploy-20261301-000000-abc123",
        ] {
            assert_eq!(owner(foreign), None, "{foreign}");
        }
    }
}
