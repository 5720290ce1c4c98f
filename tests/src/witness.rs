//! A health endpoint that remembers when it was asked by whom: each caller has a path of its own.
//!
//! A deployment asks for its health while it holds its environment. What is seen here of two
//! deployments at once is seen from outside, whatever the ledger says.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;

/// When the endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// With 200 after a while.
    After(Duration),
    /// Not as long as the caller lives.
    Never,
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

/// A running endpoint. It lives as long as the test process.
#[derive(Debug)]
pub struct Witness {
    address: String,
    book: Arc<Mutex<Book>>,
}

impl Witness {
    /// Starts it on a free port of this machine. It answers at once unless it is told otherwise.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let book = Arc::new(Mutex::new(Book::default()));
        let shared = Arc::clone(&book);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || attend(stream, &shared));
            }
        });
        Ok(Self { address, book })
    }

    /// Where this caller asks.
    #[must_use]
    pub fn url(&self, who: &str) -> String {
        format!("http://{}/{who}", self.address)
    }

    /// Says how this caller is answered from now on.
    pub fn answer(&self, who: &str, answer: Answer) {
        lock(&self.book).answers.insert(who.to_owned(), answer);
    }

    /// Never answers this caller; false, and all stays as it is, where it has called already.
    #[must_use]
    pub fn detain(&self, who: &str) -> bool {
        let mut book = lock(&self.book);
        let called = book.visits.iter().any(|visit| visit.who == who);
        if !called {
            book.answers.insert(who.to_owned(), Answer::Never);
        }
        !called
    }

    /// Whether this caller has called.
    #[must_use]
    pub fn was_asked_by(&self, who: &str) -> bool {
        lock(&self.book).visits.iter().any(|visit| visit.who == who)
    }

    /// All calls up to now, in order.
    #[must_use]
    pub fn visits(&self) -> Vec<Visit> {
        lock(&self.book).visits.clone()
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves one call. A caller that hangs up early is no concern of the endpoint.
fn attend(mut stream: TcpStream, book: &Mutex<Book>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let who = first.split_whitespace().nth(1)?.trim_start_matches('/').to_owned();
    while !lines.next()?.ok()?.is_empty() {}
    let (number, answer) = {
        let mut book = lock(book);
        let answer = book.answers.get(&who).copied();
        book.visits.push(Visit { who, from: Instant::now(), until: None });
        (book.visits.len() - 1, answer.unwrap_or(Answer::After(Duration::ZERO)))
    };
    match answer {
        Answer::After(time) => thread::sleep(time),
        // The end of the caller is the end of its connection.
        Answer::Never => drop(stream.read(&mut [0; 1])),
    }
    if let Some(visit) = lock(book).visits.get_mut(number) {
        visit.until = Some(Instant::now());
    }
    let told = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    stream.write_all(told.as_bytes()).ok()
}
