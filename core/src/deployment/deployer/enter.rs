//! Entering: the environment where it is free, else a place in its queue.

use std::num::NonZeroU32;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::backoff::{Retry, SHORTEST, by, is_past};
use super::claim::{Before, Prepared, in_doubt, unclaimed};
use super::read::View;
use super::write::{Answered, beside};
use super::{Deployer, Place, RACES, Run};
use crate::deployment::Progress;
use crate::deployment::engine::{Doubt, Event, Refusal, Unwritten};
use crate::git::RefUpdate;
use crate::ledger::{LedgerError, RefStore};
use crate::queue::estimate;
use crate::queue::{Claimed, HeldBack, Lapses, QueueRecord, QueueScope};
use crate::rollout::Target;

/// For how many looks a newcomer gives way to the one whose turn it is, or to the holder that is to renew: enough to see the environment free, to
/// lose a race and to win the next. One that is dead costs no more time than that.
const GIVES_WAY: u32 = 16;

/// How a newcomer gave way so far.
#[derive(Clone, Copy)]
struct Way {
    looks: u32,
    since: Instant,
}

impl Way {
    /// Whether it gives way once more to somebody whose turn lasts so long.
    fn is_given(self, turn: Duration) -> bool {
        self.looks < GIVES_WAY && self.since.elapsed() < turn / 2
    }
}

/// A place in the queue that is ready to be written.
struct Placed {
    place: Place,
    queue: QueueRecord,
    update: RefUpdate,
    others: Vec<RefUpdate>,
}

/// What became of an attempt to enter the queue or to take the environment.
pub(super) enum Attempt {
    /// It came to this.
    Came(Event),
    /// Somebody else was first.
    Lost,
    /// A neighbour changed the queue since it was looked at: nothing was written.
    Overtaken,
    /// The first who waits may take the environment, or its holder is to renew: nothing was written.
    GaveWay,
    /// Nobody who holds or waits seems to be alive, and the deployment is not to wait.
    Abandoned(Box<View>),
    /// It belongs into this queue: nothing was written.
    Elsewhere(QueueScope),
}

