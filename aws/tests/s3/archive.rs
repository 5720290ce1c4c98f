//! The archive, when it works and when it does not: nothing may be deleted that it does not hold.

use pipeline_aws::s3::Archive;
use pipeline_core::archive::{Archive as _, Archiving, Expired, archive as into_archive, permit};
use pipeline_core::testing;

use crate::request::Op;
use crate::server::{Fault, Quirks, Server};

fn expired() -> Expired {
    let name = "refs/ledger/deployments/staging/deploy-20260101-000000-abcdef".parse().unwrap();
    testing::expired(name, "0a".repeat(20))
}

fn archive(server: &Server) -> Archive {
    Archive::new(server.storage(), "archive".parse().unwrap(), "pipeline/".to_owned())
}

/// Name, quirks of the store, faults.
type Row = (&'static str, Quirks, Vec<(Op, Fault)>);

const RECORD: &[u8] = b"{\"kind\": \"deployment\"}\n";

#[tokio::test]
async fn what_the_archive_holds_may_be_deleted() {
    let server = Server::start(Quirks::default(), Vec::new());
    let archive = archive(&server);
    let place = archive.place(&expired());
    assert_eq!(
        place.to_string(),
        format!(
            "s3://archive/pipeline/ledger/deployments/staging/deploy-20260101-000000-abcdef/{}.json",
            "0a".repeat(20)
        )
    );
    for _ in 0..2 {
        let done = into_archive(&archive, &expired(), RECORD).await;
        assert_eq!(permit(&expired(), &done).unwrap().record(), &expired());
        assert_eq!(server.world().bytes(&place.key), Some(RECORD));
    }
}

#[tokio::test]
async fn what_it_does_not_hold_may_not() {
    let lost = |op| vec![(op, Fault::LoseRequest); 3];
    let cases: Vec<Row> = vec![
        ("denied", Quirks::default(), vec![(Op::Put, Fault::Answer(403, "AccessDenied")); 2]),
        ("unreachable", Quirks::default(), lost(Op::Head)),
        ("gone at once", Quirks::default(), vec![(Op::Head, Fault::Answer(404, "")); 2]),
        ("overwritten", Quirks::default(), vec![(Op::Head, Fault::Rival(b"other"))]),
        (
            "half of it, unnoticed",
            Quirks { no_checksums: true, ..Quirks::default() },
            vec![(Op::Put, Fault::Truncate), (Op::Put, Fault::Truncate)],
        ),
        ("a store that overwrites", Quirks { overwrites: true, ..Quirks::default() }, Vec::new()),
    ];
    for (name, quirks, faults) in cases {
        let server = Server::start(quirks, faults);
        let done = into_archive(&archive(&server), &expired(), RECORD).await;
        let Archiving::Failed(failure) = &done else { panic!("{name}: {done:?}") };
        let told = permit(&expired(), &done).unwrap_err();
        assert!(
            told.to_string().starts_with("RET003") && !failure.to_string().is_empty(),
            "{name}: {told}"
        );
    }
}

#[tokio::test]
async fn another_record_at_the_same_place_is_no_proof() {
    let server = Server::start(Quirks::default(), Vec::new());
    let archive = archive(&server);
    archive.keep(&expired(), b"something else").await.unwrap();
    let done = into_archive(&archive, &expired(), RECORD).await;
    assert!(permit(&expired(), &done).is_err(), "{done:?}");
}
