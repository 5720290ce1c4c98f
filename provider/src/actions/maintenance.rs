//! `pipeline_maintenance`: a maintenance task, run now.

use pipeline_core::maintenance::TaskType;
use tfplugin::{
    Action, ActionContext, Diagnostic, Diagnostics, Draft as _, Model, Resource as _, Text,
};

use crate::pipeline::Pipeline;
use crate::resources::MaintenanceTask;
use crate::resources::maintenance::{
    self, CleanupBlock, CommandBlock, DeprecateBlock, Preview, SecurityAuditBlock,
};

/// How many lines of what a task would do are shown.
const TOLD: usize = 20;

/// Runs a maintenance task, as a `pipeline_maintenance_task` does when it is created, and records it in the ledger with
/// what came of it. What each `task_type` does, and what it leaves alone, is on the page of that resource.
///
/// The plan shows what the task would do, as a warning; when it runs it looks again, and does what there is to do then.
/// A task that fails is recorded as well, and fails the action.
///
/// No configuration names what it did: no state holds the task, and no plan shows it again. Its record is in the ledger,
/// under the ID that the action says; `terraform import` takes it into a `pipeline_maintenance_task`. Tags that it made
/// are in no configuration either: a `pipeline_version_tag` for one of them has to import it.
#[derive(Debug, Clone, Model)]
pub struct Maintenance {
    /// What to do: `cleanup`, `sync-files`, `deprecate-old-versions`, `security-audit`, `dependency-update` or
    /// `all`.
    pub task_type: Text<TaskType>,
    /// Whether to change nothing, and to say what would be done. Nothing is recorded.
    #[tf(default = false)]
    pub dry_run: bool,
    /// What cleaning up keeps longer.
    pub cleanup: Option<CleanupBlock>,
    /// Which versions are old.
    pub deprecate: Option<DeprecateBlock>,
    /// What the security audit looks at.
    pub security_audit: Option<SecurityAuditBlock>,
    /// Command that copies files where they belong.
    pub sync_files: Option<CommandBlock>,
    /// Command that updates dependencies.
    pub dependency_update: Option<CommandBlock>,
}

impl Action for Maintenance {
    const NAME: &'static str = "pipeline_maintenance";
    type Provider = Pipeline;

    fn validate(draft: &MaintenanceDraft, out: &mut Diagnostics) {
        if let Some(this) = draft.settled() {
            let task = this.task();
            // What the provider computes is not known of it, so that the resource does not judge this.
            out.extend(task.check_keep());
            MaintenanceTask::validate(&task.into(), out);
        }
    }

    async fn plan(draft: &MaintenanceDraft, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let Some(this) = draft.settled() else { return Ok(()) };
        let found = maintenance::preview(&this.task(), &session).await?;
        if !found.planned.is_empty() {
            cx.warn(would(&found));
        }
        found.warnings.into_iter().for_each(|warning| cx.warn(warning));
        Ok(())
    }

    async fn invoke(self, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        let task = self.task();
        let found = cx.stop.unless(maintenance::preview(&task, &session)).await??;
        shown(&found).for_each(|line| cx.progress(format!("It will {line}")));
        if self.dry_run {
            found.warnings.into_iter().for_each(|warning| cx.warn(warning));
            cx.progress("Nothing was done, because the run is dry");
            return Ok(());
        }
        let task = task.previewed(&found);
        let begun = maintenance::begun(&task, &session)?;
        cx.progress(format!("Running {}", begun.task_id));
        let tell = |line: String| cx.progress(line);
        let work = maintenance::carry_out(&task, &session, &cx.stop, begun, |_| (), &tell);
        let (done, problems) = Box::pin(work).await?;
        let summary = done.result_summary.as_deref().unwrap_or_default();
        cx.progress(format!("{} {}: {summary}", done.task_id, done.status()));
        if problems.has_errors() {
            return Err(problems);
        }
        problems.into_iter().for_each(|warning| cx.warn(warning));
        Ok(())
    }
}

impl Maintenance {
    /// The resource that would do the same.
    fn task(&self) -> MaintenanceTask {
        MaintenanceTask {
            dry_run: self.dry_run,
            cleanup: self.cleanup.clone(),
            deprecate: self.deprecate.clone(),
            security_audit: self.security_audit.clone(),
            sync_files: self.sync_files.clone(),
            dependency_update: self.dependency_update.clone(),
            ..MaintenanceTask::blank(self.task_type.0)
        }
    }
}

/// What a task would do, as far as anybody reads on.
fn shown(found: &Preview) -> impl Iterator<Item = String> {
    let more = found.planned.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("do {more} things more"));
    found.planned.iter().take(TOLD).cloned().chain(more)
}

fn would(found: &Preview) -> Diagnostic {
    let lines: Vec<String> = shown(found).map(|line| format!("- {line}")).collect();
    let detail = format!(
        "Found this to do:\n{}\n\nWhat is found when it runs is done. Next: invoke it only if that is meant.",
        lines.join("\n")
    );
    Diagnostic::warning(Maintenance::TASK_TYPE, "What the task would do", detail)
}
