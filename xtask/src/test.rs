//! Everything that must hold, step by step, in the order in which a mistake is cheapest to find; or
//! only some tests, as often as it takes to see whether they are steady. Slow tests are left out unless
//! they are asked for, by `--all` or by name.
//!
//! A failed step does not hide the next one; the tests come last, with their own output, so that
//! whoever reads the end of the log reads their results.

mod load;
mod models;
mod program;
mod repeat;
mod second;
mod table;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;
use pipeline_acceptance::terraform::{Terraform, VARIABLE};
use pipeline_acceptance::{Outcome, aws, command, process, provider};

use self::load::Load;
use self::program::{Test, TestProgram};
use self::repeat::Repeat;
use crate::cargo::{Built, aloud, build_everything, cargo, generate_protocol, target};
use crate::{install, lean, screen, terraform, tidy};

/// Which tests to run, and how often.
#[derive(Args)]
pub(crate) struct Selection {
    /// Only those tests whose name holds one of these texts, in whatever package; the other steps are
    /// left out. A name begins with its test program: `acceptance::races`, `pipeline_core::health`.
    filters: Vec<String>,
    /// Run them so often after one build, and count the failures of each; the output of every failed
    /// run is kept under `target/repeat`.
    #[arg(long, value_name = "N")]
    repeat: Option<NonZeroU32>,
    /// Run the slow tests as well, which say why they are left out otherwise (`#[ignore = "slow: …"]`).
    #[arg(long)]
    all: bool,
    /// Keep every core busy with something else meanwhile.
    #[arg(long)]
    load: bool,
}

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

/// Runs every step, or only the tests that were selected.
pub(crate) fn run(selection: &Selection) -> Outcome {
    let _load = selection.load.then(Load::start);
    if selection.filters.is_empty() && selection.repeat.is_none() {
        everything(selection.all)
    } else {
        some(selection)
    }
}

fn everything(all: bool) -> Outcome {
    // The test runner prints each test that it leaves out, with the reason that stands in its source.
    let slow: &[&str] = if all { &["--", "--include-ignored"] } else { &[] };
    let mut steps = Steps::default();
    steps.run("format", || quietly(cargo().args(["fmt", "--all", "--", "--check"])));
    steps.run("lints", || {
        let what = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
        aloud(cargo().args(what))
    });
    steps.run("core without its adapters", lean::run);
    steps.run("tidy", tidy::run);
    steps.run("generated code", || generate_protocol(true));
    let (terraform, aws) = steps.install();
    let built = steps.run("build", build_everything);
    steps.run("unit, property and conformance tests", || {
        let what = ["test", "--workspace", "--exclude", program::ACCEPTANCE, "--no-fail-fast"];
        aloud(cargo().args(what).args(slow))
    });
    if let (Some(terraform), Some(built)) = (terraform, built) {
        let stage = Stage::new(&built, Some(terraform.program), aws)?;
        steps.run("acceptance tests", || {
            let mut test = cargo();
            test.args(["test", "--package", program::ACCEPTANCE, "--no-fail-fast"]).args(slow);
            aloud(stage.set(&mut test))
        });
        steps.run(models::STEP, || models::validate(&stage.requests));
        if all {
            steps.run("acceptance tests against a second AWS", || second::run(&stage));
        }
    }
    steps.close()
}

fn some(selection: &Selection) -> Outcome {
    let mut steps = Steps::default();
    let Some(mut built) = steps.run("build", build_everything) else { return steps.close() };
    let folder = fresh_folder()?;
    let programs = program::of(&built.messages, &folder.join("programs"))?;
    built.provider = program::set_aside(&built.provider, &folder.join("programs"))?;
    let tests = selected(&programs, selection)?;
    // Other tests need nothing that would have to be installed.
    let (terraform, aws) = if tests.iter().any(|test| test.program.is_acceptance()) {
        steps.install()
    } else {
        (None, None)
    };
    let stage = Stage::new(&built, terraform.map(|found| found.program), aws)?;
    let repeat = Repeat { tests, rounds: selection.repeat.map_or(1, NonZeroU32::get), folder };
    steps.run("tests", || {
        repeat.run(|test| {
            let mut command = test.command();
            stage.set(&mut command);
            command
        })
    });
    if stage.requests.is_dir() {
        steps.run(models::STEP, || models::validate(&stage.requests));
    }
    steps.close()
}

/// A folder for the programs of these tests and the output of failed runs. Those of earlier calls go,
/// but for one that still runs.
fn fresh_folder() -> Outcome<PathBuf> {
    let all = target()?.join("repeat");
    std::fs::create_dir_all(&all)?;
    for entry in std::fs::read_dir(&all)? {
        let entry = entry?;
        let owner = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if owner.is_none_or(|id| process::signal(id, "0").is_err()) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(all.join(std::process::id().to_string()))
}

/// The tests of which a filter holds. Where there is none: all, without the slow ones unless they are
/// asked for.
fn selected<'a>(programs: &'a [TestProgram], selection: &Selection) -> Outcome<Vec<Test<'a>>> {
    let filters = &selection.filters;
    let mut tests = Vec::new();
    for program in programs {
        tests.extend(program.tests()?);
    }
    tests.retain(|test| {
        filters.is_empty() || filters.iter().any(|text| test.title().contains(text))
    });
    if filters.is_empty() && !selection.all {
        for test in tests.extract_if(.., |test| test.slow) {
            screen::remark(&format!("{} is slow; --all runs it", test.title()));
        }
    }
    if tests.is_empty() {
        return Err(format!("no test has a name with {}", filters.join(" or ")).into());
    }
    Ok(tests)
}

/// The real programs that the acceptance tests play with. Without one of them the tests that need it
/// fail and say why.
struct Stage<'a> {
    provider: &'a Path,
    terraform: Option<PathBuf>,
    aws: Option<PathBuf>,
    /// Where the local AWS records what it is asked.
    requests: PathBuf,
}

impl<'a> Stage<'a> {
    fn new(built: &'a Built, terraform: Option<PathBuf>, aws: Option<PathBuf>) -> Outcome<Self> {
        let requests = models::fresh_folder()?;
        Ok(Self { provider: &built.provider, terraform, aws, requests })
    }

    /// Tells a command of tests where they are.
    fn set<'c>(&self, test: &'c mut Command) -> &'c mut Command {
        test.env(provider::VARIABLE, self.provider);
        test.env(aws::RECORD, &self.requests);
        test.envs(self.terraform.iter().map(|program| (VARIABLE, program)));
        test.envs(self.aws.iter().map(|program| (aws::VARIABLE, program)))
    }
}

impl Steps {
    /// Finds what the acceptance tests need, and installs what is missing.
    fn install(&mut self) -> (Option<Terraform>, Option<PathBuf>) {
        let terraform = self.run("terraform", terraform::locate);
        (terraform, self.run("local AWS", || install::installed(&install::LOCAL_AWS)))
    }

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
