//! Against real sockets: healthy, failing, refusing, silent, trickling, recovering.

use super::server::{Answer, body, nobody, serve, serve_tls, status};
use super::*;
use crate::base::cause::in_full;

/// What comes of a check of a server with these answers, which never takes too long.
async fn checked(answers: Vec<Answer>, change: impl FnOnce(&mut HealthCheck)) -> Health {
    let mut check = check(&serve(answers));
    change(&mut check);
    in_time(&check).await
}

/// What comes of a check. Without a limit some of these servers keep a client for ever; that every limit
/// is kept to the millisecond is shown by a clock of its own.
async fn in_time(check: &HealthCheck) -> Health {
    let ended = tokio::time::timeout(Duration::from_secs(300), check.run()).await;
    ended.expect("the check does not end")
}

fn failed(health: Health) -> String {
    match health {
        Health::Failed(why) if !why.is_late() => in_full(&why),
        other => panic!("{other:?}"),
    }
}

fn timed_out(health: Health) -> String {
    match health {
        Health::Failed(why) if why.is_late() => in_full(&why),
        other => panic!("{other:?}"),
    }
}

fn with_body(pattern: &str) -> impl FnOnce(&mut HealthCheck) {
    let pattern = pattern.parse().unwrap();
    |check| check.expected_body = Some(pattern)
}

#[tokio::test]
async fn a_healthy_endpoint_passes() {
    let health = checked(vec![status(200)], |_| ()).await;
    assert!(matches!(health, Health::Passed { .. }), "{health:?}");
}

#[tokio::test]
async fn an_endpoint_that_recovers_passes() {
    let answers = vec![status(503), Answer::Raw(""), status(200)];
    let health = checked(answers, |it| it.retries = Some(2)).await;
    assert!(matches!(health, Health::Passed { .. }), "{health:?}");
}

