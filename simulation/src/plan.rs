//! A schedule as it is drawn from its seed: who arrives when and wants what, and what goes wrong.
//!
//! Each kind of trouble is left out of about half of the schedules, so that some are calm, and in some
//! a single kind stands alone.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use pipeline_core::EnvironmentName;
use pipeline_core::approval::Decision;
use pipeline_core::deployment::deployer::OnBusy;

use crate::Failure;
use crate::chores::Chores;
use crate::clock::{EPOCH, WallClock};
use crate::dice::Dice;
use crate::frozen::Fit;
use crate::habits::Habits;
use crate::keeper::Keeper;
use crate::known::ServiceKey;
use crate::life::Life;
use crate::meddling::{Deed, Meddling};
use crate::process::Process;
use crate::service::Fate;
use crate::target::Behaviour;
use crate::weather::{Pace, Weather};

/// A clock that is a day ahead, in milliseconds.
const DAY: u32 = 86_400_000;

/// The versions that deployers want, by minor number.
pub(crate) const VERSIONS: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/// One schedule.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) pace: Pace,
    pub(crate) habits: Habits,
    pub(crate) grounds: Vec<Ground>,
    pub(crate) policies: BTreeMap<EnvironmentName, Policy>,
    pub(crate) processes: Vec<Process>,
    pub(crate) meddlings: Vec<Meddling>,
    /// The shortest lease of all.
    pub(crate) lease: Duration,
    /// What the last deployments draw from.
    pub(crate) dice: Dice,
}

/// What is deployed where.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) key: ServiceKey,
    /// Whether deployments change a service there, or nothing but git.
    pub(crate) has_service: bool,
}

/// What an environment asks of its queue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    /// Whether each sub-project has a queue of its own.
    pub(crate) divided: bool,
    /// Whether a newer version supersedes older ones that wait.
    pub(crate) supersedes: bool,
    /// From when to when nobody begins, in seconds by a clock on the wall: whole minutes.
    pub(crate) freezes: Vec<(i64, i64)>,
    /// The versions that are approved from the beginning, where somebody has to approve them.
    pub(crate) approved: Option<Vec<u8>>,
}

/// What is drawn first and holds for the whole schedule.
struct Mood {
    lease: Duration,
    crowd: usize,
    /// How many deployers a process has at most.
    company: usize,
    /// Within which time everybody arrives.
    rush: Duration,
    /// How long a rollout takes at most.
    work: Duration,
    /// By how many milliseconds clocks differ at most: less than the shortest lease, or a day.
    skew: u32,
    /// How often requests go wrong, in a thousand.
    faults: u32,
    /// Of a thousand deployers, how many are cut off, sleep, die and are interrupted.
    outages: u32,
    sleeps: u32,
    deaths: u32,
    stops: u32,
    /// How often services are silent, and versions bad, in a thousand.
    silence: u32,
    bad_versions: u32,
    /// How much people do, in a thousandth of what deployers do.
    people: u32,
}

impl Plan {
    /// Draws the schedule of this seed, with so many deployers at most.
    pub(crate) fn draw(seed: u64, most: usize) -> Result<Self, Failure> {
        let mut dice = Dice::new(seed);
        let mood = Mood::draw(&mut dice, most);
        let grounds = grounds(&mut dice)?;
        let policies = mood.policies(&grounds, &mut dice);
        let mut processes = mood.processes(&grounds, &mut dice);
        let mut keepers = dice.fork();
        for process in &mut processes {
            process.keeper = mood.keeper(&grounds, &policies, &mut keepers);
        }
        let meddlings = mood.meddlings(&grounds, &mut dice);
        // Whoever is healthy must be able to renew in time, several times over.
        let longest = Duration::from_millis(dice.pick([2, 20, 100, 500], 20)).min(mood.lease / 60);
        let pace = Pace { shortest: Duration::from_millis(1), longest };
        let tears = if dice.chance(500) { longest * 2 } else { Duration::ZERO };
        let habits = Habits { tears, serves_all: dice.chance(500) };
        Ok(Self { pace, habits, grounds, policies, processes, meddlings, lease: mood.lease, dice })
    }
}

