//! Who has lapsed, judged by one's own clock alone: what stays as it is for longer than a lease belongs
//! to somebody who died.
//!
//! Clocks of two machines need not agree for this. Times are durations since the watching began,
//! from a clock that only runs forward. Pure: reading the queue and the clock is somebody else's.

use std::time::Duration;

use super::{HeldBy, Holding, Lapses, QueueRecord, Waiting};
use crate::{DeploymentId, Timestamp};

/// What was seen of a queue, and since when it has been like that.
#[derive(Debug, Clone, Default)]
pub struct Sightings {
    holder: Option<Seen<Sign>>,
    /// Who is to begin, and in which vacancy.
    turn: Option<Seen<(DeploymentId, Vacancy)>>,
    /// Those before it, who let their turns pass.
    missed: Vec<DeploymentId>,
    /// In which vacancy. There is nobody who is to begin where all who wait for their turn let it pass.
    vacancy: Option<Vacancy>,
    /// Everybody who waits, and behind whom.
    line: Vec<Seen<Neighbours>>,
}

/// One who waits, and who waits right before it.
type Neighbours = (Option<DeploymentId>, DeploymentId);

/// A sign of life of a holder: who it is, until when its lease runs, and how many deployments ended under it,
/// where it is a lock.
type Sign = (HeldBy, Timestamp, u32);

/// What tells one vacancy of the environment from another: the last sign of its dead holder, or since
/// when it is free. Whoever takes it and goes between two looks leaves another one behind.
type Vacancy = (Option<Sign>, Option<Timestamp>);

#[derive(Debug, Clone)]
struct Seen<T> {
    what: T,
    since: Duration,
}

impl Sightings {
    /// Takes a look at the queue that was asked for and answered at these moments: who has lapsed by
    /// what was seen up to now. What is new may have come as late as the answer; what is not was
    /// still so when it was asked for, and nobody knows for how much longer.
    pub fn see(&mut self, queue: &QueueRecord, asked: Duration, answered: Duration) -> Lapses {
        let holding = queue.holding();
        let promised = holding.as_ref().map_or(0, |holding| holding.lease_seconds);
        let sign = |it: Holding<'_>| (it.by, it.lease_until, it.deployments);
        let sign = holding.map(sign);
        follow(&mut self.holder, sign.clone(), answered);
        let held = |seen: &Seen<_>| asked.saturating_sub(seen.since);
        let silent = self.holder.as_ref().is_some_and(|seen| held(seen) >= lease(promised));
        self.see_line(queue, answered);
        if silent || !queue.is_held() {
            self.see_turns(queue, &(sign, queue.turn_since), asked, answered);
        } else {
            (self.turn, self.missed, self.vacancy) = (None, Vec::new(), None);
        }
        Lapses { holder: silent, waiting: self.missed.len() }
    }

    /// When the holder will have lapsed, unless it gives a sign of life before.
    #[must_use]
    pub fn holder_lapses(&self, queue: &QueueRecord) -> Option<Duration> {
        let (seen, holding) = self.holder.as_ref().zip(queue.holding())?;
        Some(seen.since + lease(holding.lease_seconds))
    }

    /// When the turn of who is to begin will be over.
    #[must_use]
    pub fn turn_ends(&self, queue: &QueueRecord) -> Option<Duration> {
        let turn = self.turn.as_ref()?;
        let is_its = |waiting: &&Waiting| waiting.deployment_id == turn.what.0;
        let waiting = queue.in_turn().find(is_its)?;
        Some(turn.since + lease(waiting.lease_seconds))
    }

    /// Who waits behind whom, and since when.
    fn see_line(&mut self, queue: &QueueRecord, answered: Duration) {
        let ids = || queue.in_turn().map(|waiting| waiting.deployment_id.clone());
        let before = std::iter::once(None).chain(ids().map(Some));
        let known = |what: &Neighbours| self.line.iter().find(|seen| seen.what == *what);
        self.line = before
            .zip(ids())
            .map(|what| {
                let since = known(&what).map_or(answered, |seen| seen.since);
                Seen { what, since }
            })
            .collect();
    }

