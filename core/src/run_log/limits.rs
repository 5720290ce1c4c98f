//! How much of a log is kept. What goes beyond is counted, named and left out; the rest is read.

/// How many bytes one value may have: 1 MiB.
pub const LARGEST_VALUE: usize = 1024 * 1024;

/// How many problems are told in words; the others are counted.
pub const MOST_PROBLEMS: usize = 100;

/// How many runs of one log are told apart; entries of others are counted.
pub const MOST_RUNS: usize = 2_000;

/// How many entries may be asked for.
pub const MOST_ENTRIES: u64 = 10_000;

/// How many letters of a message or an error are shown.
pub const SHOWN_MESSAGE: usize = 2_000;

/// How many letters of a name are shown.
pub const SHOWN_NAME: usize = 300;
