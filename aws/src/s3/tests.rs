//! Checksums as S3 writes them, and files that are hashed before they are sent.

use std::io::Write as _;

use super::*;
use pipeline_core::artifact::Sha256;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// Bytes that differ from place to place.
fn sample(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ (at >> 16) as u8).collect()
}

#[tokio::test]
async fn a_small_file_has_the_checksum_of_its_bytes() {
    let payload = Payload::file(file(b"abc").path()).await.unwrap();
    assert_eq!(payload.content().checksum, Sha256::of(b"abc"));
    assert_eq!(payload.s3_checksum().to_string(), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

#[tokio::test]
async fn a_large_file_has_the_checksum_of_its_parts_checksums() {
    let bytes = sample(20 << 20);
    let payload = Payload::file(file(&bytes).path()).await.unwrap();
    assert_eq!(payload.content().checksum, Sha256::of(&bytes));
    let parts: Vec<u8> = bytes.chunks(8 << 20).flat_map(|it| *Sha256::of(it).as_bytes()).collect();
    let expected = S3Checksum::Parts { digest: Sha256::of(&parts), count: 3 };
    assert_eq!(payload.s3_checksum(), expected);
    assert!(expected.to_string().ends_with("=-3"), "{expected}");
    assert_eq!(Payload::bytes(bytes).unwrap().s3_checksum(), expected);
}

#[tokio::test]
async fn parts_are_sent_from_their_own_place() {
    let bytes = sample((8 << 20) + 10);
    let file = file(&bytes);
    for payload in
        [Payload::file(file.path()).await.unwrap(), Payload::bytes(bytes.clone()).unwrap()]
    {
        let last = payload.plan().parts().last().unwrap();
        let body = payload.body(last).await.unwrap().collect().await.unwrap().into_bytes();
        assert_eq!(&body[..], &bytes[8 << 20..]);
        assert_eq!(payload.checksum_of(last), Some(Sha256::of(&body)));
    }
}

#[tokio::test]
async fn what_is_no_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = Payload::file(folder.path()).await.unwrap_err().to_string();
    assert!(told.contains("not a plain file"), "{told}");
    let told = Payload::file(&folder.path().join("gone")).await.unwrap_err().to_string();
    assert!(told.contains("No such file"), "{told}");
}

#[tokio::test]
async fn descriptions_tell_as_much_as_they_can() {
    let bytes = sample((8 << 20) + 1);
    let payload = Payload::bytes(bytes.clone()).unwrap();
    let held = |checksum| Held {
        size_bytes: bytes.len() as u64,
        checksum,
        etag: "\"e\"".to_owned(),
        version_id: None,
        stored_at: None,
        content_type: None,
    };
    let whole = |bytes: &[u8]| Some(S3Checksum::Whole(Sha256::of(bytes)));
    assert_eq!(payload.is_held_by(&held(Some(payload.s3_checksum()))), Some(true));
    assert_eq!(payload.is_held_by(&held(whole(&bytes))), Some(true));
    assert_eq!(payload.is_held_by(&held(whole(b"x"))), Some(false));
    assert_eq!(payload.is_held_by(&held(None)), None);
    let other_cut = S3Checksum::Parts { digest: Sha256::of(b"x"), count: 2 };
    assert_eq!(payload.is_held_by(&held(Some(other_cut))), None);
    let shorter = Held { size_bytes: 1, ..held(None) };
    assert_eq!(payload.is_held_by(&shorter), Some(false));
}

#[test]
fn reads_checksums_as_s3_writes_them() {
    let digest = Sha256::of(b"abc");
    for checksum in [S3Checksum::Whole(digest), S3Checksum::Parts { digest, count: 10_000 }] {
        assert_eq!(S3Checksum::read(&checksum.to_string()), Some(checksum));
    }
    for text in ["", "abc", "AAAA", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=-x"] {
        assert_eq!(S3Checksum::read(text), None, "{text}");
    }
}
