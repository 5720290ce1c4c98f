//! What a run of tests says of itself, line by line, and a table of such runs.

use std::collections::BTreeSet;
use std::time::Duration;

/// The figures of one run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    good: u32,
    failed: u32,
    /// The tests that were left out because they are slow.
    slow: u32,
    /// The tests that said that they leave out all or something here.
    pub(super) skipped: BTreeSet<String>,
    /// How long it took.
    pub(super) took: Duration,
    /// Why it failed, where it did.
    pub(super) fault: Option<String>,
}

impl Figures {
    /// Counts what one line tells, which may be nothing.
    pub(super) fn note(&mut self, line: &str) {
        if let Some(skipped) = line.strip_prefix("skipped ") {
            let name = skipped.split(':').next().unwrap_or(skipped);
            self.skipped.insert(name.to_owned());
        } else if let Some(result) = line.strip_prefix("test result: ") {
            // A test program ends with such a line; there are several.
            let words: Vec<&str> = result.split([' ', ';']).collect();
            for pair in words.windows(2) {
                let count = pair[0].parse().unwrap_or(0);
                match pair[1] {
                    "passed" => self.good += count,
                    "failed" => self.failed += count,
                    "ignored" => self.slow += count,
                    _ => {}
                }
            }
        }
    }

    /// Adds those of one more program.
    pub(super) fn add(&mut self, more: Self) {
        self.good += more.good;
        self.failed += more.failed;
        self.slow += more.slow;
        self.skipped.extend(more.skipped);
        self.took += more.took;
        self.fault = match (self.fault.take(), more.fault) {
            (Some(fault), Some(more)) => Some(format!("{fault}; {more}")),
            (fault, more) => fault.or(more),
        };
    }

    /// How many passed and left out nothing.
    pub(super) fn passed(&self) -> u32 {
        self.good.saturating_sub(u32::try_from(self.skipped.len()).unwrap_or(u32::MAX))
    }
}

/// A row for each host, as a Markdown table, and the names of what each left out. A host that is missing has a
/// reason in the place of figures.
pub(super) fn table(runs: &[(String, Result<Figures, String>)]) -> Vec<String> {
    let widest = runs.iter().map(|(host, _)| host.chars().count()).max().unwrap_or(0).max(4);
    let row = |host: &str, cells: [&str; 5]| {
        let [passed, failed, skipped, slow, seconds] = cells;
        format!(
            "| {host:<widest$} | {passed:>6} | {failed:>6} | {skipped:>7} | {slow:>4} | {seconds:>7} |"
        )
    };
    let mut rows = vec![
        row("host", ["passed", "failed", "skipped", "slow", "seconds"]),
        format!("|{:-<1$}|-------:|-------:|--------:|-----:|--------:|", "", widest + 2),
    ];
    let mut notes = Vec::new();
    for (host, run) in runs {
        match run {
            Ok(figures) => {
                let counts = [figures.passed(), figures.failed].map(|count| count.to_string());
                let [passed, failed] = &counts;
                let (skipped, slow) = (figures.skipped.len().to_string(), figures.slow.to_string());
                let seconds = format!("{:.0}", figures.took.as_secs_f64());
                rows.push(row(host, [passed, failed, &skipped, &slow, &seconds]));
                let names = figures.skipped.iter().map(|name| format!("{host} skips {name}"));
                notes.extend(names);
            }
            Err(why) => {
                rows.push(row(host, ["–"; 5]));
                notes.push(format!("{host} is left out: {why}"));
            }
        }
    }
    rows.extend(notes);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(lines: &[&str]) -> Figures {
        let mut figures = Figures::default();
        lines.iter().for_each(|line| figures.note(line));
        figures
    }

    #[test]
    fn adds_up_the_programs_and_counts_each_skipped_test_once() {
        let figures = figures(&[
            "running 4 tests",
            "test a::b ... ok",
            "test result: ok. 4 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.00s",
            "skipped one: Terraform v1.11.4 has no actions",
            "skipped one: and no queries",
            "test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
        ]);
        assert_eq!((figures.passed(), figures.failed, figures.slow), (8, 1, 2));
        assert_eq!(figures.skipped.iter().collect::<Vec<_>>(), ["one"]);
    }

    #[test]
    fn shows_hosts_with_figures_and_those_that_are_missing() {
        let mut run =
            figures(&["test result: ok. 9 passed; 0 failed; 1 ignored", "skipped it: no git"]);
        run.took = Duration::from_secs(61);
        let runs = [
            ("Terraform v1.15.5".to_owned(), Ok(run)),
            ("OpenTofu".to_owned(), Err("Go is not installed".to_owned())),
        ];
        assert_eq!(
            table(&runs),
            [
                "| host              | passed | failed | skipped | slow | seconds |",
                "|-------------------|-------:|-------:|--------:|-----:|--------:|",
                "| Terraform v1.15.5 |      8 |      0 |       1 |    1 |      61 |",
                "| OpenTofu          |      – |      – |       – |    – |       – |",
                "Terraform v1.15.5 skips it",
                "OpenTofu is left out: Go is not installed",
            ]
        );
    }
}
