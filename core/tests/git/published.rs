//! Branches of the clone that are not the remote's, and commits that the remote knows by no branch or tag.

use pipeline_core::CommitSha;
use pipeline_core::git::Published;

use super::server::serve_http;
use super::world::{Remote, World};

const NO: Published = Published::No { trial: None };

/// A world whose remote is reached over HTTP.
fn over_http() -> (World, String) {
    let world = World::new(Remote::Pushed);
    world.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
    let port = serve_http(world.path("."), None);
    let url = format!("http://127.0.0.1:{port}/remote.git");
    world.git("clone", &["remote", "set-url", "origin", &url]);
    (world, url)
}

/// A checkout as CI makes it: one commit, on no branch.
fn checkout(world: &World, url: &str, what: &str, name: &str) {
    world.git(".", &["init", "--quiet", name]);
    world.git(name, &["remote", "add", "origin", url]);
    let refspec = format!("+{what}:refs/remotes/origin/main");
    world.git(name, &["fetch", "--quiet", "--no-tags", "--depth=1", "origin", &refspec]);
    world.git(name, &["checkout", "--quiet", "--detach", "refs/remotes/origin/main"]);
}

/// A merge of a side branch into `main` as a tool makes it to try it.
fn trial_merge(world: &World, folder: &str) -> CommitSha {
    world.git(folder, &["checkout", "--quiet", "-B", "topic", "HEAD~1"]);
    world.commit(folder, "topic.txt", "topic");
    world.git(folder, &["push", "--quiet", "origin", "topic"]);
    world.git(folder, &["checkout", "--quiet", "--detach", "origin/main"]);
    world.git(folder, &["merge", "--quiet", "--no-ff", "--message", "trial", "topic"]);
    world.sha(folder, "HEAD")
}

async fn published(world: &World, folder: &str, revision: &str) -> Published {
    let repository = world.open(folder);
    let commit = repository.resolve(revision).await.unwrap();
    repository.published(commit).await.unwrap()
}

#[tokio::test]
async fn the_name_of_a_branch_means_the_remotes() {
    let world = World::new(Remote::Pushed);
    world.git(".", &["clone", "--quiet", "remote.git", "other"]);
    let old = world.sha("clone", "main");
    let new = world.commit("other", "new.txt", "new");
    world.git("other", &["push", "--quiet", "origin", "main"]);
    world.git("clone", &["branch", "mine", "HEAD~1"]);
    let repository = world.open("clone");
    let here = repository.resolve("HEAD").await.unwrap();
    assert_eq!(here, old, "what is checked out");
    for revision in ["main", "refs/heads/main", "origin/main", "refs/remotes/origin/main"] {
        assert_eq!(repository.resolve(revision).await.unwrap(), new, "{revision}");
    }
    assert_eq!(repository.resolve("main~1").await.unwrap(), old);
    for revision in ["main", "refs/heads/main", "main~1"] {
        let told = repository.local_branch(revision).await.unwrap().unwrap();
        assert_eq!((told.name.as_str(), told.remote.as_str()), ("main", "origin"));
        assert_eq!((told.here, told.there), (old, Some(new)), "{revision}");
    }
    let mine = repository.local_branch("mine").await.unwrap().unwrap();
    assert_eq!((mine.here, mine.there), (world.sha("clone", "mine"), None));
    for revision in ["HEAD", "origin/main", &new.to_string(), "no-such"] {
        assert_eq!(repository.local_branch(revision).await.unwrap(), None, "{revision}");
    }
    // A tag of that name goes first, and a repository that is its own truth has no other branches.
    world.git("clone", &["push", "--quiet", "origin", "main:refs/tags/main"]);
    assert_eq!(world.open("clone").local_branch("main").await.unwrap(), None);
    world.git("remote.git", &["branch", "mine", "main~1"]);
    assert_eq!(world.open("remote.git").local_branch("mine").await.unwrap(), None);
}

