//! Cases of migrations, tests and commands.

use std::time::Duration;

use pipeline_core::command::rules::check as check_command;
use pipeline_core::deployment::completion::check_migrations;
use pipeline_core::deployment::rules::{DeploymentFacts, Known, Moment};
use pipeline_core::deployment::{History, MigrationStatus, MigrationsRun};
use pipeline_core::environment::{EnvironmentParts, TestCommands};
use pipeline_core::rollback::half_migrated;
use pipeline_core::{Deployment, Environment, EnvironmentName, Version};

use super::deployments::{check, plan};
use super::samples::{COMMIT, actor, parts, running, time};
use super::{Case, Found, case};

pub(crate) const CASES: &[Case] = &[
    case("TSK001", || begun(Some(MigrationStatus::Failed), None), || begun(None, None)),
    case("TSK001", || begun(None, Some("abc123")), || begun(None, Some("zzz999"))),
    case(
        "TSK002",
        || migrated(2, 0, MigrationStatus::Success),
        || migrated(1, 0, MigrationStatus::Success),
    ),
    case(
        "TSK002",
        || migrated(2, 2, MigrationStatus::RolledBack),
        || migrated(2, 1, MigrationStatus::RolledBack),
    ),
    case("TSK003", || asked(Known::Is(true)), || asked(Known::Is(false))),
    case("TSK003", || asked(Known::NotYet), || asked(Known::Is(false))),
    case("TSK004", || command("TOKEN", 60), || command("TOKEN", 0)),
    case("TSK004", || command("TOKEN", 60), || command("PIPELINE_VERSION", 60)),
    case("TSK004", || command("TOKEN", 60), || command("TO=KEN", 60)),
    case("TSK004", || command("TOKEN", 60), || command("0TOKEN", 60)),
];

/// Two migrations, of which so many ran and so many were rolled back.
fn two(ran: usize, back: usize, status: Option<MigrationStatus>) -> MigrationsRun {
    let names = ["0001".to_owned(), "0002".to_owned()];
    let applied: Vec<String> = names[..ran].to_vec();
    let rolled_back = applied.iter().rev().take(back).cloned().collect();
    MigrationsRun { names: names.to_vec(), applied, rolled_back, status }
}

fn failed(migrations: MigrationsRun) -> Deployment {
    let ended = running().fail(time(20), "it failed", None).unwrap();
    Deployment { migrations: Some(migrations), ..ended }
}

/// The same version once more, after a deployment whose migrations ended so.
fn begun(status: Option<MigrationStatus>, after: Option<&str>) -> Found {
    let before = failed(two(1, 0, status));
    let after = after.map(super::samples::id);
    half_migrated(&before.version, [&before], after.as_ref(), None).into_iter().collect()
}

fn migrated(ran: usize, back: usize, status: MigrationStatus) -> Found {
    let migrations = Some(two(ran, back, Some(status)));
    let over = match status {
        MigrationStatus::Success => running().succeed(time(20)).unwrap(),
        _ => running().fail(time(20), "a test failed", None).unwrap(),
    };
    check_migrations(&Deployment { migrations, ..over }).into_iter().collect()
}

/// A deployment to an environment that asks for tests.
fn asked(runs_tests: Known<bool>) -> Found {
    let version: Version = "api/v1.2.3".parse().unwrap();
    let name: EnvironmentName = "staging".parse().unwrap();
    let tests = Some(TestCommands::new(vec!["make smoke".to_owned()]).unwrap());
    let asks = Environment::new(EnvironmentParts { tests, ..parts() }).unwrap();
    let (history, by) = (History::default(), actor("ada"));
    let mut facts = DeploymentFacts::of_nothing(&history, time(100));
    facts.version_tag = Some(COMMIT);
    facts.environment = Some(&asks);
    let mut it = plan(&version, &name, &by);
    it.runs_tests = runs_tests;
    let mut found = check(&it, &facts, Moment::Plan);
    // The environment asks for an approval too.
    found.retain(|violation| violation.rule.as_str() != "DEP012");
    found
}

fn command(variable: &str, seconds: u64) -> Found {
    check_command([variable], Some(Duration::from_secs(seconds)))
}
