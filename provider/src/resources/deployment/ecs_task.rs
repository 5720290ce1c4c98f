//! The `ecs_task` of a migration: which container makes the change, in the image of the release.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pipeline_aws::Connection;
use pipeline_aws::ecs::{EcsSettings, EcsTask, EcsTaskSettings, TaskNetwork};
use pipeline_core::Environment;
use pipeline_core::deployment::ecs::{EcsName, EcsReference, ImageReference};
use pipeline_core::rollout::{Migration, Task};
use tfplugin::{Change, Diagnostics, FieldValue, Model, Span, Text};

use super::commands::{MigrationBlock, MigrationBlockDraft};
use super::ecs;
use super::model::Deployment;
use crate::session::Session;

/// A task of Amazon ECS that runs once, in the image of the release.
///
/// Where the newest revision of the task definition has another image in this container, a revision with this one is
/// registered. The exit code of the container decides. A deployment that is interrupted, or a migration whose time is
/// over, stops the task. What the container needs to keep secret it gets by the `secrets` of its task definition.
///
/// The credentials need `ecs:DescribeTaskDefinition`, `ecs:RegisterTaskDefinition`, `ecs:RunTask`,
/// `ecs:DescribeTasks`, `ecs:ListTasks`, `ecs:StopTask` and `iam:PassRole` for the roles of the task definition. With
/// `logs:GetLogEvents`, a failure is told with the end of the container's log.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct EcsTaskBlock {
    /// Cluster, by name or ARN.
    pub cluster: Text<EcsReference>,
    /// Family of the task definition, whose newest revision is meant; or a revision such as `api:7`.
    #[tf(validate = something)]
    pub task_definition: String,
    /// Container that makes the change.
    pub container: Text<EcsName>,
    /// Image of the release with a tag or digest, such as `registry.example.org/api:1.2.3`.
    pub image: Text<ImageReference>,
    /// Program and arguments of the container. Those of the task definition where absent.
    pub command: Option<Vec<String>>,
    /// Variables of the container beside those of the task definition and the `PIPELINE_*` ones that commands get.
    /// Everybody sees them who may describe tasks.
    pub environment: Option<BTreeMap<String, String>>,
    /// Subnets, where the task definition has the network mode `awsvpc`.
    pub subnets: Option<Vec<String>>,
    /// Security groups, with `subnets`.
    pub security_groups: Option<Vec<String>>,
    /// Whether the task gets a public address, with `subnets`.
    #[tf(default = false)]
    pub assign_public_ip: bool,
    /// Where it runs: `FARGATE`, `EC2` or `EXTERNAL`. What the cluster does by itself where absent.
    #[tf(validate = launch_type)]
    pub launch_type: Option<String>,
    /// Version of Fargate's platform.
    pub platform_version: Option<String>,
    /// Pause between two looks at the task.
    #[tf(default = "5s")]
    pub poll_interval: Text<Span>,
}

/// Checks the account (CFG005) and the region (ENV026) of tasks, where no target of the deployment has them checked.
///
/// # Errors
/// The credentials are of another account, or for another region.
pub(super) async fn check(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    environment: Option<&Environment>,
) -> Result<(), Diagnostics> {
    let config = &change.config;
    let is_task = |draft: &MigrationBlockDraft| !matches!(draft.ecs_task.value(), FieldValue::Null);
    let runs = config.migrations.known().into_iter().flatten().any(is_task);
    let no_ecs = matches!(config.ecs.value(), FieldValue::Null);
    let no_stacks = matches!(config.stacks.value(), FieldValue::Null);
    if runs && no_ecs && no_stacks {
        ecs::is_placed(session, change, environment, Deployment::MIGRATIONS).await?;
    }
    Ok(())
}

fn something(name: &str) -> Result<(), String> {
    if !name.trim().is_empty() {
        return Ok(());
    }
    Err("Found no task definition; expected a family or a revision. Next: write one such as \"api\".".to_owned())
}

const LAUNCH_TYPES: [&str; 3] = ["EC2", "EXTERNAL", "FARGATE"];

fn launch_type(given: &str) -> Result<(), String> {
    if LAUNCH_TYPES.contains(&given) {
        return Ok(());
    }
    let found = pipeline_core::base::violation::quoted(given);
    Err(format!("Found {found}; expected `EC2`, `EXTERNAL` or `FARGATE`. Next: write one of them."))
}

impl EcsTaskBlock {
    /// A migration that this task makes.
    pub(super) fn migration(
        &self,
        block: &MigrationBlock,
        aws: &Arc<Connection>,
        secrets: &[String],
    ) -> Migration {
        let task = |command: &[String]| -> Arc<dyn Task> {
            let secrets = secrets.to_vec();
            let settings = EcsTaskSettings {
                name: block.name.clone(),
                secrets,
                ..self.settings(command, block.timeout.duration())
            };
            Arc::new(EcsTask::new(Arc::clone(aws), settings))
        };
        Migration {
            name: block.name.clone(),
            task: task(self.command.as_deref().unwrap_or_default()),
            rollback: block.rollback_command.as_deref().map(task),
        }
    }

    fn settings(&self, command: &[String], timeout: Duration) -> EcsTaskSettings {
        let network = self.subnets.as_ref().map(|subnets| TaskNetwork {
            subnets: subnets.clone(),
            security_groups: self.security_groups.clone().unwrap_or_default(),
            assign_public_ip: self.assign_public_ip,
        });
        EcsTaskSettings {
            name: String::new(),
            cluster: self.cluster.as_str().to_owned(),
            task_definition: self.task_definition.clone(),
            container: self.container.as_str().to_owned(),
            image: self.image.as_str().to_owned(),
            command: command.to_vec(),
            environment: self.environment.clone().unwrap_or_default(),
            network,
            secrets: Vec::new(),
            launch_type: self.launch_type.clone(),
            platform_version: self.platform_version.clone(),
            timeout,
            poll_interval: self.poll_interval.duration().max(Duration::from_millis(10)),
            call_timeout: EcsSettings::CALL_TIMEOUT,
        }
    }
}
