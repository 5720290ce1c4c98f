//! What the deployments of one process share, so that one hands an environment over to the next without
//! a look at the remote in between.
//!
//! What each of them sees of a queue and writes to it is told to the others, who sleep until then
//! ([`LocalQueue`] says what each does next). The queue on the remote still decides the order; other
//! processes may stand between ours. Whatever ends a deployment wakes those behind it, also when
//! its future is dropped.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::{Duration, Instant};

use super::lock::Opened;
use crate::DeploymentId;
use crate::git::ObjectId;
use crate::queue::local::{Asked, LocalQueue, LockState, Next};
use crate::queue::{Lapses, LockId, Locking, QueueRecord, QueueScope};

/// The deployments of one process, by queue: one value for all deployers of one ledger in this
/// process. A clone is the same one.
#[derive(Clone, Default)]
pub struct Handover {
    queues: Arc<Mutex<BTreeMap<QueueScope, Arc<Neighbours>>>>,
}

/// The deployments of this process that go through one queue.
pub(super) struct Neighbours {
    scope: QueueScope,
    /// From when on times are counted.
    began: Instant,
    local: Mutex<LocalQueue<ObjectId>>,
    /// The last deployment that joined, and the last lock that was closed.
    past: Mutex<Past>,
    changed: watch::Sender<()>,
    entrance: tokio::sync::Mutex<()>,
    writing: tokio::sync::Mutex<()>,
}

/// What came before, in this process.
#[derive(Default)]
struct Past {
    joined: Option<DeploymentId>,
    closed: Option<LockId>,
}

/// One of them, until it is dropped.
pub(super) struct Member {
    neighbours: Arc<Neighbours>,
    id: DeploymentId,
}

/// The right to write the queue, among the deployments of this process.
pub(super) type Writing<'a> = tokio::sync::MutexGuard<'a, ()>;

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handover")
    }
}

impl Handover {
    /// Of a process in which nobody deploys yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The deployments that go through this queue.
    pub(super) fn to(&self, scope: &QueueScope) -> Arc<Neighbours> {
        let mut all = lock(&self.queues);
        let new = || Arc::new(Neighbours::new(scope.clone()));
        Arc::clone(all.entry(scope.clone()).or_insert_with(new))
    }

    /// Whether a lock is open that may hold its environment.
    #[must_use]
    pub fn may_hold_a_lock(&self) -> bool {
        self.all().iter().any(|neighbours| neighbours.may_hold_a_lock())
    }

    /// All queues that deployments of this process went through.
    pub(super) fn all(&self) -> Vec<Arc<Neighbours>> {
        lock(&self.queues).values().map(Arc::clone).collect()
    }
}

