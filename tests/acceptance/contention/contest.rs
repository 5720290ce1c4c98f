//! One contest: sixteen begin at nearly the same time, and fate strikes by the order of arrival.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use pipeline_acceptance::witness::{Answer, Visit, Witness};
use pipeline_acceptance::{Failure, Outcome};
use serde_json::Value as Json;

use super::PROCESSES;
use super::fates::{Dice, Fate, thrown};
use super::gate::{self, Barrier};
use super::history::History;
use crate::host::{Applying, End, Planned, Provider};
use crate::team::{Member, Team, Way, checked};

/// The longest a contest may take, however busy the machine is: it ends one that would hang.
const LIMIT: Duration = Duration::from_secs(1800);

/// A contest that is ready to begin.
pub(super) struct Contest {
    team: Team,
    witness: Witness,
    dice: Dice,
    lease: i64,
    /// The longest time between two arrivals, in milliseconds.
    stagger: usize,
    members: Vec<Member>,
}

/// What happened.
pub(super) struct Story {
    /// Who died how.
    pub(super) fates: BTreeMap<String, Fate>,
    /// How the process of each ended.
    pub(super) ends: BTreeMap<String, End>,
    /// Which commit each deployed.
    pub(super) commits: BTreeMap<String, String>,
    pub(super) history: History,
    pub(super) records: Vec<Json>,
    pub(super) visits: Vec<Visit>,
    /// Where the tag was before the last one came, who came after all others were done.
    pub(super) tag: Option<String>,
    pub(super) last: String,
}

/// Somebody whose fate is decided.
struct Doomed {
    who: String,
    fate: Fate,
    /// When it was decided; for one who dies holding, when that began.
    since: Option<Instant>,
    barrier: Option<Barrier>,
    done: bool,
    /// Done before the time had come.
    spared: bool,
}

impl Contest {
    /// Everything but the contest itself: a remote, sixteen clones, and one more.
    pub(super) fn new(way: Way, seed: u64, lease: i64) -> Outcome<Self> {
        let team = Team::new(way, PROCESSES + 1)?;
        if way == Way::Files {
            gate::heed(&team.remote)?;
        }
        let member = |number| team.member(&name(number), &format!("{lease}s"));
        let members = (0..=PROCESSES).map(member).collect::<Outcome<_>>()?;
        let (witness, dice) = (Witness::start()?, Dice::new(seed));
        // Each who loses the race to enter tries again, which costs a server a dozen processes.
        let stagger = if way == Way::Files { 40 } else { 200 };
        Ok(Self { witness, dice, lease, stagger, members, team })
    }

    /// Runs it to its end.
    pub(super) fn run(mut self) -> Outcome<Story> {
        let fates = thrown(&mut self.dice, PROCESSES);
        let mut running = self.begin()?;
        let mut doomed = Vec::new();
        let mut arrived: Vec<String> = Vec::new();
        let begun = Instant::now();
        while !running.values().all(Applying::is_finished) {
            if begun.elapsed() > LIMIT {
                return Err(Failure::new(format!("not done in {LIMIT:?}: {}", self.team.queue()?)));
            }
            for who in people(&self.team.queue()?) {
                if !arrived.contains(&who) {
                    if let Some(fate) = fates.get(&arrived.len()) {
                        doomed.push(self.doom(&who, *fate)?);
                    }
                    arrived.push(who);
                }
            }
            for one in doomed.iter_mut().filter(|one| !one.done) {
                self.strike(one, &running)?;
            }
            thread::sleep(Duration::from_millis(40));
        }
        let struck = doomed.into_iter().filter(|one| !one.spared);
        let fates = struck.map(|one| (one.who, one.fate)).collect();
        let ends = std::mem::take(&mut running).into_iter();
        // What the dead had sent may still be on its way, and is judged like everything else.
        let ends = ends.map(|(who, applying)| Ok((who, applying.last_end()?)));
        let ends = ends.collect::<Outcome<_>>()?;
        self.team.quiet()?;
        self.conclude(fates, ends)
    }

