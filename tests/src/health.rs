//! A tiny HTTP server whose health is ours to choose.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::process::FOR_EVER;

/// How the server answers.
#[derive(Debug, Clone, Copy)]
pub enum Health {
    /// At once, with this status.
    Status(u16),
    /// At once, with 200 and this body.
    Says(&'static str),
    /// With 200 after a while.
    Slow(Duration),
    /// With 503 so many times, then with 200.
    Recovers(usize),
    /// Never, as long as a test waits for anything: the connection stays open in silence.
    Hangs,
}

/// A running server. It lives as long as the test process.
#[derive(Debug)]
pub struct HealthServer {
    /// The address to check.
    pub url: String,
    asked: Arc<AtomicUsize>,
    health: Arc<Mutex<Health>>,
}

impl HealthServer {
    /// Starts a server on a free port of this machine.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start(health: Health) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/health", listener.local_addr()?);
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let health = Arc::new(Mutex::new(health));
        let now = Arc::clone(&health);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let before = count.fetch_add(1, Ordering::SeqCst);
                let health = *now.lock().unwrap_or_else(PoisonError::into_inner);
                thread::spawn(move || answer(stream, health, before));
            }
        });
        Ok(Self { url, asked, health })
    }

    /// From now on it answers so.
    pub fn becomes(&self, health: Health) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Answers one connection. A client that hangs up early is no concern of the server.
fn answer(mut stream: TcpStream, health: Health, before: usize) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    while !lines.next()?.ok()?.is_empty() {}
    let body = if let Health::Says(body) = health { body } else { "ok" };
    let status = match health {
        Health::Status(status) => status,
        Health::Says(_) => 200,
        Health::Slow(wait) => {
            thread::sleep(wait);
            200
        }
        Health::Recovers(times) => {
            if before < times {
                503
            } else {
                200
            }
        }
        Health::Hangs => {
            thread::sleep(2 * FOR_EVER);
            return None;
        }
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).ok()
}
