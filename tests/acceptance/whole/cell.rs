//! One cell: a version runs; the next one meets its fate at a step; a third one is deployed then.

use std::collections::BTreeSet;
use std::fmt;
use std::process::Child;

use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::hold::Hold;
use pipeline_acceptance::process::{signal, wait_until};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::witness::{Answer, Witness};
use pipeline_acceptance::{Failure, Outcome};
use serde_json::Value as Json;

use super::expected::{Expected, NEW, NEXT, OLD, UNKNOWN, expected};
use super::place::{Kind, Place, Way, diary};
use super::{Fate, Step};
use crate::hcl::{deployment, hasty_health_check, health_check, staging};
use crate::interruption::{applying, finish};
use crate::steps::expect;
use crate::team::{LONG, outlive_the_lease};

/// A lease that a test sleeps through; long enough for a busy machine to renew it.
const SHORT_LEASE: &str = "15s";

/// Writes into `diary` for what it is called; `runs` says what the deployed version is. The second look at the
/// version is another step than the first. It hangs, and fails, where there is a file that says so.
const SCRIPT: &str = "#!/bin/sh\n\
    v=\"${PIPELINE_VERSION##*/v}\" step=\"$1\"\n\
    test \"$step\" = verify && grep -q \"^verify-$v \" diary && step=confirm\n\
    echo \"$step-$v $PIPELINE_ACTION $PIPELINE_DEPLOYMENT_ID\" >> diary\n\
    test \"$step\" = deploy && echo \"$PIPELINE_VERSION\" > runs\n\
    test \"$step\" = restore && echo \"$PIPELINE_PREVIOUS_VERSION\" > runs\n\
    while test -e \"hang-$step-$v\"; do sleep 0.05; done\n\
    case \"$step\" in verify|confirm) grep -qx \"$PIPELINE_VERSION\" runs || exit 1 ;; esac\n\
    test ! -e \"fail-$step-$v\"\n";

/// A cell of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) kind: Kind,
    pub(super) step: Step,
    pub(super) fate: Fate,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {:?}, {:?}", self.kind, self.step, self.fate)
    }
}

/// A cell under way.
struct Play {
    cell: Cell,
    expected: Expected,
    scene: Scene,
    remote: Repository,
    place: Place,
    witness: Witness,
    sick: HealthServer,
    hold: Hold,
}

impl Cell {
    /// Plays it.
    pub(super) fn play(&self) -> Outcome {
        let play = Play::new(*self)?;
        play.scene.workspace.main(&play.hcl(OLD))?;
        play.scene.workspace.apply(&[])?.ok()?;
        match self.fate {
            Fate::LostLease => play.sleeps()?,
            _ => play.meets_its_fate()?,
        }
        play.in_the_end()
    }

    /// Whether the step never ends by itself.
    fn hangs(&self) -> bool {
        !matches!(self.fate, Fate::Success | Fate::Failure)
    }
}

impl Play {
    fn new(cell: Cell) -> Outcome<Self> {
        let (mut scene, remote) = Scene::shared()?;
        scene.repository.write("run.sh", SCRIPT)?;
        for version in [OLD, NEW, NEXT] {
            let commit = scene.repository.commit(version)?;
            scene.repository.tag(&format!("api/v{version}"), &commit)?;
        }
        scene.repository.git(&["push", "--quiet", "origin", "main", "--tags"])?;
        let place = Place::new(cell.kind, cell.step, cell.fate)?;
        let lease = if cell.fate == Fate::LostLease { SHORT_LEASE } else { LONG };
        let settings = format!("  lease = \"{lease}\"\n{}", place.settings(&mut scene));
        scene.workspace.configure(&scene.repository.path(), &settings)?;
        for version in [OLD, NEW, NEXT] {
            let way = match (version, cell.step, cell.fate) {
                (NEW, Step::Target, Fate::Failure) => Way::Fails,
                (NEW, Step::Target, _) => Way::Hangs,
                _ => Way::Well,
            };
            place.prepare(&scene, version, way)?;
        }
        let hold = Hold::at(&scene.environment().root().join("committing"))?;
        let (witness, sick) = (Witness::start()?, HealthServer::start(Health::Status(500))?);
        let expected = expected(cell.kind, cell.step, cell.fate);
        let play = Self { cell, expected, scene, remote, place, witness, sick, hold };
        play.sow()?;
        Ok(play)
    }