impl Neighbours {
    fn new(scope: QueueScope) -> Self {
        Self {
            scope,
            began: Instant::now(),
            local: Mutex::default(),
            past: Mutex::default(),
            changed: watch::Sender::new(()),
            entrance: tokio::sync::Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// Which queue it is.
    pub(super) const fn scope(&self) -> &QueueScope {
        &self.scope
    }

    /// One more, until what is given back is dropped.
    pub(super) fn join(self: &Arc<Self>, id: DeploymentId) -> Member {
        lock(&self.local).join(id.clone());
        lock(&self.past).joined = Some(id.clone());
        Member { neighbours: Arc::clone(self), id }
    }

    /// Waits for the neighbours who came before, so that they enter one by one and in order: at the
    /// queue itself they would only take the turns of each other away. It is entered when what is
    /// given back is dropped.
    pub(super) async fn entrance(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.entrance.lock().await
    }

    /// Waits until no neighbour is about to write the queue. Nobody reads the remote meanwhile, so that
    /// a lease can be renewed in time.
    pub(super) async fn writing(&self) -> Writing<'_> {
        self.writing.lock().await
    }

    /// Deployments that join from now on go under a lock.
    pub(super) fn open_lock(&self, locking: Locking) -> Opened {
        let lock_id = lock(&self.local).open(locking);
        let mut past = lock(&self.past);
        past.closed = None;
        Opened { lock_id, after: past.joined.clone() }
    }

    /// One who opened this lock closes it; how it stands, where that was the last one.
    pub(super) fn close_lock(&self, id: &LockId) -> Option<LockState> {
        let state = lock(&self.local).close(id)?;
        lock(&self.past).closed = Some(id.clone());
        self.changed.send_replace(());
        Some(state)
    }

    fn may_hold_a_lock(&self) -> bool {
        let local = lock(&self.local);
        let state = local.lock_id().and_then(|id| local.lock_state(id));
        state.is_some_and(|state| state != LockState::Idle)
    }

    /// Closes the lock that is open for all who opened it; which, and how it stands.
    pub(super) fn abandon_lock(&self) -> Option<(LockId, LockState)> {
        let id = lock(&self.local).lock_id()?.clone();
        while lock(&self.local).lock_state(&id).is_some() {
            if let Some(state) = self.close_lock(&id) {
                return Some((id, state));
            }
        }
        None
    }

    /// The lock that was closed last, where none is open.
    pub(super) fn closed_lock(&self) -> Option<LockId> {
        lock(&self.past).closed.clone()
    }

    /// The lock that is open, and how it stands.
    pub(super) fn open_one(&self) -> Option<(LockId, LockState)> {
        let local = lock(&self.local);
        let id = local.lock_id()?;
        Some((id.clone(), local.lock_state(id)?))
    }

    /// How this lock stands; nothing where it is not open.
    pub(super) fn lock_state(&self, id: &LockId) -> Option<LockState> {
        lock(&self.local).lock_state(id)
    }

    /// The lock under which a deployment claims this queue, and how many of its own come first under it.
    pub(super) fn locking(
        &self,
        queue: &QueueRecord,
        id: &DeploymentId,
    ) -> Option<(Locking, usize)> {
        lock(&self.local).locking(queue, id)
    }

    /// This queue is about to be written.
    pub(super) fn sends(&self, queue: &QueueRecord) {
        lock(&self.local).sends(queue);
    }

    /// Hears of everything that is learnt from now on.
    pub(super) fn hear(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// A look or a change begins.
    pub(super) fn ask(&self) -> Asked {
        lock(&self.local).ask(self.began.elapsed())
    }

    /// A look that began then showed this queue, or that there is none.
    pub(super) fn saw(&self, asked: Asked, found: Option<(ObjectId, &QueueRecord)>) {
        lock(&self.local).saw(asked, found, self.began.elapsed());
        self.changed.send_replace(());
    }

    /// A change that began then put the queue in the place of `before`.
    pub(super) fn wrote(
        &self,
        asked: Asked,
        before: Option<ObjectId>,
        new: (ObjectId, &QueueRecord),
    ) {
        lock(&self.local).wrote(asked, before.as_ref(), new, self.began.elapsed());
        self.changed.send_replace(());
    }

    /// A change that was to put a queue in the place of `before` may have arrived or may still do so.
    pub(super) fn doubts(&self, before: Option<ObjectId>) {
        lock(&self.local).doubts(before.as_ref());
        self.changed.send_replace(());
    }

    /// The newest queue that is known.
    pub(super) fn newest(&self) -> Option<(ObjectId, QueueRecord)> {
        lock(&self.local).newest().cloned()
    }

    /// Whether another queue than this one is the newest that is known.
    pub(super) fn is_overtaken(&self, object: Option<ObjectId>) -> bool {
        lock(&self.local).version().copied() != object
    }

    /// A deployment begins to watch who lapses.
    pub(super) fn watch(&self, id: &DeploymentId) {
        lock(&self.local).watch(id);
    }

    /// Who has lapsed in this writing of the queue, as far as anybody here saw since this deployment
    /// began to watch.
    pub(super) fn lapses(&self, id: &DeploymentId, object: Option<ObjectId>) -> Lapses {
        lock(&self.local).lapses(id, object.as_ref())
    }

    /// What one who waits does next, and until when it may sleep.
    pub(super) fn next(&self, id: &DeploymentId) -> Next {
        lock(&self.local).next(id, self.began.elapsed())
    }

    /// The moment of a time that is counted from the beginning.
    pub(super) fn moment(&self, time: Duration) -> Instant {
        self.began + time
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        lock(&self.neighbours.local).part(&self.id);
        self.neighbours.changed.send_replace(());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
