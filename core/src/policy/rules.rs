//! Whether a deployment keeps the policies of its environment: freezes, order, soak.
//!
//! Approvals are judged in their own room; what waits, and how, is decided by the queue.

use super::freeze::frozen;
use super::order::{Condition, Match, circular};
use super::soak::stay;
use super::{After, NotYet, Objections, Place, Predecessor, Soak, WaitFor};
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Violation, quoted};
use crate::deployment::rules::{DeploymentFacts, DeploymentPlan};
use crate::deployment::{Deployment, Scope, Status};
use crate::environment::Environment;
use crate::rollback::{Standing, standing};
use crate::{CommitSha, EnvironmentName, RegionName, Version};

/// POL003 to POL006 by the policies of one environment.
pub(crate) fn objections(
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
    environment: &Environment,
) -> Objections {
    let mut found = Objections::default();
    if !goes_back(plan, facts) {
        found.not_yet.extend(in_freeze(environment, facts.now));
    }
    if let Some(after) = environment.after.as_ref().filter(|_| !was_here(plan, facts)) {
        let circle = facts.order.order.and_then(|order| circular(&environment.name, order));
        match (circle, plan.commit) {
            (Some(circle), _) => found.faults.push(circle),
            (None, Some(commit)) => {
                match passage(plan.version, commit, facts, environment, after) {
                    Passage::Through => {}
                    Passage::Early(not_yet) => found.not_yet.push(not_yet),
                    Passage::Closed(fault) => found.faults.push(fault),
                }
            }
            // DEP007 says why there is none.
            (None, None) => {}
        }
    }
    found
}

/// Whether the deployment goes back to a version that ran there, below the one that runs.
fn goes_back(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> bool {
    facts.running.is_some_and(|running| plan.version < running) && ran_here(plan, facts)
}

/// Whether it brings nothing there that is new: a version that ran there and is no newer than the one that runs.
fn was_here(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> bool {
    facts.running.is_none_or(|running| plan.version <= running) && ran_here(plan, facts)
}

fn ran_here(plan: &DeploymentPlan<'_>, facts: &DeploymentFacts<'_>) -> bool {
    facts.history.records().any(|it| {
        it.version == *plan.version
            && Some(it.commit_sha) == plan.commit
            && (it.region.is_none() || it.region.as_ref() == plan.region)
            && matches!(it.status(), Status::Succeeded | Status::RolledBack)
    })
}

/// POL003: a freeze is on.
fn in_freeze(environment: &Environment, now: Timestamp) -> Option<NotYet> {
    let found = frozen(&environment.freezes, &environment.freeze_windows, now)?;
    let names: Vec<String> = found.names.iter().map(|name| quoted(&name.to_string())).collect();
    let next = match found.until {
        Some(until) => {
            format!("Try again from {until} on, which is {}.", found.zone.shown(until))
        }
        None => "Change the freezes of the environment: they have no end in sight.".to_owned(),
    };
    let fault = Violation::new(
        RuleId::POL003,
        format!("the freeze {} of `{}`", names.join(" and "), environment.name),
        "a time in which no freeze is on",
        next,
    );
    Some(NotYet::new(WaitFor::Freeze, found.until, fault.under("environment")))
}

/// What the environments before one say of a version.
enum Passage {
    /// It may go on.
    Through,
    /// It may later.
    Early(NotYet),
    /// It may not.
    Closed(Violation),
}

/// What one environment before says of it.
enum Standpoint {
    Through,
    /// It runs there since then, or will at the earliest.
    Soaking {
        since: Option<Timestamp>,
        until: Timestamp,
    },
    /// It does not run there any more, and did not for long enough.
    Cut {
        seconds: i64,
    },
    /// It is not there; `next`: because there is no such environment.
    Missing {
        what: String,
        next: Option<String>,
    },
}

fn passage(
    version: &Version,
    commit: CommitSha,
    facts: &DeploymentFacts<'_>,
    environment: &Environment,
    after: &After,
) -> Passage {
    let asked = Asked {
        version,
        commit,
        condition: after.parts().condition,
        soak: environment.soak.as_ref(),
        now: facts.now,
    };
    let known = |name: &EnvironmentName| facts.order.before.iter().find(|it| it.name == *name);
    let looked: Vec<(&EnvironmentName, Standpoint)> = after
        .environments()
        .iter()
        .map(|name| (name, asked.of(name, known(name), &facts.environment_names)))
        .collect();
    let is_through = |it: &&(&EnvironmentName, Standpoint)| matches!(it.1, Standpoint::Through);
    let through = looked.iter().filter(is_through).count();
    match after.parts().r#match {
        Match::All if through == looked.len() => Passage::Through,
        Match::Any if through > 0 => Passage::Through,
        how => asked.told(environment, how, &looked),
    }
}

/// A version that is to go on, and what is asked of it.
struct Asked<'a> {
    version: &'a Version,
    commit: CommitSha,
    condition: Condition,
    soak: Option<&'a Soak>,
    now: Timestamp,
}