impl<S: RefStore> Deployer<'_, S> {
    /// Takes the environment or a place in its queue, or says why not.
    ///
    /// Whoever is to wait tries at least once, and no more when the time to wait is over: a place in the
    /// queue is waited for as well.
    ///
    /// Up to the moment of writing, an interruption ends it with nothing written. What is written
    /// cannot be taken back.
    pub(super) async fn enter<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        for _ in 0..RACES {
            match Box::pin(self.enter_queue(run)).await {
                Break(event) => return event,
                // Which queue it is, only the registered policy and the queues themselves tell.
                Continue(scope) => run.go_to(self.handover.to(&scope)),
            }
        }
        unclaimed(Unwritten::Outrun)
    }

    /// As [`Self::enter`], in the queue that it is thought to belong into; else says in which.
    async fn enter_queue<T: Target>(&self, run: &mut Run<'_, T>) -> ControlFlow<Event, QueueScope> {
        let neighbours = Arc::clone(&run.neighbours);
        let (mut losses, mut took) = (0, Duration::ZERO);
        let (mut given_way, mut since) = (0, None);
        // Who moved while it was watched is alive, whatever a clock says.
        let mut is_alive = false;
        let mut entrance = run.stop.unless(neighbours.entrance()).await;
        let mut races = 0;
        while races < RACES {
            let pause = by(run.gives_up, self.back_off(&run.request.id, losses, took));
            if since.is_some() && is_past(run.gives_up) {
                return Break(out_of_time(run.request));
            }
            if entrance.is_none() || run.stop.unless(pause).await.is_none() {
                return Break(Event::Refused(Refusal::Stopped));
            }
            let began = Instant::now();
            let way = Way { looks: given_way, since: *since.get_or_insert(began) };
            races += 1;
            match Box::pin(self.try_to_enter(run, is_alive, way)).await {
                Attempt::Came(event) => return Break(event),
                Attempt::Elsewhere(scope) => return Continue(scope),
                Attempt::Lost => losses += 1,
                // In a crowd, those who enter would else win every race against the one whose turn it is,
                // until that one counts as dead. Nobody is watched before the place is taken: who watched
                // longer than those ahead could pass over one who cannot know that it is its turn.
                Attempt::GaveWay => {
                    (races, given_way) = (races - 1, given_way + 1);
                    run.stop.unless(sleep(began.elapsed().max(SHORTEST))).await;
                }
                Attempt::Overtaken => {}
                Attempt::Abandoned(view) => {
                    // It takes leases; nobody is kept out meanwhile.
                    drop(entrance.take());
                    if let Some(event) = Box::pin(self.take_abandoned(run, &view)).await {
                        return Break(event);
                    }
                    is_alive = true;
                    entrance = run.stop.unless(neighbours.entrance()).await;
                }
            }
            took = began.elapsed();
        }
        Break(unclaimed(Unwritten::Outrun))
    }

    async fn try_to_enter<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        is_alive: bool,
        way: Way,
    ) -> Attempt {
        let request = run.request;
        let look = self.look_for_all(request, &run.neighbours, Retry::Later, run.gives_up);
        let Some(looked) = run.stop.unless(look).await else {
            return Attempt::Came(Event::Refused(Refusal::Stopped));
        };
        let view = match looked {
            Ok(view) => view,
            // It moved on whenever it was looked at, until there was no time left.
            Err(error) if error.may_have_moved() && is_past(run.gives_up) => {
                return Attempt::Came(out_of_time(request));
            }
            Err(error) => return Attempt::Came(unclaimed(error)),
        };
        let scope = view.queue().scope();
        if scope != *run.neighbours.scope() {
            return Attempt::Elsewhere(scope);
        }
        match self.turn(request, &view, &run.neighbours, Lapses::default()) {
            Err(_) if !is_alive && self.is_abandoned(run, &view) => {
                Attempt::Abandoned(Box::new(view))
            }
            Err(objections) => match request.held_back(&objections, (self.clock)()) {
                // Nobody waits for it: it gives way to nobody either.
                Some(why) => Box::pin(self.wait(run, &view, Some(&why))).await,
                None => {
                    let faults = objections.into_violations();
                    Attempt::Came(Event::Refused(Refusal::Forbidden(faults)))
                }
            },
            Ok(Some(claimed)) => Box::pin(self.claim(run, &view, claimed)).await,
            Ok(None) => {
                match view.queue().turn().or_else(|| view.queue().renewal((self.clock)())) {
                    Some(turn) if way.is_given(turn.min(request.on_busy.patience())) => {
                        Attempt::GaveWay
                    }
                    _ => Box::pin(self.wait(run, &view, None)).await,
                }
            }
        }
    }

    /// Takes a place at the end of the queue, with what it waits for besides its turn.
    async fn wait<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        view: &View,
        why: Option<&HeldBack>,
    ) -> Attempt {
        match self.stage_place(run.request, view, why) {
            Ok(placed) => Box::pin(self.take_place(run, view, placed)).await,
            Err(error) => Attempt::Came(unclaimed(error)),
        }
    }

    /// Takes the environment.
    pub(super) async fn claim<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        view: &View,
        claimed: Claimed,
    ) -> Attempt {
        let neighbours = Arc::clone(&run.neighbours);
        let staged = Box::pin(self.stage_claim(run.request, Before::of(run), view, claimed)).await;
        let Prepared { held, update, others } = match staged {
            Ok(prepared) => prepared,
            Err(error) if error.may_have_moved() => return Attempt::Lost,
            Err(error) => return Attempt::Came(unclaimed(error)),
        };
        let writing = neighbours.writing().await;
        if neighbours.is_overtaken(view.queue_object()) {
            return Attempt::Overtaken;
        }
        let by = (&*neighbours, writing);
        let changes = (update, others);
        let written = Box::pin(self.write_queue(by, &held.queue, changes, &mut run.attempts)).await;
        Attempt::Came(match written {
            Answered::Done => {
                self.granted(run, held);
                Event::Claimed { stopped: run.stop.by_now().await }
            }
            Answered::Lost(_) => return Attempt::Lost,
            Answered::Refused(error) | Answered::Away(error) => unclaimed(error),
            Answered::Unknown(error) => in_doubt(&held, error.into()),
        })
    }

    /// The transaction of a place at the end of the queue.
    fn stage_place(
        &self,
        request: &super::Request,
        view: &View,
        why: Option<&HeldBack>,
    ) -> Result<Placed, LedgerError> {
        let by = self.signature();
        let mut deployment = request.begun(by.time, None);
        let (queue, superseded) = self.supersede_older(view, &deployment, &by)?;
        let (queue, lost) = self.drop_lost(view, queue, &request.id, &by)?;
        let queue = queue.enqueue(self.waiter(request), by.time);
        let queue = queue.hold_back(&request.id, why, by.time);
        let position = queue.position(&request.id).unwrap_or(1);
        let began = queue.current.as_ref().map(|claim| claim.locked_at);
        let number = u32::try_from(position).unwrap_or(u32::MAX);
        let durations = view.durations();
        let wait = estimate::estimated_wait(number, &durations, began, by.time);
        deployment.progress = Progress::Queued {
            position: NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN),
            estimated_wait_seconds: wait.map(|wait| wait.as_secs()),
        };
        let message = format!("{} waits for {}", request.version, request.environment);
        let record = self.stage_begin(None, &deployment, &by, &message)?;
        let line = format!("{} waits at place {position}", request.id);
        let place = Place { deployment, record: record.new, durations };
        let mut others = vec![record];
        others.extend(superseded.into_iter().chain(lost));
        let queue = beside(queue, &others);
        others.extend(self.stage_split(view.survey.queue())?);
        others.extend(self.stage_settings(request, view)?);
        let update = self.stage_queue(&queue, view.queue_object(), &line)?;
        Ok(Placed { place, queue, update, others })
    }

    async fn take_place<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        view: &View,
        placed: Placed,
    ) -> Attempt {
        let neighbours = Arc::clone(&run.neighbours);
        let writing = neighbours.writing().await;
        if neighbours.is_overtaken(view.queue_object()) {
            return Attempt::Overtaken;
        }
        neighbours.watch(&run.request.id);
        let Placed { place, queue, update, others } = placed;
        let by = (&*neighbours, writing);
        let changes = (update, others);
        let written = Box::pin(self.write_queue(by, &queue, changes, &mut run.attempts)).await;
        Attempt::Came(match written {
            Answered::Done => {
                run.place = Some(place);
                Event::Queued { stopped: run.stop.by_now().await }
            }
            Answered::Lost(_) => return Attempt::Lost,
            Answered::Refused(error) | Answered::Away(error) => unclaimed(error),
            Answered::Unknown(error) => Event::EntryUnknown(Doubt::Queued {
                id: run.request.id.clone(),
                source: error.into(),
            }),
        })
    }
}

/// The time to wait was over before there was anything to wait for.
fn out_of_time(request: &super::Request) -> Event {
    Event::Refused(Refusal::OutOfTime { waited: request.on_busy.patience() })
}
