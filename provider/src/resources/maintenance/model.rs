//! The HCL of `pipeline_maintenance_task`, and the ways between it and the domain.

use std::collections::BTreeMap;

use pipeline_core::base::violation::Findings;
use pipeline_core::command::rules::check_name;
use pipeline_core::maintenance::{
    Keep, MaintenanceTask as Domain, Policy, TaskFinding, TaskStatus, TaskType,
};
use pipeline_core::{SubProjectPath, Timestamp, Violations, WorkflowRunId};
use tfplugin::{Computed, Diagnostics, Model, Path, Sensitive, Span, Text};

use super::run::Preview;
use crate::error;
use crate::parts::{program, some_time};

/// A maintenance task: run when it is created, and recorded in the ledger with what came of it.
///
/// A change of any argument, `triggers` above all, makes another task in its place. A task that fails is
/// recorded as well, and the next apply runs another one.
///
/// - `cleanup` deletes records of runs 90 days after a success and 365 days after another end, or after they were
///   recorded where that was later, but not the newest of a pipeline, nor one that made a deployment that is
///   needed; a resource whose run went that way keeps it in its state. And it takes the response times of health
///   checks from records of deployments after 7 days. Needed is what runs, what is a last known good, and what an
///   environment would go back to. Where the provider block has an `archive`, each record goes there first. No
///   deployment and no tag is deleted.
/// - `deprecate-old-versions` gives old versions a `-deprecated` tag, up to 100 in one push, for which GitHub starts
///   no workflow. The plan names each version, and no other is touched. What runs anywhere or is still needed otherwise is left alone. Let it
///   depend on the tags and deployments of the same configuration.
/// - `security-audit` searches the commit that is checked out: all `environments/*/secrets.enc` have to be encrypted, and
///   scripts, workflows and Dockerfiles may hold no credential. Other branches and the history are not searched. What
///   it does not search there, such as a link out of the repository, is a finding.
/// - `sync-files` and `dependency-update` run a command of yours in the checkout, without a shell.
/// - `all` does all of these, whatever becomes of the others; a command that is not configured is left out.
///
/// Destroying it forgets it: the record stays in the ledger.
#[derive(Debug, Clone, Model)]
pub struct MaintenanceTask {
    /// What to do: `cleanup`, `sync-files`, `deprecate-old-versions`, `security-audit`, `dependency-update` or
    /// `all`.
    pub task_type: Text<TaskType>,
    /// Values of your choice; a change of one runs the task again.
    pub triggers: Option<BTreeMap<String, String>>,
    /// Whether to change nothing, and to show in `planned` and `findings` what would be done. Nothing is
    /// recorded.
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
    /// Run of GitHub Actions that does it. Defaults to `GITHUB_RUN_ID`.
    #[tf(optional)]
    pub workflow_run_id: Computed<Option<Text<WorkflowRunId>>>,
    /// ID of the task: `maint-YYYYMMDD-HHMMSS-<task_type>-xxxxxx`.
    #[tf(identity)]
    pub task_id: Computed<String>,
    /// What came of it: `succeeded` or `failed`; `pending` of a dry run.
    pub status: Computed<String>,
    /// Who ran it.
    pub triggered_by: Computed<String>,
    /// When it began, in UTC; null of a dry run.
    pub started_at: Computed<Option<Text<Timestamp>>>,
    /// When it was over, in UTC; null of a dry run.
    pub completed_at: Computed<Option<Text<Timestamp>>>,
    /// What came of it, in words; of `all`, one line for each part.
    pub result_summary: Computed<String>,
    /// What the security audit found, without what is allowed; at most 1000.
    pub findings: Computed<Vec<FindingBlock>>,
    /// What it sets out to do, one line each, such as `deprecate api/v1.0.0`.
    pub planned: Computed<Vec<String>>,
}

/// What cleaning up keeps longer.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct CleanupBlock {
    /// Days by kind, where it is to be kept longer than the rules ask for: `run`, 90 or more, and
    /// `health_check_response`, 7 or more.
    pub keep_days: Option<BTreeMap<String, u64>>,
}

/// Which versions are old.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct DeprecateBlock {
    /// How many of the newest releases of each sub-project are not.
    #[tf(default = 10)]
    pub keep: u64,
    /// Nor those whose tag is younger than this, such as `90d`.
    pub older_than: Option<Text<Span>>,
    /// Sub-projects to look at; an empty one is the root project. All where absent.
    pub sub_projects: Option<Vec<Text<SubProjectPath>>>,
}

/// What the security audit looks at, and what it makes of it.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct SecurityAuditBlock {
    /// Files and folders to search besides those that CI runs by convention, by their paths from the root of
    /// the repository, without patterns. One that is not there is a finding.
    pub paths: Option<Vec<String>>,
    /// Fingerprints of findings that are none. Secrets in the clear cannot be allowed.
    pub allow: Option<Vec<String>>,
    /// Whether a finding is an error. Where it is not, the task is `failed` all the same, with a warning.
    #[tf(default = true)]
    pub fail: bool,
}

