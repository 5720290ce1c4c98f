//! What the ledger has to say of a run: changes of its status, and whose the name of its pipeline is.

use super::pipeline::Pipeline;
use super::record::{PipelineRun, RunRecord};
use crate::base::actor::Author;
use crate::base::machine::Machine;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};
use crate::registration::Registrable;

/// What is the case around a run. A [survey](super::survey()) gathers it.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// Who has the name of its pipeline.
    pub(super) pipeline: Option<Pipeline>,
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
        let changed = before.and_then(|before| transition(before, self));
        let owned = facts.pipeline.iter().flat_map(|own| ownership(own, self));
        changed.into_iter().chain(owned).collect()
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

/// RUN007.
fn transition(before: &RunRecord, run: &PipelineRun) -> Option<Violation> {
    let (from, to) = (before.status, run.status);
    let machine = Machine::by_name("run").ok()?;
    let refused = machine.check(from.as_str(), to.as_str()).err().filter(|_| from != to)?;
    Some(refused.under_rule(RuleId::RUN007).under("status"))
}

/// RUN001: the name means one trigger and one branch.
fn ownership(own: &Pipeline, run: &PipelineRun) -> Vec<Violation> {
    let (trigger, branch) = (run.trigger.as_str(), run.branch.as_str());
    let pairs =
        [("trigger", trigger, own.trigger.as_str()), ("branch", branch, own.branch.as_str())];
    let differ = pairs.into_iter().filter(|(_, wanted, owned)| wanted != owned);
    differ
        .map(|(field, wanted, owned)| {
            let name = quoted(&own.name.to_string());
            let (by, at) = (&own.claimed_by, own.claimed_at);
            let expected = format!("{}, as {by} said of {name} at {at}", quoted(owned));
            let next = "Give the other pipeline a name of its own.";
            Violation::new(RuleId::RUN001, quoted(wanted), expected, next).under(field)
        })
        .collect()
}
