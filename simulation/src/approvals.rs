//! Who approved what, and when that changed: people approve, reject and withdraw while deployments wait.

use std::collections::BTreeMap;

use pipeline_core::approval::{Decision, Review, ReviewRecord};
use pipeline_core::git::Signature;
use pipeline_core::ledger::Ledger;
use pipeline_core::testing::RawLedger as _;
use pipeline_core::{CommitSha, Timestamp};
use tokio::time::Instant;

use crate::Failure;
use crate::clock::EPOCH;
use crate::known::ServiceKey;
use crate::life::{commit, version};
use crate::world::World;

/// Who approves.
const PERSON: &str = "grace";

/// Since when each commit has been approved, or has not been any more; the newest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Approvals(BTreeMap<CommitSha, Vec<(Instant, bool)>>);

impl Approvals {
    /// From now on a commit is approved, or is not.
    pub(crate) fn decided(&mut self, commit: CommitSha, approved: bool) {
        self.0.entry(commit).or_default().push((Instant::now(), approved));
    }

    /// Whether a commit was approved at any time between two moments.
    pub(crate) fn held(&self, commit: CommitSha, from: Instant, to: Instant) -> bool {
        let all = self.0.get(&commit).map(Vec::as_slice).unwrap_or_default();
        let ends = all.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
        all.iter().zip(ends).any(|((began, approved), ended)| {
            *approved && *began <= to && ended.is_none_or(|ended| from <= ended)
        })
    }
}

/// The person decides about a version, or withdraws what was decided.
pub(crate) fn decide(
    world: &World,
    key: &ServiceKey,
    minor: u8,
    decision: Option<Decision>,
) -> Result<(), Failure> {
    let asked =
        world.with(|seen| seen.policies.get(&key.0).is_some_and(|it| it.approved.is_some()));
    if !asked {
        return Ok(());
    }
    let commit = commit(key, minor);
    write(world, key, minor, decision)?;
    world.with(|seen| {
        let scope = seen.scope_of(key);
        let approvals = seen.places.get_mut(&scope).and_then(|place| place.approvals.as_mut());
        if let Some(approvals) = approvals {
            approvals.decided(commit, decision == Some(Decision::Approve));
        }
    });
    Ok(())
}

fn write(
    world: &World,
    key: &ServiceKey,
    minor: u8,
    decision: Option<Decision>,
) -> Result<(), Failure> {
    let ledger = Ledger::new(world.remote.store());
    let (commit_sha, person) = (commit(key, minor), PERSON.parse()?);
    let slot = ledger.approval(&key.0, commit_sha, &person);
    let Some(decision) = decision else {
        world.remote.remove(&slot.ref_name()?);
        return Ok(());
    };
    let time = Timestamp::from_unix_seconds(EPOCH).ok_or("no such time")?;
    let what = Review {
        environment: key.0.clone(),
        version: version(key, minor)?,
        commit_sha,
        person: person.clone(),
        decision,
        reference: None,
        expires_at: None,
    };
    let record =
        ReviewRecord { what, registered_at: time, registered_by: person, updated_at: None };
    let by = Signature { name: PERSON.to_owned(), email: String::new(), time };
    let update = ledger.stage(&slot, None, &record, &by, "decided")?;
    world.remote.set(&update.name, update.new.ok_or("no object")?);
    Ok(())
}
