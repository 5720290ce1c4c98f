//! Many writers at one ref, each with a view of its own: one wins, all are told.

use pipeline_core::deployment::Attempts;
use pipeline_core::git::{CommitError, Repository};
use pipeline_core::testing::{RefStore as _, Transaction};

use super::world::{Remote, World, create, replace};

/// The outcomes of as many writers as there are handles, all moving one tag from one place.
async fn race(
    world: &World,
    handles: &[Repository],
    round: usize,
) -> Vec<Result<Attempts, CommitError>> {
    let seen = handles[0].snapshot().await.unwrap().tag("moving").unwrap().object;
    let head = world.sha("clone", "HEAD");
    let mut writers = Vec::new();
    for (number, handle) in handles.iter().enumerate() {
        handle.refresh();
        handle.snapshot().await.unwrap();
        let message = format!("round {round}, writer {number}");
        let object =
            handle.write_tag_object("moving", head, &super::world::ana(), &message).unwrap();
        let (mut change, _) = replace(handle, "moving", seen, head);
        let mut update = change.updates()[0].clone();
        update.new = Some(object);
        change = Transaction::new(vec![update]).unwrap();
        let handle = handle.clone();
        writers.push(tokio::spawn(async move { handle.commit(change).await }));
    }
    let mut outcomes = Vec::new();
    for writer in writers {
        outcomes.push(writer.await.unwrap());
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_wins_every_time() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        let handles: Vec<Repository> = (0..6).map(|_| world.open("clone")).collect();
        let first = create(&handles[0], "moving", world.sha("clone", "HEAD")).0;
        handles[0].commit(first).await.unwrap();
        for round in 0..3 {
            handles[0].refresh();
            let outcomes = race(&world, &handles, round).await;
            let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            assert_eq!(won, 1, "{remote:?}: {outcomes:?}");
            for error in outcomes.into_iter().filter_map(Result::err) {
                assert!(error.is_conflict(), "{remote:?}: {error}");
            }
        }
    }
}
