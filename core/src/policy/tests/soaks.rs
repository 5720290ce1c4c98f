//! How long a version ran: samples, and every second by itself.

use proptest::prelude::*;

use super::*;
use crate::deployment::tests::deployment;
use crate::{Deployment, DeploymentId, Progress, Version};

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

/// A success of a version, perhaps taken back.
fn success(index: usize, minor: u8, done: i64, back: Option<i64>) -> Deployment {
    let (started_at, completed_at) = (time(done - 1), time(done));
    let progress = match back {
        None => Progress::Succeeded { started_at, completed_at },
        Some(back) => Progress::RolledBack {
            started_at,
            completed_at,
            rolled_back_at: time(back),
            rolled_back_to: None,
        },
    };
    Deployment {
        id: DeploymentId::new(time(0), &format!("aaa{index:03}")).unwrap(),
        version: version(minor),
        progress,
        ..deployment()
    }
}

fn version(minor: u8) -> Version {
    format!("api/v1.{minor}.0").parse().unwrap()
}

fn stayed(records: &[Deployment], runs_now: bool, now: i64) -> Stay {
    stay(records, |it| it.version == version(1), runs_now, time(now))
}

#[test]
fn a_version_runs_until_another_does() {
    let all = [success(0, 1, 10, None), success(1, 2, 40, None), success(2, 1, 50, None)];
    let stay = stayed(&all, true, 55);
    assert_eq!((stay.longest, stay.since), (30, Some(time(50))));
    assert_eq!(stayed(&all, true, 90).longest, 40, "the newest stay is the longer one by now");
    let by_hand = stayed(&all, false, 900);
    assert_eq!((by_hand.longest, by_hand.since), (30, None), "nobody knows since when it does not");
}

#[test]
fn to_deploy_it_again_is_no_break_and_to_take_it_back_is_one() {
    let again = [success(0, 1, 10, None), success(1, 1, 40, None)];
    assert_eq!(stayed(&again, true, 70).longest, 60);
    let back = [success(0, 1, 10, Some(30)), success(1, 1, 40, None)];
    assert_eq!(stayed(&back, true, 70).longest, 30);
}

#[test]
fn lengths_of_time_take_days_to_seconds() {
    for (text, seconds) in [("1h", 3600), ("2d12h", 216_000), ("90m", 5400), ("1d1h1m1s", 90_061)] {
        let soak: Soak = text.parse().unwrap();
        assert_eq!((soak.seconds(), soak.to_string()), (seconds, text.to_owned()));
    }
    for text in
        ["", "0s", "1", "h", "1.5h", "1m1h", "1h1h", "-1h", "1w", "99999d", "1h ", "250ms", "1ä"]
    {
        assert!(text.parse::<Soak>().unwrap_err().breaks(RuleId::POL005), "{text}");
    }
}

proptest! {
    /// Against what ran in each second.
    #[test]
    fn the_longest_stay_is_that_of_every_second(
        events in proptest::collection::vec((1_u8..4, 1_i64..60, proptest::option::of(0_i64..20)), 0..8),
        now in 60_i64..90,
        is_known in any::<bool>(),
    ) {
        let records: Vec<Deployment> = events.iter().enumerate()
            .map(|(index, (minor, done, back))| success(index, *minor, *done, back.map(|it| done + it)))
            .collect();
        let by_time = |it: &&Deployment| (it.progress.completed_at(), it.id.clone());
        let runs = |second: i64| {
            let last = records.iter().filter(|it| it.progress.completed_at() <= Some(time(second)))
                .max_by_key(by_time)?;
            let gone = last.progress.rolled_back_at().is_some_and(|back| back <= time(second));
            (!gone).then_some(last)
        };
        let breaks = |second: i64| records.iter().any(|it| {
            let shown = records.iter().filter(|other| {
                by_time(other) > by_time(&it) && other.progress.completed_at() <= Some(time(second))
            });
            // Another one may come and go within a second.
            let other = it.version != version(1) && it.progress.completed_at() == Some(time(second));
            other || (it.version == version(1) && it.progress.rolled_back_at() == Some(time(second))
                && shown.clone().all(|other| other.progress.completed_at() == Some(time(second))))
        });
        let (mut longest, mut length, mut last) = (0, 0, 0);
        for second in 0..now {
            let is_it = runs(second).is_some_and(|it| it.version == version(1));
            if breaks(second) {
                length = 0;
            }
            length = if is_it { length + 1 } else { 0 };
            longest = longest.max(length);
            last = length;
        }
        let is_there = runs(now).is_some_and(|it| it.version == version(1));
        let runs_now = is_known && last > 0 && is_there;
        let found = stayed(&records, runs_now, now);
        if runs_now {
            prop_assert_eq!(found.longest, longest);
            prop_assert_eq!(found.since, Some(time(now - last)));
        } else {
            prop_assert_eq!(found.since, None);
            prop_assert!(found.longest <= longest);
            if last == 0 {
                prop_assert_eq!(found.longest, longest);
            }
        }
    }
}