impl Asked<'_> {
    fn of(
        &self,
        name: &EnvironmentName,
        before: Option<&Predecessor>,
        known: &[&EnvironmentName],
    ) -> Standpoint {
        let Some(before) = before.filter(|it| it.is_registered) else {
            let names = known.iter().map(|it| it.as_str());
            let otherwise =
                || format!("Register `{name}`, or take it out of `after` of the environment.");
            let next = did_you_mean_or(name.as_str(), names, otherwise);
            let what = format!("`{name}`, which is not registered");
            return Standpoint::Missing { what, next: Some(next) };
        };
        let places = before.places.iter();
        places.map(|place| self.at(before, place)).fold(Standpoint::Through, Standpoint::worse)
    }

    fn at(&self, before: &Predecessor, place: &Place) -> Standpoint {
        let scope = Scope {
            environment: before.name.clone(),
            sub_project_path: self.version.sub_project_path().clone(),
            region: place.region.clone(),
        };
        let is_it = |it: &Deployment| it.version == *self.version && it.commit_sha == self.commit;
        let records = || before.history.records().filter(|it| scope.contains(it));
        let runs = place.running.as_ref().is_some_and(|it| {
            it.commit == self.commit && it.version.as_ref().is_none_or(|v| v == self.version)
        });
        let arrived = match self.condition {
            Condition::Running => runs,
            Condition::Succeeded => matches!(
                standing(self.version, records().filter(|it| is_it(it))),
                Standing::Good(_)
            ),
        };
        if !arrived && !place.will_run {
            let what = whereabouts(&before.name, place.region.as_ref());
            return Standpoint::Missing { what, next: None };
        }
        let Some(soak) = self.soak else { return Standpoint::Through };
        if !arrived {
            return Standpoint::Soaking {
                since: None,
                until: self.now.plus_seconds(soak.seconds()),
            };
        }
        let stay = stay(records(), is_it, runs, self.now);
        match stay.since {
            _ if stay.longest >= soak.seconds() => Standpoint::Through,
            Some(since) => Standpoint::Soaking {
                since: Some(since),
                until: since.plus_seconds(soak.seconds()),
            },
            None => Standpoint::Cut { seconds: stay.longest },
        }
    }

    /// Why it may not go on, or not yet. Where one environment is enough, the nearest to that decides; else the
    /// farthest.
    fn told(
        &self,
        environment: &Environment,
        how: Match,
        looked: &[(&EnvironmentName, Standpoint)],
    ) -> Passage {
        let ranked = looked.iter().filter(|it| it.1.rank().0 > 0);
        let worst = match how {
            Match::All => ranked.max_by_key(|it| it.1.rank()),
            Match::Any => ranked.min_by_key(|it| it.1.rank()),
        };
        match worst {
            None | Some((_, Standpoint::Through)) => Passage::Through,
            Some((_, Standpoint::Missing { .. })) => {
                Passage::Closed(self.out_of_order(environment, how, looked))
            }
            Some((name, Standpoint::Cut { seconds })) => {
                Passage::Closed(self.cut(environment, name, *seconds))
            }
            Some((name, Standpoint::Soaking { since, until })) => {
                let fault = self.soaking(environment, name, *since, *until);
                Passage::Early(NotYet::new(WaitFor::Soak, Some(*until), fault))
            }
        }
    }

    /// POL004.
    fn out_of_order(
        &self,
        environment: &Environment,
        how: Match,
        looked: &[(&EnvironmentName, Standpoint)],
    ) -> Violation {
        let missing: Vec<&str> = looked.iter().filter_map(|(_, it)| it.missing()).collect();
        let unregistered = looked.iter().find_map(|(_, it)| match it {
            Standpoint::Missing { next, .. } => next.clone(),
            _ => None,
        });
        let (verb, has) = match self.condition {
            Condition::Succeeded => ("has not succeeded", "succeeded"),
            Condition::Running => ("does not run", "runs"),
        };
        let names: Vec<String> = looked.iter().map(|(name, _)| format!("`{name}`")).collect();
        let (between, each) = match how {
            Match::All => (" and ", "Deploy it there first"),
            Match::Any => (" or ", "Deploy it to one of them first"),
        };
        Violation::new(
            RuleId::POL004,
            format!("`{}`, which {verb} in {}", self.version, missing.join(" and ")),
            format!(
                "a version that {has} in {}, which `{}` comes after",
                names.join(between),
                environment.name
            ),
            unregistered.unwrap_or_else(|| {
                format!("{each}; where the same configuration does, name that deployment in `depends_on` of this one.")
            }),
        )
        .under("version")
    }

    /// POL005, where time alone mends it.
    fn soaking(
        &self,
        environment: &Environment,
        name: &EnvironmentName,
        since: Option<Timestamp>,
        until: Timestamp,
    ) -> Violation {
        let (found, next) = match since {
            Some(since) => (
                format!("`{}`, which runs in `{name}` since {since}", self.version),
                format!("Go on from {until} on."),
            ),
            None => (
                format!("`{}`, which the same plan brings to `{name}` first", self.version),
                format!("Deploy to `{name}` alone, and go on from {until} on at the earliest."),
            ),
        };
        Violation::new(RuleId::POL005, found, self.long_enough(environment), next).under("version")
    }

    /// POL005, where time does not mend it.
    fn cut(&self, environment: &Environment, name: &EnvironmentName, seconds: i64) -> Violation {
        let found = format!(
            "`{}`, which ran in `{name}` for {seconds} s without a break and does not any more",
            self.version
        );
        let next = format!("Deploy it to `{name}` again, or deploy what runs there.");
        Violation::new(RuleId::POL005, found, self.long_enough(environment), next).under("version")
    }

    fn long_enough(&self, environment: &Environment) -> String {
        let soak = self.soak.map(ToString::to_string).unwrap_or_default();
        format!(
            "a version that ran there for {soak} without a break before it comes to `{}`",
            environment.name
        )
    }
}

fn whereabouts(name: &EnvironmentName, region: Option<&RegionName>) -> String {
    match region {
        Some(region) => format!("`{region}` of `{name}`"),
        None => format!("`{name}`"),
    }
}

impl Standpoint {
    /// How far it is from being through: by what is to be done, and by when.
    fn rank(&self) -> (u8, Option<Timestamp>) {
        match self {
            Self::Through => (0, None),
            Self::Soaking { until, .. } => (1, Some(*until)),
            Self::Cut { .. } => (2, None),
            Self::Missing { .. } => (3, None),
        }
    }

    fn worse(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn missing(&self) -> Option<&str> {
        match self {
            Self::Missing { what, .. } => Some(what),
            _ => None,
        }
    }
}
