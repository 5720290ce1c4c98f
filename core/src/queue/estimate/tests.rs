//! Samples and laws of the estimate.

use proptest::prelude::*;

use super::*;
use crate::deployment::tests::deployment;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn seconds(list: &[u64]) -> Vec<Duration> {
    list.iter().copied().map(Duration::from_secs).collect()
}

fn wait(position: u32, list: &[u64], spent: Option<i64>) -> Option<u64> {
    let started = spent.map(|spent| time(-spent));
    estimated_wait(position, &seconds(list), started, time(0)).map(|wait| wait.as_secs())
}

#[test]
fn whoever_is_next_in_a_free_environment_does_not_wait() {
    assert_eq!(wait(1, &[], None), Some(0));
    assert_eq!(wait(1, &[60], None), Some(0));
}

#[test]
fn each_one_before_takes_as_long_as_the_median() {
    assert_eq!(wait(3, &[50, 60, 9000], None), Some(120));
    assert_eq!(wait(3, &[50, 60, 9000], Some(20)), Some(40 + 120));
}

#[test]
fn a_long_deployment_is_judged_by_long_ones() {
    assert_eq!(wait(1, &[60, 60, 300], Some(61)), Some(239));
    assert_eq!(wait(1, &[60, 60, 300], Some(299)), Some(1));
}

#[test]
fn nothing_is_made_up() {
    assert_eq!(wait(2, &[], None), None);
    assert_eq!(wait(1, &[], Some(5)), None);
    assert_eq!(wait(1, &[60, 300], Some(300)), None);
}

#[test]
fn a_clock_that_goes_back_makes_nothing_shorter() {
    assert_eq!(wait(1, &[60], Some(-30)), Some(60));
}

#[test]
fn the_newest_deployments_that_held_the_environment_count() {
    let begun = || deployment().start(time(0)).unwrap();
    let mut records = vec![
        deployment(),
        begun(),
        begun().cancel(time(1000), None, None).unwrap(),
        begun().fail(time(7), "no answer", None).unwrap(),
        begun().succeed(time(5)).unwrap().roll_back(time(2000), None).unwrap(),
    ];
    assert_eq!(durations(&records), seconds(&[7, 5]));
    records.extend((100..150).map(|end| begun().succeed(time(end)).unwrap()));
    let found = durations(&records);
    assert_eq!((found.len(), found[0]), (SAMPLE, Duration::from_secs(149)));
}

proptest! {
    #[test]
    fn nobody_overtakes(
        position in 1..50_u32,
        list in proptest::collection::vec(0..10_000_u64, 0..30),
        spent in proptest::option::of(-10..10_000_i64),
    ) {
        let (here, next) = (wait(position, &list, spent), wait(position + 1, &list, spent));
        prop_assert!(here <= next || next.is_none(), "{:?} {:?}", here, next);
        let most = list.iter().max().copied().unwrap_or(0) * u64::from(position);
        prop_assert!(here.is_none_or(|wait| wait <= most));
        let mut backwards = list;
        backwards.reverse();
        prop_assert_eq!(wait(position, &backwards, spent), here);
    }

    #[test]
    fn half_took_no_longer_than_the_median(list in proptest::collection::vec(0..100_u64, 1..40)) {
        let durations = seconds(&list);
        let middle = median(&durations).unwrap();
        let below = durations.iter().filter(|it| **it <= middle).count();
        let above = durations.iter().filter(|it| **it >= middle).count();
        prop_assert!(durations.contains(&middle));
        prop_assert!(2 * below >= durations.len() && 2 * above >= durations.len());
    }
}
