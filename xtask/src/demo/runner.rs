//! Terraform in one folder of the demo, with what matters of its words on the screen.

use std::process::{Command, Stdio};

use pipeline_acceptance::{Outcome, command};

use super::place::Place;
use crate::screen;

/// Runs Terraform in a folder.
#[derive(Clone, Copy)]
pub(super) struct Runner<'a> {
    /// The demo's directory.
    pub(super) place: &'a Place,
    /// The folder of the configuration in it.
    pub(super) folder: &'a str,
}

impl Runner<'_> {
    /// Plans into a file and applies that.
    pub(super) fn plan_and_apply(&self) -> Outcome {
        self.terraform(&["plan", "-out=saved.tfplan"], |line| {
            line.starts_with("# pipeline_") || line.starts_with("Plan:")
        })?;
        self.terraform(&["apply", "saved.tfplan"], |line| {
            let done = ["complete after", "Apply complete", " = {", " = \"", "}"];
            let ours = !line.starts_with("data.");
            ours && done.iter().any(|part| line.contains(part)) || line.starts_with("Warning")
        })
    }

    /// Runs Terraform and shows the lines that `keep` wants.
    pub(super) fn terraform(&self, words: &[&str], keep: impl Fn(&str) -> bool) -> Outcome {
        self.announce(words);
        let said = command::run(&mut self.command(words))?.success()?;
        let lines = said.stdout.lines().filter(|line| keep(line.trim()));
        lines.for_each(|line| screen::line(&format!("    {line}")));
        Ok(())
    }

    /// The value of an output, which is not shown.
    pub(super) fn output(&self, name: &str) -> Outcome<String> {
        self.announce(&["output", "-raw", name]);
        Ok(command::run(&mut self.command(&["output", "-raw", name]))?.success()?.stdout)
    }

    /// Runs Terraform with its own words on the screen, and expects a refusal that says `text`.
    pub(super) fn refused(&self, words: &[&str], text: &str) -> Outcome {
        self.announce(words);
        let said = command::run(&mut self.command(words))?;
        let errors = said.stderr.lines().skip_while(|line| !line.contains("Error"));
        errors.for_each(|line| screen::line(&format!("    {line}")));
        if said.code == Some(1) && said.stderr.contains(text) {
            return Ok(());
        }
        Err(said.failure(&format!("should have been refused with {text}")))
    }

    /// Terraform with `words`, asking nothing and painting nothing.
    fn command(&self, words: &[&str]) -> Command {
        let (name, rest) = words.split_at(1.min(words.len()));
        let mut command = self.place.terraform(self.folder, name);
        let asks = name != ["output"];
        command.args(asks.then_some("-input=false")).arg("-no-color").args(rest);
        command.stdin(Stdio::null());
        command
    }

    fn announce(&self, words: &[&str]) {
        screen::line(&screen::paint("2", &format!("  $ terraform {}", words.join(" "))));
    }
}
