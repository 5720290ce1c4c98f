//! Looks for credentials in one file.
//!
//! Keywords are looked for first, byte by byte; a pattern is only tried around a keyword of its own. A
//! credential is not longer than [`REACH`], and no stretch of the file is tried twice for one kind, so the
//! work grows with the file and not with what is in it.

use std::collections::BTreeSet;

use super::kinds::{self, Compiled};
use super::{Finding, FindingKind};
use crate::artifact::Sha256;

/// How far before its keyword a credential may begin, in bytes.
const BEFORE: usize = 192;

/// How far it may reach behind the start of its keyword.
const REACH: usize = 512;

/// What people write where no credential is meant: AWS's own examples end like this.
const EXAMPLE: &str = "EXAMPLE";

/// Knows all kinds of credentials, and compiles each pattern once, when it is needed.
#[derive(Debug)]
pub struct Scanner {
    kinds: Vec<Compiled>,
    /// The kinds and their keywords by the first byte of the keyword.
    starts: Vec<Vec<(usize, &'static [u8])>>,
}

impl Default for Scanner {
    fn default() -> Self {
        let kinds = kinds::all();
        let mut starts = vec![Vec::new(); 256];
        for (index, compiled) in kinds.iter().enumerate() {
            for keyword in compiled.kind().keywords {
                let keyword = keyword.as_bytes();
                let first = keyword.first().and_then(|first| starts.get_mut(usize::from(*first)));
                if let Some(first) = first {
                    first.push((index, keyword));
                }
            }
        }
        Self { kinds, starts }
    }
}

impl Scanner {
    /// What is found in a file, in the order of its lines. No finding holds any part of a credential.
    #[must_use]
    pub fn scan(&self, path: &str, bytes: &[u8]) -> Vec<Finding> {
        let mut tried = vec![0; self.kinds.len()];
        let mut found: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut secrets = Vec::new();
        for at in 0..bytes.len() {
            for index in self.keywords_at(bytes, at) {
                let Some(end) = tried.get_mut(index).filter(|end| **end <= at) else { continue };
                *end = at + REACH;
                for (start, secret) in self.around(index, bytes, at) {
                    if found.insert((start, index)) {
                        secrets.push((start, index, secret));
                    }
                }
            }
        }
        secrets.sort();
        self.told(path, bytes, &secrets)
    }

    /// The kinds of which a keyword stands there.
    fn keywords_at<'a>(&'a self, bytes: &'a [u8], at: usize) -> impl Iterator<Item = usize> + 'a {
        let rest = bytes.get(at..).unwrap_or_default();
        let first = rest.first().map_or(0, u8::to_ascii_lowercase);
        let starts = self.starts.get(usize::from(first)).map_or(&[][..], Vec::as_slice);
        let stands = move |keyword: &[u8]| {
            rest.get(..keyword.len()).is_some_and(|found| found.eq_ignore_ascii_case(keyword))
        };
        starts.iter().filter(move |(_, keyword)| stands(keyword)).map(|(index, _)| *index)
    }

    /// The credentials of a kind around a keyword, each with where it begins.
    fn around(&self, index: usize, bytes: &[u8], at: usize) -> Vec<(usize, String)> {
        let Some(regex) = self.kinds.get(index).and_then(Compiled::regex) else {
            return Vec::new();
        };
        let from = at.saturating_sub(BEFORE);
        let to = bytes.len().min(at + 2 * REACH);
        // Credentials are ASCII: whatever else there is becomes one character for each byte, so that places
        // stay what they are.
        let text: String = bytes.get(from..to).unwrap_or_default().iter().map(ascii).collect();
        // What begins where the text was cut, or may end there, is found whole around a keyword of its own.
        let is_whole = |found: &regex_lite::Captures<'_>| {
            let start = found.get(0).map_or(0, |all| from + all.start());
            (start > from || from == 0) && start < at + REACH
        };
        let matches = regex.captures_iter(&text).filter(is_whole);
        let secrets = matches.filter_map(|found| found.get(1).or_else(|| found.get(0)));
        let real = secrets.filter(|secret| !secret.as_str().ends_with(EXAMPLE));
        real.map(|secret| (from + secret.start(), secret.as_str().to_owned())).collect()
    }

    fn told(&self, path: &str, bytes: &[u8], secrets: &[(usize, usize, String)]) -> Vec<Finding> {
        let (mut line, mut counted) = (1, 0);
        let mut findings = Vec::with_capacity(secrets.len());
        for (start, index, secret) in secrets {
            let stretch = bytes.get(counted..*start).unwrap_or_default();
            line += stretch.iter().filter(|byte| **byte == b'\n').count();
            counted = *start;
            let Some(kind) = self.kinds.get(*index).map(Compiled::kind) else { continue };
            findings.push(Finding {
                path: path.to_owned(),
                line: Some(line),
                kind: FindingKind::Credential(kind.name),
                fingerprint: fingerprint(kind.name, path, secret),
            });
        }
        findings
    }
}

/// A byte as a character of its own.
fn ascii(byte: &u8) -> char {
    if byte.is_ascii() { char::from(*byte) } else { '\u{1}' }
}

/// Names a finding for good, wherever its line moves. Every kind is too random for anybody to guess the
/// credential and see by this that it was the right guess.
pub(super) fn fingerprint(kind: &str, path: &str, secret: &str) -> String {
    let all = Sha256::of(format!("{kind}\0{path}\0{secret}").as_bytes()).to_string();
    all.chars().take(16).collect()
}
