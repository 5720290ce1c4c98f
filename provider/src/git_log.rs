//! Each run of git as a line of the debug log. Nothing is read from git, or decided, here.

use pipeline_core::git::{GitCall, Observer};
use tfplugin::Log;

/// Tells `log` of each run of git, if anybody asked for lines of that detail.
pub(crate) fn told(log: &Log) -> Observer {
    if !log.has_detail() {
        return Observer::default();
    }
    let log = log.clone();
    Observer::by(move |call| tell(&log, call))
}

fn tell(log: &Log, call: &GitCall) {
    let command = format!("git {}", call.arguments.join(" "));
    let detail = call.detail.as_deref().unwrap_or_default();
    log.debug(
        "Ran git",
        &[
            ("git_command", &command),
            ("git_duration_ms", &call.took.as_millis()),
            ("git_end", &call.end),
            ("git_sent_bytes", &call.bytes_sent),
            ("git_received_bytes", &call.bytes_received),
            ("git_error", &detail),
        ],
    );
}
