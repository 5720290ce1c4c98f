//! What this clone wrote lately: so that an apply that was killed after its push, before Terraform heard
//! of it, is taken up by the next one instead of ending in "exists already".
//!
//! A hint and not the truth: one line for each object, in a file of git's own folder. Where it is
//! missing, as in a fresh clone, the rules alone decide. It holds object IDs and nothing else.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use pipeline_core::git::{ObjectId, RefUpdate, Repository};

/// Beyond this size, in bytes, the file starts anew: old entries are of no use.
const MOST: u64 = 1 << 20;

/// The journal of one clone.
pub(crate) struct Journal {
    file: PathBuf,
}

impl Journal {
    /// The journal of `repository`.
    pub(crate) fn of(repository: &Repository) -> Self {
        Self { file: repository.git_dir().join("pipeline-written") }
    }

    /// Notes objects that are about to be pushed. A clone that cannot be written has no journal.
    pub(crate) fn note(&self, updates: &[RefUpdate]) {
        let lines: String =
            updates.iter().filter_map(|u| u.new).map(|id| format!("{id}\n")).collect();
        let full = std::fs::metadata(&self.file).is_ok_and(|file| file.len() > MOST);
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(!full).truncate(full);
        if let Ok(mut file) = options.open(&self.file) {
            // One write: lines of several processes do not mix.
            let _ = file.write_all(lines.as_bytes());
        }
    }

    /// Whether this clone wrote the object.
    pub(crate) fn has(&self, object: ObjectId) -> bool {
        let wanted = object.to_string();
        std::fs::read_to_string(&self.file)
            .is_ok_and(|text| text.lines().any(|line| line == wanted))
    }
}
