//! Transactions where git's own ref transaction carries them out: no remote, or one next door.

use std::time::Duration;

use pipeline_core::git::{CommitError, Repository, Settings};
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};

use super::world::{Remote, World, ana, create, name, replace};

/// A clone whose remote is gone from its settings: its own truth.
fn alone() -> World {
    let world = World::new(Remote::Plain);
    world.git("clone", &["remote", "remove", "origin"]);
    world
}

#[tokio::test]
async fn a_repository_without_a_remote_is_its_own_truth() {
    let world = alone();
    let repository = world.open("clone");
    assert_eq!(repository.remote(), None);
    let head = world.sha("clone", "HEAD");
    let (change, object) = create(&repository, "api/v1.0.0", head);
    repository.commit(change).await.unwrap();
    assert_eq!(world.git("clone", &["rev-parse", "refs/tags/api/v1.0.0"]), object.to_string());
    assert_eq!(world.git("clone", &["cat-file", "-t", "api/v1.0.0"]), "tag");
    world.git("clone", &["fsck", "--strict"]);
    let tag = repository.tag("api/v1.0.0").await.unwrap().unwrap();
    assert_eq!((tag.object, tag.commit, tag.tagger), (object, head, Some(ana())));
}

#[tokio::test]
async fn a_neighbour_is_changed_and_the_clone_is_not() {
    let world = World::new(Remote::Plain);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let (change, object) = create(&repository, "v1.0.0", head);
    repository.commit(change).await.unwrap();
    assert_eq!(world.remote_ref("refs/tags/v1.0.0"), object.to_string());
    assert_eq!(world.git("clone", &["tag", "--list"]), "");
    world.git("remote.git", &["fsck", "--strict"]);
    world.git("clone", &["fetch", "--quiet", "--tags"]);
    assert_eq!(world.sha("clone", "v1.0.0"), head);
}

#[tokio::test]
async fn a_commit_that_the_neighbour_lacks_is_pushed_with_its_tag() {
    let world = World::new(Remote::Plain);
    let repository = world.open("clone");
    let ahead = world.commit("clone", "new.txt", "new");
    let (change, object) = create(&repository, "v1.0.0", ahead);
    repository.commit(change).await.unwrap();
    assert_eq!(world.remote_ref("refs/tags/v1.0.0"), object.to_string());
    assert_eq!(world.sha("remote.git", "v1.0.0"), ahead);
    world.git("remote.git", &["fsck", "--strict"]);
}

#[tokio::test]
async fn hooks_of_a_neighbour_are_heeded() {
    let world = World::new(Remote::Plain);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let (change, _) = create(&repository, "v1.0.0", head);
    world.hook("remote.git", "update", "echo no tags on Fridays >&2; exit 1");
    let error = repository.commit(change).await.unwrap_err();
    assert!(error.to_string().contains("no tags on Fridays"), "{error}");
    assert_eq!(world.remote_ref("refs/tags/v1.0.0"), "");
}

#[tokio::test]
async fn the_reference_transaction_hook_can_refuse() {
    let world = alone();
    world.hook("clone/.git", "reference-transaction", "[ \"$1\" != prepared ]");
    let repository = world.open("clone");
    let (change, _) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    assert!(matches!(error, CommitError::Rejected { .. }), "{error}");
    assert!(error.to_string().contains("hook"), "{error}");
    std::fs::remove_file(world.path("clone/.git/hooks/reference-transaction")).unwrap();
    let (change, _) = create(&repository, "v1.0.1", world.sha("clone", "HEAD"));
    repository.commit(change).await.unwrap();
}

#[tokio::test]
async fn what_exists_is_not_created_again() {
    let world = alone();
    let (one, other) = (world.open("clone"), world.open("clone"));
    let (first, second) = (world.sha("clone", "HEAD"), world.sha("clone", "HEAD~1"));
    // Both saw the repository before either wrote.
    one.snapshot().await.unwrap();
    other.snapshot().await.unwrap();
    let (change, _) = create(&one, "v1.0.0", first);
    one.commit(change).await.unwrap();
    let (change, _) = create(&other, "v1.0.0", second);
    let CommitError::Conflict { conflicts } = other.commit(change).await.unwrap_err() else {
        panic!("expected a conflict");
    };
    assert_eq!(conflicts[0].expected, None);
    assert_eq!(conflicts[0].found.unwrap().target(), first.into());
    assert!(conflicts[0].to_string().contains(&first.to_string()));
    // The loser sees the winner's from now on.
    assert_eq!(other.tag("v1.0.0").await.unwrap().unwrap().commit, first);
}

