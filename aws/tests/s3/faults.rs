//! The table: what goes wrong, and what has to come of it.

use std::io::Write as _;

use pipeline_aws::s3::{ObjectName, Payload, S3Error, StoreError, Stored};
use pipeline_core::Sha256;

use crate::request::Op;
use crate::request::Op::{Begin, Complete, Get, Head, Part, Put};
use crate::server::Fault::{
    AbortFirst, Answer, Answer200, Delete, LoseReply, LoseRequest, Overwrite, Rival, Truncate,
};
use crate::server::{Fault, Quirks, Server};

/// What has to come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Our bytes are there.
    Stored,
    /// Somebody else's bytes are there, and stay.
    Taken,
    /// Something else is there than what was stored, and it is said.
    NotHeld,
    /// It was not stored; a later attempt may succeed.
    Lost,
    /// S3 does not want it.
    Refused,
    /// The file changed.
    Changed,
}

const PLAIN: Quirks = Quirks { overwrites: false, no_checksums: false, sealed: false };
const BARE: Quirks = Quirks { no_checksums: true, ..PLAIN };
const SEALED: Quirks = Quirks { sealed: true, ..PLAIN };
const KEY: &str = "abc/build.zip";

/// Bytes that differ from place to place; `large` ones go in two parts.
fn sample(large: bool) -> Vec<u8> {
    let size = if large { (8 << 20) + 5 } else { SAME.len() };
    let pattern: Vec<u8> = (0..251).collect();
    let mut bytes = pattern.repeat(size / pattern.len() + 1);
    bytes.truncate(size);
    bytes
}

fn object() -> ObjectName {
    ObjectName { bucket: "artifacts".parse().unwrap(), key: KEY.to_owned() }
}

async fn store(server: &Server, payload: &Payload) -> Result<Stored, StoreError> {
    server.storage().store(&object(), payload, "application/zip", std::future::pending()).await
}

fn verdict(result: &Result<Stored, StoreError>) -> Verdict {
    match result {
        Ok(_) => Verdict::Stored,
        Err(StoreError::Taken(_)) => Verdict::Taken,
        Err(StoreError::NotHeld(_)) => Verdict::NotHeld,
        Err(StoreError::FileChanged) => Verdict::Changed,
        Err(StoreError::S3(
            S3Error::Busy { .. } | S3Error::Unreachable { .. } | S3Error::Broken { .. },
        )) => Verdict::Lost,
        Err(_) => Verdict::Refused,
    }
}

type Row = (&'static str, bool, Quirks, &'static [(Op, Fault)], Verdict);

const SLOW: Fault = Answer(503, "SlowDown");
const SMALL: bool = false;
const LARGE: bool = true;

