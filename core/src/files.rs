//! The one door to files of this machine whose paths come from outside.
//!
//! What is no plain file is refused before it is opened: opening a named pipe waits until somebody writes,
//! and a device may never end. What is read whole has a limit.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Error, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use thiserror::Error;

/// Why a file cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is something else.
    #[error("it is {found}, not a plain file")]
    NotPlain {
        /// What is there, such as "a named pipe".
        found: &'static str,
    },
    /// It has more bytes than are read.
    #[error("it has {size} bytes; at most {most} are read")]
    TooLarge {
        /// How many it has.
        size: u64,
        /// How many are read.
        most: u64,
    },
    /// The machine refuses.
    #[error(transparent)]
    Refused(#[from] Error),
}

/// Opens a plain file; symbolic links are followed.
///
/// # Errors
/// There is none, it is something else, or it may not be read.
pub fn open(path: &Path) -> Result<(File, Metadata), FileError> {
    check(&std::fs::metadata(path)?)?;
    // Whoever puts a pipe there in between does not make us wait, and is found out.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let about = file.metadata()?;
    check(&about)?;
    Ok((file, about))
}

/// Reads a plain file whole, if it has no more bytes than `most`.
///
/// # Errors
/// As [`open`]; it is too large, or grows while it is read.
pub fn read(path: &Path, most: u64) -> Result<(Vec<u8>, Metadata), FileError> {
    let (file, about) = open(path)?;
    let limited = |size| if size > most { Err(FileError::TooLarge { size, most }) } else { Ok(()) };
    limited(about.len())?;
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default());
    // Some files, such as those of `/proc`, say that they are empty.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    limited(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
    Ok((bytes, about))
}

fn check(about: &Metadata) -> Result<(), FileError> {
    let kind = about.file_type();
    let found = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_block_device() || kind.is_char_device() => "a device",
        () => "something unknown",
    };
    Err(FileError::NotPlain { found })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn only_plain_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("plain"), "text").unwrap();
        std::os::unix::fs::symlink("plain", at("link")).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        std::os::unix::fs::symlink("pipe", at("link to a pipe")).unwrap();
        let _listener = UnixListener::bind(at("socket")).unwrap();
        for name in ["plain", "link"] {
            assert_eq!(read(&at(name), 4).unwrap().0, b"text");
            assert!(matches!(read(&at(name), 3), Err(FileError::TooLarge { size: 4, most: 3 })));
        }
        let refused = [
            (at("pipe"), "a named pipe"),
            (at("link to a pipe"), "a named pipe"),
            (at("socket"), "a socket"),
            (folder.path().to_owned(), "a folder"),
            ("/dev/zero".into(), "a device"),
        ];
        for (path, what) in refused {
            // Whoever waited here would wait for ever: nobody writes.
            let error = open(&path).unwrap_err();
            assert!(matches!(error, FileError::NotPlain { found } if found == what), "{error}");
        }
        assert!(matches!(open(&at("none")), Err(FileError::Refused(_))));
    }
}
