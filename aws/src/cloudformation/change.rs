//! The calls that change stacks, by change sets, and what they need to know before. Who may make them, and when,
//! is [`crate::stacks`]'.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeAction, ChangeSetStatus, ChangeSetType, ExecutionStatus, Parameter,
    PolicyAction, Replacement, ResourceChange as Told, Tag, TemplateStage,
};

use super::{MOST_PAGES, Stacks, described, event, said};
use crate::fault::{Fault, FaultKind};
use pipeline_core::stack::{
    Declared, Parameter as DeclaredParameter, ResourceAction, ResourceChange, StackDescription,
    StackEvent, StackName,
};

/// Where a template is.
#[derive(Clone, PartialEq, Eq)]
pub enum Template {
    /// Its text.
    Body(String),
    /// An object in S3.
    S3 {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// A URL of S3.
    Url(String),
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(text) => write!(f, "Body({} bytes)", text.len()),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Url(_) => f.write_str("Url"),
        }
    }
}

/// The value of a parameter.
#[derive(Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// This one.
    Is(String),
    /// The one that the stack has.
    AsBefore,
}

/// What a stack is to become.
#[derive(Clone)]
pub(crate) struct Wanted<'a> {
    pub(crate) template: &'a Template,
    pub(crate) parameters: BTreeMap<String, ParameterValue>,
    pub(crate) capabilities: &'a [String],
    /// Absent: those that it has.
    pub(crate) tags: Option<BTreeMap<String, String>>,
}

/// A stack as it is, and what of it can be put back.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) stack: StackDescription,
    /// As CloudFormation shows them: those that are hidden are masked.
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) capabilities: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// A change set.
pub(crate) struct ChangeSet {
    pub(crate) status: ChangeSetStatus,
    pub(crate) execution: Option<ExecutionStatus>,
    pub(crate) reason: String,
    pub(crate) changes: Vec<ResourceChange>,
    /// The parameters that something changes by.
    pub(crate) causes: BTreeSet<String>,
}

impl ChangeSet {
    /// Whether it failed because there is nothing to change.
    pub(crate) fn is_empty(&self) -> bool {
        self.status == ChangeSetStatus::Failed
            && (self.reason.contains("didn't contain changes")
                || self.reason.contains("No updates are to be performed"))
    }
}

