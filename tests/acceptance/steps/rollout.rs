//! The steps of a deployment that changes a service of ECS: cut off while AWS is asked, while a rollout is
//! followed, while what ran before is put back.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::ecs::{Course, Ecs, Fault, Script};
use pipeline_acceptance::git_server::Gate;
use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::witness::{Answer, Witness};
use serde_json::{Value as Json, json};

use super::case::{Blow, ends, expect, has_told};
use crate::host::Applying;
use crate::team::{LONG, Member, Stage, Team, Way, checked, next};

/// Where a deployment to ECS is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A revision is registered, and no answer comes.
    Registering,
    /// The service is asked to run it, and neither request nor answer arrives.
    Asking,
    /// The service is asked to run it and does, but the answer does not arrive.
    AskingInVain,
    /// The rollout goes on.
    Following,
    /// The rollout is done, and the health check goes on.
    Checking,
    /// The health check failed, and what ran before is put back.
    Restoring,
    /// All is well, and the success is on its way, but does not arrive.
    Committing,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) step: Step,
    pub(super) blow: Blow,
    /// The status of the deployment in the end.
    pub(super) on_record: &'static str,
    /// The image that the service is left with, before the next deployment.
    pub(super) left: &'static str,
}

/// The image before all of it.
pub(super) const OLD: &str = "web:1.0";

/// The image that is cut off.
pub(super) const NEW: &str = "web:1.1";

/// The image that follows.
const NEXT: &str = "web:1.2";

/// A case under way.
struct Play {
    team: Team,
    witness: Witness,
    ecs: Ecs,
    gate: Gate,
}

impl Step {
    fn script(self) -> Script {
        let script = Script::new();
        match self {
            Self::Registering => script.fault("RegisterTaskDefinition", 1..=1, Fault::Hangs),
            Self::Asking => script.fault("UpdateService", 1..=1, Fault::Hangs),
            Self::AskingInVain => script.fault("UpdateService", 1..=1, Fault::HangsAfterwards),
            Self::Following => script.course(NEW, Course::Slow(100_000)),
            Self::Restoring => script.course(OLD, Course::Slow(30)),
            Self::Checking | Self::Committing => script,
        }
    }

    /// Whether the deployment is there.
    fn is_reached(self, play: &Play) -> bool {
        let called = |operation| play.ecs.world().called(operation);
        match self {
            Self::Registering => called("RegisterTaskDefinition") >= 1,
            Self::Asking | Self::AskingInVain => called("UpdateService") >= 1,
            Self::Following => called("UpdateService") >= 1 && called("DescribeServices") >= 6,
            Self::Checking => play.witness.was_asked_by("eve"),
            Self::Restoring => called("UpdateService") >= 2,
            Self::Committing => play.gate.was_reached(),
        }
    }
}

impl Case {
    /// Plays it.
    pub(super) fn play(&self, stage: &Stage) -> Outcome {
        let gate = Gate::new(|asked| asked.client == "eve" && ends(&asked.what));
        let (team, witness) = (stage.team(Way::Http)?, Witness::start()?);
        let play = Play { team, witness, ecs: Ecs::start(self.step.script())?, gate };
        if self.step == Step::Committing {
            play.team.server()?.set(&play.gate);
        }
        let eve = self.begin(&play)?;
        wait_until("the deployment is at the step", || self.step.is_reached(&play))?;
        self.strike(&play, eve)?;
        expect("what the service is left with", &play.runs(), &Some(self.left.to_owned()))?;
        self.converges(&play)
    }

    fn begin(&self, play: &Play) -> Outcome<Applying> {
        let mut deployment = rolling(1, &play.witness.url("eve"), NEW);
        match self.step {
            Step::Checking => play.witness.answer("eve", Answer::Never),
            Step::Restoring => {
                deployment["health_check"]["expected_status"] = json!(418);
                deployment["health_check"]["retries"] = json!(0);
            }
            _ => {}
        }
        play.member("eve")?.deploy(&deployment)
    }

    fn strike(&self, play: &Play, eve: Applying) -> Outcome {
        if self.blow != Blow::CtrlC {
            eve.kill()?;
            play.gate.turn_away();
            // Nothing of what she left behind happens later.
            eve.last_end()?;
            play.team.quiet()?;
            return play.team.outlive_the_lease();
        }
        eve.interrupt()?;
        let end = eve.end()?;
        let status = play.status_of("eve")?;
        expect("the record after the interruption", &status.as_str(), &self.on_record)?;
        // A failure is told as what it is, though the person interrupted while it was put back.
        if self.on_record == "cancelled" {
            expect("what was told", &has_told(&end)?, &Some("cancelled"))?;
        }
        let queue = play.team.queue()?;
        expect("a free environment", &queue["current"], &Json::Null)
    }

    /// The next deployment goes through.
    fn converges(&self, play: &Play) -> Outcome {
        let deployment = next(rolling(2, &play.witness.url("bob"), NEXT));
        let deployed = play.member("bob")?.deploy(&deployment)?.end()?.applied()?;
        expect("what ran before", &deployed["previous_version"], &Json::Null)?;
        expect("what the service runs", &play.runs(), &Some(NEXT.to_owned()))?;
        expect("the tag", &play.team.tag().as_deref(), &Some(play.team.commit(2)))?;
        let status = play.status_of("eve")?;
        expect("the record in the end", &status.as_str(), &self.on_record)
    }
}

impl Play {
    fn member(&self, name: &str) -> Outcome<Member> {
        Ok(self.team.member(name, LONG)?.with_aws(&self.ecs.url))
    }

    /// The image that the service is steering towards.
    fn runs(&self) -> Option<String> {
        self.ecs.world().runs()
    }

    fn status_of(&self, who: &str) -> Outcome<String> {
        let record = self.team.record_of(who)?.ok_or("there is no record")?;
        Ok(record["status"].as_str().unwrap_or_default().to_owned())
    }
}

/// A deployment of a version that rolls an image out.
fn rolling(minor: usize, url: &str, image: &str) -> Json {
    let mut deployment = checked(minor, url);
    deployment["ecs"] = json!({
        "cluster": "main",
        "service": "web",
        "container": "app",
        "image": image,
        "poll_interval": "50ms",
    });
    deployment
}
