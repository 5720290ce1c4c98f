//! Tells telemetry of what ended (OBS001). Who is told is configured; what is told is `pipeline_core::telemetry`'s.
//!
//! It comes after everything that is recorded, and what goes wrong here is a warning (OBS002).

use std::future::Future;

use pipeline_aws::Connection;
use pipeline_aws::logs::Logs;
use pipeline_core::Violation;
use pipeline_core::telemetry::cloudwatch::entries;
use pipeline_core::telemetry::parent::TraceParent;
use pipeline_core::telemetry::traces::traces;
use pipeline_core::telemetry::{Ended, Moment, Otlp, PATIENCE, check_delivered};
use tfplugin::{Diagnostic, Path};

use crate::config::CloudWatchSettings;
use crate::error;
use crate::session::Session;

/// The moment, by the clock of this machine.
pub(crate) fn moment(session: &Session<'_>) -> Moment {
    let nanoseconds = session.settings.surroundings.instant().as_nanosecond();
    Moment(u64::try_from(nanoseconds).unwrap_or_default())
}

/// Tells all that are configured, at once; what could not be delivered, as warnings.
pub(crate) async fn tell(session: &Session<'_>, ended: &Ended) -> Vec<Diagnostic> {
    let settings = &session.settings.telemetry;
    let parent = session.settings.surroundings.variable("TRACEPARENT");
    let parent = parent.and_then(|text| TraceParent::read(&text));
    let traced = async {
        let otlp = settings.otlp.as_ref()?;
        in_time(otlp.place(), send(otlp, ended, parent.as_ref())).await
    };
    let logged = async {
        let to = settings.cloudwatch.as_ref()?;
        let place = format!("entries for the log group `{}`", to.log_group);
        let aws = session.aws();
        in_time(place, log(aws.as_deref(), to, ended)).await
    };
    let (traced, logged) = tokio::join!(traced, logged);
    let faults = traced.into_iter().chain(logged);
    faults.map(|fault| error::violation_under(&fault, &Path::root())).collect()
}

/// What is said of a delivery that did not arrive.
async fn in_time(
    place: String,
    sending: impl Future<Output = Result<(), String>>,
) -> Option<Violation> {
    let silent = || Err(format!("no answer within {} s", PATIENCE.as_secs()));
    let end = tokio::time::timeout(PATIENCE, sending).await;
    check_delivered(&place, end.unwrap_or_else(|_| silent()))
}

async fn send(otlp: &Otlp, ended: &Ended, parent: Option<&TraceParent>) -> Result<(), String> {
    match traces(ended, parent) {
        Some(traces) => otlp.deliver(&traces).await,
        None => Ok(()),
    }
}

async fn log(
    aws: Option<&Connection>,
    to: &CloudWatchSettings,
    ended: &Ended,
) -> Result<(), String> {
    let aws = aws.ok_or("how AWS is reached is not known")?;
    let entries = entries(ended, &to.namespace);
    let logs = Logs::open(aws).await.map_err(|fault| fault.to_string())?;
    let written = logs.write(&to.log_group, &ended.workflow_id, &entries).await;
    written.map_err(|fault| fault.to_string())
}
