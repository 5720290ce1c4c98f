//! Every value that the queue had, in order, and what must be true of such a sequence.

use pipeline_acceptance::{Failure, Outcome};
use serde_json::Value as Json;

use crate::team::{ENVIRONMENT, Team};

/// One value of the queue. People stand for their deployments, of which each has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// When it was written, in seconds.
    pub(super) at: i64,
    pub(super) waiting: Vec<String>,
    pub(super) holder: Option<String>,
}

/// The whole history.
#[derive(Debug)]
pub(super) struct History {
    moments: Vec<Moment>,
    lease: i64,
}

/// Who lost their place, and whether they had it long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) who: String,
    /// For how many seconds there was no sign of life.
    pub(super) silence: i64,
}

impl History {
    /// Reads it from the log that the remote keeps of its queue.
    pub(super) fn read(team: &Team, lease: i64) -> Outcome<Self> {
        let path = team.remote.directory.join("logs/refs/ledger/queues").join(ENVIRONMENT);
        let log = std::fs::read_to_string(path)?;
        let lines: Vec<Line> = log.lines().map(Line::read).collect::<Outcome<_>>()?;
        if let Some(pair) = lines.windows(2).find(|pair| pair[0].new != pair[1].old) {
            return Err(Failure::new(format!("the queue was {:?} before {:?}", pair[0], pair[1])));
        }
        let names: String =
            lines.iter().map(|Line { new, .. }| format!("{new}\n{new}^{{blob}}\n")).collect();
        let printed = team.remote.git_with_input(&["cat-file", "--batch"], &names)?;
        let objects = objects(&printed)?;
        let moments = objects.chunks_exact(2).map(|pair| Moment::of(pair[0], pair[1]));
        Ok(Self { moments: moments.collect::<Outcome<_>>()?, lease })
    }

    /// Every value, in order.
    pub(super) fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// Who came, in order.
    pub(super) fn arrivals(&self) -> Vec<String> {
        let mut arrived: Vec<String> = Vec::new();
        for moment in &self.moments {
            for who in moment.holder.iter().chain(&moment.waiting) {
                if !arrived.contains(who) {
                    arrived.push(who.clone());
                }
            }
        }
        arrived
    }

    /// Who held the environment, in order.
    pub(super) fn holders(&self) -> Vec<String> {
        let mut holders: Vec<String> = Vec::new();
        for holder in self.moments.iter().filter_map(|moment| moment.holder.clone()) {
            if holders.last() != Some(&holder) {
                holders.push(holder);
            }
        }
        holders
    }

    /// Whether somebody entered the queue while this one held the environment.
    pub(super) fn was_joined(&self, who: &str) -> bool {
        self.moments.windows(2).any(|two| {
            let held = two.iter().all(|moment| moment.holder.as_deref() == Some(who));
            held && two[0].waiting.len() < two[1].waiting.len()
        })
    }

    /// What is wrong with the order of service; nothing where it was the order of arrival.
    pub(super) fn faults(&self) -> Vec<String> {
        let (arrivals, holders) = (self.arrivals(), self.holders());
        let rank = |who: &String| arrivals.iter().position(|other| other == who);
        let mut faults = Vec::new();
        if !holders.is_sorted_by(|a, b| rank(a) < rank(b)) {
            faults.push(format!("came as {arrivals:?}, were served as {holders:?}"));
        }
        for pair in self.moments.windows(2) {
            let kept: Vec<_> =
                pair[0].waiting.iter().filter(|who| pair[1].waiting.contains(who)).collect();
            if !pair[1].waiting.iter().take(kept.len()).eq(kept) {
                faults.push(format!("the queue changed its order: {pair:?}"));
            }
        }
        for loss in self.losses() {
            // Times are whole seconds, so a lease may seem to be a second short.
            if loss.silence < self.lease - 1 {
                faults.push(format!("{loss:?} is less than a lease of {} s", self.lease));
            }
        }
        faults
    }

    /// Who lost the environment or their turn to others.
    pub(super) fn losses(&self) -> Vec<Loss> {
        let mut losses = Vec::new();
        // Since when the same one has held the environment or could have taken it.
        let mut since = 0;
        for pair in self.moments.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            let is_sign = after.holder.is_some() && after.waiting == before.waiting;
            if before.holder != after.holder || is_sign {
                losses.extend(before.lost_to(after, after.at - since));
                since = after.at;
            }
        }
        losses
    }
}

