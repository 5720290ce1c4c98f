//! Everything that must hold, step by step, in the order in which a mistake is cheapest to find; or
//! only some tests, as often as it takes to see whether they are steady. Slow tests are left out unless
//! they are asked for, by `--all` or by name.
//!
//! A failed step does not hide the next one; the tests come last, with their own output, so that
//! whoever reads the end of the log reads their results.

mod figures;
mod load;
mod models;
mod program;
mod repeat;
mod second;
mod steps;
mod suite;
mod table;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use pipeline_acceptance::terraform::{Terraform, VARIABLE};
use pipeline_acceptance::tool::Found;
use pipeline_acceptance::{Outcome, aws, command, process, provider};

use self::load::Load;
use self::program::{Test, TestProgram};
use self::repeat::Repeat;
use self::steps::Steps;
use crate::cargo::{Built, aloud, build_everything, cargo, generate_protocol, target};
use crate::terraform::{self, Cli, Host};
use crate::{lean, screen, tidy, tools};

/// Which tests to run, and how often.
#[derive(Args, Default)]
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
    /// Run the acceptance tests on this one, or on each of them; steps to which it makes no difference are left out.
    #[arg(long, value_enum)]
    cli: Option<Cli>,
    /// Keep every core busy with something else meanwhile.
    #[arg(long)]
    load: bool,
}

/// Runs every step, or only the tests that were selected.
pub(crate) fn run(selection: &Selection) -> Outcome {
    let _load = selection.load.then(Load::start);
    if selection.filters.is_empty() && selection.repeat.is_none() {
        everything(selection)
    } else {
        some(selection)
    }
}

/// Runs the acceptance tests on one host.
pub(crate) fn run_on(cli: Cli) -> Outcome {
    everything(&Selection { cli: Some(cli), ..Selection::default() })
}

fn everything(selection: &Selection) -> Outcome {
    // The test runner prints each test that it leaves out, with the reason that stands in its source.
    let slow: &[&str] = if selection.all { &["--include-ignored"] } else { &[] };
    let mut steps = Steps::default();
    if selection.cli.is_none() {
        steps.run("format", || quietly(cargo().args(["fmt", "--all", "--", "--check"])));
        steps.run("lints", || {
            let what =
                ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
            aloud(cargo().args(what))
        });
        steps.run("documentation of the libraries", || {
            let what = ["doc", "--quiet", "--workspace", "--no-deps"];
            aloud(cargo().env("RUSTDOCFLAGS", "-D warnings").args(what))
        });
        steps.run("core without its adapters", lean::run);
        steps.run("tidy", tidy::run);
        steps.run("generated code", || generate_protocol(true));
    }
    let (hosts, aws) = install(&mut steps, selection.cli);
    let Some((built, programs)) = steps.run("build", build_programs) else { return steps.close() };
    // Only these tests run Terraform.
    let on_hosts =
        |it: &&TestProgram| it.is_acceptance() && (selection.cli.is_none() || it.runs_terraform());
    let (acceptance, others): (Vec<_>, Vec<_>) = (
        programs.iter().filter(on_hosts).collect(),
        programs.iter().filter(|it| !it.is_acceptance()).collect(),
    );
    if selection.cli.is_none() {
        steps.run("unit, property and conformance tests", || suite::of_packages(&others, slow));
    }
    if !hosts.is_empty() {
        let stage = Stage::new(&built, aws)?;
        on_each(&mut steps, &stage, &hosts, (&acceptance, slow));
        steps.run(models::STEP, || models::validate(&stage.requests));
        let second =
            hosts.iter().find_map(Host::ready).filter(|_| selection.all && selection.cli.is_none());
        if let Some(terraform) = second {
            let stage = stage.on(terraform);
            steps.run("acceptance tests against a second AWS", || {
                acceptance
                    .iter()
                    .filter(|it| it.runs_terraform())
                    .try_for_each(|it| second::run(&stage, it))
            });
        }
    }
    steps.close()
}

/// Builds everything, once, and sets the programs aside: what they are made of differs with the packages that
/// cargo is asked for, so that each `cargo test` of some would build half of the SDK of AWS anew.
fn build_programs() -> Outcome<(Built, Vec<TestProgram>)> {
    let mut built = build_everything()?;
    let folder = fresh_folder()?.join("programs");
    let programs = program::of(&built.messages, &folder)?;
    built.provider = program::set_aside(&built.provider, &folder)?;
    Ok((built, programs))
}

