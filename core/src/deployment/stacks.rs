//! What a deployment did to stacks of CloudFormation, as its record has it.
//!
//! Nothing in it shows what a template hides. It leaves out templates and parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::dialect::DeploymentResult;
use crate::base::violation::Violations;
use crate::stack::StackEvent;

/// A rollout on stacks, in the order in which they are deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StacksRollout {
    /// What was done to each of them.
    pub stacks: Vec<StackRollout>,
}

/// What was done to one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackRollout {
    /// Its name.
    pub stack_name: String,
    /// Its ARN, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_id: Option<String>,
    /// What was begun; absent where the deployment did not come as far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<StackChange>,
    /// Whether it came to a good end; absent while nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// Whether it is again as it was before.
    #[serde(default)]
    pub restored: bool,
    /// How long the change took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Its outputs, without those that may not be seen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stack_outputs: BTreeMap<String, String>,
    /// The keys of the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld_outputs: Vec<String>,
    /// The events of the change, newest first; of a long one the newest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<StackEvent>,
}

/// What a deployment changes of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StackChange {
    /// There was none.
    Create,
    /// It was there.
    Update,
    /// It was there, as it should be.
    Nothing,
}

impl StackRollout {
    /// A stack that nothing was done to.
    #[must_use]
    pub const fn untouched(stack_name: String) -> Self {
        Self {
            stack_name,
            stack_id: None,
            change: None,
            success: None,
            restored: false,
            duration_ms: None,
            stack_outputs: BTreeMap::new(),
            withheld_outputs: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Whether something of it was changed, or may have been.
    #[must_use]
    pub const fn was_begun(&self) -> bool {
        matches!(self.change, Some(StackChange::Create | StackChange::Update))
    }

    /// The result of the stack (DEP060); absent while nobody can tell.
    ///
    /// # Errors
    /// DEP060, where the record is not valid.
    #[must_use]
    pub fn result(&self) -> Option<Result<DeploymentResult, Violations>> {
        let id = self.stack_id.as_deref().unwrap_or_default();
        let event = |event: &StackEvent| event.to_json(id, &self.stack_name);
        let events: Vec<Map<String, Value>> = self.events.iter().map(event).collect();
        let seconds = std::time::Duration::from_millis(self.duration_ms.unwrap_or_default());
        Some(DeploymentResult::from_json(&json!({
            "success": self.success?,
            "stack_name": self.stack_name,
            "stack_outputs": self.stack_outputs,
            "duration": seconds.as_secs_f64(),
            "cloudformation_events": events,
        })))
    }
}

impl StacksRollout {
    /// Whether a stack was changed, or may have been.
    #[must_use]
    pub fn was_begun(&self) -> bool {
        self.stacks.iter().any(StackRollout::was_begun)
    }

    /// Whether all that was changed is again as it was before.
    #[must_use]
    pub fn was_put_back(&self) -> bool {
        let mut begun = self.stacks.iter().filter(|it| it.was_begun()).peekable();
        begun.peek().is_some() && begun.all(|it| it.restored)
    }
}
