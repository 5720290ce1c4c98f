//! One snapshot for all who ask: fetched once, shared, kept up to date by what this process
//! commits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::snapshot::Snapshot;
use crate::git::transaction::RefUpdate;

/// How long a failure answers for later callers. A plan of a thousand resources must not wait a
/// thousand times for a remote that is away.
const FAILURE_HOLDS: Duration = Duration::from_secs(30);

/// A shared result, for several callers of one flight.
pub(crate) type Shared<T> = Result<Arc<T>, GitError>;

/// What waiting callers look at.
pub(crate) type Landing = watch::Receiver<Option<Shared<Snapshot>>>;

/// Tells those who wait what a flight brought.
pub(crate) type Tell = watch::Sender<Option<Shared<Snapshot>>>;

/// A change that happened, and where its new object leads.
pub(crate) type Change = (RefUpdate, Option<ObjectId>);

enum State {
    Empty,
    Flying { tell: Weak<Tell>, since: Vec<Change> },
    Landed(Arc<Snapshot>),
    Failed { error: GitError, at: Instant },
}

/// The one snapshot of a repository.
pub(crate) struct Board {
    inner: Mutex<(u64, State)>,
}

/// What somebody who wants the snapshot has to do.
pub(crate) enum Turn {
    /// Take it.
    Take(Shared<Snapshot>),
    /// Wait for the flight under way.
    Wait(Landing),
    /// Fetch it, then [`Board::land`] it and tell the others.
    Fly { flight: u64, tell: Arc<Tell>, landing: Landing },
}

impl Board {
    pub(crate) const fn new() -> Self {
        Self { inner: Mutex::new((0, State::Empty)) }
    }

    fn lock(&self) -> MutexGuard<'_, (u64, State)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose turn it is.
    pub(crate) fn turn(&self) -> Turn {
        let mut guard = self.lock();
        match &guard.1 {
            State::Landed(snapshot) => return Turn::Take(Ok(Arc::clone(snapshot))),
            State::Failed { error, at } if at.elapsed() < FAILURE_HOLDS => {
                return Turn::Take(Err(error.clone()));
            }
            State::Flying { tell, .. } => {
                // A flight whose pilot is gone has no one to land it.
                if let Some(tell) = tell.upgrade() {
                    return Turn::Wait(tell.subscribe());
                }
            }
            _ => {}
        }
        let (tell, landing) = watch::channel(None);
        let tell = Arc::new(tell);
        guard.0 += 1;
        guard.1 = State::Flying { tell: Arc::downgrade(&tell), since: Vec::new() };
        Turn::Fly { flight: guard.0, tell, landing }
    }

    /// Takes what a flight brought; what was committed since it started is newer.
    pub(crate) fn land(&self, flight: u64, result: Result<Snapshot, GitError>) -> Shared<Snapshot> {
        let mut guard = self.lock();
        let (latest, state) = &mut *guard;
        let since = match state {
            State::Flying { since, .. } if *latest == flight => std::mem::take(since),
            _ => return result.map(Arc::new),
        };
        let (landed, shared) = match result {
            Ok(mut snapshot) => {
                since
                    .iter()
                    .for_each(|(update, peeled)| snapshot.apply(&update.name, update.new, *peeled));
                let snapshot = Arc::new(snapshot);
                (State::Landed(Arc::clone(&snapshot)), Ok(snapshot))
            }
            Err(error) => (State::Failed { error: error.clone(), at: Instant::now() }, Err(error)),
        };
        *state = landed;
        shared
    }

    /// Whether nobody waits for a flight any more, which is then over.
    pub(crate) fn is_deserted(&self, flight: u64, tell: &Tell) -> bool {
        let mut guard = self.lock();
        let is_deserted = tell.receiver_count() == 0;
        if is_deserted && guard.0 == flight && matches!(guard.1, State::Flying { .. }) {
            guard.1 = State::Empty;
        }
        is_deserted
    }

    /// The snapshot, if it is there.
    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> {
        match &self.lock().1 {
            State::Landed(snapshot) => Some(Arc::clone(snapshot)),
            _ => None,
        }
    }

    /// Puts a newer snapshot in place.
    pub(crate) fn replace(&self, snapshot: Arc<Snapshot>) {
        let mut guard = self.lock();
        guard.0 += 1;
        guard.1 = State::Landed(snapshot);
    }