    /// Makes the step fail, or hang.
    fn sow(&self) -> Outcome {
        let name = match (self.cell.step, self.cell.kind) {
            (Step::Migrations, _) => "up2",
            (Step::Tests, _) => "smoke",
            (Step::Target, Kind::Command) => "deploy",
            (Step::Confirm, Kind::Command) => "confirm",
            (Step::Health, _) if self.cell.hangs() => {
                self.witness.answer(NEW, Answer::Never);
                return Ok(());
            }
            // Meanwhile somebody takes the target over, or silences it.
            (Step::Confirm, _) => {
                self.witness.answer(NEW, Answer::WhenReleased);
                return Ok(());
            }
            _ => return Ok(()),
        };
        match self.cell.fate {
            Fate::Success => Ok(()),
            Fate::Failure => self.scene.repository.write(&format!("fail-{name}-{NEW}"), ""),
            _ => self.scene.repository.write(&format!("hang-{name}-{NEW}"), ""),
        }
    }

    /// The whole configuration with a version.
    fn hcl(&self, version: &str) -> String {
        let is_short = version == NEW && self.cell.fate == Fate::Hang;
        let timeout = |step| if is_short && self.cell.step == step { "5s" } else { "1h" };
        let url = self.witness.url(version);
        let check = match (version, self.cell.step, self.cell.fate) {
            (NEW, Step::Health, Fate::Failure) => hasty_health_check(&self.sick.url),
            (NEW, Step::Health, Fate::Hang) => hasty_health_check(&url),
            _ => health_check(&url),
        };
        let at_place = [Step::Target, Step::Confirm].contains(&self.cell.step);
        let block = self.place.block(version, is_short && at_place);
        let migration = |number: u8| {
            format!(
                "    {{\n      name = \"000{number}\"\n      command = [\"sh\", \"run.sh\", \"up{number}\"]\n      \
                 rollback_command = [\"sh\", \"run.sh\", \"down{number}\"]\n      timeout = \"{}\"\n    }},\n",
                timeout(Step::Migrations)
            )
        };
        let lines = format!(
            "  migrations = [\n{}{}  ]\n{block}{check}  tests = {{\n    commands = [[\"sh\", \"run.sh\", \"smoke\"]]\n    \
             timeout = \"{}\"\n  }}\n",
            migration(1),
            migration(2),
            timeout(Step::Tests)
        );
        [staging(), deployment("staging", &format!("api/v{version}"), &lines)].concat()
    }

    /// Waits until the deployment is at its step.
    fn reached(&self) -> Outcome {
        let begun = |step: &str| {
            wait_until(&format!("{step} begins"), || {
                diary(&self.scene).iter().any(|line| line.starts_with(&format!("{step}-{NEW} ")))
            })
        };
        match (self.cell.step, self.cell.kind) {
            (Step::Migrations, _) => begun("up2"),
            (Step::Target, _) => self.place.hangs(&self.scene),
            (Step::Health, _) => self.witness.wait_for(NEW),
            (Step::Tests, _) => begun("smoke"),
            (Step::Confirm, Kind::Command) => begun("confirm"),
            (Step::Confirm, _) => self.silence(),
            (Step::Commit, _) => {
                self.hold.reached()?;
                // Others pass.
                Ok(std::fs::remove_file(self.hook())?)
            }
        }
    }

    /// After the health check nobody answers any more who is asked whether the version still runs.
    fn silence(&self) -> Outcome {
        let Place::Ecs(ecs) = &self.place else {
            return Err(Failure::new("only the ECS of a script can be silenced"));
        };
        self.witness.wait_for(NEW)?;
        ecs.world().is_silent = true;
        let before = ecs.world().called("DescribeServices");
        self.witness.release(NEW);
        wait_until("the service is looked at", || ecs.world().called("DescribeServices") > before)
    }

    fn speak(&self) {
        if let Place::Ecs(ecs) = &self.place {
            ecs.world().is_silent = false;
        }
    }

    fn hook(&self) -> std::path::PathBuf {
        self.remote.directory.join("hooks/pre-receive")
    }

    /// Starts the apply whose deployment meets its fate.
    fn start(&self) -> Outcome<Child> {
        if self.cell.step == Step::Commit && self.cell.fate != Fate::Success {
            let place = self.scene.environment().root().join("committing");
            self.remote.hook("pre-receive", &Hold::pre_receive(&place, "refs/tags/api/staging"))?;
        }
        self.scene.workspace.main(&self.hcl(NEW))?;
        self.scene.workspace.start_apply()
    }

