//! `pipeline_maintenance_task`: a task that keeps a repository in order, run and recorded.
//!
//! What may be touched is `pipeline_core::maintenance`'s to say; here is what Terraform calls it.

mod model;
mod run;

use pipeline_core::base::suggest::did_you_mean_or;
use pipeline_core::maintenance::{self as tasks, MaintenanceTask as Domain, TaskId, TaskType};
use tfplugin::{
    Change, ChangeKind, Context, Diagnostic, Diagnostics, Draft as _, ImportKey, Path, Resource,
    Stop,
};

pub use model::MaintenanceTask;
use model::MaintenanceTaskDraft;
pub(crate) use model::{CleanupBlock, CommandBlock, DeprecateBlock, SecurityAuditBlock};
pub(crate) use run::{Preview, preview};

use crate::error::Blame as _;
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Beside the state: that it was imported, and knows no arguments.
const IMPORTED: &str = "imported";

impl Resource for MaintenanceTask {
    const NAME: &'static str = "pipeline_maintenance_task";
    type Provider = Pipeline;

    fn validate(draft: &MaintenanceTaskDraft, out: &mut Diagnostics) {
        let Some(task_type) = draft.task_type.known() else { return };
        let blocks = [
            (TaskType::Cleanup, draft.cleanup.is_null(), Self::CLEANUP),
            (TaskType::SyncFiles, draft.sync_files.is_null(), Self::SYNC_FILES),
            (TaskType::DeprecateOldVersions, draft.deprecate.is_null(), Self::DEPRECATE),
            (TaskType::SecurityAudit, draft.security_audit.is_null(), Self::SECURITY_AUDIT),
            (
                TaskType::DependencyUpdate,
                draft.dependency_update.is_null(),
                Self::DEPENDENCY_UPDATE,
            ),
        ];
        for (of, is_absent, block) in blocks {
            let is_command = matches!(of, TaskType::SyncFiles | TaskType::DependencyUpdate);
            let (found, next) = match (is_absent, task_type.0 == of) {
                (true, true) if is_command => ("no", "write its `command`"),
                (false, false) if task_type.0 != TaskType::All => ("a", "remove it"),
                _ => continue,
            };
            let name = block.name();
            let detail = format!(
                "Found {found} `{name}` for a `task_type` of \"{}\"; expected one for \"{of}\" and \"all\" only. \
                 Next: {next}, or set another `task_type`.",
                task_type.0
            );
            out.error(block, "The block does not go with the type of the task", detail);
        }
        out.extend(draft.settled().map(|task| task.check_keep()).unwrap_or_default());
    }

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        match change.kind() {
            ChangeKind::Update if cx.private().get(IMPORTED).is_some() => change.keep_computed(),
            ChangeKind::Update if !change.is_noop() => change.requires_replace(Self::TASK_ID),
            ChangeKind::Create => {
                let mut config = change.config.clone();
                // What they are makes no difference.
                config.triggers.set_null();
                let Some(task) = config.settled() else { return Ok(()) };
                let found = preview(&task, &session).await?;
                found.warnings.iter().for_each(|warning| change.warn(warning.clone()));
                change.plan_computed(&task.previewed(&found));
            }
            _ => {}
        }
        Ok(())
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let this = match self.planned.get() {
            Some(_) => self,
            None => {
                let found = preview(&self, &session).await?;
                self.previewed(&found)
            }
        };
        let task = begun(&this, &session)?;
        if this.dry_run {
            return Ok(this.dry(&task));
        }
        let note = |task: &Domain| cx.checkpoint(&this.clone().told(task));
        let tell = |line: String| cx.log.info(&line, &[]);
        let work = carry_out(&this, &session, &cx.stop, task, note, &tell);
        let (task, problems) = Box::pin(work).await?;
        let told = this.told(&task);
        if problems.has_errors() {
            cx.checkpoint(&told);
            return Err(problems);
        }
        problems.into_iter().for_each(|warning| cx.warn(warning));
        Ok(told)
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        let session = cx.provider.open().await?;
        let Some(id) = self.task_id.get().filter(|_| !self.dry_run) else { return Ok(Some(self)) };
        let found = record(&session, id).await?;
        Ok(found.map(|record| self.told(&record)))
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        // Only what was imported changes in place: it gets its arguments, and nothing is run.
        cx.private().remove(IMPORTED);
        let session = cx.provider.open().await?;
        let record = record(&session, prior.task_id.get().map_or("", String::as_str)).await?;
        Ok(record.map_or(self.clone(), |record| self.told(&record)))
    }

    async fn forget(&self, _: &Context<Self>) -> Result<Option<Diagnostic>, Diagnostics> {
        let Some(id) = self.task_id.get().filter(|_| !self.dry_run) else { return Ok(None) };
        let detail = format!(
            "\"{id}\" is history: Terraform forgets the task, and git keeps its record. Next: nothing; an \
             import takes it back."
        );
        Ok(Some(Diagnostic::warning(Self::TASK_ID, "The record of the task stays in git", detail)))
    }

    async fn delete(self, _: &Context<Self>) -> Result<(), Diagnostics> {
        // Of a dry run nothing is on record.
        Ok(())
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let id = key.text(|it| it.task_id.known().cloned().unwrap_or_default());
        let Some(record) = record(&session, &id).await? else {
            return Err(unknown(&session, &id).await?);
        };
        cx.private().set(IMPORTED, Vec::new());
        Ok(Self::of(&record))
    }
}