    /// Forgets the snapshot, and any that is on its way.
    pub(crate) fn forget(&self) {
        let mut guard = self.lock();
        guard.0 += 1;
        guard.1 = State::Empty;
    }

    /// Follows changes that this process made.
    pub(crate) fn follow(&self, changes: &[Change]) {
        match &mut self.lock().1 {
            State::Landed(snapshot) => {
                let snapshot = Arc::make_mut(snapshot);
                changes
                    .iter()
                    .for_each(|(update, peeled)| snapshot.apply(&update.name, update.new, *peeled));
            }
            State::Flying { since, .. } => since.extend_from_slice(changes),
            State::Empty | State::Failed { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RefName;
    use crate::git::snapshot::RefTarget;

    fn id(digit: char) -> ObjectId {
        digit.to_string().repeat(40).parse().unwrap()
    }

    fn listing(names: &[&str]) -> Snapshot {
        let target = RefTarget { object: id('1'), peeled: None };
        Snapshot::new(names.iter().map(|name| (format!("refs/tags/{name}"), target)), None)
    }

    /// Starts a flight; it lasts as long as what is given back.
    fn fly(board: &Board) -> (u64, Arc<Tell>) {
        match board.turn() {
            Turn::Fly { flight, tell, .. } => (flight, tell),
            _ => panic!("somebody else flies"),
        }
    }

    fn tags(board: &Board) -> Vec<String> {
        let snapshot = board.current().unwrap();
        snapshot.tags().map(|(name, _)| name.to_owned()).collect()
    }

    fn created(name: &str) -> Change {
        let name: RefName = format!("refs/tags/{name}").parse().unwrap();
        (RefUpdate::create(name, id('2')), None)
    }

    #[tokio::test]
    async fn one_flies_and_the_others_wait() {
        let board = Board::new();
        let (flight, _pilot) = fly(&board);
        assert!(matches!(board.turn(), Turn::Wait(_)));
        board.land(flight, Ok(listing(&["a"]))).unwrap();
        assert!(matches!(board.turn(), Turn::Take(Ok(_))));
    }

    #[tokio::test]
    async fn what_was_committed_during_a_flight_is_not_lost() {
        let board = Board::new();
        let (flight, _pilot) = fly(&board);
        board.follow(&[created("b")]);
        board.land(flight, Ok(listing(&["a"]))).unwrap();
        assert_eq!(tags(&board), ["a", "b"]);
        board.follow(&[created("c")]);
        assert_eq!(tags(&board), ["a", "b", "c"]);
    }

    #[tokio::test]
    async fn a_flight_from_before_a_refresh_is_not_kept() {
        let board = Board::new();
        let (flight, _pilot) = fly(&board);
        board.forget();
        board.land(flight, Ok(listing(&["old"]))).unwrap();
        assert!(board.current().is_none());
        let (flight, _pilot) = fly(&board);
        board.replace(Arc::new(listing(&["newer"])));
        board.land(flight, Ok(listing(&["older"]))).unwrap();
        assert_eq!(tags(&board), ["newer"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_answers_for_a_while() {
        let board = Board::new();
        let error = GitError::failed("list the refs", "");
        let (flight, _pilot) = fly(&board);
        board.land(flight, Err(error)).unwrap_err();
        assert!(matches!(board.turn(), Turn::Take(Err(_))));
        tokio::time::advance(FAILURE_HOLDS).await;
        fly(&board);
    }

    #[tokio::test]
    async fn a_flight_lasts_as_long_as_somebody_waits_for_it() {
        let board = Board::new();
        let (flight, pilot) = fly(&board);
        let Turn::Wait(waiting) = board.turn() else { panic!("nobody flies") };
        assert!(!board.is_deserted(flight, &pilot));
        drop(waiting);
        assert!(board.is_deserted(flight, &pilot));
        // The next does not wait for it, and is none of its business.
        let (next, _pilot) = fly(&board);
        assert!(next != flight && board.is_deserted(flight, &pilot));
        assert!(matches!(board.turn(), Turn::Wait(_)));
    }

    #[tokio::test]
    async fn a_flight_that_was_given_up_is_flown_again() {
        let board = Board::new();
        drop(fly(&board));
        fly(&board);
    }
}
