//! What came before: which success was the last one, whatever clocks say and however much happened since.

use super::world::{at, id, request};
use super::*;

#[tokio::test]
async fn the_last_success_is_the_one_that_was_recorded_last() {
    let ahead = World::new().with_clock(|| at(50));
    ahead.ran(2);
    let behind = ahead.clone().with_clock(|| at(1));
    assert_eq!(ahead.deploy(request(1)).await.verdict, SUCCESS);
    assert_eq!(behind.deploy(request(3)).await.verdict, SUCCESS);
    let (first, second) = (ahead.record("staging", 1).await, ahead.record("staging", 3).await);
    let ended = |record: Option<Deployment>| record.unwrap().progress.completed_at().unwrap();
    assert!(ended(second) >= ended(first), "times on record say what came first");

    assert_eq!(behind.deploy(request(2)).await.verdict, SUCCESS);
    assert_eq!(ahead.status("staging", 3).await, Some(Status::RolledBack));
    assert_eq!(ahead.status("staging", 1).await, Some(Status::Succeeded));
}

#[tokio::test]
async fn the_last_success_is_found_behind_many_that_came_to_nothing() {
    let world = World::new();
    world.ran(2);
    assert_eq!(world.deploy(request(3)).await.verdict, SUCCESS);
    for n in 100..=199 {
        let nothing = request(1).begun(at(1), None);
        let nothing = Deployment { id: id(n), ..nothing };
        world.keep(&nothing.cancel(at(1), Some("it came to nothing"), None).unwrap());
    }
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
    assert_eq!(world.status("staging", 3).await, Some(Status::RolledBack));
}
