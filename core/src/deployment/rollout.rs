//! What a deployment did apart from git: to an ECS service, by which revision and in whose place; to stacks of
//! CloudFormation; or by commands.
//!
//! Kept in the deployment's record, so that a later deployment can put a verified revision back. It
//! leaves out how a rollout is made and followed.

use std::convert::Infallible;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::stacks::StacksRollout;

/// What a deployment did apart from git.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rollout {
    /// On a service of Amazon ECS.
    Ecs(EcsRollout),
    /// On stacks of CloudFormation.
    Stacks(StacksRollout),
    /// By commands of the configuration.
    Command(CommandRollout),
}

/// A rollout by commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRollout {
    /// The program that deploys, without its arguments.
    pub program: String,
    /// Whether it was started.
    pub begun: bool,
    /// Whether the command that puts back what ran before came to a good end.
    #[serde(default)]
    pub restored: bool,
}

impl Rollout {
    /// What was done to an ECS service, where that is what was done.
    #[must_use]
    pub const fn ecs(&self) -> Option<&EcsRollout> {
        match self {
            Self::Ecs(rollout) => Some(rollout),
            Self::Stacks(_) | Self::Command(_) => None,
        }
    }

    /// What was done to stacks, where that is what was done.
    #[must_use]
    pub const fn stacks(&self) -> Option<&StacksRollout> {
        match self {
            Self::Stacks(rollout) => Some(rollout),
            Self::Ecs(_) | Self::Command(_) => None,
        }
    }

    /// Whether bringing the version into service began.
    #[must_use]
    pub fn was_begun(&self) -> bool {
        match self {
            Self::Ecs(rollout) => rollout.ecs_deployment_id.is_some(),
            Self::Stacks(rollout) => rollout.was_begun(),
            Self::Command(rollout) => rollout.begun,
        }
    }

    /// Whether what ran before was put back.
    #[must_use]
    pub fn was_put_back(&self) -> bool {
        match self {
            Self::Ecs(rollout) => rollout.restored_task_definition.is_some(),
            Self::Stacks(rollout) => rollout.was_put_back(),
            Self::Command(rollout) => rollout.restored,
        }
    }
}

impl From<EcsRollout> for Rollout {
    fn from(rollout: EcsRollout) -> Self {
        Self::Ecs(rollout)
    }
}

impl From<StacksRollout> for Rollout {
    fn from(rollout: StacksRollout) -> Self {
        Self::Stacks(rollout)
    }
}

impl From<CommandRollout> for Rollout {
    fn from(rollout: CommandRollout) -> Self {
        Self::Command(rollout)
    }
}

impl From<Infallible> for Rollout {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The attributes of a record: an earlier release knows the first one, and passes over the others.
#[derive(Default, Serialize, Deserialize)]
struct Attributes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<EcsRollout>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stacks_rollout: Option<StacksRollout>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command_rollout: Option<CommandRollout>,
}

pub(super) fn serialize<S: Serializer>(
    rollout: &Option<Rollout>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut all = Attributes::default();
    match rollout.clone() {
        None => {}
        Some(Rollout::Ecs(rollout)) => all.rollout = Some(rollout),
        Some(Rollout::Stacks(rollout)) => all.stacks_rollout = Some(rollout),
        Some(Rollout::Command(rollout)) => all.command_rollout = Some(rollout),
    }
    all.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Rollout>, D::Error> {
    let all = Attributes::deserialize(deserializer)?;
    let mut found = [
        all.rollout.map(Rollout::from),
        all.stacks_rollout.map(Rollout::from),
        all.command_rollout.map(Rollout::from),
    ]
    .into_iter()
    .flatten();
    let first = found.next();
    if found.next().is_some() {
        return Err(serde::de::Error::custom(
            "found more than one of `rollout`, `stacks_rollout` and `command_rollout`; expected one of them",
        ));
    }
    Ok(first)
}

/// A rollout of one container image on an ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsRollout {
    /// The cluster, by name or ARN, as it was asked for.
    pub cluster: String,
    /// The service, by name.
    pub service: String,
    /// The container of the task definition whose image was changed.
    pub container: String,
    /// The image that was deployed.
    pub image: String,
    /// ARN of the revision that was registered for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// ARN of the revision that the service ran before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_task_definition: Option<String>,
    /// ECS's own ID of the deployment that this rollout is, such as `ecs-svc/1234567890`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecs_deployment_id: Option<String>,
    /// ARN of the revision that the service was put back to after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_task_definition: Option<String>,
}

impl EcsRollout {
    /// Whether both are of the same container of the same service; a name and the ARN that ends in it
    /// are the same.
    #[must_use]
    pub fn is_same_service(&self, other: &Self) -> bool {
        let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
        last(&self.cluster) == last(&other.cluster)
            && last(&self.service) == last(&other.service)
            && self.container == other.container
    }
}
