//! What can go wrong with git, with the facts as fields.
//!
//! No error holds a credential: text of git's own is redacted where it is read. An error does not repeat
//! its source; [`crate::base::cause::in_full`] tells both.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::object_id::ObjectId;
use super::obstacle::Obstacle;
use crate::RefName;
use crate::base::cause::{Cause, visible};

/// Why a revision names no commit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RevisionFault {
    /// Nothing is written before its first `~` or `^`.
    #[error("it is empty")]
    Empty,
    /// It has two dots.
    #[error("a range is not one commit")]
    Range,
    /// It has a colon.
    #[error("it means a file, not a commit")]
    File,
    /// It has `@{`.
    #[error("the reflog of one machine means nothing on another")]
    Reflog,
    /// git allows no such name.
    #[error("no name of git's looks like this")]
    NoName,
    /// The digits begin several objects.
    #[error("several objects start with it; give more digits")]
    Ambiguous,
    /// The steps lead beyond what is here.
    #[error(
        "{}",
        if *is_shallow {
            format!("{said}; the clone is shallow, `git fetch --unshallow` completes it")
        } else {
            format!("{from} has no such ancestor ({said})")
        }
    )]
    NoSuchAncestor {
        /// Where the steps begin.
        from: ObjectId,
        /// What git says.
        said: String,
        /// Whether the clone lacks history.
        is_shallow: bool,
    },
}

/// Why something could not be read from or written to a git repository.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no repository.
    #[error(
        "no git repository at {} or in a folder above it; give the path of a clone or of a bare \
         repository, or a URL", path.display()
    )]
    NoRepository {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// The repository belongs to somebody else, and git does not say that it trusts it.
    #[error(
        "the git repository {} belongs to another user, and {}; \
         `git config --global --add safe.directory {}` trusts it",
        path.display(),
        said.as_ref().map_or_else(
            || "git could not be asked whether it trusts it".to_owned(),
            |said| format!("git says: {}", visible(said))
        ),
        path.display()
    )]
    NotTrusted {
        /// The repository.
        path: PathBuf,
        /// What git said; `None`: it could not be asked.
        said: Option<String>,
    },
    /// The repository has a format that is not supported.
    #[error(
        "the git repository {} has a format that is not supported ({detail}); expected a full clone \
         with the SHA-1 object format and the `files` reference format", path.display()
    )]
    UnsupportedFormat {
        /// The repository.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The named remote is not configured.
    #[error("the repository has no remote {name:?}; {}", choices(known, suggestion.as_deref()))]
    NoRemote {
        /// The name that was asked for.
        name: String,
        /// The remotes that there are.
        known: Vec<String>,
        /// The one that was perhaps meant.
        suggestion: Option<String>,
    },
    /// A URL or remote name that git could take for something else.
    #[error("{value:?} cannot be used as {what}: {reason}")]
    InvalidArgument {
        /// What the value is, such as "a remote".
        what: &'static str,
        /// The value, without credentials.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The `git` program could not be started.
    #[error("`{program}` could not be run; install git {least} or later")]
    NotInstalled {
        /// The program.
        program: String,
        /// The least version.
        least: &'static str,
        /// What the operating system said.
        source: Cause,
    },
    /// The `git` program is too old.
    #[error("git {found} is too old; install git {least} or later")]
    TooOld {
        /// The version that was found.
        found: String,
        /// The least version.
        least: &'static str,
    },
    /// The remote could not be reached, or broke off.
    #[error("git could not {operation} at {remote}{}: {}", tried(*attempts, *obstacle), visible(detail))]
    Transport {
        /// What was tried, such as "list the refs".
        operation: &'static str,
        /// The remote: its name, or its URL without credentials.
        remote: String,
        /// What stood in the way.
        obstacle: Obstacle,
        /// How often it was tried.
        attempts: u32,
        /// What git said last, without credentials.
        detail: String,
    },
    /// A revision that means nothing here.
    #[error(
        "{revision:?} is no commit, tag or branch; {}{}",
        unborn.as_ref().map_or_else(|| format!("looked among {}", searched.join(", ")), ToString::to_string),
        suggestion.as_ref().map(|s| format!("; did you mean {s:?}?")).unwrap_or_default()
    )]
    UnknownRevision {
        /// The revision as it was given.
        revision: String,
        /// Where it was looked for.
        searched: Vec<String>,
        /// A tag or branch with a name near to it.
        suggestion: Option<String>,
        /// Where the revision is `HEAD`: what that names instead.
        unborn: Option<Box<UnbornHead>>,
    },
    /// A revision that means several things, or is written wrongly.
    #[error("the revision {revision:?} cannot be used: {fault}")]
    InvalidRevision {
        /// The revision as it was given.
        revision: String,
        /// What is wrong with it.
        fault: RevisionFault,
    },
    /// An object is neither here nor at the remote.
    #[error(
        "the git object {id} is missing{}",
        if *shallow {
            "; the clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout, completes it"
        } else {
            ""
        }
    )]
    MissingObject {
        /// The object.
        id: ObjectId,
        /// Whether the local clone is shallow.
        shallow: bool,
    },
    /// What a ref of the ledger holds is neither here nor at the remote.
    #[error(
        "{name}: found a ref whose git object {id} is neither here nor at the remote; expected a record"
    )]
    MissingRecord {
        /// The ref.
        name: RefName,
        /// The object that is missing: the one that the ref names, or what that one leads to.
        id: ObjectId,
    },
    /// An object is of another kind than was expected.
    #[error("the git object {id} is a {found}; expected a {expected}")]
    WrongKind {
        /// The object.
        id: ObjectId,
        /// Its kind.
        found: String,
        /// The kind that was expected.
        expected: &'static str,
    },
    /// A path that does not stay inside the tree.
    #[error("the path {path:?} is not a path inside a repository: {reason}")]
    InvalidPath {
        /// The path as it was given.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A set of ref updates that is no transaction.
    #[error("the ref {name} cannot be updated so: {reason}")]
    InvalidTransaction {
        /// The ref at fault.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The user's git signs tags, and could not sign this one.
    #[error(
        "the tag {name} could not be signed, as `tag.gpgSign` or `tag.forceSignAnnotated` asks: {}; `git tag -s` \
         in the clone shows the same",
        visible(detail)
    )]
    Unsigned {
        /// The tag.
        name: String,
        /// What git or its program said.
        detail: String,
    },
    /// A record has to be signed, and the user's git could not sign it.
    #[error(
        "the record {name} could not be signed, as the policy of the environment asks: {}; `git tag -s` in the \
         clone shows the same",
        visible(detail)
    )]
    UnsignedRecord {
        /// The ref of the record.
        name: String,
        /// What git or its program said.
        detail: String,
    },
    /// A file or folder of the repository could not be used.
    #[error("{} cannot be used", path.display())]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system or libgit2 said.
        source: Cause,
    },
    /// The local repository refused something.
    #[error("git could not {operation}")]
    Local {
        /// What was tried.
        operation: &'static str,
        /// What was answered.
        source: Cause,
    },
}