#[tokio::test]
async fn of_two_who_move_a_tag_one_wins_and_both_commits_are_named() {
    let world = alone();
    let (one, other) = (world.open("clone"), world.open("clone"));
    let commits = ["HEAD~2", "HEAD~1", "HEAD"].map(|revision| world.sha("clone", revision));
    let (change, start) = create(&one, "environments/production", commits[0]);
    one.commit(change).await.unwrap();
    other.snapshot().await.unwrap();
    let (mine, _) = replace(&one, "environments/production", start, commits[1]);
    let (theirs, _) = replace(&other, "environments/production", start, commits[2]);
    let (mine, theirs) = tokio::join!(one.commit(mine), other.commit(theirs));
    let (winner, error) = match (mine, theirs) {
        (Ok(_), Err(error)) => (commits[1], error),
        (Err(error), Ok(_)) => (commits[2], error),
        both => panic!("exactly one wins: {both:?}"),
    };
    assert_eq!(world.sha("clone", "environments/production"), winner);
    let text = error.to_string();
    assert!(text.contains(&winner.to_string()) && text.contains(&commits[0].to_string()), "{text}");
}

#[tokio::test]
async fn several_refs_change_together_or_not_at_all() {
    for world in [alone(), World::new(Remote::Plain), World::new(Remote::Pushed)] {
        let repository = world.open("clone");
        let head = world.sha("clone", "HEAD");
        let update = |tag: &str, message: &str| {
            let object = repository.write_tag_object(tag, head, &ana(), message).unwrap();
            RefUpdate::create(name(&format!("refs/tags/{tag}")), object)
        };
        let change = Transaction::new(vec![update("a", "first"), update("b", "first")]).unwrap();
        repository.commit(change).await.unwrap();
        let change = Transaction::new(vec![update("b", "second"), update("c", "second")]).unwrap();
        let error = repository.commit(change).await.unwrap_err();
        let CommitError::Conflict { conflicts } = error else { panic!("{error}") };
        assert_eq!(conflicts.len(), 1);
        assert_eq!(conflicts[0].name, name("refs/tags/b"));
        let snapshot = repository.snapshot().await.unwrap();
        assert_eq!(snapshot.tags().map(|(tag, _)| tag).collect::<Vec<_>>(), ["a", "b"]);
    }
}

#[tokio::test]
async fn the_same_object_by_somebody_else_is_not_taken_for_ones_own() {
    for world in [alone(), World::new(Remote::Plain), World::new(Remote::Pushed)] {
        let (one, other) = (world.open("clone"), world.open("clone"));
        let head = world.sha("clone", "HEAD");
        let ((mine, first), (theirs, second)) =
            (create(&one, "v1", head), create(&other, "v1", head));
        assert_eq!(first, second);
        one.commit(mine).await.unwrap();
        assert!(other.commit(theirs).await.unwrap_err().is_conflict());
    }
}

#[tokio::test]
async fn a_refused_change_leaves_nothing_behind() {
    let world = alone();
    let objects = || world.git("clone", &["count-objects"]);
    let before = objects();
    let repository = world.open("clone");
    let (change, object) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    assert_eq!(objects(), before, "a planned object is not stored");
    drop(change);
    assert!(!object.to_string().is_empty());
}

