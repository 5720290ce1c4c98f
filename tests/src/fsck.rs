//! Whether git itself finds a repository sound: `git fsck --strict` on all that lie in a directory.
//!
//! What made a repository is not asked; that is for whoever called.

use std::path::{Path, PathBuf};

use crate::sandbox::Environment;
use crate::{Failure, Outcome, command};

/// Checks every repository below the root of `environment`: the ones in `corrupt`, paths from there,
/// have to be found corrupt, all others sound.
///
/// # Errors
/// A repository is not what it should be, with what git says about each.
pub(crate) fn check(environment: &Environment, corrupt: &[PathBuf]) -> Outcome {
    let mut repositories = Vec::new();
    find(environment.root(), &mut repositories)?;
    let mut wrong = Vec::new();
    for repository in &repositories {
        let planted =
            corrupt.iter().any(|name| belongs(repository, &environment.root().join(name)));
        let said = command::run(
            environment.command("git", environment.root()).arg("--git-dir").arg(repository).args([
                "fsck",
                "--strict",
                "--no-dangling",
                "--no-progress",
            ]),
        )?;
        match (said.code == Some(0), planted) {
            (true, true) => wrong.push(format!(
                "{} is sound, but the test says that it left it corrupt",
                repository.display()
            )),
            (false, false) => {
                wrong.push(said.failure("a test leaves a corrupt repository").to_string())
            }
            (true, false) | (false, true) => {}
        }
    }
    for name in corrupt {
        let folder = environment.root().join(name);
        if !repositories.iter().any(|repository| belongs(repository, &folder)) {
            wrong.push(format!("{} is no repository", folder.display()));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n"))) }
}

/// Whether `repository` is the bare repository in `folder` or the one of a work tree there.
fn belongs(repository: &Path, folder: &Path) -> bool {
    repository == folder || repository == folder.join(".git")
}

/// Whether a folder is a git directory.
pub(crate) fn is_repository(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

/// Collects the git directories in `folder`, with those of submodules, which lie inside of others.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    let repository = is_repository(folder);
    if repository {
        found.push(folder.to_owned());
    }
    let inside = if repository { folder.join("modules") } else { folder.to_owned() };
    if !inside.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(inside)? {
        let entry = entry?;
        // Not through links: they lead to what is found anyway, or out of here.
        if entry.file_type()?.is_dir() {
            find(&entry.path(), found)?;
        }
    }
    Ok(())
}