/// Name, size, quirks of the store, faults, verdict.
const TABLE: &[Row] = &[
    ("nothing", SMALL, PLAIN, &[], Verdict::Stored),
    ("nothing, in parts", LARGE, PLAIN, &[], Verdict::Stored),
    ("no checksums kept", SMALL, BARE, &[], Verdict::Stored),
    ("no checksums kept, in parts", LARGE, BARE, &[], Verdict::Stored),
    ("nothing to be decrypted", SMALL, SEALED, &[], Verdict::Stored),
    ("nothing to be decrypted, in parts", LARGE, SEALED, &[], Verdict::Stored),
    ("reply lost", SMALL, PLAIN, &[(Put, LoseReply)], Verdict::Stored),
    ("request lost", SMALL, PLAIN, &[(Put, LoseRequest)], Verdict::Stored),
    (
        "all requests lost",
        SMALL,
        PLAIN,
        &[(Put, LoseRequest), (Put, LoseRequest), (Put, LoseRequest)],
        Verdict::Lost,
    ),
    (
        "last reply lost",
        SMALL,
        PLAIN,
        &[(Put, LoseRequest), (Put, LoseRequest), (Put, LoseReply)],
        Verdict::Stored,
    ),
    ("slow down once", SMALL, PLAIN, &[(Put, SLOW)], Verdict::Stored),
    ("slow down for ever", SMALL, PLAIN, &[(Put, SLOW), (Put, SLOW), (Put, SLOW)], Verdict::Lost),
    ("slow to look", SMALL, PLAIN, &[(Head, SLOW)], Verdict::Stored),
    (
        "conflict once",
        SMALL,
        PLAIN,
        &[(Put, Answer(409, "ConditionalRequestConflict"))],
        Verdict::Stored,
    ),
    ("a rival with the same bytes", SMALL, PLAIN, &[(Put, Rival(SAME))], Verdict::Stored),
    ("a rival with other bytes", SMALL, PLAIN, &[(Put, Rival(b"theirs"))], Verdict::Taken),
    (
        "a rival and a conflict",
        SMALL,
        PLAIN,
        &[(Put, Answer(409, "ConditionalRequestConflict")), (Put, Rival(b"theirs"))],
        Verdict::Taken,
    ),
    (
        "reply lost, then a rival",
        SMALL,
        PLAIN,
        &[(Put, LoseRequest), (Put, Rival(b"theirs"))],
        Verdict::Taken,
    ),
    ("overwritten at once", SMALL, PLAIN, &[(Put, Overwrite(b"theirs"))], Verdict::NotHeld),
    ("deleted at once", SMALL, PLAIN, &[(Put, Delete)], Verdict::NotHeld),
    ("half arrives", SMALL, PLAIN, &[(Put, Truncate)], Verdict::Changed),
    ("half arrives, unnoticed", SMALL, BARE, &[(Put, Truncate)], Verdict::NotHeld),
    ("denied to write", SMALL, PLAIN, &[(Put, Answer(403, "AccessDenied"))], Verdict::Refused),
    ("denied to look first", SMALL, PLAIN, &[(Head, Answer(403, ""))], Verdict::Stored),
    ("no such bucket", SMALL, PLAIN, &[(Put, Answer(404, "NoSuchBucket"))], Verdict::Refused),
    ("another region", SMALL, PLAIN, &[(Head, Answer(301, "PermanentRedirect"))], Verdict::Refused),
    (
        "conditional writes unknown",
        SMALL,
        PLAIN,
        &[(Put, Answer(501, "NotImplemented"))],
        Verdict::Refused,
    ),
    ("reading breaks off", SMALL, BARE, &[(Get, Truncate)], Verdict::Stored),
    (
        "reading breaks off each time",
        SMALL,
        BARE,
        &[(Get, Truncate), (Get, Truncate), (Get, Truncate)],
        Verdict::Lost,
    ),
    ("beginning, reply lost", LARGE, PLAIN, &[(Begin, LoseRequest)], Verdict::Stored),
    ("part, reply lost", LARGE, PLAIN, &[(Part, LoseReply)], Verdict::Stored),
    (
        "part, request lost",
        LARGE,
        PLAIN,
        &[(Part, LoseRequest), (Part, LoseRequest)],
        Verdict::Stored,
    ),
    ("part, slow down", LARGE, PLAIN, &[(Part, SLOW), (Part, SLOW)], Verdict::Stored),
    ("part, denied", LARGE, PLAIN, &[(Part, Answer(403, "AccessDenied"))], Verdict::Refused),
    ("part, half arrives", LARGE, PLAIN, &[(Part, Truncate)], Verdict::Changed),
    ("part, half arrives, unnoticed", LARGE, BARE, &[(Part, Truncate)], Verdict::NotHeld),
    ("aborted by others", LARGE, PLAIN, &[(Complete, AbortFirst)], Verdict::Refused),
    ("end, reply lost", LARGE, PLAIN, &[(Complete, LoseReply)], Verdict::Stored),
    ("end, request lost", LARGE, PLAIN, &[(Complete, LoseRequest)], Verdict::Stored),
    (
        "end, all lost",
        LARGE,
        PLAIN,
        &[(Complete, LoseRequest), (Complete, LoseRequest), (Complete, LoseRequest)],
        Verdict::Lost,
    ),
    (
        "end, failure in a 200",
        LARGE,
        PLAIN,
        &[(Complete, Answer200("InternalError"))],
        Verdict::Stored,
    ),
    (
        "end, conflict",
        LARGE,
        PLAIN,
        &[(Complete, Answer(409, "ConditionalRequestConflict"))],
        Verdict::Stored,
    ),
    (
        "end, a rival with other bytes",
        LARGE,
        PLAIN,
        &[(Complete, Rival(b"theirs"))],
        Verdict::Taken,
    ),
    (
        "end, overwritten at once",
        LARGE,
        PLAIN,
        &[(Complete, Overwrite(b"theirs"))],
        Verdict::NotHeld,
    ),
];

/// The bytes of the small sample, for a rival that is no rival.
const SAME: &[u8] = &same();

const fn same() -> [u8; 1000] {
    let mut bytes = [0; 1000];
    let mut at = 0;
    while at < 1000 {
        bytes[at] = (at % 251) as u8;
        at += 1;
    }
    bytes
}

