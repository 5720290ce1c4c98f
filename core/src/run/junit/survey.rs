//! Finds the reports of a run on this machine and reads them, off the runtime.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{JunitReport, LARGEST};
use crate::base::foreign;
use crate::files;

/// How many files one run may have.
const MOST_FILES: usize = 1000;

/// How many bytes all of them may have: 256 MiB.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// How many letters of a path are told.
const LONGEST_PATH: usize = 500;

/// Why reports cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportsError {
    /// The pattern means nothing.
    #[error("the pattern breaks off: {0}")]
    Pattern(&'static str),
    /// There are too many.
    #[error("there are more than {MOST_FILES} files of that pattern")]
    TooMany,
    /// One of them is no report.
    #[error("{}: {why}", visible(path))]
    Report {
        /// Which one.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The machine refuses.
    #[error(transparent)]
    Refused(#[from] io::Error),
}

/// A path as people may see it: whoever wrote the file chose its name.
fn visible(path: &Path) -> String {
    foreign::word(&path.to_string_lossy(), LONGEST_PATH)
}

/// Reads all reports of a pattern such as `reports/*.xml` or `**/TEST-*.xml`, as one; nothing where there is no
/// file of that pattern. A relative pattern begins at the working directory.
///
/// # Errors
/// Any of them is no report, cannot be read, or is beyond the limits.
pub async fn read(pattern: &str) -> Result<Option<JunitReport>, ReportsError> {
    let pattern = pattern.to_owned();
    let reading = tokio::task::spawn_blocking(move || read_now(&pattern));
    reading.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped).into()))
}

fn read_now(pattern: &str) -> Result<Option<JunitReport>, ReportsError> {
    let options = glob::MatchOptions {
        // What a pattern does not name is hidden, as in a shell, and a star ends at a slash.
        require_literal_leading_dot: true,
        require_literal_separator: true,
        case_sensitive: true,
    };
    let found = glob::glob_with(pattern, options).map_err(|bad| ReportsError::Pattern(bad.msg))?;
    let (mut all, mut files, mut left) = (None::<JunitReport>, 0, MOST_BYTES);
    for path in found {
        let path = path.map_err(|error| ReportsError::Report {
            path: error.path().to_owned(),
            why: error.error().to_string(),
        })?;
        files += 1;
        if files > MOST_FILES {
            return Err(ReportsError::TooMany);
        }
        let report = read_one(&path, &mut left);
        let report = report.map_err(|why| ReportsError::Report { path, why })?;
        all.get_or_insert_default().add(report);
    }
    Ok(all)
}

/// Reads one, and takes its bytes from those that are left for all.
fn read_one(path: &Path, left: &mut u64) -> Result<JunitReport, String> {
    let most = (*left).min(LARGEST as u64);
    let (bytes, _) = files::read(path, most).map_err(|error| error.to_string())?;
    *left = left.saturating_sub(bytes.len() as u64);
    JunitReport::read(&bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, cases: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("<testsuite>{cases}</testsuite>")).unwrap();
    }

    async fn counts(folder: &Path, pattern: &str) -> Option<(u64, u64)> {
        let pattern = folder.join(pattern);
        let read = read(pattern.to_str().unwrap()).await.unwrap();
        read.map(|report| (report.passed, report.failed))
    }

    #[tokio::test]
    async fn all_reports_of_a_pattern_are_one() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "reports/a.xml", "<testcase/><testcase/>");
        write(folder.path(), "reports/b.xml", "<testcase><failure/></testcase>");
        write(folder.path(), "reports/deep/c.xml", "<testcase/>");
        write(folder.path(), "reports/.hidden.xml", "<testcase/>");
        write(folder.path(), "reports/notes.txt", "<testcase/>");
        let at = folder.path();
        assert_eq!(counts(at, "reports/*.xml").await, Some((2, 1)));
        assert_eq!(counts(at, "reports/**/*.xml").await, Some((3, 1)));
        assert_eq!(counts(at, "reports/a.xml").await, Some((2, 0)));
        assert_eq!(counts(at, "none/*.xml").await, None);
    }

    #[tokio::test]
    async fn one_that_is_no_report_is_named_and_what_is_too_much_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pattern = folder.path().join("*.xml");
        let pattern = pattern.to_str().unwrap();
        std::fs::write(folder.path().join("cut.xml"), "<testsuite><testcase>").unwrap();
        let told = read(pattern).await.unwrap_err().to_string();
        assert!(told.contains("cut.xml: it ends within `testcase`"), "{told}");
        std::fs::create_dir(folder.path().join("b.xml")).unwrap();
        let told = read(pattern).await.unwrap_err().to_string();
        assert!(told.contains("b.xml: it is a folder"), "{told}");
        for number in 0..=MOST_FILES {
            write(folder.path(), &format!("many/{number}.xml"), "");
        }
        let many = folder.path().join("many/*.xml");
        let refused = read(many.to_str().unwrap()).await.unwrap_err();
        assert!(matches!(refused, ReportsError::TooMany), "{refused}");
        assert!(matches!(read("a***b").await.unwrap_err(), ReportsError::Pattern(_)));
    }

    #[tokio::test]
    async fn the_name_of_a_file_says_nothing_to_a_terminal() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a\u{1b}[31m\nError: b.xml"), "<testsuite>").unwrap();
        let pattern = folder.path().join("*.xml");
        let told = read(pattern.to_str().unwrap()).await.unwrap_err().to_string();
        assert!(told.contains("a\\u{1b}[31m\\nError: b.xml: it ends"), "{told}");
    }

    #[test]
    fn all_files_share_one_limit() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.xml", "<testcase/>");
        let path = folder.path().join("a.xml");
        let mut left = 34 + 8;
        assert!(read_one(&path, &mut left).is_ok());
        let told = read_one(&path, &mut left).unwrap_err();
        assert!(told.contains("at most 8 are read"), "{told}");
    }
}
