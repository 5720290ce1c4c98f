//! Files and folders of a commit.

use git2::ObjectType;

use super::Repository;
use super::fetch::Part;
use crate::base::limits::LARGEST_FILE;
use crate::git::error::GitError;
use crate::git::file::{FileEntry, FileKind, ListEntry, ListedKind};
use crate::git::object_id::ObjectId;
use crate::{CommitSha, Timestamp};

const FOLDER: i32 = 0o040_000;
const LINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

impl Repository {
    /// What stands at a path of a commit; `None`: nothing. A path through a symbolic link leads
    /// nowhere, as in git.
    ///
    /// # Errors
    /// When the path leaves the tree, or objects are missing and cannot be fetched.
    pub async fn file(&self, commit: CommitSha, path: &str) -> Result<Option<FileEntry>, GitError> {
        let path = checked(path)?;
        let Some((mode, id)) = self.entry(commit, &path).await? else { return Ok(None) };
        if mode != SUBMODULE {
            self.bring(id, if mode == FOLDER { Part::Folders } else { Part::Whole }).await?;
        }
        let kind = match mode {
            FOLDER => FileKind::Directory,
            SUBMODULE => FileKind::Submodule,
            LINK => match self.content(id)? {
                FileKind::File(bytes) => {
                    FileKind::Symlink { leads_to: String::from_utf8_lossy(&bytes).into_owned() }
                }
                large => large,
            },
            _ => self.content(id)?,
        };
        Ok(Some(FileEntry { path, kind, object: id }))
    }

    /// The entries of a folder of a commit, sorted by name; `None`: there is no such folder. The
    /// empty path is the root.
    ///
    /// # Errors
    /// As [`Repository::file`].
    pub async fn list(
        &self,
        commit: CommitSha,
        folder: &str,
    ) -> Result<Option<Vec<ListEntry>>, GitError> {
        let folder = checked(folder)?;
        let Some((FOLDER, id)) = self.entry(commit, &folder).await? else { return Ok(None) };
        self.bring(id, Part::Folders).await?;
        let entries = self.parts.objects.with(|git2| {
            let tree = git2.find_tree(id.to_oid())?;
            let entry = |entry: git2::TreeEntry<'_>| ListEntry {
                name: String::from_utf8_lossy(entry.name_bytes()).into_owned(),
                kind: match entry.filemode() {
                    _ if entry.name().is_err() => ListedKind::Nameless,
                    FOLDER => ListedKind::Directory,
                    LINK => ListedKind::Symlink,
                    SUBMODULE => ListedKind::Submodule,
                    _ => ListedKind::File,
                },
                object: ObjectId::from_oid(entry.id()),
            };
            Ok(tree.iter().map(entry).collect::<Vec<_>>())
        });
        let mut entries = entries.map_err(|error| GitError::local("read a folder", error))?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Some(entries))
    }

    /// Fetches these files at once, as far as they are missing here: one by one, a partial clone would ask its
    /// remote for each. What the remote does not give is missed by who reads it.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub async fn bring_files(&self, files: &[ObjectId]) -> Result<(), GitError> {
        let missing = files.iter().filter(|id| !self.parts.objects.exists(**id));
        let missing: Vec<String> = missing.map(ToString::to_string).collect();
        self.parts.fetches.fetch(&missing, Part::Whole).await
    }

    /// When a commit was made, by its own word; `None` outside the calendar.
    ///
    /// # Errors
    /// When it is missing and cannot be fetched, or is no commit.
    pub async fn committed_at(&self, commit: CommitSha) -> Result<Option<Timestamp>, GitError> {
        let id = ObjectId::from(commit);
        self.bring(id, Part::Alone).await?;
        let seconds = self
            .parts
            .objects
            .with(|git2| Ok(git2.find_commit(id.to_oid())?.committer().when().seconds()));
        let seconds = seconds.map_err(|error| GitError::local("read a commit", error))?;
        Ok(Timestamp::from_unix_seconds(seconds))
    }

    /// The mode and object at a path.
    async fn entry(
        &self,
        commit: CommitSha,
        path: &str,
    ) -> Result<Option<(i32, ObjectId)>, GitError> {
        let id = ObjectId::from(commit);
        self.bring(id, Part::Alone).await?;
        let root = self.look(|git2| Ok(git2.find_commit(id.to_oid())?.tree_id()))?;
        let mut found = (FOLDER, ObjectId::from_oid(root));
        // The folder of each part may be missing: a partial clone has only those that somebody wanted.
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let (FOLDER, folder) = found else { return Ok(None) };
            self.bring(folder, Part::Folders).await?;
            let entry = self.look(|git2| {
                let tree = git2.find_tree(folder.to_oid())?;
                Ok(tree.get_name(part).map(|it| (it.filemode(), ObjectId::from_oid(it.id()))))
            })?;
            let Some(entry) = entry else { return Ok(None) };
            found = entry;
        }
        Ok(Some(found))
    }

    fn look<T>(
        &self,
        work: impl FnOnce(&git2::Repository) -> Result<T, git2::Error>,
    ) -> Result<T, GitError> {
        self.parts.objects.with(work).map_err(|error| GitError::local("read a folder", error))
    }

    /// A file with its bytes, unless it has too many.
    fn content(&self, id: ObjectId) -> Result<FileKind, GitError> {
        match self.parts.objects.size(id)? {
            Some(size) if size > LARGEST_FILE => Ok(FileKind::LargeFile { size }),
            _ => self.bytes(id).map(FileKind::File),
        }
    }

    fn bytes(&self, id: ObjectId) -> Result<Vec<u8>, GitError> {
        match self.parts.objects.read(id)? {
            Some((ObjectType::Blob, bytes)) => Ok(bytes),
            Some((kind, _)) => {
                Err(GitError::WrongKind { id, found: kind.str().to_owned(), expected: "blob" })
            }
            None => Err(self.missing(id)),
        }
    }
}

/// The path without slashes at its ends, if it stays inside the tree.
fn checked(path: &str) -> Result<String, GitError> {
    let invalid = |reason| Err(GitError::InvalidPath { path: path.to_owned(), reason });
    if path.starts_with('/') {
        return invalid("it is absolute; expected a path from the root of the repository");
    }
    if path.contains('\0') {
        return invalid("it holds a NUL");
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() || trimmed == "." {
        return Ok(String::new());
    }
    let trimmed = trimmed.strip_prefix("./").unwrap_or(trimmed);
    for part in trimmed.split('/') {
        match part {
            "" => return invalid("it has an empty part"),
            "." | ".." => return invalid("it has a part `.` or `..`"),
            _ => {}
        }
    }
    Ok(trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_paths_inside() {
        for path in ["/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\0b", "..", "a/.."] {
            assert!(matches!(checked(path), Err(GitError::InvalidPath { .. })), "{path:?}");
        }
        for (path, expected) in
            [("", ""), (".", ""), ("a/", "a"), ("./a/b", "a/b"), ("größe x/ü", "größe x/ü")]
        {
            assert_eq!(checked(path).unwrap(), expected);
        }
    }
}
