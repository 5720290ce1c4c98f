//! How a deployment ends: whether it was a success, what moves then, and what is put back.

use super::{Deployment, HealthCheckResult, MigrationStatus, Status};
use crate::base::revision::{CommitSha, RefName};
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation};
use crate::tag::{Tag, TagGrammar, TagName};
use crate::version::Version;

/// How long a deployment should take at most, in seconds.
pub const TARGET_SECONDS: u64 = 600;

/// What was found out while deploying.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Whether the tests passed; `None` where there are none.
    pub tests_passed: Option<bool>,
    /// What became of the migrations; `None` where there are none.
    pub migrations: Option<MigrationStatus>,
    /// What the health check found; `None` where there is none.
    pub health_check: Option<HealthCheckResult>,
}

/// Everything that keeps a deployment from being a success (DEP039); a success when empty.
#[must_use]
pub fn obstacles(evidence: &Evidence) -> Vec<Violation> {
    let mut findings = Findings::new();
    let Evidence { tests_passed, migrations, health_check } = *evidence;
    let obstacle = |found: String, expected: &str, step: &str| {
        let next = format!("Read the output of the {step}, fix the cause and deploy again.");
        Violation::new(RuleId::DEP039, found, expected, next)
    };
    findings.require(tests_passed != Some(false), || {
        obstacle("failed tests".to_owned(), "all tests to pass", "tests")
    });
    let applied =
        !matches!(migrations, Some(MigrationStatus::Failed | MigrationStatus::RolledBack));
    findings.require(applied, || {
        let word = migrations.map_or("", MigrationStatus::as_str);
        obstacle(
            format!("migrations that are `{word}`"),
            "migrations that succeed or are not required",
            "migrations",
        )
    });
    let healthy = matches!(health_check, None | Some(HealthCheckResult::Passed { .. }));
    findings.require(healthy, || {
        let word = health_check.map_or("", |result| result.status().as_str());
        obstacle(
            format!("a health check that is `{word}`"),
            "a health check that passes",
            "health check",
        )
    });
    findings.into_vec()
}

/// Checks what is said of the migrations when the deployment is over, against those that ran (TSK002).
#[must_use]
pub fn check_migrations(deployment: &Deployment) -> Option<Violation> {
    let run = deployment.migrations.as_ref()?;
    let back: Vec<_> = run.rolled_back.iter().rev().collect();
    let fits = match run.status {
        Some(MigrationStatus::Success) => run.applied == run.names,
        Some(MigrationStatus::RolledBack) => {
            back == run.applied.iter().collect::<Vec<_>>()
                && deployment.status() != Status::Succeeded
        }
        Some(MigrationStatus::Failed) => deployment.status() != Status::Succeeded,
        Some(MigrationStatus::NotRequired) => run.names.is_empty(),
        None => false,
    };
    (!fits).then(|| {
        let said = run.status.map_or("nothing", MigrationStatus::as_str);
        let (ran, all, back) = (run.applied.len(), run.names.len(), run.rolled_back.len());
        Violation::new(
            RuleId::TSK002,
            format!("`{said}` of {all} migrations, of which {ran} ran and {back} were rolled back"),
            "what became of the migrations",
            REPORT,
        )
        .under("migrations")
    })
}

/// A move of an environment tag that belongs into the transaction that ends a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMove {
    /// The tag.
    pub tag: TagName,
    /// Where it stands after.
    pub to: CommitSha,
}

/// The move of the environment tag that the end of this deployment brings about: one for a
/// success that was to move it (DEP008), none otherwise (DEP009).
///
/// Environments without tags, by the grammar, have none to move.
#[must_use]
pub fn tag_move(deployment: &Deployment, grammar: &TagGrammar) -> Option<TagMove> {
    let moves = deployment.status() == Status::Succeeded
        && deployment.will_move_env_tag
        && grammar.has_tags(&deployment.environment);
    moves.then(|| {
        let path = deployment.version.sub_project_path().clone();
        let tag = Tag::of_environment(path, deployment.environment.clone());
        TagMove { tag: tag.name().clone(), to: deployment.commit_sha }
    })
}

/// Checks a transaction that is ready to be written, by the refs that it changes: where it is to move the
/// environment tag, it changes that one and `record`, which tells of the success (DEP008); else it changes no
/// tag at all (DEP009).
#[must_use]
pub fn check_transaction<'a>(
    deployment: &Deployment,
    grammar: &TagGrammar,
    record: &RefName,
    changed: impl IntoIterator<Item = &'a RefName>,
) -> Vec<Violation> {
    let changed: Vec<&RefName> = changed.into_iter().collect();
    let right = tag_move(deployment, grammar).map(|to_move| to_move.tag.ref_name());
    let mut findings = Findings::new();
    for wanted in right.iter().chain(right.is_some().then_some(record)) {
        findings.require(changed.contains(&wanted), || {
            let found = format!("a transaction that leaves `{wanted}` as it is");
            let expected = "the success and the move of its environment tag in one transaction";
            Violation::new(RuleId::DEP008, found, expected, REPORT)
        });
    }
    let tags = changed.into_iter().filter(|name| name.as_str().starts_with("refs/tags/"));
    for moved in tags.filter(|name| Some(*name) != right.as_ref()) {
        let found = format!("a transaction that moves `{moved}`");
        let expected = match &right {
            Some(right) => format!("`{right}` alone to move"),
            None => format!("no tag to move, because the deployment is `{}`", deployment.status()),
        };
        findings.push(Violation::new(RuleId::DEP009, found, expected, REPORT));
    }
    findings.into_vec()
}

/// What to do about a transaction that nobody but this program made.
const REPORT: &str = "Nothing was written; report this as a bug.";

/// The version that a failed deployment puts back (BUS002): what ran before, if anything did.
#[must_use]
pub const fn restored_version(deployment: &Deployment) -> Option<&Version> {
    deployment.previous_version.as_ref()
}

/// Checks the end of a deployment: that a failure put the previous version back (BUS002), and
/// that it did not take too long (DEP040).
#[must_use]
pub fn check_end(deployment: &Deployment) -> Vec<Violation> {
    let mut findings = Findings::new();
    if deployment.status() == Status::Failed {
        let (found, right) = (deployment.progress.rolled_back_to(), restored_version(deployment));
        findings.require(found == right, || not_restored(found, right));
    }
    if let Some(seconds) = deployment.duration_seconds().filter(|seconds| *seconds > TARGET_SECONDS)
    {
        let expected = format!("at most {TARGET_SECONDS} seconds");
        let next = "Find the step that takes longest in the log of the run, and shorten it.";
        findings.push(Violation::new(RuleId::DEP040, format!("{seconds} seconds"), expected, next));
    }
    findings.into_vec()
}

fn not_restored(found: Option<&Version>, right: Option<&Version>) -> Violation {
    let told = |version: Option<&Version>| match version {
        Some(version) => format!("`{version}` put back"),
        None => "nothing put back".to_owned(),
    };
    let next = "Look at what the environment runs, and deploy the version that it should run.";
    Violation::new(RuleId::BUS002, told(found), told(right), next).under("rolled_back_to")
}
