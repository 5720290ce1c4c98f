//! Deployments to which nothing happens.

use super::world::{approval, at, commit, name, request};
use super::*;

#[tokio::test]
async fn a_deployment_is_two_transactions() {
    let world = World::new();
    let (report, commits) = world.commits_of(world.deploy(request(1))).await;
    assert_eq!(report.verdict, SUCCESS);
    assert_eq!(commits, 2, "one claim, one end");
    assert!(world.is_free("staging").await);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
    let record = world.record("staging", 1).await.unwrap();
    assert_eq!(record.status(), Status::Succeeded);
    assert_eq!((&record.previous_version, record.previous_commit), (&None, None));
    assert_eq!(report.deployment, Some(record));
    assert_eq!(report.warnings, []);
}

#[tokio::test]
async fn the_next_one_knows_what_ran_before() {
    let world = World::new();
    world.deploy(request(1)).await;
    let report = world.deploy(request(2)).await;
    assert_eq!(report.verdict, SUCCESS);
    let record = world.record("staging", 2).await.unwrap();
    assert_eq!(record.previous_version, Some("api/v1.1.0".parse().unwrap()));
    assert_eq!(record.previous_commit, Some(commit(1)));
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
    assert_eq!(world.status("staging", 1).await, Some(Status::Succeeded));
}

#[tokio::test]
async fn a_commit_without_a_version_ran_before() {
    let world = World::new();
    world.tag("api/staging", commit(77));
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
    let record = world.record("staging", 1).await.unwrap();
    assert_eq!((record.previous_version, record.previous_commit), (None, Some(commit(77))));
}

#[tokio::test]
async fn an_environment_without_a_movable_tag_gets_none() {
    let world = World::new();
    // Somebody's own tag, which only has the name.
    world.tag("api/qa", commit(9));
    let report = world.deploy(Request { environment: name("qa"), ..request(1) }).await;
    assert_eq!(report.verdict, SUCCESS);
    assert_eq!(world.tagged("api/qa"), Some(commit(9)));
    let record = world.record("qa", 1).await.unwrap();
    assert_eq!((record.status(), record.previous_commit), (Status::Succeeded, None));
    assert!(world.is_free("qa").await);
}

#[tokio::test]
async fn the_tag_stays_where_it_should_not_move() {
    let world = World::new();
    world.deploy(request(1)).await;
    let still = Request { will_move_env_tag: false, ..request(2) };
    let (report, commits) = world.commits_of(world.deploy(still)).await;
    assert_eq!((report.verdict, commits), (SUCCESS, 2));
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
    let record = world.record("staging", 2).await.unwrap();
    assert_eq!((record.status(), record.previous_commit), (Status::Succeeded, Some(commit(1))));
}

#[tokio::test]
async fn a_deployment_to_the_version_that_runs_is_one_too() {
    let world = World::new();
    world.deploy(request(1)).await;
    let again = Request { id: request(2).id, ..request(1) };
    assert_eq!(world.deploy(again).await.verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
}

#[tokio::test]
async fn an_approved_deployment_reaches_production() {
    let world = World::new();
    let approval = approval("bob", commit(1));
    let wanted = Request { environment: name("production"), approval, ..request(1) };
    let agreed = wanted.approval.clone();
    assert_eq!(world.deploy(wanted).await.verdict, SUCCESS);
    assert_eq!(world.record("production", 1).await.unwrap().approval.map(Into::into), agreed);
    assert_eq!(world.tagged("api/production"), Some(commit(1)));
}

#[tokio::test]
async fn environments_do_not_get_in_each_others_way() {
    let world = World::new();
    let other = world.clone();
    let meanwhile = async move {
        let to_qa = Request { environment: name("qa"), ..request(2) };
        assert_eq!(other.deploy(to_qa).await.verdict, SUCCESS);
    };
    let store = world.store().before(1, meanwhile);
    assert_eq!(world.deploy_by(store, request(1)).await.verdict, SUCCESS);
}

#[tokio::test]
async fn what_takes_longer_than_its_target_is_said_so() {
    let world = World::new();
    let slow = world.clone();
    let store = world.store().before(0, async move { slow.pass(601) });
    let report = world.deploy_by(store, request(1)).await;
    assert_eq!(report.verdict, SUCCESS);
    let found: Vec<_> = report.warnings.iter().map(|warning| warning.rule).collect();
    assert_eq!(found, [RuleId::DEP040]);
    assert!(report.warnings[0].is_warning());
    assert_eq!(world.record("staging", 1).await.unwrap().progress.completed_at(), Some(at(601)));
}
