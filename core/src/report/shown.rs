//! How lengths of time, times and commits are shown.

use crate::{CommitSha, Timestamp};

/// So many letters of a foreign text are shown.
pub(super) const LONGEST: usize = 240;

/// A length of time in its two largest units.
pub(super) fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(size, _)| seconds >= *size).unwrap_or(3);
    let (size, unit) = units.get(first).copied().unwrap_or((1, "s"));
    let large = format!("{} {unit}", seconds / size);
    let Some((next, unit)) = units.get(first + 1) else { return large };
    match (seconds % size) / next {
        0 => large,
        rest => format!("{large} {rest} {unit}"),
    }
}

/// A time as people read it, to the minute, in UTC.
pub(super) fn time(at: Timestamp) -> String {
    at.civil().strftime("%Y-%m-%d %H:%M").to_string()
}

/// The day of a time.
pub(super) fn day(at: Timestamp) -> String {
    at.civil().strftime("%b %-d").to_string()
}

/// Enough of a commit to recognise it.
pub(super) fn short(commit: CommitSha) -> String {
    commit.to_string().chars().take(8).collect()
}

/// A text that others wrote, on one line, cut when it is long.
pub(super) fn foreign(text: &str) -> String {
    crate::base::foreign::word(text, LONGEST)
}

/// "1 environment", "3 environments".
pub(super) fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// When the report of a run was made that was not made at its end.
pub(super) fn after_end(late: i64) -> String {
    let side = if late < 0 { "before" } else { "after" };
    let seconds = i64::try_from(late.unsigned_abs()).unwrap_or(i64::MAX);
    format!("reported {} {side} its end", duration(seconds))
}
