//! What every store of refs keeps to, so that what is shown over the twin in memory holds over git.

use std::path::Path;
use std::process::Command;

use super::RefStore;
use super::memory::Remote;
use crate::git::{CommitError, ObjectId, RefUpdate, Repository, Settings, Signature, Transaction};
use crate::{RefName, Timestamp};

fn ana() -> Signature {
    let time = Timestamp::from_unix_seconds(1_700_000_000).unwrap();
    Signature { name: "Ana".to_owned(), email: String::new(), time }
}

fn name(text: &str) -> RefName {
    format!("refs/ledger/queues/{text}").parse().unwrap()
}

fn write<S: RefStore>(store: &S, to: &str, text: &str) -> ObjectId {
    store.write_record(&name(to), text.as_bytes(), &ana(), text).unwrap()
}

async fn commit<S: RefStore>(store: &S, updates: Vec<RefUpdate>) -> Result<(), CommitError> {
    store.commit(Transaction::new(updates).unwrap()).await.map(|_| ())
}

async fn seen<S: RefStore>(store: &S, at: &str) -> Option<ObjectId> {
    store.snapshot().await.unwrap().get(name(at).as_str()).map(|target| target.object)
}

/// Two views of one truth.
async fn keeps_the_contract<S: RefStore>(mine: S, theirs: S) {
    assert_eq!(seen(&theirs, "a").await, None);
    let first = write(&mine, "a", "first");
    commit(&mine, vec![RefUpdate::create(name("a"), first)]).await.unwrap();
    assert_eq!(seen(&mine, "a").await, Some(first), "one's own change is seen");
    assert_eq!(seen(&theirs, "a").await, None, "a snapshot stays as it was");
    theirs.refresh();
    assert_eq!(seen(&theirs, "a").await, Some(first));

    let second = write(&mine, "a", "second");
    commit(&mine, vec![RefUpdate::replace(name("a"), first, second)]).await.unwrap();
    let late = write(&theirs, "a", "late");
    let other = write(&theirs, "b", "other");
    let change =
        vec![RefUpdate::create(name("b"), other), RefUpdate::replace(name("a"), first, late)];
    let error = commit(&theirs, change).await.unwrap_err();
    let CommitError::Conflict { conflicts } = error else { panic!("{error}") };
    let facts: Vec<_> = conflicts
        .iter()
        .map(|one| (one.name.clone(), one.expected.unwrap().object, one.found.unwrap().object))
        .collect();
    assert_eq!(facts, [(name("a"), first, second)], "the lost ref alone, with both its values");
    assert_eq!(seen(&theirs, "b").await, None, "whole or not at all");
    assert_eq!(seen(&theirs, "a").await, Some(second), "after a conflict the view is new");

    let wrong = commit(&mine, vec![RefUpdate::delete(name("a"), first)]).await.unwrap_err();
    assert!(wrong.is_conflict());
    commit(&mine, vec![RefUpdate::delete(name("a"), second)]).await.unwrap();
    assert_eq!(seen(&mine, "a").await, None);
    let error = commit(&theirs, vec![RefUpdate::replace(name("a"), second, late)]).await;
    let Err(CommitError::Conflict { conflicts }) = error else { panic!("{error:?}") };
    assert_eq!((conflicts.len(), conflicts[0].found), (1, None));
}

#[tokio::test]
async fn in_memory() {
    let remote = Remote::new();
    keeps_the_contract(remote.store(), remote.store()).await;
}

#[tokio::test]
async fn in_git() {
    let folder = tempfile::TempDir::new().unwrap();
    git(folder.path(), &["init", "--quiet", "--bare", "own.git"]);
    let own = folder.path().join("own.git");
    let open = || Repository::open(own.to_str(), None, Settings::default()).unwrap();
    keeps_the_contract(open(), open()).await;
}

#[tokio::test]
async fn in_git_by_pushes() {
    let folder = tempfile::TempDir::new().unwrap();
    git(folder.path(), &["init", "--quiet", "--bare", "far.git"]);
    git(&folder.path().join("far.git"), &["config", "receive.autogc", "false"]);
    git(folder.path(), &["clone", "--quiet", "far.git", "near"]);
    let near = folder.path().join("near");
    let open = || Repository::open(near.to_str(), None, Settings::default()).unwrap();
    keeps_the_contract(open(), open()).await;
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
