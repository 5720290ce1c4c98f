//! Remotes that take what they do not show (`uploadpack.hideRefs`): a ledger there looks empty for ever.

use super::settings::ATTEMPTS;
use super::transport::Transport;
use super::truth::Truth;
use crate::RefName;
use crate::git::commit_error::{CommitError, Rejection};
use crate::git::snapshot::is_below;
use crate::git::transaction::{RefUpdate, Transaction};

/// What is said of a ref that can be neither seen nor made.
const UNSEEN: &str = "the remote has something there that it does not show: it hides the ref from who reads \
                      (`uploadpack.hideRefs`), or somebody made it and deleted it meanwhile";

/// The record that this makes, where the remote has shown none yet.
pub(crate) fn first_record(change: &Transaction, truth: &Truth) -> Option<RefName> {
    let snapshot = truth.current()?;
    let is_record = |name: &str| is_below(name, truth.ledger_prefix());
    if snapshot.iter().any(|(name, _)| is_record(name)) {
        return None;
    }
    let mut made = change.updates().iter().filter(|update| update.new.is_some());
    made.find(|update| is_record(update.name.as_str())).map(|update| update.name.clone())
}

/// Why a record that the remote took is not of use; `None`: it is shown, or nobody can tell just now.
pub(crate) async fn not_shown(
    record: RefName,
    truth: &Truth,
    transport: &Transport,
) -> Option<CommitError> {
    for attempt in 1..=ATTEMPTS {
        let listed = truth.list_once(&[record.as_str()]).await.ok()?;
        if listed.get(record.as_str()).is_some() {
            return None;
        }
        if attempt < ATTEMPTS {
            // Behind one name may stand servers that hear of it a moment later.
            transport.pause_after(attempt).await;
        }
    }
    let (remote, ledger) = (transport.shown().to_owned(), truth.ledger_prefix().to_owned());
    Some(CommitError::Hidden { remote, ledger, name: record })
}

/// The error of a transaction of which the remote says that its refs stand elsewhere, but does not show where.
pub(crate) fn unseen(change: &Transaction, ledger: &str) -> Option<CommitError> {
    let made = || change.updates().iter().filter(|update| update.expected.is_none());
    let records: Vec<_> = made().filter(|it| is_below(it.name.as_str(), ledger)).collect();
    let unseen = if records.is_empty() { made().collect() } else { records };
    let rejection =
        |update: &RefUpdate| Rejection { name: update.name.clone(), said: UNSEEN.to_owned() };
    let rejections: Vec<_> = unseen.into_iter().map(rejection).collect();
    (!rejections.is_empty()).then_some(CommitError::Rejected { rejections })
}
