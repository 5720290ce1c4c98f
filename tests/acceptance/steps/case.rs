//! One case: `eve` deploys and is cut off, then `bob` deploys; where the environment is to be busy, `ada`
//! holds it.

use pipeline_acceptance::git_server::{Asked, Asks, Gate};
use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::{Failure, Outcome};
use serde_json::Value as Json;

use crate::host::{Applying, End};
use crate::team::{LONG, Stage, Team, Way, checked, next, version};

/// Where a deployment is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Looking,
    Entering,
    Queueing,
    Waiting,
    Claiming,
    Checking,
    Committing,
}

/// What cuts it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blow {
    /// A person interrupts; what is on its way arrives.
    CtrlC,
    /// The process is killed; what is on its way arrives.
    Kill,
    /// The process is killed; what is on its way does not arrive.
    KillAndCut,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) step: Step,
    pub(super) blow: Blow,
    /// The status of the deployment after the next one.
    pub(super) on_record: Option<&'static str>,
}

/// A case under way.
struct Play {
    team: Team,
    witness: Witness,
    /// Where what eve sends is held.
    gate: Gate,
}

/// The holder, and where her last transaction is held.
struct Holder {
    applying: Applying,
    gate: Gate,
}

impl Step {
    const fn is_busy(self) -> bool {
        matches!(self, Self::Queueing | Self::Waiting | Self::Claiming)
    }

    /// Whether a request of eve's is where she is cut off.
    fn holds(self, asked: &Asked) -> bool {
        let in_queue = |changes: &[_], creates: bool| record(changes) == Some(creates);
        match (self, &asked.what) {
            (Self::Looking, Asks::ToRead) => true,
            (Self::Entering | Self::Queueing, Asks::ToPush(changes)) => in_queue(changes, true),
            (Self::Claiming, Asks::ToPush(changes)) => in_queue(changes, false),
            (Self::Committing, what) => ends(what),
            _ => false,
        }
    }
}

/// Whether a push makes the record of a deployment (true) or changes it.
fn record(changes: &[pipeline_acceptance::git_server::Change]) -> Option<bool> {
    let mut records = changes.iter().filter(|one| one.name.starts_with("refs/ledger/deployments/"));
    records.next().map(pipeline_acceptance::git_server::Change::creates)
}

/// Whether a push records a success.
pub(super) fn ends(what: &Asks) -> bool {
    let Asks::ToPush(changes) = what else { return false };
    changes.iter().any(|change| change.name == "refs/tags/api/staging")
}

impl Case {
    /// Plays it.
    pub(super) fn play(&self, stage: &Stage) -> Outcome {
        let (step, team, witness) = (self.step, stage.team(Way::Http)?, Witness::start()?);
        let gate = Gate::new(move |asked| asked.client == "eve" && step.holds(asked));
        let play = Play { team, witness, gate };
        let holder = if step.is_busy() { Some(play.hold()?) } else { None };
        let eve = self.cut_off(&play, holder.as_ref())?;
        let end = self.strike(&play, eve)?;
        let in_between = play.team.record_of("eve")?;
        if self.blow == Blow::CtrlC {
            self.judge_interruption(&play, &end, in_between.as_ref())?;
        }
        if let Some(holder) = holder {
            holder.gate.let_through();
            holder.applying.end()?.applied()?;
        }
        self.converges(&play)
    }

    /// Eve deploys, and gets as far as the step.
    fn cut_off(&self, play: &Play, holder: Option<&Holder>) -> Outcome<Applying> {
        // Who dies waiting is passed over after her lease, which nobody wants to wait for long. Who holds
        // the environment keeps it, however slow the machine is.
        let lease = if self.dies_waiting() { "2s" } else { LONG };
        if self.step == Step::Checking {
            play.witness.answer("eve", Answer::Never);
        }
        let eve = play.team.member("eve", lease)?;
        let (provider, planned) = eve.plan(&checked(1, &play.witness.url("eve")))?;
        play.team.server()?.set(&play.gate);
        let applying = provider.apply(&planned)?;
        match (self.step, holder) {
            (Step::Waiting, _) => play.sees_waiting("eve")?,
            (Step::Checking, _) => play.witness.wait_for("eve")?,
            (Step::Claiming, Some(holder)) => {
                play.sees_waiting("eve")?;
                holder.gate.let_through();
                play.gate.reached()?;
            }
            _ => play.gate.reached()?,
        }
        Ok(applying)
    }