    fn meets_its_fate(&self) -> Outcome {
        let child = self.start()?;
        match self.cell.fate {
            Fate::Failure if self.cell.step == Step::Confirm && self.cell.kind != Kind::Command => {
                self.witness.wait_for(NEW)?;
                self.place.taken_over(&self.scene)?;
                self.witness.release(NEW);
            }
            Fate::Failure if self.cell.step == Step::Commit => {
                self.reached()?;
                self.hold.leave(1)?;
            }
            // What else hangs needs nobody.
            Fate::Hang
                if self.cell.step == Step::Commit
                    || (self.cell.step == Step::Confirm && self.cell.kind == Kind::Ecs) =>
            {
                self.reached()?;
            }
            Fate::CtrlC => {
                self.reached()?;
                signal(child.id(), "INT")?;
                self.speak();
                if self.cell.step == Step::Target {
                    self.place.let_go()?;
                }
                if self.cell.step == Step::Commit {
                    self.hold.leave(0)?;
                }
            }
            Fate::Kill => {
                self.reached()?;
                signal(applying(&self.scene.workspace)?, "KILL")?;
                self.speak();
                if self.cell.step == Step::Commit {
                    self.hold.leave(0)?;
                    wait_until("the push arrived", || {
                        self.remote
                            .resolve("api/staging")
                            .is_ok_and(|it| Some(it) == self.commit(NEW))
                    })?;
                }
            }
            _ => {}
        }
        let run = finish(child)?;
        self.speak();
        self.judge(&run)?;
        self.is_not_migrated_again()?;
        self.goes_on()
    }

    /// What is the case after the fate.
    fn judge(&self, run: &Run) -> Outcome {
        let Expected { told, status, migrations, back_to, tag, runs, .. } = self.expected;
        if let Some(told) = told {
            run.refused(told)?;
        }
        if self.cell.fate == Fate::Success {
            run.clone().ok()?;
        }
        let record = self.record(NEW)?;
        expect("the status", &text(&record["status"]), &Some(status.to_owned()))?;
        let found = text(&record["migrations"]["status"]);
        expect("what is said of the migrations", &found, &migrations.map(str::to_owned))?;
        let found = text(&record["rolled_back_to"]);
        expect("what runs again", &found, &back_to.map(|it| format!("api/v{it}")))?;
        self.expect_tag(tag)?;
        if let Some(runs) = runs {
            expect("what the target runs", &self.place.runs(&self.scene)?, &runs.to_owned())?;
        }
        let is_held = status == "in_progress";
        expect("a held environment", &!self.queue()?["current"].is_null(), &is_held)
    }

    /// The same version is not begun again unasked after its holder died, and nothing of it runs.
    fn is_not_migrated_again(&self) -> Outcome {
        if self.expected.status == "in_progress" {
            outlive_the_lease(&self.remote)?;
        }
        if !self.expected.is_half_migrated {
            return Ok(());
        }
        let before = migrated(&self.scene);
        let run = self.scene.workspace.apply(&[])?;
        run.refused("TSK001")?;
        if self.expected.runs.is_none() {
            let own = text(&self.record(NEW)?["deployment_id"]).ok_or("the record has no ID")?;
            run.warned("Another deployment changes the stack")?.says(&own)?;
        }
        expect("migrations after a refused claim", &migrated(&self.scene), &before)
    }

    /// Deploys the next version, which succeeds.
    fn goes_on(&self) -> Outcome {
        self.scene.workspace.main(&self.hcl(NEXT))?;
        let dead = text(&self.queue()?["current"]["deployment_id"]);
        let child = self.scene.workspace.start_apply()?;
        self.lets_go(dead.as_ref())?;
        finish(child)?.ok().map(drop)
    }

    /// What the one before began waits for a gate, which opens once somebody else holds the environment.
    fn lets_go(&self, dead: Option<&String>) -> Outcome {
        if self.expected.runs.is_some() {
            return Ok(());
        }
        self.takes_over(dead)?;
        self.place.let_go()
    }

    /// Waits until somebody else holds the environment, who cannot let go of it meanwhile.
    fn takes_over(&self, dead: Option<&String>) -> Outcome {
        wait_until("the next deployment holds the environment", || {
            let holder = self.queue().ok().and_then(|it| text(&it["current"]["deployment_id"]));
            holder.is_some() && holder.as_ref() != dead
        })
    }

