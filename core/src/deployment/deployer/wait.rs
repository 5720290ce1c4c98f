//! Waiting in the queue: look now and then, and take the environment when it is our turn. Giving the
//! place up is in `leave`.

use std::time::Duration;

use tokio::time::Instant;

use super::manners::{Manners, spread};
use super::notice::Notice;
use super::read::Moves;
use super::{Deployer, OnBusy, RACES, Request, Run};
use crate::deployment::engine::Event;
use crate::deployment::survey;
use crate::deployment::{Deployment, Status};
use crate::git::ObjectId;
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::queue::estimate;
use crate::queue::turn::{Sightings, pause};
use crate::queue::{Claimant, QueueRecord};
use crate::rollout::Target;

/// The longest time that a deployment at the head of the queue may take to begin. It looks at the
/// queue at least four times as often.
const LONGEST_TURN: i64 = 60;

/// What is remembered from look to look.
struct Watch {
    began: Instant,
    looks: u32,
    sightings: Sightings,
    seen: Option<(ObjectId, QueueRecord)>,
    told: Option<usize>,
    durations: Vec<Duration>,
}

/// What a look at the queue says.
enum Look {
    /// Others still come first, so many of them and the holder.
    Wait(usize),
    /// Nobody who is alive comes first any more.
    Begin,
    /// We are not in it.
    Gone,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Waits until the environment is ours.
    pub(super) async fn await_turn<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        let mut watch = Watch::new();
        if let Ok((history, _)) = survey::history(&self.ledger, &run.request.environment).await {
            watch.durations = history.durations();
        }
        let OnBusy::Wait { at_most } = run.request.on_busy else {
            return Event::WaitedTooLong { reason: "it was not to wait".to_owned() };
        };
        loop {
            let position = watch.told.unwrap_or(1);
            let lease = Duration::from_secs(self.turn_seconds().unsigned_abs());
            let rest = pause(watch.looks, position, lease, spread(&run.request.id, watch.looks));
            let left = at_most.saturating_sub(watch.began.elapsed());
            tokio::select! {
                biased;
                reason = run.stop.wait() => return Event::Stop { reason },
                () = tokio::time::sleep(rest.min(left)) => {}
            }
            watch.looks += 1;
            if let Some(event) = self.look_again(run, &mut watch).await {
                return event;
            }
            if watch.began.elapsed() >= at_most {
                return Event::WaitedTooLong { reason: watch.too_long(at_most) };
            }
        }
    }

    /// One look at the queue, and the attempt to begin where it is our turn.
    async fn look_again<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        watch: &mut Watch,
    ) -> Option<Event> {
        let looked = run.stop.unless(self.see_anew(run.request, watch)).await;
        // What cannot be seen now may be seen later; the time to wait is limited. An interruption is
        // heard by the caller.
        match looked?.ok()? {
            Look::Wait(position) => {
                self.tell_place(run.request, watch, position);
                None
            }
            Look::Begin => self.begin(run, watch).await,
            Look::Gone => self.missed(run).await,
        }
    }

    /// Looks at the queue; what moved on before it could be read is looked at anew.
    async fn see_anew(&self, request: &Request, watch: &mut Watch) -> Result<Look, LedgerError> {
        let mut moves = Moves::default();
        loop {
            match self.see(request, watch).await {
                Err(error) if moves.excuse(&error) => {}
                look => return look,
            }
        }
    }

    async fn see(&self, request: &Request, watch: &mut Watch) -> Result<Look, LedgerError> {
        let slot = self.ledger.queue(&request.environment);
        let asked = watch.began.elapsed();
        let Some(target) = self.ledger.peek(&slot).await? else { return Ok(Look::Gone) };
        if watch.seen.as_ref().is_none_or(|(object, _)| *object != target.object) {
            let Some(entry) = self.ledger.read_at(&slot, target).await? else {
                return Ok(Look::Gone);
            };
            watch.seen = Some((entry.object, entry.record));
        }
        let Some((_, queue)) = &watch.seen else { return Ok(Look::Gone) };
        let (answered, now) = (watch.began.elapsed(), (self.clock)());
        let lapses = watch.sightings.see(queue, asked, answered, now);
        let Some(position) = queue.position(&request.id) else { return Ok(Look::Gone) };
        let free = queue.current.is_none() || lapses.holder;
        Ok(if free && position <= lapses.waiting + 1 { Look::Begin } else { Look::Wait(position) })
    }

    /// Our turn: everything is checked again, then the environment is taken. Who has lapsed is judged
    /// by the very queue that is changed: since the last look somebody may have come back to life.
    ///
    /// Those who enter race for the queue with the one whose turn it is. It does not give way, because
    /// its turn does not last.
    async fn begin<T: Target>(&self, run: &mut Run<'_, T>, watch: &mut Watch) -> Option<Event> {
        for _ in 0..RACES {
            let look = self.look(run.request, Manners::TakeTurn);
            let view = run.stop.unless(look).await?.ok()?;
            // Others passed us over meanwhile: the next look sees to that.
            view.queue(&run.request.environment).position(&run.request.id)?;
            let lapses = self.lapses(run.request, &view, &mut watch.sightings, watch.began);
            let claimed = match self.turn(run.request, &view, lapses) {
                Err(faults) => return Some(Event::TurnRefused(faults)),
                Ok(None) => return None,
                Ok(Some(claimed)) => claimed,
            };
            match self.claim(run, &view, claimed).await {
                None => {}
                // The remote was away or said no: the place is still ours, so try again later.
                Some(Event::Refused(_)) => return None,
                event => return event,
            }
        }
        None
    }

    /// We are not in the queue: others passed us over, or an earlier attempt to begin got through.
    async fn missed<T>(&self, run: &mut Run<'_, T>) -> Option<Event> {
        let place = run.place.as_mut()?;
        let slot = self.ledger.deployment(&run.request.environment, &run.request.id);
        let entry: Entry<Deployment> = self.read_anew(&slot).await.ok()??;
        let told = entry.record.progress.error_message().unwrap_or_default().to_owned();
        let status = entry.record.status();
        place.deployment = entry.record;
        Some(match status {
            Status::Queued => return None,
            Status::InProgress => Event::CommitUnknown {
                reason:
                    "it began, but the answer got lost; another deployment records it as failed \
                         when its lease has run out"
                        .to_owned(),
            },
            _ => Event::PassedOver { reason: told },
        })
    }

    fn tell_place(&self, request: &Request, watch: &mut Watch, position: usize) {
        if watch.told == Some(position) {
            return;
        }
        watch.told = Some(position);
        let current = watch.seen.as_ref().and_then(|(_, queue)| queue.current.as_ref());
        let number = u32::try_from(position).unwrap_or(u32::MAX);
        let began = current.map(|claim| claim.locked_at);
        let now = (self.clock)();
        (self.tell)(Notice::Waiting {
            environment: request.environment.clone(),
            position,
            estimate: estimate::estimated_wait(number, &watch.durations, began, now),
            holder: current.map(|claim| claim.deployment_id.clone()),
        });
    }

    /// What a waiting deployment promises.
    pub(super) fn waiter(&self, request: &Request) -> Claimant {
        Claimant { lease_seconds: self.turn_seconds(), ..self.claimant(request) }
    }

    fn turn_seconds(&self) -> i64 {
        self.lease_seconds().min(LONGEST_TURN)
    }
}

impl Watch {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            looks: 0,
            sightings: Sightings::default(),
            seen: None,
            told: None,
            durations: Vec::new(),
        }
    }

    fn too_long(&self, at_most: Duration) -> String {
        let waited = format!("it waited {} s for its turn", at_most.as_secs());
        match self.seen.as_ref().and_then(|(_, queue)| queue.current.as_ref()) {
            Some(claim) => format!(
                "{waited}, and `{}` of {} still holds the environment",
                claim.deployment_id, claim.holder
            ),
            None => format!("{waited}, and others still come first"),
        }
    }
}
