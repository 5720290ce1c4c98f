//! Git over HTTP on this machine, with faults on demand: `git http-backend` behind a small server.
//!
//! It remembers what each client asked for, and requests can be held at a gate. It serves what the
//! tests send and no more: no TLS, no keep-alive, and of authentication one header that it may demand.

mod gate;
mod request;

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

pub use gate::Gate;
use request::Request;
pub use request::{Asks, Change};

use crate::process::{FOR_EVER, in_vain};
use crate::{Failure, Outcome};

/// What goes wrong with the first pushes.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Nothing.
    None,
    /// So many pushes are answered with 503 and never reach the repository.
    Unavailable(usize),
    /// So many pushes are carried out, and the connection breaks before the answer.
    LosesReply(usize),
}

/// A running server for the bare repositories of one folder.
#[derive(Debug)]
pub struct GitServer {
    address: String,
    shared: Arc<Shared>,
}

/// A request that came in.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The name that the client gave in its URL; empty where it gave none.
    pub client: String,
    /// What for.
    pub what: Asks,
    /// When.
    pub at: Instant,
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    root: PathBuf,
    fault: Fault,
    pushes: AtomicUsize,
    log: Mutex<Vec<Asked>>,
    gates: Mutex<Vec<Gate>>,
    /// The `Authorization` without which nothing is served.
    authorization: Mutex<Option<String>>,
    /// How many connections are open.
    open: Mutex<usize>,
    closed: Condvar,
    /// How reading begins in protocol 2, which says nothing of the refs.
    greetings: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl GitServer {
    /// Serves the repositories under `root` on a free port of this machine.
    ///
    /// # Errors
    /// No port can be had, or git has no HTTP backend here.
    pub fn start(root: &Path, fault: Fault) -> Outcome<Self> {
        if !available() {
            return Err(Failure::new("git has no http-backend on this machine"));
        }
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let shared = Arc::new(Shared {
            root: root.to_owned(),
            fault,
            pushes: AtomicUsize::new(0),
            log: Mutex::default(),
            gates: Mutex::default(),
            authorization: Mutex::default(),
            open: Mutex::new(0),
            closed: Condvar::new(),
            greetings: Mutex::default(),
        });
        let server = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let open = Open::new(&shared);
                // A client that hangs up is the client's affair.
                thread::spawn(move || drop(serve(stream, &open.0)));
            }
        });
        Ok(server)
    }

    /// The URL of the repository in the folder `name`.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// The URL of the same repository for one client, which is told from others by it.
    #[must_use]
    pub fn url_of(&self, client: &str, name: &str) -> String {
        format!("http://{}/@{client}/{name}", self.address)
    }

    /// How many pushes arrived, failed ones among them.
    #[must_use]
    pub fn pushes(&self) -> usize {
        self.shared.pushes.load(Ordering::SeqCst)
    }

    /// What a client asked for up to now, in order.
    #[must_use]
    pub fn asked_by(&self, client: &str) -> Vec<Asked> {
        let log = lock(&self.shared.log);
        log.iter().filter(|asked| asked.client == client).cloned().collect()
    }

    /// Serves nothing any more to whoever does not send this `Authorization`.
    pub fn demand(&self, authorization: &str) {
        *lock(&self.shared.authorization) = Some(authorization.to_owned());
    }

    /// Sets a gate in front of the repository.
    pub fn set(&self, gate: &Gate) {
        lock(&self.shared.gates).push(gate.clone());
    }

    /// Waits until every request that was sent up to now has been carried out and answered, whether who
    /// sent it still lives or not; but for those that wait at gates by now.
    ///
    /// # Errors
    /// One never was.
    pub fn quiet(&self) -> Outcome {
        // Connections are taken in turn: when this one has been, so have all before it.
        let mut last = TcpStream::connect(&self.address)?;
        last.shutdown(Shutdown::Write)?;
        last.read_to_end(&mut Vec::new())?;
        let held = lock(&self.shared.gates).iter().filter(|gate| gate.holds()).count();
        let still = |open: &mut usize| *open > held;
        let waited =
            self.shared.closed.wait_timeout_while(lock(&self.shared.open), FOR_EVER, still);
        let open = *waited.unwrap_or_else(PoisonError::into_inner).0;
        if open > held { Err(in_vain("no request is on its way")) } else { Ok(()) }
    }
}

/// A connection, as long as it is open.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: &Arc<Shared>) -> Self {
        *lock(&shared.open) += 1;
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        *lock(&self.0.open) -= 1;
        self.0.closed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this machine's git can serve HTTP.
#[must_use]
pub fn available() -> bool {
    let path = Command::new("git").arg("--exec-path").output();
    let path = path.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    path.is_ok_and(|path| path.join("git-http-backend").is_file())
}

