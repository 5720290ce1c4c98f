//! Runs of test programs, one after another. The output of the acceptance suite goes to the screen and is counted on
//! the way.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use pipeline_acceptance::{Outcome, command};

use super::Stage;
use super::figures::Figures;
use super::program::TestProgram;
use crate::cargo::{aloud, cargo};
use crate::screen;

/// Runs programs where the stage says, each with these `arguments`. One that fails does not hide the next.
pub(super) fn on(
    stage: &Stage<'_>,
    programs: &[&TestProgram],
    arguments: &[&str],
) -> Outcome<Figures> {
    let mut all = Figures::default();
    for program in programs {
        screen::line(&format!("     Running {}", program.title()));
        let mut test = program.command();
        stage.set(test.args(arguments));
        all.add(counted(&mut test, screen::line, screen::aside)?);
    }
    Ok(all)
}

/// Runs programs that need no stage, and the examples in doc comments.
pub(super) fn of_packages(programs: &[&TestProgram], arguments: &[&str]) -> Outcome {
    let mut failed = Vec::new();
    for program in programs {
        screen::line(&format!("     Running {}", program.title()));
        let run = aloud(program.command().args(arguments));
        failed.extend(run.is_err().then(|| program.title()));
    }
    let documented = aloud(cargo().args(["test", "--workspace", "--doc", "--no-fail-fast"]));
    failed.extend(documented.is_err().then(|| "examples in doc comments".to_owned()));
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

/// Runs a command of tests, shows what it says on either stream, and counts.
fn counted(test: &mut Command, out: impl Fn(&str), err: impl Fn(&str) + Send) -> Outcome<Figures> {
    let start = Instant::now();
    test.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = test.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let figures = Mutex::new(Figures::default());
    thread::scope(|scope| {
        let figures = &figures;
        scope.spawn(move || follow(stderr, figures, err));
        follow(stdout, figures, out);
    });
    let mut figures = figures.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !child.wait()?.success() {
        figures.fault = Some(format!("failed: {}", command::line(test)));
    }
    figures.took = start.elapsed();
    Ok(figures)
}

/// Shows each line and counts what it tells.
fn follow(from: Option<impl Read>, figures: &Mutex<Figures>, show: impl Fn(&str)) {
    let Some(from) = from else { return };
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        show(&line);
        figures.lock().unwrap_or_else(PoisonError::into_inner).note(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_both_streams_and_keeps_the_verdict() {
        let script = "echo 'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured'; \
                      echo 'skipped a_test: no server' >&2; exit 1";
        let shown = Mutex::new(0);
        let show = |_: &str| *shown.lock().unwrap() += 1;
        let figures = counted(Command::new("sh").args(["-c", script]), show, show).unwrap();
        assert_eq!(*shown.lock().unwrap(), 2);
        assert_eq!((figures.passed(), figures.skipped.len()), (2, 1));
        assert!(figures.fault.is_some_and(|fault| fault.starts_with("failed: sh")));
    }
}
