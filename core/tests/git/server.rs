//! Ways to a repository on this machine that are as remote as any: HTTP in front of git's `http-backend`,
//! `git daemon`, and a real `sshd`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::world::World;

/// Serves the repositories of a folder over HTTP until the test ends, to those who say `authorization`
/// where there is one; gives the port.
pub(crate) fn serve_http(root: PathBuf, authorization: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            std::thread::spawn(move || answer(stream, &root, authorization));
        }
    });
    port
}

/// One request, as CGI to `git http-backend`. The connection is closed after it.
fn answer(mut stream: TcpStream, root: &Path, authorization: Option<&str>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut command = Command::new("git");
    command.arg("http-backend").env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    command.env("REQUEST_METHOD", method).env("PATH_INFO", path).env("QUERY_STRING", query);
    command
        .env("REMOTE_USER", "ana")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", root.join("home"));
    let mut length = None;
    let mut chunked = false;
    let mut said = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => said.push(value.to_owned()),
            "content-length" => length = value.parse::<usize>().ok(),
            "transfer-encoding" => chunked = value == "chunked",
            "content-type" => drop(command.env("CONTENT_TYPE", value)),
            "content-encoding" => drop(command.env("HTTP_CONTENT_ENCODING", value)),
            "git-protocol" => drop(command.env("GIT_PROTOCOL", value)),
            _ => {}
        }
    }
    let body = if chunked { read_chunks(&mut reader) } else { read_length(&mut reader, length) };
    // A server of some weight refuses a credential that is sent twice.
    if authorization.is_some_and(|expected| said != [expected]) {
        let _ = stream.write_all(
            b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        );
        return;
    }
    command.env("CONTENT_LENGTH", body.len().to_string());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&body).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    let text = String::from_utf8_lossy(&output);
    let status = text.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    let _ = write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n");
    let _ = stream.write_all(&output);
}

fn read_length(reader: &mut impl std::io::Read, length: Option<usize>) -> Vec<u8> {
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    body
}

fn read_chunks(reader: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        body.extend(read_length(reader, Some(size)));
        reader.read_line(&mut String::new()).unwrap();
        if size == 0 {
            return body;
        }
    }
}

/// Serves the repositories of a folder by `git daemon` until the test ends; gives the port.
pub(crate) fn serve_daemon(root: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (read, write) = (OwnedFd::from(stream.try_clone().unwrap()), OwnedFd::from(stream));
            let mut daemon = Command::new("git");
            daemon.args(["daemon", "--inetd", "--export-all", "--enable=receive-pack"]);
            daemon.arg(format!("--base-path={}", root.display()));
            daemon.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", root.join("home"));
            daemon.stdin(read).stdout(write).stderr(Stdio::null());
            std::thread::spawn(move || daemon.status().unwrap());
        }
    });
    port
}

/// How `ssh` reaches an `sshd` of this test's own, which needs no port; `None`: no `sshd` is installed here.
pub(crate) fn ssh_command(world: &World) -> Option<String> {
    let folders = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/bin"];
    let sshd = folders.iter().map(|it| Path::new(it).join("sshd")).find(|it| it.exists())?;
    // Where root runs it, it wants a folder that the service makes otherwise.
    let _ = std::fs::create_dir("/run/sshd");
    for name in ["host", "user"] {
        let key = world.text(&format!("{name}-key"));
        let mut made = Command::new("ssh-keygen");
        made.args(["-q", "-t", "ed25519", "-N", "", "-f", &key]);
        assert!(made.status().unwrap().success());
    }
    let host = world.text("host-key");
    let keys = world.text("user-key.pub");
    let server = format!(
        "HostKey {host}\nAuthorizedKeysFile {keys}\nStrictModes no\nUsePAM no\nPidFile none\n\
         PasswordAuthentication no\nPermitRootLogin prohibit-password\nAcceptEnv GIT_PROTOCOL\nLogLevel QUIET\n"
    );
    std::fs::write(world.path("sshd_config"), server).unwrap();
    let client = format!(
        "Host *\n  ProxyCommand {} -i -f {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  BatchMode yes\n  \
         StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n",
        sshd.display(),
        world.text("sshd_config"),
        world.text("user-key"),
    );
    std::fs::write(world.path("ssh_config"), client).unwrap();
    Some(format!("ssh -F {}", world.text("ssh_config")))
}
