//! Approvals of a deployment: what the block says. Which one is good is `pipeline_core::approval`'s to say.

use pipeline_core::deployment::rules::Known;
use pipeline_core::{Actor, CommitSha, GivenApproval, Violations};
use tfplugin::{Diagnostics, Field, FieldValue, Path};

use super::model::{ApprovalBlock, ApprovalBlockDraft, Deployment};
use crate::error;
use crate::session::Session;

/// Variables that name the person who triggered a run of GitHub Actions.
const PEOPLE: [&str; 2] = ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"];

/// The approval of a plan, as far as it is known.
///
/// # Errors
/// One diagnostic for each bad value.
pub(super) fn planned(
    field: &Field<ApprovalBlockDraft>,
    prior: Option<&Deployment>,
) -> Result<Known<Option<GivenApproval>>, Diagnostics> {
    let draft = match field.value() {
        FieldValue::Unknown => return Ok(Known::NotYet),
        FieldValue::Null => return Ok(Known::Is(None)),
        FieldValue::Known(draft) => draft,
    };
    let unknown = draft.approved_at.is_unknown()
        || draft.reference.is_unknown()
        || draft.commit_sha.is_unknown();
    let Some(approved_by) = draft.approved_by.known().filter(|_| !unknown) else {
        return Ok(Known::NotYet);
    };
    let block = ApprovalBlock {
        approved_by: approved_by.clone(),
        approved_at: draft.approved_at.known().cloned(),
        reference: draft.reference.known().cloned(),
        commit_sha: draft.commit_sha.known().cloned(),
    };
    block.given(prior).map(|given| Known::Is(Some(given)))
}

/// What whoever runs this is called by GitHub Actions.
pub(super) fn other_names(session: &Session<'_>) -> Vec<Actor> {
    let people = PEOPLE.map(|name| session.settings.surroundings.variable(name));
    people.into_iter().flatten().filter_map(|name| name.parse().ok()).collect()
}

impl ApprovalBlock {
    /// The approval, and the commit that the state says this very block was used for.
    ///
    /// # Errors
    /// One diagnostic for each bad value.
    pub(super) fn given(&self, prior: Option<&Deployment>) -> Result<GivenApproval, Diagnostics> {
        let path = |name: &'static str| Path::from(Deployment::APPROVAL).attribute(name);
        let mut problems = Diagnostics::new();
        let approved_by = keep_good(self.approved_by.parse(), path("approved_by"), &mut problems);
        let at = self.approved_at.as_ref().map(|at| at.parse());
        let approved_at = at.and_then(|at| keep_good(at, path("approved_at"), &mut problems));
        let sha = self.commit_sha.as_ref().map(|sha| sha.parse());
        let commit_sha = sha.and_then(|sha| keep_good(sha, path("commit_sha"), &mut problems));
        let reference = self.reference.clone();
        let used_for = self.used_by(prior);
        match approved_by {
            Some(approved_by) if problems.is_empty() => {
                Ok(GivenApproval { approved_by, approved_at, reference, commit_sha, used_for })
            }
            _ => Err(problems),
        }
    }

    fn used_by(&self, prior: Option<&Deployment>) -> Option<CommitSha> {
        let prior = prior.filter(|prior| prior.approval.as_ref() == Some(self))?;
        prior.commit_sha.get().map(|sha| sha.0)
    }
}

fn keep_good<T>(read: Result<T, Violations>, path: Path, problems: &mut Diagnostics) -> Option<T> {
    read.map_err(|bad| problems.extend(error::violations_at(&bad, path))).ok()
}
