//! Snapshots, revisions, tags, files and records.

use pipeline_core::git::{FileKind, GitError};
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};

use super::world::{Remote, World, ana, create, name};

#[tokio::test]
async fn a_snapshot_is_listed_once_and_follows_own_commits() {
    let world = World::new(Remote::Pushed);
    world.git("clone", &["config", "remote.origin.uploadpack", &world.text("upload-pack")]);
    let count = format!("echo run >> {}\nexec git-upload-pack \"$@\"", world.text("runs"));
    super::world::write_script(&world.path("upload-pack"), &count);
    let repository = world.open("clone");
    let runs = || std::fs::read_to_string(world.path("runs")).unwrap_or_default().lines().count();
    let all: Vec<_> = (0..20)
        .map(|_| {
            let repository = repository.clone();
            tokio::spawn(async move { repository.snapshot().await.unwrap() })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap().branches().count(), 1);
    }
    repository.commit(create(&repository, "v1", world.sha("clone", "HEAD")).0).await.unwrap();
    assert_eq!(repository.snapshot().await.unwrap().tags().count(), 1);
    assert_eq!(runs(), 1);
    repository.refresh();
    repository.snapshot().await.unwrap();
    assert_eq!(runs(), 2);
}

#[tokio::test]
async fn both_listings_agree() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        world.git("clone", &["tag", "-a", "-m", "x", "annotated"]);
        world.git("clone", &["tag", "light"]);
        world.git("clone", &["tag", "-a", "-m", "x", "twice", "annotated"]);
        world.git(
            "clone",
            &["push", "--quiet", "origin", "--tags", "HEAD:refs/ledger/x", "HEAD:refs/pull/1"],
        );
        let snapshot = world.open("clone").snapshot().await.unwrap();
        let names: Vec<&str> = snapshot.iter().map(|(name, _)| name).collect();
        let expected = [
            "refs/heads/main",
            "refs/ledger/x",
            "refs/tags/annotated",
            "refs/tags/light",
            "refs/tags/twice",
        ];
        assert_eq!(names, expected, "{remote:?}");
        let head = world.sha("clone", "HEAD").into();
        assert!(snapshot.tags().all(|(_, target)| target.target() == head), "{snapshot:?}");
        assert_eq!(snapshot.tag("light").unwrap().peeled, None);
        assert_eq!(snapshot.head(), Some(head));
    }
}

#[tokio::test]
async fn resolves_what_people_write() {
    let world = World::new(Remote::Pushed);
    let [first, second, third] = ["HEAD~2", "HEAD~1", "HEAD"].map(|r| world.sha("clone", r));
    world.git("clone", &["tag", "-a", "-m", "x", "v1.0.0", "HEAD~1"]);
    world.git("clone", &["push", "--quiet", "origin", "v1.0.0", "HEAD~2:refs/heads/theirs"]);
    world.git("clone", &["branch", "mine", "HEAD~1"]);
    // A stale local tag does not count: the remote's does.
    world.git("clone", &["tag", "--force", "-a", "-m", "stale", "v1.0.0", "HEAD"]);
    let repository = world.open("clone");
    let short = &third.to_string()[..8];
    let full = third.to_string();
    for (revision, expected) in [
        (full.as_str(), third),
        (short, third),
        ("main", third),
        ("HEAD", third),
        ("HEAD~2", first),
        ("HEAD^", second),
        ("v1.0.0", second),
        ("v1.0.0^{}", second),
        ("v1.0.0~1", first),
        ("refs/tags/v1.0.0", second),
        ("refs/heads/theirs", first),
        ("theirs", first),
        ("mine", second),
        ("origin/theirs", first),
        ("origin/main~1", second),
    ] {
        assert_eq!(repository.resolve(revision).await.unwrap(), expected, "{revision}");
    }
    assert!(repository.is_ancestor(first, third).await.unwrap());
    assert!(!repository.is_ancestor(third, first).await.unwrap());
}

#[tokio::test]
async fn says_where_it_looked_and_what_was_perhaps_meant() {
    let world = World::new(Remote::Pushed);
    world.git("clone", &["push", "--quiet", "origin", "HEAD:refs/tags/api/v1.0.0"]);
    let repository = world.open("clone");
    let error = repository.resolve("api/v1.0.1").await.unwrap_err();
    let GitError::UnknownRevision { suggestion, .. } = &error else { panic!("{error}") };
    assert_eq!(suggestion.as_deref(), Some("api/v1.0.0"));
    assert!(error.to_string().contains("remote.git"), "{error}");
    for revision in
        ["0123456789012345678901234567890123456789", "deadbeef", "no-such-branch", "HEAD~9"]
    {
        let error = repository.resolve(revision).await.unwrap_err();
        assert!(error.to_string().contains(revision), "{error}");
    }
    let tree = world.git("clone", &["rev-parse", "HEAD^{tree}"]);
    let error = repository.resolve(&tree).await.unwrap_err();
    assert!(matches!(&error, GitError::WrongKind { found, .. } if found == "tree"), "{error}");
}

