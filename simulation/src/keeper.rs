//! The keeper of a lock: it opens the lock before the deployers of its process begin, keeps it beside them, and
//! gives it back when they have ended, or earlier.

use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;

use pipeline_core::deployment::deployer::Deployer;
use pipeline_core::ledger::Ledger;
use pipeline_core::queue::{LockId, Locking};
use pipeline_core::{DeploymentId, EnvironmentName};
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::dice::Dice;
use crate::known::Kept;
use crate::life::{AUTHORITY, EVER};
use crate::line::Line;
use crate::lock::lock;
use crate::names::short;
use crate::promise;
use crate::shared::Shared;

/// One keeper, as it was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    pub(crate) environment: EnvironmentName,
    /// When it gives the lock back at the latest, counted from the beginning of its process.
    pub(crate) closes: Option<Duration>,
    pub(crate) dice: Dice,
}

impl Keeper {
    /// Keeps a lock while the deployers of its process work.
    pub(crate) async fn keep_while(
        self,
        shared: &Shared,
        work: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let world = &shared.world;
        let (clock, start) = (shared.clock, world.start);
        // In the story it stands beside the deployers of its process, whose IDs are no longer.
        let who = DeploymentId::new(clock.now(start), &format!("k{:05}", shared.process))?;
        let id: LockId = who.as_str().replacen("deploy", "lock", 1).parse()?;
        self.open(shared, &who, &id);
        let now = move || clock.now(start);
        let deployer = Deployer {
            ledger: Ledger::new(Line::new(world, &shared.machine, who.clone(), self.dice)),
            grammar: &world.grammar,
            lease: shared.lease,
            handover: shared.handover.clone(),
            author: "Ada",
            email: "",
            authority: &AUTHORITY,
            clock: &now,
            tell: &|_| (),
        };
        let give_back = async {
            world.with(|seen| {
                let kept = seen.known.get_mut(&who).and_then(|known| known.keeps.as_mut());
                kept.into_iter().for_each(|kept| kept.is_closed = true);
            });
            let closed = deployer.close_lock(&self.environment, &id).await;
            world.with(|seen| {
                seen.chronicle.note(&short(&who), || format!("closed: {closed:?}"));
                for (promise, told) in promise::closed(&id, &closed, seen.places.values()) {
                    seen.chronicle.broken(promise, told);
                }
                let now = Instant::now();
                seen.known.entry(who.clone()).or_default().mishaps.push((now, now + EVER));
            });
        };
        let mut work = pin!(work);
        let mut keeping = Box::pin(deployer.keep_lock(&self.environment, &id));
        let early = async {
            match self.closes {
                Some(after) => sleep(after).await,
                None => pending().await,
            }
        };
        let kept = async {
            keeping.as_mut().await;
            pending::<()>().await;
        };
        let done = tokio::select! {
            biased;
            done = &mut work => Some(done),
            () = kept => None,
            () = early => None,
        };
        // It may be about to write, which nobody else does meanwhile.
        drop(keeping);
        match done {
            Some(done) => {
                give_back.await;
                done
            }
            None => tokio::join!(give_back, work).1,
        }
    }

    fn open(&self, shared: &Shared, who: &DeploymentId, id: &LockId) {
        lock(&shared.machine.begun).push(who.clone());
        let environment = self.environment.clone();
        let kept = Kept { lock: id.clone(), environment, is_closed: false };
        shared.world.with(|seen| {
            seen.chronicle.note(&short(who), || format!("opens {id} of {}", self.environment));
            let known = seen.known.entry(who.clone()).or_default();
            (known.process, known.keeps) = (Some(shared.process), Some(kept));
        });
        let locking = Locking { lock_id: id.clone(), reason: None };
        drop(shared.handover.open_lock(&self.environment, locking));
    }
}
