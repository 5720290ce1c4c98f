//! A repository of this process alone, beside a clone that does not hold everything: what is missing there
//! comes here, each commit without its history.
//!
//! A fetch into the clone itself would do more than anybody asked for: without a depth it brings the whole
//! history of a commit, with one it moves the boundary of the clone, and with a filter it makes it a partial
//! clone for good.

use std::fs;
use std::path::{Path, PathBuf};

use super::config_file::{self, entries};
use super::scratch::Scratch;
use super::transport::Transport;
use crate::git::error::GitError;

/// Sections of settings that are about the clone as a place, not about how remotes are reached.
const OWN: [&str; 6] =
    ["branch.", "core.bare", "core.repositoryformat", "core.worktree", "extensions.", "include"];

/// The repository beside a clone.
pub(crate) struct SideStore {
    scratch: Scratch,
}

impl SideStore {
    /// Makes an empty one that reads the clone's objects, and reaches remotes as the clone does.
    pub(crate) async fn beside(transport: &Transport, git2: &Places) -> Result<Self, GitError> {
        Self::make(transport, Some(git2)).await
    }

    /// Makes an empty one that reads nobody's objects, and reaches remotes as the clone does.
    pub(crate) async fn apart(transport: &Transport) -> Result<Self, GitError> {
        Self::make(transport, None).await
    }

    async fn make(transport: &Transport, clone: Option<&Places>) -> Result<Self, GitError> {
        let scratch = Scratch::new("fetch")?;
        let failed = |error| GitError::files(scratch.path(), error);
        let make = || {
            fs::create_dir_all(scratch.path().join("objects/info"))?;
            // Who reads the store looks for packs only where there was a folder for them from the start.
            fs::create_dir(scratch.path().join("objects/pack"))?;
            fs::create_dir(scratch.path().join("refs"))?;
            fs::write(scratch.path().join("HEAD"), "ref: refs/heads/none\n")?;
            if let Some(clone) = clone {
                fs::write(
                    scratch.path().join("objects/info/alternates"),
                    alternates(&clone.objects),
                )?;
                match fs::read(&clone.shallow) {
                    Ok(boundary) => fs::write(scratch.path().join("shallow"), boundary),
                    Err(_) => Ok(()),
                }?;
            }
            fs::write(scratch.path().join("config"), CONFIG)
        };
        make().map_err(failed)?;
        let side = Self { scratch };
        let settings = side.settings_to_copy(transport).await?;
        fs::write(side.git_dir().join("config"), format!("{CONFIG}{settings}"))
            .map_err(|error| GitError::files(side.git_dir(), error))?;
        Ok(side)
    }

    pub(crate) fn git_dir(&self) -> &Path {
        self.scratch.path()
    }

    /// Where its objects are.
    pub(crate) fn object_store(&self) -> PathBuf {
        self.git_dir().join("objects")
    }

    /// The settings that git reads in the clone and would not read here: those of the clone, and what others
    /// include for its place alone.
    async fn settings_to_copy(&self, transport: &Transport) -> Result<String, GitError> {
        let list = || ["config", "--list", "--null"].map(Into::into).into();
        let there = transport.call(list(), Vec::new(), &[]).await?;
        let here = transport.call_in(self.git_dir(), list(), Vec::new(), &[]).await?;
        let mut known = entries(&here);
        let mut text = String::new();
        for entry in entries(&there) {
            match known.iter().position(|other| *other == entry) {
                Some(place) => drop(known.swap_remove(place)),
                None => write_entry(&mut text, entry),
            }
        }
        Ok(text)
    }
}

/// What makes the folder a repository.
const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// Where the parts of a clone are.
pub(crate) struct Places {
    pub(crate) objects: PathBuf,
    pub(crate) shallow: PathBuf,
}

impl Places {
    pub(crate) fn of(git2: &git2::Repository) -> Self {
        let common = git2.commondir();
        Self { objects: common.join("objects"), shallow: common.join("shallow") }
    }
}

/// The line of `info/alternates`: git takes all of it as the path unless a quote opens it.
fn alternates(objects: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    let mut line = objects.as_os_str().as_bytes().to_vec();
    line.push(b'\n');
    line
}

/// Writes a setting, unless it is about the clone as a place.
fn write_entry(text: &mut String, (name, value): (&str, Option<&str>)) {
    if !OWN.iter().any(|own| name.starts_with(own)) {
        config_file::write(text, name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_what_makes_the_clone_a_place() {
        for name in
            ["core.bare", "core.worktree", "extensions.partialclone", "includeif.gitdir:/x.path"]
        {
            let mut text = String::new();
            write_entry(&mut text, (name, Some("x")));
            assert_eq!(text, "", "{name}");
        }
    }
}
