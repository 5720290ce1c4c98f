//! What a look says, look by look.

use super::super::view::Event;
use super::*;

const OURS: Ours<'_> =
    Ours { id: "ecs-svc/2", revision: "web:2", previous: Some("web:1"), since: 20.0 };

fn deployment(id: u32, status: &str, running: i32, state: State) -> Deployment {
    Deployment {
        id: format!("ecs-svc/{id}"),
        status: status.to_owned(),
        revision: format!("web:{id}"),
        desired: 2,
        running,
        state,
        created_at: f64::from(id) * 10.0,
        ..Deployment::default()
    }
}

fn service(deployments: Vec<Deployment>) -> Service {
    Service {
        status: "ACTIVE".to_owned(),
        desired: 2,
        controller: "ECS".to_owned(),
        deployments,
        ..Service::default()
    }
}

fn event(at: f64, message: &str) -> Event {
    Event { at, message: message.to_owned() }
}

fn alone(running: i32, state: State) -> Standing {
    judge(&service(vec![deployment(2, "PRIMARY", running, state)]), OURS)
}

#[test]
fn only_what_is_complete_and_whole_and_alone_runs() {
    assert_eq!(alone(2, State::Completed), Standing::Runs);
    assert_eq!(alone(2, State::InProgress), Standing::Coming);
    assert_eq!(alone(2, State::Untold), Standing::Coming);
    assert_eq!(alone(1, State::Completed), Standing::Short);
    // Auto-scaling goes back and forth, and more than enough is enough.
    assert_eq!(alone(3, State::Completed), Standing::Runs);
    let old = deployment(1, "ACTIVE", 1, State::Completed);
    let both = service(vec![deployment(2, "PRIMARY", 2, State::Completed), old.clone()]);
    assert_eq!(judge(&both, OURS), Standing::Coming);
    let gone = Deployment { status: "INACTIVE".to_owned(), ..old };
    let both = service(vec![deployment(2, "PRIMARY", 2, State::Completed), gone]);
    assert_eq!(judge(&both, OURS), Standing::Runs);
}

#[test]
fn without_a_state_an_event_of_its_own_time_says_that_it_is_steady() {
    let told = |at: f64, message: &str| {
        let mut service = service(vec![deployment(2, "PRIMARY", 2, State::Untold)]);
        service.events = vec![event(at, message)];
        judge(&service, OURS)
    };
    let steady = "(service web) has reached a steady state.";
    assert_eq!(told(21.0, steady), Standing::Runs);
    assert_eq!(told(19.0, steady), Standing::Coming);
    let completed = "(service web) (deployment ecs-svc/2) deployment completed.";
    assert_eq!(told(21.0, completed), Standing::Runs);
    assert_eq!(told(21.0, &completed.replace("/2", "/3")), Standing::Coming);
}

#[test]
fn no_tasks_are_no_success() {
    let mut empty = service(vec![deployment(2, "PRIMARY", 0, State::Completed)]);
    empty.desired = 0;
    empty.deployments[0].desired = 0;
    assert_eq!(judge(&empty, OURS), Standing::ScaledToZero);
}

#[test]
fn a_failed_one_is_put_back_where_ecs_does_that() {
    let broken = |puts_back: bool, reason: &str| {
        let failed = deployment(2, "PRIMARY", 0, State::Failed);
        let failed = Deployment { reason: reason.to_owned(), ..failed };
        judge(&Service { puts_back, ..service(vec![failed]) }, OURS)
    };
    assert_eq!(broken(false, ""), Standing::Broken { puts_back: false });
    assert_eq!(broken(true, "tasks failed to start."), Standing::Broken { puts_back: true });
    let hopeless =
        "ECS deployment circuit breaker: No rollback candidate was found to run the rollback.";
    assert_eq!(broken(true, hopeless), Standing::Broken { puts_back: false });
}

/// Ours is behind another deployment.
fn behind(own: State, by: Deployment, puts_back: bool, events: Vec<Event>) -> Standing {
    let deployments = vec![by, deployment(2, "ACTIVE", 0, own)];
    judge(&Service { puts_back, events, ..service(deployments) }, OURS)
}

#[test]
fn a_rollback_is_told_from_somebody_elses_deployment() {
    let by = || deployment(3, "PRIMARY", 1, State::InProgress);
    let back = || Deployment { revision: "web:1".to_owned(), ..by() };
    let reason = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
    let with_reason = || Deployment { reason: reason.to_owned(), ..back() };
    assert_eq!(behind(State::InProgress, by(), true, vec![]), Standing::Replaced { by: by() });
    assert_eq!(behind(State::Failed, by(), true, vec![]), Standing::Replaced { by: by() });
    assert_eq!(behind(State::Failed, back(), false, vec![]), Standing::Replaced { by: back() });
    assert_eq!(behind(State::Failed, back(), true, vec![]), Standing::PutBack { by: back() });
    let put_back = Standing::PutBack { by: with_reason() };
    assert_eq!(behind(State::Failed, with_reason(), false, vec![]), put_back);
    assert_eq!(behind(State::InProgress, with_reason(), false, vec![]), put_back);
    let said = vec![event(31.0, "(service web) rolling back to deployment ecs-svc/3.")];
    assert_eq!(behind(State::InProgress, back(), false, said), Standing::PutBack { by: back() });
}

#[test]
fn the_same_revision_in_another_deployment_is_somebody_elses() {
    let by = Deployment {
        revision: "web:2".to_owned(),
        ..deployment(3, "PRIMARY", 2, State::Completed)
    };
    assert_eq!(behind(State::Failed, by.clone(), true, vec![]), Standing::Replaced { by });
}

#[test]
fn an_old_reason_is_no_news() {
    let reason = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/0.";
    let old = deployment(1, "PRIMARY", 2, State::Completed);
    let old = Deployment { reason: reason.to_owned(), ..old };
    assert_eq!(judge(&service(vec![old.clone()]), OURS), Standing::Missing);
    assert_eq!(behind(State::InProgress, old.clone(), true, vec![]), Standing::Coming);
    assert_eq!(behind(State::Failed, old.clone(), true, vec![]), Standing::PutBack { by: old });
}

#[test]
fn what_is_not_shown_is_missing_until_something_newer_is() {
    let old = deployment(1, "PRIMARY", 2, State::Completed);
    assert_eq!(judge(&service(vec![old.clone()]), OURS), Standing::Missing);
    assert_eq!(judge(&service(vec![]), OURS), Standing::Missing);
    let new = deployment(3, "PRIMARY", 2, State::Completed);
    assert_eq!(judge(&service(vec![new.clone()]), OURS), Standing::Replaced { by: new.clone() });
    // Where ours was never seen, nothing is known to be newer.
    assert_eq!(judge(&service(vec![new]), Ours { since: 0.0, ..OURS }), Standing::Missing);
    let deleted = Service { status: "DRAINING".to_owned(), ..service(vec![old]) };
    assert_eq!(judge(&deleted, OURS), Standing::Deleted);
}
