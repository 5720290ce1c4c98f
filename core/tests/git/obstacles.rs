//! What stands between a clone and its remote, as real git and real servers say it.

use pipeline_core::git::{CommitError, GitError, Obstacle};
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};

use super::server::serve_http;
use super::world::{Remote, World, ana, create, name};

/// A clone whose remote is served over HTTP.
fn over_http(authorization: Option<&'static str>) -> World {
    let world = World::new(Remote::Pushed);
    let port = serve_http(world.path("."), authorization);
    let url = format!("http://127.0.0.1:{port}/remote.git");
    world.git("clone", &["remote", "set-url", "origin", &url]);
    world
}

fn obstacle(error: &GitError) -> Obstacle {
    let GitError::Transport { obstacle, .. } = error else { panic!("{error}") };
    *obstacle
}

/// What stands in the way of a new tag; it is met once, since trying again cannot help.
async fn in_the_way_of_a_tag(world: &World) -> Obstacle {
    let repository = world.open("clone");
    let (change, _) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    let CommitError::Transport { obstacle, in_doubt, .. } = &error else { panic!("{error}") };
    assert!(!in_doubt && world.pauses().is_empty(), "{error}");
    assert!(!error.to_string().contains("attempt"), "{error}");
    *obstacle
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_wants_credentials_denies_at_once() {
    let world = over_http(Some("Basic Ym90OnMzY3JldA=="));
    let error = world.open("clone").snapshot().await.unwrap_err();
    assert_eq!(obstacle(&error), Obstacle::NoCredentials);
    assert!(world.pauses().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_forbids_writing_denies_at_once() {
    let world = over_http(None);
    world.git("remote.git", &["config", "http.receivepack", "false"]);
    assert_eq!(in_the_way_of_a_tag(&world).await, Obstacle::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_not_there_is_told() {
    let world = over_http(None);
    let url =
        world.git("clone", &["remote", "get-url", "origin"]).trim().replace("remote", "other");
    world.git("clone", &["remote", "set-url", "origin", &url]);
    let error = world.open("clone").snapshot().await.unwrap_err();
    assert_eq!(obstacle(&error), Obstacle::NoRepository);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_the_remote_does_not_take_are_named_at_once() {
    for (setting, value) in [("push.pushOption", "ci.skip"), ("push.gpgSign", "true")] {
        let world = World::new(Remote::Pushed);
        world.git("clone", &["config", setting, value]);
        assert_eq!(in_the_way_of_a_tag(&world).await, Obstacle::Setting(setting));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_with_another_object_format_is_never_an_empty_one() {
    let world = over_http(None);
    let format = "--object-format=sha256";
    world.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", format, "wide.git"]);
    world.git(".", &["init", "--quiet", "--initial-branch=main", format, "wide"]);
    world.git("wide", &["commit", "--quiet", "--allow-empty", "-m", "first"]);
    world.git("wide", &["push", "--quiet", "../wide.git", "main"]);
    let served =
        world.git("clone", &["remote", "get-url", "origin"]).trim().replace("remote", "wide");
    for url in [served, world.text("wide.git"), format!("file://{}", world.text("wide.git"))] {
        world.git("clone", &["remote", "set-url", "origin", &url]);
        let error = world.open("clone").snapshot().await.unwrap_err();
        assert_eq!(obstacle(&error), Obstacle::ObjectFormat, "{url}");
        assert!(error.to_string().contains("SHA-256") && world.pauses().is_empty(), "{error}");
    }
}

/// What becomes of the first record of a ledger.
async fn first_record(world: &World, queue: &str) -> Result<(), CommitError> {
    let repository = world.open("clone");
    repository.snapshot().await.unwrap();
    let record = name(&format!("refs/ledger/queues/{queue}"));
    let object = repository.write_record(&record, b"{}", &ana(), "queue opened").unwrap();
    let change = Transaction::new(vec![RefUpdate::create(record, object)]).unwrap();
    repository.commit(change).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_may_not_be_written_is_refused_by_its_name() {
    let hook = "! grep -q refs/ledger/ || { echo tags only >&2; exit 1; }";
    for (setting, said) in [
        (Some("transfer.hideRefs"), "hidden ref"),
        (Some("receive.hideRefs"), "hidden ref"),
        (None, "tags only"),
    ] {
        let world = World::new(Remote::Pushed);
        match setting {
            Some(setting) => drop(world.git("remote.git", &["config", setting, "refs/ledger"])),
            None => world.hook("remote.git", "pre-receive", hook),
        }
        let error = first_record(&world, "staging").await.unwrap_err();
        let CommitError::Rejected { rejections } = &error else { panic!("{error}") };
        assert_eq!(rejections[0].name, name("refs/ledger/queues/staging"));
        assert!(error.to_string().contains(said), "{setting:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_taken_and_not_shown_is_told_at_once_and_again() {
    let world = World::new(Remote::Pushed);
    world.git("remote.git", &["config", "uploadpack.hideRefs", "refs/ledger"]);
    let error = first_record(&world, "staging").await.unwrap_err();
    assert!(matches!(error, CommitError::Hidden { .. }), "{error}");
    let text = error.to_string();
    for part in ["refs/ledger/queues/staging", "`uploadpack.hideRefs`", "`refs/ledger/*`"] {
        assert!(text.contains(part), "{text}");
    }
    assert_ne!(world.remote_ref("refs/ledger/queues/staging"), "");
    // The next process sees nothing, and is refused what is there.
    let error = first_record(&world, "staging").await.unwrap_err();
    let CommitError::Rejected { rejections } = &error else { panic!("{error}") };
    assert_eq!(rejections[0].name, name("refs/ledger/queues/staging"));
    assert!(error.to_string().contains("`uploadpack.hideRefs`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_shown_is_looked_for_once() {
    let world = World::new(Remote::Pushed);
    first_record(&world, "staging").await.unwrap();
    first_record(&world, "production").await.unwrap();
    assert!(world.pauses().is_empty());
}
