//! What the repository holds of an environment, at one commit.

use pipeline_core::CommitSha;
use pipeline_core::base::suggest::did_you_mean;
use pipeline_core::environment::Environment as Domain;
use pipeline_core::environment::rules::{Folder, SecretsFile};
use pipeline_core::git::{FileKind, GitError};
use pipeline_core::sops;
use tfplugin::{Diagnostics, Path};

use super::model::Environment;
use crate::error;
use crate::session::Session;

/// What was found.
pub(crate) struct Found {
    /// At the path of the folder.
    pub(crate) folder: Folder,
    /// Git's ID of the folder's content, where there is a folder.
    pub(super) tree: Option<String>,
    /// At the path of the secrets file.
    pub(super) secrets: SecretsFile,
    /// A folder that was perhaps meant, where there is none.
    pub(super) near: Option<String>,
}

/// What a path leads to, symbolic links followed as long as they stay in `environments/`.
enum Reached {
    Nothing,
    Here { kind: FileKind, object: String },
    Outside { link: String },
}

/// The commit at which the folder is looked at: the given revision, else the repository's head.
///
/// # Errors
/// When the revision leads to no commit, or the repository is empty.
pub(crate) async fn commit(
    session: &Session<'_>,
    revision: Option<&str>,
) -> Result<CommitSha, Diagnostics> {
    let head = session.snapshot().await?.head().filter(|_| revision.is_none());
    match head {
        Some(head) => Ok(head.to_commit()),
        None => session
            .repository
            .resolve(revision.unwrap_or("HEAD"))
            .await
            .map_err(|error| error::git(&error, &Environment::REF.into())),
    }
}

/// Looks at the folder and the secrets file.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) async fn gather(
    session: &Session<'_>,
    domain: &Domain,
    commit: CommitSha,
) -> Result<Found, Diagnostics> {
    let failed = |error: GitError| error::git(&error, &Path::root());
    let folder = domain.config_path.as_str();
    let (folder, tree) = match reach(session, commit, folder).await.map_err(failed)? {
        Reached::Here { kind: FileKind::Directory, object } => (Folder::Present, Some(object)),
        Reached::Here { .. } => (Folder::NotAFolder, None),
        Reached::Nothing => (Folder::Missing, None),
        Reached::Outside { link } => (Folder::Escapes { link }, None),
    };
    let path = domain.secrets_file.as_str();
    let secrets = match reach(session, commit, path).await.map_err(failed)? {
        Reached::Here { kind: FileKind::File(bytes), .. } => judge(path, &bytes),
        _ => SecretsFile::Missing,
    };
    let near = match &folder {
        Folder::Missing => near(session, commit, domain.config_path.as_str()).await?,
        _ => None,
    };
    Ok(Found { folder, tree, secrets, near })
}

/// The names in `environments/`, sorted.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) async fn folders(
    session: &Session<'_>,
    commit: CommitSha,
) -> Result<Vec<String>, Diagnostics> {
    let listed = session.repository.list(commit, "environments").await;
    let listed = listed.map_err(|error| error::git(&error, &Path::root()))?.unwrap_or_default();
    Ok(listed.into_iter().filter(|entry| entry.is_directory).map(|entry| entry.name).collect())
}

/// The secrets files that other environments have by convention (SCY001).
///
/// # Errors
/// When the repository cannot be read.
pub(super) async fn other_secrets(
    session: &Session<'_>,
    commit: CommitSha,
    domain: &Domain,
) -> Result<Vec<(String, SecretsFile)>, Diagnostics> {
    let mut found = Vec::new();
    for name in folders(session, commit).await? {
        let path = format!("environments/{name}/secrets.enc");
        if path == domain.secrets_file.as_str() {
            continue;
        }
        let entry = session.repository.file(commit, &path).await;
        let entry = entry.map_err(|error| error::git(&error, &Path::root()))?;
        if let Some(FileKind::File(bytes)) = entry.map(|entry| entry.kind) {
            let judged = judge(&path, &bytes);
            found.push((path, judged));
        }
    }
    Ok(found)
}

async fn near(
    session: &Session<'_>,
    commit: CommitSha,
    path: &str,
) -> Result<Option<String>, Diagnostics> {
    let folders = folders(session, commit).await?;
    let folders: Vec<String> = folders.iter().map(|name| format!("environments/{name}")).collect();
    Ok(did_you_mean(path, folders.iter().map(String::as_str)).map(str::to_owned))
}

fn judge(path: &str, bytes: &[u8]) -> SecretsFile {
    match sops::inspect(path, bytes) {
        Ok(_) => SecretsFile::Encrypted,
        Err(found) => SecretsFile::NotEncrypted {
            problems: found.problems.iter().map(ToString::to_string).collect(),
        },
    }
}

/// How many symbolic links are followed.
const LINKS: usize = 8;

async fn reach(session: &Session<'_>, commit: CommitSha, path: &str) -> Result<Reached, GitError> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Some((place, target)) = first_link(session, commit, &path).await? else {
            let found = session.repository.file(commit, &path).await?;
            return Ok(found.map_or(Reached::Nothing, |entry| Reached::Here {
                object: entry.object.to_string(),
                kind: entry.kind,
            }));
        };
        match follow(&path, &place, &target) {
            Some(next) => path = next,
            None => return Ok(Reached::Outside { link: format!("{place} -> {target}") }),
        }
    }
    Ok(Reached::Nothing)
}

/// The first symbolic link on the way: its path, and where it leads as it is written.
async fn first_link(
    session: &Session<'_>,
    commit: CommitSha,
    path: &str,
) -> Result<Option<(String, String)>, GitError> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        let place = &path[..end];
        let Some(entry) = session.repository.file(commit, place).await? else { return Ok(None) };
        if let FileKind::Symlink { leads_to } = entry.kind {
            return Ok(Some((place.to_owned(), leads_to)));
        }
    }
    Ok(None)
}

/// Where `path` goes on after the link at `place`; `None`: out of `environments/`.
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
    let path = parts.join("/");
    path.starts_with("environments/").then_some(path)
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
        for target in ["/etc", "../../etc", "../other", "../.."] {
            assert_eq!(follow("environments/prod", "environments/prod", target), None, "{target}");
        }
    }
}
