//! A list of things that are made up on the way, which writes down how far it came.

use std::io::Write as _;

use tfplugin::{Diagnostic, Halt, List, ListContext, Model, Path};

use crate::thing::{Thing, named};

/// Which things there are.
#[derive(Debug, Clone, Model)]
pub(crate) struct Things {
    /// How many there are.
    #[tf(default = 3)]
    pub amount: i64,
    /// How it misbehaves, after all were given: `fail`, `panic`, `silent`, `wait` or `warn`.
    pub mode: Option<String>,
    /// How many bytes each of them carries.
    #[tf(default = 0)]
    pub weight: i64,
    /// The file that gets a line for each that was taken, and one when it is over.
    pub journal: Option<String>,
}

/// Writes lines, and a last one however the listing ends.
struct Journal(Option<std::fs::File>);

impl Journal {
    fn line(&mut self, line: &str) {
        if let Some(file) = &mut self.0 {
            // A test that sees no line fails.
            drop(writeln!(file, "{line}"));
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.line("over");
    }
}

fn failed() -> Diagnostic {
    Diagnostic::error(Path::from(Things::MODE), "Failed", "As asked.")
}

impl List for Things {
    type Resource = Thing;

    fn validate(draft: &ThingsDraft, out: &mut tfplugin::Diagnostics) {
        if draft.amount.known().is_some_and(|amount| *amount < 0) {
            out.push(draft.amount.error("Less than nothing", "There are none or more."));
        }
    }

    async fn list(self, cx: &ListContext<Self>) -> Result<(), Halt> {
        let file = self.journal.as_ref().map(std::fs::File::create).transpose();
        let mut journal = Journal(file.map_err(|_| failed())?);
        let weight = usize::try_from(self.weight).unwrap_or_default();
        for number in 0..self.amount {
            let tags = [("load".to_owned(), "x".repeat(weight))].into();
            let thing = Thing { tags: Some(tags), ..named(format!("thing-{number}")) };
            if self.mode.as_deref() == Some("warn") {
                cx.warn(Diagnostic::warning("mode", "Warned", "As asked."));
            }
            cx.give(format!("{}{number}", cx.provider.greeting), thing).await?;
            journal.line("taken");
        }
        assert!(self.mode.as_deref() != Some("panic"), "the list panicked");
        match self.mode.as_deref() {
            Some("fail") => Err(failed().into()),
            Some("silent") => Err(tfplugin::Diagnostics::new().into()),
            Some("warn") => {
                cx.warn(Diagnostic::warning("mode", "Warned late", "As asked."));
                Ok(())
            }
            Some("wait") => std::future::pending().await,
            _ => Ok(()),
        }
    }
}
