//! Transactions that travel as pushes, and everything that can go wrong with them.

use pipeline_core::deployment::Attempts;
use pipeline_core::git::{CommitError, GitError, Repository, Settings};
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};

use super::world::{Remote, World, ana, create, name, replace, write_script};

#[tokio::test]
async fn a_push_changes_the_remote_and_not_the_clone() {
    let world = World::new(Remote::Pushed);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let objects = world.git("clone", &["count-objects"]);
    let (change, object) = create(&repository, "größe/v1.0.0", head);
    repository.commit(change).await.unwrap();
    assert_eq!(world.git("clone", &["count-objects"]), objects);
    assert_eq!(world.remote_ref("refs/tags/größe/v1.0.0"), object.to_string());
    assert_eq!(world.git("clone", &["tag", "--list"]), "");
    let tag = repository.tag("größe/v1.0.0").await.unwrap().unwrap();
    assert_eq!(
        (tag.commit, tag.tagger, tag.message),
        (head, Some(ana()), "größe/v1.0.0".to_owned())
    );
}

#[tokio::test]
async fn of_two_pushes_one_wins_and_both_commits_are_named() {
    let world = World::new(Remote::Pushed);
    world.git(".", &["clone", "--quiet", "remote.git", "other"]);
    let (one, other) = (world.open("clone"), world.open("other"));
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
    assert_eq!(world.sha("remote.git", "environments/production"), winner);
    let text = error.to_string();
    assert!(text.contains(&winner.to_string()) && text.contains(&commits[0].to_string()), "{text}");
    assert_eq!(world.pauses(), [0; 0], "a lost race is not tried again");
}

#[tokio::test]
async fn a_loser_does_not_take_others_with_it() {
    let world = World::new(Remote::Pushed);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    repository.snapshot().await.unwrap();
    world.git("clone", &["push", "--quiet", "origin", "HEAD:refs/tags/taken"]);
    let outcomes = together(&repository, &["a", "taken", "b", "c"], head).await;
    let lost: Vec<&str> =
        outcomes.iter().filter(|(_, outcome)| outcome.is_err()).map(|(tag, _)| *tag).collect();
    assert_eq!(lost, ["taken"]);
    assert!(outcomes[1].1.as_ref().unwrap_err().is_conflict());
    assert_eq!(world.git("remote.git", &["tag", "--list"]), "a\nb\nc\ntaken");
}

#[tokio::test]
async fn an_update_hook_refuses_one_and_lets_the_others_pass() {
    let world = World::new(Remote::Pushed);
    world.hook("remote.git", "update", "case $1 in */bad*) echo bad is frozen >&2; exit 1;; esac");
    let repository = world.open("clone");
    let outcomes = together(&repository, &["a", "bad", "b"], world.sha("clone", "HEAD")).await;
    only_bad_was_refused(&world, outcomes);
}

#[tokio::test]
async fn a_pre_receive_hook_that_refuses_the_whole_push_is_narrowed_down() {
    let world = World::new(Remote::Pushed);
    world.hook(
        "remote.git",
        "pre-receive",
        "if grep -q /bad; then echo bad is frozen >&2; exit 1; fi",
    );
    let repository = world.open("clone");
    let outcomes =
        together(&repository, &["a", "bad", "b", "c", "d"], world.sha("clone", "HEAD")).await;
    only_bad_was_refused(&world, outcomes);
}

fn only_bad_was_refused(world: &World, outcomes: Vec<(&str, Result<Attempts, CommitError>)>) {
    for (tag, outcome) in outcomes {
        match outcome {
            Ok(_) => assert_ne!(world.remote_ref(&format!("refs/tags/{tag}")), ""),
            Err(CommitError::Rejected { rejections }) => {
                assert_eq!(tag, "bad");
                assert_eq!(rejections[0].name, name("refs/tags/bad"));
                assert!(rejections[0].said.contains("bad is frozen"), "{}", rejections[0]);
                assert_eq!(world.remote_ref("refs/tags/bad"), "");
            }
            Err(other) => panic!("{tag}: {other}"),
        }
    }
}

/// Commits one tag each, at once.
async fn together<'a>(
    repository: &Repository,
    tags: &[&'a str],
    head: pipeline_core::CommitSha,
) -> Vec<(&'a str, Result<Attempts, CommitError>)> {
    let tasks: Vec<_> = tags
        .iter()
        .map(|tag| {
            let (change, _) = create(repository, tag, head);
            let repository = repository.clone();
            (*tag, tokio::spawn(async move { repository.commit(change).await }))
        })
        .collect();
    let mut outcomes = Vec::new();
    for (tag, task) in tasks {
        outcomes.push((tag, task.await.unwrap()));
    }
    outcomes
}

