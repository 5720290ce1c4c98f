//! Makes errors of what libgit2 and the operating system say.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::git::error::GitError;

impl GitError {
    /// The local repository refused an operation.
    pub(crate) fn local(operation: &'static str, error: git2::Error) -> Self {
        let detail = error.message().to_owned();
        Self::Local { operation, detail, source: Some(Arc::new(error)) }
    }

    /// An operation failed by no other error.
    pub(crate) fn failed(operation: &'static str, detail: &str) -> Self {
        Self::Local { operation, detail: detail.to_owned(), source: None }
    }

    /// The operating system refused a file or folder.
    pub(crate) fn files(path: &Path, error: io::Error) -> Self {
        let detail = error.to_string();
        Self::Files { path: path.to_owned(), detail, source: Some(Arc::new(error)) }
    }

    /// libgit2 cannot use a file or folder.
    pub(crate) fn unusable(path: PathBuf, error: git2::Error) -> Self {
        let detail = error.message().to_owned();
        Self::Files { path, detail, source: Some(Arc::new(error)) }
    }
}
