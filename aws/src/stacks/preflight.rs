//! What a plan can know of stacks: asked before anything is changed.

use std::time::Duration;

use super::left::newest_owner;
use super::{StackSettings, StacksTarget};
use crate::cloudformation::{Seen, Stacks, Template};
use crate::fault::{Fault, FaultKind};
use pipeline_core::DeploymentId;
use pipeline_core::stack::{Declared, Readiness};

/// How long a plan waits for CloudFormation's word on one stack.
const BRIEF: Duration = Duration::from_secs(20);

/// What is known of a stack before it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackFacts {
    /// What its template declares, where it is in S3; a file is read by whoever has it.
    pub declared: Option<Declared>,
    /// What its template may do and nobody allowed.
    pub not_allowed: Vec<String>,
    /// Why it takes no change, and how sure that is.
    pub obstacle: Option<Obstacle>,
}

/// Why a stack takes no change now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Its status.
    pub status: String,
    /// What to do; absent where it passes by itself.
    pub next: Option<&'static str>,
    /// The deployment whose change goes on, where it is one's.
    pub by: Option<DeploymentId>,
}

/// What came of asking for one stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackPreflight {
    /// CloudFormation answered.
    Checked(StackFacts),
    /// CloudFormation does not take the template; what it says.
    NotTaken(String),
    /// It cannot be asked from here: whether the deployment is possible is left to the apply.
    Unavailable(Fault),
}

impl StacksTarget<'_> {
    /// Asks for each stack whether its template is one, what it declares, and whether the stack takes a change.
    pub async fn preflight(&self) -> Vec<StackPreflight> {
        let stacks = match self.open().await {
            Ok(stacks) => stacks,
            Err(fault) => {
                let unavailable = |_| StackPreflight::Unavailable(fault.clone());
                return self.stacks.iter().map(unavailable).collect();
            }
        };
        let mut all = Vec::with_capacity(self.stacks.len());
        for settings in &self.stacks {
            let asked = tokio::time::timeout(BRIEF, Box::pin(facts(&stacks, settings))).await;
            all.push(match asked {
                Ok(Ok(facts)) => StackPreflight::Checked(facts),
                Ok(Err(fault)) if fault.kind == FaultKind::Refused => {
                    StackPreflight::NotTaken(settings.masked(&fault.said))
                }
                Ok(Err(fault)) => StackPreflight::Unavailable(fault),
                Err(_) => StackPreflight::Unavailable(Fault::late(
                    "CloudFormation",
                    "GetTemplateSummary",
                    BRIEF,
                )),
            });
        }
        all
    }
}

/// What stands in the way of a change.
async fn obstacle(stacks: &Stacks<'_>, seen: &Seen) -> Option<Obstacle> {
    let status = seen.stack.status.to_string();
    let (next, by) = match seen.stack.status.readiness() {
        Readiness::Create | Readiness::Update => return None,
        Readiness::Stuck(next) => (Some(next), None),
        Readiness::Busy => {
            // Who may not see events learns less.
            let events = stacks.events_after(&seen.stack.id, None).await.unwrap_or_default();
            (None, newest_owner(&events, &seen.stack.id).map(|(id, _)| id))
        }
    };
    Some(Obstacle { status, next, by })
}

async fn facts(stacks: &Stacks<'_>, settings: &StackSettings) -> Result<StackFacts, Fault> {
    let (declared, needed) = stacks.summary(&settings.template).await?;
    let allows = |needed: &String| {
        settings.capabilities.contains(needed)
            // What allows named roles allows others too.
            || needed == "CAPABILITY_IAM"
                && settings.capabilities.iter().any(|it| it == "CAPABILITY_NAMED_IAM")
    };
    let seen = stacks.find(settings.name.as_str()).await?;
    let obstacle = match seen {
        Some(seen) => obstacle(stacks, &seen).await,
        None => None,
    };
    Ok(StackFacts {
        declared: (!matches!(settings.template, Template::Body(_))).then_some(declared),
        not_allowed: needed.into_iter().filter(|it| !allows(it)).collect(),
        obstacle,
    })
}
