//! Stacks of CloudFormation, as they are and as they came to be.

mod change;

use std::collections::BTreeSet;

use aws_config::{Region, SdkConfig};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::Builder;
use aws_sdk_cloudformation::config::http::HttpResponse;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::primitives::{DateTime, DateTimeFormat};
use aws_sdk_cloudformation::types::{Stack, StackEvent as Event, TemplateStage};

use super::Connection;
use super::fault::{Fault, FaultKind};
pub(crate) use change::{ChangeSet, Seen, Wanted};
pub use change::{ParameterValue, Template};
use pipeline_core::Timestamp;
use pipeline_core::stack::{StackDescription, StackEvent, StackName, StackStatus};

const SERVICE: &str = "CloudFormation";

/// No operation has more events than fit on so many pages of a hundred.
const MOST_PAGES: usize = 100;

/// The stacks of one region.
#[derive(Debug)]
pub struct Stacks<'a> {
    config: &'a SdkConfig,
    client: Client,
    region: String,
}

impl<'a> Stacks<'a> {
    /// The stacks of `region`, or of the connection's.
    ///
    /// # Errors
    /// Nobody says which region.
    pub async fn open(connection: &'a Connection, region: Option<&str>) -> Result<Self, Fault> {
        let config = connection.config().await;
        let region = region.map(|name| Region::new(name.to_owned()));
        let Some(region) = region.or_else(|| config.region().cloned()) else {
            return Err(Fault::no_region(SERVICE, "DescribeStacks"));
        };
        let name = region.to_string();
        let client = Client::from_conf(Builder::from(config).region(region).build());
        Ok(Self { config, client, region: name })
    }

    /// A stack as it is. Which parameters are hidden only its template says: see
    /// [`Stacks::hidden_parameters`].
    ///
    /// # Errors
    /// There is none, or CloudFormation does not tell.
    pub async fn describe(&self, name: &StackName) -> Result<StackDescription, Fault> {
        let call = "DescribeStacks";
        let asked = self.client.describe_stacks().stack_name(name.as_str());
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => return Err(self.fault(call, &error).await),
        };
        answer.stacks().first().map(described).ok_or_else(|| Fault {
            service: SERVICE,
            call,
            kind: FaultKind::Missing,
            said: format!("the answer holds no stack `{name}`"),
        })
    }

    /// The events of the last operation on a stack, newest first.
    ///
    /// # Errors
    /// CloudFormation does not tell.
    pub async fn last_events(&self, stack: &StackDescription) -> Result<Vec<StackEvent>, Fault> {
        let mut events = Vec::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let asked = self.client.describe_stack_events().stack_name(&stack.id);
            let answer = match asked.set_next_token(next).send().await {
                Ok(answer) => answer,
                Err(error) => return Err(self.fault("DescribeStackEvents", &error).await),
            };
            for event in answer.stack_events().iter().filter_map(event) {
                let first = event.begins_operation(&stack.id);
                events.push(event);
                if first {
                    return Ok(events);
                }
            }
            next = answer.next_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        Ok(events)
    }

    /// The template of a stack, after its macros.
    ///
    /// # Errors
    /// CloudFormation does not tell.
    pub async fn template(&self, stack: &StackDescription) -> Result<String, Fault> {
        let asked = self.client.get_template().stack_name(&stack.id);
        match asked.template_stage(TemplateStage::Processed).send().await {
            Ok(answer) => Ok(answer.template_body().unwrap_or_default().to_owned()),
            Err(error) => Err(self.fault("GetTemplate", &error).await),
        }
    }

    /// The parameters that the template of a stack hides. It is the template that says so: how the
    /// value is masked, and whether it is, proves nothing.
    ///
    /// # Errors
    /// CloudFormation does not tell.
    pub async fn hidden_parameters(
        &self,
        stack: &StackDescription,
    ) -> Result<BTreeSet<String>, Fault> {
        let asked = self.client.get_template_summary().stack_name(&stack.id);
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => return Err(self.fault("GetTemplateSummary", &error).await),
        };
        let hidden = answer.parameters().iter().filter(|it| it.no_echo() == Some(true));
        Ok(hidden.filter_map(|it| it.parameter_key().map(str::to_owned)).collect())
    }

    async fn fault<E>(&self, call: &'static str, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let fault = Fault::of(self.config, SERVICE, call, error).await;
        // It has no error of its own for what does not exist.
        let missing = error.code() == Some("ValidationError") && fault.said.contains("not exist");
        Fault { kind: if missing { FaultKind::Missing } else { fault.kind }, ..fault }
    }
}

fn described(stack: &Stack) -> StackDescription {
    let outputs = stack.outputs().iter();
    let outputs = outputs.filter_map(|it| Some((it.output_key()?, it.output_value()?)));
    StackDescription {
        id: stack.stack_id().unwrap_or_default().to_owned(),
        name: stack.stack_name().unwrap_or_default().to_owned(),
        status: StackStatus::new(stack.stack_status().map_or("", |status| status.as_str())),
        reason: said(stack.stack_status_reason()),
        outputs: outputs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        hidden_parameters: stack.parameters().is_empty().then(BTreeSet::new),
    }
}

/// An event; one without a time is none.
fn event(event: &Event) -> Option<StackEvent> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some(StackEvent {
        id: text(event.event_id()),
        at: event.timestamp().and_then(time)?,
        logical_id: text(event.logical_resource_id()),
        physical_id: text(event.physical_resource_id()),
        resource_type: text(event.resource_type()),
        status: text(event.resource_status().map(|status| status.as_str())),
        reason: said(event.resource_status_reason()),
        is_stage: event.detailed_status().is_some(),
        token: said(event.client_request_token()),
    })
}

/// A text that says something.
fn said(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// With its fraction: operations may take less than a second.
fn time(at: &DateTime) -> Option<Timestamp> {
    at.fmt(DateTimeFormat::DateTime).ok()?.parse().ok()
}
