//! Reads the scripts and secrets files of one commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Audit, Finding, FindingKind, Scanner, is_script, is_secrets_file};
use crate::CommitSha;
use crate::base::limits::DEEPEST;
use crate::environment::rules::SecretsFile;
use crate::environment::{Reached, judge, reach};
use crate::git::{FileKind, GitError, ObjectId, Repository};

/// How large a script may be that is looked at: 1 MiB.
const LARGEST_SCRIPT: usize = 1024 * 1024;

/// Audits a commit. `also` names files and folders that CI runs besides; `allowed` holds the fingerprints of
/// findings that are none.
///
/// # Errors
/// When the repository cannot be read.
pub async fn survey(
    repository: &Repository,
    commit: CommitSha,
    also: &[String],
    allowed: &BTreeSet<String>,
) -> Result<Audit, GitError> {
    let scanner = Arc::new(Scanner::default());
    let Paths { found, missing } = paths(repository, commit, also).await?;
    let nothing = |path: String| Finding::of_file(&path, FindingKind::NothingThere);
    let (mut files, mut findings) = (0, missing.into_iter().map(nothing).collect::<Vec<_>>());
    let objects: Vec<ObjectId> = found.iter().map(|(_, object)| *object).collect();
    repository.bring_files(&objects).await?;
    for (path, _) in found {
        // What CI runs or decrypts by the name of a symbolic link is the file that this leads to.
        let reached = reach(repository, commit, &path, "").await?;
        let Reached::Here { kind: kind @ (FileKind::File(_) | FileKind::LargeFile { .. }), .. } =
            reached
        else {
            continue;
        };
        files += 1;
        if is_secrets_file(&path) {
            if judge(&path, kind).await != SecretsFile::Encrypted {
                findings.push(Finding::of_file(&path, FindingKind::PlaintextSecrets));
            }
            continue;
        }
        findings.extend(scanned(&scanner, path, kind).await);
    }
    Ok(Audit::new(files, findings, allowed))
}

/// Looks at a script beside what the runtime does: what costs time must not stop timers and leases.
async fn scanned(scanner: &Arc<Scanner>, path: String, kind: FileKind) -> Vec<Finding> {
    let too_large = vec![Finding::of_file(&path, FindingKind::NotScanned)];
    match kind {
        FileKind::File(bytes) if bytes.len() <= LARGEST_SCRIPT => {
            let scanner = Arc::clone(scanner);
            let looking = tokio::task::spawn_blocking(move || scanner.scan(&path, &bytes));
            looking.await.unwrap_or(too_large)
        }
        _ => too_large,
    }
}

/// The files of a commit that are looked at, sorted, and what is named and not there.
struct Paths {
    found: Vec<(String, ObjectId)>,
    missing: BTreeSet<String>,
}

/// Walks through a commit.
async fn paths(
    repository: &Repository,
    commit: CommitSha,
    also: &[String],
) -> Result<Paths, GitError> {
    let mut missing: BTreeSet<String> = also.iter().cloned().collect();
    let mut is_named = |path: &str| {
        let below = |it: &&String| {
            let rest = path.strip_prefix(it.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let named: Vec<&String> = also.iter().filter(below).collect();
        missing.retain(|it| !named.contains(&it));
        !named.is_empty()
    };
    let (mut found, mut folders) = (Vec::new(), vec![(0, String::new())]);
    while let Some((depth, folder)) = folders.pop() {
        for entry in repository.list(commit, &folder).await?.unwrap_or_default() {
            let slash = if folder.is_empty() { "" } else { "/" };
            let path = format!("{folder}{slash}{}", entry.name);
            if entry.is_directory && depth < DEEPEST {
                folders.push((depth + 1, path));
            } else if is_named(&path) || is_script(&path) || is_secrets_file(&path) {
                found.push((path, entry.object));
            }
        }
    }
    found.sort();
    Ok(Paths { found, missing })
}
