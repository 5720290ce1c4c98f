//! The part of the demo about what is on record: a run of CI, a security audit, and the report as a page.

use std::fs;

use pipeline_acceptance::{Failure, Outcome, command};

use super::place::{PAGE, Place};
use super::runner::Runner;
use crate::screen;

/// The folder of the configuration.
const FOLDER: &str = "report";

/// Records a run with its deployment, audits the checkout, and writes the page.
pub(super) fn play(place: &Place) -> Outcome {
    screen::step("Record a run of CI that deploys the worker, audit the checkout, make a report");
    place.example("report", FOLDER)?;
    fs::write(place.folder(FOLDER).join("terraform.tfvars"), settings(place)?)?;
    let runner = Runner { place, folder: FOLDER };
    runner.terraform(&["init"], |line| line.starts_with("- Install"))?;
    runner.plan_and_apply()?;
    let page = runner.output("page")?;
    for part in ["gh workflow run deployment.yml", "worker", "production-deploy"] {
        if !page.contains(part) {
            return Err(Failure::new(format!("the page of the report says nothing of {part}")));
        }
    }
    let file = place.folder(PAGE);
    fs::write(&file, page)?;
    screen::good(&format!("the report is a page, to be opened in a browser: {}", file.display()));
    Ok(())
}

/// A run that began with the last commit and is over now.
fn settings(place: &Place) -> Outcome<String> {
    let mut commit = place.environment.command("git", &place.folder("product"));
    // In UTC, as times of runs are.
    commit.env("TZ", "UTC").args(["log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"]);
    let commit = command::run(commit.arg("--format=%cd %H"))?.success()?.stdout;
    let (began, commit) = commit.trim().split_once(' ').ok_or("`git log` tells no commit")?;
    let mut date = place.environment.command("date", place.environment.root());
    let now = command::run(date.args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]))?.success()?.stdout;
    let now = now.trim();
    let id: String = now.chars().filter(char::is_ascii_digit).collect();
    let (day, time) = id.split_at_checked(8).ok_or("`date` tells no time")?;
    Ok(format!(
        "repository = \"../product\"\ngithub     = \"example/product\"\nworker     = \"worker/v0.4.0\"\n\n\
         run = {{\n  id           = \"run-{day}-{time}-k8m3q2\"\n  commit_sha   = \"{commit}\"\n  \
         started_at   = \"{began}\"\n  completed_at = \"{now}\"\n}}\n"
    ))
}
