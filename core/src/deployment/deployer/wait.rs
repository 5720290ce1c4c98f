//! Waiting in the queue until it is our turn, then taking the environment. Giving the place up is in
//! `leave`.
//!
//! For a neighbour, a deployment of the same process, nobody looks: it tells. For others a look now and
//! then is needed. What to do next is decided in [`crate::queue::local`].

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;
use tokio::time::Instant;

use super::backoff::{Retry, spread};
use super::claim::who_holds;
use super::enter::Attempt;
use super::handover::Neighbours;
use super::notice::Notice;
use super::read::{Moves, View};
use super::write::Answered;
use super::{Deployer, OnBusy, RACES, Request, Run};
use crate::DeploymentId;
use crate::deployment::engine::{Doubt, Event};
use crate::deployment::{Deployment, Status};
use crate::ledger::{Entry, LedgerError, RefStore};
use crate::queue::estimate;
use crate::queue::local::Next;
use crate::queue::turn::pause;
use crate::queue::{Claimant, HeldBack};
use crate::rollout::Target;

/// The longest time that a deployment at the head of the queue may take to begin. It looks at the
/// queue at least four times as often.
const LONGEST_TURN: i64 = 60;

/// How long one who may not begin yet rests between two looks, at least and at most.
const SHORTEST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(15);

/// Longer than anybody waits.
const EVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// What is remembered while waiting.
struct Watch {
    neighbours: Arc<Neighbours>,
    heard: Receiver<()>,
    ends: Instant,
    /// How often we looked since a neighbour came first.
    looks: u32,
    /// When to look, where somebody else comes first.
    look_at: Option<Instant>,
    /// Whether to begin as soon as it is our turn. After an attempt that failed, not before another look.
    is_ready: bool,
    /// The place that was described last, and what it waited for besides.
    described: Option<(usize, Option<HeldBack>)>,
    durations: Vec<Duration>,
}

