//! The end of a deployment when the world has moved on since its claim.

use super::world::{GONE, LEASE, commit, id, ref_name, request};
use super::*;
use crate::ledger::memory::Fault;

/// The rest of a world's life while a deployment is between claim and end.
async fn meanwhile(
    world: &World,
    happening: impl Future<Output = ()> + Send + 'static,
) -> (Report, u64) {
    let store = world.store().before(1, happening);
    world.commits_of(world.deploy_by(store, request(1))).await
}

#[tokio::test]
async fn a_tag_that_somebody_moved_is_left_alone() {
    let world = World::new();
    world.tag("api/staging", commit(3));
    let person = world.clone();
    let (report, commits) =
        meanwhile(&world, async move { person.tag("api/staging", commit(2)) }).await;
    let reason = failed(&report);
    let named = [commit(3), commit(2)].map(|commit| reason.contains(&commit.to_string()));
    assert_eq!(named, [true, true], "{reason}");
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
    assert_eq!(world.status("staging", 1).await, Some(Status::Failed));
    assert!(world.is_free("staging").await);
    assert_eq!(commits, 2, "the claim, and an end in one transaction");
}

#[tokio::test]
async fn a_tag_that_somebody_made_is_left_alone() {
    let world = World::new();
    let person = world.clone();
    let made = async move { person.tag("api/staging", commit(2)) };
    let (report, _) = meanwhile(&world, made).await;
    assert!(failed(&report).contains(&commit(2).to_string()));
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
}

#[tokio::test]
async fn a_tag_that_somebody_deleted_is_not_put_back() {
    let world = World::new();
    world.tag("api/staging", commit(3));
    let person = world.clone();
    let (report, _) = meanwhile(&world, async move { person.untag("api/staging") }).await;
    assert!(failed(&report).contains("deleted"));
    assert_eq!(world.tagged("api/staging"), None);
}

#[tokio::test(start_paused = true)]
async fn who_was_superseded_cannot_complete() {
    let world = World::new();
    let other = world.clone();
    let takeover = async move {
        other.pass(GONE);
        assert_eq!(other.deploy(request(2)).await.verdict, SUCCESS);
    };
    let (report, commits) = meanwhile(&world, takeover).await;
    assert!(unknown(&report).contains("nobody holds the environment"), "{report:?}");
    assert_eq!(commits, 3, "its own claim, and the other's two");
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
    assert_eq!(world.status("staging", 2).await, Some(Status::Succeeded));
    assert_eq!(status(&report), Some(Status::Failed), "what the other one recorded");
    assert_eq!(report.deployment, world.record("staging", 1).await);
}

#[tokio::test(start_paused = true)]
async fn who_was_superseded_learns_by_whom() {
    let world = World::new();
    let other = world.clone();
    let takeover = async move {
        other.pass(GONE);
        let store = other.store().fault(1, Fault::LostRequest);
        unknown(&other.deploy_by(store, request(2)).await);
    };
    let (report, _) = meanwhile(&world, takeover).await;
    assert!(unknown(&report).contains(id(2).as_str()), "{report:?}");
    assert_eq!(world.status("staging", 1).await, Some(Status::Failed));
    assert_eq!(world.status("staging", 2).await, Some(Status::InProgress));
    assert_eq!(world.tagged("api/staging"), None);
}

#[tokio::test]
async fn a_lease_that_ran_out_is_good_until_somebody_takes_it() {
    let world = World::new();
    let slow = world.clone();
    let (report, _) = meanwhile(&world, async move { slow.pass(10 * LEASE) }).await;
    assert_eq!(report.verdict, SUCCESS);
}

#[tokio::test]
async fn who_enters_the_waiting_list_takes_nothing_away() {
    let world = World::new();
    let other = world.clone();
    let (report, commits) =
        meanwhile(&world, async move { other.enqueue("staging", id(9)).await }).await;
    assert_eq!((report.verdict, commits), (SUCCESS, 2));
    let queue = world.queue("staging").await.unwrap();
    assert_eq!((queue.current.is_none(), queue.position(&id(9))), (true, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_changes_for_ever_holds_a_deployment_no_longer_than_its_lease() {
    let world = World::new();
    let meanwhile = Duration::from_secs(LEASE.unsigned_abs()) / RACES * 2;
    let busy = (1..=2 * RACES).fold(world.store(), |store, race| {
        let other = world.clone();
        let touched = async move {
            other.change_queue("staging", |queue| queue).await;
            tokio::time::advance(meanwhile).await;
        };
        store.before(usize::try_from(race).unwrap(), touched)
    });
    let (report, commits) = world.commits_of(world.deploy_by(busy, request(1))).await;
    assert_eq!(commits, 1);
    assert!(unknown(&report).contains("could not be recorded"), "{report:?}");
    assert_eq!(status(&report), Some(Status::InProgress));
}

#[tokio::test]
async fn a_queue_that_somebody_removed_is_not_made_anew() {
    let world = World::new();
    let person = world.clone();
    let removed = async move {
        person.remote.remove(&ref_name("refs/ledger/queues/staging"));
    };
    let (report, commits) = meanwhile(&world, removed).await;
    assert!(unknown(&report).contains("nobody holds"), "{report:?}");
    assert_eq!((commits, world.tagged("api/staging")), (1, None));
}

#[tokio::test]
async fn a_version_tag_deleted_after_the_claim_does_not_matter() {
    let world = World::new();
    let person = world.clone();
    let (report, _) = meanwhile(&world, async move { person.untag("api/v1.1.0") }).await;
    assert_eq!(report.verdict, SUCCESS);
}
