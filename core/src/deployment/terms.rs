//! What the health check of a deployment asks for, as far as its record may hold it: enough for somebody without the
//! configuration to ask the same again. It leaves out the asking.

use serde::{Deserialize, Serialize};

use crate::base::pattern::BodyPattern;

/// When an answer is healthy, and how patiently it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthTerms {
    /// The status that means healthy.
    pub expected_status: u16,
    /// What the body has to match besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_body: Option<BodyPattern>,
    /// The pause between two attempts, in milliseconds.
    pub interval_ms: u64,
    /// How many attempts there may be after the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// How long one attempt may take, in milliseconds.
    pub attempt_timeout_ms: u64,
    /// How long all attempts may take together, in milliseconds.
    pub timeout_ms: u64,
    /// Whether the URL goes on where the record leaves off: a query may be a token, so that nobody records it.
    #[serde(default)]
    pub url_is_cut: bool,
}
