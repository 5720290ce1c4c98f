//! Functions: one with any number of arguments, one for anything.

use tfplugin::{Function, FunctionFault, Model, Value};

/// Joins words.
#[derive(Debug, Clone, Model)]
pub(crate) struct Join {
    /// What goes between; null for nothing.
    pub separator: Option<String>,
    /// What is joined; the word `bad` is refused.
    #[tf(variadic)]
    pub words: Vec<String>,
}

impl Function for Join {
    const NAME: &'static str = "join";
    type Output = String;

    fn call(self) -> Result<String, FunctionFault> {
        if self.words.iter().any(|word| word == "bad") {
            return Err(FunctionFault::new("`bad` is refused, use another word").at(Self::WORDS));
        }
        assert!(self.words.iter().all(|word| word != "panic"), "the function panicked");
        Ok(self.words.join(self.separator.as_deref().unwrap_or_default()))
    }
}

/// Returns its argument.
#[derive(Debug, Clone, Model)]
pub(crate) struct Same {
    /// Anything at all.
    pub value: Value,
}

impl Function for Same {
    const NAME: &'static str = "same";
    type Output = Value;

    fn call(self) -> Result<Value, FunctionFault> {
        Ok(self.value)
    }
}
