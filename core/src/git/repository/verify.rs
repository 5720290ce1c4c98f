//! Whether a record is signed by one of some keys.
//!
//! Git verifies, in a repository of this process alone, by OpenSSH or by the user's GnuPG. What it is given to trust
//! are the keys of one person and no others: so whatever it accepts, that person signed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::command::Answer;
use super::side_store::SideStore;
use super::tag_text::{self, SignedBy};
use super::{Parts, Repository};
use crate::approval::{AllowedSigner, SignerKey};
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;

/// What the person is called to OpenSSH, which takes few letters.
const PERSON: &str = "approver";

/// How a line begins by which `ssh-keygen` says that a key of the person signed.
const GOOD: &str = "Good \"git\" signature for approver with ";

/// How a line of GnuPG's begins that names the key of a good signature.
const VALID: &str = "[GNUPG:] VALIDSIG ";

/// A record, and the keys of which one is asked to have signed it.
type Asked = (ObjectId, Vec<String>);

/// What was found of signatures: an object never changes, and nor do the keys that were asked about.
#[derive(Default)]
pub(super) struct Verdicts(Mutex<BTreeMap<Asked, Option<String>>>);

impl Verdicts {
    fn get(&self, asked: &Asked) -> Option<Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(asked).cloned()
    }

    fn keep(&self, asked: Asked, verdict: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, verdict);
    }
}

impl Repository {
    /// Why none of these keys signed the object of a record; `None`: one of them did.
    ///
    /// # Errors
    /// When the object cannot be had, or git does not run.
    pub(crate) async fn verify_record(
        &self,
        record: ObjectId,
        keys: &[AllowedSigner],
    ) -> Result<Option<String>, GitError> {
        let asked = (record, keys.iter().map(ToString::to_string).collect());
        if let Some(known) = self.parts.verdicts.get(&asked) {
            return Ok(known);
        }
        let (_, text) = self.parts.objects.read(record)?.ok_or_else(|| self.missing(record))?;
        let verdict = match tag_text::signed_by(&text) {
            None => Some("it is not signed".to_owned()),
            Some(SignedBy::Other) => Some("it is signed by neither OpenSSH nor OpenPGP".to_owned()),
            Some(by) => self.verify(by, text, keys).await?,
        };
        self.parts.verdicts.keep(asked, verdict.clone());
        Ok(verdict)
    }

    async fn verify(
        &self,
        by: SignedBy,
        text: Vec<u8>,
        keys: &[AllowedSigner],
    ) -> Result<Option<String>, GitError> {
        let (ssh, fingerprints) = sorted(keys);
        match by {
            SignedBy::OpenSsh if ssh.is_empty() => {
                return Ok(Some(
                    "the environment knows no key of OpenSSH of this person".to_owned(),
                ));
            }
            SignedBy::OpenPgp if fingerprints.is_empty() => {
                return Ok(Some("the environment knows no OpenPGP key of this person".to_owned()));
            }
            _ => {}
        }
        let Parts { transport, .. } = &*self.parts;
        let side = SideStore::apart(transport).await?;
        let signers = side.git_dir().join("signers");
        std::fs::write(&signers, ssh).map_err(|error| GitError::files(&signers, error))?;
        let write = ["hash-object", "-w", "-t", "tag", "--stdin"].map(Into::into).into();
        let stored = transport.call_in(side.git_dir(), write, text, &[]).await?;
        let Some(id) = stored.line().filter(|_| stored.success()) else {
            return Ok(Some(format!("git does not take it: {}", stored.detail())));
        };
        let trusted = format!("gpg.ssh.allowedSignersFile={}", signers.display());
        let verify = ["verify-tag", "--raw", id].map(Into::into).into();
        let answer = transport.call_there_with(side.git_dir(), vec![trusted], verify).await?;
        Ok(judge(by, &answer, &fingerprints))
    }
}

/// The lines for OpenSSH, all of one person, and the fingerprints of OpenPGP keys.
fn sorted(keys: &[AllowedSigner]) -> (String, Vec<&str>) {
    let (mut lines, mut fingerprints) = (String::new(), Vec::new());
    for signer in keys {
        match signer.key() {
            SignerKey::Ssh(key) => lines.push_str(&format!("{PERSON} {key}\n")),
            SignerKey::OpenPgp(fingerprint) => fingerprints.push(fingerprint.as_str()),
        }
    }
    (lines, fingerprints)
}

/// What git said. The user's GnuPG knows keys of many people, so the one that signed has to be named.
fn judge(by: SignedBy, answer: &Answer, fingerprints: &[&str]) -> Option<String> {
    let said = [String::from_utf8_lossy(&answer.stdout).into_owned(), answer.stderr.clone()];
    let mut lines = said.iter().flat_map(|text| text.lines());
    let is_good = answer.success()
        && match by {
            SignedBy::OpenSsh => lines.any(|line| line.starts_with(GOOD)),
            SignedBy::OpenPgp => lines.any(|line| is_of(line, fingerprints)),
            SignedBy::Other => false,
        };
    (!is_good).then(|| {
        let own = "no key that the environment knows of this person signed it";
        match answer.stderr.lines().find(|line| !line.starts_with("[GNUPG:]")) {
            Some(line) if !answer.success() => format!("{own}: {line}"),
            _ => own.to_owned(),
        }
    })
}

/// Whether a line names one of these keys, or one of their subkeys, as the one that signed.
fn is_of(line: &str, fingerprints: &[&str]) -> bool {
    let Some(words) = line.strip_prefix(VALID) else { return false };
    let words: Vec<&str> = words.split_whitespace().collect();
    let named = [words.first(), words.get(9)];
    named.into_iter().flatten().any(|found| fingerprints.contains(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::CallEnd;

    fn answer(code: i32, stderr: &str) -> Answer {
        Answer { end: CallEnd::Exited(code), stdout: Vec::new(), stderr: stderr.to_owned() }
    }

    #[test]
    fn only_the_named_key_counts() {
        let (own, other) = ("AB12".repeat(10), "CD34".repeat(10));
        let line = format!("{VALID}{} 2026-11-29 1 0 4 0 22 10 00 {own}", "EF56".repeat(10));
        let judged = |code, keys: &[&str]| judge(SignedBy::OpenPgp, &answer(code, &line), keys);
        assert_eq!(judged(0, &[&own]), None, "a subkey of the person");
        assert!(judged(0, &[&other]).is_some(), "somebody else whom GnuPG knows");
        assert!(judged(1, &[&own]).is_some(), "a key that was revoked");
    }

    #[test]
    fn one_kind_of_signature_does_not_speak_for_the_other() {
        let good = format!("{GOOD}ED25519 key SHA256:x");
        assert_eq!(judge(SignedBy::OpenSsh, &answer(0, &good), &[]), None);
        assert!(judge(SignedBy::OpenPgp, &answer(0, &good), &["AB12"]).is_some());
        assert!(judge(SignedBy::OpenSsh, &answer(0, &format!("x {good}")), &[]).is_some());
        assert!(judge(SignedBy::OpenSsh, &answer(1, &good), &[]).is_some());
    }
}
