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
    /// Its name in the folder; where that is not UTF-8, what can be read of it.
    pub name: String,
    /// What it is.
    pub kind: ListedKind,
    /// The object.
    pub object: ObjectId,
}

/// What an entry of a folder is, as far as the folder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListedKind {
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Another repository.
    Submodule,
    /// Something whose name is not UTF-8, which no path leads to here.
    Nameless,
}
