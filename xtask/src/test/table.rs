//! How steady each test was: runs, failures, the fastest and the slowest run.

use std::time::Duration;

use pipeline_acceptance::Outcome;

use crate::screen;

/// The runs of one test so far.
#[derive(Debug)]
pub(super) struct Tally {
    title: String,
    runs: u32,
    /// How many of them failed.
    pub(super) failed: u32,
    fastest: Duration,
    slowest: Duration,
}

impl Tally {
    /// No run yet.
    pub(super) const fn new(title: String) -> Self {
        let (fastest, slowest) = (Duration::MAX, Duration::ZERO);
        Self { title, runs: 0, failed: 0, fastest, slowest }
    }

    /// One run more.
    pub(super) fn count(&mut self, passed: bool, took: Duration) {
        self.runs += 1;
        self.failed += u32::from(!passed);
        self.fastest = self.fastest.min(took);
        self.slowest = self.slowest.max(took);
    }
}

/// Prints a row for each test, as a Markdown table. Those that failed come last, where people look.
pub(super) fn print(tallies: &[Tally]) {
    screen::line("");
    for row in rows(tallies) {
        screen::line(&row);
    }
}

fn rows(tallies: &[Tally]) -> Vec<String> {
    let mut sorted: Vec<&Tally> = tallies.iter().collect();
    sorted.sort_by_key(|tally| (tally.failed, tally.slowest));
    let widest = sorted.iter().map(|tally| tally.title.chars().count()).max().unwrap_or(0).max(4);
    let row = |title: &str, cells: [&str; 4]| {
        let [runs, failed, fastest, slowest] = cells;
        format!("| {title:<widest$} | {runs:>4} | {failed:>6} | {fastest:>8} | {slowest:>8} |")
    };
    let mut rows = vec![
        row("test", ["runs", "failed", "fastest", "slowest"]),
        format!("|{:-<1$}|-----:|-------:|---------:|---------:|", "", widest + 2),
    ];
    for Tally { title, runs, failed, fastest, slowest } in sorted {
        let (runs, failed) = (runs.to_string(), failed.to_string());
        rows.push(row(title, [&runs, &failed, &screen::time(*fastest), &screen::time(*slowest)]));
    }
    rows
}

/// Fails where a run failed; says how many.
pub(super) fn verdict(tallies: &[Tally]) -> Outcome {
    let runs: u32 = tallies.iter().map(|tally| tally.runs).sum();
    let failed: u32 = tallies.iter().map(|tally| tally.failed).sum();
    if failed == 0 {
        screen::line(&format!("  {} tests, {runs} runs, no failure", tallies.len()));
        return Ok(());
    }
    let who = tallies.iter().filter(|tally| tally.failed > 0).count();
    Err(format!("{failed} of {runs} runs failed, of {who} of {} tests", tallies.len()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(title: &str, runs: &[(bool, u64)]) -> Tally {
        let mut tally = Tally::new(title.to_owned());
        for (passed, millis) in runs {
            tally.count(*passed, Duration::from_millis(*millis));
        }
        tally
    }

    #[test]
    fn what_failed_comes_last_with_its_times() {
        let unsteady = tally("a::unsteady", &[(true, 20), (false, 1500), (true, 10)]);
        let steady = tally("steady", &[(true, 5), (true, 2500), (true, 7)]);
        let rows = rows(&[unsteady, steady]);
        assert_eq!(
            rows,
            [
                "| test        | runs | failed |  fastest |  slowest |",
                "|-------------|-----:|-------:|---------:|---------:|",
                "| steady      |    3 |      0 |     5 ms |    2.5 s |",
                "| a::unsteady |    3 |      1 |    10 ms |    1.5 s |",
            ]
        );
    }

    #[test]
    fn one_failure_of_many_runs_is_a_failure() {
        let good = || tally("good", &[(true, 1), (true, 1)]);
        assert!(verdict(&[good()]).is_ok());
        let told = verdict(&[good(), tally("bad", &[(true, 1), (false, 1)])]).unwrap_err();
        assert_eq!(told.to_string(), "1 of 4 runs failed, of 1 of 2 tests");
    }
}
