//! A folder for the objects of one push, gone when the push is over.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::nonce::nonce;
use crate::git::error::GitError;

/// An object store that nobody else uses.
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes one in the system's folder for such things, for this user's eyes only.
    pub(crate) fn new() -> Result<Self, GitError> {
        let path = std::env::temp_dir().join(format!("pipeline-push-{}", nonce()));
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        let scratch = Self { path };
        made.and_then(|()| std::fs::create_dir(scratch.packs()))
            .map_err(|error| GitError::files(&scratch.path, error))?;
        Ok(scratch)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where packs are in it.
    pub(crate) fn packs(&self) -> PathBuf {
        self.path.join("pack")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Where it cannot be removed, the system will.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_private_and_goes_away() {
        use std::os::unix::fs::PermissionsExt as _;
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        assert!(scratch.packs().is_dir());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0);
        drop(scratch);
        assert!(!path.exists());
    }
}
