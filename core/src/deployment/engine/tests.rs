//! The order of steps, and the promises under every sequence of events.

use proptest::prelude::*;

use super::*;
use crate::deployment::Status;
use crate::rollout::{self, TaskFailure, TaskKind};

const PLAIN: Steps = Steps { migrations: false, target: false, health_check: false, tests: false };
const CHECKED: Steps = Steps { health_check: true, ..PLAIN };
const FULL: Steps = Steps { target: true, ..CHECKED };
const WHOLE: Steps = Steps { migrations: true, tests: true, ..FULL };
const CLAIMED: Event = Event::Claimed { stopped: None };

fn run(steps: Steps, events: impl IntoIterator<Item = Event>) -> (State, Vec<Effect>) {
    let mut state = State::Requested;
    let mut effects = Vec::new();
    for event in events {
        let (next, effect) = state.step(steps, event);
        state = next;
        effects.extend(effect);
    }
    (state, effects)
}

/// Why a target did not do what it was asked to.
fn because() -> rollout::Failure {
    rollout::Failure::LeaseOver
}

fn broken(kind: TaskKind) -> TaskFailure {
    TaskFailure { kind, name: "0001_orders".into(), why: "it ended with exit code 1".into() }
}

/// Why a health check did not pass.
fn unhealthy() -> Health {
    Health::Failed(Unhealthy::NotMade(None))
}

fn passed() -> Health {
    Health::Passed { response_time_ms: 12 }
}

fn stop() -> Event {
    Event::Stop { by: "interrupted".into() }
}

fn failed(back: Back) -> Outcome {
    Outcome::Failed { reason: Failure::Target(because()), health: None, back }
}

fn cancelled(back: Back) -> Outcome {
    Outcome::Cancelled { reason: Cancellation::Stopped { by: "interrupted".into() }, back }
}

fn died() -> Event {
    Event::RolledOut(Rolled::Failed { reason: because() })
}

/// The verdict, when it is one.
fn verdict(steps: Steps, events: impl IntoIterator<Item = Event>) -> Verdict {
    match run(steps, events).0 {
        State::Done(verdict) => verdict,
        state => panic!("{state:?}"),
    }
}

#[test]
fn a_deployment_of_git_alone_enters_then_commits() {
    let (state, effects) = run(PLAIN, [Event::Start, CLAIMED, Event::Committed]);
    let outcome = Outcome::Succeeded { health: None };
    assert_eq!(state, State::Done(Verdict::Recorded(outcome.clone())));
    assert_eq!(effects, [Effect::Enter, Effect::Commit(Box::new(outcome))]);
}

#[test]
fn a_full_deployment_takes_every_step() {
    let events = [
        Event::Start,
        Event::Queued { stopped: None },
        CLAIMED,
        Event::RolledOut(Rolled::Out),
        Event::HealthChecked(passed()),
        Event::Confirmed(Rolled::Out),
        Event::Committed,
    ];
    let (state, effects) = run(FULL, events);
    let outcome = Outcome::Succeeded { health: Some(passed()) };
    assert_eq!(state, State::Done(Verdict::Recorded(outcome.clone())));
    let expected = [
        Effect::Enter,
        Effect::AwaitTurn,
        Effect::RollOut,
        Effect::CheckHealth,
        Effect::Confirm,
        Effect::Commit(Box::new(outcome)),
    ];
    assert_eq!(effects, expected);
}

#[test]
fn the_whole_work_goes_in_order() {
    let events = [
        Event::Start,
        CLAIMED,
        Event::Migrated(Ok(())),
        Event::RolledOut(Rolled::Out),
        Event::HealthChecked(passed()),
        Event::Tested(Ok(())),
        Event::Confirmed(Rolled::Out),
        Event::Committed,
    ];
    let (state, effects) = run(WHOLE, events);
    let outcome = Outcome::Succeeded { health: Some(passed()) };
    assert_eq!(state, State::Done(Verdict::Recorded(outcome.clone())));
    let expected = [
        Effect::Enter,
        Effect::Migrate,
        Effect::RollOut,
        Effect::CheckHealth,
        Effect::Test,
        Effect::Confirm,
        Effect::Commit(Box::new(outcome)),
    ];
    assert_eq!(effects, expected);
}

