//! What the repository holds of an environment, at one commit: its folder, its secrets, and its
//! registration. Plan, registration and data sources all ask here.

use std::time::Duration;

use crate::base::known_regions::KnownRegions;
use crate::base::limits::LARGEST_FILE;
use crate::base::suggest::did_you_mean;
use crate::deployment::rules::check_free;
use crate::environment::rules::{EnvironmentFacts, Folder, SecretsFile};
use crate::environment::{Environment, EnvironmentAtCommit, EnvironmentName};
use crate::git::{FileKind, GitError, ListedKind, ObjectId, Repository};
use crate::ledger::{Ledger, LedgerError, RefStore};
use crate::policy::{self, Order};
use crate::queue::survey as queues;
use crate::registration::{self, RegistrationSurvey, Removal};
use crate::sops::Problem;
use crate::{CommitSha, Timestamp, sops};

/// What was found of one environment. Only [`survey`] makes it.
pub type EnvironmentSurvey = RegistrationSurvey<EnvironmentAtCommit>;

impl EnvironmentSurvey {
    /// Git's ID of the folder's content, where there is a folder.
    #[must_use]
    pub fn tree(&self) -> Option<&str> {
        self.facts.tree.as_deref()
    }

    /// Whether the environment has its folder.
    #[must_use]
    pub fn has_folder(&self) -> bool {
        self.facts.folder == Folder::Present
    }

    /// The commit that was looked at.
    #[must_use]
    pub const fn commit(&self) -> CommitSha {
        self.what.commit_sha
    }
}

/// Looks at the folder, the secrets file and the registration of an environment, and at the order of all of them.
/// `planned` are those that the same plan registers.
///
/// # Errors
/// When the repository cannot be read.
pub async fn survey(
    ledger: &Ledger<Repository>,
    environment: Environment,
    commit: CommitSha,
    known_regions: KnownRegions,
    planned: &[Environment],
) -> Result<EnvironmentSurvey, LedgerError> {
    let repository = ledger.store();
    let path = environment.config_path.as_str();
    let (folder, tree) = match reach(repository, commit, path, ENVIRONMENTS).await? {
        Reached::Here { kind: FileKind::Directory, object, .. } => (Folder::Present, Some(object)),
        Reached::Here { .. } => (Folder::NotAFolder, None),
        Reached::Nothing => (Folder::Missing, None),
        Reached::Outside { link } => (Folder::Escapes { link }, None),
    };
    let near = match &folder {
        Folder::Missing => near(repository, commit, path).await?,
        _ => None,
    };
    let path = environment.secrets_file.as_str();
    let secrets = match reach(repository, commit, path, ENVIRONMENTS).await? {
        Reached::Here { kind, .. } => judge(path, kind).await,
        _ => SecretsFile::Missing,
    };
    let order = match environment.after {
        Some(_) => policy::order(ledger, planned.iter().chain([&environment])).await?,
        None => Order::new(),
    };
    let queues = queues::all(ledger, &environment.name).await?;
    let facts = EnvironmentFacts { folder, near, tree, secrets, known_regions, order, queues };
    let what = EnvironmentAtCommit { environment, commit_sha: commit };
    registration::survey::survey(ledger, what, facts).await
}

/// Looks at a registration that is to go, and at who deploys there: who does forbids it.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey_removal<S: RefStore>(
    ledger: &Ledger<S>,
    name: &EnvironmentName,
    at: Timestamp,
) -> Result<Removal<EnvironmentAtCommit>, LedgerError> {
    let queues = queues::all(ledger, name).await?;
    let busy = queues.all().find_map(|queue| check_free(queue, None, at));
    registration::survey::removal(ledger, ledger.environment(name), |_| busy.into_iter().collect())
        .await
}

/// The commit at which folders are looked at: the given revision, else the repository's head.
///
/// # Errors
/// When the revision leads to no commit, or the repository is empty.
pub async fn commit_to_look_at(
    repository: &Repository,
    revision: Option<&str>,
) -> Result<CommitSha, GitError> {
    let head = repository.snapshot().await?.head().filter(|_| revision.is_none());
    match head.map(ObjectId::to_commit) {
        Some(head) => Ok(head),
        None => repository.resolve(revision.unwrap_or("HEAD")).await,
    }
}

/// The names of the folders in `environments/`, sorted.
///
/// # Errors
/// When the repository cannot be read.
pub async fn folders(repository: &Repository, commit: CommitSha) -> Result<Vec<String>, GitError> {
    let listed = repository.list(commit, "environments").await?.unwrap_or_default();
    let folders = listed.into_iter().filter(|entry| entry.kind == ListedKind::Directory);
    Ok(folders.map(|entry| entry.name).collect())
}

