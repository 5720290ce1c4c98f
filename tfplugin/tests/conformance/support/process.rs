//! A provider process, started and left as a host does it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdout, Command};

use super::certificate;
use super::host::Host;
use super::tls::Client;

pub(crate) const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The example that cargo builds beside the tests.
pub(crate) fn binary() -> PathBuf {
    // Beside the folder for temporary files: the test itself may have been copied elsewhere.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let binary = target.join(profile).join("examples/conformance_provider");
    assert!(
        binary.exists(),
        "{binary:?} is not there: `cargo test -p tfplugin` builds it, a single test does not"
    );
    binary
}

/// A command without any variable that a host or a person might have set.
pub(crate) fn command() -> Command {
    let mut command = Command::new(binary());
    let ours = |name: &str| name.starts_with("TF_") || name.starts_with("PLUGIN_");
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// A command whose socket is in a directory of its own.
fn apart() -> (Command, TempDir) {
    let (mut command, directory) = (command(), tempfile::tempdir().unwrap());
    command.env("PLUGIN_UNIX_SOCKET_DIR", directory.path());
    (command, directory)
}

/// A running provider that has answered the handshake.
pub(crate) struct Process {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    /// Where its socket is, so that a test that fails leaves none behind.
    _directory: TempDir,
    pub(crate) line: String,
    pub(crate) client: Client,
}

impl Process {
    /// Starts it as Terraform does, with TLS.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}, true).await
    }

    /// Starts it without TLS, as Terraform does with `TF_DISABLE_PLUGIN_TLS`.
    pub(crate) async fn start_plain() -> Self {
        Self::start_with(|_| {}, false).await
    }

    pub(crate) async fn start_with(prepare: impl FnOnce(&mut Command), tls: bool) -> Self {
        let key = certificate::key();
        let der = certificate::self_signed(&key);
        let (mut command, directory) = apart();
        command.env(COOKIE.0, COOKIE.1).env("PLUGIN_PROTOCOL_VERSIONS", "5,6");
        command.env("PLUGIN_MIN_PORT", "10000").env("PLUGIN_MAX_PORT", "25000");
        if tls {
            command.env("PLUGIN_CLIENT_CERT", certificate::pem(&der));
        }
        prepare(&mut command);
        Self::spawn(command, directory, Client::new(Some(der), key)).await
    }

    /// Starts it for hosts to attach to.
    pub(crate) async fn start_debug() -> Self {
        let (mut command, directory) = apart();
        command.arg("--debug");
        Self::spawn(command, directory, Client::new(None, certificate::key())).await
    }

    async fn spawn(mut command: Command, directory: TempDir, client: Client) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).await.unwrap();
        Self { child, _stdout: stdout, _directory: directory, line, client }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) fn segments(&self) -> Vec<&str> {
        self.line.trim_end().split('|').collect()
    }

    pub(crate) fn address(&self) -> &str {
        self.segments()[3]
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        STANDARD_NO_PAD.decode(self.segments()[5]).unwrap()
    }

    pub(crate) async fn socket(&self) -> UnixStream {
        UnixStream::connect(self.address()).await.unwrap()
    }

    /// As Go connects: without waiting to fill a packet.
    pub(crate) async fn tcp(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Connects as the host that started it.
    pub(crate) async fn host(&self) -> Host {
        let socket = self.socket().await;
        if self.segments()[5].is_empty() {
            return Host::over(socket).await;
        }
        let version = &rustls::version::TLS13;
        Host::over(self.client.connect(socket, &self.certificate(), version).await.unwrap()).await
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the exit, and says how long it took and what was written to stderr.
    pub(crate) async fn exit(mut self) -> (ExitStatus, Duration, String) {
        let begun = Instant::now();
        let waited = tokio::time::timeout(Duration::from_secs(10), self.child.wait()).await;
        let (status, took) =
            (waited.expect("the process is still there").unwrap(), begun.elapsed());
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
        (status, took, stderr)
    }
}
