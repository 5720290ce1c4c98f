//! The twin in memory of a remote and of the processes that use it.
//!
//! A [`Remote`] is the truth that many share. A [`RefStore`] is what one process sees of it: with a
//! snapshot that grows stale, and with faults that a test asks for. Nothing here is random, reads a
//! clock or waits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::deployment::Attempts;
use crate::git::{
    CommitError, Conflict, GitError, ObjectId, Obstacle, RefTarget, RefUpdate, Signature, Snapshot,
    StoredRecord, Transaction,
};
use crate::{CommitSha, RefName, Sha256, Timestamp};

/// The truth that several stores share.
#[derive(Debug, Clone, Default)]
pub struct Remote {
    state: Arc<Mutex<State>>,
    serial: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct State {
    /// Shared with all who listed it since it was changed.
    refs: Arc<Snapshot>,
    objects: BTreeMap<ObjectId, Made>,
    commits: u64,
}

/// An object that somebody made.
#[derive(Debug, Clone)]
struct Made {
    target: ObjectId,
    tagger: Signature,
    message: String,
    bytes: Vec<u8>,
}

impl Remote {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more process that uses it.
    #[must_use]
    pub fn store(&self) -> RefStore {
        RefStore { remote: self.clone(), own: Arc::default() }
    }

    /// Its refs as they are now.
    #[must_use]
    pub fn refs(&self) -> Snapshot {
        Snapshot::clone(&self.lock().refs)
    }

    /// How many transactions happened.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.lock().commits
    }

    /// Puts a ref where it shall be, whatever was there: a branch, or a person at work.
    pub fn set(&self, name: &RefName, object: ObjectId) {
        self.lock().put(&RefUpdate { name: name.clone(), expected: None, new: Some(object) });
    }

    /// Removes a ref.
    pub fn remove(&self, name: &RefName) {
        self.lock().put(&RefUpdate { name: name.clone(), expected: None, new: None });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }
}

impl State {
    fn target(&self, object: ObjectId) -> RefTarget {
        RefTarget { object, peeled: self.objects.get(&object).map(|made| made.target) }
    }

    /// All updates, or the conflicts that forbid them.
    fn swap(&mut self, change: &Transaction) -> Result<(), CommitError> {
        let found = |name: &RefName| self.refs.get(name.as_str());
        let conflicts: Vec<Conflict> = change
            .updates()
            .iter()
            .filter(|update| found(&update.name).map(|target| target.object) != update.expected)
            .map(|update| Conflict {
                name: update.name.clone(),
                expected: update.expected.map(|object| self.target(object)),
                found: found(&update.name),
            })
            .collect();
        if !conflicts.is_empty() {
            return Err(CommitError::Conflict { conflicts });
        }
        self.commits += 1;
        for update in change.updates() {
            self.put(update);
        }
        Ok(())
    }

    fn put(&mut self, update: &RefUpdate) {
        let peeled = update.new.and_then(|object| self.target(object).peeled);
        Arc::make_mut(&mut self.refs).apply(&update.name, update.new, peeled);
    }
}

/// What shall go wrong with the next commit of a store.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It happens, but nobody hears so.
    LostReply,
    /// It does not arrive, and nobody hears that either.
    LostRequest,
    /// The remote cannot be reached.
    Unreachable,
    /// It happens at this attempt.
    Retried(Attempts),
    /// The remote refuses, in these words.
    Rejected(String),
    /// Somebody puts this ref elsewhere (or removes it) just before.
    Overtaken(RefName, Option<ObjectId>),
    /// The remote changes one ref at a time only.
    NoAtomic,
}

/// One process's view of a [`Remote`].
#[derive(Debug, Clone)]
pub struct RefStore {
    remote: Remote,
    own: Arc<Mutex<Own>>,
}

#[derive(Debug, Default)]
struct Own {
    snapshot: Option<Arc<Snapshot>>,
    faults: VecDeque<Fault>,
    unlisted: u32,
}

impl RefStore {
    /// The next commit meets this fault; several are met in turn.
    pub fn inject(&self, fault: Fault) {
        self.own().faults.push_back(fault);
    }

    /// So many listings fail, each as if all attempts had failed.
    pub fn fail_listings(&self, count: u32) {
        self.own().unlisted = count;
    }

