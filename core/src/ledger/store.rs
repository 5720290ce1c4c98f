//! What the ledger and the deployment engine need of a place that keeps refs.

use std::future::Future;
use std::sync::Arc;

use crate::approval::AllowedSigner;
use crate::deployment::Attempts;
#[cfg(feature = "git")]
use crate::git::Repository;
use crate::git::{
    CommitError, GitError, ObjectId, RefTarget, RefUpdate, Signature, Snapshot, StoredRecord,
    Transaction,
};
use crate::{CommitSha, RefName, Timestamp};

/// A place that keeps refs and changes them in transactions: a git repository, or its twin in
/// memory.
pub trait RefStore: Clone + Send + Sync + 'static {
    /// The prefix of the ledger's refs, without a slash at its end.
    fn ledger_prefix(&self) -> &str;

    /// The refs, as [`Repository::snapshot`].
    fn snapshot(&self) -> impl Future<Output = Result<Arc<Snapshot>, GitError>> + Send;

    /// Forgets the snapshot.
    fn refresh(&self);

    /// Carries out a transaction, as `Repository::commit`, and says how many attempts it took.
    fn commit(
        &self,
        change: Transaction,
    ) -> impl Future<Output = Result<Attempts, CommitError>> + Send;

    /// What refs of the ledger hold, as [`Repository::read_records`].
    fn read_records(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> impl Future<Output = Result<Vec<StoredRecord>, GitError>> + Send;

    /// Makes sure that what refs of the ledger hold is here, as [`Repository::bring_records`].
    fn bring(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> impl Future<Output = Result<(), GitError>> + Send;

    /// One ref as it is now, as [`Repository::peek`]; the snapshot stays what it was.
    fn peek(
        &self,
        name: &RefName,
    ) -> impl Future<Output = Result<Option<RefTarget>, GitError>> + Send;

    /// Makes a record, as `Repository::write_record`.
    ///
    /// # Errors
    /// When the object cannot be made.
    fn write_record(
        &self,
        name: &RefName,
        bytes: &[u8],
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError>;

    /// Makes an annotated tag object, as `Repository::write_tag_object`.
    ///
    /// # Errors
    /// When the object cannot be made.
    fn write_tag_object(
        &self,
        name: &str,
        target: CommitSha,
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError>;

    /// The tag object with a signature, as `Repository::sign_tag`; a store without a git signs nothing.
    fn sign_tag(
        &self,
        _: &str,
        tag: ObjectId,
    ) -> impl Future<Output = Result<ObjectId, GitError>> + Send {
        std::future::ready(Ok(tag))
    }

    /// The object of a record with a signature, as `Repository::sign_record`; a store without a git signs
    /// nothing.
    fn sign_record(
        &self,
        _: &RefName,
        record: ObjectId,
    ) -> impl Future<Output = Result<ObjectId, GitError>> + Send {
        std::future::ready(Ok(record))
    }

    /// Why none of these keys signed the object of a record, as `Repository::verify_record`; `None`: one did.
    /// A store without a git knows no signatures.
    fn verify_record(
        &self,
        _: ObjectId,
        _: &[AllowedSigner],
    ) -> impl Future<Output = Result<Option<String>, GitError>> + Send {
        std::future::ready(Ok(Some("nobody can verify it here".to_owned())))
    }

    /// Makes sure that a commit is one, as [`Repository::check_commit`]; a store without commits takes
    /// each for one.
    fn check_commit(&self, _: CommitSha) -> impl Future<Output = Result<(), GitError>> + Send {
        std::future::ready(Ok(()))
    }

    /// When a commit was made, as [`Repository::committed_at`]; `None` where nobody can tell.
    fn committed_at(
        &self,
        commit: CommitSha,
    ) -> impl Future<Output = Result<Option<Timestamp>, GitError>> + Send;

    /// The names by which git knows whoever works here: a name and an e-mail address.
    fn user(&self) -> Vec<String>;

    /// Whether the refs are those of a remote, which others see.
    fn on_remote(&self) -> bool;

    /// The name that this store gives to the bytes of a record; nothing is written.
    ///
    /// # Errors
    /// When they cannot be named, which does not happen.
    fn name_of(&self, bytes: &[u8]) -> Result<ObjectId, GitError>;

    /// A short text of lower-case letters and digits that is never given twice.
    fn unique(&self) -> String;

    /// Notes what is about to be written, for a process that takes up what this one left when it was
    /// killed; nothing, where this one takes something up.
    fn note_written(&self, _: &[RefUpdate]) {}

    /// Whether a process of this clone noted that it wrote this object.
    fn wrote(&self, _: ObjectId) -> bool {
        false
    }
}

#[cfg(feature = "git")]
impl RefStore for Repository {
    fn ledger_prefix(&self) -> &str {
        Self::ledger_prefix(self)
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, GitError> {
        Self::snapshot(self).await
    }

    fn refresh(&self) {
        Self::refresh(self);
    }

    async fn commit(&self, change: Transaction) -> Result<Attempts, CommitError> {
        Self::commit(self, change).await
    }

    async fn read_records(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Vec<StoredRecord>, GitError> {
        Self::read_records(self, refs).await
    }

    async fn bring(&self, refs: Vec<(RefName, RefTarget)>) -> Result<(), GitError> {
        Self::bring_records(self, &refs).await
    }

    async fn peek(&self, name: &RefName) -> Result<Option<RefTarget>, GitError> {
        Self::peek(self, name).await
    }

    fn write_record(
        &self,
        name: &RefName,
        bytes: &[u8],
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        Self::write_record(self, name, bytes, tagger, message)
    }

    fn write_tag_object(
        &self,
        name: &str,
        target: CommitSha,
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        Self::write_tag_object(self, name, target, tagger, message)
    }

    async fn sign_tag(&self, name: &str, tag: ObjectId) -> Result<ObjectId, GitError> {
        Self::sign_tag(self, name, tag).await
    }

    async fn sign_record(&self, name: &RefName, record: ObjectId) -> Result<ObjectId, GitError> {
        Self::sign_record(self, name, record).await
    }

    async fn verify_record(
        &self,
        record: ObjectId,
        keys: &[AllowedSigner],
    ) -> Result<Option<String>, GitError> {
        Self::verify_record(self, record, keys).await
    }

    async fn check_commit(&self, commit: CommitSha) -> Result<(), GitError> {
        Self::check_commit(self, commit).await
    }

    async fn committed_at(&self, commit: CommitSha) -> Result<Option<Timestamp>, GitError> {
        Self::committed_at(self, commit).await
    }

    fn user(&self) -> Vec<String> {
        let (name, email) = Self::user(self);
        [name, email].into_iter().flatten().collect()
    }

    fn on_remote(&self) -> bool {
        self.remote().is_some()
    }

    fn name_of(&self, bytes: &[u8]) -> Result<ObjectId, GitError> {
        ObjectId::of_blob(bytes)
    }

    fn unique(&self) -> String {
        Self::unique(self)
    }

    fn note_written(&self, updates: &[RefUpdate]) {
        Self::note_written(self, updates);
    }

    fn wrote(&self, object: ObjectId) -> bool {
        Self::wrote(self, object)
    }
}
