//! Makes errors of what libgit2 and the operating system say.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::cause::Cause;
use crate::git::error::GitError;

/// An error of libgit2 without its numbers, which mean nothing to people.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message())]
struct Libgit2(git2::Error);

impl GitError {
    /// The local repository refused an operation.
    pub(crate) fn local(operation: &'static str, error: git2::Error) -> Self {
        Self::Local { operation, source: Cause::new(Libgit2(error)) }
    }

    /// An operation failed by no other error.
    pub(crate) fn failed(operation: &'static str, detail: &str) -> Self {
        Self::Local { operation, source: Cause::said(detail) }
    }

    /// The operating system refused a file or folder.
    pub(crate) fn files(path: &Path, error: io::Error) -> Self {
        Self::Files { path: path.to_owned(), source: Cause::new(error) }
    }

    /// libgit2 cannot use a file or folder.
    pub(crate) fn unusable(path: PathBuf, error: git2::Error) -> Self {
        Self::Files { path, source: Cause::new(Libgit2(error)) }
    }
}
