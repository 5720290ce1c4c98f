//! A deployment's whole work: each step of it with every fate, by real Terraform and on each kind of target. What the
//! run says, the record, the environment's tag, the target and the queue agree afterwards, the next deployment goes
//! through, and no migration ever runs twice.
//!
//! The cells of the table are made by code, each with what has to come of it. Transactions that are cut off on their
//! way are `steps`'; faults of ECS and of git are tables of their own.

mod cell;
mod expected;
mod place;

use std::collections::BTreeMap;

use pipeline_acceptance::process::running;
use pipeline_acceptance::scene::{noted, skipped};
use pipeline_acceptance::{Failure, Outcome};

use cell::Cell;
use place::Kind;

use crate::steps::wrong_rows;

/// How many cells are played at once: they mostly wait.
const AT_ONCE: usize = 3;

/// A step of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Migrations,
    Target,
    Health,
    Tests,
    /// The target is asked once more.
    Confirm,
    /// The success is on its way to the remote.
    Commit,
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Success,
    Failure,
    /// It never ends by itself, and its time is over.
    Hang,
    /// A person interrupts Terraform.
    CtrlC,
    /// The provider's process is killed.
    Kill,
    /// The process sleeps for longer than its lease, and somebody else takes the environment meanwhile.
    LostLease,
}

const STEPS: [Step; 6] =
    [Step::Migrations, Step::Target, Step::Health, Step::Tests, Step::Confirm, Step::Commit];

const FATES: [Fate; 6] =
    [Fate::Success, Fate::Failure, Fate::Hang, Fate::CtrlC, Fate::Kill, Fate::LostLease];

const KINDS: [Kind; 3] = [Kind::Command, Kind::Ecs, Kind::Stacks];

/// Whether a cell can be played.
fn is_played(kind: Kind, step: Step, fate: Fate) -> bool {
    match (step, fate) {
        // A deployment that goes well goes through all steps.
        (step, Fate::Success) => step == Step::Commit,
        // It takes the ten minutes that a push has, whatever is deployed to.
        (Step::Commit, Fate::Hang) => kind == Kind::Command,
        // The local AWS cannot be told to go silent.
        (Step::Confirm, fate) => kind != Kind::Stacks || fate == Fate::Failure,
        _ => true,
    }
}

/// All cells.
fn table() -> Vec<Cell> {
    let all =
        KINDS.into_iter().flat_map(|kind| STEPS.map(|step| FATES.map(|fate| (kind, step, fate))));
    all.flatten()
        .filter(|(kind, step, fate)| is_played(*kind, *step, *fate))
        .map(|(kind, step, fate)| Cell { kind, step, fate })
        .collect()
}

/// Those that are played each day: each kind of target, and what only happens to a whole deployment.
const EVERY_DAY: [(Kind, Step, Fate); 4] = [
    (Kind::Stacks, Step::Target, Fate::Kill),
    (Kind::Command, Step::Confirm, Fate::Failure),
    (Kind::Ecs, Step::Confirm, Fate::CtrlC),
    (Kind::Command, Step::Tests, Fate::LostLease),
];

/// Plays cells and says how many there were of which fate, past the test runner.
fn play(cells: &[Cell], test: &str) -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped(test, "this machine does not list its processes");
        return Ok(());
    }
    let wrong = wrong_rows(cells, AT_ONCE, Cell::play, ToString::to_string);
    let mut counts: BTreeMap<_, BTreeMap<Fate, usize>> = BTreeMap::new();
    for cell in cells {
        *counts.entry((cell.kind, cell.step)).or_default().entry(cell.fate).or_default() += 1;
    }
    for ((kind, step), fates) in &counts {
        let fates: Vec<String> = fates.keys().map(|fate| format!("{fate:?}")).collect();
        noted(&format!("{kind:?} {step:?}: {}", fates.join(", ")));
    }
    let (all, bad) = (cells.len(), wrong.len());
    noted(&format!("{all} cells of a deployment's whole work, {bad} wrong verdicts"));
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n\n"))) }
}

#[test]
fn what_a_whole_deployment_says_is_so() -> Outcome {
    let cells = EVERY_DAY.map(|(kind, step, fate)| Cell { kind, step, fate });
    play(&cells, "what_a_whole_deployment_says_is_so")
}

#[test]
#[ignore = "slow: plays each step of a deployment with every fate on every target, some eighty times three applies, one of which waits ten minutes for git"]
fn what_a_whole_deployment_says_is_so_at_every_step_and_with_every_fate() -> Outcome {
    play(&table(), "what_a_whole_deployment_says_is_so_at_every_step_and_with_every_fate")
}
