//! Everything that must hold, step by step, in the order in which a mistake is cheapest to find.
//!
//! A failed step does not hide the next one; the tests come last, with cargo's own output, so that
//! whoever reads the end of the log reads their results.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use pipeline_acceptance::{Outcome, aws, command, provider, terraform::VARIABLE};

use crate::cargo::{aloud, build_everything, cargo, generate_protocol};
use crate::{install, screen, terraform, tidy};

/// The steps so far.
#[derive(Default)]
struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    passed: bool,
}

/// Runs every step, or only some acceptance tests where there is a `filter`.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    let mut steps = Steps::default();
    if filter.is_none() {
        steps.run("format", || quietly(cargo().args(["fmt", "--all", "--", "--check"])));
        steps.run("lints", || {
            let what =
                ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
            aloud(cargo().args(what))
        });
        steps.run("tidy", tidy::run);
        steps.run("generated code", || generate_protocol(true));
    }
    let terraform = steps.run("terraform", terraform::locate);
    let aws = steps.run("local AWS", || install::installed(&install::LOCAL_AWS));
    let provider = steps.run("build", build_everything);
    if filter.is_none() {
        steps.run("unit, property and conformance tests", || {
            let what =
                ["test", "--workspace", "--exclude", "pipeline-acceptance", "--no-fail-fast"];
            aloud(cargo().args(what))
        });
    }
    if let (Some(terraform), Some(provider)) = (terraform, provider) {
        let stage =
            Stage { terraform: &terraform.program, provider: &provider, aws: aws.as_deref() };
        steps.run("acceptance tests", || stage.acceptance(filter));
    }
    steps.close()
}

/// The real programs that the acceptance tests play with.
struct Stage<'a> {
    terraform: &'a Path,
    provider: &'a Path,
    /// Without it the tests that need it fail and say why.
    aws: Option<&'a Path>,
}

impl Stage<'_> {
    fn acceptance(&self, filter: Option<&str>) -> Outcome {
        let mut test = cargo();
        test.args(["test", "--package", "pipeline-acceptance", "--no-fail-fast", "--"])
            .args(filter);
        test.env(VARIABLE, self.terraform).env(provider::VARIABLE, self.provider);
        test.envs(self.aws.map(|program| (aws::VARIABLE, program)));
        aloud(&mut test)
    }
}

impl Steps {
    fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> Outcome<T>) -> Option<T> {
        screen::step(name);
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        self.done.push(Step { name, took, passed: outcome.is_ok() });
        match outcome {
            Ok(value) => {
                screen::good(&format!("{name}: {}", screen::time(took)));
                Some(value)
            }
            Err(failure) => {
                screen::line(&failure.to_string());
                screen::bad(&format!("{name}: {}", screen::time(took)));
                None
            }
        }
    }

    /// Lists the steps and says in one line how it went.
    fn close(self) -> Outcome {
        screen::line("");
        for step in &self.done {
            let text = format!("{:>9}  {}", screen::time(step.took), step.name);
            if step.passed { screen::good(&text) } else { screen::bad(&text) }
        }
        let whole = screen::time(self.done.iter().map(|step| step.took).sum());
        let failed: Vec<_> =
            self.done.iter().filter(|step| !step.passed).map(|step| step.name).collect();
        if failed.is_empty() {
            screen::good(&format!("all {} steps passed in {whole}", self.done.len()));
            return Ok(());
        }
        Err(format!("{} of {} steps failed: {}", failed.len(), self.done.len(), failed.join(", "))
            .into())
    }
}

/// Runs a command whose output matters only where it fails.
fn quietly(command: &mut Command) -> Outcome {
    command::run(command)?.success().map(drop)
}