#[test]
fn a_migration_that_fails_rolls_nothing_out() {
    let failed = Event::Migrated(Err(broken(TaskKind::Migration)));
    let (state, effects) = run(WHOLE, [Event::Start, CLAIMED, failed, Event::Reverted(Ok(()))]);
    let reason = Failure::Migration(broken(TaskKind::Migration));
    let outcome = Outcome::Failed { reason, health: None, back: Back::Unchanged };
    assert_eq!(state, State::Committing(outcome.clone()));
    let expected =
        [Effect::Enter, Effect::Migrate, Effect::Revert, Effect::Commit(Box::new(outcome))];
    assert_eq!(effects, expected);
}

/// A claimed deployment with everything, whose target and health check went well.
fn in_service() -> Vec<Event> {
    let health = Event::HealthChecked(passed());
    vec![Event::Start, CLAIMED, Event::Migrated(Ok(())), Event::RolledOut(Rolled::Out), health]
}

#[test]
fn the_target_is_put_back_before_the_migrations() {
    for cut in [Event::Tested(Err(broken(TaskKind::Test))), stop()] {
        let mut events = in_service();
        events.extend([cut, Event::Restored(Restored::Done), Event::Reverted(Ok(()))]);
        let (state, effects) = run(WHOLE, events);
        let State::Committing(outcome) = state else { panic!("{state:?}") };
        let tail = [Effect::Restore, Effect::Revert, Effect::Commit(Box::new(outcome.clone()))];
        assert_eq!(effects[effects.len() - 3..], tail);
        assert!(outcome.error_message().is_some_and(|told| !told.contains("rolled back")));
    }
}

#[test]
fn migrations_stay_where_the_version_may_still_be_in_service() {
    let mut events = in_service();
    let failed = Restored::Failed { reason: because() };
    events.extend([Event::Tested(Err(broken(TaskKind::Test))), Event::Restored(failed)]);
    let (state, effects) = run(WHOLE, events);
    assert!(matches!(state, State::Committing(_)), "{state:?}");
    assert!(!effects.contains(&Effect::Revert));
}

#[test]
fn migrations_that_do_not_go_back_are_told() {
    let mut events = in_service();
    let kept = Event::Reverted(Err(broken(TaskKind::MigrationRollback)));
    events.extend([stop(), Event::Restored(Restored::Done), kept]);
    let (state, _) = run(WHOLE, events);
    let State::Committing(outcome) = state else { panic!("{state:?}") };
    let told = outcome.error_message().unwrap_or_default();
    assert!(told.contains("rollback of migration `0001_orders`"), "{told}");
}

#[test]
fn what_does_not_come_up_is_put_back_before_the_end_is_recorded() {
    let (state, effects) =
        run(FULL, [Event::Start, CLAIMED, died(), Event::Restored(Restored::Done)]);
    let outcome = failed(Back::Restored);
    assert_eq!(state, State::Committing(outcome.clone()));
    let expected =
        [Effect::Enter, Effect::RollOut, Effect::Restore, Effect::Commit(Box::new(outcome))];
    assert_eq!(effects, expected);
}

#[test]
fn what_was_not_touched_is_not_put_back() {
    let untouched = Event::RolledOut(Rolled::Untouched { reason: because() });
    let (state, effects) = run(FULL, [Event::Start, CLAIMED, untouched]);
    assert_eq!(state, State::Committing(failed(Back::Unchanged)));
    assert!(!effects.contains(&Effect::Restore));
}

#[test]
fn what_somebody_else_put_there_is_left_alone() {
    let replaced = Rolled::Replaced { reason: because() };
    for events in [
        vec![Event::RolledOut(replaced.clone())],
        vec![
            Event::RolledOut(Rolled::Out),
            Event::HealthChecked(passed()),
            Event::Confirmed(replaced),
        ],
    ] {
        let begun = [Event::Start, CLAIMED];
        let (state, effects) = run(FULL, begun.into_iter().chain(events));
        let State::Committing(Outcome::Failed { back: Back::Not(_), .. }) = state else {
            panic!("{state:?}")
        };
        assert!(!effects.contains(&Effect::Restore));
    }
}

