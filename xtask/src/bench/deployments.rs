//! Many deployments to one environment in one apply, beside an apply that moves as many environment tags.
//!
//! Deployments of one environment go one after another, however many Terraform begins at a time; tags
//! do not wait for each other. Neither has a target nor a health check.

use std::fmt;
use std::path::Path;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::sandbox::Sandbox;
use pipeline_acceptance::terraform::Terraform;
use pipeline_acceptance::workspace::Workspace;

use super::table::{Row, Table};
use super::{median, timed};

/// How many times as long as the tags the deployments may take.
const RATIO: f64 = 4.0;

/// How many seconds the deployments may take whatever the tags take.
const ENOUGH: f64 = 6.0;

/// The environment that is deployed to.
const ENVIRONMENT: &str =
    "resource \"pipeline_environment\" \"staging\" {\n  name = \"staging\"\n}\n";

/// Seconds of every round so far.
#[derive(Debug, Default)]
pub(crate) struct Times {
    tags: Vec<f64>,
    deployments: Vec<f64>,
    again: Vec<f64>,
}

/// One round of both sides.
pub(crate) fn round(count: usize, terraform: &Terraform, provider: &Path) -> Outcome<Times> {
    let mut sandbox = Sandbox::temporary()?;
    // Only there may environment tags of a remote move.
    sandbox.environment.set("CI", "true");
    let environment = &sandbox.environment;
    let repository = Repository::product(environment, "product")?;
    let first = repository.head()?;
    let second = repository.commit("the next release")?;
    for number in 0..count {
        repository.tag(&format!("p{number}/v1.0.0"), &second)?;
    }
    repository.publish("remote.git")?;
    let scene = |name: &str| -> Outcome<Workspace> {
        let workspace = Workspace::with(environment, name, terraform.clone(), provider)?;
        workspace.configure(&repository.path(), "")?;
        Ok(workspace)
    };
    let tags = scene("tags")?;
    tags.main(&pointers(count, &first))?;
    apply(&tags)?;
    tags.main(&pointers(count, &second))?;
    let moved = apply(&tags)?;
    // Whoever deploys later finds these as they are.
    let deployments = scene("deployments")?;
    deployments.main(ENVIRONMENT)?;
    apply(&deployments)?;
    deployments.main(&format!("{ENVIRONMENT}{}", versions(count)))?;
    let deployed = apply(&deployments)?;
    let again = timed(|| run(&deployments, "plan", &["-detailed-exitcode"]))?.as_secs_f64();
    Ok(Times { tags: vec![moved], deployments: vec![deployed], again: vec![again] })
}

/// Plans, and gives the seconds of the apply alone.
fn apply(workspace: &Workspace) -> Outcome<f64> {
    run(workspace, "plan", &["-out=saved"])?;
    Ok(timed(|| run(workspace, "apply", &["saved"]))?.as_secs_f64())
}

fn run(workspace: &Workspace, name: &str, words: &[&str]) -> Outcome {
    let words = [&["-input=false", "-no-color"], words].concat();
    workspace.run(name, &words)?.success().map(drop)
}

/// The environment tags of so many sub-projects, on this commit. They are of another environment than
/// the deployments', which move tags themselves.
fn pointers(count: usize, commit: &str) -> String {
    format!(
        "resource \"pipeline_version_tag\" \"many\" {{\n  count = {count}\n  \
         tag_name = \"p${{count.index}}/production\"\n  ref = \"{commit}\"\n}}\n"
    )
}

/// So many deployments, each of a sub-project of its own.
fn versions(count: usize) -> String {
    format!(
        "resource \"pipeline_deployment\" \"many\" {{\n  count = {count}\n  \
         environment = pipeline_environment.staging.name\n  \
         version = \"p${{count.index}}/v1.0.0\"\n  workflow_run_id = \"4711\"\n}}\n"
    )
}

impl Times {
    /// Adds the times of another round.
    pub(crate) fn extend(&mut self, other: Self) {
        self.tags.extend(other.tags);
        self.deployments.extend(other.deployments);
        self.again.extend(other.again);
    }

    /// The medians side by side, and the bound of the deployments.
    pub(crate) fn rows(&self, count: usize, table: &mut Table) {
        let tags = median(&self.tags);
        table.add(Row::figure(format!("apply that moves {count} environment tags (s)"), tags));
        table.add(Row::at_most(
            format!("apply of {count} deployments to one environment (s)"),
            median(&self.deployments),
            ENOUGH.max(RATIO * tags),
        ));
        table.add(Row::figure(format!("no-op plan of these {count} (s)"), median(&self.again)));
    }
}

/// The last round in one line.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = |all: &[f64]| all.last().copied().unwrap_or_default();
        let (tags, deployments) = (last(&self.tags), last(&self.deployments));
        let again = last(&self.again);
        write!(f, "tags moved {tags:.2}, deployments {deployments:.2}, no-op plan {again:.2} s")
    }
}
