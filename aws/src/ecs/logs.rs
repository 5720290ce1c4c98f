//! The end of what a container wrote into CloudWatch Logs, where its task definition sends it there and the credentials
//! may read it.
//!
//! One call of one service does not earn an SDK of its own: the client of ECS carries it. It speaks the same protocol,
//! and what differs is the address, the target, the body and the name that is signed.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_ecs::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ecs::error::BoxError;
use aws_types::SigningName;
use serde_json::{Value, json};

use super::api::Capture;
use super::fault::Fault;

/// How many lines are read.
const LINES: u32 = 20;

/// Where a container writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) group: String,
    /// The beginning of the names of its streams.
    pub(super) prefix: String,
    pub(super) region: Option<String>,
}

impl Place {
    /// Where a container of a task definition writes; nothing where that is not CloudWatch, or no prefix says in
    /// which stream.
    pub(super) fn of(container: &Value) -> Option<Self> {
        let configuration = &container["logConfiguration"];
        if configuration["logDriver"] != "awslogs" {
            return None;
        }
        let option = |name: &str| configuration["options"][name].as_str().map(str::to_owned);
        Some(Self {
            group: option("awslogs-group")?,
            prefix: option("awslogs-stream-prefix")?,
            region: option("awslogs-region"),
        })
    }
}

/// Makes a call of ECS one of CloudWatch Logs.
#[derive(Debug)]
struct ToLogs(Vec<u8>);

impl Intercept for ToLogs {
    fn name(&self) -> &'static str {
        "call of CloudWatch Logs"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(SigningName::from_static("logs"));
        let request = context.request_mut();
        request.headers_mut().insert("x-amz-target", "Logs_20140328.GetLogEvents");
        request.headers_mut().insert("content-length", self.0.len().to_string());
        *request.body_mut() = self.0.clone().into();
        Ok(())
    }
}

/// The last lines of a stream, oldest first.
pub(super) async fn tail(
    client: &Client,
    endpoint: &str,
    (place, stream): (&Place, &str),
) -> Result<Vec<String>, Fault> {
    let call = "GetLogEvents";
    let asked = json!({
        "logGroupName": place.group,
        "logStreamName": stream,
        "limit": LINES,
        "startFromHead": false,
    });
    let body = Capture::default();
    let sent = client
        .list_clusters()
        .customize()
        .config_override(Builder::new().endpoint_url(endpoint))
        .interceptor(ToLogs(asked.to_string().into_bytes()))
        .interceptor(body.clone());
    Box::pin(sent.send()).await.map_err(|error| Fault::of(call, &error))?;
    let answer: Value = serde_json::from_slice(&body.take()).unwrap_or_default();
    let lines = answer["events"].as_array().into_iter().flatten();
    Ok(lines.filter_map(|it| it["message"].as_str()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_writes_where_its_definition_says() {
        let mut container = json!({"logConfiguration": {"logDriver": "awslogs", "options": {
            "awslogs-group": "/ecs/api", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "api"}}});
        let place = Place::of(&container).unwrap();
        assert_eq!((place.group.as_str(), place.prefix.as_str()), ("/ecs/api", "api"));
        container["logConfiguration"]["options"]["awslogs-stream-prefix"].take();
        assert_eq!(Place::of(&container), None);
        container["logConfiguration"]["logDriver"] = json!("splunk");
        assert_eq!(Place::of(&container), None);
        assert_eq!(Place::of(&json!({})), None);
    }
}
