//! What a deployment runs on this machine: migrations, a target of commands, and tests.
//!
//! How a command runs, and in which order, is `pipeline_core`'s; here its HCL is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use pipeline_core::base::violation::quoted;
use pipeline_core::command::{self, Command};
use pipeline_core::rollout::{CommandTarget, CommandTask, Migration, Task, Test, TestReports};
use pipeline_core::run::junit::{self, Reports};
use tfplugin::{Diagnostics, Field, Model, Path, Sensitive, Span, Text};

use super::ecs_task::EcsTaskBlock;
use super::model::{Deployment, DeploymentDraft};
use crate::error;
use crate::parts::program;
use crate::session::Session;

/// A change that the version needs before it is brought into service, such as one of a database.
#[derive(Debug, Clone, PartialEq, Model)]
#[tf(conflicts(command, ecs_task), at_least_one_of(command, ecs_task))]
pub struct MigrationBlock {
    /// Name, unlike that of any other migration of the deployment.
    #[tf(validate = something)]
    pub name: String,
    /// Program and arguments that make the change, on this machine. No shell reads them. Without it, `ecs_task`
    /// makes the change.
    #[tf(validate = program)]
    pub command: Option<Vec<String>>,
    /// Task of Amazon ECS that makes the change, in place of `command`.
    pub ecs_task: Option<EcsTaskBlock>,
    /// Program and arguments that take it back, should a later step fail: on this machine, or in the container of
    /// `ecs_task`. Without it the change stays.
    #[tf(validate = program)]
    pub rollback_command: Option<Vec<String>>,
    /// Variables for both beside `PATH`, `HOME` and the like; with `ecs_task`, which has its own, there are none.
    /// They are never shown; the state holds them.
    pub environment: Option<Sensitive<BTreeMap<String, String>>>,
    /// How long each of the two may take.
    #[tf(default = "15m")]
    pub timeout: Text<Span>,
}

/// Commands that bring the version into service: for whatever is not a service of Amazon ECS.
///
/// They run without a shell, in the checkout as it is: whatever they need of the version they fetch by
/// `PIPELINE_COMMIT_SHA` or `PIPELINE_VERSION`. These variables tell the rest: `PIPELINE_ACTION`,
/// `PIPELINE_DEPLOYMENT_ID`, `PIPELINE_ENVIRONMENT`, `PIPELINE_REGION`, `PIPELINE_SUB_PROJECT_PATH`,
/// `PIPELINE_PREVIOUS_VERSION`, `PIPELINE_PREVIOUS_COMMIT_SHA` and `PIPELINE_REASON`.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct CommandTargetBlock {
    /// Brings the version into service, and ends with exit code 0 when it is.
    #[tf(validate = program)]
    pub deploy: Vec<String>,
    /// Ends with exit code 0 while the version is in service. It runs after `deploy`, and again before success is
    /// recorded.
    #[tf(validate = program)]
    pub verify: Option<Vec<String>>,
    /// Puts back what ran before, `PIPELINE_PREVIOUS_VERSION`, after a failure or an interruption. Without it
    /// nothing is put back, and the failed deployment says so.
    #[tf(validate = program)]
    pub restore: Option<Vec<String>>,
    /// Variables for all of them beside `PATH`, `HOME` and the like. They are never shown; the state holds them.
    pub environment: Option<Sensitive<BTreeMap<String, String>>>,
    /// Folder in which they run, from the root of the checkout.
    pub working_directory: Option<String>,
    /// How long each of them may take.
    #[tf(default = "15m")]
    pub timeout: Text<Span>,
}

/// What tries the version when it is in service. A test that fails fails the deployment.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct DeploymentTestsBlock {
    /// Programs with their arguments, in order. All run, also after one that fails.
    #[tf(validate = programs)]
    pub commands: Vec<Vec<String>>,
    /// Pattern of the JUnit reports that they write, from the root of the checkout, such as `reports/**/*.xml`. Each
    /// test in them counts, one that failed fails the deployment, and so do reports that are missing. A file that lies
    /// there before the tests run, and that they do not write again, does not count.
    #[tf(validate = within)]
    pub junit: Option<String>,
    /// Variables for all of them beside `PATH`, `HOME` and the like. They are never shown; the state holds them.
    pub environment: Option<Sensitive<BTreeMap<String, String>>>,
    /// How long each of them may take.
    #[tf(default = "15m")]
    pub timeout: Text<Span>,
}

