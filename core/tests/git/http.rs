//! The same over HTTP: a small server in front of git's own `http-backend`.

use pipeline_core::git::CommitError;
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};

use super::server::serve_http;
use super::world::{Remote, World, ana, create, name, replace};

fn world() -> World {
    let world = World::new(Remote::Pushed);
    world.git("remote.git", &["config", "http.receivepack", "true"]);
    let port = serve_http(world.path("."), None);
    let url = format!("http://bot:s3cret@127.0.0.1:{port}/remote.git");
    world.git("clone", &["remote", "set-url", "origin", &url]);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_reads_and_loses_races_over_http() {
    let world = world();
    let (one, other) = (world.open("clone"), world.open("clone"));
    let [first, second, third] = ["HEAD~2", "HEAD~1", "HEAD"].map(|r| world.sha("clone", r));
    let (change, start) = create(&one, "environments/größe", first);
    one.commit(change).await.unwrap();
    assert_eq!(world.sha("remote.git", "environments/größe"), first);
    other.snapshot().await.unwrap();
    let (change, _) = replace(&one, "environments/größe", start, second);
    one.commit(change).await.unwrap();
    let (change, _) = replace(&other, "environments/größe", start, third);
    let error = other.commit(change).await.unwrap_err();
    let text = error.to_string();
    assert!(
        error.is_conflict()
            && text.contains(&second.to_string())
            && text.contains(&first.to_string()),
        "{text}"
    );
    assert!(!one.shown().contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_refs_together_over_http() {
    let world = world();
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let update = |tag: &str, message: &str| {
        let object = repository.write_tag_object(tag, head, &ana(), message).unwrap();
        RefUpdate::create(name(&format!("refs/tags/{tag}")), object)
    };
    let change = Transaction::new(vec![update("a", "first"), update("b", "first")]).unwrap();
    repository.commit(change).await.unwrap();
    let change = Transaction::new(vec![update("b", "second"), update("c", "second")]).unwrap();
    assert!(repository.commit(change).await.unwrap_err().is_conflict());
    assert_eq!(world.git("remote.git", &["tag", "--list"]), "a\nb");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_speaks_over_http() {
    let world = world();
    world.hook("remote.git", "pre-receive", "echo ask Ana first >&2; exit 1");
    let repository = world.open("clone");
    let error = repository
        .commit(create(&repository, "v1", world.sha("clone", "HEAD")).0)
        .await
        .unwrap_err();
    assert!(matches!(error, CommitError::Rejected { .. }), "{error}");
    assert!(error.to_string().contains("ask Ana first"), "{error}");
}

/// GitHub tells nobody of tags that come more than three at once.
#[tokio::test(flavor = "multi_thread")]
async fn no_push_to_a_host_brings_more_tags_than_it_tells_of() {
    let world = world();
    world.hook("remote.git", "post-receive", "grep -c refs/tags/ >> tags");
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let tags: Vec<String> = (0..8).map(|number| format!("v{number}")).collect();
    let commits = tags.iter().map(|tag| {
        let (change, _) = create(&repository, tag, head);
        let repository = repository.clone();
        tokio::spawn(async move { repository.commit(change).await })
    });
    for commit in commits.collect::<Vec<_>>() {
        commit.await.unwrap().unwrap();
    }
    let counts = std::fs::read_to_string(world.path("remote.git/tags")).unwrap();
    let counts: Vec<usize> = counts.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 8);
    assert!(counts.iter().all(|count| *count <= 3), "{counts:?}");
    assert!(counts.len() < 8, "{counts:?}");
}