#[tokio::test]
async fn concurrent_commits_share_pushes() {
    let world = World::new(Remote::Pushed);
    world.hook("remote.git", "post-receive", "echo push >> pushes");
    let repository = world.open("clone");
    let tags: Vec<String> = (0..40).map(|number| format!("t{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    for (tag, outcome) in together(&repository, &tags, world.sha("clone", "HEAD")).await {
        outcome.unwrap_or_else(|error| panic!("{tag}: {error}"));
    }
    let pushes = std::fs::read_to_string(world.path("remote.git/pushes")).unwrap().lines().count();
    assert!(pushes <= 3, "{pushes} pushes for 40 tags at once");
}

#[tokio::test]
async fn later_changes_of_one_ref_follow_the_earlier() {
    let world = World::new(Remote::Pushed);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let (first, object) = create(&repository, "moving", head);
    let (second, last) = replace(&repository, "moving", object, head);
    let (first, second) = tokio::join!(repository.commit(first), repository.commit(second));
    first.unwrap();
    second.unwrap();
    assert_eq!(world.remote_ref("refs/tags/moving"), last.to_string());
}

#[tokio::test]
async fn without_atomic_pushes_single_refs_go_and_several_are_refused() {
    let world = World::new(Remote::Pushed);
    world.git("remote.git", &["config", "receive.advertiseAtomic", "false"]);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let update = |tag: &str| {
        let object = repository.write_tag_object(tag, head, &ana(), tag).unwrap();
        RefUpdate::create(name(&format!("refs/tags/{tag}")), object)
    };
    let change = Transaction::new(vec![update("a"), update("b")]).unwrap();
    let (several, single) = tokio::join!(
        repository.commit(change),
        repository.commit(create(&repository, "c", head).0)
    );
    let error = several.unwrap_err();
    assert!(matches!(&error, CommitError::NoAtomic { refs, .. } if refs.len() == 2), "{error}");
    assert!(error.to_string().contains("receive.advertiseAtomic"), "{error}");
    single.unwrap();
    assert_eq!(world.git("remote.git", &["tag", "--list"]), "c");
}

#[tokio::test]
async fn a_lost_reply_is_found_out_and_not_repeated() {
    let world = World::new(Remote::Pushed);
    // The first push arrives whole, and its answer is cut off.
    let wrapper = world.path("receive-pack");
    let script = format!(
        "echo run >> {log}\n\
         [ $(wc -l < {log}) -eq 1 ] || exec git-receive-pack \"$@\"\n\
         greeting=$(git-receive-pack --advertise-refs --stateless-rpc \"$@\" | wc -c)\n\
         git-receive-pack \"$@\" | head -c $greeting\n\
         exit 1",
        log = world.text("runs"),
    );
    write_script(&wrapper, &script);
    world.git("clone", &["config", "remote.origin.receivepack", wrapper.to_str().unwrap()]);
    let repository = world.open("clone");
    repository.snapshot().await.unwrap();
    let (change, object) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    let attempts = repository.commit(change).await.unwrap();
    assert_eq!(attempts, Attempts::FIRST);
    assert_eq!(world.remote_ref("refs/tags/v1.0.0"), object.to_string());
    assert_eq!(std::fs::read_to_string(world.path("runs")).unwrap().lines().count(), 1);
    assert_eq!(world.pauses(), [2]);
}

#[tokio::test]
async fn a_passing_fault_is_tried_again_and_a_lasting_one_three_times() {
    let world = World::new(Remote::Pushed);
    let wrapper = world.path("receive-pack");
    let script = format!(
        "echo run >> {log}\n[ $(wc -l < {log}) -ge 3 ] || exit 1\nexec git-receive-pack \"$@\"",
        log = world.text("runs"),
    );
    write_script(&wrapper, &script);
    world.git("clone", &["config", "remote.origin.receivepack", wrapper.to_str().unwrap()]);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let attempts = repository.commit(create(&repository, "v1.0.0", head).0).await.unwrap();
    assert_eq!((attempts.get(), world.pauses()), (3, vec![2, 4]));
    let attempts = repository.commit(create(&repository, "v1.0.2", head).0).await.unwrap();
    assert_eq!(attempts, Attempts::FIRST, "each counts its own");
    write_script(&wrapper, "exit 1");
    let error = repository.commit(create(&repository, "v1.0.1", head).0).await.unwrap_err();
    assert!(
        matches!(error, CommitError::Transport { attempts: 3, in_doubt: false, .. }),
        "{error}"
    );
    assert_eq!(world.pauses(), [2, 4, 2, 4]);
}

#[tokio::test]
async fn each_of_a_batch_took_the_attempts_of_its_push() {
    let world = World::new(Remote::Pushed);
    world.hook("remote.git", "post-receive", "wc -l >> pushes");
    let script = format!(
        "echo run >> {log}\n[ $(wc -l < {log}) -ge 2 ] || exit 1\nexec git-receive-pack \"$@\"",
        log = world.text("runs"),
    );
    write_script(&world.path("receive-pack"), &script);
    let wrapper = world.text("receive-pack");
    world.git("clone", &["config", "remote.origin.receivepack", &wrapper]);
    let repository = world.open("clone");
    let outcomes =
        together(&repository, &["a", "b", "c", "d", "e"], world.sha("clone", "HEAD")).await;
    let attempts = outcomes.into_iter().map(|(_, outcome)| outcome.unwrap().get());
    let twice = attempts.filter(|count| *count == 2).count();
    let pushes = std::fs::read_to_string(world.path("remote.git/pushes")).unwrap();
    let carried: Vec<usize> = pushes.lines().map(|line| line.trim().parse().unwrap()).collect();
    assert_eq!(twice, carried[0], "those of the first push, which failed once: {carried:?}");
    assert_eq!(carried.iter().sum::<usize>(), 5);
}

#[tokio::test]
async fn an_unreachable_remote_is_named_without_its_credentials() {
    let world = World::new(Remote::Pushed);
    let url = "http://bot:s3cret@127.0.0.1:9/x.git";
    world.git("clone", &["remote", "set-url", "origin", url]);
    let repository = world.open("clone");
    let (change, _) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    assert!(matches!(error, CommitError::Transport { attempts: 3, .. }), "{error}");
    let listed = repository.snapshot().await.unwrap_err();
    assert!(matches!(listed, GitError::Transport { attempts: 3, .. }), "{listed}");
    for text in [error.to_string(), listed.to_string(), repository.shown().to_owned()] {
        assert!(text.contains("127.0.0.1:9/x.git") && !text.contains("s3cret"), "{text}");
    }
    // The next callers need not wait as long again.
    let pauses = world.pauses().len();
    repository.snapshot().await.unwrap_err();
    assert_eq!(world.pauses().len(), pauses);
}

#[tokio::test]
async fn a_remote_that_is_gone_is_not_waited_for() {
    let world = World::new(Remote::Pushed);
    std::fs::rename(world.path("remote.git"), world.path("elsewhere")).unwrap();
    let repository = world.open("clone");
    let error = repository.snapshot().await.unwrap_err();
    assert!(matches!(error, GitError::Transport { attempts: 1, .. }), "{error}");
    assert!(error.to_string().contains("remote.git"), "{error}");
    assert_eq!(world.pauses(), [0; 0]);
}

#[tokio::test]
async fn settings_of_a_person_do_not_change_what_is_pushed() {
    let world = World::new(Remote::Pushed);
    for (key, value) in [
        ("push.followTags", "true"),
        ("remote.origin.mirror", "true"),
        ("push.default", "matching"),
        ("color.ui", "always"),
    ] {
        world.git("clone", &["config", key, value]);
    }
    world.hook("clone/.git", "pre-push", "exit 1");
    world.git("clone", &["tag", "-a", "-m", "mine", "private"]);
    let repository = world.open("clone");
    repository.commit(create(&repository, "v1.0.0", world.sha("clone", "HEAD")).0).await.unwrap();
    assert_eq!(world.git("remote.git", &["tag", "--list"]), "v1.0.0");
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_cut_its_push() {
    let world = World::new(Remote::Pushed);
    world.hook("remote.git", "pre-receive", "echo started > started; sleep 1");
    let repository = world.open("clone");
    let (change, object) = create(&repository, "v1.0.0", world.sha("clone", "HEAD"));
    let caller = {
        let repository = repository.clone();
        tokio::spawn(async move { repository.commit(change).await })
    };
    while !world.path("remote.git/started").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    caller.abort();
    // Another commit waits its turn behind the one that was given up.
    let (next, _) = create(&repository, "v1.0.1", world.sha("clone", "HEAD"));
    repository.commit(next).await.unwrap();
    assert_eq!(world.remote_ref("refs/tags/v1.0.0"), object.to_string());
    assert_eq!(repository.snapshot().await.unwrap().tags().count(), 2);
}

#[tokio::test]
async fn git_runs_in_a_process_group_of_its_own() {
    let world = World::new(Remote::Pushed);
    let program = world.path("git");
    let group = "cut -d ' ' -f 5 /proc/$$/stat";
    write_script(&program, &format!("{group} >> {}\nexec git \"$@\"", world.text("groups")));
    let settings = Settings { program: program.into(), ..world.settings() };
    let repository = Repository::open(Some(&world.text("clone")), None, settings).unwrap();
    repository.commit(create(&repository, "v1", world.sha("clone", "HEAD")).0).await.unwrap();
    let own = std::fs::read_to_string("/proc/self/stat").unwrap();
    let own = own.split(' ').nth(4).unwrap();
    let groups = std::fs::read_to_string(world.path("groups")).unwrap();
    assert!(groups.lines().count() >= 2 && groups.lines().all(|group| group != own), "{groups}");
}

#[tokio::test]
async fn a_remote_that_hangs_is_given_up() {
    let world = World::new(Remote::Pushed);
    let wrapper = world.path("receive-pack");
    write_script(&wrapper, "exec sleep 60");
    world.git("clone", &["config", "remote.origin.receivepack", wrapper.to_str().unwrap()]);
    let timeout = std::time::Duration::from_millis(200);
    let settings = Settings { timeout, ..world.settings() };
    let repository = Repository::open(Some(&world.text("clone")), None, settings).unwrap();
    let (change, _) = create(&repository, "v1", world.sha("clone", "HEAD"));
    let error = repository.commit(change).await.unwrap_err();
    assert!(matches!(error, CommitError::Transport { attempts: 3, .. }), "{error}");
    assert!(error.to_string().contains("no answer within"), "{error}");
}