impl Moment {
    /// From a record's tag object and its blob.
    fn of(tag: &str, blob: &str) -> Outcome<Self> {
        // The log has the time when a process of git began, which may write more than once.
        let tagger = tag.lines().find(|line| line.starts_with("tagger "));
        let at = tagger.and_then(|line| line.rsplit(' ').nth(1)?.parse().ok());
        let at = at.ok_or_else(|| Failure::new(format!("no time in {tag:?}")))?;
        let value: Json = serde_json::from_str(blob)?;
        let name = |value: &Json| value["holder"].as_str().map(str::to_owned);
        let waiting = value["waiting"].as_array().into_iter().flatten().filter_map(name);
        Ok(Self { at, waiting: waiting.collect(), holder: name(&value["current"]) })
    }

    /// Who lost their place to the new holder of the next moment.
    fn lost_to(&self, next: &Self, silence: i64) -> Vec<Loss> {
        if next.holder.is_none() || next.holder == self.holder {
            return Vec::new();
        }
        let passed = self.waiting.iter().take_while(|who| Some(*who) != next.holder.as_ref());
        let gone = passed.filter(|who| !next.waiting.contains(who));
        let lost = self.holder.iter().chain(gone);
        lost.map(|who| Loss { who: who.clone(), silence }).collect()
    }
}

/// One line of the log of a ref.
#[derive(Debug)]
struct Line {
    old: String,
    new: String,
}

impl Line {
    fn read(line: &str) -> Outcome<Self> {
        let mut words = line.split(' ').map(str::to_owned);
        match (words.next(), words.next()) {
            (Some(old), Some(new)) => Ok(Self { old, new }),
            _ => Err(Failure::new(format!("not a line of a log: {line:?}"))),
        }
    }
}

/// What `git cat-file --batch` printed.
fn objects(printed: &str) -> Outcome<Vec<&str>> {
    let (mut rest, mut values) = (printed, Vec::new());
    while let Some((head, after)) = rest.split_once('\n') {
        let size = head.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let size = size.ok_or_else(|| Failure::new(format!("git printed {head:?}")))?;
        values.push(after.get(..size).ok_or("an object was cut off")?);
        rest = after.get(size + 1..).unwrap_or_default();
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(moments: &[(i64, Option<&str>, &[&str])]) -> History {
        let moments = moments.iter().map(|(at, holder, waiting)| Moment {
            at: *at,
            waiting: waiting.iter().map(|who| (*who).to_owned()).collect(),
            holder: holder.map(str::to_owned),
        });
        History { moments: moments.collect(), lease: 3 }
    }

    #[test]
    fn a_fair_history_has_no_faults() {
        let fair = history(&[
            (0, Some("a"), &[]),
            (1, Some("a"), &["b"]),
            (1, Some("a"), &["b", "c"]),
            (2, None, &["b", "c"]),
            (2, Some("b"), &["c"]),
            (3, None, &["c"]),
        ]);
        assert_eq!(fair.faults(), Vec::<String>::new());
        assert_eq!(fair.arrivals(), ["a", "b", "c"]);
        assert_eq!(fair.holders(), ["a", "b"]);
    }

    #[test]
    fn who_enters_meanwhile_is_seen() {
        let history = history(&[
            (0, Some("a"), &["b"]),
            (1, Some("a"), &["b"]),
            (2, Some("b"), &[]),
            (3, Some("b"), &["c"]),
            (4, None, &["c", "d"]),
        ]);
        assert!(history.was_joined("b"));
        assert!(!history.was_joined("a") && !history.was_joined("c"));
    }

    #[test]
    fn who_overtakes_is_found() {
        let unfair = history(&[
            (0, None, &["a", "b"]),
            (1, Some("b"), &["a"]),
            (2, None, &["a"]),
            (2, Some("a"), &[]),
        ]);
        assert!(!unfair.faults().is_empty());
        assert!(!history(&[(0, None, &["a", "b"]), (1, None, &["b", "a"])]).faults().is_empty());
    }

    #[test]
    fn who_is_put_aside_too_soon_is_found() {
        let of = |at| {
            history(&[
                (10, Some("a"), &["b", "c"]),
                (11, Some("a"), &["b", "c"]),
                (at, Some("c"), &[]),
            ])
        };
        let both = [("a", 5), ("b", 5)].map(|(who, silence)| Loss { who: who.into(), silence });
        assert_eq!(of(16).losses(), both);
        assert_eq!(of(16).faults(), Vec::<String>::new());
        assert!(!of(12).faults().is_empty());
    }
}
