//! Against a real socket: healthy, failing, refusing, silent, recovering.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::*;

/// Serves `answers` in turn, the last one for ever; `None` reads and never answers.
fn serve(answers: Vec<Option<u16>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for (served, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            match answers[served.min(answers.len() - 1)] {
                Some(status) => {
                    let head = format!(
                        "HTTP/1.1 {status} X\r\nlocation: /x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    );
                    stream.write_all(head.as_bytes()).unwrap();
                }
                None => held.push(stream),
            }
        }
    });
    format!("http://{address}/health")
}

fn check(url: &str) -> HealthCheck {
    HealthCheck {
        url: url.parse().unwrap(),
        expected_status: 200,
        interval: Duration::from_millis(10),
        attempt_timeout: Duration::from_millis(150),
        timeout: Duration::from_millis(400),
    }
}

#[tokio::test]
async fn a_healthy_endpoint_passes() {
    assert!(matches!(check(&serve(vec![Some(200)])).run().await, Health::Passed { .. }));
}

#[tokio::test]
async fn an_endpoint_that_recovers_passes() {
    let url = serve(vec![Some(503), Some(503), Some(200)]);
    assert!(matches!(check(&url).run().await, Health::Passed { .. }));
}

#[tokio::test]
async fn a_failing_endpoint_fails_and_says_how() {
    let Health::Failed { reason } = check(&serve(vec![Some(503)])).run().await else { panic!() };
    assert!(reason.contains("answered 503, expected 200"), "{reason}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let Health::Failed { reason } = check(&serve(vec![Some(302)])).run().await else { panic!() };
    assert!(reason.contains("answered 302"), "{reason}");
}

#[tokio::test]
async fn a_silent_endpoint_times_out() {
    let Health::TimedOut { reason } = check(&serve(vec![None])).run().await else { panic!() };
    assert!(reason.contains("no answer within"), "{reason}");
}

#[tokio::test]
async fn a_closed_port_fails_with_the_cause() {
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let Health::Failed { reason } = check(&url).run().await else { panic!() };
    assert!(reason.to_lowercase().contains("refused"), "{reason}");
}
