//! What stands at the paths of a commit.

use super::object_id::ObjectId;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A file, with its bytes.
    File(Vec<u8>),
    /// A file with more bytes than are read: see [`LARGEST_FILE`](crate::base::limits::LARGEST_FILE).
    LargeFile {
        /// How many it has.
        size: u64,
    },
    /// A folder.
    Directory,
    /// A symbolic link; it is not followed.
    Symlink {
        /// Where it leads, as it is written there.
        leads_to: String,
    },
    /// Another repository.
    Submodule,
}

/// What stands at a path of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileEntry {
    /// The path from the root, `/` between its parts; empty for the root itself.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// The object.
    pub object: ObjectId,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListEntry {
    /// Its name in the folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_directory: bool,
    /// The object.
    pub object: ObjectId,
}
