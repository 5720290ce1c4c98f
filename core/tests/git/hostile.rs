//! A git that hangs, says too much, or repeats what a server wants a terminal to do.

use std::path::Path;
use std::time::Duration;

use pipeline_core::git::{CommitError, GitError, Repository, Settings};
use pipeline_core::testing::RefStore as _;

use super::world::{Remote, World, create, write_script};

/// The clone, by way of a `git` that does this first; `$*` is what it is asked.
fn by_way_of(world: &World, script: &str, timeout: Duration) -> Repository {
    let program = world.path("odd-git");
    write_script(&program, &format!("{script}\nexec git \"$@\""));
    let settings = Settings { program: program.into(), timeout, ..world.settings() };
    Repository::open(Some(&world.text("clone")), None, settings).unwrap()
}

/// Waits until a process is over.
async fn over(pid: &Path) {
    let pid = std::fs::read_to_string(pid).unwrap();
    let status = format!("/proc/{}/stat", pid.trim());
    let runs = || std::fs::read_to_string(&status).is_ok_and(|text| !text.contains(") Z "));
    while runs() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_git_that_does_not_tell_its_version_is_given_up() {
    let world = World::new(Remote::Pushed);
    let script = format!("sleep 1000 & echo $! > {}; wait", world.text("pid"));
    let repository = by_way_of(&world, &script, Duration::from_millis(500));
    let error = repository.snapshot().await.unwrap_err();
    let GitError::NotInstalled { source, .. } = &error else { panic!("{error}") };
    assert!(source.to_string().contains("`git version` gave no answer"), "{source}");
    over(&world.path("pid")).await;
}

#[tokio::test]
async fn what_git_started_ends_with_it() {
    let world = World::new(Remote::Pushed);
    let script = format!(
        "case \"$*\" in *ls-remote*) sleep 1000 & echo $! > {}; wait;; esac",
        world.text("pid")
    );
    let repository = by_way_of(&world, &script, Duration::from_millis(500));
    let error = repository.snapshot().await.unwrap_err();
    assert!(error.to_string().contains("no answer within"), "{error}");
    over(&world.path("pid")).await;
}

#[test]
fn a_git_that_nobody_waits_for_any_more_ends() {
    let world = World::new(Remote::Pushed);
    let pid = world.path("pid");
    let script = format!(
        "case \"$*\" in *ls-remote*) sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait;; esac",
        world.text("pid")
    );
    let repository = by_way_of(&world, &script, Duration::from_secs(600));
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
    };
    let first = runtime();
    first.spawn(async move { repository.snapshot().await.map(drop) });
    while !pid.exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // As when the process is told to stop: nobody hears the answer.
    first.shutdown_timeout(Duration::from_secs(60));
    runtime().block_on(over(&pid));
}

#[tokio::test]
async fn a_listing_without_an_end_is_refused_with_the_limit() {
    let world = World::new(Remote::Pushed);
    let script = "case \"$*\" in *ls-remote*) exec yes refs;; esac";
    let repository = by_way_of(&world, script, Duration::from_secs(600));
    let error = repository.snapshot().await.unwrap_err();
    assert!(error.to_string().contains("67108864"), "{error}");
    assert!(world.pauses.lock().unwrap().is_empty(), "it is not tried again");
}

#[tokio::test]
async fn what_a_hook_says_is_shown_and_not_obeyed() {
    let world = World::new(Remote::Pushed);
    let words =
        "printf '::error::one\\n\\033[2Jtwo\\342\\200\\256\\n##[error]three\\n' >&2; exit 1";
    world.hook("remote.git", "pre-receive", words);
    let repository = world.open("clone");
    let (change, _) = create(&repository, "v1", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    let CommitError::Rejected { .. } = &error else { panic!("{error:?}") };
    let told = format!("{error} {error:?}");
    assert!(told.contains("one") && told.contains("two") && told.contains("three"), "{told}");
    for bad in ["\u{1b}", "\u{202e}", "##["] {
        assert!(!told.contains(bad), "{told:?}");
    }
    assert!(told.lines().all(|line| !line.trim_start().starts_with("::")), "{told}");
}
