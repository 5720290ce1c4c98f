//! One deployment at a time of each sub-project, where the policy of the environment says so; and what
//! becomes of those under way when it changes.

use std::time::Duration;

use super::world::{at, commit, id, once, request, silence, timed};
use super::*;
use crate::environment::Concurrency;
use crate::environment::rules::{EnvironmentFacts, Folder, SecretsFile};
use crate::environment::{Environment, rules as environment};
use crate::queue::QueueRecord;
use crate::record::Record as _;
use crate::{KnownRegions, SubProjectPath};

const BOTH: [&str; 2] = ["api", "web"];

/// A world in which `staging` takes one deployment of each sub-project at a time.
fn divided() -> World {
    let world = timed();
    for n in 1..=9 {
        world.tag(&format!("web/v1.{n}.0"), commit(n));
        world.tag(&format!("api/v1.{n}.0"), commit(n));
    }
    world.with_policy(|it| it.concurrency = Concurrency::SubProject);
    world
}

/// The n-th deployment, of that sub-project, whose health check takes so long.
fn slow(project: &str, n: u8, seconds: u64) -> (std::net::TcpListener, Request) {
    let (listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(seconds)));
    (listener, Request { health_check, ..of(project, n) })
}

/// The n-th deployment, of that sub-project, which waits for its turn.
fn of(project: &str, n: u8) -> Request {
    let version = format!("{project}/v1.{n}.0").parse().unwrap();
    let on_busy = OnBusy::Wait { at_most: Duration::from_secs(3_600) };
    Request { version, on_busy, ..request(n) }
}

fn beside(world: &World, request: Request) -> tokio::task::JoinHandle<Report> {
    let world = world.clone();
    tokio::spawn(async move { world.deploy(request).await })
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Who holds the queue of a sub-project.
fn holder(queue: Option<&QueueRecord>) -> Option<String> {
    Some(queue?.current.as_ref()?.deployment_id.to_string())
}

#[tokio::test(start_paused = true)]
async fn sub_projects_do_not_wait_for_each_other_but_each_for_itself() {
    let world = divided();
    let [(_a, api), (_b, web)] = [slow("api", 1, 100), slow("web", 2, 100)];
    let (api, web) = (beside(&world, api), beside(&world, web));
    pass(5).await;
    let behind = beside(&world, of("api", 3));
    pass(5).await;
    let [of_api, of_web] = [world.queue_of("api").await, world.queue_of("web").await];
    assert_eq!(holder(of_api.as_ref()), Some(id(1).to_string()));
    assert_eq!(holder(of_web.as_ref()), Some(id(2).to_string()));
    assert_eq!(of_api.unwrap().position(&id(3)), Some(1));
    let own = world.queue("staging").await.unwrap();
    assert!(own.is_idle() && BOTH.iter().all(|it| own.has_part(&it.parse().unwrap())), "{own:?}");
    for one in [api, web] {
        assert_eq!(status(&one.await.unwrap()), Some(Status::Failed));
    }
    assert_eq!(behind.await.unwrap().verdict, SUCCESS);
    assert_eq!(world.queue_of("api").await.unwrap().succeeded.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_the_policy_they_wait_for_each_other() {
    let world = divided();
    world.with_policy(|_| ());
    let (_listener, api) = slow("api", 1, 100);
    let api = beside(&world, api);
    pass(5).await;
    let refused = world.deploy(Request { on_busy: OnBusy::Fail, ..of("web", 2) }).await;
    assert_eq!(rules(&refused), [RuleId::BUS001]);
    assert_eq!(world.queues().await.of_sub_projects, []);
    api.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_policy_counts_when_the_queue_of_before_is_empty() {
    let world = divided();
    world.with_policy(|_| ());
    let (_listener, api) = slow("api", 1, 100);
    let api = beside(&world, api);
    pass(5).await;
    world.with_policy(|it| it.concurrency = Concurrency::SubProject);
    let web = beside(&world, of("web", 2));
    pass(5).await;
    assert_eq!(world.queue("staging").await.unwrap().position(&id(2)), Some(1));
    api.await.unwrap();
    assert_eq!(web.await.unwrap().verdict, SUCCESS);
    assert_eq!(world.deploy(of("web", 3)).await.verdict, SUCCESS);
    let part = world.queue_of("web").await.unwrap();
    assert_eq!(part.succeeded[0].deployment_id, id(3));
    assert_eq!(
        world.record("staging", 3).await.unwrap().previous_version,
        Some("web/v1.2.0".parse().unwrap())
    );
}

#[tokio::test(start_paused = true)]
async fn sub_projects_keep_their_queues_while_somebody_is_in_one() {
    let world = divided();
    let (_listener, api) = slow("api", 1, 100);
    let api = beside(&world, api);
    pass(5).await;
    let whole = Environment::by_convention("staging".parse().unwrap());
    let judged = async || {
        let facts = EnvironmentFacts::made_up(
            Folder::Present,
            SecretsFile::Encrypted,
            KnownRegions::default(),
        );
        environment::check(&whole, &facts.with_queues(world.queues().await))
    };
    let faults = judged().await;
    assert_eq!(faults.iter().map(|it| it.rule).collect::<Vec<_>>(), [RuleId::BUS001]);
    assert!(faults[0].to_string().contains(id(1).as_str()), "{}", faults[0]);
    api.await.unwrap();
    assert_eq!(judged().await, []);
}

#[tokio::test(start_paused = true)]
async fn the_way_back_to_one_queue_keeps_what_succeeded() {
    let world = divided();
    for (project, n) in [("api", 1), ("web", 2), ("", 3)] {
        world.tag("v1.3.0", commit(3));
        let version =
            if project.is_empty() { "v1.3.0".parse().unwrap() } else { of(project, n).version };
        assert_eq!(world.deploy(Request { version, ..of("api", n) }).await.verdict, SUCCESS);
    }
    let found = world.queues().await;
    let rewrites = found.join();
    assert_eq!(rewrites.iter().filter(|it| it.next.is_none()).count(), 3);
    let joined = rewrites[0].next.as_ref().unwrap();
    assert_eq!(joined.needed_version(), 1, "what older releases read");
    for (project, n) in [("api", 1), ("web", 2), ("", 3)] {
        let project: SubProjectPath = project.parse().unwrap();
        assert_eq!(joined.last_success(&project, None), Some(&id(n)));
    }
    assert!(joined.ended_at.is_some_and(|ended| ended >= at(0)));
}

/// The race of a first deployment with another change of the environment's queue: one of both wins.
#[tokio::test(start_paused = true)]
async fn a_new_queue_beside_one_that_is_taken_loses_the_race() {
    let world = divided();
    let other = world.clone();
    let store = world.store().before(0, async move {
        other.with_policy(|_| ());
        other.enqueue("staging", id(9)).await;
    });
    let request = Request { on_busy: OnBusy::Fail, ..of("api", 1) };
    let report = world.deploy_by(store, request).await;
    assert_eq!(rules(&report), [RuleId::QUE007]);
    assert_eq!(world.queues().await.of_sub_projects, []);
}

#[tokio::test(start_paused = true)]
async fn queues_of_sub_projects_that_nobody_asked_for_are_refused() {
    let world = divided();
    assert_eq!(world.deploy(of("api", 1)).await.verdict, SUCCESS);
    world.with_policy(|_| ());
    assert_eq!(rules(&world.deploy(of("api", 2)).await), [RuleId::BUS001]);
}
