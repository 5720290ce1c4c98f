//! Records as git keeps them, and new tags and records. What tags say is read in `tags`.

use git2::ObjectType;

use super::Repository;
use super::fetch::Part;
use super::nonce::nonce;
use super::tag_text::{self, TargetKind};
use crate::base::limits::LARGEST_FILE;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::record::StoredRecord;
use crate::git::snapshot::RefTarget;
use crate::git::tag::Signature;
use crate::{CommitSha, RefName};

impl Repository {
    /// Makes sure that a commit is there, and is one: what a tag leads to may be anything.
    ///
    /// # Errors
    /// When it is of another kind, or is missing and cannot be fetched.
    pub async fn check_commit(&self, commit: CommitSha) -> Result<(), GitError> {
        let id = ObjectId::from(commit);
        self.bring(id, Part::Alone).await?;
        self.parts.objects.check_kind(id, ObjectType::Commit)
    }

    /// Makes an annotated tag object for a commit. It reaches a repository with the transaction
    /// that points a ref at it. `name` is the short name of the tag.
    ///
    /// # Errors
    /// When the object cannot be named, which does not happen.
    pub(crate) fn write_tag_object(
        &self,
        name: &str,
        target: CommitSha,
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        let text = tag_text::write(target.into(), TargetKind::Commit, name, tagger, message);
        self.parts.objects.write_tag(text, target.into(), ObjectType::Commit)
    }

    /// Makes a record for a ref of the ledger: an annotated tag object over a blob. No other call
    /// makes the same object, so that a record that arrived is known again.
    ///
    /// # Errors
    /// As [`Repository::write_tag_object`].
    pub(crate) fn write_record(
        &self,
        name: &RefName,
        bytes: &[u8],
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        let blob = self.parts.objects.write_blob(bytes)?;
        let tag = name.as_str().strip_prefix("refs/").unwrap_or(name.as_str());
        let line = message.lines().next().unwrap_or_default();
        let message = format!("{line}\n\n{NONCE}{}", nonce());
        let text = tag_text::write(blob, TargetKind::Blob, tag, tagger, &message);
        self.parts.objects.write_tag(text, blob, ObjectType::Blob)
    }

    /// A short text of lower-case letters and digits that no other call gives.
    #[must_use]
    pub(crate) fn unique(&self) -> String {
        nonce()
    }

    /// What a ref of the ledger holds; `None`: the ref does not exist.
    ///
    /// # Errors
    /// When the snapshot or an object cannot be had.
    pub async fn read_record(&self, name: &RefName) -> Result<Option<StoredRecord>, GitError> {
        let snapshot = self.snapshot().await?;
        let Some(target) = snapshot.get(name.as_str()) else { return Ok(None) };
        let mut records = self.read_records(vec![(name.clone(), target)]).await?;
        Ok(records.pop())
    }

    /// What several refs of the ledger hold; what is missing here is fetched at once.
    ///
    /// # Errors
    /// When the snapshot or an object cannot be had.
    pub async fn read_records(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Vec<StoredRecord>, GitError> {
        self.bring_records(&refs).await?;
        refs.into_iter().map(|(name, target)| self.stored(name, target.object)).collect()
    }

    /// Fetches what these refs of the ledger hold, as far as it is missing here, at once.
    ///
    /// A ref that moved since it was listed brings what it holds now. What it held then has no name
    /// any more, but most servers still give it to who asks for the object.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn bring_records(&self, refs: &[(RefName, RefTarget)]) -> Result<(), GitError> {
        let objects = &self.parts.objects;
        let here =
            |target: &RefTarget| objects.exists(target.object) && objects.exists(target.target());
        let missing = || refs.iter().filter(|(_, target)| !here(target));
        let by_name: Vec<String> = missing().map(|(name, _)| name.to_string()).collect();
        self.parts.fetches.fetch(&by_name, Part::Whole).await?;
        let moved: Vec<String> = missing().map(|(_, target)| target.object.to_string()).collect();
        self.parts.fetches.fetch(&moved, Part::Whole).await
    }

    /// What a ref holds. Somebody may have put something else there, which is a fault of this ref and
    /// of no other.
    fn stored(&self, name: RefName, object: ObjectId) -> Result<StoredRecord, GitError> {
        match self.record(name.clone(), object) {
            Err(error @ GitError::WrongKind { .. }) => {
                let (message, fault) = (String::new(), Some(error.to_string()));
                Ok(StoredRecord { name, object, tagger: None, message, bytes: Vec::new(), fault })
            }
            Err(GitError::MissingObject { id, .. }) => Err(GitError::MissingRecord { name, id }),
            stored => stored,
        }
    }

    fn record(&self, name: RefName, object: ObjectId) -> Result<StoredRecord, GitError> {
        let read = |id| self.parts.objects.read(id)?.ok_or_else(|| self.missing(id));
        let wrong = |id, kind: ObjectType, expected| {
            Err(GitError::WrongKind { id, found: kind.str().to_owned(), expected })
        };
        let (kind, text) = read(object)?;
        let blob = match (kind, tag_text::target(&text)) {
            (ObjectType::Tag, Some(blob)) => blob,
            (kind, _) => return wrong(object, kind, "tag"),
        };
        // Whoever may push may put anything there.
        match self.parts.objects.size(blob)? {
            Some(size) if size > LARGEST_FILE => {
                let found = format!("blob of {size} bytes");
                let expected = "record of at most 8 MiB";
                return Err(GitError::WrongKind { id: blob, found, expected });
            }
            _ => {}
        }
        match read(blob)? {
            (ObjectType::Blob, bytes) => {
                let (tagger, message) = tag_text::read(object, &text)?;
                let message = message
                    .split_once("\n\n")
                    .map_or(message.as_str(), |(line, _)| line)
                    .to_owned();
                Ok(StoredRecord { name, object, tagger, message, bytes, fault: None })
            }
            (kind, _) => wrong(blob, kind, "blob"),
        }
    }
}

/// What makes each record an object of its own.
const NONCE: &str = "Nonce: ";
