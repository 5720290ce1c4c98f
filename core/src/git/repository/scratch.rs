//! A folder of this process alone for objects, gone when it is no longer needed.
//!
//! A process that is killed leaves its folders; a later one of the same user sweeps them. Each folder has a
//! file that its process locks, and the lock ends with the process however that ends. The number of a process
//! would prove less: another container may share the folder of temporary files.

use std::fs::{DirEntry, File, Metadata};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::nonce::nonce;
use crate::git::error::GitError;

/// What the names of all such folders begin with.
const PREFIX: &str = "pipeline-";

/// What such folders are for.
const PURPOSES: [&str; 3] = ["push", "fetch", "login"];

/// The file that is locked as long as the process lives.
const LOCK: &str = "in-use.lock";

/// A younger folder may be about to be locked, or be read by a git that outlives its process: none runs longer.
const OLD: Duration = Duration::from_secs(15 * 60);

/// A folder that nobody else uses.
pub(crate) struct Scratch {
    path: PathBuf,
    /// Holds the lock.
    _lock: Option<File>,
}

impl Scratch {
    /// Makes one in the system's folder for such things, for this user's eyes only.
    pub(crate) fn new(purpose: &str) -> Result<Self, GitError> {
        let path = std::env::temp_dir().join(format!("{PREFIX}{purpose}-{}", nonce()));
        let failed = |error| GitError::files(&path, error);
        std::fs::DirBuilder::new().mode(0o700).create(&path).map_err(failed)?;
        // Where files cannot be locked, nobody sweeps.
        let lock = File::create(path.join(LOCK)).and_then(|file| file.lock().map(|()| file)).ok();
        Ok(Self { path, _lock: lock })
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

/// Removes what killed processes of this user left among the system's temporary files. Whether that succeeds
/// makes no difference to anybody.
pub(crate) fn sweep() {
    sweep_in(&std::env::temp_dir());
}

fn sweep_in(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(is_ours) {
        let path = entry.path();
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// Whether this is an old folder of this user's with such a name.
fn is_ours(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).unwrap_or_default();
    let is_named = rest
        .split_once('-')
        .is_some_and(|(purpose, end)| PURPOSES.contains(&purpose) && is_nonce(end));
    // Of a link this is about the link.
    is_named && entry.metadata().is_ok_and(|about| is_old_folder(&about))
}

fn is_old_folder(about: &Metadata) -> bool {
    let age = about.modified().ok().and_then(|made| made.elapsed().ok());
    about.is_dir()
        && about.uid() == rustix::process::geteuid().as_raw()
        && age.is_some_and(|age| age > OLD)
}

fn is_nonce(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_a_killed_process_left_is_swept_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let make = |name: &str, has_lock: bool, is_old: bool| {
            let path = place.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::create_dir(path.join("pack")).unwrap();
            let lock = has_lock.then(|| File::create(path.join(LOCK)).unwrap());
            if is_old {
                File::open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
            }
            lock
        };
        drop(make("pipeline-push-0123456789abcdef", true, true));
        drop(make("pipeline-fetch-0123456789abcdef", true, true));
        let held = make("pipeline-push-1123456789abcdef", true, true).unwrap();
        held.lock().unwrap();
        drop(make("pipeline-push-2123456789abcdef", true, false));
        drop(make("pipeline-push-3123456789abcdef", false, true));
        drop(make("pipeline-push-mine", true, true));
        drop(make("pipeline-other-0123456789abcdef", true, true));
        sweep_in(place.path());
        let left = std::fs::read_dir(place.path()).unwrap().flatten();
        let mut left: Vec<_> = left.map(|it| it.file_name().into_string().unwrap()).collect();
        left.sort();
        let kept = [
            "pipeline-other-0123456789abcdef",
            "pipeline-push-1123456789abcdef",
            "pipeline-push-2123456789abcdef",
            "pipeline-push-3123456789abcdef",
            "pipeline-push-mine",
        ];
        assert_eq!(left, kept);
    }

    #[test]
    fn a_folder_in_use_is_locked() {
        let scratch = Scratch::new("test").unwrap();
        let other = File::open(scratch.path().join(LOCK)).unwrap();
        assert!(other.try_lock().is_err());
        drop(scratch);
        assert!(other.try_lock().is_ok());
    }

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
