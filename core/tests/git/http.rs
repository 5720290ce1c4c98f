//! The same over HTTP: a small server in front of git's own `http-backend`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pipeline_core::git::CommitError;
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};

use super::world::{Remote, World, ana, create, name, replace};

/// Serves the repositories of a folder until the test ends; gives the port.
fn serve(root: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            std::thread::spawn(move || answer(stream, &root));
        }
    });
    port
}

/// One request, as CGI to `git http-backend`. The connection is closed after it.
fn answer(mut stream: TcpStream, root: &Path) {
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
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse::<usize>().ok(),
            "transfer-encoding" => chunked = value == "chunked",
            "content-type" => drop(command.env("CONTENT_TYPE", value)),
            "content-encoding" => drop(command.env("HTTP_CONTENT_ENCODING", value)),
            "git-protocol" => drop(command.env("GIT_PROTOCOL", value)),
            _ => {}
        }
    }
    let body = if chunked { read_chunks(&mut reader) } else { read_length(&mut reader, length) };
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

fn world() -> World {
    let world = World::new(Remote::Pushed);
    world.git("remote.git", &["config", "http.receivepack", "true"]);
    let port = serve(world.path("."));
    let url = format!("http://bot:s3cret@127.0.0.1:{port}/remote.git");
    world.git("clone", &["remote", "set-url", "origin", &url]);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_reads_and_loses_races_over_http() {
    let world = world();
    let (one, other) = (world.open("clone"), world.open("clone"));
    let [first, second, third] = ["HEAD~2", "HEAD~1", "HEAD"].map(|r| world.sha("clone", r));
    let (change, start) = create(&one, "environments/größe", first);
    one.commit(change).await.unwrap();
    assert_eq!(world.sha("remote.git", "environments/größe"), first);
    other.snapshot().await.unwrap();
    let (change, _) = replace(&one, "environments/größe", start, second);
    one.commit(change).await.unwrap();
    let (change, _) = replace(&other, "environments/größe", start, third);
    let error = other.commit(change).await.unwrap_err();
    let text = error.to_string();
    assert!(
        error.is_conflict()
            && text.contains(&second.to_string())
            && text.contains(&first.to_string()),
        "{text}"
    );
    assert!(!one.shown().contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_refs_together_over_http() {
    let world = world();
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let update = |tag: &str, message: &str| {
        let object = repository.write_tag_object(tag, head, &ana(), message).unwrap();
        RefUpdate::create(name(&format!("refs/tags/{tag}")), object)
    };
    let change = Transaction::new(vec![update("a", "first"), update("b", "first")]).unwrap();
    repository.commit(change).await.unwrap();
    let change = Transaction::new(vec![update("b", "second"), update("c", "second")]).unwrap();
    assert!(repository.commit(change).await.unwrap_err().is_conflict());
    assert_eq!(world.git("remote.git", &["tag", "--list"]), "a\nb");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_speaks_over_http() {
    let world = world();
    world.hook("remote.git", "pre-receive", "echo ask Ana first >&2; exit 1");
    let repository = world.open("clone");
    let error = repository
        .commit(create(&repository, "v1", world.sha("clone", "HEAD")).0)
        .await
        .unwrap_err();
    assert!(matches!(error, CommitError::Rejected { .. }), "{error}");
    assert!(error.to_string().contains("ask Ana first"), "{error}");
}
