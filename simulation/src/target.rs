//! The target of a simulated deployment: several calls, of which some get no answer, to a service that
//! may fail, go back by itself, or be changed by others.
//!
//! It works as an adapter should: it asks its permit before each call that changes something, looks
//! before it acts, and says what it cannot tell.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline_core::deployment::{EcsRollout, Rollout as Trace};
use pipeline_core::rollout::{Failure, Order, Permit, Restored, Rolled, Target};
use pipeline_core::{DeploymentId, Version};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::chronicle::Promise;
use crate::dice::Dice;
use crate::known::ServiceKey;
use crate::lock::lock;
use crate::names::short;
use crate::service::{By, Fate, Rollout, Service, Standing};
use crate::truth::Place;
use crate::world::{Seen, World};

/// How often a look is tried before the target cannot tell.
const LOOKS: u32 = 3;

/// How a service answers one deployment, and how its version goes.
#[derive(Debug, Clone)]
pub(crate) struct Behaviour {
    pub(crate) takes: Duration,
    pub(crate) fate: Fate,
    /// How often a call gets no answer, in a thousand times.
    pub(crate) silent: u32,
    /// The pause between two looks.
    pub(crate) poll: Duration,
    /// Whether the version comes step by step, with a call for each.
    pub(crate) by_steps: bool,
}

/// What one deployment does to one service.
pub(crate) struct Operator {
    world: Arc<World>,
    key: ServiceKey,
    who: DeploymentId,
    image: Version,
    behaviour: Behaviour,
    dice: Mutex<Dice>,
}

/// Why a call did not change anything, as far as that is known.
enum Denied {
    /// The lease ran out.
    Forbidden,
    /// It may have.
    Silence,
}

/// How following a rollout ended.
enum End {
    Runs,
    Broken,
    GoesBack,
    Replaced(By),
    Forbidden,
    Silence,
}

/// What the service says of a failure.
#[derive(Debug)]
enum Said {
    Silent,
    NotRegistered,
    NotUp,
    NotBack,
    Theirs(By),
    Unchanged,
    NeverRan,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("the service does not answer"),
            Self::NotRegistered => f.write_str("no revision could be registered"),
            Self::NotUp => f.write_str("it does not come up"),
            Self::NotBack => f.write_str("it does not come back"),
            Self::Theirs(by) => write!(f, "{by:?} is in front"),
            Self::Unchanged => f.write_str("nothing had been changed"),
            Self::NeverRan => f.write_str("nothing ever ran"),
        }
    }
}

impl Error for Said {}

impl Operator {
    pub(crate) fn new(
        world: &Arc<World>,
        key: ServiceKey,
        who: DeploymentId,
        image: Version,
        behaviour: Behaviour,
        dice: Dice,
    ) -> Self {
        Self { world: Arc::clone(world), key, who, image, behaviour, dice: Mutex::new(dice) }
    }

    async fn trip(&self) {
        let takes = self.world.pace.draw(&mut lock(&self.dice));
        sleep(takes).await;
    }

    fn is_silent(&self) -> bool {
        let silent = lock(&self.dice).chance(self.behaviour.silent);
        if silent {
            self.world.mishap(&self.who, || "the service does not answer".to_owned());
        }
        silent
    }

    /// Looks at the service; nothing where it does not answer.
    async fn look<T>(&self, look: impl Fn(&mut Service) -> T) -> Option<T> {
        for _ in 0..LOOKS {
            self.trip().await;
            if !self.is_silent() {
                return self.world.with(|seen| {
                    let service = seen.services.get_mut(&self.key)?;
                    service.settle();
                    Some(look(service))
                });
            }
        }
        None
    }

