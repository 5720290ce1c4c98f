//! A folder of this process alone for objects, gone when it is no longer needed.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::nonce::nonce;
use crate::git::error::GitError;

/// A folder that nobody else uses.
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes one in the system's folder for such things, for this user's eyes only.
    pub(crate) fn new(purpose: &str) -> Result<Self, GitError> {
        let path = std::env::temp_dir().join(format!("pipeline-{purpose}-{}", nonce()));
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        let scratch = Self { path };
        made.map_err(|error| GitError::files(&scratch.path, error))?;
        Ok(scratch)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where packs are in it, if it is taken as an object store.
    pub(crate) fn packs(&self) -> Result<PathBuf, GitError> {
        let folder = self.path.join("pack");
        std::fs::create_dir_all(&folder).map_err(|error| GitError::files(&folder, error))?;
        Ok(folder)
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
        let scratch = Scratch::new("test").unwrap();
        let path = scratch.path().to_owned();
        assert!(scratch.packs().unwrap().is_dir());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0);
        drop(scratch);
        assert!(!path.exists());
    }
}
