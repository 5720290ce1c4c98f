//! One `git push`: what to ask, and what the answer means. No retries here.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::command::Answer;
use super::parse::{self, PushVerdict};
use crate::base::foreign;
use crate::git::transaction::{RefUpdate, Transaction};

/// How one transaction of a push fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It happened.
    Done,
    /// It did not, and one of its refs was not where it was expected.
    Stale,
    /// It did not, because something else in the same push, or a lock, was in the way.
    HeldBack,
    /// The remote refused these of its refs.
    Refused(Vec<(String, String)>),
    /// Nobody knows: the connection failed.
    Unanswered,
}

/// The arguments of a push of all these transactions. `atomic`: all of them or none.
pub(crate) fn arguments(remote: &str, batch: &[&Transaction], atomic: bool) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["push", "--porcelain", "--no-verify", "--no-progress", "--no-recurse-submodules"]
            .map(Into::into)
            .into();
    if atomic {
        arguments.push("--atomic".into());
    }
    let updates = || batch.iter().flat_map(|change| change.updates());
    arguments.extend(updates().map(|update| lease(update).into()));
    arguments.extend(["--".into(), remote.into()]);
    arguments.extend(updates().map(|update| refspec(update).into()));
    arguments
}

fn lease(update: &RefUpdate) -> String {
    let expected = update.expected.map(|id| id.to_string()).unwrap_or_default();
    format!("--force-with-lease={}:{expected}", update.name)
}

fn refspec(update: &RefUpdate) -> String {
    let new = update.new.map(|id| id.to_string()).unwrap_or_default();
    format!("{new}:{}", update.name)
}

/// What an answer means for each of the transactions, in their order.
pub(crate) fn verdicts(answer: &Answer, batch: &[&Transaction]) -> Vec<Verdict> {
    let said: BTreeMap<String, PushVerdict> = parse::push(&answer.stdout)
        .into_iter()
        .map(|status| (status.name, status.verdict))
        .collect();
    let words = parse::remote_words(&answer.stderr);
    batch.iter().map(|change| verdict(change, &said, &words)).collect()
}

fn verdict(change: &Transaction, said: &BTreeMap<String, PushVerdict>, words: &str) -> Verdict {
    let of = |update: &RefUpdate| {
        said.get(update.name.as_str()).cloned().unwrap_or(PushVerdict::Unanswered)
    };
    let all: Vec<(String, PushVerdict)> =
        change.updates().iter().map(|update| (update.name.to_string(), of(update))).collect();
    let any = |wanted: &PushVerdict| all.iter().any(|(_, verdict)| verdict == wanted);
    let whole = [PushVerdict::Done, PushVerdict::Unchanged];
    if any(&PushVerdict::Done) && all.iter().all(|(_, verdict)| whole.contains(verdict)) {
        return Verdict::Done;
    }
    if any(&PushVerdict::Stale) || any(&PushVerdict::Unchanged) {
        return Verdict::Stale;
    }
    let refused: Vec<_> = all
        .iter()
        .filter_map(|(name, verdict)| match verdict {
            PushVerdict::Refused(reason) => Some((name.clone(), with_words(reason, words))),
            _ => None,
        })
        .collect();
    match refused {
        refused if !refused.is_empty() => Verdict::Refused(refused),
        _ if any(&PushVerdict::HeldBack) => Verdict::HeldBack,
        _ => Verdict::Unanswered,
    }
}

pub(crate) fn with_words(reason: &str, words: &str) -> String {
    if words.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason}; it said:\n{}", foreign::block(words))
    }
}
