//! The order of steps, and the promises under every sequence of events.

use proptest::prelude::*;

use super::*;

fn run(steps: Steps, events: impl IntoIterator<Item = Event>) -> (State, Vec<Effect>) {
    let mut state = State::Requested;
    let mut effects = Vec::new();
    for event in events {
        let (next, more) = state.step(steps, event);
        state = next;
        effects.extend(more);
    }
    (state, effects)
}

const CHECKED: Steps = Steps { health_check: true };
const PLAIN: Steps = Steps { health_check: false };

fn passed() -> Health {
    Health::Passed { response_time_ms: 12 }
}

#[test]
fn a_deployment_without_a_check_claims_then_commits() {
    let (state, effects) = run(PLAIN, [Event::Start, Event::Claimed, Event::Committed]);
    let outcome = Outcome::Succeeded { health: None };
    assert_eq!(state, State::Done(Verdict::Recorded(outcome.clone())));
    assert_eq!(effects, [Effect::Claim, Effect::Commit(outcome)]);
}

#[test]
fn a_failed_check_is_recorded_as_failed() {
    let failed = Health::Failed { reason: "503".into() };
    let (state, _) = run(
        CHECKED,
        [Event::Start, Event::Claimed, Event::HealthChecked(failed), Event::Committed],
    );
    let State::Done(Verdict::Recorded(outcome)) = state else { panic!("{state:?}") };
    assert_eq!(outcome.status(), Status::Failed);
}

#[test]
fn an_interruption_while_claiming_waits_for_the_answer() {
    let stop = Event::Stop { reason: "interrupted".into() };
    let (state, effects) = run(CHECKED, [Event::Start, stop, Event::Claimed]);
    let outcome = Outcome::Cancelled { reason: "interrupted".into() };
    assert_eq!(state, State::Committing(outcome.clone()));
    assert_eq!(effects, [Effect::Claim, Effect::Commit(outcome)]);
}

#[test]
fn a_tag_moved_meanwhile_turns_success_into_failure() {
    let moved = Event::CommitRefused { reason: "production moved".into() };
    let (state, effects) = run(PLAIN, [Event::Start, Event::Claimed, moved, Event::Committed]);
    let State::Done(Verdict::Recorded(Outcome::Failed { reason, .. })) = state else {
        panic!("{state:?}")
    };
    assert_eq!(reason, "production moved");
    assert_eq!(effects.len(), 3);
}

#[test]
fn nothing_is_written_after_the_lease_is_lost() {
    let lost = Event::LeaseLost { holder: "deploy-2".into() };
    let (state, effects) =
        run(CHECKED, [Event::Start, Event::Claimed, lost, Event::HealthChecked(passed())]);
    assert!(matches!(state, State::Done(Verdict::Unknown { .. })));
    assert_eq!(effects, [Effect::Claim, Effect::CheckHealth, Effect::AbandonHealthCheck]);
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Start),
        Just(Event::Stop { reason: "stop".into() }),
        Just(Event::Claimed),
        Just(Event::ClaimRefused(Refusal::Forbidden(Vec::new()))),
        Just(Event::HealthChecked(passed())),
        Just(Event::HealthChecked(Health::Failed { reason: "503".into() })),
        Just(Event::HealthChecked(Health::TimedOut { reason: "no answer".into() })),
        Just(Event::LeaseLost { holder: "other".into() }),
        Just(Event::Committed),
        Just(Event::CommitRefused { reason: "moved".into() }),
        Just(Event::CommitUnknown { reason: "no answer".into() }),
    ]
}

proptest! {
    /// Success is never guessed: it stands only after a passed check (where one was asked for) and
    /// after the transaction that says so.
    #[test]
    fn success_needs_its_transaction(
        events in prop::collection::vec(event(), 0..12),
        health_check: bool,
    ) {
        let (state, effects) = run(Steps { health_check }, events.clone());
        if let State::Done(Verdict::Recorded(Outcome::Succeeded { health })) = state {
            prop_assert_eq!(health.is_some(), health_check);
            prop_assert!(events.contains(&Event::Committed));
            let last = effects.last();
            let written = matches!(last, Some(Effect::Commit(Outcome::Succeeded { .. })));
            prop_assert!(written, "{:?}", last);
        }
    }

    /// The end is written at most twice, and the second time never as a success.
    #[test]
    fn the_end_is_written_once_or_corrected_once(
        events in prop::collection::vec(event(), 0..20),
        health_check: bool,
    ) {
        let (_, effects) = run(Steps { health_check }, events);
        let ends: Vec<_> = effects.iter().filter(|e| matches!(e, Effect::Commit(_))).collect();
        prop_assert!(ends.len() <= 2);
        if let [_, second] = ends.as_slice() {
            let corrected = matches!(second, Effect::Commit(Outcome::Failed { .. }));
            prop_assert!(corrected, "{:?}", second);
        }
    }

    /// What is done stays done.
    #[test]
    fn done_is_done(events in prop::collection::vec(event(), 0..20), more in event()) {
        let (state, _) = run(CHECKED, events);
        if let State::Done(verdict) = state.clone() {
            let (next, effects) = state.step(CHECKED, more);
            prop_assert_eq!(next, State::Done(verdict));
            prop_assert!(effects.is_empty());
        }
    }
}