fn something(name: &str) -> Result<(), String> {
    if !name.trim().is_empty() {
        return Ok(());
    }
    Err("Found no name; expected one. Next: write what the migration changes, such as \"0001_orders\".".to_owned())
}

fn programs(commands: &[Vec<String>]) -> Result<(), String> {
    match commands {
        [] => program(&[]),
        commands => commands.iter().try_for_each(|command| program(command)),
    }
}

fn within(pattern: &str) -> Result<(), String> {
    junit::check_pattern(pattern).map_err(|why| {
        format!(
            "Found {}, of which {why}; expected a pattern of files within the repository. Next: write one from its \
             root, such as \"reports/**/*.xml\".",
            quoted(pattern)
        )
    })
}

/// Checks what needs nobody to be asked.
pub(super) fn validate(draft: &DeploymentDraft, out: &mut Diagnostics) {
    let mut names = BTreeSet::new();
    for (index, migration) in (0_i64..).zip(draft.migrations.known().into_iter().flatten()) {
        if let Some(name) = migration.name.known().filter(|name| !names.insert((*name).clone())) {
            let detail = format!(
                "Found {} for two migrations; expected a name for each. Next: rename one.",
                quoted(name)
            );
            out.push(migration.name.error("Two migrations have one name", detail));
        }
        let at = draft.migrations.path().clone().index(index);
        check(&migration.environment, &migration.timeout, &at, out);
    }
    if let Some(block) = draft.command.known() {
        check(&block.environment, &block.timeout, draft.command.path(), out);
    }
    if let Some(block) = draft.tests.known() {
        check(&block.environment, &block.timeout, draft.tests.path(), out);
    }
    let mut name = |name: &str, at: Path| {
        let fault = command::rules::check_variable(name);
        out.extend(fault.iter().map(|fault| error::violation_under(fault, &at)));
    };
    for (at, passed) in (0_i64..).zip(draft.pass_environment.known().into_iter().flatten()) {
        name(passed, draft.pass_environment.path().clone().index(at));
    }
    for secret in draft.secrets_wo.known().into_iter().flat_map(BTreeMap::keys) {
        name(secret, draft.secrets_wo.path().clone());
    }
}

fn check(
    environment: &Field<Sensitive<BTreeMap<String, String>>>,
    timeout: &Field<Text<Span>>,
    block: &Path,
    out: &mut Diagnostics,
) {
    let names = environment.known().into_iter().flat_map(|variables| variables.expose().keys());
    let patience = timeout.known().map(|span| span.duration());
    let faults = command::rules::check(names.map(String::as_str), patience);
    out.extend(faults.iter().map(|fault| error::violation_under(fault, block)));
}

/// What the commands of one deployment have in common.
pub(super) struct Commands {
    folder: PathBuf,
    /// What is passed on, and the secrets of the configuration.
    passed: BTreeMap<String, String>,
}

