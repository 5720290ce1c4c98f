//! Readers of what git prints. Pure: bytes in, facts out.

use std::collections::BTreeMap;

use crate::base::foreign;
use crate::git::object_id::ObjectId;
use crate::git::snapshot::{RefTarget, Snapshot, is_below};

/// So many letters of a reason are shown.
const LONGEST_REASON: usize = 400;

/// Reads the output of `git version`, such as `git version 2.39.5 (Apple Git-154)`.
pub(crate) fn version(output: &[u8]) -> Option<(u32, u32)> {
    let text = std::str::from_utf8(output).ok()?;
    let mut parts = text.trim().strip_prefix("git version ")?.split(['.', ' ', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Reads the output of `git ls-remote`, keeping branches, tags and refs under `ledger`.
///
/// Names that are not UTF-8 and lines of any other form are passed over: a remote may hold refs
/// that mean nothing here.
pub(crate) fn ls_remote(output: &[u8], ledger: &str) -> Snapshot {
    let mut refs: BTreeMap<String, RefTarget> = BTreeMap::new();
    let mut head = None;
    for line in output.split(|byte| *byte == b'\n') {
        let Some((id, name)) = ls_remote_line(line) else { continue };
        if name == "HEAD" {
            head = Some(id);
        } else if let Some(name) = name.strip_suffix("^{}") {
            if let Some(target) = refs.get_mut(name) {
                target.peeled = Some(id);
            }
        } else if is_of_interest(name, ledger) {
            refs.insert(name.to_owned(), RefTarget { object: id, peeled: None });
        }
    }
    Snapshot::new(refs, head)
}

/// Whether the answer of `git ls-remote` names objects by SHA-256.
pub(crate) fn is_sha256(output: &[u8]) -> bool {
    let first = output.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let id = first.split(|byte| *byte == b'\t').next().unwrap_or_default();
    id.len() == 64 && id.iter().all(u8::is_ascii_hexdigit)
}

fn ls_remote_line(line: &[u8]) -> Option<(ObjectId, &str)> {
    let (id, name) = std::str::from_utf8(line).ok()?.split_once('\t')?;
    Some((id.parse().ok()?, name))
}

/// Whether a snapshot holds the ref of this full name. One that stands where the ledger begins belongs to
/// nobody, and is in the way of all records.
pub(crate) fn is_of_interest(name: &str, ledger: &str) -> bool {
    name.starts_with("refs/tags/")
        || name.starts_with("refs/heads/")
        || is_below(name, ledger)
        || name == ledger
        || is_below(ledger, name)
}

/// What `git push --porcelain` said of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushStatus {
    pub(crate) name: String,
    pub(crate) verdict: PushVerdict,
}

/// How one ref fared in a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PushVerdict {
    /// It was changed.
    Done,
    /// It was there already, by somebody else's doing.
    Unchanged,
    /// It was not where the lease said.
    Stale,
    /// It was held back because another ref of the same push failed.
    HeldBack,
    /// The remote said no, in these words.
    Refused(String),
    /// The connection broke before the remote said anything of it.
    Unanswered,
}

/// Reads the standard output of `git push --porcelain`.
pub(crate) fn push(output: &[u8]) -> Vec<PushStatus> {
    output.split(|byte| *byte == b'\n').filter_map(push_line).collect()
}

fn push_line(line: &[u8]) -> Option<PushStatus> {
    let text = std::str::from_utf8(line).ok()?;
    let mut fields = text.splitn(3, '\t');
    let (flag, names, summary) = (fields.next()?, fields.next()?, fields.next()?);
    let (_, name) = names.rsplit_once(':')?;
    let verdict = match flag {
        "!" => failure(summary),
        " " | "+" | "-" | "*" => PushVerdict::Done,
        "=" => PushVerdict::Unchanged,
        _ => return None,
    };
    Some(PushStatus { name: name.to_owned(), verdict })
}

fn failure(summary: &str) -> PushVerdict {
    let reason =
        summary.split_once(" (").and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(summary);
    match reason {
        "stale info" | "already exists" | "fetch first" | "non-fast-forward" => PushVerdict::Stale,
        // The remote answers the last for every ref of a transaction, the one at fault included.
        "atomic push failed" | "atomic push failure" | "atomic transaction failed" => {
            PushVerdict::HeldBack
        }
        _ if summary.starts_with("[remote failure]") => PushVerdict::Unanswered,
        _ => PushVerdict::Refused(foreign::word(reason, LONGEST_REASON)),
    }
}

/// The lines that the remote wrote, hooks' words among them, without the `remote: ` before each.
pub(crate) fn remote_words(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("remote:"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// Reads the output of `git var GIT_COMMITTER_IDENT`, `Ana <ana@example.com> 1700000000 +0000`: the name and
/// the address, as far as there are.
pub(crate) fn ident(line: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let Some((name, rest)) = line.split_once('<') else { return (None, None) };
    (some(name), rest.split_once('>').and_then(|(email, _)| some(email)))
}

/// Whether git said that the other side cannot push atomically.
pub(crate) fn lacks_atomic(stderr: &str) -> bool {
    stderr.contains("does not support --atomic") || stderr.contains("does not support '--atomic'")
}

/// The object that git looked for in vain to find out what the remote lacks: the clone ends before it.
pub(crate) fn missing_history(stderr: &str) -> Option<ObjectId> {
    if !stderr.contains("revision walk setup failed") {
        return None;
    }
    let words = stderr.lines().find_map(|line| line.strip_prefix("error: Could not read "))?;
    words.trim().parse().ok()
}

/// Whether a lock that another process holds for a moment was in the way.
pub(crate) fn is_locked(stderr: &str) -> bool {
    stderr.contains(".lock': File exists")
}

/// Whether a push failed before anything of it was sent.
pub(crate) fn was_never_sent(stderr: &str) -> bool {
    const SIGNS: [&str; 6] = [
        "Could not read from remote repository",
        "does not appear to be a git repository",
        "Could not resolve",
        "Failed to connect",
        "Couldn't connect",
        "Connection refused",
    ];
    SIGNS.iter().any(|sign| stderr.contains(sign))
}

#[cfg(test)]
mod tests;
