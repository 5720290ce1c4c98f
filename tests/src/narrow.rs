//! A narrow line to a server of this machine: what is sent passes slowly, so that a test can act while
//! it is on its way. Answers come at once.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::Outcome;

/// How much passes at a time.
const PIECE: usize = 64 * 1024;

/// A running line. It lives as long as the test process.
#[derive(Debug)]
pub struct NarrowLine {
    /// Where it begins: to be used in place of the server's own address.
    pub endpoint: String,
    passed: Arc<AtomicUsize>,
}

impl NarrowLine {
    /// A line to `endpoint`, such as `http://127.0.0.1:4566`; each connection waits for `pause` after
    /// every 64 KiB.
    ///
    /// # Errors
    /// No port can be had.
    pub fn to(endpoint: &str, pause: Duration) -> Outcome<Self> {
        let server = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let passed = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&passed);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, count) = (server.clone(), Arc::clone(&count));
                // Whoever hangs up ends the connection for both.
                thread::spawn(move || drop(join(client, &server, pause, &count)));
            }
        });
        Ok(Self { endpoint, passed })
    }

    /// How many bytes passed towards the server.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }
}

fn join(mut client: TcpStream, server: &str, pause: Duration, count: &AtomicUsize) -> Outcome {
    let mut upstream = TcpStream::connect(server)?;
    let (mut answers, mut back) = (upstream.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        drop(std::io::copy(&mut answers, &mut back));
        drop(back.shutdown(Shutdown::Both));
    });
    let mut piece = vec![0; PIECE];
    loop {
        let read = client.read(&mut piece).unwrap_or(0);
        if read == 0 {
            return Ok(upstream.shutdown(Shutdown::Both)?);
        }
        upstream.write_all(&piece[..read])?;
        count.fetch_add(read, Ordering::SeqCst);
        if read == PIECE {
            thread::sleep(pause);
        }
    }
}
