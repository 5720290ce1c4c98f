//! Measures the provider beside Terraform's built-in resource and plain git, and what it reads beside `jq`, in
//! one run.
//!
//! Whole processes are timed, in rounds that alternate between the two sides; the medians are
//! compared. A busy machine slows both sides, so the ratios hold where the seconds do not.

mod deployments;
mod git;
mod readings;
mod report;
mod services;
mod startup;
mod table;
mod walks;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pipeline_acceptance::Outcome;

use self::table::{Row, Table};
use crate::cargo::{Profile, build_provider};
use crate::{screen, terraform};

/// How often the start is measured: it is short, and short times vary most.
const STARTS: usize = 30;

/// How a resource is told to be many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Many {
    /// By number. Terraform itself takes least time for it.
    Count,
    /// By name.
    ForEach,
}

/// How much is measured.
#[derive(Debug)]
pub(crate) struct Size {
    /// How the many objects are told to be many.
    pub(crate) many: Many,
    /// How many; 0 leaves them out.
    pub(crate) count: usize,
    /// How many rounds.
    pub(crate) rounds: usize,
    /// How many deployments to one environment; 0 leaves them out.
    pub(crate) deployments: usize,
    /// How many megabytes of a log are read; 0 leaves it out.
    pub(crate) log_megabytes: usize,
    /// How many lines of scripts are searched for credentials; 0 leaves them out.
    pub(crate) audit_lines: usize,
    /// How many deployments a report tells of; 0 leaves it out.
    pub(crate) reported: usize,
    /// How many services are deployed to three environments; 0 leaves them out.
    pub(crate) services: usize,
}

/// Measures and prints the table, of this build of the provider or else of a new one.
pub(crate) fn run(size: &Size, provider: Option<PathBuf>) -> Outcome {
    let Size { many, count, rounds, deployments, log_megabytes, audit_lines, reported, services } =
        *size;
    let provider = match provider {
        Some(provider) => provider.canonicalize()?,
        None => build_provider(Profile::Release)?,
    };
    let terraform = terraform::locate()?;
    let by = if many == Many::Count { "count" } else { "for_each" };
    screen::step(&format!("{count} objects by {by}, {rounds} rounds, {}", terraform.title));
    let mut table = Table::default();
    measure_start(&provider, &mut table)?;
    if count > 0 {
        let mut all = walks::Times::default();
        for round in 0..rounds {
            let times = walks::round(many, count, round, &terraform, &provider)?;
            screen::line(&format!("  round {}: {times}", round + 1));
            all.extend(times);
        }
        all.rows(count, &mut table);
    }
    if deployments > 0 {
        let mut all = deployments::Times::default();
        for round in 0..rounds {
            let times = deployments::round(deployments, &terraform, &provider)?;
            screen::line(&format!("  round {}: {times}", round + 1));
            all.extend(times);
        }
        all.rows(deployments, &mut table);
    }
    if log_megabytes > 0 || audit_lines > 0 {
        readings::measure(log_megabytes, audit_lines, rounds, &mut table)?;
    }
    if reported > 0 {
        report::measure(reported, rounds, &mut table)?;
    }
    if services > 0 {
        services::measure(services, &terraform, &provider, &mut table)?;
    }
    table.print();
    Ok(())
}

fn measure_start(provider: &Path, table: &mut Table) -> Outcome {
    match startup::measure(provider, STARTS)? {
        None => {
            screen::line("  start not measured: it takes the openssl command to make a certificate")
        }
        Some(start) => {
            let kib = start.schema_bytes / 1024;
            table.add(Row::at_most("start to schema, mutual TLS (ms)", start.schema, 8.0));
            table.add(Row::figure("start to schema, the fastest of them (ms)", start.fastest));
            table.add(Row::figure("start to handshake (ms)", start.handshake));
            table.add(Row::at_most("resident after the schema (MB)", start.resident, 15.0));
            table.add(Row::figure("shutdown to exit (ms)", start.exit));
            screen::line(&format!("  the schema has {kib} KiB; medians of {STARTS} starts"));
        }
    }
    Ok(())
}

/// How long `work` takes.
fn timed(work: impl FnOnce() -> Outcome) -> Outcome<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// The middle one; zero where there is none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 if middle > 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        0 => 0.0,
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }
}