/// A task that begins now.
///
/// # Errors
/// When the clock is outside the calendar.
pub(crate) fn begun(task: &MaintenanceTask, session: &Session<'_>) -> Result<Domain, Diagnostics> {
    let id = session.new_task_id(task.task_type.0).blame(MaintenanceTask::TASK_ID)?;
    let mut begun = Domain::begun(id, task.task_type.0, session.actor(), session.now());
    let run = task.workflow_run_id.get().cloned();
    begun.workflow_run_id =
        run.map_or_else(|| session.workflow_run(), |given| given.map(|it| it.0));
    begun.planned = task.planned.get().cloned().unwrap_or_default();
    Ok(begun)
}

/// Runs a task that is no dry run, from its beginning on record, which is told to `note`, to its end there, and what
/// went wrong with it.
///
/// # Errors
/// When it cannot be recorded.
pub(crate) async fn carry_out(
    this: &MaintenanceTask,
    session: &Session<'_>,
    stop: &Stop,
    mut task: Domain,
    note: impl FnOnce(&Domain),
    tell: &(dyn Fn(String) + Send + Sync),
) -> Result<(Domain, Diagnostics), Diagnostics> {
    for left in tasks::abandoned(&session.ledger()).await.blame(Path::root())? {
        let over = left.ended(false, session.now(), "its process was killed");
        write(session, over, this.dry_run).await?;
    }
    let working = write(session, task.clone(), this.dry_run).await?;
    note(&task);
    let done = run::run(this, session, stop, &working, tell).await;
    task.findings = done.findings;
    let task = task.ended(done.succeeded, session.now(), &done.summary);
    write(session, task.clone(), this.dry_run).await?;
    Ok((task, done.problems))
}

/// The record of a task; nothing where there is none.
async fn record(session: &Session<'_>, id: &str) -> Result<Option<Domain>, Diagnostics> {
    let id: TaskId = id.parse().blame(MaintenanceTask::TASK_ID)?;
    let ledger = session.ledger();
    let found = ledger.read(&ledger.maintenance_task(&id)).await.blame(Path::root())?;
    Ok(found.map(|entry| entry.record))
}

async fn unknown(session: &Session<'_>, id: &str) -> Result<Diagnostics, Diagnostics> {
    let (snapshot, shelf) = (session.snapshot().await?, session.ledger().maintenance_tasks());
    let known = snapshot.under(shelf.prefix()).map(|(name, _)| name);
    let next = did_you_mean_or(id, known, || "Take the ID from the ledger.".to_owned());
    let detail =
        format!("Found no record of the task \"{id}\"; expected one to import. Next: {next}");
    Ok(Diagnostic::error(MaintenanceTask::TASK_ID, "There is no such task", detail).into())
}

/// Writes a task as it begins or ends.
async fn write(
    session: &Session<'_>,
    task: Domain,
    is_dry: bool,
) -> Result<tasks::Working, Diagnostics> {
    let ledger = session.ledger();
    let found = tasks::survey(&ledger, task, is_dry).await.blame(Path::root())?;
    let staged = found.check().blame(Path::root())?.stage(&ledger, &session.author());
    let tasks::StagedTask { staged, working } = staged.blame(Path::root())?;
    session.commit(staged).await?;
    Ok(working)
}
