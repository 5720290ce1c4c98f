//! Running a task, part by part, and looking beforehand at what that would do.

use std::collections::BTreeSet;

use pipeline_core::base::violation::quoted;
use pipeline_core::command::{Command, End};
use pipeline_core::maintenance::{
    self as tasks, Batch, Deprecations, TaskFinding, TaskType, Working,
};
use pipeline_core::secret_scan::{self, Audit};
use pipeline_core::{CommitSha, Violation};
use tfplugin::{Diagnostic, Diagnostics, Path, Severity, Stop};

use super::model::{CommandBlock, MaintenanceTask};
use crate::error::{self, Blame as _};
use crate::session::Session;

/// How many problems of one part are told one by one.
const TOLD: usize = 10;

/// What a task would do.
#[derive(Default)]
pub(crate) struct Preview {
    /// One line each.
    pub(crate) planned: Vec<String>,
    /// What an audit finds already.
    pub(super) findings: Vec<TaskFinding>,
    /// What a person should know.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Looks at what a task would do. A dry run looks closer.
///
/// # Errors
/// When the repository cannot be read, or what the arguments name is not there.
pub(crate) async fn preview(
    task: &MaintenanceTask,
    session: &Session<'_>,
) -> Result<Preview, Diagnostics> {
    let mut found = Preview::default();
    for part in task.task_type.0.parts() {
        match part {
            TaskType::DeprecateOldVersions => {
                let old = deprecations(task, session).await?;
                found.planned.extend(old.plan());
                found.warnings.extend(old.stay.iter().take(TOLD).map(told));
            }
            TaskType::SecurityAudit if task.dry_run => {
                let (commit, audit) = audit(task, session).await?;
                found
                    .planned
                    .push(format!("search commit {commit}: {}", counted(audit.files, "file")));
                found.warnings.extend(objections(&audit).iter().map(told));
                found.findings = findings(&audit);
            }
            TaskType::Cleanup if task.dry_run => {
                let keep = task.keep().blame(Path::root())?;
                let (ledger, grammar) = (session.ledger(), &session.settings.grammar);
                let due = tasks::cleanup(&ledger, grammar, &keep, session.now()).await;
                found.planned.extend(due.blame(Path::root())?.plan());
            }
            TaskType::SecurityAudit => found.planned.push("search the commit of HEAD".to_owned()),
            TaskType::Cleanup => {
                found.planned.push("clean up what has been kept long enough".to_owned());
            }
            other => {
                let program = command(task, other).and_then(|block| block.command.first());
                if program.is_some() {
                    session.checkout()?;
                }
                found.planned.extend(program.map(|it| format!("run {} ({other})", quoted(it))));
            }
        }
    }
    Ok(found)
}

/// What came of a task.
#[derive(Default)]
pub(super) struct Done {
    pub(super) succeeded: bool,
    pub(super) summary: String,
    pub(super) findings: Vec<TaskFinding>,
    pub(super) problems: Diagnostics,
}

/// A part that failed: in a few words, and as problems.
struct Failure(String, Diagnostics);

impl From<Diagnostics> for Failure {
    fn from(problems: Diagnostics) -> Self {
        let first = problems.iter().next().map(|problem| problem.summary.clone());
        Self(first.unwrap_or_default(), problems)
    }
}

/// Runs a task. A part that fails stops no other.
pub(super) async fn run(
    task: &MaintenanceTask,
    session: &Session<'_>,
    stop: &Stop,
    working: &Working,
    tell: &(dyn Fn(String) + Send + Sync),
) -> Done {
    let mut done = Done { succeeded: true, ..Done::default() };
    let planned = task.planned.get().cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for part in task.task_type.0.parts() {
        tell(format!("Running {part}"));
        let result = match part {
            _ if stop.is_set() => Err(interrupted()),
            TaskType::Cleanup => clean_up(task, session, stop, working).await,
            TaskType::DeprecateOldVersions => {
                deprecate(task, session, stop, (working, &planned)).await
            }
            TaskType::SecurityAudit => audited(task, session, &mut done.findings).await,
            other => execute(command(task, other), session, stop).await,
        };
        let words = result.unwrap_or_else(|Failure(words, problems)| {
            done.succeeded = false;
            done.problems.extend(problems);
            words
        });
        lines.push(if task.task_type.0 == part { words } else { format!("{part}: {words}") });
    }
    done.summary = lines.join("\n");
    done
}

async fn clean_up(
    task: &MaintenanceTask,
    session: &Session<'_>,
    stop: &Stop,
    working: &Working,
) -> Result<String, Failure> {
    let keep = task.keep().blame(Path::root())?;
    let (ledger, grammar) = (session.ledger(), &session.settings.grammar);
    let archive = session.archive().await?;
    let found = tasks::cleanup(&ledger, grammar, &keep, session.now()).await.blame(Path::root())?;
    let mut total = Total::default();
    for due in found.batches() {
        if stop.is_set() {
            return Err(interrupted());
        }
        let batch = working.clean_up(&ledger, due, archive.as_ref(), &session.author()).await;
        total.commit(session, batch.blame(Path::root())?).await?;
    }
    let where_to = if archive.is_some() { ", which the archive has" } else { "" };
    total.told("record", &format!("cleaned up{where_to}"))
}

async fn deprecate(
    task: &MaintenanceTask,
    session: &Session<'_>,
    stop: &Stop,
    (working, planned): (&Working, &[String]),
) -> Result<String, Failure> {
    let mut found = deprecations(task, session).await?;
    found.retain(planned);
    let mut total = Total::default();
    for versions in found.batches() {
        if stop.is_set() {
            return Err(interrupted());
        }
        let (ledger, authority) = (session.ledger(), &session.settings.authority);
        let batch = working.deprecate(&ledger, &versions, authority, &session.author()).await;
        total.commit(session, batch.blame(Path::root())?).await?;
    }
    total.told("version", "deprecated")
}

/// What the batches of a part come to.
#[derive(Default)]
struct Total {
    count: usize,
    left: Vec<Violation>,
}

impl Total {
    async fn commit(&mut self, session: &Session<'_>, batch: Batch) -> Result<(), Failure> {
        let committed = session.commit(batch.staged).await;
        committed.map_err(|problems| {
            let words = format!("{} done before a push failed; another run goes on", self.count);
            Failure(words, problems)
        })?;
        self.count += batch.count;
        self.left.extend(batch.left);
        Ok(())
    }

