//! Releasing the lock of a holder that is gone, for somebody who does not deploy: it is watched for the whole of its
//! lease, as whoever comes after it would do, then its end, the queue and the audit log are written at once.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::handover::Neighbours;
use super::interruption::Interruption;
use super::write::{Answered, beside};
use super::{Deployer, Notice, RACES};
use crate::audit::AuditRecord;
use crate::base::cause::in_full;
use crate::deployment::engine::{Failure, Holder};
use crate::deployment::{Attempts, Deployment};
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::queue::release::{alive, held};
use crate::queue::turn::{Sightings, pause};
use crate::queue::{HeldBy, Holding, QueueRecord, QueueScope};
use crate::{Actor, EnvironmentName, Timestamp, Violation};

/// Whose lock is released, and why.
#[derive(Debug, Clone)]
pub struct Release {
    /// The environment.
    pub environment: EnvironmentName,
    /// What holds it.
    pub held_by: HeldBy,
    /// Who releases it.
    pub by: Actor,
    /// Why.
    pub reason: String,
}

/// Why a lock was not released.
#[derive(Debug, Clone)]
pub enum NotReleased {
    /// It may not be (OWN058).
    Forbidden(Violation),
    /// Somebody interrupted. Nothing was changed.
    Stopped,
    /// The ledger could not be read or written.
    Ledger(LedgerError),
    /// Whether it was released is not known.
    Unknown(LedgerError),
    /// Others changed the queue each time.
    Outrun,
}

impl From<LedgerError> for NotReleased {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<Violation> for NotReleased {
    fn from(fault: Violation) -> Self {
        Self::Forbidden(fault)
    }
}

impl<S: RefStore> Deployer<'_, S> {
    /// How what is named holds an environment.
    ///
    /// # Errors
    /// OWN058 where it does not; when the ledger cannot be read.
    pub async fn held_by(&self, release: &Release) -> Result<HeldNow, NotReleased> {
        let mut queues = Vec::new();
        let own = self.read_anew(&self.ledger.queue(&release.environment)).await?;
        queues.extend(own.map(|entry| entry.record));
        let parts = self.ledger.queues_of_sub_projects(&release.environment);
        let (parts, _) = self.ledger.survey(&parts).await?;
        queues.extend(parts.into_iter().map(|entry| entry.record));
        let (queue, holding) = held(&release.environment, &queues, &release.held_by)?;
        Ok(HeldNow::of(queue, &holding))
    }

    /// Watches the holder for its lease, and releases its lock if it gave no sign of life. The deployment is failed
    /// then, as far as there is a record of it. `stop` ends when somebody interrupts.
    ///
    /// # Errors
    /// OWN058 where it holds nothing, or lives; when the ledger cannot be read or written.
    pub async fn release(
        &self,
        release: &Release,
        stop: impl Future<Output = String> + Send,
    ) -> Result<Option<Deployment>, NotReleased> {
        let mut stop = Interruption::new(stop);
        let first = self.held_by(release).await?;
        let neighbours = self.handover.to(&first.scope);
        self.tell_of(&first, release);
        let (began, mut seen, mut losses) = (Instant::now(), Sightings::default(), 0);
        for look in 0.. {
            let asked = began.elapsed();
            let Some(read) = stop.unless(self.read_queue(&neighbours)).await else {
                return Err(NotReleased::Stopped);
            };
            let entry = read?.ok_or_else(|| gone(release))?;
            let (_, now) = held(&release.environment, [&entry.record], &release.held_by)?;
            if now.lease_until != first.lease_until {
                return Err(alive(&release.held_by, now.lease_until).into());
            }
            if seen.see(&entry.record, asked, began.elapsed()).holder {
                match self.try_to_release(release, &neighbours, &entry, &first).await? {
                    Some(record) => return Ok(record),
                    None if losses < RACES => losses += 1,
                    None => return Err(NotReleased::Outrun),
                }
                continue;
            }
            if stop.unless(sleep(pause(look, usize::MAX, first.lease, 1.0))).await.is_none() {
                return Err(NotReleased::Stopped);
            }
        }
        Err(NotReleased::Outrun)
    }