#[test]
fn what_nobody_can_tell_is_not_guessed() {
    let silent = Rolled::Unknown { reason: because() };
    let told = verdict(FULL, [Event::Start, CLAIMED, Event::RolledOut(silent)]);
    assert!(matches!(told, Verdict::Unknown { .. }));
}

#[test]
fn a_version_that_dies_after_its_check_is_put_back() {
    let events = [
        Event::Start,
        CLAIMED,
        Event::RolledOut(Rolled::Out),
        Event::HealthChecked(passed()),
        Event::Confirmed(Rolled::Failed { reason: because() }),
        Event::Restored(Restored::Done),
    ];
    let State::Committing(outcome) = run(FULL, events).0 else { panic!() };
    assert_eq!(outcome.status(), Status::Failed);
}

#[test]
fn a_failed_check_is_recorded_as_failed() {
    let failed = Event::HealthChecked(unhealthy());
    let told = verdict(CHECKED, [Event::Start, CLAIMED, failed, Event::Committed]);
    let Verdict::Recorded(outcome) = told else { panic!("{told:?}") };
    assert_eq!(outcome.status(), Status::Failed);
}

#[test]
fn an_interruption_at_any_step_of_the_work_puts_back_what_ran_before() {
    let steps = [
        vec![CLAIMED],
        vec![CLAIMED, Event::RolledOut(Rolled::Out)],
        vec![CLAIMED, Event::RolledOut(Rolled::Out), Event::HealthChecked(passed())],
    ];
    for before in steps {
        let events = [Event::Start].into_iter().chain(before);
        let (state, effects) = run(FULL, events.chain([stop()]));
        assert_eq!(state, State::Restoring(cancelled(Back::Unchanged)));
        assert_eq!(effects.last(), Some(&Effect::Restore));
    }
}

#[test]
fn a_second_interruption_does_not_stop_what_is_being_put_back() {
    let begun = [Event::Start, CLAIMED, died(), stop(), stop()];
    assert_eq!(run(FULL, begun).0, State::Restoring(failed(Back::Unchanged)));
}

#[test]
fn an_interruption_while_claiming_cancels_what_was_claimed() {
    let stopped = Event::Claimed { stopped: Some("interrupted".into()) };
    let (state, effects) = run(FULL, [Event::Start, stopped]);
    let outcome = cancelled(Back::Unchanged);
    assert_eq!(state, State::Committing(outcome.clone()));
    assert_eq!(effects, [Effect::Enter, Effect::Commit(Box::new(outcome))]);
}

#[test]
fn who_is_interrupted_in_the_queue_leaves_it() {
    let waiting = [Event::Start, Event::Queued { stopped: None }, stop()];
    let (state, effects) = run(FULL, waiting.clone());
    let leave = Effect::Leave(Cancellation::Stopped { by: "interrupted".into() });
    assert_eq!(effects, [Effect::Enter, Effect::AwaitTurn, leave]);
    assert!(matches!(state, State::Leaving(_)));
    let told = verdict(FULL, waiting.into_iter().chain([Event::Left]));
    assert_eq!(told, Verdict::Recorded(cancelled(Back::Unchanged)));
}

#[test]
fn a_turn_that_rules_forbid_is_given_up() {
    let events = [
        Event::Start,
        Event::Queued { stopped: None },
        Event::TurnRefused(Vec::new()),
        Event::Left,
    ];
    let told = verdict(FULL, events);
    assert_eq!(told, Verdict::Refused(Refusal::Forbidden(Vec::new())));
}

#[test]
fn a_tag_moved_meanwhile_turns_success_into_failure() {
    let moved = Event::CommitRefused(Unwritten::Outrun);
    let (state, effects) = run(PLAIN, [Event::Start, CLAIMED, moved.clone(), Event::Committed]);
    let State::Done(Verdict::Recorded(Outcome::Failed { reason, .. })) = state else {
        panic!("{state:?}")
    };
    assert_eq!((reason, effects.len()), (Failure::Unrecorded(Unwritten::Outrun), 3));
    let begun = [
        Event::Start,
        CLAIMED,
        Event::RolledOut(Rolled::Out),
        Event::HealthChecked(passed()),
        Event::Confirmed(Rolled::Out),
        moved,
    ];
    assert!(matches!(run(FULL, begun).0, State::Restoring(_)), "the service must not run ahead");
}

