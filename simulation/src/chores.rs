//! Migrations and tests of a deployer: they take time, fail, or hang until they are ended or cut off.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::DeploymentId;
use pipeline_core::rollout::{Migration, Order, Task, TaskEnd, TaskKind, Test};
use tokio::time::{Instant, sleep};

use crate::chronicle::Promise;
use crate::dice::Dice;
use crate::known::ServiceKey;
use crate::names::short;
use crate::promise;
use crate::world::World;

/// How one of them goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    /// Well, after so long.
    Ends(Duration),
    /// Not well, after so long.
    Fails(Duration),
    /// Never by itself: it is ended after so long.
    Hangs(Duration),
}

/// What a deployer runs beside its target.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chores {
    /// Each migration, and the way back where it has one.
    pub(crate) migrations: Vec<(Fate, Option<Fate>)>,
    pub(crate) tests: Vec<Fate>,
}

/// One of them, at work for a deployer.
struct Chore {
    world: Arc<World>,
    key: ServiceKey,
    name: String,
    fate: Fate,
}

impl Chores {
    /// Draws up to two of each, each of which takes so long at most.
    pub(crate) fn draw(longest: Duration, bad: u32, dice: &mut Dice) -> Self {
        let fate = |dice: &mut Dice| {
            let takes = dice.time(Duration::ZERO, longest);
            let hangs = Fate::Hangs(takes * 10);
            let bad_ends = [Fate::Fails(takes), Fate::Fails(takes), hangs];
            if dice.chance(bad / 2) { dice.pick(bad_ends, hangs) } else { Fate::Ends(takes) }
        };
        let (migrations, tests) = (dice.number(0..=2), dice.number(0..=2));
        let migration = |dice: &mut Dice| {
            let (way, back) = (fate(dice), fate(dice));
            (way, dice.chance(700).then_some(back))
        };
        Self {
            migrations: (0..migrations).map(|_| migration(dice)).collect(),
            tests: (0..tests).map(|_| fate(dice)).collect(),
        }
    }

    /// As a request has them.
    pub(crate) fn of(&self, world: &Arc<World>, key: &ServiceKey) -> (Vec<Migration>, Vec<Test>) {
        let chore = |name: &str, fate: Fate| -> Arc<dyn Task> {
            let (world, key, name) = (Arc::clone(world), key.clone(), name.to_owned());
            Arc::new(Chore { world, key, name, fate })
        };
        let migration = |(number, (way, back)): (usize, &(Fate, Option<Fate>))| {
            let name = format!("{number:04}");
            let (task, rollback) = (chore(&name, *way), back.map(|back| chore(&name, back)));
            Migration { name, task, rollback }
        };
        let test = |(number, fate): (usize, &Fate)| {
            let name = format!("test {number}");
            Test { task: chore(&name, *fate), name }
        };
        let migrations = self.migrations.iter().enumerate().map(migration).collect();
        (migrations, self.tests.iter().enumerate().map(test).collect())
    }
}

impl Chore {
    /// It begins to run, which must be right.
    fn begins(&self, who: &DeploymentId, kind: TaskKind) {
        self.world.with(|seen| {
            let name = format!("{} {}", kind.action(), self.name);
            seen.chronicle.note(&short(who), || name.clone());
            let scope = seen.scope_of(&self.key);
            let Some(place) = seen.places.get(&scope) else { return };
            let before = seen.chores.entry((who.clone(), name.clone())).or_default();
            *before += 1;
            let told = promise::chore(place, who, *before, Instant::now());
            if let Some(told) = told {
                let told = format!("{}: {name} {told}", short(who));
                seen.chronicle.broken(Promise::Migrations, told);
            }
        });
    }
}

impl Task for Chore {
    fn run<'a>(&'a self, order: &'a Order, kind: TaskKind) -> TaskEnd<'a> {
        Box::pin(async move {
            self.begins(&order.deployment_id, kind);
            match self.fate {
                Fate::Ends(takes) => sleep(takes).await,
                Fate::Fails(takes) => {
                    sleep(takes).await;
                    return Err("it ended with exit code 1".to_owned());
                }
                Fate::Hangs(patience) => {
                    sleep(patience).await;
                    return Err("it ran for too long".to_owned());
                }
            }
            Ok(())
        })
    }
}

impl std::fmt::Debug for Chore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.name, self.fate)
    }
}