#[tokio::test]
async fn every_fault_has_its_verdict() {
    let mut wrong = Vec::new();
    for (name, large, quirks, faults, expected) in TABLE {
        let server = Server::start(*quirks, faults.to_vec());
        let payload = Payload::bytes(sample(*large)).unwrap();
        let result = store(&server, &payload).await;
        let found = verdict(&result);
        let world = server.world();
        let ours = world.bytes(KEY) == Some(sample(*large).as_slice());
        // Success is never said of anything but our own bytes, and no parts are left behind.
        let truthful = match found {
            Verdict::Stored => ours,
            Verdict::Lost => true,
            _ => !ours,
        };
        let clean = world.open_uploads() == 0;
        if found != *expected || !truthful || !clean || world.unused() > 0 {
            let open = world.open_uploads();
            wrong.push(format!(
                "{name}: {found:?}, {open} uploads open, {:?}\n{result:?}",
                world.log
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), TABLE.len(), wrong.join("\n"));
}

#[tokio::test]
async fn what_was_lost_is_found_by_the_next_attempt() {
    for large in [SMALL, LARGE] {
        let ends = if large { Complete } else { Put };
        let denied = || (Head, Answer(403, ""));
        let lost = vec![denied(), denied(), (ends, LoseReply), (Head, LoseRequest)];
        let server = Server::start(PLAIN, lost);
        let payload = Payload::bytes(sample(large)).unwrap();
        drop(store(&server, &payload).await);
        let again = store(&server, &payload).await.unwrap();
        assert!(again.existed);
        let writings = server.world().log.iter().filter(|op| **op == ends).count();
        assert_eq!(writings, 2, "only the SDK tried again: {:?}", server.world().log);
    }
}

#[tokio::test]
async fn whoever_may_not_decrypt_hears_which_permission_is_missing() {
    let server = Server::start(SEALED, Vec::new());
    server.world().put(KEY, b"theirs".to_vec());
    let payload = Payload::bytes(b"ours!!".to_vec()).unwrap();
    let refused = store(&server, &payload).await.unwrap_err();
    assert_eq!(refused.next(), "Allow `kms:Decrypt` to these credentials, or use others.");
}

#[tokio::test]
async fn a_failure_at_the_end_is_repeated_by_the_sdk_alone() {
    let failures = vec![(Complete, Answer200("InternalError")); 9];
    let server = Server::start(PLAIN, failures);
    let payload = Payload::bytes(sample(LARGE)).unwrap();
    drop(store(&server, &payload).await);
    let completions = server.world().log.iter().filter(|op| **op == Complete).count();
    assert_eq!(completions, 3, "as often as any other call: {:?}", server.world().log);
}

#[tokio::test]
async fn two_who_store_the_same_bytes_at_once_both_succeed() {
    for large in [SMALL, LARGE] {
        let server = Server::start(PLAIN, Vec::new());
        let payload = Payload::bytes(sample(large)).unwrap();
        let (one, other) = tokio::join!(store(&server, &payload), store(&server, &payload));
        assert_eq!(one.unwrap().held, other.unwrap().held);
        assert_eq!(server.world().open_uploads(), 0);
    }
}

#[tokio::test]
async fn both_checksums_are_named() {
    let server = Server::start(PLAIN, Vec::new());
    server.world().put(KEY, b"theirs".to_vec());
    let payload = Payload::bytes(b"mine".to_vec()).unwrap();
    let told = store(&server, &payload).await.unwrap_err().to_string();
    for bytes in [b"mine".as_slice(), b"theirs"] {
        assert!(told.contains(&Sha256::of(bytes).to_string()), "{told}");
    }
    assert_eq!(server.world().bytes(KEY), Some(b"theirs".as_slice()));
}

#[tokio::test]
async fn a_store_that_overwrites_is_refused_before_anything_is_written() {
    let quirks = Quirks { overwrites: true, ..PLAIN };
    for large in [SMALL, LARGE] {
        let server = Server::start(quirks, Vec::new());
        let payload = Payload::bytes(sample(large)).unwrap();
        let refused = store(&server, &payload).await.unwrap_err();
        assert!(matches!(refused, StoreError::Overwrites { .. }), "{refused}");
        assert_eq!(server.world().bytes(KEY), None);
    }
}

#[tokio::test]
async fn a_store_that_does_not_is_asked_once() {
    let server = Server::start(PLAIN, Vec::new());
    let storage = server.storage();
    for number in 0..3 {
        let object = ObjectName { key: format!("abc/{number}"), ..object() };
        let payload = Payload::bytes(vec![number]).unwrap();
        storage.store(&object, &payload, "text/plain", std::future::pending()).await.unwrap();
    }
    assert_eq!(server.world().probes, 2);
    assert_eq!(server.world().log, [Head, Put, Head].repeat(3));
}

#[tokio::test]
async fn a_file_that_changes_after_it_was_hashed_is_not_stored() {
    for large in [SMALL, LARGE] {
        let server = Server::start(PLAIN, Vec::new());
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&sample(large)).unwrap();
        let payload = Payload::file(file.path()).await.unwrap();
        std::fs::write(file.path(), vec![7; sample(large).len()]).unwrap();
        let refused = store(&server, &payload).await.unwrap_err();
        assert_eq!(refused, StoreError::FileChanged);
        assert_eq!(server.world().bytes(KEY), None);
        assert_eq!(server.world().open_uploads(), 0);
    }
}

#[tokio::test]
async fn an_interrupted_upload_leaves_no_parts() {
    let server = Server::start(PLAIN, Vec::new());
    let payload = Payload::bytes(sample(LARGE)).unwrap();
    let storage = server.storage();
    let object = object();
    let begun = async {
        while !server.world().log.contains(&Part) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    let stopped = storage.store(&object, &payload, "application/zip", begun).await;
    // The last part may win the race against the interruption.
    match stopped {
        Ok(_) => assert!(server.world().bytes(KEY).is_some()),
        Err(error) => assert_eq!(error, StoreError::Interrupted { leftover: None }),
    }
    assert_eq!(server.world().open_uploads(), 0);
    assert!(store(&server, &payload).await.is_ok());
}
