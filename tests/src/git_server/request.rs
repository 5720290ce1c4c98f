//! One HTTP request of git's, read whole, and what it asks for.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};

use crate::Outcome;

/// One request.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// What git asks the server for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// How to begin a listing or a fetch: the first request of each.
    ToRead,
    /// Refs.
    ToList,
    /// Objects.
    ToFetch,
    /// How to begin a push: the first request of each.
    ToWrite,
    /// Refs to change.
    ToPush(Vec<Change>),
    /// Something else.
    Other,
}

/// One ref that a push changes; an old or new value of zeros means that it is made or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the client takes it to be.
    pub old: String,
    /// What it is to be.
    pub new: String,
    /// The full name of the ref.
    pub name: String,
}

impl Change {
    /// Whether the ref is new.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.old.bytes().all(|digit| digit == b'0')
    }
}

impl Request {
    pub(super) fn read(reader: &mut impl BufRead) -> Outcome<Self> {
        let first = line(reader)?;
        let mut words = first.split_whitespace();
        let method = words.next().ok_or("an empty request")?.to_owned();
        let target = words.next().ok_or("a request without a target")?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let line = line(reader)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let body = body(reader, &headers)?;
        Ok(Self { method, path, query, headers, body })
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Takes the client's name off the path: `/@ada/remote.git` is `ada`'s way to `/remote.git`.
    pub(super) fn take_client(&mut self) -> String {
        let named = self.path.strip_prefix("/@").and_then(|rest| rest.split_once('/'));
        let Some((client, path)) = named else { return String::new() };
        let (client, path) = (client.to_owned(), format!("/{path}"));
        self.path = path;
        client
    }

    pub(super) fn asks(&self) -> Asks {
        let ends = |end: &str| self.path.ends_with(end);
        match self.query.as_str() {
            "service=git-upload-pack" if ends("/info/refs") => Asks::ToRead,
            "service=git-receive-pack" if ends("/info/refs") => Asks::ToWrite,
            _ if ends("/git-receive-pack") => Asks::ToPush(changes(&self.body)),
            _ if ends("/git-upload-pack") && is_listing(&self.body) => Asks::ToList,
            _ if ends("/git-upload-pack") => Asks::ToFetch,
            _ => Asks::Other,
        }
    }
}

fn is_listing(body: &[u8]) -> bool {
    body.get(4..).is_some_and(|rest| rest.starts_with(b"command=ls-refs"))
}

/// The refs at the start of a push: lines with their lengths before them, until one of no length.
fn changes(body: &[u8]) -> Vec<Change> {
    let (mut rest, mut changes) = (body, Vec::new());
    while let Some((line, after)) = packet(rest) {
        let text = String::from_utf8_lossy(line);
        let text = text.split('\0').next().unwrap_or_default().trim_end();
        if let [old, new, name] = text.splitn(3, ' ').collect::<Vec<_>>().as_slice() {
            let [old, new, name] = [old, new, name].map(|part| (*part).to_owned());
            changes.push(Change { old, new, name });
        }
        rest = after;
    }
    changes
}

fn packet(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from_str_radix(std::str::from_utf8(bytes.get(..4)?).ok()?, 16).ok()?;
    Some((bytes.get(4..length)?, bytes.get(length..)?))
}

fn line(reader: &mut impl BufRead) -> Outcome<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn body(reader: &mut impl BufRead, headers: &BTreeMap<String, String>) -> Outcome<Vec<u8>> {
    let mut body = Vec::new();
    if headers.get("transfer-encoding").is_some_and(|value| value == "chunked") {
        loop {
            let size = usize::from_str_radix(&line(reader)?, 16).map_err(|e| e.to_string())?;
            reader.take(size as u64).read_to_end(&mut body)?;
            line(reader)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
    let length = headers.get("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(path: &str, query: &str, body: &[u8]) -> Asks {
        let (method, path, query) = (String::new(), path.to_owned(), query.to_owned());
        Request { method, path, query, headers: BTreeMap::new(), body: body.to_vec() }.asks()
    }

    #[test]
    fn tells_what_git_asks_for() {
        let (read, write) = ("service=git-upload-pack", "service=git-receive-pack");
        assert_eq!(asks("/r.git/info/refs", read, b""), Asks::ToRead);
        assert_eq!(asks("/r.git/info/refs", write, b""), Asks::ToWrite);
        assert_eq!(asks("/r.git/git-upload-pack", "", b"0014command=ls-refs\n"), Asks::ToList);
        assert_eq!(asks("/r.git/git-upload-pack", "", b"0012command=fetch"), Asks::ToFetch);
        let (none, some) = ("0".repeat(40), "1".repeat(40));
        let first = format!("{none} {some} refs/tags/a\0 report-status atomic");
        let second = format!("{some} {none} refs/tags/b\n");
        let body: String =
            [first, second].iter().map(|line| format!("{:04x}{line}", line.len() + 4)).collect();
        let Asks::ToPush(changes) =
            asks("/r.git/git-receive-pack", "", (body + "0000PACK").as_bytes())
        else {
            panic!("should be a push")
        };
        let names: Vec<_> = changes.iter().map(|one| (one.name.as_str(), one.creates())).collect();
        assert_eq!(names, [("refs/tags/a", true), ("refs/tags/b", false)]);
    }

    #[test]
    fn clients_may_give_a_name() {
        let path = "/@ada/remote.git/info/refs".to_owned();
        let (method, query) = (String::new(), String::new());
        let mut request =
            Request { method, path, query, headers: BTreeMap::new(), body: Vec::new() };
        assert_eq!(request.take_client(), "ada");
        assert_eq!(request.path, "/remote.git/info/refs");
        assert_eq!(request.take_client(), "");
    }
}
