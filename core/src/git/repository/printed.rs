//! The readers of what git prints, for those who test them with whatever bytes.

use super::{parse, push, tag_text};
use crate::git::{DEFAULT_LEDGER_PREFIX, ObjectId, Signature, Snapshot};

/// Reads the answer of `git ls-remote`.
#[must_use]
pub fn refs(output: &[u8]) -> Snapshot {
    parse::ls_remote(output, DEFAULT_LEDGER_PREFIX)
}

/// Reads the tagger and the message of a tag object; `None` where it cannot be read.
#[must_use]
pub fn tag(bytes: &[u8]) -> Option<(Option<Signature>, String)> {
    tag_text::target(bytes);
    tag_text::read(ObjectId::from_bytes([0; 20]), bytes).ok()
}

/// Reads the answer of `git push --porcelain`, and counts the refs that it tells of.
#[must_use]
pub fn push(output: &[u8]) -> usize {
    parse::push(output).len()
}

/// What is shown where a push was refused.
#[must_use]
pub fn words(stderr: &str) -> String {
    push::with_words("refused", &parse::remote_words(stderr))
}
