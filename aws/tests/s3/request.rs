//! One HTTP request, read whole.

use std::collections::BTreeMap;
use std::io::{BufRead, Write as _};
use std::net::TcpStream;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Head,
    Get,
    Put,
    Begin,
    Part,
    Complete,
    Abort,
    Bucket,
}

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) key: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Reads a request; `None`: the client hung up.
    pub(crate) fn read(reader: &mut impl BufRead, answer: &mut TcpStream) -> Option<Self> {
        let first = line(reader)?;
        let mut words = first.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut headers = BTreeMap::new();
        while let Some((name, value)) = line(reader)?.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        if headers.contains_key("expect") {
            answer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
        }
        assert!(!headers.contains_key("content-encoding"), "bodies come as they are: {headers:?}");
        let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        // Path style: the first part is the bucket.
        let key = path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
        let query = query.split('&').filter(|part| !part.is_empty());
        let query = query.map(|part| part.split_once('=').unwrap_or((part, "")));
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(Self { method, key: key.to_owned(), query, headers, body })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn op(&self) -> Op {
        let has = |name| self.query.contains_key(name);
        match self.method.as_str() {
            _ if self.key.is_empty() => Op::Bucket,
            "HEAD" => Op::Head,
            "GET" => Op::Get,
            "PUT" if has("partNumber") => Op::Part,
            "PUT" => Op::Put,
            "POST" if has("uploads") => Op::Begin,
            "POST" => Op::Complete,
            "DELETE" => Op::Abort,
            other => panic!("nobody should send {other}"),
        }
    }
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}
