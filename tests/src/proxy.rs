//! A proxy as companies have it: HTTP goes through it, whatever host is asked for, to one server that it
//! stands in front of. It leaves out tunnels, which TLS would need.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::Outcome;

/// A running proxy. It lives as long as the test process.
#[derive(Debug)]
pub struct Proxy {
    /// Its address.
    pub url: String,
    asked: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts one that leads to `server`, such as `http://127.0.0.1:4566`.
    ///
    /// # Errors
    /// No port can be had.
    pub fn to(server: &str) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = server.trim_start_matches("http://").to_owned();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (server, count) = (server.clone(), Arc::clone(&count));
                // A client that hangs up is the client's affair.
                thread::spawn(move || drop(pass(stream, &server, &count)));
            }
        });
        Ok(Self { url, asked })
    }

    /// How many requests went through it.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Passes one request on, and the answer back.
fn pass(mut client: TcpStream, server: &str, count: &AtomicUsize) -> Outcome {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let name = line.split(':').next().unwrap_or_default().to_lowercase();
        match name.as_str() {
            "content-length" => {
                length = line.rsplit(':').next().and_then(|it| it.trim().parse().ok()).unwrap_or(0);
            }
            "connection" | "proxy-connection" => continue,
            _ => {}
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&if head.is_empty() { without_host(&line) } else { line });
    }
    count.fetch_add(1, Ordering::SeqCst);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut onward = TcpStream::connect(server)?;
    onward.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    onward.write_all(&body)?;
    std::io::copy(&mut onward, &mut client)?;
    Ok(())
}

/// The first line as the server wants it: proxies are told the whole URL.
fn without_host(line: &str) -> String {
    let Some((method, rest)) = line.split_once(" http://") else { return line.to_owned() };
    let path = rest.find('/').map_or("/ HTTP/1.1\r\n", |at| &rest[at..]);
    format!("{method} {path}")
}