impl Commands {
    /// Of a deployment that runs commands.
    ///
    /// # Errors
    /// There is no checkout, or a variable that is to be passed on is not set.
    pub(super) fn of(
        deployment: &Deployment,
        session: &Session<'_>,
    ) -> Result<Option<Self>, Diagnostics> {
        let runs_here = |block: &MigrationBlock| block.command.is_some();
        let migrates = deployment.migrations.iter().flatten().any(runs_here);
        if !migrates && deployment.tests.is_none() && deployment.command.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { folder: session.checkout()?, passed: passed(deployment, session)? }))
    }

    fn task(
        &self,
        command: &[String],
        environment: Option<&Sensitive<BTreeMap<String, String>>>,
        timeout: &Span,
    ) -> CommandTask {
        let mut all = self.passed.clone();
        all.extend(environment.cloned().map(Sensitive::into_exposed).unwrap_or_default());
        let secrets = all.values().cloned().collect();
        let (program, arguments) = match command {
            [program, arguments @ ..] => (program.clone(), arguments.to_vec()),
            [] => (String::new(), Vec::new()),
        };
        let folder = Some(self.folder.clone());
        let patience = timeout.duration();
        let command = Command { program, arguments, environment: all, folder, patience };
        CommandTask { command, secrets }
    }

    fn migration(&self, block: &MigrationBlock, command: &[String]) -> Migration {
        let task = |command: &[String]| -> Arc<dyn Task> {
            Arc::new(self.task(command, block.environment.as_ref(), &block.timeout))
        };
        Migration {
            name: block.name.clone(),
            task: task(command),
            rollback: block.rollback_command.as_deref().map(task),
        }
    }

    pub(super) fn tests(&self, block: Option<&DeploymentTestsBlock>) -> Vec<Test> {
        let Some(block) = block else { return Vec::new() };
        let one = |command: &Vec<String>| Test {
            name: command.join(" "),
            task: Arc::new(self.task(command, block.environment.as_ref(), &block.timeout)),
        };
        block.commands.iter().map(one).collect()
    }

    /// Where the tests leave their reports.
    ///
    /// # Errors
    /// The pattern became known at the apply, and means nothing within the repository.
    pub(super) fn test_reports(
        &self,
        block: Option<&DeploymentTestsBlock>,
    ) -> Result<Option<TestReports>, Diagnostics> {
        let Some((block, pattern)) = block.and_then(|it| Some((it, it.junit.clone()?))) else {
            return Ok(None);
        };
        let reports = Reports::new(self.folder.clone(), pattern);
        let reports = reports.map_err(|why| error::deployment::no_reports(&why))?;
        let own = block.environment.clone().map(Sensitive::into_exposed).unwrap_or_default();
        let secrets = self.passed.values().cloned().chain(own.into_values()).collect();
        Ok(Some(TestReports { reports, secrets }))
    }

    pub(super) fn target(&self, block: &CommandTargetBlock) -> CommandTarget {
        let here = Self {
            folder: match &block.working_directory {
                Some(folder) => self.folder.join(folder),
                None => self.folder.clone(),
            },
            passed: self.passed.clone(),
        };
        let task =
            |command: &[String]| here.task(command, block.environment.as_ref(), &block.timeout);
        CommandTarget {
            deploy: task(&block.deploy),
            verify: block.verify.as_deref().map(task),
            restore: block.restore.as_deref().map(task),
        }
    }
}

/// The migrations of a deployment, in order: commands here, and tasks of ECS.
///
/// # Errors
/// A task needs AWS, which is not known.
pub(super) fn migrations(
    commands: Option<&Commands>,
    deployment: &Deployment,
    session: &Session<'_>,
) -> Result<Vec<Migration>, Diagnostics> {
    let mut all = Vec::new();
    for block in deployment.migrations.iter().flatten() {
        match (&block.ecs_task, &block.command, commands) {
            (Some(task), ..) => {
                // They may come by another way into what its container writes.
                let secrets: Vec<String> = passed(deployment, session)?.into_values().collect();
                all.push(task.migration(block, &session.known_aws()?, &secrets));
            }
            (None, Some(command), Some(commands)) => all.push(commands.migration(block, command)),
            // The schema lets neither pass.
            (None, ..) => {}
        }
    }
    Ok(all)
}

/// What is passed on, and the secrets of the configuration.
///
/// # Errors
/// A variable that is to be passed on is not set.
pub(super) fn passed(
    deployment: &Deployment,
    session: &Session<'_>,
) -> Result<BTreeMap<String, String>, Diagnostics> {
    let mut passed = deployment.secrets_wo.get().cloned().unwrap_or_default();
    for name in deployment.pass_environment.iter().flatten() {
        let value = session.settings.surroundings.passed_on(name);
        passed.insert(name.clone(), value.ok_or_else(|| error::deployment::not_set(name))?);
    }
    Ok(passed)
}
