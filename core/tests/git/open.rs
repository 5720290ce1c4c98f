//! Repositories of every shape, and the errors of those that cannot be used.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use pipeline_core::git::{CommitError, FileKind, GitError, Repository, Settings};
use pipeline_core::testing::RefStore as _;

use super::world::{Remote, World, create, write_script};

fn open_error(location: &str, remote: Option<&str>, settings: Settings) -> GitError {
    match Repository::open(Some(location), remote, settings) {
        Ok(_) => panic!("{location} was opened"),
        Err(error) => error,
    }
}

#[test]
fn says_what_is_wrong_with_a_place() {
    let world = World::new(Remote::Plain);
    let error = open_error(&world.text("home"), None, world.settings());
    assert!(matches!(error, GitError::NoRepository { .. }), "{error}");
    let error = open_error(&world.text("nowhere"), None, world.settings());
    assert!(matches!(error, GitError::NoRepository { .. }), "{error}");
    let error = open_error(&world.text("clone"), Some("orign"), world.settings());
    assert!(error.to_string().contains("did you mean \"origin\"?"), "{error}");
    world.git(".", &["init", "--quiet", "--object-format=sha256", "new"]);
    let error = open_error(&world.text("new"), None, world.settings());
    assert!(matches!(error, GitError::UnsupportedFormat { .. }), "{error}");
    let settings = Settings { ledger_prefix: "refs/heads/x".to_owned(), ..world.settings() };
    let error = open_error(&world.text("clone"), None, settings);
    assert!(matches!(error, GitError::InvalidArgument { .. }), "{error}");
}

#[tokio::test]
async fn a_partial_clone_is_completed_as_needed() {
    let world = World::new(Remote::Pushed);
    world.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
    world.git("remote.git", &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", world.text("remote.git"));
    let clone = ["clone", "--quiet", "--no-checkout", "--filter=blob:none", &url, "partial"];
    world.git(".", &clone);
    // As if the remote were on another machine.
    world.git("partial", &["config", "remote.origin.uploadpack", "git-upload-pack"]);
    let repository = world.open("partial");
    let head = repository.resolve("HEAD").await.unwrap();
    let file = repository.file(head, "file-1.txt").await.unwrap().unwrap();
    assert_eq!(file.kind, FileKind::File(b"1\n".to_vec()));
    repository.commit(create(&repository, "v1", head).0).await.unwrap();
    assert_eq!(world.sha("remote.git", "v1"), head);
    world.git("partial", &["config", "core.repositoryFormatVersion", "1"]);
    world.git("partial", &["config", "extensions.partialClone", "origin"]);
    let error = open_error(&world.text("partial"), None, world.settings());
    assert!(error.to_string().contains("clone again without `--filter`"), "{error}");
}

#[tokio::test]
async fn a_linked_worktree() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        world.git("clone", &["worktree", "add", "--quiet", "-b", "side", "../tree", "HEAD~1"]);
        let repository = world.open("tree");
        let commit = repository.resolve("HEAD").await.unwrap();
        assert_eq!(commit, world.sha("clone", "HEAD~1"));
        repository.commit(create(&repository, "v1", commit).0).await.unwrap();
        assert_ne!(world.remote_ref("refs/tags/v1"), "");
    }
}

#[tokio::test]
async fn an_old_or_missing_git_is_named() {
    let world = World::new(Remote::Pushed);
    let program = world.path("old-git");
    write_script(&program, "echo git version 2.29.3");
    let open = |program: &str| {
        let settings = Settings { program: program.into(), ..world.settings() };
        Repository::open(Some(&world.text("clone")), None, settings).unwrap()
    };
    let error = open(program.to_str().unwrap()).snapshot().await.unwrap_err();
    assert_eq!(error.to_string(), "git 2.29.3 is too old; install git 2.30 or later");
    let error = open(&world.text("no-git")).snapshot().await.unwrap_err();
    assert!(matches!(error, GitError::NotInstalled { .. }), "{error}");
}

#[tokio::test]
async fn paths_and_subfolders_of_any_name() {
    let world = World::new(Remote::Pushed);
    let odd = "a 'b' \"c\" größe $(x) --d";
    world.git(".", &["clone", "--quiet", "remote.git", odd]);
    std::fs::create_dir(world.path(odd).join("sub")).unwrap();
    let repository = world.open(&format!("{odd}/sub"));
    let head = world.sha(odd, "HEAD");
    repository.commit(create(&repository, "v1", head).0).await.unwrap();
    assert_eq!(repository.tag("v1").await.unwrap().unwrap().commit, head);
}

