//! The stacks that are deployed to an environment, and the commands that test it afterwards.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};

/// A stack: its name, and the file that defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stack {
    name: String,
    path: String,
}

impl Stack {
    /// A stack of that name, defined in that file.
    ///
    /// # Errors
    /// ENV024 for each of the two that is blank.
    pub fn new(name: &str, path: &str) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        for (field, text) in [("name", name), ("path", path)] {
            findings.require(!text.trim().is_empty(), || {
                let next = format!("Write the {field} of the stack.");
                Violation::new(RuleId::ENV024, quoted(text), "a text that is not blank", next)
                    .under(field)
            });
        }
        findings.finish(Self { name: name.to_owned(), path: path.to_owned() })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file that defines it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl<'de> Deserialize<'de> for Stack {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            name: String,
            path: String,
        }
        let raw = Raw::deserialize(deserializer)?;
        Self::new(&raw.name, &raw.path).map_err(serde::de::Error::custom)
    }
}

/// At least one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Stacks(Vec<Stack>);

impl Stacks {
    /// These stacks.
    ///
    /// # Errors
    /// ENV023 when there are none.
    pub fn new(stacks: Vec<Stack>) -> Result<Self, Violations> {
        if stacks.is_empty() {
            let next = "List a stack, or leave `stacks` out.";
            return Err(Violation::new(
                RuleId::ENV023,
                "an empty list",
                "at least one stack",
                next,
            )
            .into());
        }
        Ok(Self(stacks))
    }
}

impl Deref for Stacks {
    type Target = [Stack];
    fn deref(&self) -> &[Stack] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Stacks {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Commands that test a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TestCommands(Vec<String>);

impl TestCommands {
    /// These commands, in this order.
    ///
    /// # Errors
    /// ENV025 for each command that is blank.
    pub fn new(commands: Vec<String>) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        for (index, command) in commands.iter().enumerate() {
            findings.require(!command.trim().is_empty(), || {
                let next = "Write the command, or remove the entry.";
                Violation::new(RuleId::ENV025, quoted(command), "a command", next)
                    .under(FieldPath::from("commands").index(index))
            });
        }
        findings.finish(Self(commands))
    }

    /// Reads `tests` of document 004's configuration: an object with a list of texts.
    ///
    /// # Errors
    /// ENV025 for anything else.
    pub fn from_json(tests: &serde_json::Value) -> Result<Self, Violations> {
        let not_a_list = |found: String| {
            let next = "Write `commands = [\"npm run smoke-test\"]`.";
            Violations::from(
                Violation::new(RuleId::ENV025, found, "a list of texts", next).under("commands"),
            )
        };
        match tests.get("commands") {
            None => Ok(Self::default()),
            Some(serde_json::Value::Array(list)) => {
                let texts = list.iter().map(|entry| entry.as_str().map(str::to_owned));
                let texts: Option<Vec<String>> = texts.collect();
                let other = || list.iter().find(|entry| !entry.is_string());
                Self::new(texts.ok_or_else(|| {
                    not_a_list(other().map(|entry| quoted(&entry.to_string())).unwrap_or_default())
                })?)
            }
            Some(other) => Err(not_a_list(quoted(&other.to_string()))),
        }
    }
}

impl Deref for TestCommands {
    type Target = [String];
    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for TestCommands {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
