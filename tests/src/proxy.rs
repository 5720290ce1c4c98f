//! A proxy as companies have it: HTTP goes through it, and TLS by a tunnel, whatever host is asked for, to one
//! server that it stands in front of. It leaves out passwords.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::{Failure, Outcome};

/// A running proxy. It lives as long as the test process.
#[derive(Debug)]
pub struct Proxy {
    /// Its address.
    pub url: String,
    asked: Arc<AtomicUsize>,
    tunnels: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts one that leads to `server`, such as `http://127.0.0.1:4566`; tunnels lead there too.
    ///
    /// # Errors
    /// No port can be had.
    pub fn to(server: &str) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = server.rsplit("//").next().unwrap_or_default();
        let server = server.trim_end_matches('/').to_owned();
        let (asked, tunnels) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let proxy = Self { url, asked, tunnels };
        let seen = (Arc::clone(&proxy.asked), Arc::clone(&proxy.tunnels));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (server, (count, tunnels)) = (server.clone(), seen.clone());
                // A client that hangs up is the client's affair.
                thread::spawn(move || drop(pass(stream, &server, &count, &tunnels)));
            }
        });
        Ok(proxy)
    }

    /// Whereto tunnels were asked for, such as `example.org:443`, in order.
    #[must_use]
    pub fn tunnels(&self) -> Vec<String> {
        self.tunnels.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests went through it.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Passes one request on, and the answer back, or makes a tunnel.
fn pass(
    mut client: TcpStream,
    server: &str,
    count: &AtomicUsize,
    tunnels: &Mutex<Vec<String>>,
) -> Outcome {
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
    if let Some(rest) = head.strip_prefix("CONNECT ") {
        let whereto = rest.split(' ').next().unwrap_or_default().to_owned();
        tunnels.lock().unwrap_or_else(PoisonError::into_inner).push(whereto);
        return tunnel(client, reader, server);
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

/// Passes everything on, both ways, until both have hung up.
fn tunnel(mut client: TcpStream, mut reader: BufReader<TcpStream>, server: &str) -> Outcome {
    let mut onward = TcpStream::connect(server)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let mut back = onward.try_clone()?;
    let answers = thread::spawn(move || {
        let passed = std::io::copy(&mut back, &mut client);
        // Who is gone already hears nothing.
        let _ = client.shutdown(Shutdown::Write);
        passed
    });
    std::io::copy(&mut reader, &mut onward)?;
    let _ = onward.shutdown(Shutdown::Write);
    answers.join().map_err(|_| Failure::new("the tunnel broke"))??;
    Ok(())
}

/// The first line as the server wants it: proxies are told the whole URL.
fn without_host(line: &str) -> String {
    let Some((method, rest)) = line.split_once(" http://") else { return line.to_owned() };
    let path = rest.find('/').map_or("/ HTTP/1.1\r\n", |at| &rest[at..]);
    format!("{method} {path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_passes_everything_on_both_ways() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::to(&format!("https://{}", server.local_addr().unwrap())).unwrap();
        let shouts = thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut heard = String::new();
            stream.read_to_string(&mut heard).unwrap();
            stream.write_all(heard.to_uppercase().as_bytes()).unwrap();
        });
        let mut client = TcpStream::connect(proxy.url.trim_start_matches("http://")).unwrap();
        // What comes right behind the request belongs into the tunnel.
        client
            .write_all(b"CONNECT aws.invalid:443 HTTP/1.1\r\nHost: aws.invalid:443\r\n\r\nhello")
            .unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        shouts.join().unwrap();
        assert_eq!(answer, "HTTP/1.1 200 Connection established\r\n\r\nHELLO");
        assert_eq!(proxy.tunnels(), ["aws.invalid:443"]);
        assert_eq!(proxy.asked(), 0, "nothing of it can be read");
    }
}
