//! Soaking: how long a version has run somewhere without a break.

use std::fmt;
use std::str::FromStr;

use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Violation, Violations, quoted};
use crate::deployment::{Deployment, Status};

/// How long a version has to run in the environments before, such as `1h30m`. It keeps its spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soak {
    text: String,
    seconds: i64,
}

/// Units with their length in seconds, largest first.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Nobody waits longer than that: ten years.
const LONGEST: i64 = 10 * 365 * 86_400;

impl Soak {
    /// The seconds.
    #[must_use]
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }
}

impl FromStr for Soak {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let known = seconds(text).filter(|seconds| (1..=LONGEST).contains(seconds));
        known.map(|seconds| Self { text: text.to_owned(), seconds }).ok_or_else(|| {
            Violation::new(
                RuleId::POL005,
                quoted(text),
                "whole numbers with units from `d`, `h`, `m` and `s`, largest first, of ten years at most",
                "Write how long a version has to run, such as `1h` or `2d12h`.",
            )
            .into()
        })
    }
}

fn seconds(text: &str) -> Option<i64> {
    let (mut rest, mut units, mut total) = (text, UNITS.as_slice(), 0_i64);
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (count, tail) = rest.split_at(end);
        let unit = tail.chars().next()?;
        let position = units.iter().position(|(name, _)| *name == unit)?;
        total = total.checked_add(count.parse::<i64>().ok()?.checked_mul(units[position].1)?)?;
        (rest, units) = (&tail[unit.len_utf8()..], &units[position + 1..]);
    }
    Some(total)
}

impl fmt::Display for Soak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

text_serde!(Soak);

/// How long a version ran somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stay {
    /// The longest time without a break, in seconds.
    pub longest: i64,
    /// Since when it runs, where it does.
    pub since: Option<Timestamp>,
}

/// How long a version ran, by the deployments to one place in any order. `is_it` knows deployments of it; `runs_now`:
/// it is what runs there, as far as anybody can tell.
///
/// A version runs from the success of its deployment to the success of another one, or until it is taken back. Where
/// something else runs by now that nobody deployed, nobody knows how long the last one did.
pub fn stay<'a>(
    records: impl IntoIterator<Item = &'a Deployment>,
    is_it: impl Fn(&Deployment) -> bool,
    runs_now: bool,
    now: Timestamp,
) -> Stay {
    let ran = |it: &&Deployment| matches!(it.status(), Status::Succeeded | Status::RolledBack);
    let mut records: Vec<_> = records.into_iter().filter(ran).collect();
    records.sort_by_key(|it| (it.progress.completed_at(), it.id.as_str()));
    let mut stay = Stay::default();
    for (index, record) in records.iter().enumerate() {
        let Some(at) = record.progress.completed_at() else { continue };
        if !is_it(record) {
            stay.ends(at.min(now));
            continue;
        }
        stay.since = stay.since.or(Some(at));
        // What was replaced before it was taken back had ended by then.
        let next = records.get(index + 1).and_then(|it| it.progress.completed_at());
        let back = record.progress.rolled_back_at();
        let counts = |back: &Timestamp| *back <= now && next.is_none_or(|next| *back <= next);
        if let Some(back) = back.filter(counts) {
            stay.ends(back);
        }
    }
    match stay.since {
        Some(since) if runs_now => stay.longest = stay.longest.max(now.seconds_since(since)),
        _ => stay.since = None,
    }
    stay
}

impl Stay {
    fn ends(&mut self, at: Timestamp) {
        if let Some(since) = self.since.take() {
            self.longest = self.longest.max(at.seconds_since(since));
        }
    }
}
