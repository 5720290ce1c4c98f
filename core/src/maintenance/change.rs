//! Claiming a task and ending it, and what a task that was claimed takes away.
//!
//! Pure, apart from making the objects that transactions point refs at, and asking the archive for its proof.

#[cfg(feature = "git")]
use super::survey::Deprecations;
use super::survey::Due;
use super::{MaintenanceTask, TaskStatus};
use crate::archive::{Archive, Archiving, archive, permit};
use crate::base::actor::Author;
#[cfg(feature = "git")]
use crate::base::authority::Authority;
use crate::base::checked::Checked;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};
#[cfg(feature = "git")]
use crate::git::Repository;
use crate::git::Signature;
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Slot, Staged};
#[cfg(feature = "git")]
use crate::tag::{self, Announced, StagedTag, State, Tag, TagRequest};

/// How many records or tags change in one transaction.
pub(super) const BATCH: usize = 100;

/// A task that begins or ends.
#[derive(Debug, Clone)]
pub struct TaskChange {
    pub(super) next: MaintenanceTask,
    pub(super) recorded: Recorded<MaintenanceTask>,
    pub(super) is_dry: bool,
}

impl TaskChange {
    /// MNT001, MNT002, MNT005, MNT009: all that forbids it.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let (id, to) = (quoted(&self.next.task_id.to_string()), self.next.status());
        let broken = match self.recorded.record().map(MaintenanceTask::status) {
            _ if self.is_dry => Some(Violation::new(
                RuleId::MNT009,
                format!("a record of {id}"),
                "nothing to be written, because the run is dry",
                "Leave `dry_run` out to have it done.",
            )),
            None if to.can_begin() => None,
            None => {
                let found = format!("the new task {id}, which is `{to}`");
                let next = "Record the task when it begins.";
                let expected = "a task that is `pending` or `in_progress`";
                Some(Violation::new(RuleId::MNT002, found, expected, next).under("status"))
            }
            Some(from) if to.can_begin() && from != TaskStatus::Pending => {
                let found = format!("another task with the ID {id}, which is `{from}`");
                let next = "Apply again: each task draws an ID of its own.";
                let expected = "an ID that no task has";
                Some(Violation::new(RuleId::MNT001, found, expected, next).under("task_id"))
            }
            Some(from) => from.check_change(to).err(),
        };
        broken.into_iter().collect()
    }

    /// Proof that nothing forbids it.
    ///
    /// # Errors
    /// All that does.
    pub fn check(self) -> Result<Checked<Self>, Vec<Violation>> {
        let found = self.violations();
        if found.is_empty() { Ok(Checked::new(self)) } else { Err(found) }
    }
}

/// A task's record, ready to be committed.
#[derive(Debug)]
#[must_use = "nothing happens before it is committed"]
pub struct StagedTask {
    /// What [`Ledger::commit`] takes.
    pub staged: Staged,
    /// What the task may do once that is committed.
    pub working: Working,
}

/// The right to change something, which only a claimed task has: a dry run has none.
#[derive(Debug)]
pub struct Working(());

impl Checked<TaskChange> {
    /// The transaction.
    ///
    /// # Errors
    /// When the object cannot be made.
    pub fn stage<S: RefStore>(
        self,
        ledger: &Ledger<S>,
        author: &Author,
    ) -> Result<StagedTask, LedgerError> {
        let TaskChange { next, recorded, .. } = self.into_change();
        let message = format!("{} is {}", next.task_id, next.status());
        let staged = recorded.stage(ledger, &next, |_| false, author, &message, None)?;
        Ok(StagedTask { staged, working: Working(()) })
    }
}

/// A part of what a task changes: one transaction.
#[derive(Debug)]
#[must_use = "nothing happens before it is committed"]
pub struct Batch {
    /// What [`Ledger::commit`] takes.
    pub staged: Staged,
    /// How much it changes.
    pub count: usize,
    /// What stays as it is, and why.
    pub left: Vec<Violation>,
}

impl Working {
    /// Takes from records what has been kept long enough. Each goes to the archive first, where there is one;
    /// what the archive did not take stays (RET003).
    ///
    /// # Errors
    /// When an object cannot be made.
    pub async fn clean_up<S: RefStore>(
        &self,
        ledger: &Ledger<S>,
        due: &[Due],
        store: Option<&impl Archive>,
        author: &Author,
    ) -> Result<Batch, LedgerError> {
        let (by, mut updates, mut left) = (Signature::from(author), Vec::new(), Vec::new());
        for it in due {
            let archiving = match store {
                Some(store) => archive(store, &it.expired, &it.bytes).await,
                None => Archiving::None,
            };
            match permit(&it.expired, &archiving) {
                Ok(permission) => match &it.rest {
                    Some(rest) => {
                        let slot = Slot::of(permission.record().name());
                        let message = format!("clean up {}", rest.id);
                        updates.push(ledger.stage(&slot, Some(it.object), rest, &by, &message)?);
                    }
                    None => updates.extend(Ledger::<S>::delete(&permission)?.into_updates()),
                },
                Err(refused) => left.push(refused),
            }
        }
        Ok(Batch { count: updates.len(), staged: Staged::new(updates), left })
    }

    /// Makes a state tag for each version, by the rules of tags.
    ///
    /// # Errors
    /// When the repository cannot be read, or an object cannot be made.
    #[cfg(feature = "git")]
    pub async fn deprecate(
        &self,
        ledger: &Ledger<Repository>,
        versions: &Deprecations,
        authority: &Authority,
        author: &Author,
    ) -> Result<Batch, LedgerError> {
        let mut batch = Batch { staged: Staged::nothing(), count: 0, left: Vec::new() };
        for (version, commit) in versions.versions() {
            // Of a release there is always such a tag.
            let Ok(tag) = Tag::of_state(version.clone(), State::Deprecated) else { continue };
            let request = TagRequest::create(tag, *commit);
            let (store, none) = (ledger.store(), Announced::default());
            let found = tag::survey(store, request, authority, &none, author.at).await?;
            match tag::plan(found).check() {
                Ok(checked) => {
                    let StagedTag { staged, .. } = checked.stage(ledger, author).await?;
                    batch.count += 1;
                    batch.staged = batch.staged.and(staged);
                }
                Err(refused) => batch.left.extend(refused),
            }
        }
        Ok(batch)
    }
}