    /// The remote.
    #[must_use]
    pub const fn remote(&self) -> &Remote {
        &self.remote
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn list(&self) -> Result<Arc<Snapshot>, GitError> {
        let mut own = self.own();
        if let Some(snapshot) = &own.snapshot {
            return Ok(Arc::clone(snapshot));
        }
        if own.unlisted > 0 {
            own.unlisted -= 1;
            return Err(unreachable());
        }
        let snapshot = Arc::clone(&self.remote.lock().refs);
        own.snapshot = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    fn carry_out(&self, change: &Transaction) -> Result<Attempts, CommitError> {
        let fault = self.own().faults.pop_front();
        let attempts = match fault {
            Some(Fault::Retried(attempts)) => attempts,
            _ => Attempts::FIRST,
        };
        let result = match fault {
            None | Some(Fault::Retried(_)) => self.remote.lock().swap(change),
            Some(Fault::LostReply) => {
                self.remote.lock().swap(change).and_then(|()| Err(silence(true)))
            }
            Some(Fault::LostRequest) => Err(silence(true)),
            Some(Fault::Unreachable) => Err(silence(false)),
            Some(Fault::Rejected(reason)) => Err(CommitError::rejected(change, &reason)),
            Some(Fault::Overtaken(name, object)) => {
                match object {
                    Some(object) => self.remote.set(&name, object),
                    None => self.remote.remove(&name),
                }
                self.remote.lock().swap(change)
            }
            Some(Fault::NoAtomic) => self.one_at_a_time(change),
        };
        self.follow(change, &result);
        result.map(|()| attempts)
    }

    fn one_at_a_time(&self, change: &Transaction) -> Result<(), CommitError> {
        if change.updates().len() == 1 {
            return self.remote.lock().swap(change);
        }
        let refs = change.updates().iter().map(|update| update.name.clone()).collect();
        Err(CommitError::NoAtomic { remote: SHOWN.to_owned(), refs })
    }

    /// What this process did, it knows of; what went wrong, it looks at again.
    fn follow(&self, change: &Transaction, result: &Result<(), CommitError>) {
        let mut own = self.own();
        let Some(snapshot) = own.snapshot.as_mut().filter(|_| result.is_ok()) else {
            own.snapshot = None;
            return;
        };
        let state = self.remote.lock();
        let snapshot = Arc::make_mut(snapshot);
        for update in change.updates() {
            let peeled = update.new.and_then(|object| state.target(object).peeled);
            snapshot.apply(&update.name, update.new, peeled);
        }
    }

    fn make(
        &self,
        kind: &str,
        target: ObjectId,
        bytes: Vec<u8>,
        by: &Signature,
        said: &str,
    ) -> ObjectId {
        let text = format!("{kind} {target} {} {said} {}", by.name, self.remote.serial());
        let id = hash(text.as_bytes());
        let made = Made { target, tagger: by.clone(), message: said.to_owned(), bytes };
        self.remote.lock().objects.insert(id, made);
        id
    }
}

impl super::RefStore for RefStore {
    fn ledger_prefix(&self) -> &str {
        crate::git::DEFAULT_LEDGER_PREFIX
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, GitError> {
        self.list()
    }

    fn refresh(&self) {
        self.own().snapshot = None;
    }

    async fn commit(&self, change: Transaction) -> Result<Attempts, CommitError> {
        self.carry_out(&change)
    }

    async fn read_records(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Vec<StoredRecord>, GitError> {
        let state = self.remote.lock();
        let stored = refs.into_iter().map(|(name, target)| {
            let object = target.object;
            let missing = GitError::MissingObject { id: object, shallow: false };
            let made = state.objects.get(&object).cloned().ok_or(missing)?;
            let Made { tagger, message, bytes, .. } = made;
            let (tagger, fault) = (Some(tagger), None);
            Ok(StoredRecord { name, object, tagger, message, bytes, fault })
        });
        stored.collect()
    }

    async fn bring(&self, _: Vec<(RefName, RefTarget)>) -> Result<(), GitError> {
        Ok(())
    }

    async fn peek(&self, name: &RefName) -> Result<Option<RefTarget>, GitError> {
        let mut own = self.own();
        if own.unlisted > 0 {
            own.unlisted -= 1;
            return Err(unreachable());
        }
        drop(own);
        Ok(self.remote.lock().refs.get(name.as_str()))
    }

    fn write_record(
        &self,
        name: &RefName,
        bytes: &[u8],
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        Ok(self.make(name.as_str(), hash(bytes), bytes.to_vec(), tagger, message))
    }

    fn write_tag_object(
        &self,
        name: &str,
        target: CommitSha,
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        Ok(self.make(name, target.into(), Vec::new(), tagger, message))
    }

    /// It has no commits, only their IDs.
    async fn committed_at(&self, _: CommitSha) -> Result<Option<Timestamp>, GitError> {
        Ok(None)
    }

    fn user(&self) -> Vec<String> {
        Vec::new()
    }

    fn on_remote(&self) -> bool {
        false
    }

    fn name_of(&self, bytes: &[u8]) -> Result<ObjectId, GitError> {
        Ok(hash(bytes))
    }

    fn unique(&self) -> String {
        format!("{:08x}", self.remote.serial())
    }
}

const SHOWN: &str = "memory";

/// A name that only these bytes have. It is not git's name for them, which nobody here asks for.
fn hash(bytes: &[u8]) -> ObjectId {
    let mut name = [0; 20];
    for (to, from) in name.iter_mut().zip(Sha256::of(bytes).as_bytes()) {
        *to = *from;
    }
    ObjectId::from_bytes(name)
}

fn unreachable() -> GitError {
    let detail = "a fault that was asked for".to_owned();
    let remote = SHOWN.to_owned();
    GitError::Transport {
        operation: "list the refs",
        remote,
        obstacle: Obstacle::Away,
        attempts: 3,
        detail,
    }
}

fn silence(in_doubt: bool) -> CommitError {
    let detail = "a fault that was asked for".to_owned();
    CommitError::Transport {
        remote: SHOWN.to_owned(),
        obstacle: Obstacle::Away,
        attempts: 3,
        detail,
        in_doubt,
    }
}