impl Stacks<'_> {
    /// A stack as it is; `None` where there is none.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<Seen>, Fault> {
        let asked = self.client.describe_stacks().stack_name(name);
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let fault = self.fault("DescribeStacks", &error).await;
                return if fault.kind == FaultKind::Missing { Ok(None) } else { Err(fault) };
            }
        };
        Ok(answer.stacks().first().map(|stack| Seen {
            stack: described(stack),
            parameters: pairs(stack.parameters(), |it| (it.parameter_key(), it.parameter_value())),
            capabilities: stack.capabilities().iter().map(|it| it.as_str().to_owned()).collect(),
            tags: pairs(stack.tags(), |it| (it.key(), it.value())),
        }))
    }

    /// The template of a stack as it was given.
    pub(crate) async fn given_template(&self, name: &StackName) -> Result<String, Fault> {
        let asked = self.client.get_template().stack_name(name.as_str());
        match asked.template_stage(TemplateStage::Original).send().await {
            Ok(answer) => Ok(answer.template_body().unwrap_or_default().to_owned()),
            Err(error) => Err(self.fault("GetTemplate", &error).await),
        }
    }

    /// What a template declares, as CloudFormation reads it, and the capabilities that it needs. It does not tell
    /// the resources.
    pub(crate) async fn summary(
        &self,
        template: &Template,
    ) -> Result<(Declared, Vec<String>), Fault> {
        let (body, url) = self.given(template);
        let asked = self.client.get_template_summary();
        let asked = asked.set_template_body(body).set_template_url(url);
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => return Err(self.fault("GetTemplateSummary", &error).await),
        };
        let parameters = answer.parameters().iter().filter_map(|it| {
            let declared = DeclaredParameter {
                is_hidden: it.no_echo() == Some(true),
                has_default: it.default_value().is_some(),
            };
            Some((it.parameter_key()?.to_owned(), declared))
        });
        let declared = Declared { parameters: parameters.collect(), ..Declared::default() };
        let needed = answer.capabilities().iter().map(|it| it.as_str().to_owned()).collect();
        Ok((declared, needed))
    }

    /// Asks for a change set of this name; one that is there already is ours, by its name.
    pub(crate) async fn create_change_set(
        &self,
        (stack, name): (&str, &str),
        creates: bool,
        wanted: &Wanted<'_>,
    ) -> Result<(), Fault> {
        let (body, url) = self.given(wanted.template);
        let parameter = |(key, value): (&String, &ParameterValue)| {
            let made = Parameter::builder().parameter_key(key);
            match value {
                ParameterValue::Is(value) => made.parameter_value(value),
                ParameterValue::AsBefore => made.use_previous_value(true),
            }
            .build()
        };
        let tags = wanted.tags.as_ref().map(|tags| {
            tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
        });
        let capabilities = wanted.capabilities.iter().map(|it| Capability::from(it.as_str()));
        let kind = if creates { ChangeSetType::Create } else { ChangeSetType::Update };
        let asked = self.client.create_change_set().stack_name(stack).change_set_name(name);
        let asked = asked.change_set_type(kind).client_token(name);
        let asked = asked.set_template_body(body).set_template_url(url).set_tags(tags);
        let parameters: Vec<Parameter> = wanted.parameters.iter().map(parameter).collect();
        let asked = asked.set_parameters(some(parameters));
        let asked = asked.set_capabilities(some(capabilities.collect()));
        match asked.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("AlreadyExistsException") => {
                let fault = self.fault("CreateChangeSet", &error).await;
                if fault.said.contains("ChangeSet") { Ok(()) } else { Err(fault) }
            }
            Err(error) => Err(self.fault("CreateChangeSet", &error).await),
        }
    }

    /// A change set, with all that it would do; `None` where there is none.
    pub(crate) async fn change_set(
        &self,
        (stack, name): (&str, &str),
    ) -> Result<Option<ChangeSet>, Fault> {
        let mut found: Option<ChangeSet> = None;
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let asked = self.client.describe_change_set().stack_name(stack).change_set_name(name);
            let answer = match asked.set_next_token(next).send().await {
                Ok(answer) => answer,
                Err(error)
                    if error.code().is_some_and(|it| it.starts_with("ChangeSetNotFound")) =>
                {
                    return Ok(None);
                }
                Err(error) => {
                    let fault = self.fault("DescribeChangeSet", &error).await;
                    let missing = fault.kind == FaultKind::Missing;
                    return if missing { Ok(None) } else { Err(fault) };
                }
            };
            let set = found.get_or_insert_with(|| empty(&answer));
            set.changes
                .extend(answer.changes().iter().filter_map(Change::resource_change).map(change));
            set.causes.extend(
                answer.changes().iter().filter_map(Change::resource_change).flat_map(causes),
            );
            next = answer.next_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Whether a stack has change sets.
    pub(crate) async fn has_change_sets(&self, stack: &str) -> Result<bool, Fault> {
        match self.client.list_change_sets().stack_name(stack).send().await {
            Ok(answer) => Ok(!answer.summaries().is_empty()),
            Err(error) => Err(self.fault("ListChangeSets", &error).await),
        }
    }

    /// Carries a change set out. Its name is the token of the operation that begins.
    pub(crate) async fn execute(&self, (stack, name): (&str, &str)) -> Result<(), Fault> {
        let asked = self.client.execute_change_set().stack_name(stack).change_set_name(name);
        match asked.client_request_token(name).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.fault("ExecuteChangeSet", &error).await),
        }
    }

    /// Deletes a change set; one that is not there is deleted.
    pub(crate) async fn delete_change_set(&self, (stack, name): (&str, &str)) -> Result<(), Fault> {
        let asked = self.client.delete_change_set().stack_name(stack).change_set_name(name);
        match asked.send().await {
            Ok(_) => Ok(()),
            Err(error) => match self.fault("DeleteChangeSet", &error).await {
                fault if fault.kind == FaultKind::Missing => Ok(()),
                fault => Err(fault),
            },
        }
    }

    /// Takes an update back that goes on.
    pub(crate) async fn cancel_update(&self, stack: &str, token: &str) -> Result<(), Fault> {
        let asked = self.client.cancel_update_stack().stack_name(stack);
        match asked.client_request_token(token).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.fault("CancelUpdateStack", &error).await),
        }
    }

    /// Deletes a stack with its resources.
    pub(crate) async fn delete(&self, stack: &str, token: &str) -> Result<(), Fault> {
        let asked = self.client.delete_stack().stack_name(stack);
        match asked.client_request_token(token).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.fault("DeleteStack", &error).await),
        }
    }

    /// The events of a stack, newest first: those after one that is known, or of the newest operation alone.
    pub(crate) async fn events_after(
        &self,
        stack_id: &str,
        known: Option<&str>,
    ) -> Result<Vec<StackEvent>, Fault> {
        let ends = |it: &StackEvent| known == Some(it.id.as_str());
        let is_whole = |events: &[StackEvent]| {
            events.last().is_some_and(|it| ends(it) || it.begins_operation(stack_id))
        };
        let mut events = self.events_until(stack_id, is_whole).await?;
        events.pop_if(|it| ends(it));
        Ok(events)
    }

    /// The events of a stack, newest first, up to the one with which they are enough.
    pub(crate) async fn events_until(
        &self,
        stack_id: &str,
        is_enough: impl Fn(&[StackEvent]) -> bool,
    ) -> Result<Vec<StackEvent>, Fault> {
        let mut events = Vec::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let asked = self.client.describe_stack_events().stack_name(stack_id);
            let answer = match asked.set_next_token(next).send().await {
                Ok(answer) => answer,
                Err(error) => return Err(self.fault("DescribeStackEvents", &error).await),
            };
            for event in answer.stack_events().iter().filter_map(event) {
                events.push(event);
                if is_enough(&events) {
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

    /// A template as a call takes it: its text, or its URL.
    fn given(&self, template: &Template) -> (Option<String>, Option<String>) {
        match template {
            Template::Body(text) => (Some(text.clone()), None),
            Template::Url(url) => (None, Some(url.clone())),
            Template::S3 { bucket, key } => (None, Some(self.object_url(bucket, key))),
        }
    }

    fn object_url(&self, bucket: &str, key: &str) -> String {
        let region = self.region.as_str();
        let end = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let host = match self.config.endpoint_url() {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None => format!("https://s3.{region}.{end}"),
        };
        format!("{host}/{bucket}/{}", escaped(key))
    }
}

/// A list that has something in it.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// A key as it stands in a URL.
fn escaped(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn pairs<T>(
    list: &[T],
    both: impl Fn(&T) -> (Option<&str>, Option<&str>),
) -> BTreeMap<String, String> {
    let pair = |it: &T| {
        let (key, value) = both(it);
        Some((key?.to_owned(), value.unwrap_or_default().to_owned()))
    };
    list.iter().filter_map(pair).collect()
}

fn empty(answer: &DescribeChangeSetOutput) -> ChangeSet {
    ChangeSet {
        status: answer.status().cloned().unwrap_or(ChangeSetStatus::CreatePending),
        execution: answer.execution_status().cloned(),
        reason: said(answer.status_reason()).unwrap_or_else(|| "no reason is given".to_owned()),
        changes: Vec::new(),
        causes: BTreeSet::new(),
    }
}

fn change(told: &Told) -> ResourceChange {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let keeps = told.policy_action() == Some(&PolicyAction::Retain);
    let action = match (told.action(), told.replacement()) {
        (Some(ChangeAction::Add), _) => ResourceAction::Add,
        (Some(ChangeAction::Import), _) => ResourceAction::Import,
        (Some(ChangeAction::Remove), _) if keeps => ResourceAction::Release,
        (Some(ChangeAction::Remove), _) => ResourceAction::Delete,
        (Some(ChangeAction::Modify), Some(Replacement::True)) => ResourceAction::Replace,
        (Some(ChangeAction::Modify), Some(Replacement::Conditional)) => ResourceAction::MayReplace,
        (Some(ChangeAction::Modify), None | Some(Replacement::False)) => ResourceAction::Modify,
        _ => ResourceAction::Unknown,
    };
    ResourceChange {
        logical_id: text(told.logical_resource_id()),
        resource_type: text(told.resource_type()),
        action,
    }
}

fn causes(told: &Told) -> Vec<String> {
    told.details().iter().filter_map(|it| it.causing_entity().map(str::to_owned)).collect()
}