    /// Starts all processes; they apply in any order, at nearly the same time.
    fn begin(&mut self) -> Outcome<BTreeMap<String, Applying>> {
        for member in &self.members {
            let takes = Answer::After(self.dice.millis(250));
            self.witness.answer(&member.name, takes);
        }
        let planned = self.plan_all()?;
        let mut waiting: BTreeMap<usize, (Provider, Planned)> =
            planned.into_iter().enumerate().collect();
        let mut running = BTreeMap::new();
        for number in self.dice.shuffled(PROCESSES) {
            if let Some((provider, planned)) = waiting.remove(&number) {
                running.insert(name(number), provider.apply(&planned)?);
                thread::sleep(self.dice.millis(self.stagger));
            }
        }
        Ok(running)
    }

    fn plan_all(&self) -> Outcome<Vec<(Provider, Planned)>> {
        let plan = |number: usize| {
            let member = &self.members[number];
            member.plan(&checked(number, &self.witness.url(&member.name)))
        };
        thread::scope(|scope| {
            let all: Vec<_> =
                (0..PROCESSES).map(|number| scope.spawn(move || plan(number))).collect();
            all.into_iter()
                .map(|one| one.join().unwrap_or_else(|_| Err(Failure::new("a plan panicked"))))
                .collect()
        })
    }

    fn doom(&self, who: &str, fate: Fate) -> Outcome<Doomed> {
        let mut doomed = Doomed {
            who: who.to_owned(),
            fate,
            since: None,
            barrier: None,
            done: false,
            spared: false,
        };
        match fate {
            Fate::Waiting(_) => doomed.since = Some(Instant::now()),
            // It may be at its end before its fate is decided.
            Fate::Holding(_) => {
                doomed.spared = !self.witness.detain(who);
                doomed.done = doomed.spared;
            }
            Fate::Ending(arrives) => {
                let commit = self.team.commit(number(who));
                doomed.barrier = Some(Barrier::set(&self.team, who, commit, arrives)?);
            }
        }
        Ok(doomed)
    }

    /// Kills one whose time has come.
    fn strike(&self, doomed: &mut Doomed, running: &BTreeMap<String, Applying>) -> Outcome {
        let victim = running.get(&doomed.who).ok_or("nobody of that name")?;
        let due = |after| doomed.since.is_some_and(|since| since.elapsed() >= after);
        match (doomed.fate, &doomed.barrier) {
            _ if victim.is_finished() => {
                (doomed.done, doomed.spared) = (true, true);
                Ok(())
            }
            (Fate::Waiting(after) | Fate::Holding(after), _) if due(after) => {
                // It may end at this very moment.
                (doomed.done, doomed.spared) = (true, victim.kill().is_err());
                Ok(())
            }
            (Fate::Holding(_), _) if self.witness.was_asked_by(&doomed.who) => {
                doomed.since = doomed.since.or_else(|| Some(Instant::now()));
                Ok(())
            }
            (Fate::Ending(arrives), Some(barrier)) if barrier.was_reached() => {
                doomed.done = true;
                victim.kill()?;
                barrier.leave(arrives)
            }
            _ => Ok(()),
        }
    }

    /// One more deploys, so that nobody's death is left without a record.
    fn conclude(
        self,
        fates: BTreeMap<String, Fate>,
        mut ends: BTreeMap<String, End>,
    ) -> Outcome<Story> {
        let tag = self.team.tag();
        let last = name(PROCESSES);
        let deployment = checked(PROCESSES, &self.witness.url(&last));
        ends.insert(last.clone(), self.members[PROCESSES].deploy(&deployment)?.end()?);
        let commit = |number| (name(number), self.team.commit(number).to_owned());
        Ok(Story {
            fates,
            ends,
            commits: (0..=PROCESSES).map(commit).collect(),
            history: History::read(&self.team, self.lease)?,
            records: self.team.records()?,
            visits: self.witness.visits(),
            tag,
            last,
        })
    }
}

/// The name of a member.
fn name(number: usize) -> String {
    format!("c{number:02}")
}

fn number(name: &str) -> usize {
    name.trim_start_matches('c').parse().unwrap_or_default()
}

/// Who is in the queue, by arrival.
fn people(queue: &Json) -> Vec<String> {
    let waiting = queue["waiting"].as_array().into_iter().flatten();
    let all = std::iter::once(&queue["current"]).chain(waiting);
    all.filter_map(|one| one["holder"].as_str().map(str::to_owned)).collect()
}
