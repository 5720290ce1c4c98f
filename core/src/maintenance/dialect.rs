//! A maintenance task in the JSON of the documented systems.

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::MaintenanceTask;
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, parsed, text};
use crate::base::foreign;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations};
use crate::{Actor, Timestamp, WorkflowRunId};

use super::{TaskId, TaskStatus, TaskType};

impl Documented for MaintenanceTask {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        fields.must("task_id", parsed::<TaskId>);
        fields.must("task_type", parsed::<TaskType>);
        fields.must("status", parsed::<TaskStatus>);
        fields.must("triggered_by", parsed::<Actor>);
        fields.may("started_at", parsed::<Timestamp>);
        fields.may("completed_at", parsed::<Timestamp>);
        fields.may("workflow_run_id", parsed::<WorkflowRunId>);
        fields.may("result_summary", text);
        fields.finish(Some(()))?;
        // Each field has been read as what it is by now.
        let task = Self::deserialize(json).map_err(|error| {
            let next = "Write the task as its record has it.";
            let found = foreign::text(&error.to_string());
            Violation::new(RuleId::OWN044, found, "a maintenance task", next)
        })?;
        task.check_times().map(|()| task)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        let json = json!({
            "task_id": self.task_id,
            "task_type": self.task_type,
            "status": self.status,
            "triggered_by": self.triggered_by,
            "started_at": self.started_at,
            "completed_at": self.completed_at,
            "workflow_run_id": self.workflow_run_id,
            "result_summary": self.result_summary,
        });
        let lost = [("planned", !self.planned.is_empty()), ("findings", !self.findings.is_empty())];
        let left_out = lost.into_iter().filter(|(_, is_said)| *is_said).map(|(name, _)| name);
        Ok(Told { json, left_out: left_out.collect() })
    }
}
