//! Finds the reports of a run on this machine and reads them, off the runtime.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

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
    /// The pattern leads elsewhere.
    #[error("the pattern leads out of the repository")]
    Outside,
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
    off_the_runtime(move || read_now(&pattern)).await
}

fn read_now(pattern: &str) -> Result<Option<JunitReport>, ReportsError> {
    together(files_of(pattern)?)
}

/// The files of a pattern.
fn files_of(pattern: &str) -> Result<Vec<PathBuf>, ReportsError> {
    let options = glob::MatchOptions {
        // What a pattern does not name is hidden, as in a shell, and a star ends at a slash.
        require_literal_leading_dot: true,
        require_literal_separator: true,
        case_sensitive: true,
    };
    let found = glob::glob_with(pattern, options).map_err(|bad| ReportsError::Pattern(bad.msg))?;
    let mut files = Vec::new();
    for path in found {
        files.push(path.map_err(|error| ReportsError::Report {
            path: error.path().to_owned(),
            why: error.error().to_string(),
        })?);
        if files.len() > MOST_FILES {
            return Err(ReportsError::TooMany);
        }
    }
    Ok(files)
}

/// What files report together; nothing where there are none.
fn together(files: Vec<PathBuf>) -> Result<Option<JunitReport>, ReportsError> {
    let (mut all, mut left) = (None::<JunitReport>, MOST_BYTES);
    for path in files {
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

/// The reports that tests leave within one folder. What lies there before them, and stays as it is, is not theirs.
#[derive(Debug, Clone)]
pub struct Reports {
    folder: PathBuf,
    pattern: String,
}

/// What lay there before the tests ran.
#[derive(Debug, Default)]
pub struct Before(BTreeMap<PathBuf, Print>);

/// What tells whether somebody wrote a file since. No clock is asked: that of a file system may be another one.
#[derive(Debug, PartialEq, Eq)]
struct Print {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// What tests reported.
#[derive(Debug)]
pub struct Reported {
    /// Of all files together; nothing where there is no new one.
    pub report: Option<JunitReport>,
    /// How many files do not count, because they lay there before.
    pub stale: usize,
}

/// Checks that a pattern means something, within the folder that it is used in.
///
/// # Errors
/// It breaks off, or leads elsewhere.
pub fn check_pattern(pattern: &str) -> Result<(), ReportsError> {
    glob::Pattern::new(pattern).map_err(|bad| ReportsError::Pattern(bad.msg))?;
    let within = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    let stays = !pattern.is_empty() && Path::new(pattern).components().all(within);
    if stays { Ok(()) } else { Err(ReportsError::Outside) }
}

impl Reports {
    /// The reports of a pattern within a folder.
    ///
    /// # Errors
    /// As [`check_pattern`].
    pub fn new(folder: PathBuf, pattern: String) -> Result<Self, ReportsError> {
        check_pattern(&pattern)?;
        Ok(Self { folder, pattern })
    }

    /// Their pattern, as it was written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Looks at what lies there, before the tests run.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub async fn before(&self) -> Result<Before, ReportsError> {
        let own = self.clone();
        off_the_runtime(move || own.prints().map(Before)).await
    }

    /// Reads what was written since.
    ///
    /// # Errors
    /// One of the files is no report, lies elsewhere, cannot be read, or is beyond the limits.
    pub async fn since(&self, before: Before) -> Result<Reported, ReportsError> {
        let own = self.clone();
        off_the_runtime(move || {
            let mut now = own.prints()?;
            let all = now.len();
            now.retain(|path, print| before.0.get(path) != Some(print));
            let stale = all - now.len();
            own.check_within(now.keys())?;
            Ok(Reported { report: together(now.into_keys().collect())?, stale })
        })
        .await
    }

    fn prints(&self) -> Result<BTreeMap<PathBuf, Print>, ReportsError> {
        let folder = glob::Pattern::escape(&self.folder.to_string_lossy());
        let files = files_of(&format!("{folder}/{}", self.pattern))?;
        // One that goes while it is looked at is not there.
        let known = |path: PathBuf| Some((Print::of(&std::fs::metadata(&path).ok()?), path));
        Ok(files.into_iter().filter_map(known).map(|(print, path)| (path, print)).collect())
    }

    /// A link within the folder may lead anywhere.
    fn check_within<'a>(
        &self,
        files: impl Iterator<Item = &'a PathBuf>,
    ) -> Result<(), ReportsError> {
        let folder = self.folder.canonicalize()?;
        for path in files {
            if !path.canonicalize()?.starts_with(&folder) {
                let why = "it is a link that leads out of the repository".to_owned();
                return Err(ReportsError::Report { path: path.clone(), why });
            }
        }
        Ok(())
    }
}

impl Print {
    fn of(about: &Metadata) -> Self {
        Self {
            inode: about.ino(),
            size: about.size(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReportsError> + Send + 'static,
) -> Result<T, ReportsError> {
    let working = tokio::task::spawn_blocking(work);
    working.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped).into()))
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

    #[tokio::test]
    async fn what_lay_there_before_the_tests_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        // Letters that mean something in a pattern mean nothing in the folder's name.
        let folder = folder.path().join("a[b]");
        write(&folder, "reports/old.xml", "<testcase><failure/></testcase>");
        write(&folder, "reports/again.xml", "<testcase><failure/></testcase>");
        let reports = Reports::new(folder.clone(), "reports/*.xml".to_owned()).unwrap();
        let before = reports.before().await.unwrap();
        let nothing = reports.since(before).await.unwrap();
        assert_eq!((nothing.report, nothing.stale), (None, 2));
        let before = reports.before().await.unwrap();
        write(&folder, "reports/again.xml", "<testcase/><testcase><skipped/></testcase>");
        write(&folder, "reports/new.xml", "<testcase/>");
        let found = reports.since(before).await.unwrap();
        let report = found.report.unwrap();
        assert_eq!((report.passed, report.failed, report.skipped, found.stale), (2, 0, 1, 1));
    }

    #[tokio::test]
    async fn reports_lie_within_the_folder() {
        for outside in ["/etc/*.xml", "../*.xml", "a/../../b.xml", ""] {
            assert!(matches!(check_pattern(outside), Err(ReportsError::Outside)), "{outside}");
        }
        check_pattern("./build/**/TEST-*.xml").unwrap();
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(other.path(), "a.xml", "<testcase/>");
        let reports = Reports::new(folder.path().to_owned(), "*.xml".to_owned()).unwrap();
        std::os::unix::fs::symlink(other.path().join("a.xml"), folder.path().join("a.xml"))
            .unwrap();
        let told = reports.since(Before::default()).await.unwrap_err().to_string();
        assert!(told.contains("a.xml: it is a link"), "{told}");
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