impl<S: RefStore> Deployer<'_, S> {
    /// Waits until the environment is ours.
    pub(super) async fn await_turn<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        let OnBusy::Wait { at_most } = run.request.on_busy else {
            return Event::WaitedTooLong {
                waited: Duration::ZERO,
                holder: None,
                lease: None,
                held_back: None,
            };
        };
        let durations = run.place.as_mut().map(|place| std::mem::take(&mut place.durations));
        let mut watch = Watch::new(&run.neighbours, run.gives_up, durations.unwrap_or_default());
        loop {
            watch.heard.mark_unchanged();
            let next = watch.neighbours.next(&run.request.id);
            self.describe_place(run.request, &mut watch, next);
            if next == Next::Begin && std::mem::take(&mut watch.is_ready) {
                if let Some(event) = Box::pin(self.begin(run)).await {
                    return event;
                }
                continue;
            }
            let wakes = self.wakes(run.request, &mut watch, next);
            tokio::select! {
                biased;
                by = run.stop.wait() => return Event::Stop { by },
                () = tokio::time::sleep_until(wakes.min(watch.ends)) => {}
                _ = watch.heard.changed() => continue,
            }
            let now = Instant::now();
            if watch.look_at.take_if(|at| *at <= now || watch.ends <= now).is_some() {
                let came = match next {
                    Next::HeldBack { .. } => Box::pin(self.begin(run)).await,
                    _ => Box::pin(self.look_again(run, &mut watch)).await,
                };
                if let Some(event) = came {
                    return event;
                }
            }
            if watch.ends <= Instant::now() {
                return watch.given_up(&run.request.id, at_most);
            }
        }
    }

    /// Until when to do nothing, unless something is heard before.
    fn wakes(&self, request: &Request, watch: &mut Watch, next: Next) -> Instant {
        if let Next::Sleep { until, .. } = next {
            (watch.looks, watch.look_at, watch.is_ready) = (0, None, true);
            return until.map_or(watch.ends, |until| watch.neighbours.moment(until));
        }
        if let Next::HeldBack { .. } = next {
            (watch.looks, watch.is_ready) = (0, true);
            let rest = self.rest_of_hold(request, watch);
            return *watch.look_at.get_or_insert_with(|| Instant::now() + rest);
        }
        let position = watch.described.as_ref().map_or(1, |(position, _)| *position);
        let lease = Duration::from_secs(self.turn_seconds().unsigned_abs());
        let rest = pause(watch.looks, position, lease, spread(&request.id, watch.looks));
        *watch.look_at.get_or_insert_with(|| Instant::now() + rest)
    }

    /// How long to wait before looking whether it may begin: until it may by time alone, and never for very
    /// long, because people act meanwhile. It sees the holder's signs of life as soon as those who wait for
    /// nothing but their turn: when it is one of them again, they know when its turn is over.
    fn rest_of_hold(&self, request: &Request, watch: &Watch) -> Duration {
        let newest = watch.neighbours.newest();
        let held = newest.as_ref().and_then(|(_, queue)| queue.held_back(&request.id));
        let until = held.and_then(|held| held.until);
        let left = until.map_or(LONGEST_REST, |until| {
            let left = until.seconds_since((self.clock)()).max(0).unsigned_abs();
            Duration::from_secs(left).min(LONGEST_REST)
        });
        let spread = spread(&request.id, watch.looks) / 4.0;
        let most = LONGEST_REST.min(Duration::from_secs(self.turn_seconds().unsigned_abs()) / 4);
        left.max(SHORTEST_REST).mul_f64(1.0 + spread).min(most.mul_f64(1.0 - spread))
    }

    /// One look at the queue.
    async fn look_again<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        watch: &mut Watch,
    ) -> Option<Event> {
        watch.looks += 1;
        watch.is_ready = true;
        // What cannot be seen now may be seen later; the time to wait is limited. An interruption is
        // heard by the caller.
        let look = self.see_anew(&watch.neighbours, watch.ends);
        run.stop.unless(look).await?.ok()?;
        match watch.neighbours.next(&run.request.id) {
            Next::Gone => Box::pin(self.missed(run)).await,
            _ => None,
        }
    }

    /// Looks at the queue; what moved on before it could be read is looked at anew.
    async fn see_anew(&self, neighbours: &Neighbours, ends: Instant) -> Result<(), LedgerError> {
        let mut moves = Moves::until(Some(ends));
        loop {
            match self.see(neighbours).await {
                Err(error) if moves.excuse(&error) => {}
                seen => return seen,
            }
        }
    }

    async fn see(&self, neighbours: &Neighbours) -> Result<(), LedgerError> {
        let slot = self.ledger.queue_of(neighbours.scope());
        let asked = neighbours.ask();
        let target = self.ledger.peek(&slot).await?;
        let known = neighbours.newest();
        let found = match (target, known) {
            (Some(target), Some(known)) if known.0 == target.object => Some(known),
            (Some(target), _) => {
                let read = self.ledger.read_at(&slot, target).await?;
                read.map(|entry| (entry.object, entry.record))
            }
            (None, _) => None,
        };
        let found = found.as_ref().map(|(object, queue)| (*object, queue));
        neighbours.saw(asked, found);
        Ok(())
    }

    /// Our turn: everything is checked again, then the environment is taken. Who has lapsed is judged
    /// by the very queue that is changed: since the last look somebody may have come back to life.
    ///
    /// Those who enter race for the queue with the one whose turn it is. It does not back off, because
    /// its turn does not last.
    async fn begin<T: Target>(&self, run: &mut Run<'_, T>) -> Option<Event> {
        for _ in 0..RACES {
            let ends = run.gives_up;
            let look = self.look_for_all(run.request, &run.neighbours, Retry::AtOnce, ends);
            let view = run.stop.unless(look).await?.ok()?;
            // Others passed us over meanwhile: the next look sees to that.
            view.queue().position(&run.request.id)?;
            let lapses = run.neighbours.lapses(&run.request.id, view.queue_object());
            let claimed = match self.turn(run.request, &view, &run.neighbours, lapses) {
                Ok(Some(claimed)) => claimed,
                Ok(None) => match Box::pin(self.hold_back(run, &view, None)).await {
                    Answered::Lost(_) => continue,
                    _ => return None,
                },
                Err(objections) => match run.request.held_back(&objections, (self.clock)()) {
                    None => return Some(Event::TurnRefused(objections.into_violations())),
                    Some(why) => match Box::pin(self.hold_back(run, &view, Some(why))).await {
                        Answered::Lost(_) => continue,
                        _ => return None,
                    },
                },
            };
            match Box::pin(self.claim(run, &view, claimed)).await {
                // The remote was away or said no: the place is still ours, so try again later.
                Attempt::Came(Event::Refused(_)) => return None,
                Attempt::Came(event) => return Some(event),
                Attempt::Lost
                | Attempt::Overtaken
                | Attempt::GaveWay
                | Attempt::Abandoned(_)
                | Attempt::Elsewhere(_) => {}
            }
        }
        None
    }

    /// Says in the queue why it may not begin yet, or that it waits for nothing but its turn again; nothing where
    /// the queue says so.
    async fn hold_back<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        view: &View,
        why: Option<HeldBack>,
    ) -> Answered {
        let (id, now) = (&run.request.id, (self.clock)());
        let before = view.queue().held_back(id);
        let told = |it: &HeldBack| (it.waits_for.clone(), it.until);
        if before.map(told) == why.as_ref().map(told) {
            return Answered::Done;
        }
        let line = match &why {
            Some(why) => format!("{id} waits for {why}"),
            None => format!("{id} waits for its turn"),
        };
        // Since when it may not begin changes nothing about when it gives up.
        let gives_up = before.map(|before| before.gives_up_at);
        let why =
            why.map(|why| HeldBack { gives_up_at: gives_up.unwrap_or(why.gives_up_at), ..why });
        let queue = view.queue().clone().hold_back(id, why.as_ref(), now);
        let update = match self.stage_queue(&queue, view.queue_object(), &line) {
            Ok(update) => update,
            Err(error) => return Answered::Refused(error),
        };
        let neighbours = Arc::clone(&run.neighbours);
        let writing = neighbours.writing().await;
        if neighbours.is_overtaken(view.queue_object()) {
            return Answered::Lost(Vec::new());
        }
        let by = (&*neighbours, writing);
        Box::pin(self.write_queue(by, &queue, (update, Vec::new()), &mut run.attempts)).await
    }

    /// We are not in the queue: others passed us over, or an earlier attempt to begin got through.
    async fn missed<T: Target>(&self, run: &mut Run<'_, T>) -> Option<Event> {
        let place = run.place.as_mut()?;
        let slot = self.ledger.deployment(&run.request.environment, &run.request.id);
        let entry: Entry<Deployment> = self.read_anew(&slot).await.ok()??;
        let said = entry.record.progress.error_message().unwrap_or_default().to_owned();
        let status = entry.record.status();
        place.deployment = entry.record;
        Some(match status {
            Status::Queued => return None,
            Status::InProgress => Event::EntryUnknown(Doubt::Begun),
            _ => Event::PassedOver { said },
        })
    }

    /// Says at which place it waits, where that is new.
    fn describe_place(&self, request: &Request, watch: &mut Watch, next: Next) {
        let (Next::Sleep { position, .. } | Next::Look { position } | Next::HeldBack { position }) =
            next
        else {
            return;
        };
        let newest = watch.neighbours.newest();
        let held = newest.as_ref().and_then(|(_, queue)| queue.held_back(&request.id)).cloned();
        let new = (position, held);
        if watch.described.as_ref() == Some(&new) {
            return;
        }
        let (position, held) = watch.described.insert(new).clone();
        if let Some(why) = held {
            let environment = request.environment.clone();
            return (self.tell)(Notice::HeldBack { environment, why });
        }
        let queue = newest.as_ref().map(|(_, queue)| queue);
        let number = u32::try_from(position).unwrap_or(u32::MAX);
        let began = queue.and_then(|queue| queue.current.as_ref()).map(|claim| claim.locked_at);
        let now = (self.clock)();
        (self.tell)(Notice::Waiting {
            environment: request.environment.clone(),
            position,
            estimate: estimate::estimated_wait(number, &watch.durations, began, now),
            holder: queue.and_then(|queue| queue.holding()).map(|holding| holding.by),
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
    fn new(neighbours: &Arc<Neighbours>, ends: Option<Instant>, durations: Vec<Duration>) -> Self {
        Self {
            neighbours: Arc::clone(neighbours),
            heard: neighbours.hear(),
            ends: ends.unwrap_or_else(|| Instant::now() + EVER),
            looks: 0,
            look_at: None,
            is_ready: true,
            described: None,
            durations,
        }
    }

    /// The time to wait is over.
    fn given_up(&self, id: &DeploymentId, waited: Duration) -> Event {
        let newest = self.neighbours.newest();
        let held_back = newest.as_ref().and_then(|(_, queue)| queue.held_back(id)).cloned();
        let holding = newest.as_ref().and_then(|(_, queue)| queue.holding());
        let lease = holding.as_ref().map(|it| Duration::from_secs(it.lease_seconds.unsigned_abs()));
        Event::WaitedTooLong { waited, holder: holding.map(who_holds), lease, held_back }
    }
}