fn serve(mut stream: TcpStream, shared: &Shared) -> Outcome {
    let mut request = Request::read(&mut BufReader::new(stream.try_clone()?))?;
    let demanded = lock(&shared.authorization).clone();
    if demanded.is_some_and(|wanted| request.header("authorization") != wanted) {
        let head = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\n\
                    Content-Length: 0\r\nConnection: close\r\n\r\n";
        return Ok(stream.write_all(head.as_bytes())?);
    }
    let client = request.take_client();
    let asked = Asked { client, what: request.asks(), at: Instant::now() };
    lock(&shared.log).push(asked.clone());
    let gates = lock(&shared.gates).clone();
    if !gates.iter().all(|gate| gate.pass(&asked)) {
        return Ok(());
    }
    let push = matches!(asked.what, Asks::ToPush(_));
    let before = if push { shared.pushes.fetch_add(1, Ordering::SeqCst) } else { usize::MAX };
    if matches!(shared.fault, Fault::Unavailable(times) if before < times) {
        let head =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return Ok(stream.write_all(head.as_bytes())?);
    }
    let answer = shared.answer(&request, &asked.what)?;
    if matches!(shared.fault, Fault::LosesReply(times) if before < times) {
        return Ok(());
    }
    Ok(stream.write_all(&answer)?)
}

impl Shared {
    /// The answer of git's own program; the same greeting is not asked for twice.
    fn answer(&self, request: &Request, what: &Asks) -> Outcome<Vec<u8>> {
        let greets = *what == Asks::ToRead && request.header("git-protocol") == "version=2";
        if !greets {
            return backend(request, &self.root);
        }
        if let Some(greeting) = lock(&self.greetings).get(&request.path) {
            return Ok(greeting.clone());
        }
        let greeting = backend(request, &self.root)?;
        lock(&self.greetings).insert(request.path.clone(), greeting.clone());
        Ok(greeting)
    }
}

/// Runs git's own CGI program and turns its answer into an HTTP one.
fn backend(request: &Request, root: &Path) -> Outcome<Vec<u8>> {
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_HTTP_MAX_REQUEST_BUFFER", "100M")
        .env("GIT_PROTOCOL", request.header("git-protocol"))
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", request.header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", request.header("content-encoding"))
        .env("REMOTE_USER", "test")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = child.stdin.take().ok_or("git has no standard input")?;
    let sent = request.body.clone();
    // Written beside the reading: both pipes are smaller than what passes through them.
    let writer = thread::spawn(move || input.write_all(&sent));
    let answer = child.wait_with_output()?.stdout;
    // A backend that needs no body closes its end early; its answer says what matters.
    drop(writer.join());
    Ok(http(&answer))
}

fn http(answer: &[u8]) -> Vec<u8> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(0, |at| at + 4);
    let (head, body) = answer.split_at(end);
    let head = String::from_utf8_lossy(head);
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    let headers = head.lines().filter(|line| !line.is_empty() && !line.starts_with("Status: "));
    let mut all = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for header in headers {
        all.push_str(header);
        all.push_str("\r\n");
    }
    all.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    [all.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Repository;
    use crate::sandbox::Sandbox;

    /// Plain git pushes to a server with this fault: how often it was asked, and whether it worked.
    fn push(fault: Fault) -> Outcome<(usize, bool, bool)> {
        let sandbox = Sandbox::temporary()?;
        let repository = Repository::product(&sandbox.environment, "product")?;
        let remote = repository.publish("remote.git")?;
        remote.git(&["config", "http.receivepack", "true"])?;
        let server = GitServer::start(sandbox.environment.root(), fault)?;
        repository.git(&["remote", "set-url", "origin", &server.url("remote.git")])?;
        repository.tag("v1.0.0", "HEAD")?;
        let pushed = repository.git(&["push", "--quiet", "origin", "v1.0.0"]).is_ok();
        let arrived = remote.refs()?.contains_key("refs/tags/v1.0.0");
        Ok((server.pushes(), pushed, arrived))
    }

    #[test]
    fn serves_plain_git_and_fails_as_it_is_told() -> Outcome {
        assert_eq!(push(Fault::None)?, (1, true, true));
        assert_eq!(push(Fault::Unavailable(1))?, (1, false, false));
        assert_eq!(push(Fault::LosesReply(1))?, (1, false, true));
        Ok(())
    }

    #[test]
    fn is_quiet_only_when_what_a_dead_client_sent_is_carried_out() -> Outcome {
        let sandbox = Sandbox::temporary()?;
        let repository = Repository::product(&sandbox.environment, "product")?;
        let remote = repository.publish("remote.git")?;
        remote.git(&["config", "http.receivepack", "true"])?;
        let server = GitServer::start(sandbox.environment.root(), Fault::None)?;
        let gate = Gate::new(|asked| matches!(asked.what, Asks::ToPush(_)));
        server.set(&gate);
        repository.git(&["remote", "set-url", "origin", &server.url("remote.git")])?;
        repository.tag("v1.0.0", "HEAD")?;
        let push = ["push", "--quiet", "origin", "v1.0.0"];
        let mut client =
            sandbox.environment.command("git", &repository.directory).args(push).spawn()?;
        gate.reached()?;
        client.kill()?;
        client.wait()?;
        gate.let_through();
        server.quiet()?;
        assert!(remote.refs()?.contains_key("refs/tags/v1.0.0"));
        Ok(())
    }
}
