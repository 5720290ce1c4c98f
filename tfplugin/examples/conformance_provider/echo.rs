//! A data source that says what it was given.

use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Value};

use crate::Shared;

/// An echo.
#[derive(Debug, Clone, Model)]
pub(crate) struct Echo {
    /// What is said; `fail` fails.
    pub input: String,
    /// Anything at all.
    pub any: Option<Value>,
    /// What comes back.
    pub output: Computed<String>,
}

impl DataSource for Echo {
    const NAME: &'static str = "conform_echo";
    type Provider = Shared;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        if self.input == "fail" {
            return Err(Diagnostic::error(Self::INPUT, "Failed", "As asked.").into());
        }
        let output = Computed::known(format!("{}{}", cx.provider.greeting, self.input));
        Ok(Self { output, ..self })
    }
}