/// Runs the acceptance suite on each host, and shows the figures of all.
fn on_each(
    steps: &mut Steps,
    stage: &Stage<'_>,
    hosts: &[Host],
    (programs, arguments): (&[&TestProgram], &[&str]),
) {
    let mut runs = Vec::new();
    for Host { title, found } in hosts {
        let terraform = match found {
            Found::Ready(terraform) => terraform,
            Found::Missing(why) => {
                runs.push((title.clone(), Err(why.clone())));
                continue;
            }
        };
        steps.run(&format!("acceptance tests on {title}"), || {
            let figures = suite::on(&stage.on(terraform), programs, arguments)?;
            let fault = figures.fault.clone();
            runs.push((title.clone(), Ok(figures)));
            fault.map_or(Ok(()), |fault| Err(fault.into()))
        });
    }
    screen::line("");
    figures::table(&runs).iter().for_each(|row| screen::line(row));
}

fn some(selection: &Selection) -> Outcome {
    let mut steps = Steps::default();
    let Some((built, programs)) = steps.run("build", build_programs) else { return steps.close() };
    let folder = own_folder()?;
    let tests = selected(&programs, selection)?;
    let rounds = selection.repeat.map_or(1, NonZeroU32::get);
    if selection.cli.is_none() && !tests.iter().any(|test| test.program.is_acceptance()) {
        // Other tests need nothing that would have to be installed.
        steps.run("tests", || Repeat { tests, rounds, folder }.run(|test| test.command()));
        return steps.close();
    }
    let (hosts, aws) = install(&mut steps, selection.cli);
    let stage = Stage::new(&built, aws)?;
    for Host { title, found } in hosts {
        let terraform = match found {
            Found::Ready(terraform) => terraform,
            Found::Missing(why) => {
                screen::remark(&format!("{title} is left out: {why}"));
                continue;
            }
        };
        let stage = stage.on(&terraform);
        let folder = folder.join(title.replace(' ', "-"));
        let repeat = Repeat { tests: tests.clone(), rounds, folder };
        steps.run(&format!("tests on {title}"), || {
            repeat.run(|test| {
                let mut command = test.command();
                stage.set(&mut command);
                command
            })
        });
    }
    if stage.requests.is_dir() {
        steps.run(models::STEP, || models::validate(&stage.requests));
    }
    steps.close()
}

/// Finds what the acceptance tests need, and installs what is missing.
fn install(steps: &mut Steps, cli: Option<Cli>) -> (Vec<Host>, Option<PathBuf>) {
    let hosts = steps.run("terraform", || match cli {
        Some(cli) => cli.hosts(),
        None => terraform::locate().map(|terraform| vec![Host::of(terraform)]),
    });
    let aws = steps.run("local AWS", || tools::installed(&tools::LOCAL_AWS));
    (hosts.unwrap_or_default(), aws)
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
    own_folder()
}

/// The folder of this process.
fn own_folder() -> Outcome<PathBuf> {
    Ok(target()?.join("repeat").join(std::process::id().to_string()))
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
        let named = filters.is_empty() || filters.iter().any(|text| test.title().contains(text));
        named && (selection.cli.is_none() || test.program.is_acceptance())
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
#[derive(Clone)]
struct Stage<'a> {
    provider: &'a Path,
    terraform: Option<PathBuf>,
    aws: Option<PathBuf>,
    /// Where the local AWS records what it is asked.
    requests: PathBuf,
}

impl<'a> Stage<'a> {
    fn new(built: &'a Built, aws: Option<PathBuf>) -> Outcome<Self> {
        let requests = models::fresh_folder()?;
        Ok(Self { provider: &built.provider, terraform: None, aws, requests })
    }

    /// The same, on this Terraform.
    fn on(&self, terraform: &Terraform) -> Self {
        Self { terraform: Some(terraform.program.clone()), ..self.clone() }
    }

    /// Tells a command of tests where they are.
    fn set<'c>(&self, test: &'c mut Command) -> &'c mut Command {
        test.env(provider::VARIABLE, self.provider);
        test.env(aws::RECORD, &self.requests);
        test.envs(self.terraform.iter().map(|program| (VARIABLE, program)));
        test.envs(self.aws.iter().map(|program| (aws::VARIABLE, program)))
    }
}

/// Runs a command whose output matters only where it fails.
fn quietly(command: &mut Command) -> Outcome {
    command::run(command)?.success().map(drop)
}
