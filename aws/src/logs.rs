//! Entries of a log in CloudWatch Logs. Metrics are in them, in the Embedded Metric Format, and need no call of their
//! own. It leaves out groups of logs, which somebody else makes and keeps.

use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::http::HttpResponse;
use aws_sdk_cloudwatchlogs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;

use super::Connection;
use super::fault::{Fault, FaultKind};
use pipeline_core::telemetry::cloudwatch::Entry;

const SERVICE: &str = "CloudWatch Logs";

/// The logs of one region.
#[derive(Debug)]
pub struct Logs<'a> {
    config: &'a SdkConfig,
    client: Client,
}

impl<'a> Logs<'a> {
    /// The logs of the connection's region.
    ///
    /// # Errors
    /// Nobody says which region.
    pub async fn open(connection: &'a Connection) -> Result<Self, Fault> {
        let config = connection.config().await;
        if config.region().is_none() {
            return Err(Fault::no_region(SERVICE, "PutLogEvents"));
        }
        Ok(Self { config, client: Client::new(config) })
    }

    /// Writes entries, in the order of their times, into a stream of the group. The stream is made where it is not
    /// there yet.
    ///
    /// # Errors
    /// CloudWatch does not take them, or not all of them.
    pub async fn write(&self, group: &str, stream: &str, entries: &[Entry]) -> Result<(), Fault> {
        self.make(group, stream).await?;
        let call = "PutLogEvents";
        let event = |entry: &Entry| {
            // Both are set, so that it can be made.
            InputLogEvent::builder().timestamp(entry.at).message(&entry.message).build().ok()
        };
        let events: Vec<InputLogEvent> = entries.iter().filter_map(event).collect();
        let asked = self.client.put_log_events().log_group_name(group).log_stream_name(stream);
        match asked.set_log_events(Some(events)).send().await {
            Ok(answer) if answer.rejected_log_events_info().is_some() => {
                let said = "it rejected entries that are too old or too new".to_owned();
                Err(Fault { service: SERVICE, call, kind: FaultKind::Refused, said })
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.fault(call, &error).await),
        }
    }

    async fn make(&self, group: &str, stream: &str) -> Result<(), Fault> {
        let asked = self.client.create_log_stream().log_group_name(group).log_stream_name(stream);
        match asked.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ResourceAlreadyExistsException") => Ok(()),
            Err(error) => Err(self.fault("CreateLogStream", &error).await),
        }
    }

    async fn fault<E>(&self, call: &'static str, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let fault = Fault::of(self.config, SERVICE, call, error).await;
        let missing = error.code() == Some("ResourceNotFoundException");
        Fault { kind: if missing { FaultKind::Missing } else { fault.kind }, ..fault }
    }
}
