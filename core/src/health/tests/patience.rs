//! Attempts, pauses and time-outs, in virtual time.

use std::cell::RefCell;

use proptest::prelude::*;

use super::*;
use crate::base::cause::in_full;

/// How an attempt goes: how long it takes, and what comes of it.
type Plan = (u64, Result<(), u16>);

fn patient(interval: u64, attempt_timeout: u64, timeout: u64) -> HealthCheck {
    HealthCheck {
        interval: Duration::from_millis(interval),
        attempt_timeout: Duration::from_millis(attempt_timeout),
        timeout: Duration::from_millis(timeout),
        retries: None,
        ..check("http://localhost/health")
    }
}

/// Runs the attempts of a plan, the last one for ever; what came of it, when each attempt began, and
/// how long it took in all.
fn played(check: &HealthCheck, plan: &[Plan]) -> (Health, Vec<u64>, u64) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
        let (started, begun) = (Instant::now(), RefCell::new(Vec::new()));
        let attempt = || {
            let (takes, comes) = plan[begun.borrow().len().min(plan.len() - 1)];
            begun.borrow_mut().push(millis(started.elapsed()));
            async move {
                tokio::time::sleep(Duration::from_millis(takes)).await;
                comes.map_err(|found| Miss::Status { found, expected: 200 })
            }
        };
        let health = check.repeat(attempt).await;
        (health, begun.take(), millis(started.elapsed()))
    })
}

const BAD: Result<(), u16> = Err(503);

#[test]
fn attempts_follow_each_other_after_a_pause() {
    let (health, begun, _) = played(&patient(100, 50, 1000), &[(10, BAD), (10, BAD), (7, Ok(()))]);
    assert_eq!(begun, [0, 110, 220]);
    assert_eq!(health, Health::Passed { response_time_ms: 7 });
}

#[test]
fn one_attempt_takes_no_longer_than_it_may() {
    let (health, begun, took) = played(&patient(100, 50, 1000), &[(5000, Ok(())), (10, Ok(()))]);
    assert_eq!((begun, took), (vec![0, 150], 160));
    assert_eq!(health, Health::Passed { response_time_ms: 10 });
}

#[test]
fn all_attempts_take_no_longer_than_they_may() {
    let (health, begun, took) = played(&patient(100, 300, 1000), &[(5000, Ok(()))]);
    assert_eq!((begun, took), (vec![0, 400, 800], 1000));
    let Health::Failed(why) = health else { panic!("{health:?}") };
    let reason = in_full(&why);
    assert!(why.is_late(), "{reason}");
    assert!(reason.contains("3 attempts in 1.0 s") && reason.contains("300 ms"), "{reason}");
}

#[test]
fn an_attempt_cut_short_says_less_than_the_one_before() {
    let (health, begun, took) = played(&patient(100, 300, 1000), &[(250, BAD), (5000, BAD)]);
    assert_eq!((begun, took), (vec![0, 350, 750], 1000));
    assert!(matches!(&health, Health::Failed(why) if why.is_late()), "{health:?}");
    let (health, begun, took) = played(&patient(100, 300, 500), &[(250, BAD), (5000, BAD)]);
    assert_eq!((begun, took), (vec![0, 350], 500));
    let Health::Failed(why) = health else { panic!("{health:?}") };
    let reason = in_full(&why);
    assert!(!why.is_late(), "{reason}");
    assert!(reason.ends_with("2 attempts in 0.5 s: it answered 503, expected 200"), "{reason}");
}

#[test]
fn retries_are_counted_after_the_first_attempt() {
    for (retries, attempts) in [(0, 1), (1, 2), (3, 4)] {
        let check = HealthCheck { retries: Some(retries), ..patient(10, 50, 1000) };
        let (health, begun, _) = played(&check, &[(1, BAD)]);
        assert_eq!(begun.len(), attempts);
        assert!(matches!(&health, Health::Failed(why) if !why.is_late()), "{health:?}");
    }
}

#[test]
fn an_answer_at_the_last_moment_counts() {
    let (health, ..) = played(&patient(10, 500, 500), &[(499, Ok(()))]);
    assert_eq!(health, Health::Passed { response_time_ms: 499 });
}

proptest! {
    #[test]
    fn no_limit_is_ever_exceeded(
        (interval, attempt_timeout, timeout) in (1..200_u64, 1..200_u64, 1..2000_u64),
        retries in proptest::option::of(0..8_u32),
        plan in proptest::collection::vec((0..400_u64, any::<bool>()), 1..12),
    ) {
        let check = HealthCheck { retries, ..patient(interval, attempt_timeout, timeout) };
        let plan: Vec<Plan> =
            plan.into_iter().map(|(takes, good)| (takes, if good { Ok(()) } else { BAD })).collect();
        let (health, begun, took) = played(&check, &plan);
        prop_assert!(took <= timeout, "{} ms of {}", took, timeout);
        prop_assert!(retries.is_none_or(|retries| begun.len() <= retries as usize + 1));
        prop_assert!(begun.windows(2).all(|pair| pair[1] - pair[0] >= interval));
        prop_assert!(begun.windows(2).all(|pair| pair[1] - pair[0] <= interval + attempt_timeout));
        if let Health::Passed { response_time_ms } = health {
            let (takes, good) = plan[(begun.len() - 1).min(plan.len() - 1)];
            prop_assert!(good.is_ok() && response_time_ms == takes && takes <= attempt_timeout);
        }
    }
}
