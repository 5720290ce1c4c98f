//! HTTP/1.1 as far as the AWS SDK needs it: requests with a length, one after the other.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _, Write};

use serde_json::{Value, json};

use crate::Outcome;

/// One call of the API.
#[derive(Debug)]
pub(super) struct Request {
    /// The name of the operation, such as `DescribeServices`.
    pub(super) operation: String,
    /// Whether it carries a signature.
    pub(super) signed: bool,
    /// Its parameters.
    pub(super) body: Value,
}

/// What the server does about a call.
#[derive(Debug)]
pub(super) enum Reply {
    /// It answers.
    Answer(Answer),
    /// It closes the connection without a word.
    HangUp,
    /// It says nothing as long as the client waits.
    Silence,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    /// A success.
    pub(super) fn ok(body: &Value) -> Self {
        Self { status: 200, body: body.to_string().into_bytes() }
    }

    /// An error as the service names it.
    pub(super) fn error(status: u16, name: &str, message: &str) -> Self {
        let body = json!({ "__type": name, "message": message });
        Self { status, body: body.to_string().into_bytes() }
    }

    /// An answer that is not of the protocol, as proxies give it.
    pub(super) fn page(status: u16, text: &str) -> Self {
        Self { status, body: text.as_bytes().to_vec() }
    }

    pub(super) fn write(&self, stream: &mut impl Write) -> Outcome {
        let Self { status, body } = self;
        let head = format!(
            "HTTP/1.1 {status} Status\r\nContent-Type: application/x-amz-json-1.1\r\n\
             x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Ok(stream.write_all(&[head.as_bytes(), body].concat())?)
    }
}

impl Request {
    /// The next request; none where the client is done.
    pub(super) fn read(reader: &mut impl BufRead) -> Outcome<Option<Self>> {
        if line(reader)?.is_empty() {
            return Ok(None);
        }
        let mut headers = BTreeMap::new();
        loop {
            let line = line(reader)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|value| value.parse().ok());
        let mut body = Vec::new();
        reader.take(length.unwrap_or(0)).read_to_end(&mut body)?;
        let target = headers.get("x-amz-target").map_or("", String::as_str);
        let ecs = target.strip_prefix("AmazonEC2ContainerServiceV20141113.");
        let operation = ecs.or_else(|| target.strip_prefix("Logs_20140328."));
        let name = if ecs.is_some() { "/ecs/" } else { "/logs/" };
        let signature = headers.get("authorization").map_or("", String::as_str);
        Ok(Some(Self {
            operation: operation.unwrap_or_default().to_owned(),
            signed: signature.starts_with("AWS4-HMAC-SHA256 ") && signature.contains(name),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }))
    }
}

fn line(reader: &mut impl BufRead) -> Outcome<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
