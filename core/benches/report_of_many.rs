//! How long it takes from many deployments in a real repository to the report in all its forms:
//! `report_of_many <deployments>`. `cargo xtask bench` runs it.
//!
//! Prints names and seconds, one a line. `git` is what git itself takes to read the same records.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(missing_docs, reason = "nobody uses it from outside")]

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use pipeline_core::deployment::Attempts;
use pipeline_core::git::{Repository, Settings, Signature};
use pipeline_core::ledger::Ledger;
use pipeline_core::queue::Succeeded;
use pipeline_core::report::{ReportQuestion, survey};
use pipeline_core::testing::{RawLedger as _, RefStore as _, Transaction};
use pipeline_core::{
    CommitSha, Deployment, DeploymentId, DeploymentUuid, EnvironmentName, Progress, QueueRecord,
    TagGrammar, Timestamp,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];
const SERVICES: usize = 10;
const COMMITS: usize = 1_000;

/// When the first deployment begins; all others follow within 85 days, so that the report tells of all.
const START: i64 = 1_760_000_000;
const PERIOD: i64 = 85 * 86_400;

#[tokio::main]
async fn main() -> Outcome {
    // Cargo adds a flag of its own.
    let count = std::env::args().skip(1).find(|it| !it.starts_with("--"));
    let count: usize = count.as_deref().unwrap_or("10000").parse()?;
    let folder = tempfile::tempdir()?;
    let commits = history(folder.path())?;
    deploy(folder.path(), count, &commits).await?;

    let clock = Instant::now();
    let read = git(
        folder.path(),
        &["for-each-ref", "--format=%(objectname) %(*objectname)", "refs/ledger"],
        "",
    )?;
    let objects = read.split_whitespace().collect::<Vec<_>>().join("\n");
    git(folder.path(), &["cat-file", "--batch"], &objects)?;
    say("git", clock);

    let whole = Instant::now();
    let clock = Instant::now();
    let ledger = Ledger::new(open(folder.path())?);
    let names = ENVIRONMENTS.map(|it| it.parse::<EnvironmentName>().map_err(text));
    let names = names.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut facts = survey::survey(&ledger, &TagGrammar::default(), Some(&names), None).await?;
    say("ledger", clock);
    let clock = Instant::now();
    let question = ReportQuestion::default();
    let (since, _) = facts.period(&question).ok_or("no time")?;
    survey::look_at_repository(ledger.store(), &mut facts, since).await?;
    say("commits", clock);
    let clock = Instant::now();
    let report = facts.report(&question).ok_or("no report")?;
    say("report", clock);
    let clock = Instant::now();
    let sizes =
        [serde_json::to_string(&report)?.len(), report.markdown().len(), report.html().len()];
    say("forms", clock);
    say("whole", whole);
    if report.history.len() != count || sizes.contains(&0) {
        return Err(format!("{} of {count} deployments are told", report.history.len()).into());
    }
    Ok(())
}

fn say(name: &str, clock: Instant) {
    println!("{name} {:.4}", clock.elapsed().as_secs_f64());
}

fn open(folder: &Path) -> Outcome<Repository> {
    Ok(Repository::open(folder.to_str(), None, Settings::default())?)
}