/// A `HEAD` that names a branch that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnbornHead {
    /// Whose it is: a path, or the remote's URL without credentials.
    pub at: String,
    /// The branch; `None` where a remote does not tell.
    pub branch: Option<String>,
    /// The branches that there are.
    pub branches: Vec<String>,
}

/// So many branches are named.
const MOST_BRANCHES: usize = 10;

impl fmt::Display for UnbornHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.branch {
            Some(branch) => write!(f, "`HEAD` of {} names the branch {branch:?}", self.at)?,
            None => write!(f, "`HEAD` of {} names a branch", self.at)?,
        }
        let named = self.branches.iter().take(MOST_BRANCHES).map(|name| format!("{name:?}"));
        let named = named.collect::<Vec<_>>().join(", ");
        match self.branches.len() {
            0 => f.write_str(" that does not exist, and there are no branches yet; commit first"),
            count if count > MOST_BRANCHES => write!(
                f,
                " that does not exist; name one of the {count} branches there are, such as {named}"
            ),
            _ => write!(f, " that does not exist; name one of the branches there are: {named}"),
        }
    }
}

/// How often something was tried, where that tells anything.
pub(super) fn tried(attempts: u32, obstacle: Obstacle) -> String {
    match (attempts, obstacle.is_permanent()) {
        (_, true) | (..=1, _) => String::new(),
        (several, _) => format!(" in {several} attempts"),
    }
}

fn choices(known: &[String], suggestion: Option<&str>) -> String {
    let list = match known {
        [] => "it has none at all; `git remote add` adds one".to_owned(),
        names => format!("it has {}", names.join(", ")),
    };
    match suggestion {
        Some(name) => format!("{list}; did you mean {name:?}?"),
        None => list,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;
    use crate::base::cause::in_full;

    #[test]
    fn an_error_does_not_repeat_its_source() {
        let source = || Cause::new(std::io::Error::other("the disk is full"));
        let path = PathBuf::from("/srv/api.git");
        let program = "git".to_owned();
        for error in [
            GitError::NotInstalled { program, least: "2.30", source: source() },
            GitError::Files { path, source: source() },
            GitError::Local { operation: "write an object", source: source() },
        ] {
            assert_eq!(error.source().unwrap().to_string(), "the disk is full");
            assert!(!error.to_string().contains("the disk is full"), "{error}");
            let told = in_full(&crate::ledger::LedgerError::from(error));
            assert_eq!(told.matches("the disk is full").count(), 1, "{told}");
        }
    }
}