    /// The blow, and how eve's process ended.
    fn strike(&self, play: &Play, eve: Applying) -> Outcome<End> {
        if self.blow == Blow::CtrlC {
            eve.interrupt()?;
            // What is on its way arrives after she was interrupted.
            play.gate.let_through();
            return eve.end();
        }
        eve.kill()?;
        if self.blow == Blow::KillAndCut {
            play.gate.turn_away();
        } else {
            play.gate.let_through();
        }
        // Nothing of what she left behind happens later.
        let end = eve.last_end()?;
        play.team.quiet()?;
        if self.on_record.is_some() {
            let has_record = play.team.record_of("eve")?.is_some();
            expect("a record of what was on its way", &has_record, &true)?;
        }
        if !self.dies_waiting() {
            play.team.outlive_the_lease()?;
        }
        Ok(end)
    }

    /// Whether she is killed before it is her turn.
    fn dies_waiting(&self) -> bool {
        self.blow != Blow::CtrlC && self.step.is_busy()
    }

    /// An interrupted deployment says itself how it ended, and holds nothing any more.
    fn judge_interruption(&self, play: &Play, end: &End, record: Option<&Json>) -> Outcome {
        let status = record.map(|record| record["status"].as_str().unwrap_or_default());
        expect("the record after the interruption", &status, &self.on_record)?;
        expect("what was told", &has_told(end)?, &self.on_record)?;
        let queue = play.team.queue()?.to_string();
        expect("eve in the queue", &queue.contains("\"eve\""), &false)
    }

    /// The next deployment goes through, and all that was is on record.
    fn converges(&self, play: &Play) -> Outcome {
        let bob = play.team.member("bob", LONG)?;
        let deployment = next(checked(2, &play.witness.url("bob")));
        let deployed = bob.deploy(&deployment)?.end()?.applied()?;
        let record = play.team.record_of("eve")?;
        let record = record.as_ref();
        let status = record.map(|record| record["status"].as_str().unwrap_or_default());
        expect("the record in the end", &status, &self.on_record)?;
        if status == Some("failed") {
            let reason = record.and_then(|record| record["error_message"].as_str());
            let told = reason.is_some_and(|reason| reason.contains("no sign of life"));
            expect("a reason for the failure", &told, &true)?;
        }
        let before = if status == Some("succeeded") {
            Json::from(version(1))
        } else if self.step.is_busy() {
            Json::from(version(0))
        } else {
            Json::Null
        };
        expect("what ran before", &deployed["previous_version"], &before)?;
        expect("the tag", &play.team.tag().as_deref(), &Some(play.team.commit(2)))?;
        let queue = play.team.queue()?;
        let is_free = queue["current"].is_null() && queue["waiting"].is_null();
        expect("a free environment", &is_free, &true)
    }
}

impl Play {
    /// Ada holds the environment until her gate is opened.
    fn hold(&self) -> Outcome<Holder> {
        let gate = Gate::new(|asked| asked.client == "ada" && ends(&asked.what));
        self.team.server()?.set(&gate);
        let ada = self.team.member("ada", LONG)?;
        let applying = ada.deploy(&checked(0, &self.witness.url("ada")))?;
        gate.reached()?;
        Ok(Holder { applying, gate })
    }

    fn sees_waiting(&self, who: &str) -> Outcome {
        let waits = || self.team.queue().is_ok_and(|queue| queue["waiting"][0]["holder"] == who);
        wait_until("she waits in the queue", waits)
    }
}

/// The status that the words of an interrupted apply stand for.
pub(super) fn has_told(end: &End) -> Outcome<Option<&'static str>> {
    match end {
        End::Applied(_) => Ok(Some("succeeded")),
        End::Refused(text) if text.contains("did not start") => Ok(None),
        End::Refused(text) if text.contains("interrupted") => Ok(Some("cancelled")),
        _ => Err(Failure::new(format!("should have been told of it: {end:?}"))),
    }
}

pub(crate) fn expect<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: &T,
    expected: &T,
) -> Outcome {
    if found == expected {
        return Ok(());
    }
    Err(Failure::new(format!("{what}: found {found:?}, expected {expected:?}")))
}
