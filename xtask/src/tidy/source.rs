//! The files of the repository, as git lists them.

use std::path::Path;
use std::process::Command;

use pipeline_acceptance::{Outcome, command};

/// One text file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

impl Source {
    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether a program wrote it; then its looks are the program's affair.
    pub(crate) fn is_generated(&self) -> bool {
        self.text.lines().take(5).any(|line| line.contains("@generated"))
    }

    /// Whether it is a case that a test reads, not code of ours.
    pub(crate) fn is_case(&self) -> bool {
        ["/ui/", "/expand/", "/fixtures/"].iter().any(|folder| self.path.contains(folder))
    }
}

/// Every text file that is tracked, or is new and not ignored.
pub(crate) fn tracked(root: &Path) -> Outcome<Vec<Source>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let listed = command::run(&mut git)?.success()?.stdout;
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    // What is not text is not for these checks, and what was deleted is not there any more.
    let read = |path: &str| {
        let text = std::fs::read_to_string(root.join(path)).ok()?;
        Some(Source { path: path.to_owned(), text })
    };
    Ok(paths.filter_map(read).collect())
}
