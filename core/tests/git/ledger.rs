//! The ledger in real repositories.

use pipeline_core::EnvironmentName;
use pipeline_core::git::Repository;
use pipeline_core::ledger::Ledger;
use pipeline_core::queue::QueueRecord;
use pipeline_core::testing::{RawLedger as _, RefStore as _, Transaction};

use super::world::{Remote, World, ana, create, write_script};

fn queue(environment: &EnvironmentName) -> QueueRecord {
    QueueRecord::new(environment.clone())
}

async fn open_queue(ledger: &Ledger<Repository>, environment: &EnvironmentName) {
    let slot = ledger.queue(environment);
    let update = ledger.stage(&slot, None, &queue(environment), &ana(), "opened").unwrap();
    ledger.store().commit(Transaction::new(vec![update]).unwrap()).await.unwrap();
}

#[tokio::test]
async fn another_machine_lists_all_records_with_one_fetch() {
    let world = World::new(Remote::Pushed);
    world.git(".", &["clone", "--quiet", "remote.git", "other"]);
    let ledger = Ledger::new(world.open("clone"));
    let names: Vec<EnvironmentName> =
        (0..30).map(|number| format!("env-{number:02}").parse().unwrap()).collect();
    for name in &names {
        open_queue(&ledger, name).await;
    }
    // Counts what the other machine asks of the remote.
    let count = format!("echo run >> {}\nexec git-upload-pack \"$@\"", world.text("runs"));
    write_script(&world.path("upload-pack"), &count);
    world.git("other", &["config", "remote.origin.uploadpack", &world.text("upload-pack")]);
    // A remote reached in a way of its own is not read from disk.
    let other = Ledger::new(world.open("other"));
    let entries = other.list(&other.queues()).await.unwrap();
    let found: Vec<_> = entries.iter().map(|entry| entry.record.environment.clone()).collect();
    assert_eq!(found, names);
    let runs = std::fs::read_to_string(world.path("runs")).unwrap().lines().count();
    assert_eq!(runs, 2, "one listing, one fetch");
    assert_eq!(world.git("other", &["for-each-ref", "refs/ledger"]), "");
}

#[tokio::test]
async fn a_record_that_moved_on_is_read_as_it_was_listed() {
    let world = World::new(Remote::Pushed);
    world.git(".", &["clone", "--quiet", "remote.git", "other"]);
    // A remote reached in a way of its own is not read from disk.
    world.git("other", &["config", "remote.origin.uploadpack", "git upload-pack"]);
    let (production, moved) = ("production".parse().unwrap(), "moved on");
    let ledger = Ledger::new(world.open("clone"));
    open_queue(&ledger, &production).await;
    let other = Ledger::new(world.open("other"));
    other.snapshot().await.unwrap();
    let slot = ledger.queue(&production);
    let before = ledger.read(&slot).await.unwrap().unwrap();
    let expected = Some(before.object);
    let update = ledger.stage(&slot, expected, &queue(&production), &ana(), moved).unwrap();
    ledger.store().commit(Transaction::new(vec![update]).unwrap()).await.unwrap();
    assert_eq!(other.read(&slot).await.unwrap().unwrap().object, before.object);
    other.store().refresh();
    assert_eq!(other.read(&slot).await.unwrap().unwrap().message, moved);
}

#[tokio::test]
async fn a_record_a_queue_and_a_tag_change_in_one_step() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        let production: EnvironmentName = "production".parse().unwrap();
        let ledger = Ledger::new(world.open("clone"));
        open_queue(&ledger, &production).await;
        let slot = ledger.queue(&production);
        let entry = ledger.read(&slot).await.unwrap().unwrap();
        let stage = |message| {
            ledger.stage(&slot, Some(entry.object), &entry.record, &ana(), message).unwrap()
        };
        let head = world.sha("clone", "HEAD");
        let with_tag = |tag: &str, update| {
            let (change, _) = create(ledger.store(), tag, head);
            let updates = change.updates().iter().cloned().chain([update]).collect();
            Transaction::new(updates).unwrap()
        };
        let (first, second) = (with_tag("one", stage("first")), with_tag("two", stage("second")));
        ledger.store().commit(first).await.unwrap();
        assert!(ledger.store().commit(second).await.unwrap_err().is_conflict());
        assert_eq!(world.git("remote.git", &["tag", "--list"]), "one");
        assert_eq!(ledger.read(&slot).await.unwrap().unwrap().message, "first");
    }
}

#[tokio::test]
async fn what_is_no_record_hides_none() {
    let world = World::new(Remote::Pushed);
    let ledger = Ledger::new(world.open("clone"));
    open_queue(&ledger, &"staging".parse().unwrap()).await;
    world.git("clone", &["tag", "-a", "-m", "x", "annotated"]);
    for (name, holds) in [("a", "HEAD"), ("b", "HEAD^{tree}"), ("c", "annotated")] {
        let refspec = format!("{holds}:refs/ledger/queues/{name}");
        world.git("clone", &["push", "--quiet", "origin", &refspec]);
    }
    world.commit("clone", "large", &"x".repeat(8 * 1024 * 1024 + 1));
    world.git("clone", &["tag", "-a", "-m", "x", "large", "HEAD:large"]);
    world.git("clone", &["push", "--quiet", "origin", "large:refs/ledger/queues/d"]);
    ledger.store().refresh();
    let (entries, broken) = ledger.survey(&ledger.queues()).await.unwrap();
    assert_eq!(entries.len(), 1);
    let told: Vec<String> = broken.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[3].contains("blob of 8388609 bytes") && told[3].contains("8 MiB"), "{told:?}");
    assert!(told[0].contains("queues/a") && told[0].contains("is a commit; expected a tag"));
    assert!(told[1].contains("is a tree") && told[2].contains("expected a blob"), "{told:?}");
    assert!(ledger.list(&ledger.queues()).await.is_err());
}
