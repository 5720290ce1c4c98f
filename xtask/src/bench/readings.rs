//! Large things that are read: the log of a run beside `jq`, and a tree of scripts that is searched for
//! credentials.
//!
//! The programs are examples of `pipeline-core`, built for release: what they do is what the provider does. Bounds are
//! held against processor time, which a busy machine leaves alone; on an idle one the clock says the same.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::sandbox::Sandbox;
use pipeline_acceptance::{Outcome, command};
use serde_json::Value;

use super::median;
use super::table::{Row, Table};
use crate::cargo::{self, aloud};
use crate::screen;

/// How many lines a script of the tree has.
const LINES: usize = 50;

/// Steps of a run, each with a function that logs it.
const STEPS: [(&str, &str); 4] = [
    ("init", "main"),
    ("lint", "run_step_lint"),
    ("test-unit", "run_step_test_unit"),
    ("build", "run_step_build"),
];

/// A run of a program.
struct Measured {
    /// By the clock.
    seconds: f64,
    /// Of processor time.
    worked: f64,
    /// The most megabytes that it had; 0 where nobody tells.
    resident: f64,
}

/// Measures both. A size of 0 leaves one out.
pub(crate) fn measure(megabytes: usize, lines: usize, rounds: usize, table: &mut Table) -> Outcome {
    let programs = build()?;
    let sandbox = Sandbox::temporary()?;
    if megabytes > 0 {
        read_log(&programs.join("read_run_log"), &sandbox, megabytes, rounds, table)?;
    }
    if lines > 0 {
        audit(&programs.join("audit_commit"), &sandbox, lines, rounds, table)?;
    }
    Ok(())
}

fn build() -> Outcome<PathBuf> {
    let mut build = cargo::cargo();
    build.args(["build", "--release", "--package", "pipeline-core"]);
    aloud(build.args(["--example", "read_run_log", "--example", "audit_commit"]))?;
    Ok(cargo::target()?.join("release/examples"))
}

fn read_log(
    program: &Path,
    sandbox: &Sandbox,
    megabytes: usize,
    rounds: usize,
    table: &mut Table,
) -> Outcome {
    let root = sandbox.environment.root();
    let (log, empty) = (root.join("ci.log"), root.join("empty.log"));
    write_log(&log, megabytes * 1_000_000)?;
    fs::write(&empty, "")?;
    let idle = run(Command::new(program).arg(&empty))?;
    let (mut ours, mut theirs, mut resident) = (Vec::new(), Vec::new(), Vec::new());
    let mut waited = Vec::new();
    for round in 1..=rounds {
        let read = run(Command::new(program).arg(&log))?;
        let Ok(jq) = run(Command::new("jq").args(["-c", "."]).arg(&log)) else {
            screen::line("  no log read beside jq: there is no `jq`");
            return Ok(());
        };
        let both = (read.worked, jq.worked);
        screen::line(&format!(
            "  round {round}: log {:.2} s, jq {:.2} s of processor time",
            both.0, both.1
        ));
        waited.push(read.seconds);
        ours.push(read.worked);
        theirs.push(jq.worked);
        resident.push(read.resident - idle.resident);
    }
    let (read, jq) = (median(&ours), median(&theirs));
    table.add(Row::figure(format!("log of {megabytes} MB, by the clock (s)"), median(&waited)));
    table.add(Row::figure(format!("log of {megabytes} MB (processor s)"), read));
    table.add(Row::figure("`jq -c .` of the same log (processor s)", jq));
    table.add(Row::at_most("log beside jq (ratio)", read / jq, 0.7));
    table.add(Row::at_most("resident more than for an empty log (MB)", median(&resident), 20.0));
    Ok(())
}

