//! A remote that loses answers, loses requests, refuses, or is away.

use super::world::{GONE, LEASE, at, commit, id, ref_name, request};
use super::*;
use crate::ledger::memory::Fault;

/// Deploys while the commit of this number (0 claims, 1 ends) meets a fault.
async fn with(world: &World, commit: usize, fault: Fault) -> Report {
    world.deploy_by(world.store().fault(commit, fault), request(1)).await
}

fn hook() -> Fault {
    Fault::Rejected("the hook says no".to_owned())
}

/// A later deployment finds things in an order in which it can go on.
async fn recovers(world: &World) {
    world.pass(GONE);
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
    assert!(world.is_free("staging").await);
}

#[tokio::test]
async fn a_lost_answer_to_the_claim_is_looked_up() {
    let world = World::new();
    assert_eq!(with(&world, 0, Fault::LostReply).await.verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
}

#[tokio::test]
async fn a_lost_answer_to_the_end_is_looked_up() {
    let world = World::new();
    let (report, commits) = world.commits_of(with(&world, 1, Fault::LostReply)).await;
    assert_eq!((report.verdict, commits), (SUCCESS, 2));
    assert_eq!(report.deployment, world.record("staging", 1).await);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
}

#[tokio::test]
async fn an_end_is_known_by_its_record_when_others_have_moved_on() {
    let world = World::new();
    let other = world.clone();
    let store = world.store().fault(1, Fault::LostReply);
    let twin = store.twin.clone();
    // Somebody begins between the end that got no answer and the look at what became of it.
    let watched = store.seen_by(Arc::new(move |_, after| {
        let (world, twin) = (other.clone(), twin.clone());
        Box::pin(async move {
            if after.tag("api/staging").is_some() {
                let store = Store::new(twin.remote().store()).fault(1, Fault::LostRequest);
                unknown(&world.deploy_by(store, request(2)).await);
            }
        })
    }));
    let report = world.deploy_by(watched, request(1)).await;
    assert_eq!(report.verdict, SUCCESS);
    assert_eq!(world.status("staging", 1).await, Some(Status::Succeeded));
    assert_eq!(world.status("staging", 2).await, Some(Status::InProgress));
}

#[tokio::test]
async fn an_end_that_is_there_in_part_is_not_known_to_have_happened() {
    let world = World::new();
    let store = world.store().fault(1, Fault::LostReply);
    let remote = world.remote.clone();
    let watched = store.seen_by(Arc::new(move |before, after| {
        if after.tag("api/staging").is_some() {
            let queue = ref_name("refs/ledger/queues/staging");
            remote.set(&queue, before.get(queue.as_str()).unwrap().object);
        }
        Box::pin(std::future::ready(()))
    }));
    unknown(&world.deploy_by(watched, request(1)).await);
}

#[tokio::test]
async fn an_answer_that_cannot_be_looked_up_stays_unknown() {
    let world = World::new();
    let store = world.store().fault_and_silence(1, Fault::LostReply, 1);
    let report = world.deploy_by(store, request(1)).await;
    let reason = unknown(&report);
    let record = format!("refs/ledger/deployments/staging/{}", id(1));
    assert!(reason.contains(&record), "{reason}");
    assert_eq!(status(&report), Some(Status::Succeeded), "a later look found it");
    let store = world.store().fault_and_silence(1, Fault::LostReply, 2);
    let report = world.deploy_by(store, request(2)).await;
    unknown(&report);
    assert_eq!(status(&report), Some(Status::InProgress), "as far as it is known");
    assert_eq!(world.status("staging", 2).await, Some(Status::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_cannot_be_looked_up_holds_until_its_lease_ends() {
    let world = World::new();
    let store = world.store().fault_and_silence(0, Fault::LostReply, 1);
    let report = world.deploy_by(store, request(1)).await;
    let reason = unknown(&report);
    let until = at(LEASE).to_string();
    assert!(reason.contains(id(1).as_str()) && reason.contains(&until), "{reason}");
    assert_eq!(rules(&world.deploy(request(3)).await), [RuleId::BUS001]);
    recovers(&world).await;
    assert_eq!(world.status("staging", 1).await, Some(Status::Failed));
}

#[tokio::test]
async fn a_claim_that_got_lost_is_unknown_and_holds_nothing() {
    let world = World::new();
    let (report, commits) = world.commits_of(with(&world, 0, Fault::LostRequest)).await;
    unknown(&report);
    assert_eq!((commits, report.deployment), (0, None));
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_got_lost_is_recorded_by_a_later_deployment() {
    let world = World::new();
    let report = with(&world, 1, Fault::LostRequest).await;
    unknown(&report);
    assert_eq!(status(&report), Some(Status::InProgress));
    assert_eq!(world.tagged("api/staging"), None);
    assert_eq!(rules(&world.deploy(request(3)).await), [RuleId::BUS001]);
    recovers(&world).await;
    assert_eq!(world.status("staging", 1).await, Some(Status::Failed));
}

#[tokio::test]
async fn a_refused_claim_leaves_nothing_and_says_why() {
    for fault in [hook(), Fault::NoAtomic, Fault::Unreachable] {
        let world = World::new();
        let before = world.remote.refs();
        let expected = match &fault {
            Fault::Rejected(reason) => reason.clone(),
            Fault::NoAtomic => "atomic".to_owned(),
            _ => "could not push".to_owned(),
        };
        let report = with(&world, 0, fault).await;
        assert!(unclaimed(&report).contains(&expected), "{report:?}");
        assert_eq!((world.remote.refs(), report.deployment.is_none()), (before, true));
    }
}

#[tokio::test]
async fn a_listing_that_fails_is_no_claim() {
    let world = World::new();
    let store = world.store();
    store.twin.fail_listings(1);
    let (report, commits) = world.commits_of(world.deploy_by(store, request(1))).await;
    assert!(unclaimed(&report).contains("list the refs"), "{report:?}");
    assert_eq!(commits, 0);
}

#[tokio::test]
async fn a_refused_success_is_recorded_as_failed() {
    for fault in [hook(), Fault::NoAtomic] {
        let world = World::new();
        let (report, commits) = world.commits_of(with(&world, 1, fault)).await;
        assert!(!failed(&report).is_empty());
        assert_eq!((commits, world.tagged("api/staging")), (2, None));
        assert_eq!(report.deployment, world.record("staging", 1).await);
        assert!(world.is_free("staging").await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_remote_that_is_away_for_a_moment_costs_no_deployment() {
    let world = World::new();
    let store = (1..=9).fold(world.store(), |store, n| store.fault(n, Fault::Unreachable));
    let report = world.deploy_by(store, request(1)).await;
    assert_eq!(report.verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
}

#[tokio::test(start_paused = true)]
async fn a_remote_that_is_away_for_longer_than_the_lease_costs_one() {
    let world = World::new();
    let store = (1..=40).fold(world.store(), |store, n| store.fault(n, Fault::Unreachable));
    let report = world.deploy_by(store, request(1)).await;
    assert!(unknown(&report).contains("could not push"), "{report:?}");
    assert_eq!(status(&report), Some(Status::InProgress));
}

#[tokio::test(start_paused = true)]
async fn a_remote_that_refuses_every_end_leaves_it_unknown() {
    let world = World::new();
    let store = world.store().fault(1, hook()).fault(2, Fault::NoAtomic);
    let report = world.deploy_by(store, request(1)).await;
    let reason = unknown(&report);
    assert!(reason.contains("the hook says no") && reason.contains("atomic"), "{reason}");
    assert_eq!(status(&report), Some(Status::InProgress));
    recovers(&world).await;
}

#[tokio::test]
async fn a_failed_end_whose_answer_got_lost_is_looked_up() {
    let world = World::new();
    let store = world.store().fault(1, hook()).fault(2, Fault::LostReply);
    let report = world.deploy_by(store, request(1)).await;
    assert!(failed(&report).contains("the hook says no"));
    assert!(world.is_free("staging").await);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named() {
    let world = World::new();
    let queue = ref_name("refs/ledger/queues/staging");
    let object = world.remote.refs().get("refs/ledger/environments/staging").unwrap().object;
    world.remote.set(&queue, object);
    let (report, commits) = world.commits_of(world.deploy(request(1))).await;
    assert!(unclaimed(&report).contains(queue.as_str()), "{report:?}");
    assert_eq!(commits, 0);
}
