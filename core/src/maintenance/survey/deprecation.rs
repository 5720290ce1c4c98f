//! Looks for old versions that nothing needs.

use std::collections::BTreeSet;
use std::time::Duration;

use super::needs;
use crate::base::violation::{Violation, Violations};
use crate::git::Repository;
use crate::ledger::{Ledger, LedgerError};
use crate::maintenance::change::BATCH;
use crate::maintenance::rules::old_releases;
use crate::{CommitSha, SubProjectPath, TagGrammar, Timestamp, Version};

/// Which versions are old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// So many of the newest releases of each sub-project are not.
    pub keep: usize,
    /// Nor those whose tags are younger than this.
    pub older_than: Option<Duration>,
    /// The sub-projects; all, where none is named.
    pub sub_projects: Vec<SubProjectPath>,
}

/// The versions to be deprecated.
#[derive(Debug, Clone, Default)]
pub struct Deprecations {
    go: Vec<(Version, CommitSha)>,
    /// Old versions that are still needed (MNT007).
    pub stay: Vec<Violation>,
}

impl Deprecations {
    /// What would be done, one line for each version.
    #[must_use]
    pub fn plan(&self) -> Vec<String> {
        self.go.iter().map(|(version, _)| line(version)).collect()
    }

    /// Only those that were planned.
    pub fn retain(&mut self, planned: &[String]) {
        let planned: BTreeSet<&str> = planned.iter().map(String::as_str).collect();
        self.go.retain(|(version, _)| planned.contains(line(version).as_str()));
    }

    /// The versions, in parts that are one transaction each.
    pub fn batches(&self) -> impl Iterator<Item = Deprecations> {
        self.go.chunks(BATCH).map(|go| Self { go: go.to_vec(), stay: Vec::new() })
    }

    pub(in crate::maintenance) fn versions(&self) -> &[(Version, CommitSha)] {
        &self.go
    }
}

fn line(version: &Version) -> String {
    format!("deprecate {version}")
}

/// Looks for the old versions as of this time. The answer is that of the day, so that an apply finds what its
/// plan found.
///
/// # Errors
/// When the repository cannot be read; within, that the policy names what is not there.
pub async fn deprecations(
    ledger: &Ledger<Repository>,
    grammar: &TagGrammar,
    policy: &Policy,
    now: Timestamp,
) -> Result<Result<Deprecations, Violations>, LedgerError> {
    let releases = ledger.releases(grammar).await?;
    let old = match old_releases(&releases, policy.keep, &policy.sub_projects) {
        Ok(old) => old,
        Err(bad) => return Ok(Err(bad)),
    };
    let (needs, today) = (needs(ledger, grammar).await?, now.unix_seconds() / 86_400);
    let mut found = Deprecations::default();
    for release in old {
        if let Some(age) = policy.older_than {
            let at = made_at(ledger.store(), &release.tag_name, release.commit).await?;
            let until = at.map(|at| at.unix_seconds().saturating_add_unsigned(age.as_secs()));
            if until.is_none_or(|until| until / 86_400 >= today) {
                continue;
            }
        }
        match needs.check_deprecation(&release.version) {
            Ok(()) => found.go.push((release.version.clone(), release.commit)),
            Err(needed) => found.stay.push(needed),
        }
    }
    Ok(Ok(found))
}

/// When a tag was made; a lightweight one is as old as its commit.
async fn made_at(
    repository: &Repository,
    tag: &crate::TagName,
    commit: CommitSha,
) -> Result<Option<Timestamp>, crate::git::GitError> {
    match repository.tag(tag.as_str()).await?.and_then(|tag| tag.created_at()) {
        Some(at) => Ok(Some(at)),
        None => repository.committed_at(commit).await,
    }
}