#[tokio::test]
async fn a_failing_endpoint_fails_and_says_how() {
    let reason = failed(checked(vec![status(503)], |_| ()).await);
    assert!(reason.contains("answered 503, expected 200"), "{reason}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let reason = failed(checked(vec![status(302)], |_| ()).await);
    assert!(reason.contains("answered 302"), "{reason}");
}

#[tokio::test]
async fn a_body_that_matches_passes() {
    let health =
        checked(vec![body("{\"status\": \"ok\"}")], with_body(r#""status":\s*"ok""#)).await;
    assert!(matches!(health, Health::Passed { .. }), "{health:?}");
}

#[tokio::test]
async fn a_body_that_does_not_match_fails_and_is_not_told() {
    let reason = failed(checked(vec![body("token=s3cret")], with_body("^ok$")).await);
    assert!(reason.contains("`expected_body` matches nothing in the 12 bytes"), "{reason}");
    assert!(!reason.contains("s3cret"), "{reason}");
}

#[tokio::test]
async fn a_wrong_status_is_not_mended_by_a_body() {
    let reason = failed(checked(vec![Answer::Body(500, b"ok".to_vec())], with_body("ok")).await);
    assert!(reason.contains("answered 500"), "{reason}");
}

#[tokio::test]
async fn only_the_beginning_of_a_body_is_read() {
    let mut long = vec![b' '; HealthCheck::BODY_LIMIT - 2];
    long.extend(b"ok");
    let health = checked(vec![Answer::Body(200, long.clone())], with_body("ok")).await;
    assert!(matches!(health, Health::Passed { .. }), "{health:?}");
    long.insert(0, b' ');
    let reason = failed(checked(vec![Answer::Body(200, long)], with_body("ok")).await);
    assert!(reason.contains("65536 bytes"), "{reason}");
}

/// `status ok`, as gzip packs it.
const PACKED: [u8; 29] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 46, 73, 44, 41, 45, 86, 200, 207, 6, 0, 199, 149, 191,
    242, 9, 0, 0, 0,
];

#[tokio::test]
async fn a_packed_body_is_unpacked() {
    let health =
        checked(vec![Answer::Encoded("gzip", PACKED.to_vec())], with_body("^status ok$")).await;
    assert!(matches!(health, Health::Passed { .. }), "{health:?}");
    let cut = PACKED[..12].to_vec();
    let reason = failed(checked(vec![Answer::Encoded("gzip", cut)], with_body("ok")).await);
    assert!(reason.contains("broke off"), "{reason}");
}

#[tokio::test]
async fn a_body_in_an_encoding_that_is_not_known_is_told() {
    let reason = failed(checked(vec![Answer::Encoded("br", vec![1, 2])], with_body("ok")).await);
    assert!(reason.contains("encoded as `br`"), "{reason}");
    // Nobody who does not look at the body cares.
    let health = checked(vec![Answer::Encoded("br", vec![1, 2])], |_| ()).await;
    assert!(matches!(health, Health::Passed { .. }), "{health:?}");
}

#[tokio::test]
async fn each_attempt_has_a_connection_of_its_own() {
    // What the first connection leads to never recovers.
    let answers = vec![Answer::Stays(503), Answer::Stays(200)];
    let health = checked(answers, |it| it.retries = Some(1)).await;
    assert!(matches!(health, Health::Passed { .. }), "{health:?}");
}

#[test]
fn plain_http_needs_no_roots_of_trust() {
    let none = || Err(rustls::Error::General("no certificates".to_owned()));
    assert_eq!(check("http://127.0.0.1:1/").unready(none), None);
    let reason = check("https://127.0.0.1:1/").unready(none).unwrap();
    assert!(reason.contains("no certificates"), "{reason}");
    assert_eq!(check("https://127.0.0.1:1/").unready(|| Ok(())), None);
}

#[tokio::test]
async fn a_body_that_breaks_off_fails() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok";
    let reason = failed(checked(vec![Answer::Raw(head)], with_body("ok")).await);
    assert!(reason.contains("broke off"), "{reason}");
}

#[tokio::test]
async fn a_silent_endpoint_times_out() {
    let reason = timed_out(checked(vec![Answer::Silence], hasty).await);
    assert!(reason.contains("no answer within 300 ms"), "{reason}");
}

#[tokio::test]
async fn headers_that_trickle_time_out() {
    let slow = Answer::Trickle("HTTP/1.1 200 OK\r\nx: y\r\n", Duration::from_millis(20));
    timed_out(checked(vec![slow], hasty).await);
}

#[tokio::test]
async fn a_body_that_trickles_times_out() {
    let slow = Answer::Trickle(
        "HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\nok ok ok ok ok ok ok ok ok ok ok ok ok ok",
        Duration::from_millis(2),
    );
    let change = |it: &mut HealthCheck| {
        with_body("ok")(it);
        hasty(it);
    };
    timed_out(checked(vec![slow], change).await);
}

#[tokio::test]
async fn what_is_no_http_fails() {
    failed(checked(vec![Answer::Raw("SSH-2.0-x\r\n")], |_| ()).await);
}

#[tokio::test]
async fn a_closed_port_fails_with_the_cause() {
    let (_bound, url) = nobody();
    let reason = failed(in_time(&check(&url)).await);
    assert!(reason.to_lowercase().contains("refused"), "{reason}");
}

#[tokio::test]
async fn a_token_in_the_query_is_not_told() {
    let (_bound, url) = nobody();
    let reason = failed(in_time(&check(&format!("{url}?token=s3cret"))).await);
    assert!(!reason.contains("s3cret"), "{reason}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_does_not_pass() {
    let mut check = check("http://nobody.invalid/health");
    hasty(&mut check);
    let health = in_time(&check).await;
    assert!(matches!(health, Health::Failed(_)), "{health:?}");
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_fails_with_the_cause() {
    let reason = failed(in_time(&check(&serve_tls(status(200)))).await);
    assert!(reason.contains("certificate"), "{reason}");
}

#[tokio::test]
async fn plain_http_where_https_is_asked_for_fails() {
    let url = serve(vec![status(200)]).replace("http:", "https:");
    failed(in_time(&check(&url)).await);
}