#[tokio::test]
async fn a_full_clone_knows_what_is_on_the_remote() {
    let (world, _) = over_http();
    for revision in ["HEAD", "HEAD~2", "main"] {
        assert_eq!(published(&world, "clone", revision).await, Published::Yes, "{revision}");
    }
    world.commit("clone", "local.txt", "not pushed");
    assert_eq!(published(&world, "clone", "HEAD").await, NO);
    assert_eq!(published(&world, "clone", "HEAD~1").await, Published::Yes);
    // Pushed by somebody else to a branch that this clone never saw, and built upon there.
    world.git("clone", &["push", "--quiet", "../remote.git", "HEAD:refs/heads/release"]);
    world.git(".", &["clone", "--quiet", "--branch=release", "remote.git", "other"]);
    world.commit("other", "more.txt", "more");
    world.git("other", &["push", "--quiet", "origin", "release"]);
    let refs = world.git("clone", &["for-each-ref"]);
    assert_eq!(published(&world, "clone", "HEAD").await, Published::Yes);
    assert_eq!(world.git("clone", &["for-each-ref"]), refs, "the clone stays as it was");
}

#[tokio::test]
async fn a_remote_on_this_machine_is_asked_directly() {
    let world = World::new(Remote::Plain);
    assert_eq!(published(&world, "clone", "HEAD~1").await, Published::Yes);
    world.commit("clone", "local.txt", "not pushed");
    assert_eq!(published(&world, "clone", "HEAD").await, NO);
    assert_eq!(published(&world, "remote.git", "HEAD").await, Published::Yes);
}

#[tokio::test]
async fn a_trial_merge_is_on_no_branch_whoever_made_it() {
    let (world, url) = over_http();
    world.git(".", &["clone", "--quiet", &url, "atlantis"]);
    trial_merge(&world, "atlantis");
    assert_eq!(published(&world, "atlantis", "HEAD").await, NO);
    let trial = || Published::No { trial: Some("refs/pull/7/merge".to_owned()) };
    world.git("atlantis", &["push", "--quiet", "../remote.git", "HEAD:refs/pull/7/merge"]);
    assert_eq!(published(&world, "atlantis", "HEAD").await, trial());
    checkout(&world, &url, "refs/pull/7/merge", "checkout");
    assert_eq!(published(&world, "checkout", "HEAD").await, trial());
}

#[tokio::test]
async fn a_checkout_of_one_commit_asks_the_remote() {
    let (world, url) = over_http();
    let old = world.sha("clone", "HEAD~2");
    checkout(&world, &url, "refs/heads/main", "checkout");
    assert_eq!(published(&world, "checkout", "HEAD").await, Published::Yes);
    // The branch moved on since.
    world.commit("clone", "new.txt", "new");
    world.git("clone", &["push", "--quiet", "../remote.git", "main"]);
    assert_eq!(published(&world, "checkout", "HEAD").await, Published::Yes);
    assert_eq!(published(&world, "checkout", &old.to_string()).await, Published::Yes);
    let before = world.git("checkout", &["rev-parse", "--is-shallow-repository", "HEAD"]);
    // Work of this checkout alone, which the remote does not have at all.
    world.commit("checkout", "local.txt", "not pushed");
    assert_eq!(published(&world, "checkout", "HEAD").await, NO);
    world.git("checkout", &["checkout", "--quiet", "--detach", "HEAD~1"]);
    let after = world.git("checkout", &["rev-parse", "--is-shallow-repository", "HEAD"]);
    assert_eq!(before, after, "the clone stays as it was");
}

#[tokio::test]
async fn what_nobody_can_tell_is_left_open() {
    let (world, url) = over_http();
    for number in 0..110 {
        world.git(
            "clone",
            &["commit", "--quiet", "--allow-empty", "--message", &number.to_string()],
        );
    }
    let old = world.sha("clone", "HEAD~108").to_string();
    world.git("clone", &["push", "--quiet", "../remote.git", "main"]);
    checkout(&world, &url, "refs/heads/main", "checkout");
    assert_eq!(published(&world, "checkout", &old).await, Published::Unknown);
    assert_eq!(published(&world, "checkout", "HEAD").await, Published::Yes);
}
