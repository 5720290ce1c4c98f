//! State files of Terraform on this machine: found and read whole, never locked and never written.
//!
//! States in S3 are read by the adapter of AWS; what is in them is the model's.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{LARGEST, StateFile};
use crate::files::{self, FileError};
use crate::{Timestamp, Violations};

/// The bytes of a state, wherever it lies.
#[derive(Clone, PartialEq, Eq)]
pub struct StateBytes {
    /// All of them.
    pub bytes: Vec<u8>,
    /// When they were written, where that is known.
    pub last_updated: Option<Timestamp>,
}

/// The bytes may hold secrets, so only their number is told.
impl std::fmt::Debug for StateBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StateBytes({} bytes, {:?})", self.bytes.len(), self.last_updated)
    }
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LocalStateError {
    /// There is none.
    #[error("no file {}", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// It is something else than a file.
    #[error("{} is {found}", path.display())]
    NoFile {
        /// Where it is.
        path: PathBuf,
        /// What it is, such as "a named pipe".
        found: &'static str,
    },
    /// The machine refuses.
    #[error("{} cannot be read: {said}", path.display())]
    Refused {
        /// Where it is.
        path: PathBuf,
        /// What the machine says.
        said: String,
    },
    /// It is too large to be a state.
    #[error("{0}")]
    TooLarge(Violations),
}

/// Reads the file at `path`, which is taken from the working directory where it is relative.
///
/// # Errors
/// There is no such file, it cannot be read, or it is too large.
pub async fn read(path: &Path) -> Result<StateBytes, LocalStateError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let place = path.clone();
    let reading = tokio::task::spawn_blocking(move || read_now(&path));
    reading.await.unwrap_or_else(|stopped| {
        Err(LocalStateError::Refused { path: place, said: stopped.to_string() })
    })
}

fn read_now(path: &Path) -> Result<StateBytes, LocalStateError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            LocalStateError::Missing { path: path.to_owned() }
        }
        _ => LocalStateError::Refused { path: path.to_owned(), said: error.to_string() },
    };
    let (bytes, about) = files::read(path, LARGEST).map_err(|error| match error {
        FileError::NotPlain { found } => LocalStateError::NoFile { path: path.to_owned(), found },
        FileError::TooLarge { size, .. } => match StateFile::check_size(size) {
            Err(wrong) => LocalStateError::TooLarge(wrong),
            Ok(()) => failed(std::io::Error::other("it changes while it is read")),
        },
        FileError::Refused(error) => failed(error),
    })?;
    let written = about.modified().ok().and_then(|time| jiff::Timestamp::try_from(time).ok());
    Ok(StateBytes { bytes, last_updated: written.map(Timestamp::from_jiff) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_read_with_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terraform.tfstate");
        std::fs::write(&path, "{}").unwrap();
        let read = read(&path).await.unwrap();
        assert_eq!(read.bytes, b"{}");
        assert!(read.last_updated.is_some());
        assert_eq!(format!("{read:?}").matches("bytes").count(), 1);
    }

    #[tokio::test]
    async fn what_is_no_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let missing = read(&folder.path().join("a/b")).await.unwrap_err();
        assert!(matches!(missing, LocalStateError::Missing { .. }), "{missing}");
        let directory = read(folder.path()).await.unwrap_err();
        assert!(matches!(directory, LocalStateError::NoFile { .. }), "{directory}");
        assert!(directory.to_string().ends_with("is a folder"), "{directory}");
        let device = read(Path::new("/dev/zero")).await.unwrap_err();
        assert!(device.to_string().ends_with("is a device"), "{device}");
    }

    #[tokio::test]
    async fn a_huge_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge");
        let file = std::fs::File::create(&path).unwrap();
        // Holes take no room on the disk.
        file.set_len(LARGEST + 1).unwrap();
        let huge = read(&path).await.unwrap_err();
        assert!(matches!(huge, LocalStateError::TooLarge(_)), "{huge}");
    }
}