    /// Whose turn it is, after those who let theirs pass. With each vacancy all turns begin anew.
    ///
    /// The turn of the next one begins when that of the one before it is over, but not before it was
    /// seen right behind that one: whoever stood between them had a turn too.
    fn see_turns(
        &mut self,
        queue: &QueueRecord,
        vacancy: &Vacancy,
        asked: Duration,
        answered: Duration,
    ) {
        if self.vacancy.as_ref() != Some(vacancy) {
            self.missed.clear();
            self.vacancy = Some(vacancy.clone());
        }
        let missed = |waiting: &&Waiting| self.missed.contains(&waiting.deployment_id);
        let before = queue.in_turn().take_while(missed);
        self.missed = before.map(|waiting| waiting.deployment_id.clone()).collect();
        let turn_of = |waiting: &Waiting| (waiting.deployment_id.clone(), vacancy.clone());
        let next = queue.in_turn().nth(self.missed.len());
        follow(&mut self.turn, next.map(turn_of), answered);
        for waiting in queue.in_turn().skip(self.missed.len()) {
            let lease = lease(waiting.lease_seconds);
            let Some(turn) = self.turn.take() else { return };
            if asked.saturating_sub(turn.since) < lease {
                self.turn = Some(turn);
                return;
            }
            self.missed.push(waiting.deployment_id.clone());
            let place = self.missed.len();
            let next = queue.in_turn().nth(place).zip(self.line.get(place));
            self.turn = next.map(|(next, seen)| Seen {
                what: turn_of(next),
                since: seen.since.max(turn.since + lease),
            });
        }
    }
}

/// A lease as records have it.
const fn lease(seconds: i64) -> Duration {
    Duration::from_secs(seconds.unsigned_abs())
}

fn follow<T: PartialEq>(seen: &mut Option<Seen<T>>, now: Option<T>, at: Duration) {
    *seen = match (seen.take(), now) {
        (Some(before), Some(now)) if before.what == now => Some(before),
        (_, now) => now.map(|what| Seen { what, since: at }),
    };
}

