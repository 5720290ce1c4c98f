//! Opens a log on this machine, off the runtime.

use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::gather::{RunLog, Selection};
use crate::files::{self, FileError};

/// Why a log cannot be read.
#[derive(Debug, Error)]
#[error("{} {what}", path.display())]
pub struct LogFileError {
    /// Where it should be.
    pub path: PathBuf,
    /// Whether nothing is there.
    pub is_missing: bool,
    what: String,
}

/// Reads the log at `path`, which is taken from the working directory where it is relative. What is written
/// to it meanwhile is not read.
///
/// # Errors
/// There is no such file, it is something else, or it cannot be read.
pub async fn read(path: &Path, selection: Selection) -> Result<RunLog, LogFileError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let place = path.clone();
    let reading = tokio::task::spawn_blocking(move || read_now(&place, &selection));
    let read = reading.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped).into()));
    read.map_err(|error| match error {
        FileError::Refused(error) if is_missing(&error) => {
            LogFileError { path, is_missing: true, what: "does not exist".to_owned() }
        }
        FileError::NotPlain { found } => {
            LogFileError { path, is_missing: false, what: format!("is {found}") }
        }
        other => LogFileError { path, is_missing: false, what: format!("cannot be read: {other}") },
    })
}

fn read_now(path: &Path, selection: &Selection) -> Result<RunLog, FileError> {
    let (file, about) = files::open(path)?;
    // A log to which somebody writes all the time would never end.
    Ok(RunLog::read(file.take(about.len()), selection)?)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
