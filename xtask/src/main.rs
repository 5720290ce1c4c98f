//! Every chore a contributor runs, as `cargo xtask <chore>`; one module each.

mod bench;
mod cargo;
mod crates;
mod demo;
mod dist;
mod fuzz;
mod install;
mod lean;
mod minimal;
mod outside;
mod screen;
mod simulate;
mod tables;
mod terraform;
mod test;
mod tidy;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pipeline_acceptance::Outcome;

/// The chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check everything: format, lints, tidiness, unit, property, conformance and acceptance tests. Or
    /// only some tests, once or many times.
    Test(test::Selection),
    /// Check what the compiler does not: who may use whom, file headers and lengths, missing files.
    Tidy,
    /// Build a small real repository, then plan, apply and promote versions in it with Terraform.
    Demo {
        /// Where to put it; a directory that you keep.
        #[arg(default_value = "target/demo")]
        directory: PathBuf,
    },
    /// Measure the provider beside Terraform's built-in resource and plain git.
    Bench {
        /// How many objects.
        #[arg(long, default_value_t = 1000)]
        count: usize,
        /// How many alternating rounds; the medians are shown.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// Name the objects by `for_each`, as people name tags, instead of `count`. Terraform's own
        /// cost grows with its square: 1000 take minutes.
        #[arg(long)]
        for_each: bool,
        /// How many deployments to one environment, and how many environment tags beside them.
        #[arg(long, default_value_t = 40)]
        deployments: usize,
        /// How many megabytes of a run's log are read, beside `jq`; 0 leaves it out.
        #[arg(long, default_value_t = 100)]
        log_megabytes: usize,
        /// How many lines of scripts are searched for credentials; 0 leaves them out.
        #[arg(long, default_value_t = 50_000)]
        audit_lines: usize,
        /// How many deployments a report tells of; 0 leaves it out.
        #[arg(long, default_value_t = 10_000)]
        reported: usize,
        /// How many services are deployed to three environments, with a health check of 4 s each; 0 leaves them
        /// out.
        #[arg(long, default_value_t = 10)]
        services: usize,
        /// Measure this build of the provider instead of a new one: the one before a change, for example.
        #[arg(long)]
        provider: Option<PathBuf>,
    },
    /// Run many seeded schedules of deployments in memory, with all that can go wrong, and check every
    /// promise after every step.
    Simulate(simulate::Schedules),
    /// Give every reader of foreign input whatever may break it, by what code an input reaches.
    Fuzz(fuzz::Fuzzing),
    /// Write the registry documentation from schemas and examples.
    Docs {
        /// Write nothing; fail where a page is not what it should be.
        #[arg(long)]
        check: bool,
    },
    /// Write what rules say when they are broken, and what the provider offers, for review.
    Snapshots {
        /// Write nothing; fail where either differs from what was reviewed.
        #[arg(long)]
        check: bool,
    },
    /// Turn the protocol's description into the committed code.
    Proto {
        /// Write nothing; fail where the committed code differs.
        #[arg(long)]
        check: bool,
    },
    /// Make the tables of AWS's types and regions from the packages that know them; wants the network.
    Tables {
        /// Write nothing; fail where a table differs from what the packages say.
        #[arg(long)]
        check: bool,
    },
    /// Check licences, advisories and origin of every crate of others, by `cargo-deny` and `deny.toml`.
    Deny,
    /// Check the workflows of GitHub, by `actionlint`, which Go builds.
    Workflows,
    /// Check that every package compiles with the oldest Rust that it names, then run the acceptance tests on the oldest
    /// Terraform that the provider is for.
    Minimal,
    /// Put the provider where Terraform and OpenTofu find it, for the person who runs this.
    Install(install::Installation),
    /// Pack the provider as a registry publishes it, and as a mirror from which Terraform installs it.
    Dist(dist::Distribution),
    /// Print the path of the Terraform that the other chores use; install it first where it is missing.
    Terraform,
    /// Print the path of the local AWS that tests and demo use; install it where there is none.
    LocalAws,
}

fn main() -> ExitCode {
    let outcome = run(Arguments::parse().chore);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen::error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Outcome {
    match chore {
        Chore::Test(selection) => test::run(&selection),
        Chore::Tidy => tidy::run(),
        Chore::Demo { directory } => demo::run(&directory),
        Chore::Bench {
            count,
            rounds,
            for_each,
            deployments,
            log_megabytes,
            audit_lines,
            reported,
            services,
            provider,
        } => {
            let many = if for_each { bench::Many::ForEach } else { bench::Many::Count };
            let size = bench::Size {
                many,
                count,
                rounds,
                deployments,
                log_megabytes,
                audit_lines,
                reported,
                services,
            };
            bench::run(&size, provider)
        }
        Chore::Simulate(schedules) => simulate::run(&schedules),
        Chore::Fuzz(fuzzing) => fuzz::run(&fuzzing),
        Chore::Docs { check } => cargo::generate_docs(check),
        Chore::Snapshots { check } => cargo::take_snapshots(check),
        Chore::Proto { check } => cargo::generate_protocol(check),
        Chore::Tables { check } => tables::run(check),
        Chore::Deny => outside::crates_of_others(),
        Chore::Workflows => outside::workflows(),
        Chore::Minimal => minimal::run(),
        Chore::Install(installation) => install::run(&installation),
        Chore::Dist(distribution) => dist::run(&distribution),
        Chore::Terraform => terraform::print(),
        Chore::LocalAws => tools::print(&tools::LOCAL_AWS),
    }
}
