//! States in S3 whose bytes do not all arrive.

use pipeline_aws::Connection;
use pipeline_aws::state::StateBucket;

use crate::server::{Reply, Server};

const STATE: &str = r#"{"version": 4, "serial": 1}"#;

async fn read(server: &Server) -> Result<Vec<u8>, String> {
    let connection = Connection::local(&server.url);
    let name = "states".parse().unwrap();
    let bucket = StateBucket::open(&connection, None, &name).await.unwrap();
    let read = bucket.read("app/terraform.tfstate").await;
    read.map(|state| state.bytes).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_state_that_breaks_off_is_read_again() {
    let server = Server::start(|ask| match ask.number {
        0 | 1 => Reply { breaks_off: Some(5), ..Reply::ok(STATE) },
        _ => Reply::ok(STATE),
    });
    assert_eq!(read(&server).await.unwrap(), STATE.as_bytes());
}

#[tokio::test]
async fn a_state_that_always_breaks_off_is_not_read_for_ever() {
    let server = Server::start(|_| Reply { breaks_off: Some(5), ..Reply::ok(STATE) });
    let told = read(&server).await.unwrap_err();
    assert!(told.contains("broke off"), "{told}");
    let lines: Vec<String> = server.asked().into_iter().map(|ask| ask.line).collect();
    assert_eq!(lines, ["GET /states/app/terraform.tfstate?x-id=GetObject"; 3]);
}
