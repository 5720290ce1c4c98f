//! What is recorded and told of a stack, without what may not be seen.

use std::time::Duration;

use super::follow::Ended;
use super::forward::call;
use super::{StackSettings, StacksTarget, Stop};
use crate::cloudformation::{Seen, Stacks};
use pipeline_core::base::cause::visible;
use pipeline_core::deployment::{StackChange, StackRollout};
use pipeline_core::stack::{StackEvent, StackName, StackReport, TemplateOutputs};

/// How many events of one change are recorded at most.
const MOST_EVENTS: usize = 200;

/// A value shorter than this stands in too many texts by chance.
const SHORTEST_SECRET: usize = 4;

impl StacksTarget<'_> {
    /// Notes how a change ended; says what failed first.
    pub(super) async fn note_end(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        ended: &Ended,
        to: &mut StackRollout,
    ) -> String {
        let id = to.stack_id.clone().unwrap_or_default();
        let Ok(Some(mut seen)) = stacks.find(&id).await else {
            return "no reason is given".to_owned();
        };
        // What somebody else does from now on is not ours to tell.
        seen.stack.status = ended.status.clone();
        let report = self.report(stacks, seen, ended.events.clone()).await;
        to.success = report.success();
        to.duration_ms = report.duration.and_then(milliseconds);
        to.stack_outputs = report.outputs;
        to.withheld_outputs = report.withheld;
        let events = report.events.into_iter().take(MOST_EVENTS);
        to.events = events.map(|event| settings.recorded(event)).collect();
        let why = report.error_message.unwrap_or_else(|| "no reason is given".to_owned());
        settings.masked(&why)
    }

    /// Notes a stack that is as it should be already.
    pub(super) async fn note_nothing(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        to: &mut StackRollout,
    ) -> Result<(), Stop> {
        to.change = Some(StackChange::Nothing);
        let found = stacks.find(settings.name.as_str()).await;
        let found = found.map_err(|fault| Stop::Failed(call(settings, fault)))?;
        if let Some(seen) = found {
            to.stack_id = Some(seen.stack.id.clone());
            let report = self.report(stacks, seen, Vec::new()).await;
            to.success = Some(true);
            to.duration_ms = Some(0);
            to.stack_outputs = report.outputs;
            to.withheld_outputs = report.withheld;
        }
        Ok(())
    }

    /// A report of a stack. What cannot be asked hides more.
    async fn report(
        &self,
        stacks: &Stacks<'_>,
        mut seen: Seen,
        events: Vec<StackEvent>,
    ) -> StackReport {
        let has_name = seen.stack.id.parse::<StackName>().is_ok();
        if has_name && seen.stack.hidden_parameters.is_none() && !seen.stack.outputs.is_empty() {
            seen.stack.hidden_parameters = stacks.hidden_parameters(&seen.stack).await.ok();
        }
        let hides = seen.stack.hidden_parameters.as_ref().is_some_and(|it| !it.is_empty());
        let template = match hides {
            true => stacks.template(&seen.stack).await.ok(),
            false => None,
        };
        let template = template.and_then(|text| TemplateOutputs::read(&text));
        StackReport::new(&seen.stack, events, template.as_ref())
    }
}

impl StackSettings {
    /// A text of CloudFormation without the values that nobody may see.
    pub(super) fn masked(&self, text: &str) -> String {
        let values = self.secret_parameters.values().filter(|it| it.len() >= SHORTEST_SECRET);
        values.fold(text.to_owned(), |text, value| text.replace(value.as_str(), "(hidden)"))
    }

    fn recorded(&self, event: StackEvent) -> StackEvent {
        let reason = event.reason.map(|reason| visible(&self.masked(&reason)));
        StackEvent { reason, ..event }
    }
}

fn milliseconds(seconds: f64) -> Option<u64> {
    let took = Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(took.as_millis()).ok()
}
