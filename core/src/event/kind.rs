//! Which event a payload is of. GitHub says so in a header; the payload alone shows it by its keys.

use serde_json::Value;

use crate::base::rule::RuleId;
use crate::base::violation::Violation;

/// The kind of an event, as GitHub names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Push,
    Other(&'static str),
    Unknown,
}

/// A key that only payloads of this kind have. The more telling keys stand first: a review of a pull request
/// has both its own key and that of the pull request.
const TELLING: &[(&str, &str)] = &[
    ("zen", "ping"),
    ("workflow_run", "workflow_run"),
    ("workflow_job", "workflow_job"),
    ("check_run", "check_run"),
    ("check_suite", "check_suite"),
    ("deployment_status", "deployment_status"),
    ("deployment", "deployment"),
    ("review", "pull_request_review"),
    ("pull_request", "pull_request"),
    ("release", "release"),
    ("discussion", "discussion"),
    ("issue", "issues"),
    ("inputs", "workflow_dispatch"),
    ("client_payload", "repository_dispatch"),
    ("schedule", "schedule"),
    ("pages", "gollum"),
    ("forkee", "fork"),
    ("package", "package"),
];

impl Kind {
    pub(super) fn of(payload: &Value) -> Self {
        let has = |key: &str| payload.get(key).is_some();
        if let Some((_, kind)) = TELLING.iter().find(|(key, _)| has(key)) {
            return Self::Other(kind);
        }
        match (has("ref"), has("ref_type")) {
            (true, false) if has("before") || has("after") => Self::Push,
            (true, true) if has("master_branch") => Self::Other("create"),
            (true, true) => Self::Other("delete"),
            _ => Self::Unknown,
        }
    }

    /// Why a payload of this kind is not taken.
    pub(super) fn refused(self) -> Violation {
        let found = match self {
            Self::Other(kind) => format!("a payload of the event `{kind}`"),
            _ => "a payload without `ref`, `before` and `after`".to_owned(),
        };
        let next = "Subscribe the webhook to pushes, or start the workflow `on: push`.";
        Violation::new(RuleId::EVT001, found, "the payload of a push event", next)
    }
}
