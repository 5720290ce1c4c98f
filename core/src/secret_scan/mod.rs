//! The security audit: credentials in scripts that CI runs, and secrets files that are not encrypted.
//!
//! It reads and judges. What it finds is told by file, line, kind and fingerprint, and never holds a part of
//! a credential. Histories are not searched, and nobody is asked whether a credential still works.

mod kinds;
mod masked;
mod scan;
#[cfg(feature = "git")]
mod survey;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

pub(crate) use masked::masked;
pub use scan::Scanner;
#[cfg(feature = "git")]
pub use survey::survey;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};

/// How many findings are told at most.
pub const MOST_FINDINGS: usize = 1000;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file.
    pub path: String,
    /// The line, counted from 1; `None`: it is about the whole file.
    pub line: Option<usize>,
    /// What is there.
    pub kind: FindingKind,
    /// Names it in an allow list, wherever its line moves.
    pub fingerprint: String,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingKind {
    /// A credential of this kind.
    Credential(&'static str),
    /// A secrets file that SOPS did not encrypt, or not wholly.
    PlaintextSecrets,
    /// A script that was not looked at, because it is too large.
    NotScanned,
    /// Nothing, where the configuration names something.
    NothingThere,
    /// A symbolic link out of the repository, which is not followed.
    LinkOutside,
    /// A symbolic link to nothing, or through too many others, where CI runs something.
    BrokenLink,
    /// Another repository, where CI runs something.
    Submodule,
    /// A folder that lies too deep.
    TooDeep,
    /// Something whose name is not UTF-8.
    NotUtf8,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Credential(name) => name,
            Self::PlaintextSecrets => "plaintext-secrets-file",
            Self::NotScanned => "not-scanned",
            Self::NothingThere => "nothing-there",
            Self::LinkOutside => "link-out-of-the-repository",
            Self::BrokenLink => "link-to-nothing",
            Self::Submodule => "submodule",
            Self::TooDeep => "folder-too-deep",
            Self::NotUtf8 => "name-not-utf-8",
        })
    }
}

impl Finding {
    fn of_file(path: &str, kind: FindingKind) -> Self {
        let fingerprint = scan::fingerprint(&kind.to_string(), path, "");
        Self { path: path.to_owned(), line: None, kind, fingerprint }
    }

    /// SCY001, SCY002: what is wrong with that.
    #[must_use]
    pub fn violation(&self) -> Violation {
        let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let place = format!("{}{line} (fingerprint `{}`)", quoted(&self.path), self.fingerprint);
        let not_searched = |what: &str, expected, next| {
            (RuleId::SCY002, format!("{place}, {what}: it was not searched"), expected, next)
        };
        let (rule, found, expected, next) = match self.kind {
            FindingKind::Credential(name) => (
                RuleId::SCY002,
                format!("a credential, `{name}`, in {place}"),
                "no credential in what CI runs",
                "Revoke it, because everybody who reads the repository has it, and read the new one from a \
                 store of secrets; or allow the fingerprint, if it is no credential.",
            ),
            FindingKind::PlaintextSecrets => (
                RuleId::SCY001,
                format!("values in the clear in {place}"),
                "a file that SOPS encrypted",
                "Change the secrets that it holds, and encrypt it with `sops encrypt --in-place`.",
            ),
            FindingKind::NotScanned => (
                RuleId::SCY002,
                format!("{place}, which is too large to be looked at"),
                "scripts of at most 1 MiB",
                "Make it smaller, or look through it yourself and allow the fingerprint.",
            ),
            FindingKind::NothingThere => (
                RuleId::SCY002,
                format!("nothing at {place}, which is to be searched"),
                "files and folders of the commit, by their paths from its root, without patterns",
                "Correct `security_audit.paths`, or allow the fingerprint, if it may be missing.",
            ),
            FindingKind::LinkOutside => not_searched(
                "a link out of the repository",
                "links to what the commit has",
                "Put what it leads to into the repository, or look through it yourself and allow the fingerprint.",
            ),
            FindingKind::BrokenLink => not_searched(
                "a link to nothing, or through more links than are followed",
                "links to what the commit has",
                "Correct or remove the link, or allow the fingerprint.",
            ),
            FindingKind::Submodule => not_searched(
                "another repository",
                "scripts that the commit itself has",
                "Audit that repository as well, and allow the fingerprint.",
            ),
            FindingKind::TooDeep => not_searched(
                "a folder",
                "folders at most 128 deep",
                "Move it up, or look through it yourself and allow the fingerprint.",
            ),
            FindingKind::NotUtf8 => not_searched(
                "whose name is not UTF-8",
                "names in UTF-8",
                "Rename it, or look through it yourself and allow the fingerprint.",
            ),
        };
        Violation::new(rule, found, expected, next)
    }
}

/// The outcome of an audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// How many files were looked at.
    pub files: usize,
    /// What was found and is not allowed, by file and line; at most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub left_out: usize,
}

impl Audit {
    /// Of everything that was found, without what is allowed. A secrets file in the clear is never allowed.
    #[must_use]
    pub fn new(files: usize, mut findings: Vec<Finding>, allowed: &BTreeSet<String>) -> Self {
        let never = |finding: &Finding| finding.kind == FindingKind::PlaintextSecrets;
        findings.retain(|finding| never(finding) || !allowed.contains(&finding.fingerprint));
        findings.sort();
        let left_out = findings.len().saturating_sub(MOST_FINDINGS);
        findings.truncate(MOST_FINDINGS);
        Self { files, findings, left_out }
    }

    /// MNT008: nothing was found, so that the audit succeeds.
    #[must_use]
    pub fn objection(&self) -> Option<Violation> {
        let count = self.findings.len() + self.left_out;
        let findings = if count == 1 { "finding" } else { "findings" };
        let first = self.findings.first()?;
        Some(Violation::new(
            RuleId::MNT008,
            format!("{count} {findings}, the first `{}` in {}", first.kind, quoted(&first.path)),
            "no credential in a script of CI, and no secrets file in the clear",
            "Mend what `findings` names by file, line and fingerprint, and run the audit again.",
        ))
    }
}

/// Whether CI runs the file.
#[must_use]
pub fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_dockerfile =
        name == "dockerfile" || name.starts_with("dockerfile.") || name.ends_with(".dockerfile");
    let folders = ["scripts/", ".github/workflows/", ".github/actions/"];
    folders.iter().any(|folder| path.starts_with(folder)) || name.ends_with(".sh") || is_dockerfile
}

/// Whether the file is the secrets file of an environment, by convention.
#[must_use]
pub fn is_secrets_file(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts[..], ["environments", _, "secrets.enc"])
}