/// A command, run without a shell in the checkout.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct CommandBlock {
    /// Program and arguments.
    #[tf(validate = program)]
    pub command: Vec<String>,
    /// Variables that it gets besides `PATH`, `HOME` and the like. They are never shown; the state holds them.
    #[tf(validate = variables)]
    pub environment: Option<Sensitive<BTreeMap<String, String>>>,
    /// How long it may take; more than no time.
    #[tf(default = "15m", validate = some_time)]
    pub timeout: Text<Span>,
}

/// A finding of the security audit. What was found is never in it.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct FindingBlock {
    /// File.
    pub path: String,
    /// Line, counted from 1; null where it is about the whole file.
    pub line: Option<u64>,
    /// What is there, such as `github-token` or `plaintext-secrets-file`.
    pub kind: String,
    /// ID of the rule that it breaks.
    pub rule: String,
    /// Fingerprint, for `allow`.
    pub fingerprint: String,
}

impl From<&TaskFinding> for FindingBlock {
    fn from(it: &TaskFinding) -> Self {
        let (path, kind, rule) = (it.path.clone(), it.kind.clone(), it.rule.clone());
        Self { path, line: it.line, kind, rule, fingerprint: it.fingerprint.clone() }
    }
}

fn variables(of: &Sensitive<BTreeMap<String, String>>) -> Result<(), Violations> {
    let mut findings = Findings::new();
    findings.extend(of.expose().keys().filter_map(|name| check_name(name)));
    findings.finish(())
}

impl MaintenanceTask {
    /// With what a record says.
    pub(super) fn told(self, record: &Domain) -> Self {
        Self {
            workflow_run_id: record.workflow_run_id.map(Text).into(),
            task_id: record.task_id.to_string().into(),
            status: record.status().to_string().into(),
            triggered_by: record.triggered_by.to_string().into(),
            started_at: record.started_at().map(Text).into(),
            completed_at: record.completed_at().map(Text).into(),
            result_summary: record.result_summary.clone().unwrap_or_default().into(),
            findings: record.findings.iter().map(FindingBlock::from).collect::<Vec<_>>().into(),
            planned: record.planned.clone().into(),
            ..self
        }
    }

    /// What a record is of, as far as it tells.
    pub(super) fn of(record: &Domain) -> Self {
        Self::blank(record.task_type).told(record)
    }

    /// With what it would do; what an audit finds is known before only of a dry run.
    pub(crate) fn previewed(self, found: &Preview) -> Self {
        let findings: Vec<_> = found.findings.iter().map(FindingBlock::from).collect();
        let findings = if self.dry_run { findings.into() } else { Computed::Unknown };
        let given = |run: &Option<_>| run.map(|run| Some(run).into());
        Self {
            planned: found.planned.clone().into(),
            findings,
            // The configuration says nothing of these.
            workflow_run_id: self
                .workflow_run_id
                .get()
                .and_then(given)
                .unwrap_or(Computed::Unknown),
            started_at: Computed::Unknown,
            completed_at: Computed::Unknown,
            ..self
        }
    }

    /// A dry run, which is recorded nowhere.
    pub(super) fn dry(self, like: &Domain) -> Self {
        let findings = self.findings.clone();
        Self {
            findings,
            status: TaskStatus::Pending.to_string().into(),
            started_at: None.into(),
            completed_at: None.into(),
            result_summary: "nothing was done, because the run is dry".to_owned().into(),
            ..self.told(like)
        }
    }

    /// What cleaning up keeps longer.
    ///
    /// # Errors
    /// RET004 where that is too short.
    pub(super) fn keep(&self) -> Result<Keep, Violations> {
        let days = self.cleanup.as_ref().and_then(|block| block.keep_days.clone());
        Keep::new(days.unwrap_or_default()).map_err(|bad| bad.under("keep_days").under("cleanup"))
    }

    /// What is wrong with what cleaning up keeps longer.
    pub(crate) fn check_keep(&self) -> Diagnostics {
        self.keep()
            .err()
            .map_or_else(Diagnostics::new, |bad| error::violations(&bad, &Path::root()))
    }

    /// Which versions are old.
    pub(super) fn policy(&self) -> Policy {
        let block = self.deprecate.clone().unwrap_or_else(DeprecateBlock::blank);
        let projects = block.sub_projects.unwrap_or_default();
        Policy {
            keep: usize::try_from(block.keep).unwrap_or(usize::MAX),
            older_than: block.older_than.map(|age| age.duration()),
            sub_projects: projects.into_iter().map(Text::into_inner).collect(),
        }
    }
}