#[tokio::test]
async fn fetches_what_is_missing_and_writes_no_ref() {
    let world = World::new(Remote::Pushed);
    world.git(".", &["clone", "--quiet", "remote.git", "other"]);
    let new = world.commit("other", "new.txt", "new");
    world.git("other", &["tag", "-a", "-m", "new tag", "v2.0.0"]);
    world.git("other", &["push", "--quiet", "origin", "main", "v2.0.0"]);
    let refs = || world.git("clone", &["for-each-ref"]);
    let before = refs();
    let repository = world.open("clone");
    assert_eq!(repository.resolve("v2.0.0").await.unwrap(), new);
    assert_eq!(repository.resolve(&new.to_string()).await.unwrap(), new);
    assert_eq!(repository.resolve("origin/main").await.unwrap(), new);
    assert_eq!(repository.tag("v2.0.0").await.unwrap().unwrap().message, "new tag");
    assert!(repository.file(new, "new.txt").await.unwrap().is_some());
    assert_eq!(refs(), before);
    assert!(!world.path("clone/.git/FETCH_HEAD").exists());
}

#[tokio::test]
async fn reads_tags_of_every_kind() {
    let world = World::new(Remote::Pushed);
    let tree = world.git("clone", &["rev-parse", "HEAD^{tree}"]);
    world.git(
        "clone",
        &["push", "--quiet", "origin", "HEAD:refs/tags/light", &format!("{tree}:refs/tags/tree")],
    );
    let repository = world.open("clone");
    let light = repository.tag("light").await.unwrap().unwrap();
    assert_eq!((light.commit, light.is_annotated()), (world.sha("clone", "HEAD"), false));
    assert_eq!(repository.tag("none").await.unwrap(), None);
    let error = repository.tag("tree").await.unwrap_err();
    assert!(matches!(error, GitError::WrongKind { .. }), "{error}");
}

#[tokio::test]
async fn a_large_file_is_told_and_not_read() {
    use pipeline_core::base::limits::LARGEST_FILE;
    let world = World::new(Remote::Pushed);
    let size = LARGEST_FILE + 1;
    let commit = world.commit("clone", "large", &"x".repeat(usize::try_from(size).unwrap()));
    let repository = world.open("clone");
    let kind = |entry: Option<pipeline_core::git::FileEntry>| entry.unwrap().kind;
    assert_eq!(kind(repository.file(commit, "large").await.unwrap()), FileKind::LargeFile { size });
    let commit = world.commit("clone", "large", "small");
    let small = FileKind::File(b"small".to_vec());
    assert_eq!(kind(repository.file(commit, "large").await.unwrap()), small);
}

#[tokio::test]
async fn reads_files_inside_the_tree_only() {
    let world = World::new(Remote::Pushed);
    std::os::unix::fs::symlink("../../etc/passwd", world.path("clone/link")).unwrap();
    let commit = world.commit("clone", "environments/größe \"x\"/secrets.enc", "data");
    let repository = world.open("clone");
    let entry =
        repository.file(commit, "environments/größe \"x\"/secrets.enc").await.unwrap().unwrap();
    assert_eq!(entry.kind, FileKind::File(b"data".to_vec()));
    let link = repository.file(commit, "link").await.unwrap().unwrap();
    assert_eq!(link.kind, FileKind::Symlink { leads_to: "../../etc/passwd".to_owned() });
    assert_eq!(repository.file(commit, "link/x").await.unwrap(), None);
    assert_eq!(repository.file(commit, "none").await.unwrap(), None);
    assert_eq!(
        repository.file(commit, "environments").await.unwrap().unwrap().kind,
        FileKind::Directory
    );
    assert!(matches!(repository.file(commit, "../x").await, Err(GitError::InvalidPath { .. })));
    let names = |entries: Vec<pipeline_core::git::ListEntry>| {
        entries.into_iter().map(|e| e.name).collect::<Vec<_>>()
    };
    let root = repository.list(commit, "").await.unwrap().unwrap();
    assert_eq!(names(root), ["environments", "file-1.txt", "file-2.txt", "file-3.txt", "link"]);
    assert_eq!(
        names(repository.list(commit, "environments").await.unwrap().unwrap()),
        ["größe \"x\""]
    );
    assert_eq!(repository.list(commit, "file-1.txt").await.unwrap(), None);
    assert_eq!(repository.list(commit, "none").await.unwrap(), None);
}

#[tokio::test]
async fn records_travel_and_are_each_an_object_of_their_own() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        world.git(".", &["clone", "--quiet", "remote.git", "other"]);
        let repository = world.open("clone");
        let queue = name("refs/ledger/queues/production");
        let write =
            || repository.write_record(&queue, b"{}", &ana(), "queue opened\nmore").unwrap();
        let (one, two) = (write(), write());
        assert_ne!(one, two);
        let change = Transaction::new(vec![RefUpdate::create(queue.clone(), one)]).unwrap();
        repository.commit(change).await.unwrap();
        let other = world.open("other");
        let record = other.read_record(&queue).await.unwrap().unwrap();
        assert_eq!((record.object, record.bytes.as_slice()), (one, b"{}".as_slice()));
        assert_eq!((record.message.as_str(), record.tagger), ("queue opened", Some(ana())));
        assert_eq!(other.read_record(&name("refs/ledger/queues/none")).await.unwrap(), None);
        world.git("remote.git", &["fsck", "--strict"]);
    }
}

#[tokio::test]
async fn a_commit_says_when_it_was_made() {
    let world = World::new(Remote::Pushed);
    let (commit, repository) = (world.sha("clone", "HEAD"), world.open("clone"));
    let made = repository.committed_at(commit).await.unwrap().unwrap();
    let seconds = world.git("clone", &["log", "-1", "--format=%ct"]);
    assert_eq!(made.unix_seconds().to_string(), seconds.trim());
    let missing = pipeline_core::CommitSha::from_bytes([9; 20]);
    assert!(repository.committed_at(missing).await.is_err());
}
