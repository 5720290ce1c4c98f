//! Who takes traces: a plain server that keeps what it is sent, and the receiver of the OpenTelemetry Collector itself.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use crate::process::{FOR_EVER, in_vain};
use crate::{Outcome, go};

/// One request.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its first line.
    pub line: String,
    /// Its headers, by names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Value,
}

/// A running server. It lives as long as the test process.
#[derive(Debug)]
pub struct TraceServer {
    /// What an exporter is given.
    pub endpoint: String,
    sent: Arc<Mutex<Vec<Sent>>>,
}

/// How it answers; `None`: never.
pub type Answer = Option<(u16, &'static str)>;

impl TraceServer {
    /// Starts a server on a free port of this machine.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start(answer: Answer) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let sent = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&sent);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let all = Arc::clone(&all);
                thread::spawn(move || take(stream, answer, &all));
            }
        });
        Ok(Self { endpoint, sent })
    }

    /// All requests that came whole.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Takes one request. A client that hangs up early is no concern of the server.
fn take(mut stream: TcpStream, answer: Answer, all: &Mutex<Vec<Sent>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).ok()?;
    let sent = Sent { line: line.trim_end().to_owned(), headers, body };
    all.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
    let Some((status, body)) = answer else {
        thread::sleep(2 * FOR_EVER);
        return None;
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).ok()
}

/// The receiver of the OpenTelemetry Collector, running. It ends with this value.
#[derive(Debug)]
pub struct Collector {
    /// What an exporter is given.
    pub endpoint: String,
    process: Child,
    lines: Receiver<String>,
}

impl Collector {
    /// Starts it; or why it cannot be had here.
    ///
    /// # Errors
    /// It does not compile, or does not start.
    pub fn start() -> Outcome<go::Found<Self>> {
        match go::collector()? {
            go::Found::Missing(why) => Ok(go::Found::Missing(why)),
            go::Found::Ready(program) => Self::run(program).map(go::Found::Ready),
        }
    }

    fn run(program: PathBuf) -> Outcome<Self> {
        let mut process = std::process::Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let told = process.stdout.take().ok_or("the collector has no output")?;
        let (tell, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(told).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        let endpoint =
            lines.recv_timeout(FOR_EVER).map_err(|_| in_vain("the collector listens"))?;
        Ok(Self { endpoint, process, lines })
    }

    /// What it understood of the next request.
    ///
    /// # Errors
    /// Nothing comes.
    pub fn next(&self) -> Outcome<Value> {
        let line = self.lines.recv_timeout(FOR_EVER).map_err(|_| in_vain("a trace arrives"))?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Its standard input ends with it.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