/// The secrets files that other environments have by convention (SCY001).
///
/// # Errors
/// When the repository cannot be read.
pub async fn other_secrets(
    repository: &Repository,
    commit: CommitSha,
    environment: &Environment,
) -> Result<Vec<(String, SecretsFile)>, GitError> {
    let mut found = Vec::new();
    for name in folders(repository, commit).await? {
        let path = format!("environments/{name}/secrets.enc");
        if path == environment.secrets_file.as_str() {
            continue;
        }
        let entry = repository.file(commit, &path).await?;
        if let Some(kind @ (FileKind::File(_) | FileKind::LargeFile { .. })) =
            entry.map(|it| it.kind)
        {
            let judged = judge(&path, kind).await;
            found.push((path, judged));
        }
    }
    Ok(found)
}

/// A folder that was perhaps meant.
async fn near(
    repository: &Repository,
    commit: CommitSha,
    path: &str,
) -> Result<Option<String>, GitError> {
    let folders = folders(repository, commit).await?;
    let folders: Vec<String> = folders.iter().map(|name| format!("environments/{name}")).collect();
    Ok(did_you_mean(path, folders.iter().map(String::as_str)).map(str::to_owned))
}

/// How long one may look at a secrets file.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks at a secrets file beside what the runtime does: what costs time must not stop timers and leases.
pub(crate) async fn judge(path: &str, kind: FileKind) -> SecretsFile {
    let problem = match kind {
        FileKind::File(bytes) => {
            let path = path.to_owned();
            let looking = tokio::task::spawn_blocking(move || sops::inspect(&path, &bytes));
            match tokio::time::timeout(PATIENCE, looking).await {
                Ok(Ok(Ok(_))) => return SecretsFile::Encrypted,
                Ok(Ok(Err(found))) => {
                    return SecretsFile::NotEncrypted { problems: found.problems };
                }
                Ok(Err(_)) | Err(_) => Problem::TooSlow { seconds: PATIENCE.as_secs() },
            }
        }
        FileKind::LargeFile { size } => Problem::TooLarge { size, most: LARGEST_FILE },
        _ => return SecretsFile::Missing,
    };
    SecretsFile::NotEncrypted { problems: vec![problem] }
}

/// What a path leads to, symbolic links followed as long as they stay where they may lead.
pub(crate) enum Reached {
    /// Nothing, or more links than are followed.
    Nothing,
    /// This.
    Here {
        /// Its own path.
        path: String,
        /// What it is.
        kind: FileKind,
        /// The object in git.
        object: String,
    },
    /// Out of where links may lead.
    Outside {
        /// The link, and where it leads.
        link: String,
    },
}

/// Where links of environments may lead.
const ENVIRONMENTS: &str = "environments/";

/// How many symbolic links are followed.
const LINKS: usize = 8;

/// Follows the symbolic links on a path as long as they lead to what begins with `within`.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) async fn reach(
    repository: &Repository,
    commit: CommitSha,
    path: &str,
    within: &str,
) -> Result<Reached, GitError> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Some((place, target)) = first_link(repository, commit, &path).await? else {
            let found = repository.file(commit, &path).await?;
            return Ok(found.map_or(Reached::Nothing, |entry| Reached::Here {
                path,
                object: entry.object.to_string(),
                kind: entry.kind,
            }));
        };
        match follow(&path, &place, &target).filter(|next| next.starts_with(within)) {
            Some(next) => path = next,
            None => return Ok(Reached::Outside { link: format!("{place} -> {target}") }),
        }
    }
    Ok(Reached::Nothing)
}

/// The first symbolic link on the way: its path, and where it leads as it is written.
async fn first_link(
    repository: &Repository,
    commit: CommitSha,
    path: &str,
) -> Result<Option<(String, String)>, GitError> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        let place = &path[..end];
        let Some(entry) = repository.file(commit, place).await? else { return Ok(None) };
        if let FileKind::Symlink { leads_to } = entry.kind {
            return Ok(Some((place.to_owned(), leads_to)));
        }
    }
    Ok(None)
}

/// Where `path` goes on after the link at `place`; `None`: out of the repository.
fn follow(path: &str, place: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
    let rest = path.strip_prefix(place).unwrap_or_default().trim_start_matches('/');
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/').chain(rest.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::follow;

    #[test]
    fn links_inside_are_followed() {
        let path = "environments/prod/secrets.enc";
        let followed = follow(path, "environments/prod", "production");
        assert_eq!(followed.as_deref(), Some("environments/production/secrets.enc"));
        let up = follow("environments/eu/prod", "environments/eu/prod", "../production");
        assert_eq!(up.as_deref(), Some("environments/production"));
    }

    #[test]
    fn links_outside_are_not() {
        for target in ["/etc", "../../etc", "../.."] {
            assert_eq!(follow("environments/prod", "environments/prod", target), None, "{target}");
        }
        let other = follow("environments/prod", "environments/prod", "../other");
        assert_eq!(other.as_deref(), Some("other"), "which is not in `environments/`");
    }
}
