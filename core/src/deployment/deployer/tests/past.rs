//! What came before: which success was the last one, whatever clocks say and however much happened since.

use super::world::{GONE, at, id, request};
use super::*;
use crate::rollback::last_known_good;

#[tokio::test]
async fn the_last_success_is_the_one_that_was_recorded_last() {
    let ahead = World::new().with_clock(|| at(50));
    ahead.ran(2);
    let behind = ahead.clone().with_clock(|| at(1));
    assert_eq!(ahead.deploy(request(1)).await.verdict, SUCCESS);
    assert_eq!(behind.deploy(request(3)).await.verdict, SUCCESS);
    let (first, second) = (ahead.record("staging", 1).await, ahead.record("staging", 3).await);
    let ended = |record: Option<Deployment>| record.unwrap().progress.completed_at().unwrap();
    assert!(ended(second) > ended(first), "times on record say what came first");

    assert_eq!(behind.deploy(request(2)).await.verdict, SUCCESS);
    assert_eq!(ahead.status("staging", 3).await, Some(Status::RolledBack));
    assert_eq!(ahead.status("staging", 1).await, Some(Status::Succeeded));
}

#[tokio::test]
async fn a_clock_that_is_a_day_ahead_makes_no_deployment_the_newest_for_a_day() {
    let world = World::new();
    let ahead = world.clone().with_clock(|| at(24 * 3600));
    let dated = |n, request: Request| Request { id: id(n), ..request };
    // IDs hold the time by the clock of whoever asks.
    assert_eq!(ahead.deploy(dated(9, request(3))).await.verdict, SUCCESS);
    let mut good = Vec::new();
    for (n, version) in [(1, 1), (2, 2), (3, 1)] {
        assert_eq!(world.deploy(dated(n, request(version))).await.verdict, SUCCESS);
        let mut records = Vec::new();
        for n in [1, 2, 3, 9] {
            records.extend(world.record("staging", n).await);
        }
        good.push(last_known_good(&records, None).map(|it| it.id.clone()));
    }
    assert_eq!(good, [1, 2, 3].map(|n| Some(id(n))));
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_a_dead_holder_ends_after_it_on_record() {
    let world = World::new();
    let other = world.clone();
    let takeover = async move {
        other.pass(GONE);
        let next = Request { id: id(1), ..request(2) };
        assert_eq!(other.deploy(next).await.verdict, SUCCESS);
    };
    let store = world.store().before(1, takeover);
    let dead = Request { id: id(2), ..request(1) };
    unknown(&world.deploy_by(store, dead).await);
    let ended = |record: Option<Deployment>| record.unwrap().progress.completed_at().unwrap();
    let (dead, next) = (world.record("staging", 2).await, world.record("staging", 1).await);
    assert_eq!(dead.as_ref().map(Deployment::status), Some(Status::Failed));
    assert!(ended(next) > ended(dead));
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
