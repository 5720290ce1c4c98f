//! What this clone wrote lately: so that a process that was killed after its push, before anybody heard
//! of it, is taken up by the next one instead of ending in "exists already".
//!
//! A hint and not the truth: one line for each object, in a file of git's own folder. Where it is
//! missing, as in a fresh clone, the rules alone decide. It holds object IDs and nothing else.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use super::Repository;
use crate::git::object_id::ObjectId;
use crate::git::transaction::RefUpdate;

/// Beyond this size, in bytes, the file starts anew: old entries are of no use.
const MOST: u64 = 1 << 20;

impl Repository {
    fn journal(&self) -> PathBuf {
        self.git_dir().join("pipeline-written")
    }

    /// Notes objects that are about to be pushed. A clone that cannot be written has no journal.
    pub(crate) fn note_written(&self, updates: &[RefUpdate]) {
        let lines: String =
            updates.iter().filter_map(|u| u.new).map(|id| format!("{id}\n")).collect();
        let file = self.journal();
        let full = std::fs::metadata(&file).is_ok_and(|file| file.len() > MOST);
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(!full).truncate(full);
        if let Ok(mut file) = options.open(&file) {
            // One write: lines of several processes do not mix.
            let _ = file.write_all(lines.as_bytes());
        }
    }

    /// Whether this clone wrote the object that a ref points at: a process that was killed did.
    #[must_use]
    pub fn wrote(&self, object: ObjectId) -> bool {
        let wanted = object.to_string();
        std::fs::read_to_string(self.journal())
            .is_ok_and(|text| text.lines().any(|line| line == wanted))
    }
}
