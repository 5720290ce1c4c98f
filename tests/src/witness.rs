//! A health endpoint that remembers when it was asked by whom: each caller has a path of its own.
//!
//! A deployment asks for its health while it holds its environment. What is seen here of two
//! deployments at once is seen from outside, whatever the ledger says.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::process::{FOR_EVER, in_vain};

/// When the endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// With 200 after a while.
    After(Duration),
    /// Not as long as the caller lives.
    Never,
    /// With 200 when the test says so.
    WhenReleased,
}

/// One call: from when it came until it was answered or the caller was gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Who called.
    pub who: String,
    /// When the call came.
    pub from: Instant,
    /// When it ended; none where it has not.
    pub until: Option<Instant>,
}

#[derive(Debug, Default)]
struct Book {
    visits: Vec<Visit>,
    answers: BTreeMap<String, Answer>,
}

/// The book, and who waits for a change of it.
#[derive(Debug, Default)]
struct Desk {
    book: Mutex<Book>,
    changed: Condvar,
}

/// A running endpoint. It lives as long as the test process.
#[derive(Debug)]
pub struct Witness {
    address: String,
    desk: Arc<Desk>,
}

impl Witness {
    /// Starts it on a free port of this machine. It answers at once unless it is told otherwise.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let desk = Arc::new(Desk::default());
        let shared = Arc::clone(&desk);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || attend(stream, &shared));
            }
        });
        Ok(Self { address, desk })
    }

    /// Where this caller asks.
    #[must_use]
    pub fn url(&self, who: &str) -> String {
        format!("http://{}/{who}", self.address)
    }

    /// Says how this caller is answered from now on.
    pub fn answer(&self, who: &str, answer: Answer) {
        self.desk.lock().answers.insert(who.to_owned(), answer);
        self.desk.changed.notify_all();
    }

    /// Answers this caller, who was to be kept until now.
    pub fn release(&self, who: &str) {
        self.answer(who, Answer::After(Duration::ZERO));
    }

    /// Waits until this caller has called.
    ///
    /// # Errors
    /// They never did.
    pub fn wait_for(&self, who: &str) -> Outcome {
        let still = |book: &mut Book| !book.has_called(who);
        let waited = self.desk.changed.wait_timeout_while(self.desk.lock(), FOR_EVER, still);
        let has_called = waited.unwrap_or_else(PoisonError::into_inner).0.has_called(who);
        if has_called { Ok(()) } else { Err(in_vain(&format!("{who} asks for the health"))) }
    }

    /// Never answers this caller; false, and all stays as it is, where it has called already.
    #[must_use]
    pub fn detain(&self, who: &str) -> bool {
        let mut book = self.desk.lock();
        let called = book.has_called(who);
        if !called {
            book.answers.insert(who.to_owned(), Answer::Never);
        }
        !called
    }

    /// Whether this caller has called.
    #[must_use]
    pub fn was_asked_by(&self, who: &str) -> bool {
        self.desk.lock().has_called(who)
    }

    /// All calls up to now, in order.
    #[must_use]
    pub fn visits(&self) -> Vec<Visit> {
        self.desk.lock().visits.clone()
    }
}

impl Book {
    fn has_called(&self, who: &str) -> bool {
        self.visits.iter().any(|visit| visit.who == who)
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this caller is to be kept no longer.
    fn released(&self, who: &str) {
        let is_kept = |book: &mut Book| book.answers.get(who) == Some(&Answer::WhenReleased);
        // A test that never releases them is over before.
        drop(self.changed.wait_timeout_while(self.lock(), 2 * FOR_EVER, is_kept));
    }
}

/// Serves one call. A caller that hangs up early is no concern of the endpoint.
fn attend(mut stream: TcpStream, desk: &Desk) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let who = first.split_whitespace().nth(1)?.trim_start_matches('/').to_owned();
    while !lines.next()?.ok()?.is_empty() {}
    let (number, answer) = {
        let mut book = desk.lock();
        let answer = book.answers.get(&who).copied();
        book.visits.push(Visit { who: who.clone(), from: Instant::now(), until: None });
        (book.visits.len() - 1, answer.unwrap_or(Answer::After(Duration::ZERO)))
    };
    desk.changed.notify_all();
    match answer {
        Answer::WhenReleased => desk.released(&who),
        Answer::After(time) => thread::sleep(time),
        // The end of the caller is the end of its connection.
        Answer::Never => drop(stream.read(&mut [0; 1])),
    }
    if let Some(visit) = desk.lock().visits.get_mut(number) {
        visit.until = Some(Instant::now());
    }
    let told = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    stream.write_all(told.as_bytes()).ok()
}
