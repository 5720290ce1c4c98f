//! What happened to a stack, one event at a time.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Timestamp;

/// An event of a stack. The properties of the resource are left out: they may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackEvent {
    /// Its ID.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The resource, by its name in the template.
    pub logical_id: String,
    /// The resource, by its own name; empty before it exists.
    pub physical_id: String,
    /// The type of the resource.
    pub resource_type: String,
    /// Its status, in CloudFormation's word.
    pub status: String,
    /// Why it has that status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the status is only a stage within another one.
    #[serde(default, skip)]
    pub is_stage: bool,
    /// The token of the call that began it, as the caller chose it.
    #[serde(default, skip)]
    pub token: Option<String>,
}

impl StackEvent {
    /// Whether this is the first event of an operation on the stack with this ARN.
    #[must_use]
    pub fn begins_operation(&self, stack_id: &str) -> bool {
        let begins = match self.status.as_str() {
            "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "IMPORT_IN_PROGRESS" => true,
            // A failed creation may end with a deletion, which then belongs to it.
            "DELETE_IN_PROGRESS" => self.reason.as_deref() == Some("User Initiated"),
            _ => false,
        };
        begins && self.is_of_stack(stack_id) && !self.is_stage
    }

    /// Whether it is about the stack itself.
    #[must_use]
    pub fn is_of_stack(&self, stack_id: &str) -> bool {
        self.physical_id == stack_id
    }

    /// Whether something failed by itself: what is given up because something else failed does not
    /// count.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let given_up = self.reason.as_deref().is_some_and(|reason| {
            reason.starts_with("Resource creation cancelled")
                || reason.starts_with("Resource update cancelled")
        });
        self.status.ends_with("_FAILED") && !given_up
    }

    /// The event in the words of CloudFormation.
    #[must_use]
    pub fn to_json(&self, stack_id: &str, stack_name: &str) -> Map<String, Value> {
        let mut parts = vec![
            ("StackId", stack_id.to_owned()),
            ("EventId", self.id.clone()),
            ("StackName", stack_name.to_owned()),
            ("LogicalResourceId", self.logical_id.clone()),
            ("PhysicalResourceId", self.physical_id.clone()),
            ("ResourceType", self.resource_type.clone()),
            ("Timestamp", self.at.to_string()),
            ("ResourceStatus", self.status.clone()),
        ];
        parts.extend(self.reason.clone().map(|reason| ("ResourceStatusReason", reason)));
        parts.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text))).collect()
    }
}
