//! Entering: the environment where it is free, else a place in its queue.

use std::num::NonZeroU32;
use std::slice;
use std::time::Duration;

use tokio::time::Instant;

use super::claim::{Prepared, View, in_doubt, unclaimed};
use super::manners::Manners;
use super::write::{Answered, beside};
use super::{Deployer, Place, RACES, Run};
use crate::deployment::Progress;
use crate::deployment::engine::{Event, Refusal};
use crate::git::RefUpdate;
use crate::ledger::{LedgerError, RefStore};
use crate::queue::estimate;
use crate::queue::{Claimed, Lapses};
use crate::rollout::Target;

/// A place in the queue that is ready to be written.
struct Placed {
    place: Place,
    updates: Vec<RefUpdate>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Takes the environment or a place in its queue, or says why not.
    ///
    /// Up to the moment of writing, an interruption ends it with nothing written. What is written
    /// cannot be taken back.
    pub(super) async fn enter<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        let request = run.request;
        let mut took = Duration::ZERO;
        for losses in 0..RACES {
            let way = self.give_way(&request.id, losses, took);
            if run.stop.unless(way).await.is_none() {
                return Event::Refused(Refusal::Stopped);
            }
            let began = Instant::now();
            let looked = run.stop.unless(self.look(request, Manners::GiveWay)).await;
            let Some(view) = looked else { return Event::Refused(Refusal::Stopped) };
            let view = match view {
                Ok(view) => view,
                Err(error) => return unclaimed(error.to_string()),
            };
            let done = match self.turn(request, &view, Lapses::default()) {
                Err(_) if self.is_abandoned(run, &view) => self.outlast(run, &view).await,
                Err(faults) => return Event::Refused(Refusal::Forbidden(faults)),
                Ok(Some(claimed)) => self.claim(run, &view, claimed).await,
                Ok(None) => match self.stage_place(request, &view) {
                    Ok(placed) => self.take_place(run, placed).await,
                    Err(error) => Some(unclaimed(error.to_string())),
                },
            };
            if let Some(event) = done {
                return event;
            }
            took = began.elapsed();
        }
        unclaimed("other deployments were first each time; apply again".to_owned())
    }

    /// Takes the environment; no event where somebody else was first.
    pub(super) async fn claim<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        view: &View,
        claimed: Claimed,
    ) -> Option<Event> {
        let (place, rollout) = (run.place.as_ref(), run.target.and_then(Target::place));
        let staged = self.stage_claim(run.request, place, rollout, view, claimed).await;
        let Prepared { held, updates } = match staged {
            Ok(prepared) => prepared,
            Err(error) if error.may_have_moved() => return None,
            Err(error) => return Some(unclaimed(error.to_string())),
        };
        Some(match self.write(updates).await {
            Answered::Done => {
                self.granted(run, held);
                Event::Claimed { stopped: run.stop.by_now().await }
            }
            Answered::Lost(_) => return None,
            Answered::Refused(reason) | Answered::Away(reason) => unclaimed(reason),
            Answered::Unknown(reason) => Event::CommitUnknown { reason: in_doubt(&held, &reason) },
        })
    }

    /// The transaction of a place at the end of the queue.
    fn stage_place(&self, request: &super::Request, view: &View) -> Result<Placed, LedgerError> {
        let by = self.signature();
        let queue = view.queue(&request.environment).enqueue(self.waiter(request), by.time);
        let position = queue.position(&request.id).unwrap_or(1);
        let began = queue.current.as_ref().map(|claim| claim.locked_at);
        let number = u32::try_from(position).unwrap_or(u32::MAX);
        let wait = estimate::estimated_wait(number, &view.durations(), began, by.time);
        let mut deployment = request.begun(by.time, None);
        deployment.progress = Progress::Queued {
            position: NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN),
            estimated_wait_seconds: wait.map(|wait| wait.as_secs()),
        };
        let slot = self.ledger.deployment(&request.environment, &request.id);
        let message = format!("{} waits for {}", request.version, request.environment);
        let record = self.ledger.stage(&slot, None, &deployment, &by, &message)?;
        let line = format!("{} waits at place {position}", request.id);
        let queue = beside(queue, slice::from_ref(&record));
        let queue = self.stage_queue(&queue, view.queue_object(), &line)?;
        let place = Place { deployment, record: record.new };
        Ok(Placed { place, updates: vec![queue, record] })
    }

    async fn take_place<T>(&self, run: &mut Run<'_, T>, placed: Placed) -> Option<Event> {
        Some(match self.write(placed.updates).await {
            Answered::Done => {
                run.place = Some(placed.place);
                Event::Queued { stopped: run.stop.by_now().await }
            }
            Answered::Lost(_) => return None,
            Answered::Refused(reason) | Answered::Away(reason) => unclaimed(reason),
            Answered::Unknown(reason) => Event::CommitUnknown {
                reason: format!(
                    "{reason}. If `{}` entered the queue, those behind it pass it over when its turn \
                     is not taken",
                    run.request.id
                ),
            },
        })
    }
}
