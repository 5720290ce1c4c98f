//! The age identities of this machine, where SOPS looks for them. They are read when a file is opened, and not kept.

use std::io::ErrorKind;
use std::path::Path;

use pipeline_core::files::{self, FileError};
use pipeline_core::sops::decrypt::{Identities, Source};

use crate::surroundings::Surroundings;

const KEY: &str = "SOPS_AGE_KEY";
const KEY_FILE: &str = "SOPS_AGE_KEY_FILE";
/// Ways that SOPS goes beside these.
const NOT_GONE: [&str; 3] =
    ["SOPS_AGE_KEY_CMD", "SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"];
/// Below where programs keep what a person sets up.
const DEFAULT: &str = "sops/age/keys.txt";
/// No file of identities is larger.
const LARGEST: u64 = 64 * 1024;

/// All that can be found; where nothing is, that is remembered.
pub(super) fn find(surroundings: &Surroundings) -> Identities {
    let variable = |name| surroundings.passed_on(name).filter(|value| !value.is_empty());
    let mut found = Identities::new();
    found.add(Source::Variable(KEY), variable(KEY).as_deref());
    match variable(KEY_FILE) {
        Some(path) => read(&mut found, Source::FileOf(KEY_FILE), Path::new(&path), true),
        None => found.add(Source::FileOf(KEY_FILE), None),
    }
    if let Some(folder) = surroundings.config_directory() {
        let path = folder.join(DEFAULT);
        read(&mut found, Source::File(path.display().to_string()), &path, false);
    }
    NOT_GONE.into_iter().filter(|name| variable(name).is_some()).for_each(|it| found.pass_over(it));
    found
}

/// `is_named`: somebody said that it is there.
fn read(found: &mut Identities, source: Source, path: &Path, is_named: bool) {
    let is_missing = |error: &FileError| matches!(error, FileError::Refused(it) if it.kind() == ErrorKind::NotFound);
    match files::read(path, LARGEST) {
        Ok((bytes, _)) => found.add(source, Some(&String::from_utf8_lossy(&bytes))),
        Err(error) if is_missing(&error) && !is_named => found.add(source, None),
        Err(error) => found.unreadable(source, &error),
    }
}
