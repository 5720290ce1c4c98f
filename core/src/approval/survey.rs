//! Where reviews lie in the ledger, and what was decided about a commit.

use super::review::key;
use super::{AllowedSigner, ApprovalPolicy, ReviewRecord, Reviewed, Reviews, Signatures, Signed};
use crate::base::actor::Actor;
use crate::git::Signature;
use crate::ledger::{Entry, Ledger, LedgerError, RefStore, Shelf, Slot, Unreadable};
use crate::{CommitSha, EnvironmentName};

impl<S: RefStore> Ledger<S> {
    /// All reviews.
    #[must_use]
    pub fn approvals(&self) -> Shelf<ReviewRecord> {
        self.shelf()
    }

    /// The reviews of one commit for one environment.
    #[must_use]
    pub fn approvals_of(
        &self,
        environment: &EnvironmentName,
        commit: CommitSha,
    ) -> Shelf<ReviewRecord> {
        self.approvals().within(environment).within(&commit)
    }

    /// The review of one person.
    #[must_use]
    pub fn approval(
        &self,
        environment: &EnvironmentName,
        commit: CommitSha,
        person: &Actor,
    ) -> Slot<ReviewRecord> {
        self.approvals().slot(&key(environment, commit, person))
    }
}

/// The reviews of a version for an environment, and the records that cannot be used.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn find<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
    commit: CommitSha,
) -> Result<(Vec<Entry<ReviewRecord>>, Vec<Unreadable>), LedgerError> {
    ledger.survey(&ledger.approvals_of(environment, commit)).await
}

/// What was decided about a commit, with what is known of the signatures where one of these policies asks for
/// them.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn gather<S: RefStore>(
    ledger: &Ledger<S>,
    environment: &EnvironmentName,
    commit: CommitSha,
    policies: &[&ApprovalPolicy],
) -> Result<Reviews, LedgerError> {
    if !policies.iter().any(|policy| policy.required) {
        return Ok(Reviews::default());
    }
    let (entries, unreadable) = find(ledger, environment, commit).await?;
    let mut all = Vec::with_capacity(entries.len());
    for entry in entries {
        let signed = signed(ledger, &entry, policies).await?;
        let stranger = stranger(&entry.record.person, entry.written_by.as_ref());
        let at = entry.record.written_at();
        all.push(Reviewed { review: entry.record.what, at, stranger, signed });
    }
    let told = |it: Unreadable| format!("`{}`: {}", it.name, it.error);
    Ok(Reviews { all, unreadable: unreadable.into_iter().map(told).collect() })
}

/// Whether a key of the person signed the record, by every policy that asks.
async fn signed<S: RefStore>(
    ledger: &Ledger<S>,
    entry: &Entry<ReviewRecord>,
    policies: &[&ApprovalPolicy],
) -> Result<Signed, LedgerError> {
    let mut found = Signed::NotAsked;
    for policy in policies.iter().filter(|policy| policy.signatures == Signatures::Required) {
        let keys: Vec<AllowedSigner> = policy.keys_of(&entry.record.person).cloned().collect();
        found = match ledger.store().verify_record(entry.object, &keys).await? {
            None => Signed::Yes,
            Some(why) => return Ok(Signed::No(why)),
        };
    }
    Ok(found)
}

/// The name of who wrote a record, where that is somebody else than it says.
fn stranger(person: &Actor, written_by: Option<&Signature>) -> Option<String> {
    // Git leaves out what stands at the ends of a name.
    let plain = |name: &str| name.trim_matches([' ', '.', ',', ';', ':', '"', '\'']).to_owned();
    let Some(by) = written_by else { return Some("nobody known".to_owned()) };
    let same = match (plain(&by.name).parse::<Actor>(), plain(person.as_str()).parse::<Actor>()) {
        (Ok(by), Ok(person)) => by.is_same_person(&person),
        _ => by.name == person.as_str(),
    };
    (!same).then(|| by.name.clone())
}
