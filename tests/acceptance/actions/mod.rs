//! Actions, which leave no state: by `-invoke`, and around the change of a resource.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::workspace::Workspace;

mod approve;
mod maintenance;
mod promote;
mod release_lock;
mod rollback;

/// An `action` block named `this`, with these lines of its `config`.
fn action(kind: &str, lines: &str) -> String {
    format!("action \"{kind}\" \"this\" {{\n  config {{\n{lines}\n  }}\n}}\n")
}

/// Something that asks for the action `kind` after it was created; `input` is any expression.
fn trigger(kind: &str, input: &str) -> String {
    format!(
        "resource \"terraform_data\" \"trigger\" {{\n  input = {input}\n  lifecycle {{\n    action_trigger {{\n      \
         events  = [after_create]\n      actions = [action.{kind}.this]\n    }}\n  }}\n}}\n"
    )
}

/// Asks for the action `kind` by itself.
fn invoke(workspace: &Workspace, kind: &str) -> Outcome<Run> {
    workspace.apply(&[&format!("-invoke=action.{kind}.this")])
}
