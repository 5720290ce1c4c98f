//! A narrow line to a server of this machine: a large upload gets stuck on it, so that a test can act
//! while it is on its way. Small requests and all answers pass.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::Outcome;
use crate::process::{FOR_EVER, in_vain};

/// How much is taken at a time, and how much a connection may send in any case.
const PIECE: usize = 64 * 1024;

/// A running line. It lives as long as the test process.
#[derive(Debug)]
pub struct NarrowLine {
    /// Where it begins: to be used in place of the server's own address.
    pub endpoint: String,
    passage: Arc<Passage>,
}

/// What all connections share.
#[derive(Debug)]
struct Passage {
    /// How many bytes may still pass.
    room: Mutex<usize>,
    full: Condvar,
}

impl NarrowLine {
    /// A line to `endpoint`, such as `http://127.0.0.1:4566`. When so many bytes have passed, whoever
    /// sends much waits in vain: what they send goes nowhere, and no answer comes.
    ///
    /// # Errors
    /// No port can be had.
    pub fn to(endpoint: &str, room: usize) -> Outcome<Self> {
        let server = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let passage = Arc::new(Passage { room: Mutex::new(room), full: Condvar::new() });
        let shared = Arc::clone(&passage);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, passage) = (server.clone(), Arc::clone(&shared));
                // Whoever hangs up ends the connection for both.
                thread::spawn(move || drop(join(client, &server, &passage)));
            }
        });
        Ok(Self { endpoint, passage })
    }

    /// Waits until something is stuck.
    ///
    /// # Errors
    /// Nothing ever was.
    pub fn stuck(&self) -> Outcome {
        let has_room = |room: &mut usize| *room > 0;
        let waited = self.passage.full.wait_timeout_while(self.passage.lock(), FOR_EVER, has_room);
        let room = *waited.unwrap_or_else(PoisonError::into_inner).0;
        if room > 0 { Err(in_vain("an upload is stuck")) } else { Ok(()) }
    }
}

impl Passage {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a connection that sent so much already may send more.
    fn lets_through(&self, more: usize, already: usize) -> bool {
        let mut room = self.lock();
        if already < PIECE {
            return true;
        }
        let passes = *room >= more;
        *room = if passes { *room - more } else { 0 };
        self.full.notify_all();
        passes
    }
}

fn join(mut client: TcpStream, server: &str, passage: &Passage) -> Outcome {
    let mut upstream = TcpStream::connect(server)?;
    let (mut answers, mut back) = (upstream.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        drop(std::io::copy(&mut answers, &mut back));
        drop(back.shutdown(Shutdown::Both));
    });
    let (mut piece, mut sent, mut is_stuck) = (vec![0; PIECE], 0, false);
    loop {
        let read = client.read(&mut piece).unwrap_or(0);
        if read == 0 {
            return Ok(upstream.shutdown(Shutdown::Both)?);
        }
        is_stuck = is_stuck || !passage.lets_through(read, sent);
        if !is_stuck {
            upstream.write_all(&piece[..read])?;
        }
        sent += read;
    }
}
