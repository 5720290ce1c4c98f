//! Deployments of several services to three environments in one apply, with a health check that takes its time:
//! with a queue of each service, and with one of each environment.
//!
//! Measured once: what it takes is the health checks', which are always the same.

use std::path::Path;
use std::time::Duration;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::sandbox::Sandbox;
use pipeline_acceptance::terraform::Terraform;
use pipeline_acceptance::workspace::Workspace;

use super::table::{Row, Table};
use super::timed;

const ENVIRONMENTS: [&str; 3] = ["development", "staging", "qa"];

/// How long the health check takes.
const CHECK: Duration = Duration::from_secs(4);

/// How many times as long as one health check all may take where no service waits for another.
const SIDE_BY_SIDE: f64 = 2.5;

/// How many times as long as the health checks of one environment all may take where they go one by one.
const ONE_BY_ONE: f64 = 1.1;

/// Measures both policies.
pub(crate) fn measure(
    services: usize,
    terraform: &Terraform,
    provider: &Path,
    table: &mut Table,
) -> Outcome {
    let (check, all) = (CHECK.as_secs_f64(), u32::try_from(services).unwrap_or(u32::MAX));
    let what = format!("{services} services × {} environments", ENVIRONMENTS.len());
    for (policy, bound) in [
        ("sub_project", SIDE_BY_SIDE * check),
        ("environment", ONE_BY_ONE * check * f64::from(all)),
    ] {
        let took = round(services, policy, terraform, provider)?;
        table.add(Row::at_most(format!("{what}, by {policy} (s)"), took, bound));
    }
    Ok(())
}

/// How many seconds an apply of all takes.
fn round(services: usize, policy: &str, terraform: &Terraform, provider: &Path) -> Outcome<f64> {
    let mut sandbox = Sandbox::temporary()?;
    sandbox.environment.set("CI", "true");
    let environment = &sandbox.environment;
    let repository = Repository::product(environment, "product")?;
    let head = repository.head()?;
    for number in 0..services {
        repository.tag(&format!("p{number}/v1.0.0"), &head)?;
    }
    repository.publish("remote.git")?;
    let workspace = Workspace::with(environment, "services", terraform.clone(), provider)?;
    workspace.configure(&repository.path(), "")?;
    let server = HealthServer::start(Health::Slow(CHECK))?;
    workspace.main(&environments(policy))?;
    run(&workspace, "apply", &["-auto-approve"])?;
    workspace.main(&format!("{}{}", environments(policy), deployments(services, &server.url)))?;
    run(&workspace, "plan", &["-out=saved"])?;
    let apply = || run(&workspace, "apply", &["-parallelism=30", "saved"]);
    Ok(timed(apply)?.as_secs_f64())
}

fn run(workspace: &Workspace, name: &str, words: &[&str]) -> Outcome {
    let words = [&["-input=false", "-no-color"], words].concat();
    workspace.run(name, &words)?.success().map(drop)
}

fn environments(policy: &str) -> String {
    let names = ENVIRONMENTS.map(|name| format!("\"{name}\"")).join(", ");
    format!(
        "resource \"pipeline_environment\" \"all\" {{\n  for_each = toset([{names}])\n  name = \
         each.key\n  config_path = \"environments/staging\"\n  concurrency = \"{policy}\"\n}}\n"
    )
}

/// A deployment of each service to each environment.
fn deployments(services: usize, url: &str) -> String {
    ENVIRONMENTS
        .map(|name| {
            format!(
                "resource \"pipeline_deployment\" \"{name}\" {{\n  count = {services}\n  \
                 environment = pipeline_environment.all[\"{name}\"].name\n  \
                 version = \"p${{count.index}}/v1.0.0\"\n  health_check = {{\n    url = \"{url}\"\n    \
                 attempt_timeout = \"1m\"\n    timeout = \"2m\"\n  }}\n}}\n"
            )
        })
        .concat()
}
