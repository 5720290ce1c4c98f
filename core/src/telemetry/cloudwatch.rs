//! What ended, as entries of a log in CloudWatch: one for each stage, and one for the whole, which holds the metrics
//! in the Embedded Metric Format. CloudWatch makes metrics of it, so that one call brings both.

use serde_json::{Map, Value, json};

use super::{Ended, Kind, Moment};
use crate::Timestamp;

/// The namespace of the metrics where nobody chooses another.
pub const NAMESPACE: &str = "AphexPipeline";

/// One entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// What, as JSON.
    pub message: String,
}

/// The entries, in the order of their times, as CloudWatch asks for.
#[must_use]
pub fn entries(ended: &Ended, namespace: &str) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    for stage in &ended.stages {
        let at = ended.began.after(stage.after).after(stage.took);
        let said = stage.message.clone();
        let said = said.unwrap_or_else(|| format!("{} {}", stage.name, stage.result));
        let mut entry = common(ended, at, &stage.name, &said);
        entry.insert("result".to_owned(), stage.result.as_str().into());
        entry.insert("durationSeconds".to_owned(), stage.took.as_secs_f64().into());
        all.push(Entry { at: at.milliseconds(), message: Value::Object(entry).to_string() });
    }
    all.sort_by_key(|entry| entry.at);
    let end = ended.began.after(ended.took);
    let last = all.last().map_or(i64::MIN, |entry| entry.at);
    all.push(Entry { at: end.milliseconds().max(last), message: whole(ended, end, namespace) });
    all
}

/// The entry of the whole, with its metrics.
fn whole(ended: &Ended, at: Moment, namespace: &str) -> String {
    let said = ended.message.clone().unwrap_or_else(|| format!("{} {}", ended.name, ended.result));
    let mut entry = common(ended, at, "complete", &said);
    let seconds = ended.recorded.unwrap_or(ended.took).as_secs_f64();
    let metrics = match ended.kind {
        Kind::Deployment => {
            entry.insert("DeploymentCount".to_owned(), 1.into());
            entry.insert("DeploymentDuration".to_owned(), seconds.into());
            json!([
                { "Name": "DeploymentCount", "Unit": "Count" },
                { "Name": "DeploymentDuration", "Unit": "Seconds" },
            ])
        }
        Kind::Run => {
            entry.insert("WorkflowDuration".to_owned(), seconds.into());
            json!([{ "Name": "WorkflowDuration", "Unit": "Seconds" }])
        }
    };
    entry.insert("Environment".to_owned(), dimension(&ended.environment).into());
    entry.insert("Stack".to_owned(), dimension(&ended.stack).into());
    entry.insert("Status".to_owned(), ended.result.as_str().into());
    let about = json!({
        "Timestamp": at.milliseconds(),
        "CloudWatchMetrics": [{
            "Namespace": namespace,
            "Dimensions": [["Environment", "Stack", "Status"]],
            "Metrics": metrics,
        }],
    });
    entry.insert("_aws".to_owned(), about);
    Value::Object(entry).to_string()
}

/// What every entry says: time, workflow ID, stage and message.
fn common(ended: &Ended, at: Moment, stage: &str, message: &str) -> Map<String, Value> {
    let time = Timestamp::from_unix_seconds(at.milliseconds() / 1000);
    let time = time.map_or_else(String::new, |time| time.to_string());
    let fields = [
        ("timestamp", time),
        ("workflowId", ended.workflow_id.clone()),
        ("stage", super::cut(stage)),
        ("message", super::cut(message)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

/// A value that CloudWatch takes for a dimension: seen letters of ASCII, and not too many.
fn dimension(value: &str) -> String {
    const LONGEST: usize = 255;
    let plain = |letter: char| if letter.is_ascii_graphic() { letter } else { '_' };
    let value: String = value.chars().take(LONGEST).map(plain).collect();
    if value.is_empty() { super::NONE.to_owned() } else { value }
}
