//! What an observer is told of each run of git.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline_core::git::{CallEnd, GitCall, GitError, Observer, Repository, Settings};
use pipeline_core::testing::RefStore as _;

use super::world::{Remote, World, create};

type Calls = Arc<Mutex<Vec<GitCall>>>;

/// The clone of a world, and what will be told of it.
fn observed(world: &World, remote: Option<&str>) -> (Repository, Calls) {
    observed_in(world, "clone", remote)
}

fn observed_in(world: &World, folder: &str, remote: Option<&str>) -> (Repository, Calls) {
    let calls = Calls::default();
    let told = Arc::clone(&calls);
    let observer = Observer::by(move |call| told.lock().unwrap().push(call.clone()));
    let settings = Settings { observer, ..world.settings() };
    let opened = Repository::open(Some(&world.text(folder)), remote, settings);
    (opened.unwrap(), calls)
}

fn commands(calls: &Calls) -> Vec<String> {
    let calls = calls.lock().unwrap();
    calls.iter().map(|call| call.arguments.first().unwrap().clone()).collect()
}

#[tokio::test]
async fn each_run_is_told_with_its_end_and_size() {
    let world = World::new(Remote::Pushed);
    let (repository, calls) = observed(&world, None);
    repository.snapshot().await.unwrap();
    repository.commit(create(&repository, "v1", world.sha("clone", "HEAD")).0).await.unwrap();
    assert_eq!(commands(&calls), ["version", "ls-remote", "push"]);
    for call in calls.lock().unwrap().iter() {
        assert_eq!((call.end, &call.detail), (CallEnd::Exited(0), &None), "{call:?}");
        assert!(call.took > Duration::ZERO && call.bytes_received > 0, "{call:?}");
    }
}

#[tokio::test]
async fn a_run_that_failed_is_told_with_what_git_said() {
    let world = World::new(Remote::Pushed);
    world.hook("remote.git", "pre-receive", "echo ask Ana first >&2; exit 1");
    let (repository, calls) = observed(&world, None);
    let (change, _) = create(&repository, "v1", world.sha("clone", "HEAD"));
    repository.commit(change).await.unwrap_err();
    let calls = calls.lock().unwrap();
    let push = calls.iter().find(|call| call.arguments[0] == "push").unwrap();
    assert_eq!(push.end, CallEnd::Exited(1));
    assert!(push.detail.as_ref().unwrap().contains("ask Ana first"), "{push:?}");
}

#[tokio::test]
async fn each_transaction_of_a_session_is_told() {
    let world = World::new(Remote::Plain);
    let (repository, calls) = observed(&world, Some(""));
    let head = world.sha("clone", "HEAD");
    for tag in ["v1", "v2"] {
        repository.commit(create(&repository, tag, head).0).await.unwrap();
    }
    world.hook("clone/.git", "reference-transaction", "echo ask Ana first >&2; exit 1");
    repository.commit(create(&repository, "v3", head).0).await.unwrap_err();
    assert_eq!(commands(&calls), ["version", "update-ref", "update-ref", "update-ref"]);
    let calls = calls.lock().unwrap();
    let ends: Vec<CallEnd> = calls.iter().skip(1).map(|call| call.end).collect();
    assert_eq!(ends, [CallEnd::Waiting, CallEnd::Waiting, CallEnd::Exited(128)]);
    assert!(calls.iter().skip(1).all(|call| call.bytes_sent > 0), "{calls:?}");
    assert!(calls[1].detail.is_none() && calls[3].detail.is_some(), "{calls:?}");
}

#[tokio::test]
async fn errors_have_the_error_below_as_their_source() {
    let world = World::new(Remote::Pushed);
    let settings = Settings { program: world.path("no-git").into(), ..world.settings() };
    let repository = Repository::open(Some(&world.text("clone")), None, settings).unwrap();
    let error = repository.snapshot().await.unwrap_err();
    assert!(matches!(error, GitError::NotInstalled { .. }), "{error}");
    let source = error.source().unwrap().to_string();
    assert!(!error.to_string().contains(&source), "told twice: {error}: {source}");
}

#[tokio::test]
async fn missing_tags_that_are_asked_for_together_come_together() {
    let world = World::new(Remote::Pushed);
    world.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
    let tags: Vec<String> = (0..20).map(|number| format!("v1.{number}.0")).collect();
    for tag in &tags {
        world.git("clone", &["commit", "--quiet", "--allow-empty", "--message", tag]);
        world.git("clone", &["tag", "--annotate", "--message", tag, tag]);
    }
    world.git("clone", &["push", "--quiet", "--tags", "origin", "main"]);
    let url = format!("file://{}", world.text("remote.git"));
    world.git(".", &["clone", "--quiet", "--depth=1", "--no-tags", &url, "shallow"]);
    world.git("shallow", &["config", "remote.origin.uploadpack", "git-upload-pack"]);
    let (repository, calls) = observed_in(&world, "shallow", None);
    repository.snapshot().await.unwrap();
    let mut asking = tokio::task::JoinSet::new();
    for tag in &tags {
        let (repository, tag) = (repository.clone(), tag.clone());
        asking.spawn(async move { repository.tag(&tag).await.unwrap().unwrap().message == tag });
    }
    assert!(asking.join_all().await.into_iter().all(|is_read| is_read));
    let fetches = commands(&calls).into_iter().filter(|command| command == "fetch").count();
    // The first asks for its own alone: nobody else is there yet.
    assert_eq!(fetches, 2);
}
