//! The steps of a run, each with its time and whether it passed.

use std::time::{Duration, Instant};

use pipeline_acceptance::Outcome;

use crate::screen;

/// The steps so far.
#[derive(Default)]
pub(super) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    passed: bool,
}

impl Steps {
    /// Takes a step. One that fails says so and ends nothing.
    pub(super) fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Outcome<T>) -> Option<T> {
        screen::step(name);
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        self.done.push(Step { name: name.to_owned(), took, passed: outcome.is_ok() });
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
    pub(super) fn close(self) -> Outcome {
        screen::line("");
        for step in &self.done {
            let text = format!("{:>9}  {}", screen::time(step.took), step.name);
            if step.passed { screen::good(&text) } else { screen::bad(&text) }
        }
        let whole = screen::time(self.done.iter().map(|step| step.took).sum());
        let failed: Vec<_> =
            self.done.iter().filter(|step| !step.passed).map(|step| step.name.as_str()).collect();
        if failed.is_empty() {
            screen::good(&format!("all {} steps passed in {whole}", self.done.len()));
            return Ok(());
        }
        Err(format!("{} of {} steps failed: {}", failed.len(), self.done.len(), failed.join(", "))
            .into())
    }
}
