//! Fuzzing: libFuzzer, which follows what code an input reaches, for the targets of `pipeline-fuzz`.
//!
//! Stable Rust can mark code for it, so that no other compiler is needed, only one of C++. What is found on the
//! way stays under `target/`; an input that breaks a target belongs into `fuzz/corpus`, with the change that mends it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::Args;
use pipeline_acceptance::{Failure, Outcome, command};

use crate::cargo::{aloud, cargo, root, target};
use crate::screen;

/// What to fuzz, and for how long.
#[derive(Args)]
pub(crate) struct Fuzzing {
    /// Only these targets, by the names of the folders in `fuzz/corpus`; else all, one after another.
    targets: Vec<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The seed of the dice; else libFuzzer takes one by the clock, and its log names it.
    #[arg(long)]
    seed: Option<u32>,
    /// Only give the target this file, such as one that broke it.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
}

/// What marks the code: a counter for each edge, and what is compared with what.
const FLAGS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// The longest input, in bytes; targets grow some of them by themselves.
const LONGEST: usize = 4096;

/// Runs the targets.
pub(crate) fn run(fuzzing: &Fuzzing) -> Outcome {
    let corpora = root().join("fuzz/corpus");
    let names = names(&corpora, &fuzzing.targets)?;
    let program = build()?;
    if let Some(input) = &fuzzing.input {
        let [name] = names.as_slice() else {
            return Err("name the one target that `--input` is for".into());
        };
        return aloud(engine(&program, name).arg(input));
    }
    let mut broken = Vec::new();
    for name in &names {
        if !fuzz(&program, name, &corpora.join(name), fuzzing)? {
            broken.push(name.as_str());
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("broken: {}", broken.join(", "))))
}

/// The targets that were named, or all.
fn names(corpora: &Path, named: &[String]) -> Outcome<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(corpora)? {
        all.push(entry?.file_name().to_string_lossy().into_owned());
    }
    all.sort();
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        return Err(Failure::new(format!("no target `{unknown}`; there are {}", all.join(", "))));
    }
    Ok(if named.is_empty() { all } else { named.to_vec() })
}

/// Builds the targets with the engine. The target is named, so that the marks are not put into build scripts.
fn build() -> Outcome<PathBuf> {
    let said = command::run(Command::new("rustc").args(["--version", "--verbose"]))?.success()?;
    let host = said.stdout.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc names no host")?.to_owned();
    let folder = target()?.join("fuzz");
    let mut build = cargo();
    build.args(["build", "--profile", "fuzz", "--package", "pipeline-fuzz"]);
    build.args(["--features", "libfuzzer", "--target", &host, "--target-dir"]).arg(&folder);
    build.env("RUSTFLAGS", FLAGS.join(" "));
    aloud(&mut build)?;
    Ok(folder.join(host).join("fuzz/pipeline-fuzz"))
}

fn engine(program: &Path, name: &str) -> Command {
    let mut engine = Command::new(program);
    engine.env("PIPELINE_FUZZ_TARGET", name);
    engine
}

/// Runs one target, and says whether it held.
fn fuzz(program: &Path, name: &str, corpus: &Path, fuzzing: &Fuzzing) -> Outcome<bool> {
    let folder = target()?.join("fuzz");
    let grown = folder.join("corpus").join(name);
    let faults = folder.join("faults");
    fs::create_dir_all(&grown)?;
    fs::create_dir_all(&faults)?;
    let mut run = engine(program, name);
    run.arg(format!("-max_total_time={}", fuzzing.seconds));
    run.arg(format!("-max_len={LONGEST}"));
    run.args(["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    run.arg(format!("-artifact_prefix={}/{name}-", faults.display()));
    run.args(fuzzing.seed.map(|seed| format!("-seed={seed}")));
    run.arg(&grown).arg(corpus);
    let started = Instant::now();
    let ended = command::run(&mut run)?;
    let log = faults.join(format!("{name}.log"));
    fs::write(&log, &ended.stderr)?;
    let inputs = statistic(&ended.stderr, "number_of_executed_units");
    let reached = fs::read_dir(&grown)?.count();
    let seconds = started.elapsed().as_secs();
    let held = ended.success().is_ok();
    let verdict = if held { "holds".to_owned() } else { format!("BROKEN, see {}", log.display()) };
    screen::line(&format!(
        "  {name:<14} {seconds:>5} s {inputs:>12} inputs {reached:>6} kept  {verdict}"
    ));
    Ok(held)
}

/// A number of libFuzzer's own report, or nothing where it broke off.
fn statistic(log: &str, name: &str) -> String {
    let line = log.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
    line.map(|rest| rest.trim_start_matches(':').trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statistic_is_found_by_its_name() {
        let log = "#2 INITED\nstat::number_of_executed_units: 42\nstat::peak_rss_mb: 7\n";
        assert_eq!(statistic(log, "number_of_executed_units"), "42");
        assert_eq!(statistic(log, "new_units_added"), "");
    }

    #[test]
    fn targets_are_the_folders_of_the_corpus() {
        let corpora = root().join("fuzz/corpus");
        assert!(names(&corpora, &[]).unwrap().contains(&"version".to_owned()));
        let unknown = names(&corpora, &["no-such-target".to_owned()]).unwrap_err().to_string();
        assert!(unknown.contains("no-such-target") && unknown.contains("version"), "{unknown}");
    }
}
