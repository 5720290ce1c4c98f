//! Starting: the cookie, the line, and who is let in.

use rustls::version::{TLS12, TLS13};
use tfplugin::wire::tfplugin6::get_provider_schema;

use crate::support::certificate;
use crate::support::host::{Host, clean};
use crate::support::process::{COOKIE, Process, command};
use crate::support::tls::Client;

async fn schema(mut host: Host) {
    let schema = host.provider.get_provider_schema(get_provider_schema::Request {}).await.unwrap();
    let schema = schema.into_inner();
    clean(&schema.diagnostics);
    assert!(schema.provider.unwrap().block.is_some());
}

#[tokio::test]
async fn without_the_cookie_it_says_what_it_is() {
    for cookie in [None, Some(""), Some("d602bf8f")] {
        let mut command = command();
        if let Some(value) = cookie {
            command.env(COOKIE.0, value);
        }
        let output = command.output().await.unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("Terraform provider") && message.contains("--debug"), "{message}");
    }
}

#[tokio::test]
async fn the_line_has_six_segments() {
    let process = Process::start().await;
    let segments = process.segments();
    assert_eq!(segments.len(), 6, "{}", process.line);
    assert_eq!((segments[0], segments[1], segments[2], segments[4]), ("1", "6", "unix", "grpc"));
    assert!(!segments[5].contains('='), "the host reads base64 without padding");
    assert!(segments[5].len() > 50, "the host passes over shorter certificates");
    assert!(std::path::Path::new(process.address()).is_absolute());
}

#[tokio::test]
async fn a_host_that_asks_for_multiplexing_is_told() {
    let process = Process::start_with(|c| _ = c.env("PLUGIN_MULTIPLEX_GRPC", "true"), true).await;
    assert_eq!(process.segments()[6], "false");
}

#[tokio::test]
async fn both_versions_of_tls_carry_h2() {
    for version in [&TLS12, &TLS13] {
        let process = Process::start().await;
        let socket = process.socket().await;
        let stream = process.client.connect(socket, &process.certificate(), version).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        schema(Host::over(stream).await).await;
    }
}

#[tokio::test]
async fn only_the_host_that_started_it_is_let_in() {
    let process = Process::start().await;
    let (own, other) = (certificate::key(), certificate::key());
    let known = process.client.clone();
    let strangers = [
        ("no certificate", Client::new(None, own.clone())),
        ("another certificate", Client::new(Some(certificate::self_signed(&own)), own)),
        ("the right certificate without its key", known.with_key(other)),
    ];
    for (what, client) in strangers {
        for version in [&TLS12, &TLS13] {
            let socket = process.socket().await;
            // With TLS 1.3 the client learns of the refusal only when it reads.
            let refused = match client.connect(socket, &process.certificate(), version).await {
                Err(_) => true,
                Ok(mut stream) => {
                    let mut byte = [0];
                    let read = tokio::io::AsyncReadExt::read(&mut stream, &mut byte).await;
                    read.is_err()
                }
            };
            assert!(refused, "let in with {what}");
        }
    }
    // Refusing them has not disturbed anything.
    schema(process.host().await).await;
}

#[tokio::test]
async fn without_tls_the_last_segment_is_empty() {
    let process = Process::start_plain().await;
    assert_eq!(process.segments()[5], "");
    schema(process.host().await).await;
}

#[tokio::test]
async fn a_long_directory_gives_tcp() {
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("x".repeat(100));
    std::fs::create_dir(&long).unwrap();
    let process = Process::start_with(|c| _ = c.env("PLUGIN_UNIX_SOCKET_DIR", &long), true).await;
    assert_eq!(process.segments()[2], "tcp");
    let port: u16 = process.address().strip_prefix("127.0.0.1:").unwrap().parse().unwrap();
    assert!((10000..=25000).contains(&port));
    let stream = process.tcp().await;
    let stream = process.client.connect(stream, &process.certificate(), &TLS13).await.unwrap();
    let host = Host::over(stream).await;
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        let mut provider = host.provider.clone();
        provider.get_provider_schema(get_provider_schema::Request {}).await.unwrap();
    }
    // An answer that waits for the acknowledgement of the one before takes 40 ms.
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "answers are held back");
}