    /// The holder sleeps through its lease; somebody else deploys meanwhile; it wakes and has nothing to say any more.
    fn sleeps(&self) -> Outcome {
        let child = self.start()?;
        self.reached()?;
        let holder = applying(&self.scene.workspace)?;
        signal(holder, "STOP")?;
        let slept = self.overtaken(holder);
        if slept.is_err() {
            drop(signal(holder, "KILL"));
        }
        let (own, lines) = slept?;
        let run = finish(child)?;
        run.refused(UNKNOWN)?;
        let after: Vec<String> = diary(&self.scene).into_iter().skip(lines).collect();
        let late: Vec<_> = after.iter().filter(|line| line.ends_with(&own)).collect();
        expect("what the sleeper did after it woke", &late.len(), &0)
    }

    /// What happens while the holder sleeps; its ID, and how much was in the diary when it woke.
    fn overtaken(&self, holder: u32) -> Outcome<(String, usize)> {
        let own = text(&self.queue()?["current"]["deployment_id"]).ok_or("nobody holds it")?;
        self.judge_asleep()?;
        let mut second = self.scene.second_workspace("second")?;
        second.environment = self.scene.workspace.environment.clone();
        let provider = std::fs::read_to_string(self.scene.workspace.directory.join("provider.tf"))?;
        second.write("provider.tf", &provider)?;
        second.main(
            &self
                .hcl(NEXT)
                .replace("pipeline_environment.staging.name", "\"staging\"")
                .replace(&staging(), ""),
        )?;
        self.speak();
        let child = second.start_apply()?;
        self.lets_go(Some(&own))?;
        finish(child)?.ok()?;
        if self.cell.step == Step::Commit {
            self.hold.leave(0)?;
        }
        let lines = diary(&self.scene).len();
        signal(holder, "CONT")?;
        Ok((own, lines))
    }

    fn judge_asleep(&self) -> Outcome {
        let record = self.record(NEW)?;
        expect("the status", &text(&record["status"]), &Some("in_progress".to_owned()))?;
        self.expect_tag(self.expected.tag)
    }

    /// What is the case after the next deployment.
    fn in_the_end(&self) -> Outcome {
        let (record, next) = (self.record(NEW)?, self.record(NEXT)?);
        let status = Some(self.expected.in_the_end.to_owned());
        expect("the status in the end", &text(&record["status"]), &status)?;
        expect("the next status", &text(&next["status"]), &Some("succeeded".to_owned()))?;
        let before = if self.expected.in_the_end == "succeeded" { NEW } else { OLD };
        let found = text(&next["previous_version"]);
        expect("what ran before", &found, &Some(format!("api/v{before}")))?;
        self.expect_tag(NEXT)?;
        expect("what the target runs", &self.place.runs(&self.scene)?, &NEXT.to_owned())?;
        let queue = self.queue()?;
        let is_free = queue["current"].is_null() && queue["waiting"].is_null();
        expect("a free environment", &is_free, &true)?;
        let all = migrated(&self.scene);
        let different: BTreeSet<_> = all.iter().collect();
        expect("each migration ran once", &different.len(), &all.len())
    }

    /// The one record of a version, beside those that were refused while they waited.
    fn record(&self, version: &str) -> Outcome<Json> {
        let version = format!("api/v{version}");
        let all = self.remote.records("refs/ledger/deployments/")?;
        let refused = |it: &Json| {
            let why = text(&it["error_message"]).unwrap_or_default();
            it["status"] == "cancelled" && why.contains("TSK001") && it["migrations"].is_null()
        };
        let is_one = |it: &Json| it["version"] == version.as_str() && !refused(it);
        let mut own = all.into_values().filter(is_one);
        match (own.next(), own.next()) {
            (Some(record), None) => Ok(record),
            (first, second) => Err(Failure::new(format!("not one record: {first:?}, {second:?}"))),
        }
    }

    fn queue(&self) -> Outcome<Json> {
        let mut found = self.remote.records("refs/ledger/queues/")?;
        Ok(found.pop_first().map_or(Json::Null, |(_, queue)| queue))
    }

    fn commit(&self, version: &str) -> Option<String> {
        self.remote.resolve(&format!("api/v{version}")).ok()
    }

    fn expect_tag(&self, version: &str) -> Outcome {
        expect("the tag", &self.remote.resolve("api/staging").ok(), &self.commit(version))
    }
}

/// The migrations that ran, each with the deployment for which it did.
fn migrated(scene: &Scene) -> Vec<String> {
    let is_one = |line: &String| line.split(' ').nth(1) == Some("migrate");
    diary(scene).into_iter().filter(is_one).collect()
}

fn text(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}
