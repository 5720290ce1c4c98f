//! What a deployment did apart from git: to an ECS service, by which revision and in whose place; or by
//! commands.
//!
//! Kept in the deployment's record, so that a later deployment can put a verified revision back. It
//! leaves out how a rollout is made and followed.

use std::convert::Infallible;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a deployment did apart from git.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rollout {
    /// On a service of Amazon ECS.
    Ecs(EcsRollout),
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
            Self::Command(_) => None,
        }
    }

    /// Whether bringing the version into service began.
    #[must_use]
    pub const fn was_begun(&self) -> bool {
        match self {
            Self::Ecs(rollout) => rollout.ecs_deployment_id.is_some(),
            Self::Command(rollout) => rollout.begun,
        }
    }

    /// Whether what ran before was put back.
    #[must_use]
    pub const fn was_put_back(&self) -> bool {
        match self {
            Self::Ecs(rollout) => rollout.restored_task_definition.is_some(),
            Self::Command(rollout) => rollout.restored,
        }
    }
}

impl From<EcsRollout> for Rollout {
    fn from(rollout: EcsRollout) -> Self {
        Self::Ecs(rollout)
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

/// The attributes of a record: an earlier release knows the first one, and passes over the other.
#[derive(Serialize, Deserialize)]
struct Attributes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<EcsRollout>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command_rollout: Option<CommandRollout>,
}

pub(super) fn serialize<S: Serializer>(
    rollout: &Option<Rollout>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let (rollout, command_rollout) = match rollout.clone() {
        None => (None, None),
        Some(Rollout::Ecs(rollout)) => (Some(rollout), None),
        Some(Rollout::Command(rollout)) => (None, Some(rollout)),
    };
    Attributes { rollout, command_rollout }.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Rollout>, D::Error> {
    match Attributes::deserialize(deserializer)? {
        Attributes { rollout: Some(_), command_rollout: Some(_) } => Err(serde::de::Error::custom(
            "found `rollout` and `command_rollout`; expected one of the two",
        )),
        Attributes { rollout: Some(rollout), .. } => Ok(Some(rollout.into())),
        Attributes { command_rollout, .. } => Ok(command_rollout.map(Rollout::from)),
    }
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