#[tokio::test]
async fn deletes_under_a_lease() {
    for world in [alone(), World::new(Remote::Plain), World::new(Remote::Pushed)] {
        let repository = world.open("clone");
        let head = world.sha("clone", "HEAD");
        let (change, object) = create(&repository, "old", head);
        repository.commit(change).await.unwrap();
        let other = repository.write_tag_object("old", head, &ana(), "another").unwrap();
        let wrong = RefUpdate::delete(name("refs/tags/old"), other);
        let error = repository.commit(Transaction::new(vec![wrong]).unwrap()).await.unwrap_err();
        assert!(error.is_conflict(), "{error}");
        let right = RefUpdate::delete(name("refs/tags/old"), object);
        repository.commit(Transaction::new(vec![right]).unwrap()).await.unwrap();
        assert_eq!(repository.tag("old").await.unwrap(), None);
        repository.refresh();
        assert_eq!(repository.tag("old").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_lock_that_stays_is_named() {
    let world = alone();
    let repository = world.open("clone");
    std::fs::write(world.path("clone/.git/refs/tags/v1.0.0.lock"), "").unwrap();
    let (change, _) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    assert!(error.to_string().contains("v1.0.0.lock"), "{error}");
    assert_eq!(world.pauses.lock().unwrap().len(), 2, "tried three times");
}

#[tokio::test]
async fn a_tag_cannot_be_a_folder_of_tags() {
    for world in [alone(), World::new(Remote::Plain), World::new(Remote::Pushed)] {
        let repository = world.open("clone");
        let head = world.sha("clone", "HEAD");
        let (change, _) = create(&repository, "api", head);
        repository.commit(change).await.unwrap();
        let (change, _) = create(&repository, "api/v1.0.0", head);
        let error = repository.commit(change).await.unwrap_err();
        assert!(matches!(error, CommitError::Rejected { .. }), "{error}");
        assert!(error.to_string().contains("refs/tags/api' exists"), "{error}");
    }
}

#[tokio::test]
async fn a_thousand_tags_at_once() {
    for world in [alone(), World::new(Remote::Plain), World::new(Remote::Pushed)] {
        let repository = world.open("clone");
        let head = world.sha("clone", "HEAD");
        commit_many(&repository, head, 1000).await;
        repository.refresh();
        assert_eq!(repository.snapshot().await.unwrap().tags().count(), 1000);
    }
}

async fn commit_many(repository: &Repository, head: pipeline_core::CommitSha, count: usize) {
    let mut tasks = Vec::new();
    for number in 0..count {
        let repository = repository.clone();
        tasks.push(tokio::spawn(async move {
            let (change, _) = create(&repository, &format!("p{}/v1.0.{number}", number % 40), head);
            repository.commit(change).await
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_killed_helper_process_is_replaced() {
    let world = alone();
    let program = world.path("git");
    let script = format!("echo $$ > {}\nexec git \"$@\"", world.text("pid"));
    super::world::write_script(&program, &script);
    let settings = Settings { program: program.into(), ..world.settings() };
    let repository = Repository::open(Some(&world.text("clone")), None, settings).unwrap();
    let head = world.sha("clone", "HEAD");
    repository.commit(create(&repository, "v1", head).0).await.unwrap();
    let pid = std::fs::read_to_string(world.path("pid")).unwrap();
    let killed = std::process::Command::new("kill").args(["-9", pid.trim()]).status().unwrap();
    assert!(killed.success());
    repository.commit(create(&repository, "v2", head).0).await.unwrap();
    assert_eq!(world.git("clone", &["tag", "--list"]), "v1\nv2");
}

#[tokio::test]
async fn git_is_asked_now_and_then_whether_to_pack_a_neighbour() {
    let world = World::new(Remote::Plain);
    let program = world.path("git");
    let script = format!("echo \"$@\" >> {}\nexec git \"$@\"", world.text("calls"));
    super::world::write_script(&program, &script);
    let settings = Settings { program: program.into(), ..world.settings() };
    let repository = Repository::open(Some(&world.text("clone")), None, settings).unwrap();
    let head = world.sha("clone", "HEAD");
    commit_many(&repository, head, 500).await;
    // Nobody waits for the packing but the next.
    repository.commit(create(&repository, "next", head).0).await.unwrap();
    let calls = std::fs::read_to_string(world.path("calls")).unwrap();
    let calls: Vec<&str> = calls.lines().filter(|call| !call.ends_with("version")).collect();
    assert_eq!(calls.len(), 2, "one session, one look: {calls:?}");
    assert!(calls[1].ends_with("/remote.git/ gc --auto --quiet"), "{}", calls[1]);
}

#[tokio::test]
async fn a_hook_that_hangs_is_given_up_and_the_end_is_in_doubt() {
    let world = alone();
    world.hook("clone/.git", "reference-transaction", "sleep 3");
    let timeout = Duration::from_millis(100);
    let settings = Settings { timeout, ..world.settings() };
    let repository = Repository::open(Some(&world.text("clone")), None, settings).unwrap();
    let (change, _) = create(&repository, "v1", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    assert!(matches!(error, CommitError::Transport { in_doubt: true, .. }), "{error}");
}

/// Whether a process is over; one that nobody asked for its end yet is over as well.
fn is_over(process: &str) -> bool {
    let about = std::fs::read_to_string(format!("/proc/{process}/stat"));
    about.map_or(true, |about| about.contains(") Z "))
}

#[tokio::test]
async fn a_transaction_that_gets_no_answer_ends_with_all_that_it_started() {
    let world = alone();
    let hangs =
        "[ \"$1\" = prepared ] || exit 0\nsleep 1000 &\necho $$ $! >> \"$GIT_DIR/pids\"\nwait";
    world.hook("clone/.git", "reference-transaction", hangs);
    let settings = Settings { timeout: Duration::from_secs(1), ..world.settings() };
    let repository = Repository::open(Some(&world.text("clone")), None, settings).unwrap();
    let (change, _) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    assert!(matches!(error, CommitError::Transport { in_doubt: true, .. }), "{error}");
    let started = std::fs::read_to_string(world.path("clone/.git/pids")).unwrap();
    assert_eq!(started.split_whitespace().count(), 6, "three attempts: {started}");
    // A machine that lists no processes cannot tell. Who is killed may take a moment to go.
    for _ in 0..3_000 {
        if started.split_whitespace().all(is_over) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(started.split_whitespace().all(is_over), "{started}");
    // Git put its locks away, so that nobody is kept from the ref.
    std::fs::remove_file(world.path("clone/.git/hooks/reference-transaction")).unwrap();
    world.git("clone", &["tag", "v1.0.0"]);
}
