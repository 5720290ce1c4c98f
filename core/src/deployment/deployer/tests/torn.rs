//! A remote that shows a transaction ref by ref to who lists it meanwhile.

use super::world::{commit, id, ref_name, request};
use super::*;

const TAG: &str = "refs/tags/api/staging";

#[tokio::test]
async fn a_tag_that_has_not_moved_yet_is_waited_for() {
    let world = World::new();
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
    // The environment is free, and its tag is not there yet.
    let store = world.store().torn(1, ref_name(TAG), None);
    assert_eq!(world.deploy_by(store, request(2)).await.verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
    let record = world.record("staging", 2).await.unwrap();
    assert_eq!(record.previous_version, Some("api/v1.1.0".parse().unwrap()));
}

#[tokio::test]
async fn a_record_that_has_not_ended_yet_is_waited_for() {
    let world = World::new();
    world.ran(1);
    let slot = ref_name(&format!("refs/ledger/deployments/staging/{}", id(2)));
    let remote = world.remote.clone();
    let claimed = Arc::new(std::sync::Mutex::new(None));
    let kept = Arc::clone(&claimed);
    let name = slot.clone();
    let store = world.store().before(1, async move {
        *kept.lock().unwrap() = remote.refs().get(name.as_str()).map(|found| found.object);
    });
    assert_eq!(world.deploy_by(store, request(2)).await.verdict, SUCCESS);
    let before = claimed.lock().unwrap().take();
    assert!(before.is_some());
    let store = world.store().torn(1, slot, before);
    assert_eq!(world.deploy_by(store, request(1)).await.verdict, SUCCESS);
    // Only who saw the success of the higher version takes it back.
    assert_eq!(world.status("staging", 2).await, Some(Status::RolledBack));
}

#[tokio::test]
async fn a_tag_that_a_person_moved_keeps_nobody_waiting_for_long() {
    let world = World::new();
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
    world.tag("api/staging", commit(77));
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
    let record = world.record("staging", 2).await.unwrap();
    assert_eq!(record.previous_commit, Some(commit(77)));
}
