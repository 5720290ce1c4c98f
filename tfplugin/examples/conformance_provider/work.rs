//! An action that says how it goes on, and misbehaves where it is asked to.

use std::time::Duration;

use tfplugin::{Action, ActionContext, Diagnostic, Diagnostics, Field, Model};

use crate::Shared;

/// Work.
#[derive(Debug, Clone, Model)]
pub(crate) struct Work {
    /// How it misbehaves: `fail`, `silent`, `panic`, `warn`, `panic-plan`, `forbidden` by the plan, `wait` until it is stopped,
    /// or `mark:` and a file to write after a while.
    pub mode: Option<String>,
    /// How many steps it takes.
    #[tf(default = 2)]
    pub steps: i64,
}

impl Action for Work {
    const NAME: &'static str = "conform_work";
    type Provider = Shared;

    fn validate(draft: &WorkDraft, out: &mut Diagnostics) {
        if draft.steps.known().is_some_and(|steps| *steps < 0) {
            out.error(Self::STEPS, "Too few", "There are no fewer steps than none.");
        }
    }

    async fn plan(draft: &WorkDraft, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        cx.progress("nobody hears this");
        let is = |field: &Field<String>, mode| field.known().is_some_and(|it| it == mode);
        assert!(!is(&draft.mode, "panic-plan"), "the plan panicked");
        if is(&draft.mode, "warn") {
            cx.warn(Diagnostic::warning(Self::MODE, "Warned", "As asked."));
        }
        if is(&draft.mode, "forbidden") {
            return Err(Diagnostic::error(Self::MODE, "Forbidden", "As asked.").into());
        }
        Ok(())
    }

    async fn invoke(self, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        for step in 1..=self.steps {
            cx.progress(format!("{}step {step}", cx.provider.greeting));
        }
        assert!(self.mode.as_deref() != Some("panic"), "the work panicked");
        match self.mode.as_deref() {
            Some("fail") => Err(Diagnostic::error(Self::MODE, "Failed", "As asked.").into()),
            Some("silent") => Err(Diagnostics::new()),
            Some("warn") => {
                cx.warn(Diagnostic::warning(Self::MODE, "Warned", "As asked."));
                Ok(())
            }
            Some("wait") => {
                cx.stop.wait().await;
                cx.progress("stopped");
                Err(Diagnostic::error(Self::MODE, "Interrupted", "As asked.").into())
            }
            Some(mode) => match mode.strip_prefix("mark:") {
                Some(path) => {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    std::fs::write(path, []).map_err(|error| {
                        Diagnostic::error(Self::MODE, "Cannot write the mark", error.to_string())
                            .into()
                    })
                }
                None => Ok(()),
            },
            None => Ok(()),
        }
    }
}
