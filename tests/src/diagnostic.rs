//! What one Terraform command answered, read from its `-json` output.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::command::Said;
use crate::{Failure, Outcome};

/// One error or warning as Terraform shows it.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: String,
    /// Its title.
    pub summary: String,
    /// Its text.
    pub detail: String,
    /// The lines of configuration it blames.
    pub code: String,
    everything: String,
}

impl Diagnostic {
    fn read(message: &Value) -> Option<Self> {
        let diagnostic = message.get("diagnostic")?;
        let text =
            |pointer| diagnostic.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        Some(Self {
            severity: text("/severity").to_owned(),
            summary: text("/summary").to_owned(),
            detail: text("/detail").to_owned(),
            code: text("/snippet/code").to_owned(),
            everything: serde_json::to_string_pretty(diagnostic).unwrap_or_default(),
        })
    }

    /// Whether title or text holds `text`. Terraform may break lines anywhere there is a space.
    fn holds(&self, text: &str) -> bool {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        flat(&format!("{} {}", self.summary, self.detail)).contains(&flat(text))
    }

    /// Itself, where title or text holds `text`.
    ///
    /// # Errors
    /// It holds something else.
    pub fn says(&self, text: &str) -> Outcome<&Self> {
        if self.holds(text) {
            return Ok(self);
        }
        Err(Failure::new(format!("should say {text:?}:\n{}", self.everything)))
    }

    /// Itself, where the line of configuration it blames holds `code`.
    ///
    /// # Errors
    /// It blames another line, or none.
    pub fn at(&self, code: &str) -> Outcome<&Self> {
        if self.code.contains(code) {
            return Ok(self);
        }
        Err(Failure::new(format!("should point at {code:?}:\n{}", self.everything)))
    }
}

/// A finished Terraform command.
#[derive(Debug, Clone)]
pub struct Run {
    /// What was printed.
    pub said: Said,
    messages: Vec<Value>,
}

impl Run {
    /// Reads the output of a command that was given `-json`.
    #[must_use]
    pub fn read(said: Said) -> Self {
        let messages = said.stdout.lines().filter_map(|line| serde_json::from_str(line).ok());
        Self { messages: messages.collect(), said }
    }

    /// Itself, where it succeeded; a plan with changes succeeded too.
    ///
    /// # Errors
    /// It failed; everything it said is shown.
    pub fn ok(self) -> Outcome<Self> {
        match self.said.code {
            Some(0 | 2) => Ok(self),
            _ => Err(self.failure("should have succeeded")),
        }
    }

    /// Itself, where it succeeded and changed nothing.
    ///
    /// # Errors
    /// It failed, or there were changes.
    pub fn unchanged(self) -> Outcome<Self> {
        let run = self.ok()?;
        if run.said.code == Some(0) { Ok(run) } else { Err(run.failure("should change nothing")) }
    }

    /// The error that holds `text`, of a command that failed.
    ///
    /// # Errors
    /// It succeeded, or failed for another reason.
    pub fn refused(&self, text: &str) -> Outcome<Diagnostic> {
        if self.said.code != Some(1) {
            return Err(self.failure(&format!("should have been refused with {text}")));
        }
        self.find("error", text)
    }

    /// The warning that holds `text`.
    ///
    /// # Errors
    /// There is none.
    pub fn warned(&self, text: &str) -> Outcome<Diagnostic> {
        self.find("warning", text)
    }

    /// That nothing was said but that the provider is not an installed one.
    ///
    /// # Errors
    /// Something else was said.
    pub fn silent(self) -> Outcome<Self> {
        let installed =
            |one: &&Diagnostic| one.summary != "Provider development overrides are in effect";
        match self.diagnostics().iter().find(installed) {
            Some(one) => {
                Err(self.failure(&format!("should have said nothing, but: {}", one.summary)))
            }
            None => Ok(self),
        }
    }

    /// Every diagnostic, in order.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.messages.iter().filter_map(Diagnostic::read).collect()
    }

    fn find(&self, severity: &str, text: &str) -> Outcome<Diagnostic> {
        let all = self.diagnostics().into_iter();
        let mut matching = all.filter(|one| one.severity == severity && one.holds(text));
        matching.next().ok_or_else(|| self.failure(&format!("no {severity} says {text:?}")))
    }

    /// What the plan would do: address to action, such as `create`, `update` or `replace`.
    #[must_use]
    pub fn actions(&self) -> BTreeMap<String, String> {
        self.changes("planned_change")
    }

    /// What was found to be changed since the last apply, in the words of [`Run::actions`].
    #[must_use]
    pub fn drift(&self) -> BTreeMap<String, String> {
        self.changes("resource_drift")
    }

    fn changes(&self, kind: &str) -> BTreeMap<String, String> {
        let planned = self.messages.iter().filter(|message| message["type"] == kind);
        let action = |message: &Value| {
            let change = &message["change"];
            let address = change.pointer("/resource/addr")?.as_str()?.to_owned();
            Some((address, change["action"].as_str()?.to_owned()))
        };
        planned.filter_map(action).collect()
    }

    /// A failure that shows every diagnostic, and all output where there is none.
    #[must_use]
    pub fn failure(&self, why: &str) -> Failure {
        let all = self.diagnostics();
        if all.is_empty() {
            return self.said.failure(why);
        }
        let texts: Vec<_> = all.iter().map(|one| one.everything.as_str()).collect();
        Failure::new(format!("{why}: {}\n{}", self.said.command, texts.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_still_matches() {
        let message = serde_json::json!({"diagnostic": {
            "severity": "error", "summary": "TAG015", "detail": "the tag\nexists",
            "snippet": {"code": "  ref = \"x\""}
        }});
        let diagnostic = Diagnostic::read(&message).expect("a diagnostic");
        assert!(diagnostic.says("the tag exists").is_ok());
        assert!(diagnostic.at("ref").is_ok());
        assert!(diagnostic.says("something else").is_err());
    }
}