/// Entries as scripts write them while steps go on, of many runs.
fn write_log(path: &Path, bytes: usize) -> Outcome {
    let mut log = BufWriter::new(File::create(path)?);
    let (mut written, mut number) = (0, 0_usize);
    while written < bytes {
        let (step, function) = STEPS[number % STEPS.len()];
        let (run, second) = (number / 5000, number % 60);
        let level = if number.is_multiple_of(50) { "error" } else { "info" };
        let line = format!(
            "{{\"timestamp\":\"2025-10-20T14:{:02}:{second:02}.250Z\",\"level\":\"{level}\",\"message\":\"Step \
             {number} of the \\\"pipeline\\\" says: 3 suites, {} tests\\nand more\",\"run_id\":\
             \"run-20251020-143045-{run:06}\",\"source_file\":\"scripts/ci/{step}.sh\",\"line_number\":{},\
             \"function_name\":\"{function}\",\"step_name\":\"{step}\"}}\n",
            number / 60 % 60,
            number % 97,
            number % 300 + 1,
        );
        log.write_all(line.as_bytes())?;
        written += line.len();
        number += 1;
    }
    Ok(log.flush()?)
}

fn audit(
    program: &Path,
    sandbox: &Sandbox,
    lines: usize,
    rounds: usize,
    table: &mut Table,
) -> Outcome {
    let repository = Repository::product(&sandbox.environment, "scripts")?;
    let folder = sandbox.environment.root().join("scripts");
    for number in 0..lines.div_ceil(LINES) {
        let part = folder.join(format!("scripts/{}", number / 20));
        fs::create_dir_all(&part)?;
        fs::write(part.join(format!("step-{number}.sh")), script(number))?;
    }
    repository.git(&["add", "--all"])?;
    repository.git(&["commit", "--quiet", "--message", "Scripts"])?;
    let commit = repository.head()?;
    let (mut waited, mut worked) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let audited = run(Command::new(program).arg(&folder).arg(&commit))?;
        screen::line(&format!("  round {round}: audit {:.2} s of processor time", audited.worked));
        waited.push(audited.seconds);
        worked.push(audited.worked);
    }
    table.add(Row::figure(format!("audit of {lines} lines, by the clock (s)"), median(&waited)));
    table.add(Row::at_most(format!("audit of {lines} lines (processor s)"), median(&worked), 3.0));
    Ok(())
}

/// A script with words in it that credentials begin with, and none.
fn script(number: usize) -> String {
    let line = |line: usize| {
        format!(
            "docker run --rm -e AKIAB={line} -e GHP=ghp_ \"$IMAGE\" aizawa-scripts/build-{number} --to sg.example\n"
        )
    };
    (0..LINES).map(line).collect()
}

/// Runs a program to its end.
fn run(program: &mut Command) -> Outcome<Measured> {
    let mut python = Command::new("python3");
    python.arg(cargo::root().join("xtask/bench/measured.py"));
    python.arg(program.get_program()).args(program.get_args());
    let said = command::run(&mut python)?.success()?;
    let measured: Value = serde_json::from_str(&said.stdout)?;
    let figure = |name: &str| measured[name].as_f64().unwrap_or(f64::NAN);
    Ok(Measured {
        seconds: figure("seconds"),
        worked: figure("processor_seconds"),
        resident: figure("resident_bytes") / 1_000_000.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_the_size_that_was_asked_for_and_one_entry_a_line() {
        let sandbox = Sandbox::temporary().unwrap();
        let path = sandbox.environment.root().join("ci.log");
        write_log(&path, 10_000).unwrap();
        let log = fs::read_to_string(path).unwrap();
        assert!((10_000..11_000).contains(&log.len()), "{}", log.len());
        for line in log.lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            assert!(entry["run_id"].as_str().unwrap().starts_with("run-"), "{line}");
        }
    }

    #[test]
    fn what_a_program_takes_is_measured_and_its_failure_told() {
        let measured = run(Command::new("true").arg("more")).unwrap();
        assert!(measured.seconds > 0.0 && measured.worked >= 0.0 && measured.resident >= 0.0);
        assert!(run(&mut Command::new("false")).is_err());
    }
}
