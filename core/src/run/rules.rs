//! What the ledger has to say of a run: what may change of it, and whose the name of its pipeline is.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::pipeline::{Pipeline, Trigger};
use super::record::{PipelineRun, RunRecord};
use crate::base::actor::Author;
use crate::base::machine::Machine;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Violation, quoted};
use crate::registration::Registrable;
use crate::{BranchName, Timestamp};

/// What is the case around a run. A [survey](super::survey()) gathers it.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// Who has the name of its pipeline.
    pub(super) pipeline: Option<Pipeline>,
    /// Another run of the pipeline that the same plan records.
    pub(super) planned: Option<PipelineRun>,
    /// OWN047, where another pipeline has a name that differs in case alone.
    pub(super) alike: Option<Violation>,
    /// The time now.
    pub(super) now: Timestamp,
}

impl Registrable for PipelineRun {
    const KIND: &'static str = "pipeline run";
    const SHELF: &'static str = "runs";
    type Claim = Pipeline;
    type Facts = RunFacts;

    fn key(&self) -> String {
        self.key().to_string()
    }

    fn check(&self, before: Option<&RunRecord>, facts: &RunFacts) -> Vec<Violation> {
        let changed = before.map(|before| changes(before, self)).unwrap_or_default();
        let owned = match (&facts.pipeline, &facts.planned) {
            (Some(own), _) => {
                let as_said = format!("{} said at {}", own.claimed_by, own.claimed_at);
                ownership(self, (own.trigger, &own.branch), &as_said)
            }
            (None, Some(other)) => {
                let as_said = format!("`{}` of this configuration says", other.run_id);
                ownership(self, (other.trigger, &other.branch), &as_said)
            }
            (None, None) => Vec::new(),
        };
        let early = (before.is_none() && self.run_id.is_beyond(facts.now)).then(|| early(self));
        let alike = facts.alike.clone().map(|alike| alike.under("name"));
        changed.into_iter().chain(owned).chain(early).chain(alike).collect()
    }

    fn is_over(&self) -> bool {
        self.status.is_over()
    }

    fn claim(&self, facts: &RunFacts, author: &Author) -> Option<Pipeline> {
        facts.pipeline.is_none().then(|| Pipeline {
            name: self.name.clone(),
            trigger: self.trigger,
            branch: self.branch.clone(),
            claimed_at: author.at,
            claimed_by: author.actor.clone(),
        })
    }
}

/// RUN007, and where the status may be what it is, OWN045.
fn changes(before: &RunRecord, run: &PipelineRun) -> Vec<Violation> {
    let (from, to) = (before.status, run.status);
    let machine = Machine::by_name("run").ok().filter(|_| from != to);
    let refused = machine.and_then(|machine| machine.check(from.as_str(), to.as_str()).err());
    match refused {
        Some(refused) => vec![refused.under_rule(RuleId::RUN007).under("status")],
        None => rewritten(before, run),
    }
}

/// RUN020, of a time that is still to come.
fn early(run: &PipelineRun) -> Violation {
    let expected = "the time at which the run began, at most a day ahead of the clock here";
    let next = "Make the ID when the run begins, and see to the clock of the machine that does.";
    Violation::new(RuleId::RUN020, quoted(run.run_id.as_str()), expected, next).under("run_id")
}

/// OWN045: a run keeps its commit, and once it is over all that is on record of it.
fn rewritten(before: &RunRecord, run: &PipelineRun) -> Vec<Violation> {
    let fields = |run: &PipelineRun| match serde_json::to_value(run) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (was, is) = (fields(&before.what), fields(run));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    // What the name of its pipeline means is told by RUN001.
    let free = ["status", "trigger", "branch"];
    let kept = |name: &str| match before.status.is_over() {
        true => !free.contains(&name),
        false => name == "commit_sha",
    };
    let changed = names.into_iter().filter(|name| kept(name) && was.get(*name) != is.get(*name));
    changed
        .map(|name| {
            let since = before.written_at();
            let found = shown(is.get(name), "other values");
            let expected = shown(was.get(name), "those");
            let expected = format!("{expected} that it has on record since {since}");
            let next =
                "Put back what is on record; another attempt is a run with an ID of its own.";
            let place = FieldPath::root().field(name.clone());
            Violation::new(RuleId::OWN045, found, expected, next).under(place)
        })
        .collect()
}

/// A value in a few words: of a list or a block, that there is one.
fn shown(value: Option<&Value>, several: &str) -> String {
    match value {
        None => "no value".to_owned(),
        Some(Value::String(text)) => quoted(text),
        Some(Value::Array(_) | Value::Object(_)) => several.to_owned(),
        Some(plain) => quoted(&plain.to_string()),
    }
}

/// RUN001: the name means one trigger and one branch, `as_said` by whom.
fn ownership(
    run: &PipelineRun,
    (trigger, branch): (Trigger, &BranchName),
    as_said: &str,
) -> Vec<Violation> {
    let pairs = [
        ("trigger", run.trigger.as_str(), trigger.as_str()),
        ("branch", run.branch.as_str(), branch.as_str()),
    ];
    let told = |(field, wanted, owned)| {
        let name = quoted(&run.name.to_string());
        let expected = format!("{}, as {as_said} of {name}", quoted(owned));
        let next = "Give the other pipeline a name of its own.";
        Violation::new(RuleId::RUN001, quoted(wanted), expected, next).under(field)
    };
    pairs.into_iter().filter(|(_, wanted, owned)| wanted != owned).map(told).collect()
}
