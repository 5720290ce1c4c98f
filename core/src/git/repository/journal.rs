//! What a configuration wrote through this clone and nobody has heard of yet: so that a process that was
//! killed after its push is taken up by the next one of the same configuration, instead of ending in
//! "exists already".
//!
//! A hint and not the truth: a file for each process in git's own folder, named after its configuration,
//! with one line for each object. It goes when a process ends in order. Where it is missing, as in a fresh
//! clone, the rules alone decide. It holds object IDs and nothing else.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Repository;
use crate::artifact::Sha256;
use crate::git::object_id::ObjectId;
use crate::git::transaction::RefUpdate;

/// More of one file, in bytes, is not read.
const MOST: u64 = 1 << 20;

/// The journal of one process.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    /// What the files of this configuration begin with.
    prefix: String,
    /// The file of this process.
    own: PathBuf,
}

impl Journal {
    /// The journal of a process; `configuration` tells it from others in the same clone, and `unique` is
    /// given to no other process.
    pub(super) fn new(git_dir: &Path, configuration: &str, unique: &str) -> Self {
        let folder = git_dir.join("pipeline-written");
        let name: String =
            Sha256::of(configuration.as_bytes()).to_string().chars().take(16).collect();
        let prefix = format!("{name}-");
        let own = folder.join(format!("{prefix}{unique}"));
        Self { folder, prefix, own }
    }

    fn note(&self, updates: &[RefUpdate]) {
        let lines: String =
            updates.iter().filter_map(|u| u.new).map(|id| format!("{id}\n")).collect();
        // A clone that cannot be written has no journal.
        if fs::create_dir_all(&self.folder).is_err() {
            return;
        }
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(&self.own) {
            let _ = file.write_all(lines.as_bytes());
        }
    }

    fn holds(&self, object: ObjectId) -> bool {
        let wanted = object.to_string();
        let small = |path: &PathBuf| fs::metadata(path).is_ok_and(|file| file.len() <= MOST);
        let texts = self.files().into_iter().filter(|path| *path != self.own).filter(small);
        texts.filter_map(|path| fs::read_to_string(path).ok()).any(|text| {
            let mut lines = text.lines();
            lines.any(|line| line == wanted)
        })
    }

    /// Whatever this process wrote or took up, somebody has heard of.
    fn settle(&self) {
        if self.own.exists() {
            for path in self.files() {
                // What cannot be removed is a hint that lasts longer than it should.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// The files of this configuration.
    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let is_ours =
            |name: &std::ffi::OsStr| name.to_str().is_some_and(|it| it.starts_with(&self.prefix));
        let all = entries.filter_map(Result::ok).filter(|entry| is_ours(&entry.file_name()));
        all.map(|entry| entry.path()).collect()
    }
}

impl Repository {
    /// Notes objects that are about to be pushed; none where something is taken up that an earlier process
    /// of this configuration wrote.
    pub(crate) fn note_written(&self, updates: &[RefUpdate]) {
        self.parts.journal.note(updates);
    }

    /// Whether an earlier process of this configuration wrote the object that a ref points at, and was
    /// killed before anybody heard of it.
    #[must_use]
    pub fn wrote(&self, object: ObjectId) -> bool {
        self.parts.journal.holds(object)
    }

    /// Says that everything that this process wrote has been heard of: nothing of it is taken up later.
    pub fn settle(&self) {
        self.parts.journal.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(letter: char) -> ObjectId {
        letter.to_string().repeat(40).parse().unwrap()
    }

    fn noted(journal: &Journal, letter: char) {
        let name = "refs/tags/v1".parse().unwrap();
        journal.note(&[RefUpdate { name, expected: None, new: Some(object(letter)) }]);
    }

    #[test]
    fn what_a_killed_process_wrote_is_taken_up_by_its_own_configuration_only() {
        let folder = tempfile::tempdir().unwrap();
        let killed = Journal::new(folder.path(), "a", "1");
        noted(&killed, 'a');
        assert!(!killed.holds(object('a')), "a process needs no hint of itself");
        assert!(Journal::new(folder.path(), "a", "2").holds(object('a')));
        assert!(!Journal::new(folder.path(), "b", "3").holds(object('a')));
        assert!(!Journal::new(folder.path(), "a", "2").holds(object('b')));
    }

    #[test]
    fn a_process_that_ends_in_order_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (killed, other) =
            (Journal::new(folder.path(), "a", "1"), Journal::new(folder.path(), "b", "1"));
        noted(&killed, 'a');
        noted(&other, 'b');
        let plan = Journal::new(folder.path(), "a", "2");
        plan.settle();
        assert!(plan.holds(object('a')), "a plan wrote nothing, and settles nothing");
        let apply = Journal::new(folder.path(), "a", "3");
        apply.note(&[]);
        apply.settle();
        assert!(!Journal::new(folder.path(), "a", "4").holds(object('a')));
        assert!(Journal::new(folder.path(), "b", "4").holds(object('b')));
    }
}