#[test]
fn nothing_is_done_after_the_lease_is_lost() {
    let lost = Event::LeaseLost { holder: None };
    let (state, effects) = run(FULL, [Event::Start, CLAIMED, lost, Event::RolledOut(Rolled::Out)]);
    assert!(matches!(state, State::Done(Verdict::Unknown { .. })));
    assert_eq!(effects, [Effect::Enter, Effect::RollOut]);
}

fn rolled() -> impl Strategy<Value = Rolled> {
    prop_oneof![
        4 => Just(Rolled::Out),
        1 => Just(Rolled::Untouched { reason: because() }),
        1 => Just(Rolled::Failed { reason: because() }),
        1 => Just(Rolled::RollingBack { reason: because() }),
        1 => Just(Rolled::Replaced { reason: because() }),
        1 => Just(Rolled::Unknown { reason: because() }),
    ]
}

fn restored() -> impl Strategy<Value = Restored> {
    prop_oneof![
        Just(Restored::Done),
        Just(Restored::Unchanged),
        Just(Restored::AsFound { reason: because() }),
        Just(Restored::Nothing { reason: because() }),
        Just(Restored::Replaced { reason: because() }),
        Just(Restored::Failed { reason: because() }),
        Just(Restored::Unknown { reason: because() }),
    ]
}

fn health() -> impl Strategy<Value = Health> {
    prop_oneof![
        3 => Just(passed()),
        2 => Just(unhealthy()),
    ]
}

/// An event that can follow where the deployment is, or now and then any other.
fn event() -> impl Strategy<Value = Event> {
    let stopped = || prop::option::weighted(0.1, Just("interrupted".to_owned()));
    prop_oneof![
        2 => Just(Event::Start),
        1 => Just(stop()),
        3 => stopped().prop_map(|stopped| Event::Claimed { stopped }),
        2 => stopped().prop_map(|stopped| Event::Queued { stopped }),
        1 => Just(Event::Refused(Refusal::Forbidden(Vec::new()))),
        1 => Just(Event::TurnRefused(Vec::new())),
        1 => Just(Event::WaitedTooLong {
            waited: Duration::ZERO,
            holder: None,
            lease: None,
            held_back: None,
        }),
        1 => Just(Event::PassedOver { said: "gone".into() }),
        1 => Just(Event::Left),
        3 => rolled().prop_map(Event::RolledOut),
        3 => health().prop_map(Event::HealthChecked),
        3 => rolled().prop_map(Event::Confirmed),
        2 => restored().prop_map(Event::Restored),
        3 => task(TaskKind::Migration).prop_map(Event::Migrated),
        3 => task(TaskKind::Test).prop_map(Event::Tested),
        3 => task(TaskKind::MigrationRollback).prop_map(Event::Reverted),
        1 => Just(Event::LeaseLost { holder: None }),
        3 => Just(Event::Committed),
        1 => Just(Event::CommitRefused(Unwritten::Outrun)),
        1 => Just(Event::CommitUnknown(Unwritten::Outrun)),
        1 => Just(Event::EntryUnknown(Doubt::Begun)),
    ]
}

fn task(kind: TaskKind) -> impl Strategy<Value = Result<(), TaskFailure>> {
    any::<bool>().prop_map(move |is_good| if is_good { Ok(()) } else { Err(broken(kind)) })
}

