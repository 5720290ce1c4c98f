//! Many deployments to a report in all its forms, beside what git itself takes to read their records. The work is done
//! by a program of `pipeline-core`, in one process.

use std::collections::BTreeMap;

use pipeline_acceptance::{Failure, Outcome, command};

use super::median;
use super::table::{Row, Table};
use crate::cargo::cargo;
use crate::screen;

/// How many seconds ten thousand deployments may take.
const ENOUGH: f64 = 2.0;

/// The parts, in order, by the names that the program prints.
const PARTS: [(&str, &str); 4] = [
    ("ledger", "of it, reading the ledger (s)"),
    ("commits", "of it, commits between versions (s)"),
    ("report", "of it, the report (s)"),
    ("forms", "of it, JSON, Markdown and page (s)"),
];

/// Measures so many rounds.
pub(crate) fn measure(count: usize, rounds: usize, table: &mut Table) -> Outcome {
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for round in 0..rounds {
        let mut bench = cargo();
        bench.args(["bench", "--quiet", "--package", "pipeline-core", "--bench", "report_of_many"]);
        let said = command::run(bench.arg("--").arg(count.to_string()))?.success()?;
        let parts: Vec<(&str, f64)> = said.stdout.lines().filter_map(part).collect();
        for (name, seconds) in &parts {
            all.entry((*name).to_owned()).or_default().push(*seconds);
        }
        let told: Vec<String> = parts.iter().map(|it| format!("{} {:.2} s", it.0, it.1)).collect();
        screen::line(&format!("  round {}: {}", round + 1, told.join(", ")));
    }
    let of = |name: &str| -> Outcome<f64> {
        let values = all.get(name).ok_or_else(|| Failure::new(format!("no time of {name}")))?;
        Ok(median(values))
    };
    let title = format!("{count} deployments to a report (s)");
    table.add(Row::at_most(title, of("whole")?, ENOUGH));
    for (name, title) in PARTS {
        table.add(Row::figure(title, of(name)?));
    }
    table.add(Row::figure("git reading the same records (s)", of("git")?));
    Ok(())
}

/// A name and seconds.
fn part(line: &str) -> Option<(&str, f64)> {
    let (name, seconds) = line.split_once(' ')?;
    Some((name, seconds.parse().ok()?))
}
