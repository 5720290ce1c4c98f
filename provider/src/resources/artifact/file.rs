//! The file on this machine: there, not there yet, or not the one that was meant.

use std::path::Path as FilePath;

use pipeline_aws::s3::Payload;
use pipeline_core::Sha256;
use pipeline_core::artifact::ArtifactPath;
use pipeline_core::artifact::rules::check_file;
use pipeline_core::base::suggest::did_you_mean;
use tfplugin::{Diagnostic, Diagnostics};

use super::model::Artifact;
use crate::error::{self, Blame as _, artifact as words};

/// The file, hashed; `None`: there is none.
///
/// # Errors
/// When something is there that cannot be read.
pub(super) async fn look(source: &str) -> Result<Option<Payload>, Diagnostics> {
    Payload::find(FilePath::new(source))
        .await
        .map_err(|error| words::unreadable_file(source, &error))
}

/// ART003: the file has the SHA-256 that the configuration asks for.
///
/// # Errors
/// When it has another one.
pub(super) fn check_hash(
    source: &str,
    found: Sha256,
    wanted: Option<Sha256>,
) -> Result<(), Diagnostics> {
    let other = wanted.and_then(|wanted| check_file(source, found, wanted));
    error::refuse(other, Artifact::SOURCE_HASH)
}

/// The path under the commit where none is given: the name of the file.
///
/// # Errors
/// ART002 where the file has no name that can be one.
pub(super) fn path_of(source: &str) -> Result<ArtifactPath, Diagnostics> {
    ArtifactPath::of_file(FilePath::new(source)).blame(Artifact::SOURCE)
}

/// So many files of a folder are looked at for one that was meant.
const NEIGHBOURS: usize = 1000;

/// The file is not there, though perhaps one with a like name is.
pub(super) fn missing(source: &str) -> Diagnostic {
    words::no_file(source, near(FilePath::new(source)).as_deref())
}

/// The file of the same folder with the nearest name.
fn near(source: &FilePath) -> Option<String> {
    let (wanted, folder) = (source.file_name()?.to_str()?, source.parent()?);
    let place = if folder.as_os_str().is_empty() { FilePath::new(".") } else { folder };
    let files = std::fs::read_dir(place).ok()?.flatten().take(NEIGHBOURS);
    let files = files.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let names: Vec<String> = files.filter_map(|it| it.file_name().into_string().ok()).collect();
    let near = did_you_mean(wanted, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}