    /// Changes the service, if that is allowed. A call that was made arrives, even if its maker was
    /// interrupted, sleeps or is dead by then.
    async fn change<T: Send + 'static>(
        &self,
        permit: &Permit,
        told: String,
        change: impl FnOnce(&mut Service) -> T + Send + 'static,
    ) -> Result<T, Denied> {
        if !permit.holds() {
            self.world.note(&self.who, || format!("may not {told} any more"));
            return Err(Denied::Forbidden);
        }
        let takes = self.world.pace.draw(&mut lock(&self.dice));
        let (tell, told_result) = oneshot::channel();
        let (world, key, who) = (Arc::clone(&self.world), self.key.clone(), self.who.clone());
        world.departs();
        tokio::spawn(async move {
            sleep(takes).await;
            let changed = world.with(|seen| arrive(seen, &key, &who, &told, change));
            world.arrives();
            // Nobody listens any more where the maker died.
            drop(tell.send(changed));
        });
        let changed = told_result.await.ok().flatten();
        self.trip().await;
        match changed {
            Some(result) if !self.is_silent() => Ok(result),
            _ => Err(Denied::Silence),
        }
    }

    /// Asks the service to run a revision; gives the number of the rollout.
    async fn put(
        &self,
        permit: &Permit,
        revision: usize,
        by: By,
        fate: Fate,
    ) -> Result<usize, Denied> {
        let takes = self.behaviour.takes;
        let told = format!("run revision {revision} ({by:?}, {fate:?})");
        let put = move |service: &mut Service| service.put(revision, by, takes, fate);
        let asked = self.change(permit, told, put);
        match asked.await {
            Err(Denied::Silence) => {
                let found = self.look(|service| service.of_revision(revision)).await;
                found.flatten().ok_or(Denied::Silence)
            }
            asked => asked,
        }
    }

    /// Takes a rollout from step to step where it comes so, and follows it to its end.
    async fn lead(&self, permit: &Permit, number: usize) -> End {
        if self.behaviour.by_steps {
            while self.is_coming(number).await {
                let step = self.change(permit, "shift traffic".to_owned(), |_| ());
                if let Err(Denied::Forbidden) = step.await {
                    return End::Forbidden;
                }
                sleep(self.behaviour.poll).await;
            }
        }
        self.follow(number).await
    }

    async fn is_coming(&self, number: usize) -> bool {
        let seen = self.look(|service| {
            let standing = service.rollout(number).map(Rollout::standing);
            service.front() == number && standing == Some(Standing::Coming)
        });
        seen.await == Some(true)
    }

    /// Follows a rollout to its end.
    async fn follow(&self, number: usize) -> End {
        loop {
            let seen = self.look(|service| {
                let standing = service.rollout(number).map(Rollout::standing);
                let front = service.front();
                let by = service.rollout(front).map(|rollout| rollout.by.clone());
                (standing, front, by)
            });
            match seen.await {
                None | Some((None, ..) | (.., None)) => return End::Silence,
                Some((_, front, Some(By::Itself))) if front != number => {
                    return End::GoesBack;
                }
                Some((_, front, Some(by))) if front != number => return End::Replaced(by),
                Some((Some(Standing::Runs), ..)) => return End::Runs,
                Some((Some(Standing::Broken), ..)) => return End::Broken,
                Some((Some(Standing::Coming), ..)) => sleep(self.behaviour.poll).await,
            }
        }
    }

    fn permitted(&self, permit: &Permit) {
        self.world.with(|seen| {
            seen.known.entry(self.who.clone()).or_default().permit = Some(permit.clone());
        });
    }

    fn rollout(&self, before: Option<usize>) -> EcsRollout {
        EcsRollout {
            cluster: self.key.0.to_string(),
            service: self.key.1.to_string(),
            container: "app".to_owned(),
            image: self.image.to_string(),
            task_definition: None,
            previous_task_definition: before.map(|revision| revision.to_string()),
            ecs_deployment_id: None,
            restored_task_definition: None,
        }
    }

    fn rolled(end: End) -> Rolled {
        match end {
            End::Runs => Rolled::Out,
            End::Forbidden => Rolled::Failed { reason: Failure::LeaseOver },
            End::Broken => Rolled::Failed { reason: Failure::of(Said::NotUp) },
            End::GoesBack => Rolled::RollingBack { reason: Failure::of(Said::NotUp) },
            End::Replaced(by) => Rolled::Replaced { reason: Failure::of(Said::Theirs(by)) },
            End::Silence => Rolled::Unknown { reason: Failure::of(Said::Silent) },
        }
    }

    /// The revision to put back: the last known good one, unless what ran before has its version.
    async fn choose(&self, order: &Order, before: Option<usize>) -> Option<usize> {
        let good = revision(
            order
                .last_good
                .as_ref()
                .and_then(Trace::ecs)
                .and_then(|it| it.task_definition.as_ref()),
        );
        let same = self.look(|service| {
            let version = |it: Option<usize>| it.and_then(|it| service.version(it).cloned());
            version(before).is_some() && version(before) == version(good)
        });
        let same = same.await.unwrap_or(false);
        if same { before } else { good.or(before) }
    }

    async fn come_back(&self, number: usize, rollout: &mut EcsRollout) -> Restored {
        let revision = self.look(|service| service.rollout(number).map(|it| it.revision)).await;
        rollout.restored_task_definition = revision.flatten().map(|it| it.to_string());
        match self.follow(number).await {
            End::Runs => Restored::Done,
            End::Replaced(by) => Restored::Replaced { reason: Failure::of(Said::Theirs(by)) },
            End::Silence => Restored::Unknown { reason: Failure::of(Said::Silent) },
            End::Broken | End::GoesBack | End::Forbidden => {
                Restored::Failed { reason: Failure::of(Said::NotBack) }
            }
        }
    }
}

