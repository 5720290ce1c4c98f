//! Approvals of a deployment: what its block says, and what is known beside it.
//!
//! Which approval is good is `pipeline_core::approval`'s to say.

use pipeline_core::approval::rules::{ApprovalFacts, check, first_used};
use pipeline_core::deployment::rules::DeploymentPlan;
use pipeline_core::{
    Actor, Approval, CommitSha, Environment as Domain, EnvironmentName, Version, Violation,
};
use tfplugin::{Diagnostics, Field, FieldValue, Path};

use super::model::{ApprovalBlock, ApprovalBlockDraft, Deployment};
use super::read;
use crate::error;
use crate::resources::environment;
use crate::session::Session;

/// Variables that name the person who triggered a run of GitHub Actions.
const PEOPLE: [&str; 2] = ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"];

/// What is to be deployed under an approval.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) environment: &'a EnvironmentName,
    pub(super) version: &'a Version,
    pub(super) commit: CommitSha,
}

/// The approval of a plan; `None` where there is none, or it or its subject is not known yet.
///
/// # Errors
/// When the ledger cannot be read.
pub(super) async fn planned(
    session: &Session<'_>,
    field: &Field<ApprovalBlockDraft>,
    prior: Option<&Deployment>,
    subject: Option<Subject<'_>>,
) -> Result<Option<Approval>, Diagnostics> {
    match (field.settled(), subject) {
        (FieldValue::Known(block), Some(subject)) => {
            block.bound(session, prior, subject).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Whether it is known what the block says, or that there is none.
pub(super) fn is_known(field: &Field<ApprovalBlockDraft>) -> bool {
    !matches!(field.settled(), FieldValue::Unknown)
}

/// What speaks against the approval of a plan, beyond the policy of the environment as `planned`: the
/// policy that is registered counts until another one is.
///
/// # Errors
/// When the repository cannot be read.
pub(super) async fn faults(
    session: &Session<'_>,
    planned: &Domain,
    plan: &DeploymentPlan<'_>,
) -> Result<Vec<Violation>, Diagnostics> {
    let entry = environment::entry(session, &planned.name).await?;
    let registered = entry.map(|entry| entry.record.environment.approval.clone());
    let mut faults = Vec::new();
    if let Some(policy) = registered.as_ref().filter(|policy| **policy != planned.approval) {
        let now = planned.approval.faults(plan.approval, plan.commit, plan.triggered_by);
        let found = policy.faults(plan.approval, plan.commit, plan.triggered_by);
        faults.extend(found.into_iter().filter(|fault| !now.contains(fault)).map(still));
    }
    let required = planned.approval.required || registered.is_some_and(|policy| policy.required);
    if let (true, Some(approval)) = (required, plan.approval) {
        faults.extend(examined(session, approval, plan.commit).await?);
    }
    Ok(faults)
}

/// The registered policy asks for it; the one of this plan does not.
fn still(fault: Violation) -> Violation {
    let next = "The registered policy counts until the change of the environment is applied.";
    Violation { next: format!("{} {next}", fault.next), ..fault }
}

async fn examined(
    session: &Session<'_>,
    approval: &Approval,
    commit: CommitSha,
) -> Result<Vec<Violation>, Diagnostics> {
    let dated = approval.approved_at.is_some() && approval.commit_sha == commit;
    let committed_at = if dated {
        let made = session.repository.committed_at(commit).await;
        made.map_err(|problem| error::git(&problem, &Path::from(Deployment::APPROVAL)))?
    } else {
        None
    };
    let facts = ApprovalFacts {
        triggered_by: &session.actor(),
        also_known_as: &other_names(session),
        committed_at,
        now: session.now(),
    };
    Ok(check(approval, &facts))
}

/// What whoever runs this is called besides: by git, and by GitHub Actions.
fn other_names(session: &Session<'_>) -> Vec<Actor> {
    let (name, email) = session.repository.user();
    let people = PEOPLE.map(|name| session.settings.surroundings.variable(name));
    let names = [name, email].into_iter().chain(people).flatten();
    names.filter_map(|name| name.parse().ok()).collect()
}

impl ApprovalBlock {
    /// The approval as the domain has it: for one commit. Without a commit of its own it is for the one
    /// that it was first used for, so that a new version cannot go out on an old approval.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(super) async fn bound(
        &self,
        session: &Session<'_>,
        prior: Option<&Deployment>,
        subject: Subject<'_>,
    ) -> Result<Approval, Diagnostics> {
        let Subject { environment, version, commit } = subject;
        let approval = Approval {
            approved_by: self.approved_by.0.clone(),
            commit_sha: self.commit_sha.map_or(commit, |named| named.0),
            approved_at: self.approved_at.as_ref().map(|at| ***at),
            reference: self.reference.clone(),
        };
        if self.commit_sha.is_some() {
            return Ok(approval);
        }
        let used = if approval.approved_at.is_some() || approval.reference.is_some() {
            let records = read::records(session, environment).await?;
            first_used(&approval, version.sub_project_path(), &records)
        } else {
            self.used_by(prior)
        };
        Ok(Approval { commit_sha: used.unwrap_or(commit), ..approval })
    }

    /// The commit that the state says this very block was used for.
    fn used_by(&self, prior: Option<&Deployment>) -> Option<CommitSha> {
        let prior = prior.filter(|prior| prior.approval.as_ref() == Some(self))?;
        prior.commit_sha.get().map(|sha| sha.0)
    }
}
