//! What the audit log keeps of a decision that is changed or withdrawn: the record of the decision is replaced or
//! goes, and nothing else would tell that it was there.

use crate::approval::{Decision, Review, ReviewRecord};
use crate::audit::AuditRecord;
use crate::base::actor::Author;

/// A decision was changed; `after` is the new one, where it was not withdrawn.
pub(super) fn of(before: &ReviewRecord, after: Option<&Review>, author: &Author) -> AuditRecord {
    let Review { environment, version, commit_sha, person, .. } = &before.what;
    let word = |decision: Decision| match decision {
        Decision::Approve => "approval",
        Decision::Reject => "rejection",
    };
    let (was, at) = (word(before.decision), before.written_at());
    let (action, reason) = match after.map(|after| word(after.decision)) {
        None => (format!("withdraw the {was}"), format!("the {was} of {at} is withdrawn")),
        Some(now) if now == was => {
            (format!("renew the {was}"), format!("it takes the place of that of {at}"))
        }
        Some(now) => {
            (format!("turn the {was} into a {now}"), format!("it takes the place of that of {at}"))
        }
    };
    AuditRecord {
        at: author.at,
        actor: author.actor.clone(),
        approved_by: person.clone(),
        reason,
        action: format!("{action} of {version} for {environment} by {person}"),
        // No rule is set aside: whose decision it is may change it.
        rules: Vec::new(),
        before: Some(*commit_sha),
        after: None,
    }
}
