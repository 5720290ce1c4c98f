//! `pipeline_stack`: how the last deployment of a CloudFormation stack ended.

use std::collections::BTreeMap;

use pipeline_aws::cloudformation::Stacks;
use pipeline_aws::fault::{Fault, FaultKind};
use pipeline_core::KnownRegions;
use pipeline_core::stack::{StackDescription, StackEvent, StackName, StackReport, TemplateOutputs};
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Path, Text};

use crate::error;
use crate::pipeline::Pipeline;

/// A stack of CloudFormation: how its last deployment ended, and what it gives to others.
///
/// A rollback that is complete is a failed deployment. Outputs that show a `NoEcho` parameter, or that
/// are named like a secret, are left out. The properties of resources are left out of the events.
#[derive(Debug, Clone, Model)]
pub struct Stack {
    /// Name of the stack, or its ARN.
    pub stack_name: Text<StackName>,
    /// Region of the stack. Defaults to that of the provider's `aws` block.
    pub region: Option<String>,
    /// ARN of the stack.
    pub stack_id: Computed<String>,
    /// Status of the stack, such as `UPDATE_COMPLETE`.
    pub status: Computed<String>,
    /// Whether the last deployment succeeded; null while it goes on.
    pub success: Computed<Option<bool>>,
    /// Outputs by key, without those that show a secret.
    pub stack_outputs: Computed<BTreeMap<String, String>>,
    /// Keys of the outputs that are left out.
    pub withheld_outputs: Computed<Vec<String>>,
    /// When the last deployment began, in UTC; null where CloudFormation remembers no event of it.
    pub started_at: Computed<Option<String>>,
    /// How long it took, in seconds; null while it goes on.
    pub duration: Computed<Option<f64>>,
    /// What failed first; null where nothing did.
    pub error_message: Computed<Option<String>>,
    /// Events of the last deployment, newest first.
    pub cloudformation_events: Computed<Vec<StackEventItem>>,
    /// The same as the JSON of a deployment result; null while the deployment goes on.
    pub deployment_result_json: Computed<Option<String>>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct StackEventItem {
    /// ID of the event.
    pub event_id: String,
    /// When it happened, in UTC.
    pub timestamp: String,
    /// Resource, by its name in the template.
    pub logical_resource_id: String,
    /// Resource, by its own name.
    pub physical_resource_id: String,
    /// Type of the resource.
    pub resource_type: String,
    /// Status of the resource, such as `CREATE_COMPLETE`.
    pub resource_status: String,
    /// Why it has that status.
    pub resource_status_reason: Option<String>,
}

impl DataSource for Stack {
    const NAME: &'static str = "pipeline_stack";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let region = self.known_region(cx)?;
        let aws = cx.provider.known_aws()?;
        let told = |fault: Fault| self.not_told(&fault);
        let stacks = Stacks::open(&aws, region).await.map_err(told)?;
        let mut stack = stacks.describe(&self.stack_name).await.map_err(told)?;
        look_for_hidden(&stacks, &mut stack, cx).await;
        let events = stacks.last_events(&stack).await.map_err(told)?;
        let template = template(&stacks, &stack, cx).await;
        let report = StackReport::new(&stack, events, template.as_ref());
        let json = result_json(&report)?;
        if report.success().is_none() {
            cx.warn(unfinished(&report));
        }
        Ok(self.shown(report, json))
    }
}

impl Stack {
    fn known_region(&self, cx: &DataContext<Self>) -> Result<Option<&str>, Diagnostics> {
        let Some(region) = self.region.as_deref() else { return Ok(None) };
        let extra = cx.provider.extra_regions()?.iter().cloned();
        let known = KnownRegions::with_extra(extra).aws_used(region);
        known.map_err(|unknown| error::violations_at(&unknown, Self::REGION))?;
        Ok(Some(region))
    }

