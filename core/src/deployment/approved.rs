//! The commit that an approval is of: the one it names, else the one it was first used for.

use super::facts::Known;
use super::{Deployment, History};
use crate::approval::{Approval, GivenApproval};
use crate::base::path::SubProjectPath;
use crate::base::revision::CommitSha;

impl GivenApproval {
    /// The approval of one commit: the one that it names; else the one that the records, or who passes
    /// it on, used it for first; else `commit`. So a new version does not go out on an old approval.
    #[must_use]
    pub fn bind<'a>(
        &self,
        commit: CommitSha,
        project: &SubProjectPath,
        records: impl IntoIterator<Item = &'a Deployment>,
    ) -> Approval {
        let Self { approved_by, approved_at, reference, commit_sha, used_for } = self.clone();
        let approval = Approval { approved_by, commit_sha: commit, approved_at, reference };
        // One without time and reference cannot be told from the next.
        let can_be_known = approval.approved_at.is_some() || approval.reference.is_some();
        let used = || {
            if can_be_known { first_used(&approval, project, records) } else { used_for }
        };
        let commit_sha = commit_sha.or_else(used).unwrap_or(commit);
        Approval { commit_sha, ..approval }
    }
}

/// The approvals of a configuration, each of one commit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agreed {
    /// The single one.
    pub(crate) approval: Option<Approval>,
    /// Those of the list.
    pub(crate) approvals: Vec<Approval>,
}

impl Agreed {
    /// Each approval of the commit that it is of, as [`GivenApproval::bind`] says.
    pub(crate) fn bind(
        approval: Option<&GivenApproval>,
        approvals: &[GivenApproval],
        commit: CommitSha,
        project: &SubProjectPath,
        history: &History,
    ) -> Self {
        let bind = |given: &GivenApproval| given.bind(commit, project, history.records());
        Self { approval: approval.map(bind), approvals: approvals.iter().map(bind).collect() }
    }

    /// As far as a plan knows them. An approval of no commit is judged by the apply, and DEP007 says why there is
    /// none.
    pub(crate) fn foreseen(
        approval: &Known<Option<GivenApproval>>,
        approvals: &Known<Vec<GivenApproval>>,
        commit: Option<CommitSha>,
        project: &SubProjectPath,
        history: &History,
    ) -> Known<Self> {
        match (approval, approvals, commit) {
            (Known::Is(approval), Known::Is(approvals), Some(commit)) => {
                Known::Is(Self::bind(approval.as_ref(), approvals, commit, project, history))
            }
            (Known::Is(None), Known::Is(list), None) if list.is_empty() => {
                Known::Is(Self::default())
            }
            _ => Known::NotYet,
        }
    }

    /// The single one and the list, as far as they are known.
    pub(crate) fn parts(known: &Known<Self>) -> (Known<Option<&Approval>>, Known<&[Approval]>) {
        match known {
            Known::Is(it) => (Known::Is(it.approval.as_ref()), Known::Is(&it.approvals)),
            Known::NotYet => (Known::NotYet, Known::NotYet),
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Approval> {
        self.approval.iter().chain(&self.approvals)
    }
}

/// The commit for which the records show that an approval was used first. It is the same approval where
/// person, time and reference are; one without time and reference is not told from the next.
fn first_used<'a>(
    approval: &Approval,
    project: &SubProjectPath,
    records: impl IntoIterator<Item = &'a Deployment>,
) -> Option<CommitSha> {
    if approval.approved_at.is_none() && approval.reference.is_none() {
        return None;
    }
    let same = |used: &Approval| {
        used.approved_by.is_same_person(&approval.approved_by)
            && used.approved_at == approval.approved_at
            && used.reference == approval.reference
    };
    records
        .into_iter()
        .filter(|record| record.version.sub_project_path() == project)
        .filter_map(|record| Some((record, record.all_approvals().find(|used| same(used))?)))
        .min_by_key(|(record, _)| (record.requested_at, &record.id))
        .map(|(_, used)| used.commit_sha)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::actor::Actor;
    use crate::base::timestamp::Timestamp;
    use crate::deployment::tests::deployment;

    fn time(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
    }

    fn actor(name: &str) -> Actor {
        name.parse().unwrap()
    }

    fn approval(at: Option<i64>) -> Approval {
        let commit_sha = CommitSha::from_bytes([1; 20]);
        let approved_at = at.map(time);
        Approval { approved_by: actor("Grace"), commit_sha, approved_at, reference: None }
    }

    /// A deployment of the api under this approval, of this commit.
    fn used(approval: &Approval, commit: u8, at: i64) -> Deployment {
        let commit_sha = CommitSha::from_bytes([commit; 20]);
        let approval = Some(Approval { commit_sha, ..approval.clone() });
        Deployment { approval, commit_sha, requested_at: time(at), ..deployment() }
    }

    #[test]
    fn an_approval_belongs_to_the_commit_that_it_was_first_used_for() {
        let (api, web) = ("api".parse().unwrap(), "web".parse().unwrap());
        let first = Approval { reference: Some("CHG-1".into()), ..approval(Some(5)) };
        let records = [used(&first, 8, 20), used(&first, 7, 10)];
        let commit = |approval: &Approval, project| {
            first_used(approval, project, &records).map(|commit| commit.as_bytes()[0])
        };
        assert_eq!(commit(&first, &api), Some(7));
        assert_eq!(
            commit(&Approval { approved_by: actor("grace"), ..first.clone() }, &api),
            Some(7)
        );
        assert_eq!(commit(&first, &web), None);
        let second = Approval { reference: Some("CHG-2".into()), ..first.clone() };
        assert_eq!(commit(&second, &api), None);
        assert_eq!(commit(&Approval { approved_at: None, ..first }, &api), None);
        let nameless = approval(None);
        assert_eq!(first_used(&nameless, &api, &[used(&nameless, 7, 1)]), None);
    }
}
