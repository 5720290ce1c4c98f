//! How a deployment ends: whether it was a success, what moves then, and what is put back.

use super::{Deployment, HealthCheckResult, MigrationStatus, Status};
use crate::base::revision::CommitSha;
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
    let obstacle = |found: String, expected: &str| {
        let next = "The deployment failed; mend the cause and deploy again.";
        Violation::new(RuleId::DEP039, found, expected, next)
    };
    findings.require(tests_passed != Some(false), || {
        obstacle("failed tests".to_owned(), "all tests to pass")
    });
    let applied =
        !matches!(migrations, Some(MigrationStatus::Failed | MigrationStatus::RolledBack));
    findings.require(applied, || {
        let word = migrations.map_or("", MigrationStatus::as_str);
        obstacle(
            format!("migrations that are `{word}`"),
            "migrations that succeed or are not required",
        )
    });
    let healthy = matches!(health_check, None | Some(HealthCheckResult::Passed { .. }));
    findings.require(healthy, || {
        let word = health_check.map_or("", |result| result.status().as_str());
        obstacle(format!("a health check that is `{word}`"), "a health check that passes")
    });
    findings.into_vec()
}

/// A move of an environment tag that belongs into the transaction that ends a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMove {
    /// The tag.
    pub tag: TagName,
    /// Where it has to stand before; `None` where it must not exist.
    pub from: Option<CommitSha>,
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
        let (from, to) = (deployment.previous_commit, deployment.commit_sha);
        TagMove { tag: tag.name().clone(), from, to }
    })
}

/// Checks that a transaction that records the end of a deployment moves the tag as it should
/// (DEP008, DEP009).
#[must_use]
pub fn check_transaction(
    deployment: &Deployment,
    grammar: &TagGrammar,
    moved: Option<&TagMove>,
) -> Vec<Violation> {
    let right = tag_move(deployment, grammar);
    if right.as_ref() == moved {
        return Vec::new();
    }
    let rule = if right.is_some() { RuleId::DEP008 } else { RuleId::DEP009 };
    let told = |tag_move: Option<&TagMove>| match tag_move {
        Some(TagMove { tag, to, .. }) => format!("a move of `{tag}` to commit `{to}`"),
        None => "no move of a tag".to_owned(),
    };
    let status = deployment.status();
    let expected = format!("{} with a deployment that is `{status}`", told(right.as_ref()));
    let next = "Make one transaction of the record, the tag and the queue.";
    vec![Violation::new(rule, told(moved), expected, next)]
}

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
        let next = "Look for the step that takes longest.";
        findings.push(Violation::new(RuleId::DEP040, format!("{seconds} seconds"), expected, next));
    }
    findings.into_vec()
}

fn not_restored(found: Option<&Version>, right: Option<&Version>) -> Violation {
    let told = |version: Option<&Version>| match version {
        Some(version) => format!("`{version}` put back"),
        None => "nothing put back".to_owned(),
    };
    let next = "Put the previous version back, and say so in the record.";
    Violation::new(RuleId::BUS002, told(found), told(right), next).under("rolled_back_to")
}