impl Target for Operator {
    type Trace = EcsRollout;

    fn place(&self) -> Option<EcsRollout> {
        Some(self.rollout(None))
    }

    async fn roll_out(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Rolled {
        self.permitted(permit);
        let untouched = |reason| Rolled::Untouched { reason };
        let Some((steady, front)) = self.look(|it| (it.steady(), it.front())).await else {
            return untouched(Failure::of(Said::Silent));
        };
        let filled = rollout.insert(self.rollout(steady));
        let version = order.version.clone();
        let register = move |service: &mut Service| service.register(&version);
        let register = self.change(permit, "register a revision".to_owned(), register);
        let Ok(new) = register.await else { return untouched(Failure::of(Said::NotRegistered)) };
        filled.task_definition = Some(new.to_string());
        match self.look(|service| (service.front(), service.changed_by().cloned())).await {
            Some((now, _)) if now == front => {}
            Some((_, Some(by))) => return Self::rolled(End::Replaced(by)),
            _ => return untouched(Failure::of(Said::Silent)),
        }
        let by = By::Deployment(self.who.clone());
        match self.put(permit, new, by, self.behaviour.fate).await {
            Ok(number) => {
                filled.ecs_deployment_id = Some(number.to_string());
                Self::rolled(self.lead(permit, number).await)
            }
            Err(Denied::Forbidden) => untouched(Failure::LeaseOver),
            Err(Denied::Silence) => Self::rolled(End::Silence),
        }
    }

    async fn confirm(&self, _: &Order, rollout: &Option<EcsRollout>) -> Rolled {
        let number = rollout.as_ref().and_then(|it| it.ecs_deployment_id.as_ref());
        match revision(number) {
            Some(number) => Self::rolled(self.follow(number).await),
            None => Self::rolled(End::Silence),
        }
    }

    async fn restore(
        &self,
        order: &Order,
        permit: &Permit,
        rollout: &mut Option<EcsRollout>,
    ) -> Restored {
        self.permitted(permit);
        let nothing = || Restored::Nothing { reason: Failure::of(Said::Unchanged) };
        let silence = || Restored::Unknown { reason: Failure::of(Said::Silent) };
        // A call that was interrupted may arrive a little late.
        sleep(self.world.pace.longest).await;
        let Some(rollout) = rollout else { return nothing() };
        let Some(new) = revision(rollout.task_definition.as_ref()) else { return nothing() };
        let looked = self.look(|service| {
            let front = service.front();
            let by = service.rollout(front).map(|it| it.by.clone());
            (service.of_revision(new), front, by)
        });
        match looked.await {
            None | Some((_, _, None)) => silence(),
            Some((None, ..)) => nothing(),
            Some((Some(_), front, Some(By::Itself))) => self.come_back(front, rollout).await,
            Some((Some(own), front, Some(by))) if own != front => {
                Restored::Replaced { reason: Failure::of(Said::Theirs(by)) }
            }
            Some(_) => {
                let before = revision(rollout.previous_task_definition.as_ref());
                let Some(old) = self.choose(order, before).await else {
                    return Restored::Nothing { reason: Failure::of(Said::NeverRan) };
                };
                let by = By::Restoring(self.who.clone());
                match self.put(permit, old, by, Fate::Comes).await {
                    Ok(number) => self.come_back(number, rollout).await,
                    Err(Denied::Silence) => silence(),
                    Err(Denied::Forbidden) => Restored::Failed { reason: Failure::LeaseOver },
                }
            }
        }
    }
}

/// A call arrives at the service, while its maker should hold the environment.
fn arrive<T>(
    seen: &mut Seen,
    key: &ServiceKey,
    who: &DeploymentId,
    told: &str,
    change: impl FnOnce(&mut Service) -> T,
) -> Option<T> {
    seen.chronicle.note(&short(who), || format!("service: {told}"));
    let holder = seen.places.get(&seen.scope_of(key)).and_then(Place::holder);
    if holder != Some(who) {
        let holder = holder.map_or("nobody", short);
        let told = format!("{}: {told}, while {holder} holds it", short(who));
        seen.chronicle.broken(Promise::Service, told);
    }
    seen.services.get_mut(key).map(change)
}

fn revision(text: Option<&String>) -> Option<usize> {
    text.and_then(|text| text.parse().ok())
}
