//! What others said, without the secrets in it.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Scanner;
use crate::base::cause::visible;

/// A shorter text is no secret, and stands in too many lines.
const SHORTEST_SECRET: usize = 4;

/// The lines of a text, fit to be shown: without the lines of `secrets`, and without lines in which a credential of a
/// known kind stands.
pub(crate) fn masked<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut text = text.to_owned();
    for secret in longest_first(secrets) {
        text = text.replace(secret, "***");
    }
    let found = Scanner::default().scan("", text.as_bytes());
    let mut bad: BTreeSet<usize> = found.iter().filter_map(|finding| finding.line).collect();
    bad.extend(private_keys(&text));
    let shown = |(index, line): (usize, &str)| {
        if bad.contains(&(index + 1)) { "***".to_owned() } else { visible(line) }
    };
    text.lines().enumerate().map(shown).collect()
}

/// What is looked for of secrets: each line alone and without the blanks around it, because programs print them
/// so, and the longest first, because a shorter one may stand in a longer one.
fn longest_first<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lines = secrets.into_iter().flat_map(|secret| secret.split(['\n', '\r'])).map(str::trim);
    let mut all: Vec<&str> = lines.filter(|line| line.len() >= SHORTEST_SECRET).collect();
    all.sort_by_key(|line| Reverse(line.len()));
    all
}

/// The lines of private keys, counted from 1: the one kind of credential that has many.
fn private_keys(text: &str) -> impl Iterator<Item = usize> {
    let mut is_within = false;
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let is_key = is_within || (line.contains("-----BEGIN ") && line.contains("PRIVATE KEY"));
        is_within = is_key && !line.contains("-----END ");
        is_key.then_some(number)
    })
}