#[tokio::test]
async fn a_remote_with_a_name_of_any_kind() {
    let world = World::new(Remote::Pushed);
    world.git("clone", &["remote", "rename", "origin", "up.stream"]);
    let location = world.text("clone");
    assert_eq!(world.open("clone").remote(), None, "only origin is the default");
    let repository =
        Repository::open(Some(&location), Some("up.stream"), world.settings()).unwrap();
    let head = world.sha("clone", "HEAD");
    repository.commit(create(&repository, "v1", head).0).await.unwrap();
    assert_ne!(world.remote_ref("refs/tags/v1"), "");
}

#[tokio::test]
async fn a_remote_at_a_relative_path() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        world.git("clone", &["remote", "set-url", "origin", "../remote.git"]);
        let repository = world.open("clone");
        let head = world.sha("clone", "HEAD");
        repository.commit(create(&repository, "v1", head).0).await.unwrap();
        assert_ne!(world.remote_ref("refs/tags/v1"), "", "{remote:?}");
    }
}

#[tokio::test]
async fn a_bare_repository() {
    let world = World::new(Remote::Plain);
    let repository = world.open("remote.git");
    let head = repository.resolve("main").await.unwrap();
    assert_eq!(repository.resolve("HEAD").await.unwrap(), head);
    repository.commit(create(&repository, "v1", head).0).await.unwrap();
    assert_ne!(world.remote_ref("refs/tags/v1"), "");
}

