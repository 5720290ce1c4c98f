//! Running a program to its end, and what it said.

use std::process::{Command, Output};

use crate::{Failure, Outcome};

/// What a program said before it ended.
#[derive(Debug, Clone)]
pub struct Said {
    /// The command line, for messages.
    pub command: String,
    /// Exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Said {
    /// The words of a finished `command`.
    #[must_use]
    pub fn of(command: String, output: &Output) -> Self {
        Self {
            command,
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Itself, where the program ended with 0.
    ///
    /// # Errors
    /// Any other end, with all that was said.
    pub fn success(self) -> Outcome<Self> {
        if self.code == Some(0) { Ok(self) } else { Err(self.failure("should have succeeded")) }
    }

    /// A failure that shows the command and everything it said.
    #[must_use]
    pub fn failure(&self, why: &str) -> Failure {
        let code = self.code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        Failure::new(format!(
            "{why}: {}\nended with {code}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.stdout, self.stderr
        ))
    }
}

/// Runs `command` to its end.
///
/// # Errors
/// The program could not be started; how it ends is for the caller to judge.
pub fn run(command: &mut Command) -> Outcome<Said> {
    let line = line(command);
    let output =
        command.output().map_err(|error| Failure::new(format!("cannot start {line}: {error}")))?;
    Ok(Said::of(line, &output))
}

/// The command line as a person would type it.
#[must_use]
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
