//! The result of a health check as a record has it: two attributes beside the others.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{HealthCheckResult, HealthCheckStatus};

#[derive(Serialize, Deserialize)]
struct Attributes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_check_status: Option<HealthCheckStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_check_response_time_ms: Option<u64>,
}

pub(super) fn serialize<S: Serializer>(
    result: &Option<HealthCheckResult>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let attributes = Attributes {
        health_check_status: result.map(HealthCheckResult::status),
        health_check_response_time_ms: result.and_then(HealthCheckResult::response_time_ms),
    };
    attributes.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<HealthCheckResult>, D::Error> {
    let Attributes { health_check_status, health_check_response_time_ms: time } =
        Attributes::deserialize(deserializer)?;
    let result = health_check_status.map(|status| HealthCheckResult::new(status, time));
    result.transpose().map_err(serde::de::Error::custom)
}