/// Which versions are approved before anybody deploys: most.
fn approved(dice: &mut Dice) -> Vec<u8> {
    VERSIONS.into_iter().filter(|_| dice.chance(800)).collect()
}

fn grounds(dice: &mut Dice) -> Result<Vec<Ground>, Failure> {
    let environments = [&["staging"][..], &["staging"], &["qa"], &["qa", "staging"]];
    let projects = [&["api"][..], &["api"], &["api", "web"]];
    let projects = dice.pick(projects, &[]);
    let mut grounds = Vec::new();
    for environment in dice.pick(environments, &[]) {
        for project in projects {
            let key = (environment.parse()?, project.parse()?);
            grounds.push(Ground { key, has_service: dice.chance(750) });
        }
    }
    Ok(grounds)
}

impl Mood {
    fn draw(dice: &mut Dice, most: usize) -> Self {
        let seconds = dice.pick([2, 3, 5, 10, 30, 60, 60, 60, 120, 300], 60);
        let lease = Duration::from_secs(seconds.into());
        let crowd = crowd(dice).min(most).max(1);
        let all = u32::try_from(crowd).unwrap_or(1);
        let rush = dice.pick([Duration::ZERO, lease / 4, lease * 2, lease * all / 2], lease);
        let work = if crowd > 30 { lease / 2 } else { lease * 3 };
        let skew = seconds * 1_000;
        let company = dice.pick([1, 1, 2, 5, 40], 1);
        let mut half = |strengths: [u32; 3]| {
            let strength = dice.pick(strengths, 0);
            if dice.chance(500) { strength } else { 0 }
        };
        Self {
            lease,
            crowd,
            company,
            rush,
            work,
            skew: half([skew / 2, skew, DAY]),
            faults: half([10, 50, 200]),
            outages: half([100, 300, 700]),
            sleeps: half([100, 400, 800]),
            deaths: half([50, 200, 500]),
            stops: half([50, 200, 500]),
            silence: half([10, 50, 200]),
            bad_versions: half([100, 300, 600]),
            people: half([200, 500, 1_000]),
        }
    }

    fn policies(&self, grounds: &[Ground], dice: &mut Dice) -> BTreeMap<EnvironmentName, Policy> {
        let names: BTreeSet<&EnvironmentName> =
            grounds.iter().map(|ground| &ground.key.0).collect();
        let mut policies = BTreeMap::new();
        for name in names {
            let (divided, supersedes) = (dice.chance(400), dice.chance(300));
            let many = if dice.chance(400) { dice.number(1..=2) } else { 0 };
            let freezes = (0..many).map(|_| self.freeze(dice)).collect();
            let approved = dice.chance(300).then(|| approved(dice));
            policies.insert(name.clone(), Policy { divided, supersedes, freezes, approved });
        }
        policies
    }

    /// A freeze of some minutes that begins while deployments come and wait.
    fn freeze(&self, dice: &mut Dice) -> (i64, i64) {
        let minutes = |time: Duration| i64::try_from(time.as_secs() / 60).unwrap_or_default();
        let begins = minutes(dice.time(Duration::ZERO, self.rush + self.work * 4));
        let from = EPOCH - EPOCH % 60 + begins * 60;
        (from, from + (minutes(dice.time(Duration::ZERO, self.lease * 10)) + 1) * 60)
    }

    fn processes(&self, grounds: &[Ground], dice: &mut Dice) -> Vec<Process> {
        let (mut processes, mut number) = (Vec::new(), 0);
        while number < self.crowd {
            let size = draw(dice, 1..=self.company).min(self.crowd - number);
            let numbers = number + 1..=number + size;
            number += size;
            processes.push(self.process(processes.len() + 1, numbers, grounds, dice));
        }
        processes
    }

