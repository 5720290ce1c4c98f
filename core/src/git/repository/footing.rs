//! Whether what new objects rest on is there, and is what they say it is: looked at before anything is
//! written anywhere.
//!
//! Git itself takes a tag that says `type commit` of what is none, and is in everybody's way from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fetch::{Fetches, Part};
use super::objects::Objects;
use super::pending::Pending;
use super::truth::Truth;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::transaction::Transaction;

/// What transactions rest on.
pub(crate) struct Footing {
    objects: Arc<Objects>,
    fetches: Arc<Fetches>,
    truth: Arc<Truth>,
}

impl Footing {
    pub(crate) const fn new(
        objects: Arc<Objects>,
        fetches: Arc<Fetches>,
        truth: Arc<Truth>,
    ) -> Self {
        Self { objects, fetches, truth }
    }

    /// Fetches what is missing of it, at once, and gives back the transactions that may go on; the others
    /// are answered.
    pub(crate) async fn check(&self, batch: Vec<Pending>) -> Vec<Pending> {
        let away = self.bring(&batch).await.err();
        let mut sound = Vec::with_capacity(batch.len());
        for pending in batch {
            match (self.fault(&pending.change), &away) {
                (None, _) => sound.push(pending),
                // Nobody can tell whether it is missing where the remote could not be asked.
                (Some(GitError::MissingObject { .. }), Some(away)) => {
                    pending.answer(Err(away.clone().into()));
                }
                (Some(fault), _) => pending.answer(Err(fault.into())),
            }
        }
        sound
    }

    async fn bring(&self, batch: &[Pending]) -> Result<(), GitError> {
        let needs = self.objects.needs(batch.iter().flat_map(|it| it.change.new_objects()));
        let missing = needs.old.iter().copied().filter(|id| !self.objects.exists(*id));
        let mut wanted: BTreeSet<ObjectId> = missing.collect();
        if !needs.old.is_empty() && !self.fetches.has_all_history() {
            wanted.extend(self.witnesses(&needs.old).await?);
        }
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        self.fetches.fetch(&wanted, Part::Alone).await
    }

    /// The tags of the remote by which git knows that it has these objects. Without them, and without the
    /// history that leads there from a branch, a push would send all that the objects lead to.
    async fn witnesses(&self, old: &BTreeSet<ObjectId>) -> Result<Vec<ObjectId>, GitError> {
        let snapshot = self.truth.snapshot().await?;
        let mut unseen = old.clone();
        let mut missing = BTreeMap::new();
        for (_, found) in snapshot.iter().filter(|(_, found)| old.contains(&found.target())) {
            if self.objects.exists(found.object) {
                unseen.remove(&found.target());
            } else {
                missing.insert(found.target(), found.object);
            }
        }
        Ok(unseen.iter().filter_map(|id| missing.get(id).copied()).collect())
    }

    fn fault(&self, change: &Transaction) -> Option<GitError> {
        let new = self.objects.needs(change.new_objects()).new;
        new.into_iter().find_map(|id| self.objects.check_footing(id).err())
    }
}
