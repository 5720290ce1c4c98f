//! Records that were read already: what an object of git holds never changes, so it is read and parsed
//! once in a process.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Ledger, LedgerError, RefStore, Unreadable, entry};
use crate::git::{ObjectId, RefTarget, Snapshot};
use crate::record::Record;
use crate::tag::releases::Releases;
use crate::{RefName, TagGrammar};

/// What was read already.
#[derive(Default)]
pub(super) struct Cache {
    /// Records by the object they were read from.
    records: Mutex<Records>,
    /// The meaning of the tags of one snapshot.
    releases: Mutex<Option<Meaning>>,
}

type Records = HashMap<ObjectId, Arc<dyn Any + Send + Sync>>;

/// A snapshot, the grammar it was read by, and what its tags mean.
type Meaning = (Arc<Snapshot>, TagGrammar, Arc<Releases>);

/// What was found at some refs: the records, and those that cannot be used.
pub(crate) type Found<T> = (Vec<Arc<T>>, Vec<Unreadable>);

impl Cache {
    /// What the tags of a snapshot mean.
    pub(super) fn releases(&self, snapshot: &Arc<Snapshot>, grammar: &TagGrammar) -> Arc<Releases> {
        let mut known = self.releases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, by, releases)) = &*known
            && Arc::ptr_eq(of, snapshot)
            && by == grammar
        {
            return Arc::clone(releases);
        }
        let (strange, tags): (Vec<_>, Vec<_>) = snapshot
            .tags()
            .map(|(name, found)| (name, found.target()))
            .partition(|(_, target)| snapshot.strange(*target).is_some());
        let tags = tags.into_iter().map(|(name, target)| (name, target.to_commit()));
        let strange =
            strange.into_iter().filter_map(|(name, to)| Some((name, snapshot.strange(to)?)));
        let releases = Arc::new(Releases::read(grammar, tags).with_strange(grammar, strange));
        *known = Some((Arc::clone(snapshot), grammar.clone(), Arc::clone(&releases)));
        releases
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get<T: Record + Send + Sync + 'static>(&self, object: ObjectId) -> Option<Arc<T>> {
        Arc::clone(self.lock().get(&object)?).downcast().ok()
    }

    fn has(&self, object: ObjectId) -> bool {
        self.lock().contains_key(&object)
    }

    fn put<T: Record + Send + Sync + 'static>(&self, object: ObjectId, record: &Arc<T>) {
        let record: Arc<dyn Any + Send + Sync> = Arc::<T>::clone(record);
        self.lock().insert(object, record);
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cache({})", self.lock().len())
    }
}

impl<S: RefStore> Ledger<S> {
    /// The records of these refs, in their order. One that cannot be used hides no other.
    ///
    /// # Errors
    /// When they cannot be had.
    pub(crate) async fn shared<T: Record + Send + Sync + 'static>(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Found<T>, LedgerError> {
        let unread = |(_, target): &&(RefName, RefTarget)| !self.cache.has(target.object);
        let missing: Vec<_> = refs.iter().filter(unread).cloned().collect();
        let mut broken = Vec::new();
        if !missing.is_empty() {
            for stored in self.store.read_records(missing).await? {
                match entry::<T>(stored) {
                    Ok(entry) => self.cache.put(entry.object, &Arc::new(entry.record)),
                    Err(unreadable) => broken.push(unreadable),
                }
            }
        }
        let found = refs.iter().filter_map(|(_, target)| self.cache.get(target.object));
        Ok((found.collect(), broken))
    }

    /// Fetches what these refs hold, as far as nobody read it yet, at once.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub(crate) async fn bring(&self, refs: Vec<(RefName, RefTarget)>) -> Result<(), LedgerError> {
        let unread = |(_, target): &(RefName, RefTarget)| !self.cache.has(target.object);
        Ok(self.store.bring(refs.into_iter().filter(unread).collect()).await?)
    }
}