fn steps() -> impl Strategy<Value = Steps> {
    any::<[bool; 4]>().prop_map(|[migrations, target, health_check, tests]| Steps {
        migrations,
        target,
        health_check,
        tests,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Success is never guessed: it stands only after the target said so, after a passed check (where
    /// one was asked for) and after the transaction that says so.
    #[test]
    fn success_needs_its_evidence(
        events in prop::collection::vec(event(), 0..40),
        steps in steps(),
    ) {
        let (state, effects) = run(steps, events.clone());
        if let State::Done(Verdict::Recorded(Outcome::Succeeded { health })) = state {
            prop_assert_eq!(health.is_some(), steps.health_check);
            prop_assert!(events.contains(&Event::Committed));
            prop_assert!(!steps.target || events.contains(&Event::RolledOut(Rolled::Out)));
            prop_assert!(!steps.migrations || events.contains(&Event::Migrated(Ok(()))));
            prop_assert!(!steps.tests || events.contains(&Event::Tested(Ok(()))));
            let last = effects.last();
            let written = matches!(last, Some(Effect::Commit(end)) if matches!(**end, Outcome::Succeeded { .. }));
            prop_assert!(written, "{:?}", last);
        }
    }

    /// What was brought into service, and did not succeed, is put back before its end is written.
    #[test]
    fn no_end_without_putting_back(
        events in prop::collection::vec(event(), 0..40),
        steps in steps(),
    ) {
        let (_, effects) = run(Steps { target: true, ..steps }, events);
        let rolled = effects.iter().position(|effect| *effect == Effect::RollOut);
        let end = effects.iter().rposition(|effect| matches!(effect, Effect::Commit(_)));
        if let (Some(rolled), Some(end)) = (rolled, end) {
            let claims_it_is_back = matches!(
                &effects[end],
                Effect::Commit(end) if matches!(**end, Outcome::Failed { back: Back::Restored, .. }
                    | Outcome::Cancelled { back: Back::Restored, .. })
            );
            let put_back = effects[rolled..end].contains(&Effect::Restore);
            prop_assert!(!claims_it_is_back || put_back, "{:?}", effects);
        }
    }

    /// What the migrations made is rolled back only where nothing is in service that needs it, and before an end
    /// is written that does not succeed.
    #[test]
    fn migrations_go_back_after_the_target(
        events in prop::collection::vec(event(), 0..40),
        steps in steps(),
    ) {
        let (_, effects) = run(Steps { migrations: true, ..steps }, events);
        let at = |wanted: &Effect| effects.iter().position(|effect| effect == wanted);
        if let Some(reverted) = at(&Effect::Revert) {
            prop_assert!(at(&Effect::Migrate).is_some_and(|migrated| migrated < reverted));
            let rolled = at(&Effect::RollOut).is_some_and(|rolled| rolled < reverted);
            let confirmed = at(&Effect::Confirm);
            let restored = at(&Effect::Restore).is_some_and(|restored| restored < reverted);
            // One that could not begin was never in service.
            prop_assert!(!rolled || restored || confirmed.is_some() || effects.len() <= reverted + 2);
            prop_assert!(at(&Effect::RollOut).is_none_or(|rolled| rolled < reverted));
        }
    }

    /// The end is written at most twice, and the second time never as a success.
    #[test]
    fn the_end_is_written_once_or_corrected_once(
        events in prop::collection::vec(event(), 0..40),
        steps in steps(),
    ) {
        let (_, effects) = run(steps, events);
        let ends: Vec<_> = effects.iter().filter(|e| matches!(e, Effect::Commit(_))).collect();
        prop_assert!(ends.len() <= 2);
        if let [_, second] = ends.as_slice() {
            let corrected = matches!(second, Effect::Commit(end) if matches!(**end, Outcome::Failed { .. }));
            prop_assert!(corrected, "{:?}", second);
        }
        for once in [Effect::Enter, Effect::AwaitTurn, Effect::Migrate, Effect::RollOut, Effect::CheckHealth, Effect::Test, Effect::Revert] {
            prop_assert!(effects.iter().filter(|effect| **effect == once).count() <= 1);
        }
    }

    /// What is done stays done.
    #[test]
    fn done_is_done(events in prop::collection::vec(event(), 0..40), more in event()) {
        let (state, _) = run(FULL, events);
        if let State::Done(verdict) = state.clone() {
            let (next, effect) = state.step(FULL, more);
            prop_assert_eq!(next, State::Done(verdict));
            prop_assert!(effect.is_none());
        }
    }
}
