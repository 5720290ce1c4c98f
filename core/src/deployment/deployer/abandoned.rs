//! A queue in which, by the clock, only the dead are left: whoever is not to wait makes sure of that
//! before it takes the environment in their place.
//!
//! Until when a lease runs and since when it has been somebody's turn is written by another machine,
//! by its clock. That is good enough to begin to watch, and no more: nobody is put aside or passed over
//! who was not watched for the whole of its lease or turn.

use std::time::Duration;

use tokio::time::sleep;

use super::backoff::{Retry, spread};
use super::claim::unclaimed;
use super::enter::Attempt;
use super::read::View;
use super::{Deployer, Notice, OnBusy, Request, Run};
use crate::RuleId;
use crate::deployment::engine::{Event, Refusal};
use crate::ledger::RefStore;
use crate::policy::Objections;
use crate::queue::turn::pause;
use crate::rollout::Target;

impl<S: RefStore> Deployer<'_, S> {
    /// Whether nobody who holds or waits seems to be alive, and the deployment is not to enter the queue.
    pub(super) fn is_abandoned<T: Target>(&self, run: &Run<'_, T>, view: &View) -> bool {
        run.request.on_busy == OnBusy::Fail
            && view.queue().is_abandoned((self.clock)(), self.lease_seconds())
    }

    /// Watches until the lease and the turns of all who wait are over, then takes the environment. No event where
    /// the queue changed, so that somebody is alive.
    pub(super) async fn take_abandoned<T: Target>(
        &self,
        run: &mut Run<'_, T>,
        view: &View,
    ) -> Option<Event> {
        let (request, abandoned) = (run.request, view.queue_object());
        run.neighbours.watch(&request.id);
        self.tell_of_watching(request, view);
        for look in 0.. {
            // Nobody's next look depends on ours, so the pauses may be as long as they get.
            let rest = pause(look, usize::MAX, self.lease_time(), spread(&request.id, look));
            let looked = async {
                sleep(rest).await;
                Box::pin(self.look_for_all(request, &run.neighbours, Retry::Later, None)).await
            };
            let Some(looked) = run.stop.unless(looked).await else {
                return Some(Event::Refused(Refusal::Stopped));
            };
            let view = match looked {
                Ok(view) => view,
                Err(error) => return Some(unclaimed(error)),
            };
            if view.queue_object() != abandoned {
                return None;
            }
            let lapses = run.neighbours.lapses(&request.id, view.queue_object());
            match self.turn(request, &view, &run.neighbours, lapses) {
                Ok(Some(claimed)) => {
                    let attempt = Box::pin(self.claim(run, &view, claimed)).await;
                    return if let Attempt::Came(event) = attempt { Some(event) } else { None };
                }
                Err(objections) if !is_of_the_queue(&objections) => {
                    let faults = objections.into_violations();
                    return Some(Event::Refused(Refusal::Forbidden(faults)));
                }
                Ok(None) | Err(_) => {}
            }
        }
        None
    }

    /// It takes as long as a lease, in which nothing else is said.
    fn tell_of_watching(&self, request: &Request, view: &View) {
        let environment = request.environment.clone();
        let holder = view.queue().holding().map(|holding| {
            let lease = Duration::from_secs(holding.lease_seconds.unsigned_abs());
            (holding.by, lease)
        });
        (self.tell)(Notice::Watching { environment, holder });
    }
}

fn is_of_the_queue(Objections { faults, not_yet }: &Objections) -> bool {
    let by_queue = [RuleId::BUS001, RuleId::QUE007];
    not_yet.is_empty() && faults.iter().all(|fault| by_queue.contains(&fault.rule))
}
