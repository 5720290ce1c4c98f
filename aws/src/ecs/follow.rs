//! Follows one deployment of a service to its end, look by look.

use super::EcsTarget;
use super::fault::{Fault, Kind};
use super::judge::{Ours, Standing, judge};
use super::reason::Stranger;
use super::told;
use super::view::{Deployment, Service};
use crate::patience::Patience;

/// How many looks in a row must miss a deployment before it counts as gone.
pub(super) const MISSES: u32 = 3;

/// How many looks in a row may find a completed deployment short of tasks.
pub(super) const SHORTAGES: u32 = 12;

/// How many refusals in a row are borne: permissions and credentials may be on their way.
const REFUSALS: u32 = 12;

/// The deployment that is followed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Watched {
    /// ECS's ID of it.
    pub(super) id: String,
    /// ARN of its revision.
    pub(super) revision: String,
    /// ARN of the revision that ECS would go back to.
    pub(super) previous: Option<String>,
    /// When it began, in seconds since 1970; zero where it was never seen.
    pub(super) since: f64,
}

/// How following came to its end.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Followed {
    /// The deployment stands so, in this service.
    Stands(Standing, Service),
    /// The time was up before it came to an end.
    TimedOut(Service),
    /// ECS cannot be asked any more.
    Unanswered(Fault),
}

/// What was seen several times in a row.
#[derive(Debug, Default)]
struct Streaks {
    misses: u32,
    shortages: u32,
}

/// When a watch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// When it is decided how the deployment ends.
    Decided,
    /// As soon as it is seen how it stands.
    Seen,
}

impl Watched {
    /// A deployment that is shown.
    pub(super) fn of(deployment: &Deployment, previous: Option<&str>) -> Self {
        Self {
            id: deployment.id.clone(),
            revision: deployment.revision.clone(),
            previous: previous.map(str::to_owned),
            since: deployment.created_at,
        }
    }

    /// How it stands in `service`.
    pub(super) fn judge(&self, service: &Service) -> Standing {
        let Self { id, revision, previous, since } = self;
        judge(service, Ours { id, revision, previous: previous.as_deref(), since: *since })
    }
}

impl Streaks {
    /// Whether this look ends the watch.
    fn end(&mut self, standing: &Standing, until: Until) -> bool {
        match standing {
            Standing::Missing => {
                self.misses += 1;
                self.misses >= MISSES
            }
            Standing::Coming | Standing::Short if until == Until::Seen => true,
            Standing::Coming => {
                *self = Self::default();
                false
            }
            Standing::Short => {
                self.shortages += 1;
                self.shortages >= SHORTAGES
            }
            _ => true,
        }
    }
}

impl EcsTarget {
    /// Follows a deployment until it is decided how it ends, or the patience is over.
    pub(super) async fn follow(&self, watched: &Watched, patience: &mut Patience) -> Followed {
        self.watch(watched, patience, Until::Decided).await
    }

    /// How a deployment stands now, as soon as ECS answers.
    pub(super) async fn glance(&self, watched: &Watched, patience: &mut Patience) -> Followed {
        self.watch(watched, patience, Until::Seen).await
    }

    async fn watch(&self, watched: &Watched, patience: &mut Patience, until: Until) -> Followed {
        let (mut streaks, mut looks) = (Streaks::default(), 0);
        loop {
            let service = match self.look(patience).await {
                Ok(service) => service,
                Err(fault) if fault.kind == Kind::Missing => {
                    return Followed::Stands(Standing::Deleted, Service::default());
                }
                Err(fault) => return Followed::Unanswered(fault),
            };
            let mut standing = watched.judge(&service);
            if until == Until::Decided {
                standing = self.by_record(standing, &service, watched, looks).await;
            }
            looks += 1;
            if streaks.end(&standing, until) {
                return Followed::Stands(standing, service);
            }
            if patience.is_over() {
                return Followed::TimedOut(service);
            }
            match standing {
                Standing::Coming => patience.rest().await,
                _ => patience.pause().await,
            }
        }
    }

    /// The service, asked for until it is shown. It counts as missing only after several answers, and
    /// a refusal counts only when it is repeated; everything else is a matter of patience.
    pub(super) async fn look(&self, patience: &mut Patience) -> Result<Service, Fault> {
        let (mut misses, mut refusals) = (0, 0);
        loop {
            let fault = match self.api().await.describe().await {
                Ok(service) => return Ok(service),
                Err(fault) => fault,
            };
            misses += u32::from(fault.kind == Kind::Missing);
            refusals += u32::from(!fault.may_pass());
            if misses >= MISSES || refusals >= REFUSALS {
                return Err(fault);
            }
            if patience.is_over() {
                // One answer that it is missing proves too little.
                return Err(Fault { kind: fault.kind.or_doubt(), ..fault });
            }
            patience.back_off().await;
        }
    }

    /// All that ECS says about a deployment that did not come up.
    pub(super) async fn evidence(&self, service: &Service, watched: &Watched) -> String {
        let own = service.deployment(&watched.id);
        let stopped = self.api().await.stopped_tasks(&watched.id).await.unwrap_or_default();
        told::all([
            own.map(told::progress),
            told::tasks(&stopped),
            self.record(watched).await.map(|record| record.told()),
            told::events(service, watched.since),
        ])
    }

    /// A deployment of somebody else's, and who registered its revision as far as ECS tells.
    pub(super) async fn stranger(&self, other: &Deployment) -> Stranger {
        let Deployment { id, revision, .. } = other;
        let known = self.api().await.revision(revision).await.ok();
        let by = known.as_ref().and_then(|it| it.registered_by());
        let (id, by) = (id.clone(), by.map(str::to_owned));
        Stranger { id, revision: told::short(revision).to_owned(), by }
    }
}
