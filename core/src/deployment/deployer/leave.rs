//! Giving up a place in the queue: the record says why, and those behind move up, in one transaction.

use std::ops::ControlFlow::{self, Break, Continue};
use std::slice;

use tokio::time::Instant;

use super::backoff::Retry;
use super::handover::Neighbours;
use super::write::{Answered, beside};
use super::{Deployer, Place, RACES, Request, Run};
use crate::base::cause::in_full;
use crate::deployment::engine::{Cancellation, Event, Unwritten};
use crate::deployment::{Attempts, Deployment, Status};
use crate::ledger::{LedgerError, RefStore};
use crate::rollout::Target;

impl<S: RefStore> Deployer<'_, S> {
    /// Gives the place up, and records why.
    pub(super) async fn leave<T: Target>(&self, run: &mut Run<'_, T>, why: &Cancellation) -> Event {
        // Those behind it look for themselves from now on.
        run.member = None;
        let Some(place) = &mut run.place else { return Event::Left };
        let reason = in_full(why);
        for losses in 1..=RACES {
            let began = Instant::now();
            let before = (&mut *place, &mut run.attempts);
            match Box::pin(self.try_to_leave(run.request, &run.neighbours, before, &reason)).await {
                Ok(Break(event)) => return event,
                Ok(Continue(Retry::AtOnce)) => {}
                Ok(Continue(Retry::Later)) => {
                    self.back_off(&run.request.id, losses, began.elapsed()).await;
                }
                Err(error) => return Event::CommitRefused(error.into()),
            }
        }
        Event::CommitRefused(Unwritten::Outrun)
    }

    /// Tries once. Where a race was lost, it says when to try again: everybody waits for whoever is the
    /// first.
    async fn try_to_leave(
        &self,
        request: &Request,
        neighbours: &Neighbours,
        (place, attempts): (&mut Place, &mut Attempts),
        reason: &str,
    ) -> Result<ControlFlow<Event, Retry>, LedgerError> {
        let by = self.signature();
        let entry = self.read_queue(neighbours).await?;
        // Whoever is not in it was passed over, or it was listed while somebody wrote: never is the
        // record ended by itself.
        let ours = entry.filter(|entry| entry.record.position(&request.id).is_some());
        let Some(ours) = ours else { return self.passed_over(request, place).await };
        let is_first = ours.record.position(&request.id) == Some(1);
        let waiting = Deployment { attempts: *attempts, ..place.deployment.clone() };
        let Ok(cancelled) = waiting.cancel(by.time, Some(reason), None) else {
            return Ok(Break(Event::Left));
        };
        let slot = self.ledger.deployment(&request.environment, &request.id);
        let line = format!("{} leaves the queue", request.id);
        let record = self.ledger.stage(&slot, place.record, &cancelled, &by, &line)?;
        let queue = beside(ours.record.without(&request.id, by.time), slice::from_ref(&record));
        let update = self.stage_queue(&queue, Some(ours.object), &line)?;
        let writing = neighbours.writing().await;
        if neighbours.is_overtaken(Some(ours.object)) {
            return Ok(Continue(Retry::AtOnce));
        }
        let by = (neighbours, writing);
        Ok(match Box::pin(self.write_queue(by, &queue, (update, vec![record]), attempts)).await {
            Answered::Done => {
                place.deployment = cancelled;
                Break(Event::Left)
            }
            Answered::Lost(_) if is_first => Continue(Retry::AtOnce),
            Answered::Lost(_) => Continue(Retry::Later),
            Answered::Refused(error) | Answered::Away(error) => {
                Break(Event::CommitRefused(error.into()))
            }
            Answered::Unknown(error) => Break(Event::CommitUnknown(error.into())),
        })
    }

    /// Somebody else ended it while it was about to leave: the record says why.
    async fn passed_over(
        &self,
        request: &Request,
        place: &mut Place,
    ) -> Result<ControlFlow<Event, Retry>, LedgerError> {
        let slot = self.ledger.deployment(&request.environment, &request.id);
        let Some(entry) = self.read_anew(&slot).await? else {
            return Ok(Continue(Retry::Later));
        };
        let said = entry.record.progress.error_message().unwrap_or_default().to_owned();
        let cancelled = entry.record.status() == Status::Cancelled;
        (place.deployment, place.record) = (entry.record, Some(entry.object));
        Ok(if cancelled { Break(Event::PassedOver { said }) } else { Continue(Retry::Later) })
    }
}
