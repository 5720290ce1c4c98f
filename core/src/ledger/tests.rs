//! The ledger over its twin in memory; over git it is tested in `tests/ledger.rs`.

use super::memory::{Fault, Remote};
use super::*;
use crate::EnvironmentName;
use crate::archive::{Archiving, permit};
use crate::git::{CommitError, Transaction};
use crate::queue::QueueRecord;

// No record of today expires; for these tests a queue does.
impl crate::archive::sealed::MayExpire for QueueRecord {}
impl Expires for QueueRecord {}

fn production() -> EnvironmentName {
    "production".parse().unwrap()
}

fn queue() -> QueueRecord {
    QueueRecord::new(production())
}

fn ana() -> Signature {
    let time = Timestamp::from_unix_seconds(1_700_000_000).unwrap();
    Signature { name: "Ana".to_owned(), email: String::new(), time }
}

fn one(update: RefUpdate) -> Transaction {
    Transaction::new(vec![update]).unwrap()
}

#[tokio::test]
async fn reads_what_was_committed_and_nothing_before() {
    let ledger = Ledger::new(Remote::new().store());
    let slot = ledger.queue(&production());
    assert_eq!(slot.ref_name().unwrap().as_str(), "refs/ledger/queues/production");
    let update = ledger.stage(&slot, None, &queue(), &ana(), "opened").unwrap();
    assert_eq!(ledger.read(&slot).await.unwrap(), None);
    let object = update.new.unwrap();
    ledger.store().commit(one(update)).await.unwrap();
    let entry = ledger.read(&slot).await.unwrap().unwrap();
    let expected = Entry {
        slot,
        object,
        written_by: Some(ana()),
        message: "opened".to_owned(),
        record: queue(),
    };
    assert_eq!(entry, expected);
    assert_eq!(ledger.list(&ledger.queues()).await.unwrap(), [expected]);
}

#[tokio::test]
async fn of_two_writers_one_loses() {
    let remote = Remote::new();
    let (mine, theirs) = (Ledger::new(remote.store()), Ledger::new(remote.store()));
    let slot = mine.queue(&production());
    let write = |ledger: &Ledger<memory::RefStore>| {
        one(ledger.stage(&slot, None, &queue(), &ana(), "opened").unwrap())
    };
    theirs.snapshot().await.unwrap();
    mine.store().commit(write(&mine)).await.unwrap();
    let error = theirs.store().commit(write(&theirs)).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert!(theirs.read(&slot).await.unwrap().is_some(), "the loser looks again");
    assert_eq!(remote.commits(), 1);
}

#[tokio::test]
async fn names_every_record_that_cannot_be_read() {
    let ledger = Ledger::new(Remote::new().store());
    for name in ["a", "b"] {
        let name: RefName = format!("refs/ledger/environments/{name}").parse().unwrap();
        let object = ledger.store().write_record(&name, b"[]", &ana(), "odd").unwrap();
        ledger.store().commit(one(RefUpdate::create(name, object))).await.unwrap();
    }
    let error = ledger.list(&ledger.environments()).await.unwrap_err();
    let LedgerError::Unreadable(broken) = &error else { panic!("{error}") };
    assert_eq!(broken.len(), 2);
    assert!(error.to_string().contains("refs/ledger/environments/b: "), "{error}");
}

#[tokio::test]
async fn faults_do_what_they_say() {
    let remote = Remote::new();
    let ledger = Ledger::new(remote.store());
    let slot = ledger.queue(&production());
    let name = slot.ref_name().unwrap();
    let attempt = async |fault: Option<Fault>| {
        fault.into_iter().for_each(|fault| ledger.store().inject(fault));
        let seen = ledger.read(&slot).await.unwrap().map(|entry| entry.object);
        let update = ledger.stage(&slot, seen, &queue(), &ana(), "again").unwrap();
        let landed = update.new;
        let result = ledger.store().commit(one(update)).await;
        let now = remote.refs().get(name.as_str()).map(|target| target.object);
        (result, now == landed)
    };
    let (result, landed) = attempt(Some(Fault::LostReply)).await;
    assert!(matches!(result, Err(CommitError::Transport { in_doubt: true, .. })) && landed);
    let (result, landed) = attempt(Some(Fault::LostRequest)).await;
    assert!(matches!(result, Err(CommitError::Transport { in_doubt: true, .. })) && !landed);
    let (result, landed) = attempt(Some(Fault::Unreachable)).await;
    assert!(matches!(result, Err(CommitError::Transport { in_doubt: false, .. })) && !landed);
    let (result, landed) = attempt(Some(Fault::Rejected("no".to_owned()))).await;
    assert!(matches!(result, Err(CommitError::Rejected { .. })) && !landed);
    let (result, landed) = attempt(Some(Fault::Overtaken(name.clone(), None))).await;
    assert!(matches!(result, Err(CommitError::Conflict { .. })) && !landed);
    let (result, landed) = attempt(Some(Fault::NoAtomic)).await;
    assert!(result.is_ok() && landed, "one ref needs no atomic push");
    ledger.store().fail_listings(1);
    ledger.store().refresh();
    assert!(ledger.read(&slot).await.is_err());
    assert!(attempt(None).await.1);
}

#[test]
fn places_of_overrides_are_distinct_and_sorted_by_time() {
    let ledger = Ledger::new(Remote::new().store());
    let at = |seconds| ledger.new_audit(Timestamp::from_unix_seconds(seconds).unwrap());
    let names = [at(999), at(1000), at(1000)].map(|slot| slot.ref_name().unwrap());
    assert!(names.is_sorted() && names[1] != names[2], "{names:?}");
}

#[tokio::test]
async fn what_may_be_deleted_is_deleted_unless_somebody_wrote_it_anew() {
    let ledger = Ledger::new(Remote::new().store());
    let slot = ledger.queue(&production());
    let write = async |expected| {
        let update = ledger.stage(&slot, expected, &queue(), &ana(), "opened").unwrap();
        ledger.store().commit(one(update)).await.unwrap();
        ledger.read(&slot).await.unwrap().unwrap()
    };
    let permission =
        |entry: &Entry<QueueRecord>| permit(&entry.expired().unwrap(), &Archiving::None).unwrap();
    let delete = async |permission: &Permission| {
        ledger.commit(Ledger::<memory::RefStore>::delete(permission).unwrap()).await
    };
    let first = write(None).await;
    let second = write(Some(first.object)).await;
    let lost = delete(&permission(&first)).await.unwrap_err();
    assert!(matches!(lost, LedgerError::Commit(CommitError::Conflict { .. })), "{lost}");
    delete(&permission(&second)).await.unwrap();
    assert_eq!(ledger.read(&slot).await.unwrap(), None);
}