    /// Tries once; nothing where a race was lost.
    async fn try_to_release(
        &self,
        release: &Release,
        neighbours: &Neighbours,
        entry: &Entry<QueueRecord>,
        first: &HeldNow,
    ) -> Result<Option<Option<Deployment>>, NotReleased> {
        let by = self.signature();
        let line = format!("{} releases the lock of {}", release.by, release.held_by);
        let mut queue = entry.record.clone().released(&release.held_by, by.time)?;
        let (mut updates, mut told) = (Vec::new(), None);
        if let Some(found) = self.record_of(release).await? {
            let why = Failure::Released {
                holder: first.holder.clone(),
                lease_until: first.lease_until,
                by: release.by.clone(),
            };
            // Whether a service was changed, and how it stands now, nobody can tell.
            let back = found.record.previous_version.clone();
            let back = back.filter(|_| found.record.rollout.is_none());
            let slot = self.ledger.deployment(&release.environment, &found.record.id);
            let at = queue.begins_at(by.time);
            if let Ok(failed) = found.record.fail(at, &in_full(&why), back) {
                updates.push(self.ledger.stage(&slot, Some(found.object), &failed, &by, &line)?);
                queue = queue.after(&failed);
                told = Some(failed);
            }
        }
        let queue = beside(queue, &updates);
        let audit = self.audited(release, first);
        let slot = self.ledger.new_audit(audit.at);
        updates.push(self.ledger.stage(&slot, None, &audit, &by, &audit.action)?);
        let update = self.stage_queue(&queue, Some(entry.object), &line)?;
        let writing = neighbours.writing().await;
        if neighbours.is_overtaken(Some(entry.object)) {
            return Ok(None);
        }
        let mut attempts = Attempts::FIRST;
        let who = (neighbours, writing);
        let written = self.write_queue(who, &queue, (update, updates), &mut attempts).await;
        match written {
            Answered::Done => Ok(Some(told)),
            Answered::Lost(_) => Ok(None),
            Answered::Refused(error) | Answered::Away(error) => Err(error.into()),
            Answered::Unknown(error) => Err(NotReleased::Unknown(error)),
        }
    }

    /// The deployment that holds the environment, where it is one and has a record.
    async fn record_of(&self, release: &Release) -> Result<Option<Entry<Deployment>>, LedgerError> {
        match &release.held_by {
            HeldBy::Deployment(id) => {
                self.read_anew(&self.ledger.deployment(&release.environment, id)).await
            }
            HeldBy::Lock(_) => Ok(None),
        }
    }

    fn audited(&self, release: &Release, held: &HeldNow) -> AuditRecord {
        AuditRecord {
            at: (self.clock)(),
            actor: release.by.clone(),
            approved_by: release.by.clone(),
            reason: release.reason.clone(),
            action: format!(
                "release {}, which `{}` of {} held since {}",
                release.environment, held.holder.id, held.holder.actor, held.since
            ),
            rules: Vec::new(),
            before: None,
            after: None,
        }
    }

    fn tell_of(&self, held: &HeldNow, release: &Release) {
        let holder = Some((held.holder.id.clone(), held.lease));
        (self.tell)(Notice::Watching { environment: release.environment.clone(), holder });
    }
}

/// How an environment is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldNow {
    /// In which queue.
    pub scope: QueueScope,
    /// By what, and whose it is.
    pub holder: Holder,
    /// Since when.
    pub since: Timestamp,
    /// Until when, by the clock of who holds it.
    pub lease_until: Timestamp,
    /// How long without a sign of life.
    pub lease: Duration,
}

impl HeldNow {
    fn of(queue: &QueueRecord, holding: &Holding<'_>) -> Self {
        Self {
            scope: queue.scope(),
            holder: Holder { id: holding.by.clone(), actor: holding.holder.clone() },
            since: holding.since,
            lease_until: holding.lease_until,
            lease: Duration::from_secs(holding.lease_seconds.unsigned_abs()),
        }
    }
}

/// The queue is not there any more, and with it whatever held it.
fn gone(release: &Release) -> NotReleased {
    let nothing: &[QueueRecord] = &[];
    match held(&release.environment, nothing, &release.held_by) {
        Err(fault) => fault.into(),
        Ok(_) => NotReleased::Outrun,
    }
}
