//! A process's store to which things happen just before its commits.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::deployment::Attempts;
use crate::git::{
    CommitError, GitError, ObjectId, RefTarget, Signature, Snapshot, StoredRecord, Transaction,
};
use crate::ledger::RefStore;
use crate::ledger::memory::{self, Fault};
use crate::{CommitSha, RefName, Timestamp};

pub(super) type Happening = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Looks at the refs before and after a commit, before anybody else does anything.
pub(super) type Witness = Arc<dyn Fn(Snapshot, Snapshot) -> Happening + Send + Sync>;

/// The twin in memory, with a plan of what happens before which commit.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) twin: memory::RefStore,
    plan: Arc<Mutex<VecDeque<Vec<Happening>>>>,
    listing: Arc<Mutex<Option<(Instant, Happening)>>>,
    hidden: Arc<AtomicBool>,
    witness: Option<Witness>,
    torn: Arc<Mutex<Torn>>,
    counts: Arc<Counts>,
}

/// How often something was done.
#[derive(Default)]
struct Counts {
    peeks: AtomicU32,
    lost_races: AtomicU32,
}

/// Listings that show one ref as it was before.
#[derive(Clone, Default)]
struct Torn {
    listings: u32,
    before: Option<(RefName, Option<ObjectId>)>,
}

impl Store {
    pub(super) fn new(twin: memory::RefStore) -> Self {
        Self {
            twin,
            plan: Arc::default(),
            listing: Arc::default(),
            hidden: Arc::default(),
            witness: None,
            torn: Arc::default(),
            counts: Arc::default(),
        }
    }

    /// How often one ref was looked at.
    pub(super) fn peeks(&self) -> u32 {
        self.counts.peeks.load(Ordering::SeqCst)
    }

    /// How often somebody else had changed what was to be changed.
    pub(super) fn lost_races(&self) -> u32 {
        self.counts.lost_races.load(Ordering::SeqCst)
    }

    /// The same, with somebody who looks at every commit.
    pub(super) fn seen_by(self, witness: Witness) -> Self {
        Self { witness: Some(witness), ..self }
    }

    /// The same, whose first listings, so many, show one ref as it was before.
    pub(super) fn torn(self, listings: u32, name: RefName, before: Option<ObjectId>) -> Self {
        let before = Some((name, before));
        // Each look lists anew, the first one too.
        *self.torn.lock().unwrap() = Torn { listings: listings + 1, before };
        self
    }

    /// Lets something happen before the commit of this number, from 0.
    pub(super) fn before(
        self,
        commit: usize,
        happening: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let mut plan = self.plan.lock().unwrap();
        let missing = (commit + 1).saturating_sub(plan.len());
        plan.extend((0..missing).map(|_| Vec::new()));
        plan[commit].push(Box::pin(happening));
        drop(plan);
        self
    }

    /// Lets something happen before the first listing that comes so much later.
    pub(super) fn before_listing_after(
        self,
        time: Duration,
        happening: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        *self.listing.lock().unwrap() = Some((Instant::now() + time, Box::pin(happening)));
        self
    }

    /// From now on nobody sees a single ref; listings still come.
    pub(super) fn hide(&self) {
        self.hidden.store(true, Ordering::SeqCst);
    }

    /// Lets a commit meet a fault.
    pub(super) fn fault(self, commit: usize, fault: Fault) -> Self {
        let twin = self.twin.clone();
        self.before(commit, async move { twin.inject(fault) })
    }

    /// Lets a commit meet a fault, and so many listings after it fail.
    pub(super) fn fault_and_silence(self, commit: usize, fault: Fault, listings: u32) -> Self {
        let twin = self.twin.clone();
        self.fault(commit, fault).before(commit, async move { twin.fail_listings(listings) })
    }
}

impl RefStore for Store {
    fn ledger_prefix(&self) -> &str {
        self.twin.ledger_prefix()
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, GitError> {
        tokio::task::yield_now().await;
        let due = self.listing.lock().unwrap().take_if(|(at, _)| *at <= Instant::now());
        if let Some((_, happening)) = due {
            happening.await;
        }
        let snapshot = self.twin.snapshot().await?;
        let torn = self.torn.lock().unwrap().clone();
        let Some((name, new)) = torn.before.filter(|_| torn.listings > 0) else {
            return Ok(snapshot);
        };
        let mut older = (*snapshot).clone();
        older.apply(&name, new, None);
        Ok(Arc::new(older))
    }

    fn refresh(&self) {
        let mut torn = self.torn.lock().unwrap();
        torn.listings = torn.listings.saturating_sub(1);
        self.twin.refresh();
    }

    async fn commit(&self, change: Transaction) -> Result<Attempts, CommitError> {
        let happenings = self.plan.lock().unwrap().pop_front();
        for happening in happenings.into_iter().flatten() {
            happening.await;
        }
        tokio::task::yield_now().await;
        let before = self.twin.remote().refs();
        let result = self.twin.commit(change).await;
        if matches!(result, Err(CommitError::Conflict { .. })) {
            self.counts.lost_races.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(witness) = &self.witness {
            witness(before, self.twin.remote().refs()).await;
        }
        result
    }

    async fn read_records(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Vec<StoredRecord>, GitError> {
        self.twin.read_records(refs).await
    }

    async fn bring(&self, refs: Vec<(RefName, RefTarget)>) -> Result<(), GitError> {
        self.twin.bring(refs).await
    }

    async fn peek(&self, name: &RefName) -> Result<Option<RefTarget>, GitError> {
        tokio::task::yield_now().await;
        self.counts.peeks.fetch_add(1, Ordering::SeqCst);
        if self.hidden.load(Ordering::SeqCst) {
            self.twin.fail_listings(1);
        }
        self.twin.peek(name).await
    }

    fn write_record(
        &self,
        name: &RefName,
        bytes: &[u8],
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        self.twin.write_record(name, bytes, tagger, message)
    }

    fn write_tag_object(
        &self,
        name: &str,
        target: CommitSha,
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        self.twin.write_tag_object(name, target, tagger, message)
    }

    async fn committed_at(&self, commit: CommitSha) -> Result<Option<Timestamp>, GitError> {
        self.twin.committed_at(commit).await
    }

    fn user(&self) -> Vec<String> {
        self.twin.user()
    }

    fn on_remote(&self) -> bool {
        self.twin.on_remote()
    }

    fn name_of(&self, bytes: &[u8]) -> Result<ObjectId, GitError> {
        self.twin.name_of(bytes)
    }

    fn unique(&self) -> String {
        self.twin.unique()
    }
}