    fn told(self, what: &str, done: &str) -> Result<String, Failure> {
        let (words, left) = (format!("{} {done}", counted(self.count, what)), self.left.len());
        if left == 0 {
            return Ok(words);
        }
        let problems = error::all(self.left.iter().take(TOLD), &Path::root());
        Err(Failure(format!("{words}; {left} left alone"), problems))
    }
}

async fn audited(
    task: &MaintenanceTask,
    session: &Session<'_>,
    findings: &mut Vec<TaskFinding>,
) -> Result<String, Failure> {
    let (commit, audit) = audit(task, session).await?;
    *findings = self::findings(&audit);
    let count = counted(audit.findings.len() + audit.left_out, "finding");
    let words = format!("{count} in {} of commit {commit}", counted(audit.files, "file"));
    let mut problems = Diagnostics::new();
    let fails = task.security_audit.as_ref().is_none_or(|block| block.fail);
    for broken in &objections(&audit) {
        let told = told(broken);
        let severity = if fails { Severity::Error } else { Severity::Warning };
        problems.push(Diagnostic { severity, ..told });
    }
    if problems.is_empty() { Ok(words) } else { Err(Failure(words, problems)) }
}

/// Why an audit fails, and the first of what it found.
fn objections(audit: &Audit) -> Vec<Violation> {
    let found = audit.findings.iter().take(TOLD).map(secret_scan::Finding::violation);
    audit.objection().into_iter().chain(found).collect()
}

async fn audit(
    task: &MaintenanceTask,
    session: &Session<'_>,
) -> Result<(CommitSha, Audit), Diagnostics> {
    // What is checked out is what CI runs, whatever branch the remote's own `HEAD` is.
    let commit = session.repository.resolve("HEAD").await.blame(Path::root())?;
    let block = task.security_audit.as_ref();
    let paths = block.and_then(|it| it.paths.clone()).unwrap_or_default();
    let allow: BTreeSet<String> =
        block.and_then(|it| it.allow.clone()).unwrap_or_default().into_iter().collect();
    let found = secret_scan::survey(session.repository, commit, &paths, &allow).await;
    Ok((commit, found.blame(Path::root())?))
}

fn findings(audit: &Audit) -> Vec<TaskFinding> {
    let finding = |it: &secret_scan::Finding| TaskFinding {
        path: it.path.clone(),
        line: it.line.and_then(|line| u64::try_from(line).ok()),
        kind: it.kind.to_string(),
        rule: it.violation().rule.to_string(),
        fingerprint: it.fingerprint.clone(),
    };
    audit.findings.iter().map(finding).collect()
}

async fn deprecations(
    task: &MaintenanceTask,
    session: &Session<'_>,
) -> Result<Deprecations, Diagnostics> {
    let (ledger, grammar) = (session.ledger(), &session.settings.grammar);
    let found = tasks::deprecations(&ledger, grammar, &task.policy(), session.now()).await;
    let found = found.blame(Path::root())?;
    found.map_err(|bad| error::violations(&bad.under("deprecate"), &Path::root()))
}

const fn command(task: &MaintenanceTask, part: TaskType) -> Option<&CommandBlock> {
    match part {
        TaskType::SyncFiles => task.sync_files.as_ref(),
        TaskType::DependencyUpdate => task.dependency_update.as_ref(),
        _ => None,
    }
}

/// Runs the command of a part, where it has one.
async fn execute(
    block: Option<&CommandBlock>,
    session: &Session<'_>,
    stop: &Stop,
) -> Result<String, Failure> {
    let Some(block) = block else { return Ok("no command is configured".to_owned()) };
    let [program, arguments @ ..] = block.command.as_slice() else { return Ok(String::new()) };
    let environment = block.environment.clone().map(|it| it.into_exposed()).unwrap_or_default();
    let folder = session.checkout()?;
    let command = Command {
        program: program.clone(),
        arguments: arguments.to_vec(),
        environment: environment.clone(),
        folder: Some(folder),
        patience: block.timeout.duration(),
    };
    let finished = tokio::select! {
        finished = command.run() => finished,
        () = stop.wait() => return Err(interrupted()),
    };
    let words = format!("{}: {}", quoted(program), finished.end);
    if finished.succeeded() {
        return Ok(words);
    }
    let said = finished.last_words(environment.values().map(String::as_str));
    let said = if said.is_empty() { String::new() } else { format!("\n\nIt said last:\n{said}") };
    let next = match finished.end {
        End::NotFound => "Install it, or name it by its path.",
        End::TimedOut => "Set a longer `timeout`, or find out what it waits for.",
        _ => "Run it by hand in the checkout.",
    };
    let detail = format!("Found that {words}; expected exit code 0. Next: {next}{said}");
    let problem = Diagnostic::error(Path::root(), "The command failed", detail);
    Err(Failure(words, problem.into()))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A rule that is broken, where it stops nothing.
fn told(broken: &Violation) -> Diagnostic {
    error::violation_under(broken, &Path::root())
}

fn interrupted() -> Failure {
    let detail =
        "The run of Terraform was interrupted. What was done stays done. Next: apply again.";
    let problem = Diagnostic::error(Path::root(), "The task was interrupted", detail);
    Failure("interrupted".to_owned(), problem.into())
}