    fn shown(self, report: StackReport, json: Option<String>) -> Self {
        let success = report.success();
        let events: Vec<StackEventItem> = report.events.iter().map(StackEventItem::from).collect();
        Self {
            stack_id: report.id.into(),
            status: report.status.into(),
            success: success.into(),
            stack_outputs: report.outputs.into(),
            withheld_outputs: report.withheld.into(),
            started_at: report.started_at.map(|at| at.to_string()).into(),
            duration: report.duration.into(),
            error_message: report.error_message.into(),
            cloudformation_events: events.into(),
            deployment_result_json: json.into(),
            ..self
        }
    }

    fn not_told(&self, fault: &Fault) -> Diagnostics {
        let summary = match fault.kind {
            FaultKind::Missing => "There is no such stack",
            _ => "The stack could not be read",
        };
        let detail = format!(
            "Found {fault}; expected a stack `{}`. Next: {}",
            *self.stack_name,
            fault.next()
        );
        Diagnostic::error(Self::STACK_NAME, summary, detail).into()
    }
}

impl From<&StackEvent> for StackEventItem {
    fn from(event: &StackEvent) -> Self {
        Self {
            event_id: event.id.clone(),
            timestamp: event.at.to_string(),
            logical_resource_id: event.logical_id.clone(),
            physical_resource_id: event.physical_id.clone(),
            resource_type: event.resource_type.clone(),
            resource_status: event.status.clone(),
            resource_status_reason: event.reason.clone(),
        }
    }
}

/// Asks which parameters are hidden; needed only where an output could show one.
async fn look_for_hidden(
    stacks: &Stacks<'_>,
    stack: &mut StackDescription,
    cx: &DataContext<Stack>,
) {
    if stack.hidden_parameters.is_some() || stack.outputs.is_empty() {
        return;
    }
    match stacks.hidden_parameters(stack).await {
        Ok(hidden) => stack.hidden_parameters = Some(hidden),
        Err(fault) => cx.warn(Diagnostic::warning(
            Stack::STACK_OUTPUTS,
            "No output of the stack is shown",
            format!(
                "Found {fault}; expected to hear which parameters are `NoEcho`. Next: allow \
                 `cloudformation:GetTemplateSummary` to the credentials."
            ),
        )),
    }
}

/// What tells which outputs show a hidden parameter; needed only where there is one.
async fn template(
    stacks: &Stacks<'_>,
    stack: &StackDescription,
    cx: &DataContext<Stack>,
) -> Option<TemplateOutputs> {
    let hides = stack.hidden_parameters.as_ref().is_some_and(|hidden| !hidden.is_empty());
    if !hides || stack.outputs.is_empty() {
        return None;
    }
    let reason = match stacks.template(stack).await.map(|text| TemplateOutputs::read(&text)) {
        Ok(Some(outputs)) => return Some(outputs),
        Ok(None) => "a template that cannot be read here".to_owned(),
        Err(fault) => fault.to_string(),
    };
    cx.warn(Diagnostic::warning(
        Stack::STACK_OUTPUTS,
        "No output of the stack is shown",
        format!(
            "Found {reason}; expected a template that tells which outputs show a `NoEcho` parameter. \
             Next: allow `cloudformation:GetTemplate` to the credentials."
        ),
    ));
    None
}

fn result_json(report: &StackReport) -> Result<Option<String>, Diagnostics> {
    let Some(result) = report.result() else { return Ok(None) };
    let result = result.map_err(|wrong| error::violations(&wrong, &Path::root()))?;
    serde_json::to_string_pretty(&result).map(Some).map_err(|wrong| {
        let detail = format!("Found {wrong}; expected JSON. Next: report this as a bug.");
        Diagnostic::error(Stack::DEPLOYMENT_RESULT_JSON, "The result cannot be written", detail)
            .into()
    })
}

fn unfinished(report: &StackReport) -> Diagnostic {
    Diagnostic::warning(
        Stack::STACK_NAME,
        "The stack has no result yet",
        format!(
            "Found status `{}`; expected one that tells how the deployment ended, so `success` is null. \
             Next: plan again when the deployment is done.",
            report.status
        ),
    )
}
