//! A secrets file of the repository: found at one commit, and decrypted beside what the runtime does.

use std::time::Duration;

use crate::CommitSha;
use crate::base::limits::LARGEST_FILE;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};
use crate::environment::rules::{SecretsFile, secrets_faults};
use crate::environment::{Reached, SecretsPath, reach};
use crate::git::{FileKind, GitError, Repository};
use crate::sops::Problem;
use crate::sops::decrypt::{Identities, Locked, Secrets, decrypt};

/// How long one may decrypt. What costs time must not stop timers and leases.
const PATIENCE: Duration = Duration::from_secs(20);

/// The secrets in a file, or what is wrong with it: ENV003 where there is none, ENV004 where it is not encrypted,
/// else SEC009.
///
/// # Errors
/// When the repository cannot be read.
pub async fn in_file(
    repository: &Repository,
    commit: CommitSha,
    path: &SecretsPath,
    identities: Identities,
) -> Result<Result<Secrets, Vec<Violation>>, GitError> {
    let path = path.as_str();
    // A link may lead anywhere within the repository.
    let found = match reach(repository, commit, path, "").await? {
        Reached::Here { kind: FileKind::File(bytes), .. } => unlock(path, bytes, identities).await,
        Reached::Here { kind: FileKind::LargeFile { size }, .. } => {
            Err(not_encrypted(path, vec![Problem::TooLarge { size, most: LARGEST_FILE }]))
        }
        Reached::Here { .. } | Reached::Nothing => Err(secrets_faults(path, &SecretsFile::Missing)),
        Reached::Outside { link } => Err(vec![outside(&link)]),
    };
    Ok(found)
}

async fn unlock(
    path: &str,
    bytes: Vec<u8>,
    identities: Identities,
) -> Result<Secrets, Vec<Violation>> {
    let name = path.to_owned();
    let work = tokio::task::spawn_blocking(move || decrypt(&name, &bytes, &identities));
    let found = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) | Err(_) => Err(Locked::TooSlow { seconds: PATIENCE.as_secs() }),
    };
    found.map_err(|locked| match locked {
        Locked::NotEncrypted(why) => not_encrypted(path, why.problems),
        locked => vec![locked.violation(path)],
    })
}

fn not_encrypted(path: &str, problems: Vec<Problem>) -> Vec<Violation> {
    secrets_faults(path, &SecretsFile::NotEncrypted { problems })
}

fn outside(link: &str) -> Violation {
    Violation::new(
        RuleId::ENV003,
        format!("the symbolic link {}", quoted(link)),
        "a file that lies within the repository",
        "Replace the link by the file itself.",
    )
}
