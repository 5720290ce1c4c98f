//! Links to the workflows that can be started, each with its command.

use super::facts::ReportFacts;
use super::model::{Link, Promotion};
use super::{Lane, WayBack};
use crate::action_link::{ActionLink, Inputs, Workflow};

/// A label of a link has at most so many letters.
const LONGEST: usize = 50;

/// What can be started: first what follows from the state, then the workflows as such. Only workflows that
/// the repository has.
pub(super) fn all(facts: &ReportFacts, ways: &[WayBack], promotions: &[Promotion]) -> Vec<Link> {
    let mut wanted = Vec::new();
    for way in ways {
        let Some(target) = &way.target else { continue };
        let mut inputs = place(&way.lane);
        inputs.insert("target_version".to_owned(), target.to_string());
        let long = format!("Roll back {} to {target}", way.lane.environment);
        wanted.push((Workflow::Rollback, inputs, label(long, "Roll back")));
    }
    for promotion in promotions {
        let project = match promotion.to.sub_project_path.is_root() {
            true => String::new(),
            false => format!(" {}", promotion.to.sub_project_path),
        };
        let long = format!("Deploy{project} to {}", promotion.to.environment);
        wanted.push((Workflow::Deployment, place(&promotion.to), label(long, "Deploy")));
    }
    for workflow in Workflow::ALL {
        let started = wanted.iter().any(|(known, _, _)| known == workflow);
        if !started {
            wanted.push((*workflow, Inputs::new(), usual(*workflow).to_owned()));
        }
    }
    wanted
        .into_iter()
        .filter_map(|(workflow, inputs, label)| link(facts, workflow, inputs, &label))
        .collect()
}

fn link(facts: &ReportFacts, workflow: Workflow, inputs: Inputs, label: &str) -> Option<Link> {
    let github = facts.github.clone().filter(|_| facts.workflows.contains(&workflow))?;
    // What the inputs cannot say is not offered.
    let link = ActionLink::start(github, workflow, inputs, label).ok()?;
    Some(Link {
        label: link.label().to_owned(),
        url: link.url().to_string(),
        category: link.category(),
        command: link.command(),
    })
}

fn place(lane: &Lane) -> Inputs {
    let mut inputs = Inputs::new();
    inputs.insert("environment".to_owned(), lane.environment.to_string());
    if !lane.sub_project_path.is_root() {
        inputs.insert("sub_project".to_owned(), lane.sub_project_path.to_string());
    }
    if let Some(region) = &lane.region {
        inputs.insert("region".to_owned(), region.to_string());
    }
    inputs
}

fn label(long: String, short: &str) -> String {
    if long.chars().count() <= LONGEST { long } else { short.to_owned() }
}

const fn usual(workflow: Workflow) -> &'static str {
    match workflow {
        Workflow::Release => "Publish a release",
        Workflow::PostRelease => "Verify a release",
        Workflow::Maintenance => "Run maintenance",
        Workflow::TagAssignment => "Assign a tag",
        Workflow::Deployment => "Deploy a version",
        Workflow::Rollback => "Roll back",
        Workflow::SelfHealing => "Repair a branch",
        Workflow::PreRelease => "Check before a release",
    }
}