    fn process(
        &self,
        number: usize,
        members: RangeInclusive<usize>,
        grounds: &[Ground],
        dice: &mut Dice,
    ) -> Process {
        // Within which time after its beginning most of its troubles come.
        let span = dice.pick([self.lease, self.lease * 4, self.rush + self.work * 4], self.lease);
        let within = dice.pick([Duration::ZERO, self.lease / 20, span], Duration::ZERO);
        Process {
            number,
            begins: dice.time(Duration::ZERO, self.rush),
            lease: self.lease * dice.pick([1, 1, 1, 2, 4], 1),
            clock: self.clock(dice),
            weather: self.weather(span, dice),
            fits: self.fits(span, dice),
            sudden: self.sudden(dice),
            stops: dice.chance(self.stops).then(|| dice.time(Duration::ZERO, span)),
            at_once: dice.pick([2, 10, 10], 10),
            keeper: None,
            lives: members
                .filter_map(|member| self.life(member, (within, span), grounds, dice))
                .collect(),
        }
    }

    /// Who keeps a lock of one environment for about a third of the processes. Most give it back when all have
    /// deployed, some before.
    fn keeper(
        &self,
        grounds: &[Ground],
        policies: &BTreeMap<EnvironmentName, Policy>,
        dice: &mut Dice,
    ) -> Option<Keeper> {
        let environment = dice.one(grounds)?.key.0.clone();
        let early = dice.chance(200).then(|| dice.time(Duration::ZERO, self.rush + self.work * 4));
        let keeper = Keeper { environment, closes: early, dice: dice.fork() };
        let is_divided = policies.get(&keeper.environment).is_some_and(|it| it.divided);
        (dice.chance(350) && !is_divided).then_some(keeper)
    }

    /// A deployer that arrives and has troubles of its own within these times.
    fn life(
        &self,
        number: usize,
        (within, span): (Duration, Duration),
        grounds: &[Ground],
        dice: &mut Dice,
    ) -> Option<Life> {
        let ground = dice.one(grounds)?;
        let mut on_busy = self.on_busy(dice);
        let waits_for_approvals = dice.chance(600);
        if let OnBusy::Wait { at_most } = &mut on_busy
            && waits_for_approvals
        {
            // An approval may never come, and days of looking for it show nothing that an hour does not.
            *at_most = (*at_most).min(self.lease * 30);
        }
        Some(Life {
            number,
            arrives: dice.time(Duration::ZERO, within),
            key: ground.key.clone(),
            version: dice.pick(VERSIONS, 1),
            on_busy,
            waits_for_freezes: dice.chance(600),
            waits_for_approvals,
            allow_downgrade: dice.chance(700),
            will_move_env_tag: dice.chance(900),
            chores: self.chores(dice),
            behaviour: ground.has_service.then(|| self.behaviour(dice)),
            stops: dice.chance(self.stops / 4).then(|| dice.time(Duration::ZERO, span)),
            dropped: dice.chance(self.deaths / 4).then(|| dice.time(Duration::ZERO, span)),
            dice: dice.fork(),
        })
    }

    /// What about a third of the deployers run beside their targets.
    fn chores(&self, dice: &mut Dice) -> Chores {
        if dice.chance(350) {
            Chores::draw(self.work, self.bad_versions, dice)
        } else {
            Chores::default()
        }
    }

    /// A clock that drifts does so by less than the shortest lease.
    fn clock(&self, dice: &mut Dice) -> WallClock {
        let mut draw = || u32::try_from(dice.number(0..=self.skew.saturating_sub(1).into()));
        let first = draw().unwrap_or(0);
        let later = draw().unwrap_or(0);
        let drifts = dice.chance(500) && self.skew < DAY;
        WallClock { first, later: if drifts { later } else { first } }
    }

    fn on_busy(&self, dice: &mut Dice) -> OnBusy {
        if dice.chance(150) {
            return OnBusy::Fail;
        }
        let short = dice.time(Duration::ZERO, self.lease * 4);
        let at_most = dice.pick([short, Duration::from_secs(7 * 86_400)], short);
        OnBusy::Wait { at_most }
    }

    fn behaviour(&self, dice: &mut Dice) -> Behaviour {
        let crash = Fate::Crashes(dice.time(Duration::ZERO, self.lease));
        let bad = [Fate::Breaks { goes_back: true }, Fate::Breaks { goes_back: false }, crash];
        let fate = if dice.chance(self.bad_versions) { dice.pick(bad, crash) } else { Fate::Comes };
        let takes = dice.time(Duration::ZERO, self.work);
        let poll = self.lease / 10;
        Behaviour { takes, fate, silent: self.silence, poll, by_steps: dice.chance(500) }
    }