/// Git in the folder, with this on its standard input.
fn git(folder: &Path, words: &[&str], input: &str) -> Outcome<String> {
    let mut git = Command::new("git");
    git.args(words).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut git = git.spawn()?;
    let mut to = git.stdin.take().ok_or("no standard input")?;
    let input = input.to_owned();
    let writer = std::thread::spawn(move || to.write_all(input.as_bytes()));
    let output = git.wait_with_output()?;
    writer.join().map_err(|_| "the writer fell")??;
    if !output.status.success() {
        return Err(format!("git {} failed", words.join(" ")).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A repository with commits one after another.
fn history(folder: &Path) -> Outcome<Vec<CommitSha>> {
    git(folder, &["init", "--quiet", "--bare", "--initial-branch=main"], "")?;
    let mut stream = String::new();
    for n in 0..COMMITS {
        let time = START + i64::try_from(n)? * PERIOD / i64::try_from(COMMITS)?;
        write!(
            stream,
            "commit refs/heads/main\ncommitter Ada <ada@example.com> {time} +0000\ndata 12\nServe faster\n\
             M 644 inline file\ndata {}\n{n}\n",
            n.to_string().len()
        )?;
    }
    git(folder, &["fast-import", "--quiet"], &stream)?;
    let told = git(folder, &["rev-list", "--reverse", "main"], "")?;
    told.lines().map(|line| Ok(line.parse::<CommitSha>().map_err(|it| it.to_string())?)).collect()
}

/// Records deployments of every service to every environment, with the queues that name the last of them.
async fn deploy(folder: &Path, count: usize, commits: &[CommitSha]) -> Outcome {
    let ledger = Ledger::new(open(folder)?);
    let by = |time| Signature { name: "Ada".to_owned(), email: "ada@example.com".to_owned(), time };
    let mut updates = Vec::new();
    let mut queues: Vec<QueueRecord> = Vec::new();
    for name in ENVIRONMENTS {
        queues.push(QueueRecord::new(name.parse().map_err(text)?));
    }
    for n in 0..count {
        let record = deployment(n, count, commits)?;
        let queue = &mut queues[n % ENVIRONMENTS.len()];
        if matches!(record.progress, Progress::Succeeded { .. }) {
            let project = record.version.sub_project_path();
            queue.succeeded.retain(|it| it.sub_project_path != *project);
            queue.succeeded.push(Succeeded {
                sub_project_path: project.clone(),
                region: None,
                deployment_id: record.id.clone(),
            });
        }
        let slot = ledger.deployment(&record.environment, &record.id);
        updates.push(ledger.stage(&slot, None, &record, &by(record.requested_at), "deployed")?);
    }
    let now = time(PERIOD)?;
    for queue in &queues {
        updates.push(ledger.stage(
            &ledger.queue(&queue.environment),
            None,
            queue,
            &by(now),
            "queue",
        )?);
    }
    for some in updates.chunks(1_000) {
        ledger.store().commit(Transaction::new(some.to_vec())?).await?;
    }
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn time(seconds: i64) -> Outcome<Timestamp> {
    Ok(Timestamp::from_unix_seconds(START + seconds).ok_or("no such time")?)
}

/// The n-th deployment: each ninth failed.
fn deployment(n: usize, count: usize, commits: &[CommitSha]) -> Outcome<Deployment> {
    let start = i64::try_from(n)? * PERIOD / i64::try_from(count)?;
    let (started_at, completed_at) = (time(start)?, time(start + 240)?);
    let service = n / ENVIRONMENTS.len() % SERVICES;
    let round = n / ENVIRONMENTS.len() / SERVICES;
    let version = format!("team/service-{service}/v1.{round}.0").parse().map_err(text)?;
    let progress = if n % 9 == 8 {
        let error_message = "the health check answered 503".to_owned();
        Progress::Failed { started_at, completed_at, error_message, rolled_back_to: None }
    } else {
        Progress::Succeeded { started_at, completed_at }
    };
    Ok(Deployment {
        id: DeploymentId::new(started_at, &format!("{:06x}", n & 0xff_ffff)).map_err(text)?,
        uuid: DeploymentUuid::from_random([5; 16]),
        version,
        environment: ENVIRONMENTS[n % ENVIRONMENTS.len()].parse().map_err(text)?,
        region: None,
        commit_sha: commits[n * commits.len() / count],
        will_move_env_tag: true,
        requested_at: started_at,
        triggered_by: "ana".parse().map_err(text)?,
        approval: None,
        approvals: Vec::new(),
        workflow_run_id: None,
        infrastructure: None,
        pipeline_run: None,
        reason: Some("Customers wait for it".to_owned()),
        fixes: None,
        health_check_url: None,
        health_check_terms: None,
        public_url: None,
        previous_version: None,
        previous_commit: None,
        migrations: None,
        tests: None,
        rollout: None,
        health_check: None,
        attempts: Attempts::FIRST,
        progress,
    })
}
