//! A program that uses the library alone, beside Terraform: both deploy to one environment, each in its
//! turn, and the history has both.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome};
use pipeline_core::git::{Repository as Git, Settings};
use pipeline_core::health::HealthCheck;
use pipeline_core::{Deployment, Pipeline, PipelineError};

use crate::hcl::{deployment, health_check};
use crate::interruption::finish;
use crate::team::{ENVIRONMENT, Team, Way, version};

/// As long as no test waits.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

/// The library, in this process, over a clone of its own.
fn library(team: &Team, name: &str) -> Outcome<Pipeline> {
    let clone = Repository::clone_of(team.environment(), &team.remote.path(), name, &[])?;
    let git = team.environment().command("git", team.environment().root());
    let variables = git.get_envs().filter_map(|(name, value)| Some((name.into(), value?.into())));
    let settings = Settings {
        environment: variables.collect(),
        cache_dir: Some(team.environment().root().join("library-cache")),
        ..Settings::default()
    };
    let repository =
        Git::open(Some(&clone.path()), None, settings).map_err(|error| failed(&error))?;
    Ok(Pipeline::over(repository).acting_as(name.parse().map_err(|error| failed(&error))?))
}

/// A deployment by the library that is under way.
type Deploying = JoinHandle<Result<Deployment, PipelineError>>;

/// Asks for a version by the library alone; the check, where there is one, is asked at this address.
fn deploy(pipeline: Pipeline, minor: usize, check: Option<String>) -> Outcome<Deploying> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (version, environment) =
        (version(minor), ENVIRONMENT.parse().map_err(|error| failed(&error))?);
    let version = version.parse().map_err(|error| failed(&error))?;
    let check = match check {
        Some(url) => Some(HealthCheck {
            url: url.parse().map_err(|error| failed(&error))?,
            expected_status: 200,
            expected_body: None,
            interval: Duration::from_millis(50),
            retries: None,
            attempt_timeout: FOR_EVER,
            timeout: FOR_EVER,
        }),
        None => None,
    };
    Ok(thread::spawn(move || {
        runtime.block_on(async {
            let mut request = pipeline.request(version, environment).await?;
            request.health_check = check;
            pipeline.deploy(request).await
        })
    }))
}

fn ended(deploying: Deploying) -> Outcome<Deployment> {
    let ended = deploying.join().map_err(|_| Failure::new("the library panicked"))?;
    ended.map_err(|error| failed(&error))
}

fn failed(error: &impl ToString) -> Failure {
    Failure::new(error.to_string())
}

/// Terraform, with a deployment of a version to the environment that is registered already.
fn terraform(team: &Team, minor: usize, lines: &str) -> Outcome<Workspace> {
    let clone = Repository::clone_of(team.environment(), &team.remote.path(), "clone", &[])?;
    let workspace = Workspace::new(team.environment(), "terraform")?;
    workspace.configure(&clone.path(), "  actor = \"terraform\"")?;
    let own = deployment(ENVIRONMENT, &version(minor), lines);
    workspace.main(&own.replace("pipeline_environment.staging.name", "\"staging\""))?;
    Ok(workspace)
}

/// Waits until somebody waits at a place of the queue.
fn waits(team: &Team, place: usize, who: &str) -> Outcome {
    let there = || team.queue().is_ok_and(|queue| queue["waiting"][place]["holder"] == who);
    wait_until("it waits in the queue", there)
}

/// The history has these deployments, all of which succeeded, in this order and one after another.
fn deployed_in_order(team: &Team, expected: &[(&str, usize)]) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let environment = ENVIRONMENT.parse().map_err(|error| failed(&error))?;
    let history = runtime.block_on(library(team, "reader")?.history(&environment));
    let history = history.map_err(|error| failed(&error))?;
    let successes = history.successes();
    assert_eq!(successes.len(), history.records().count(), "{history:?}");
    let told: Vec<_> =
        successes.iter().map(|it| (it.triggered_by.to_string(), it.version.to_string())).collect();
    let wanted: Vec<_> =
        expected.iter().map(|(who, minor)| ((*who).to_owned(), version(*minor))).collect();
    assert_eq!(told, wanted);
    let mut before = None;
    for record in &successes {
        assert!(record.progress.started_at() >= before, "{record:?}");
        before = record.progress.completed_at();
    }
    let queue = team.queue()?;
    assert!(queue["current"].is_null() && queue["waiting"].as_array().is_none_or(Vec::is_empty));
    let last = expected.last().map_or("", |(_, minor)| team.commit(*minor));
    assert_eq!(team.tag().as_deref(), Some(last));
    Ok(())
}

#[test]
fn the_library_waits_its_turn_while_terraform_deploys() -> Outcome {
    let (team, witness) = (Team::new(Way::Files, 2)?, Witness::start()?);
    witness.answer("terraform", Answer::WhenReleased);
    let workspace = terraform(&team, 0, &health_check(&witness.url("terraform")))?;
    let holder = workspace.start_apply()?;
    witness.wait_for("terraform")?;
    let library = deploy(library(&team, "script")?, 1, None)?;
    waits(&team, 0, "script")?;
    assert_eq!(team.queue()?["current"]["holder"], "terraform");
    assert_eq!(team.tag(), None);
    assert!(!library.is_finished());
    witness.release("terraform");
    finish(holder)?.ok()?;
    let script = ended(library)?;
    assert_eq!(script.version.to_string(), version(1));
    assert_eq!(script.previous_version.map(|it| it.to_string()), Some(version(0)));
    deployed_in_order(&team, &[("terraform", 0), ("script", 1)])
}

#[test]
fn terraform_waits_its_turn_between_two_that_use_the_library() -> Outcome {
    let (team, witness) = (Team::new(Way::Files, 3)?, Witness::start()?);
    witness.answer("first", Answer::WhenReleased);
    let first = deploy(library(&team, "first")?, 0, Some(witness.url("first")))?;
    witness.wait_for("first")?;
    let workspace = terraform(&team, 1, "")?;
    let waiting = workspace.start_apply()?;
    waits(&team, 0, "terraform")?;
    let last = deploy(library(&team, "last")?, 2, None)?;
    waits(&team, 1, "last")?;
    witness.release("first");
    ended(first)?;
    finish(waiting)?.ok()?;
    ended(last)?;
    deployed_in_order(&team, &[("first", 0), ("terraform", 1), ("last", 2)])?;
    // Its own plan says who deployed since.
    workspace.plan(&[])?.warned("The environment runs something else")?.says("last")?;
    Ok(())
}
