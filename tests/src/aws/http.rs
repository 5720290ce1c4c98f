//! HTTP as far as setting up a local AWS needs it: one request for each connection, nothing signed.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::process::FOR_EVER;
use crate::{Failure, Outcome};

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Itself, where the request succeeded.
    ///
    /// # Errors
    /// Any other status, with the body.
    pub fn success(self, what: &str) -> Outcome<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(Failure::new(format!("{what} answered {}: {}", self.status, self.text())))
    }
}

/// Sends one request to `endpoint`.
pub(super) fn send(
    endpoint: &str,
    line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Outcome<Answer> {
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(FOR_EVER))?;
    // HTTP 1.0: the answer ends with the connection, in one piece.
    let mut head =
        format!("{line} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        // Writing to a string cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    read(&answer).ok_or_else(|| {
        Failure::new(format!("{line} got no HTTP: {}", String::from_utf8_lossy(&answer)))
    })
}

fn read(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: answer.get(end + 4..)?.to_vec() })
}

/// `text` as it stands in a query or in a form.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