/// How long to wait before looking again: soon after joining and near the head, seldom later.
///
/// Never more than a quarter of the lease that a waiting deployment promises, so that it does not miss
/// its turn; `spread` is between 0 and 1 and keeps several who wait from asking at the same moment.
#[must_use]
pub fn pause(looks: u32, position: usize, lease: Duration, spread: f64) -> Duration {
    let grown = Duration::from_millis(500).saturating_mul(2_u32.saturating_pow(looks.min(5)));
    let near = if position <= 1 { Duration::from_secs(2) } else { Duration::from_secs(15) };
    let most = near.min(lease / 4).max(Duration::from_millis(20));
    grown.min(most).mul_f64(spread.mul_add(0.5, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Claimant;

    fn id(n: u8) -> DeploymentId {
        DeploymentId::new(at(0), &format!("dep{n:03}")).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
    }

    fn who(n: u8) -> Claimant {
        Claimant { deployment_id: id(n), holder: "ada".parse().unwrap(), lease_seconds: 60 }
    }

    fn queue(holder: Option<u8>, waiting: &[u8]) -> QueueRecord {
        let queue = QueueRecord::new("staging".parse().unwrap());
        let queue = match holder {
            Some(n) => queue.claim(who(n), at(0), Lapses::default()).unwrap().queue,
            None => queue,
        };
        waiting.iter().fold(queue, |queue, n| queue.enqueue(who(*n), at(0)))
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A look without delay, by a clock on the wall that stands still.
    fn see(seen: &mut Sightings, queue: &QueueRecord, seconds: u64) -> Lapses {
        seen.see(queue, s(seconds), s(seconds))
    }

    #[test]
    fn a_holder_that_is_still_for_a_lease_has_lapsed() {
        let (mut seen, held) = (Sightings::default(), queue(Some(1), &[]));
        assert_eq!(see(&mut seen, &held, 100), Lapses::default());
        assert_eq!(see(&mut seen, &held, 159), Lapses::default());
        assert!(see(&mut seen, &held, 160).holder);
    }

    #[test]
    fn a_renewal_begins_the_wait_anew() {
        let (mut seen, held) = (Sightings::default(), queue(Some(1), &[]));
        see(&mut seen, &held, 0);
        let renewed = held.renew(&id(1), at(20)).unwrap();
        assert!(!see(&mut seen, &renewed, 60).holder);
        assert!(!see(&mut seen, &renewed, 119).holder);
        assert!(see(&mut seen, &renewed, 120).holder);
    }

    #[test]
    fn who_joins_does_not_keep_a_dead_holder() {
        let (mut seen, held) = (Sightings::default(), queue(Some(1), &[2]));
        see(&mut seen, &held, 0);
        let joined = held.enqueue(who(3), at(30));
        assert!(see(&mut seen, &joined, 60).holder);
    }

    #[test]
    fn each_in_turn_has_a_lease_to_begin() {
        let (mut seen, free) = (Sightings::default(), queue(None, &[1, 2, 3]));
        assert_eq!(see(&mut seen, &free, 0).waiting, 0);
        assert_eq!(see(&mut seen, &free, 59).waiting, 0);
        assert_eq!(see(&mut seen, &free, 60).waiting, 1);
        assert_eq!(see(&mut seen, &free, 120).waiting, 2);
        let left = free.clone().without(&id(2), at(0));
        assert_eq!(see(&mut seen, &left, 121).waiting, 1, "the third one has not had its turn");
        let left = free.without(&id(1), at(1));
        assert_eq!(
            see(&mut seen, &left, 122).waiting,
            0,
            "the next one's turn begins when it is seen"
        );
    }

    /// Whoever watches may be held back, and no part of the line.
    #[test]
    fn with_a_new_vacancy_all_turns_begin_anew_where_nobody_was_to_begin() {
        let (mut seen, free) = (Sightings::default(), queue(None, &[1]));
        see(&mut seen, &free, 0);
        assert_eq!(see(&mut seen, &free, 60).waiting, 1);
        let again = QueueRecord { turn_since: Some(at(70)), ..free };
        assert_eq!(see(&mut seen, &again, 71).waiting, 0);
        assert_eq!(see(&mut seen, &again, 130).waiting, 0);
        assert_eq!(see(&mut seen, &again, 131).waiting, 1);
    }

    #[test]
    fn a_turn_begins_when_the_one_before_is_gone() {
        let (mut seen, free) = (Sightings::default(), queue(None, &[1, 2, 3, 4]));
        see(&mut seen, &free, 0);
        assert_eq!(see(&mut seen, &free, 60).waiting, 1);
        assert_eq!(see(&mut seen, &free, 110).waiting, 1);
        let left = free.without(&id(2), at(110));
        assert_eq!(see(&mut seen, &left, 119).waiting, 1, "the third one begins to be waited for");
        assert_eq!(see(&mut seen, &left, 178).waiting, 1);
        assert_eq!(see(&mut seen, &left, 179).waiting, 2);
        assert_eq!(see(&mut seen, &left, 239).waiting, 3);
    }

    #[test]
    fn whoever_left_unseen_had_a_turn_too() {
        let (mut seen, free) = (Sightings::default(), queue(None, &[1, 2, 3, 4]));
        see(&mut seen, &free, 0);
        let left = free.without(&id(2), at(70));
        assert_eq!(see(&mut seen, &left, 80).waiting, 1);
        assert_eq!(see(&mut seen, &left, 139).waiting, 1);
        assert_eq!(see(&mut seen, &left, 140).waiting, 2);
    }

    #[test]
    fn whoever_left_during_a_long_look_had_a_turn_too() {
        let (mut seen, free) = (Sightings::default(), queue(None, &[1, 2, 3, 4]));
        see(&mut seen, &free, 0);
        let left = free.without(&id(2), at(190));
        assert_eq!(seen.see(&left, s(62), s(200)).waiting, 1);
        assert_eq!(see(&mut seen, &left, 259).waiting, 1);
        assert_eq!(see(&mut seen, &left, 260).waiting, 2);
    }

    #[test]
    fn turns_begin_when_the_holder_lapsed() {
        let (mut seen, held) = (Sightings::default(), queue(Some(1), &[2, 3]));
        see(&mut seen, &held, 0);
        assert_eq!(see(&mut seen, &held, 60), Lapses { holder: true, waiting: 0 });
        assert_eq!(see(&mut seen, &held, 120), Lapses { holder: true, waiting: 1 });
    }

    #[test]
    fn a_holder_that_came_back_and_went_begins_the_turn_anew() {
        let (mut seen, held) = (Sightings::default(), queue(Some(1), &[2, 3]));
        see(&mut seen, &held, 0);
        assert!(see(&mut seen, &held, 60).holder);
        let free = held.release(&id(1), at(100)).unwrap();
        assert_eq!(see(&mut seen, &free, 119).waiting, 0);
        assert_eq!(see(&mut seen, &free, 178).waiting, 0);
        assert_eq!(see(&mut seen, &free, 179).waiting, 1);
    }

    #[test]
    fn what_came_during_the_look_is_new_and_what_was_there_is_judged_by_its_beginning() {
        let (mut seen, held) = (Sightings::default(), queue(Some(1), &[]));
        seen.see(&held, s(0), s(10));
        assert!(!seen.see(&held, s(69), s(200)).holder);
        assert!(seen.see(&held, s(70), s(70)).holder);
    }

    #[test]
    fn a_lease_that_is_over_by_every_clock_is_watched_like_any_other() {
        let (mut seen, held) = (Sightings::default(), queue(Some(1), &[2]));
        assert!(held.is_over(at(86_400)), "a day ahead");
        assert_eq!(see(&mut seen, &held, 86_400), Lapses::default());
        assert_eq!(see(&mut seen, &held, 86_459), Lapses::default());
        assert!(see(&mut seen, &held, 86_460).holder);
    }

    #[test]
    fn pauses_grow_and_end_in_time() {
        let of = |looks, position| pause(looks, position, s(60), 1.0);
        assert!(of(0, 3) < of(3, 3) && of(3, 3) < of(9, 3));
        assert_eq!((of(9, 1), of(9, 5)), (s(2), s(15)));
        assert!(pause(9, 5, s(4), 0.0) <= s(1) / 2);
    }
}
