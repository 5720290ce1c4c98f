//! What is told to whoever records an artifact: what the store holds, not what somebody claims (ART003).

use pipeline_aws::s3::{Held, ObjectName, Payload, Remembering, S3Error};
use pipeline_core::artifact::rules::Content;
use pipeline_core::artifact::{ArtifactPlace, ObjectStore as _};

use crate::server::{Quirks, Server};

fn place() -> ArtifactPlace {
    format!("s3://artifacts/{}/build.zip", "0a".repeat(20)).parse().unwrap()
}

/// Stores these bytes; what the store then says of them.
async fn store(server: &Server, bytes: &[u8]) -> (Held, Content) {
    let payload = Payload::bytes(bytes.to_vec()).unwrap();
    let (object, never) = (ObjectName::from(&place()), std::future::pending());
    let stored = server.storage().store(&object, &payload, "text/plain", never).await.unwrap();
    (stored.held, payload.content())
}

#[tokio::test]
async fn the_store_says_what_it_holds() {
    for no_checksums in [false, true] {
        let server = Server::start(Quirks { no_checksums, ..Quirks::default() }, Vec::new());
        assert_eq!(server.storage().content(&place()).await.unwrap(), None);
        let (_, content) = store(&server, b"mine").await;
        assert_eq!(server.storage().content(&place()).await.unwrap(), Some(content));
    }
}

#[tokio::test]
async fn a_description_alone_tells_whoever_may_not_decrypt() {
    let server = Server::start(Quirks { sealed: true, ..Quirks::default() }, Vec::new());
    let (held, content) = store(&server, b"mine").await;
    let storage = server.storage();
    let denied = storage.content(&place()).await.unwrap_err();
    assert!(matches!(denied, S3Error::Denied { .. }), "{denied}");
    let is_it = |etag: String| move |found: &Held| (found.etag == etag).then_some(content);
    let same = Remembering { storage: &storage, known: is_it(held.etag) };
    assert_eq!(same.content(&place()).await.unwrap(), Some(content));
    let other = Remembering { storage: &storage, known: is_it("another".into()) };
    assert!(matches!(other.content(&place()).await, Err(S3Error::Denied { .. })));
}