    fn weather(&self, span: Duration, dice: &mut Dice) -> Weather {
        let mut kind = || if dice.chance(500) { self.faults } else { 0 };
        let (lost_reply, lost_request, late) = (kind(), kind(), kind());
        let (unreachable, rejected, unread) = (kind(), kind(), kind());
        let no_atomic = kind() / 4;
        let lateness = self.lease * 3;
        let mut outages = Vec::new();
        if dice.chance(self.outages) {
            let from = dice.time(Duration::ZERO, span);
            outages.push((from, dice.time(Duration::ZERO, self.lease * 3)));
        }
        Weather {
            lost_reply,
            lost_request,
            late,
            unreachable,
            rejected,
            no_atomic,
            unread,
            lateness,
            outages,
        }
    }

    fn fits(&self, span: Duration, dice: &mut Dice) -> Vec<(Duration, Fit)> {
        let mut fits = Vec::new();
        if dice.chance(self.sleeps / 2) {
            fits.push((dice.time(Duration::ZERO, span), self.sleep(dice)));
        }
        if dice.chance(self.deaths / 2) {
            fits.push((dice.time(Duration::ZERO, span), Fit::Dies));
        }
        fits.sort_by_key(|(at, _)| *at);
        fits
    }

    /// Fits in the middle of requests, where they hurt most.
    fn sudden(&self, dice: &mut Dice) -> Vec<(u32, Fit)> {
        let mut fits = Vec::new();
        let mut number = || u32::try_from(dice.number(0..=15)).unwrap_or(0);
        let (first, second, last) = (number(), number() * 4, number() * 2);
        for at in [first, second] {
            if dice.chance(self.sleeps / 2) {
                fits.push((at, self.sleep(dice)));
            }
        }
        if dice.chance(self.deaths / 2) {
            fits.push((last, Fit::Dies));
        }
        fits
    }

    /// Sleeps that end about when the lease does matter most.
    fn sleep(&self, dice: &mut Dice) -> Fit {
        let any = dice.time(Duration::ZERO, self.lease * 5);
        let about = dice.time(self.lease * 9 / 10, self.lease * 23 / 10);
        Fit::Sleeps(dice.pick([any, about], any))
    }

    fn meddlings(&self, grounds: &[Ground], dice: &mut Dice) -> Vec<Meddling> {
        let all = u32::try_from(self.crowd).unwrap_or(1);
        let deeds = (all * self.people).div_ceil(1_000);
        let until = self.rush + self.work * all.min(10);
        let one = |_| {
            let key = dice.one(grounds)?.key.clone();
            let version = dice.pick(VERSIONS, 1);
            let takes = dice.time(Duration::ZERO, self.work);
            let deed = match dice.number(0..=14) {
                0..=4 => Deed::MovesTag(version),
                5 => Deed::DeletesTag,
                6 => Deed::DeletesVersion(version),
                7..=8 => Deed::Decides(version, Some(Decision::Approve)),
                9 => Deed::Decides(version, Some(Decision::Reject)),
                10..=11 => Deed::Decides(version, None),
                _ => Deed::ChangesService(version, takes, Fate::Comes),
            };
            Some(Meddling { at: dice.time(Duration::ZERO, until), key, deed })
        };
        (0..deeds).filter_map(one).collect()
    }
}

/// How many deployers there are: mostly few, sometimes very many.
fn crowd(dice: &mut Dice) -> usize {
    let range: RangeInclusive<usize> = match dice.number(0..=999) {
        0..=549 => 2..=5,
        550..=899 => 6..=15,
        900..=989 => 16..=50,
        _ => 51..=200,
    };
    draw(dice, range)
}

fn draw(dice: &mut Dice, range: RangeInclusive<usize>) -> usize {
    let number = |end: &usize| u64::try_from(*end).unwrap_or(1);
    let drawn = dice.number(number(range.start())..=number(range.end()));
    usize::try_from(drawn).unwrap_or(*range.start())
}
