//! A server that answers as badly as a test wants.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::net::TcpSocket;

/// How one connection is answered.
#[derive(Clone)]
pub(super) enum Answer {
    /// With this status and body.
    Body(u16, Vec<u8>),
    /// With this status to every request of the connection, which stays open.
    Stays(u16),
    /// With a body in this encoding.
    Encoded(&'static str, Vec<u8>),
    /// With this text as it is, and a closed connection.
    Raw(&'static str),
    /// With this text, one byte after another, so long apart, as long as the client listens.
    Trickle(&'static str, Duration),
    /// Not at all, as long as the client waits.
    Silence,
}

pub(super) fn status(status: u16) -> Answer {
    Answer::Body(status, Vec::new())
}

pub(super) fn body(text: &str) -> Answer {
    Answer::Body(200, text.as_bytes().to_vec())
}

/// Serves `answers` in turn, the last one for ever.
pub(super) fn serve(answers: Vec<Answer>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/health", listener.local_addr().unwrap());
    thread::spawn(move || {
        for (served, stream) in listener.incoming().enumerate() {
            let (stream, answer) =
                (stream.unwrap(), answers[served.min(answers.len() - 1)].clone());
            thread::spawn(move || speak(stream, &answer));
        }
    });
    url
}

/// Serves one answer by HTTPS, with a certificate that nobody trusts.
pub(super) fn serve_tls(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/health", listener.local_addr().unwrap());
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let (stream, answer) = (stream.unwrap(), answer.clone());
            thread::spawn(move || speak(rustls::StreamOwned::new(session, stream), &answer));
        }
    });
    url
}

/// An address where nobody listens, and nobody else can for as long as the socket lives.
pub(super) fn nobody() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let url = format!("http://{}/health", socket.local_addr().unwrap());
    (socket, url)
}

/// A client that hangs up early is no concern of the server.
fn speak(mut stream: impl Read + Write, answer: &Answer) {
    let _ = stream.read(&mut [0; 4096]);
    let _ = match answer {
        Answer::Body(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\nlocation: /x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), body].concat())
        }
        Answer::Stays(status) => loop {
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            if stream.write_all(head.as_bytes()).is_err() {
                return;
            }
            match stream.read(&mut [0; 4096]) {
                Ok(1..) => {}
                _ => return,
            }
        },
        Answer::Encoded(encoding, body) => {
            let head = format!(
                "HTTP/1.1 200 X\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), body].concat())
        }
        Answer::Raw(text) => stream.write_all(text.as_bytes()),
        Answer::Trickle(text, pause) => loop {
            for byte in text.bytes() {
                thread::sleep(*pause);
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
            }
        },
        Answer::Silence => stream.read(&mut [0]).map(drop),
    };
}
