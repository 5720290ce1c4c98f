//! Laws and samples of deployments and their progress.

use proptest::prelude::*;

use super::*;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

pub(crate) fn deployment() -> Deployment {
    Deployment {
        id: DeploymentId::new(time(0), "abc123").unwrap(),
        uuid: DeploymentUuid::from_random([5; 16]),
        version: "api/v1.2.3".parse().unwrap(),
        environment: "production".parse().unwrap(),
        region: None,
        commit_sha: CommitSha::from_bytes([3; 20]),
        previous_version: Some("api/v1.2.2".parse().unwrap()),
        previous_commit: Some(CommitSha::from_bytes([2; 20])),
        will_move_env_tag: true,
        requested_at: time(0),
        triggered_by: "ada".parse().unwrap(),
        approval: None,
        approvals: Vec::new(),
        workflow_run_id: None,
        infrastructure: None,
        pipeline_run: None,
        reason: None,
        fixes: None,
        health_check_url: None,
        health_check_terms: None,
        public_url: None,
        migrations: None,
        tests: None,
        rollout: None,
        health_check: None,
        attempts: Attempts::FIRST,
        progress: Progress::Queued {
            position: std::num::NonZeroU32::MIN,
            estimated_wait_seconds: None,
        },
    }
}

#[test]
fn a_deployment_runs_through_its_life() {
    let done = deployment().start(time(5)).unwrap().succeed(time(65)).unwrap();
    assert_eq!(done.status(), Status::Succeeded);
    assert_eq!(done.duration_seconds(), Some(60));
    let taken_back = done.roll_back(time(90), Some("api/v1.2.2".parse().unwrap())).unwrap();
    assert_eq!(taken_back.progress.rolled_back_at(), Some(time(90)));
    assert!(taken_back.start(time(91)).unwrap_err().breaks(RuleId::DEP010));
}

#[test]
fn what_failed_or_was_stopped_is_put_back() {
    let failed = deployment()
        .start(time(5))
        .unwrap()
        .fail(time(6), "no answer", Some("api/v1.2.2".parse().unwrap()))
        .unwrap();
    assert_eq!(failed.progress.rolled_back_to().unwrap().to_string(), "api/v1.2.2");
    assert_eq!(failed.progress.error_message(), Some("no answer"));
    let waited = deployment().cancel(time(6), None, None).unwrap();
    assert_eq!(waited.progress.rolled_back_to(), None);
    let before = failed.previous_version;
    let stopped = deployment().start(time(5)).unwrap().cancel(time(6), Some("^C"), before.clone());
    assert_eq!(stopped.unwrap().progress.rolled_back_to(), before.as_ref());
    let waited = deployment().cancel(time(6), None, before).unwrap();
    assert_eq!(waited.progress.rolled_back_to(), None, "it changed nothing");
}

#[test]
fn a_clock_that_goes_back_does_not_break_the_order() {
    let done = deployment().start(time(50)).unwrap().succeed(time(40)).unwrap();
    assert_eq!(done.progress.completed_at(), Some(time(50)));
}

#[test]
fn only_the_table_allows_changes() {
    for from in Status::ALL {
        for to in Status::ALL {
            let machine = crate::base::machine::Machine::by_name("deployment").unwrap();
            assert_eq!(from.can_become(*to), machine.can_transition(from.as_str(), to.as_str()));
        }
    }
    let told = Status::Succeeded.check_change(Status::Queued).unwrap_err().to_string();
    assert!(told.contains("from succeeded only rolled_back is possible"), "{told}");
}

#[test]
fn beginnings_are_queued_or_in_progress() {
    assert!(deployment().check_beginning().is_ok());
    let done = deployment().start(time(1)).unwrap().succeed(time(2)).unwrap();
    assert!(done.check_beginning().unwrap_err().breaks(RuleId::DEP002));
}

fn any_parts() -> impl Strategy<Value = ProgressParts> {
    let status = proptest::sample::select(Status::ALL);
    let some_time = || proptest::option::of((0..5_i64).prop_map(time));
    let position = proptest::option::of(0..3_u32);
    (status, position, some_time(), some_time(), some_time(), any::<bool>(), any::<bool>())
        .prop_map(
            |(
                status,
                queue_position,
                started_at,
                completed_at,
                rolled_back_at,
                message,
                restored,
            )| {
                ProgressParts {
                    queue_position,
                    started_at,
                    completed_at,
                    rolled_back_at,
                    rolled_back_to: restored.then(|| "v1.0.0".parse().unwrap()),
                    error_message: message.then(|| "broken".to_owned()),
                    ..ProgressParts::of(status)
                }
            },
        )
}

proptest! {
    #[test]
    fn progress_is_exactly_its_parts(parts in any_parts()) {
        let place = (parts.status == Status::Queued) == parts.queue_position.is_some_and(|p| p > 0);
        let ends = parts.status.is_terminal() == parts.completed_at.is_some();
        match parts.clone().check() {
            Ok(progress) => {
                prop_assert!(place && ends);
                let printed = ProgressParts::from(&progress);
                prop_assert_eq!(printed.clone().check().unwrap(), progress);
                // A failure always has a message, be it an empty one.
                let given = ProgressParts { error_message: printed.error_message.clone(), ..parts };
                prop_assert_eq!(ProgressParts { queue_position: printed.queue_position, ..given }, printed);
            }
            Err(faults) => {
                prop_assert_eq!(faults.breaks(RuleId::DEP003), !place);
                prop_assert!(ends || faults.breaks(RuleId::DEP005));
            }
        }
    }
}
