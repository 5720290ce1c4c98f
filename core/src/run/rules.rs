//! What the ledger has to say of a run: changes of its status, and whose the name of its pipeline is.

use super::pipeline::{Pipeline, Trigger};
use super::record::{PipelineRun, RunRecord};
use crate::BranchName;
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
    /// Another run of the pipeline that the same plan records.
    pub(super) planned: Option<PipelineRun>,
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