/// What git makes by default since its default branch was renamed on one side only.
#[tokio::test]
async fn a_head_that_names_no_branch_is_told_with_the_branches_there_are() {
    let world = World::new(Remote::Plain);
    world.git("remote.git", &["symbolic-ref", "HEAD", "refs/heads/master"]);
    world.git("clone", &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    let told = async |repository: Repository| {
        let error = repository.resolve("HEAD~1").await.unwrap_err();
        let GitError::UnknownRevision { unborn: Some(_), .. } = &error else { panic!("{error}") };
        error.to_string()
    };
    for (folder, branch) in [("remote.git", "\"master\""), ("clone", "\"trunk\"")] {
        let text = told(world.open(folder)).await;
        assert!(text.contains(branch) && text.contains("\"main\""), "{text}");
    }
    let url = format!("file://{}", world.text("remote.git"));
    let copy = Repository::open(Some(&url), None, world.settings()).unwrap();
    let text = told(copy).await;
    assert!(text.contains("remote.git") && text.contains("\"main\""), "{text}");
}

#[tokio::test]
async fn an_empty_repository() {
    let world = World::new(Remote::Plain);
    world.git(".", &["init", "--quiet", "empty"]);
    let repository = world.open("empty");
    assert_eq!(repository.snapshot().await.unwrap().iter().count(), 0);
    let error = repository.resolve("HEAD").await.unwrap_err();
    assert!(matches!(error, GitError::UnknownRevision { .. }), "{error}");
    world.git(".", &["init", "--quiet", "--bare", "empty.git"]);
    world.git("empty", &["remote", "add", "origin", &world.text("empty.git")]);
    let repository = world.open("empty");
    assert_eq!(repository.snapshot().await.unwrap().iter().count(), 0);
}

#[tokio::test]
async fn a_shallow_clone() {
    let world = World::new(Remote::Pushed);
    let url = format!("file://{}", world.text("remote.git"));
    world.git(".", &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    let repository = world.open("shallow");
    let old = world.sha("clone", "HEAD~2");
    assert_eq!(repository.resolve(&old.to_string()).await.unwrap(), old, "it is fetched");
    let head = world.sha("shallow", "HEAD");
    repository.commit(create(&repository, "v1", head).0).await.unwrap();
    assert_eq!(world.sha("remote.git", "v1"), head);
}

#[tokio::test]
async fn a_shallow_clone_without_a_remote_says_that_it_is_shallow() {
    let world = World::new(Remote::Pushed);
    let url = format!("file://{}", world.text("remote.git"));
    world.git(".", &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    world.git("shallow", &["remote", "remove", "origin"]);
    let repository = world.open("shallow");
    for revision in ["HEAD~1", &world.sha("clone", "HEAD~1").to_string()] {
        let error = repository.resolve(revision).await.unwrap_err();
        assert!(!error.to_string().is_empty(), "{error}");
    }
    let error = repository.resolve("HEAD~1").await.unwrap_err();
    assert!(error.to_string().contains("--unshallow"), "{error}");
}

#[tokio::test]
async fn a_read_only_repository_is_read_and_not_written() {
    let world = World::new(Remote::Plain);
    world.git("clone", &["remote", "remove", "origin"]);
    if !lock(&world.path("clone/.git"), 0o555) {
        // Written directly: the test runner hides what a passing test prints.
        let reason = "skipped a_read_only_repository…: this user may write everything\n";
        std::io::stderr().write_all(reason.as_bytes()).unwrap();
        return;
    }
    let repository = world.open("clone");
    let head = repository.resolve("HEAD").await.unwrap();
    let error = repository.commit(create(&repository, "v1", head).0).await.unwrap_err();
    lock(&world.path("clone/.git"), 0o755);
    assert!(matches!(error, CommitError::Git(_) | CommitError::Rejected { .. }), "{error}");
}

/// Sets the permissions of all folders; whether they keep this process out.
fn lock(folder: &std::path::Path, mode: u32) -> bool {
    let permissions = || std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            lock(&entry.path(), mode);
        }
    }
    std::fs::set_permissions(folder, permissions()).unwrap();
    let probe = folder.join("probe");
    let kept_out = std::fs::write(&probe, "").is_err();
    let _ = std::fs::remove_file(probe);
    kept_out
}

#[tokio::test]
async fn a_url_is_kept_as_a_copy_that_many_may_make_at_once() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        let url = format!("file://{}", world.text("remote.git"));
        let head = world.sha("clone", "HEAD");
        let opened: Vec<_> = std::thread::scope(|scope| {
            let open = || Repository::open(Some(&url), None, world.settings()).unwrap();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (number, repository) in opened.iter().enumerate() {
            assert_eq!(repository.resolve("main~1").await.unwrap(), world.sha("clone", "HEAD~1"));
            assert_eq!(repository.resolve("HEAD").await.unwrap(), head);
            repository.commit(create(repository, &format!("v{number}"), head).0).await.unwrap();
        }
        assert_eq!(std::fs::read_dir(world.path("cache")).unwrap().count(), 1);
        assert_eq!(world.git("remote.git", &["tag", "--list"]).lines().count(), 8);
    }
}

#[test]
fn who_commits_is_whom_git_names() {
    let mut world = World::new(Remote::Plain);
    let user = |world: &World| world.open("clone").user();
    let some = |name: &str, email: &str| (Some(name.to_owned()), Some(email.to_owned()));
    assert_eq!(user(&world), some("Ana", "ana@example.com"));
    for name in ["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"]
    {
        world.unset(name);
    }
    // Another file, by a condition that only git knows, and settings without any file.
    world.git(".", &["config", "--global", "user.name", "Ben"]);
    world.git(".", &["config", "--global", "user.email", "ben@example.com"]);
    assert_eq!(user(&world), some("Ben", "ben@example.com"));
    std::fs::write(world.path("work"), "[user]\n\tname = Ben at work\n").unwrap();
    let condition = format!("includeIf.hasconfig:remote.*.url:{}.path", world.text("remote.git"));
    world.git(".", &["config", "--global", &condition, &world.text("work")]);
    assert_eq!(user(&world), some("Ben at work", "ben@example.com"));
    world.set("GIT_CONFIG_COUNT", "1");
    world.set("GIT_CONFIG_KEY_0", "user.name");
    world.set("GIT_CONFIG_VALUE_0", "Ben in CI");
    assert_eq!(user(&world), some("Ben in CI", "ben@example.com"));
    world.set("GIT_COMMITTER_NAME", "A robot");
    assert_eq!(user(&world), some("A robot", "ben@example.com"));
}

#[test]
fn a_repository_of_another_user_is_opened_where_git_trusts_it() {
    if rustix::process::geteuid().as_raw() != 0 {
        // Only root can give a folder away.
        return;
    }
    let mut world = World::new(Remote::Plain);
    for folder in ["clone", "clone/.git"] {
        std::os::unix::fs::chown(world.path(folder), Some(4711), Some(4711)).unwrap();
    }
    let open = |world: &World| Repository::open(Some(&world.text("clone")), None, world.settings());
    let told = open(&world).unwrap_err().to_string();
    assert!(told.contains("git says: ") && told.contains("dubious ownership"), "{told}");
    world.set("GIT_CONFIG_COUNT", "1");
    world.set("GIT_CONFIG_KEY_0", "safe.directory");
    world.set("GIT_CONFIG_VALUE_0", "*");
    let repository = open(&world).unwrap();
    assert_eq!(repository.remote(), Some("origin"));
    assert_eq!(
        repository.git_dir().canonicalize().unwrap(),
        world.path("clone/.git").canonicalize().unwrap()
    );
    assert_eq!(repository.shown(), world.text("remote.git"));
    let settings = Settings { program: "no-such-git".into(), ..world.settings() };
    let told =
        Repository::open(Some(&world.text("clone")), None, settings).unwrap_err().to_string();
    assert!(told.contains("could not be asked"), "{told}");
}
