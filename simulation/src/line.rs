//! The line of one deployer to the remote: the twin in memory behind a network that takes its time and
//! loses things.
//!
//! A request that was sent arrives, even if its sender sleeps or is dead by then.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use pipeline_core::git::{
    CommitError, GitError, ObjectId, RefTarget, Signature, Snapshot, StoredRecord, Transaction,
};
use pipeline_core::ledger::RefStore;
use pipeline_core::ledger::memory::{self, Fault};
use pipeline_core::{CommitSha, DeploymentId, RefName, Timestamp};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::frozen::{Fit, Sudden};
use crate::habits::torn;
use crate::lock::lock;
use crate::weather::{Fate, Weather};
use crate::world::World;

/// One deployer's store.
#[derive(Clone)]
pub(crate) struct Line {
    twin: memory::RefStore,
    world: Arc<World>,
    who: DeploymentId,
    dice: Arc<Mutex<Dice>>,
    weather: Arc<Weather>,
    began: Instant,
    listed: Arc<AtomicBool>,
    /// What was listed while a transaction was carried out.
    torn: Arc<Mutex<Option<Arc<Snapshot>>>>,
    known: Arc<Mutex<HashSet<ObjectId>>>,
    requests: Arc<AtomicU32>,
    fits: Arc<Vec<(u32, Fit)>>,
    sudden: Sudden,
}

impl Line {
    pub(crate) fn new(world: &Arc<World>, who: DeploymentId, weather: Weather, dice: Dice) -> Self {
        Self {
            twin: world.remote.store(),
            world: Arc::clone(world),
            who,
            dice: Arc::new(Mutex::new(dice)),
            weather: Arc::new(weather),
            began: Instant::now(),
            listed: Arc::default(),
            torn: Arc::default(),
            known: Arc::default(),
            requests: Arc::default(),
            fits: Arc::default(),
            sudden: Sudden::default(),
        }
    }

    /// The same, with fits of its process that come with requests of these numbers.
    pub(crate) fn with_fits(self, fits: Vec<(u32, Fit)>, sudden: Sudden) -> Self {
        Self { fits: Arc::new(fits), sudden, ..self }
    }

    /// Something is under way: the moment for a fit.
    fn tick(&self) {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        if let Some((_, fit)) = self.fits.iter().find(|(at, _)| *at == number) {
            *lock(&self.sudden) = Some(*fit);
        }
    }

    /// A request or a reply is on its way.
    async fn trip(&self) {
        self.tick();
        let takes = self.world.pace.draw(&mut lock(&self.dice));
        sleep(takes).await;
    }

    /// Whether a request to read fails; noted as a mishap.
    fn hides(&self, what: &str) -> bool {
        let hides = self.weather.hides(&mut lock(&self.dice), self.began.elapsed());
        if hides {
            self.world.mishap(&self.who, || format!("{what}: no answer"));
        }
        hides
    }

    async fn list(&self) -> Result<Arc<Snapshot>, GitError> {
        self.twin.refresh();
        self.trip().await;
        if self.hides("list") {
            self.twin.fail_listings(1);
        }
        let found = self.twin.snapshot().await.map(|found| self.tear(found));
        self.listed.store(found.is_ok(), Ordering::Relaxed);
        self.trip().await;
        found
    }

    /// What is shown while a transaction is carried out.
    fn tear(&self, now: Arc<Snapshot>) -> Arc<Snapshot> {
        let Some(last) = self.world.torn() else { return now };
        let before = last.draw(&mut lock(&self.dice));
        if before.is_empty() {
            return now;
        }
        self.world.note(&self.who, || format!("sees {} refs as they were", before.len()));
        let shown = torn(&now, &before);
        *lock(&self.torn) = Some(Arc::clone(&shown));
        shown
    }

    /// Brings what is not here yet in one round trip.
    async fn fetch(&self, refs: &[(RefName, RefTarget)]) -> Result<(), GitError> {
        let objects = || refs.iter().map(|(_, target)| target.object);
        if objects().all(|object| lock(&self.known).contains(&object)) {
            return Ok(());
        }
        self.trip().await;
        if self.hides("fetch") {
            let (operation, remote) = ("fetch records", "memory".to_owned());
            let detail = "a fault that was drawn".to_owned();
            return Err(GitError::Transport { operation, remote, attempts: 3, detail });
        }
        if self.world.habits.serves_all {
            lock(&self.known).extend(objects());
        }
        // What a ref holds now comes in any case.
        for (name, _) in refs {
            let now = self.twin.peek(name).await?;
            lock(&self.known).extend(now.map(|found| found.object));
        }
        self.trip().await;
        let gone = refs.iter().find(|(_, target)| !lock(&self.known).contains(&target.object));
        let Some((name, target)) = gone else { return Ok(()) };
        self.world.note(&self.who, || format!("{name} moved on"));
        Err(GitError::MissingObject { id: target.object, shallow: false })
    }

    /// Sends a request that arrives whatever becomes of its sender, and waits for the reply.
    async fn send(&self, change: Transaction) -> Result<(), CommitError> {
        let takes = self.world.pace.draw(&mut lock(&self.dice));
        self.tick();
        let answered = self.dispatch(self.twin.clone(), change, takes);
        let answer = answered.await.unwrap_or_else(|_| Err(silence()));
        self.trip().await;
        answer
    }

    /// Sends a request by a process of its own, which arrives after this time.
    fn dispatch(
        &self,
        twin: memory::RefStore,
        change: Transaction,
        takes: std::time::Duration,
    ) -> oneshot::Receiver<Result<(), CommitError>> {
        let (tell, told) = oneshot::channel();
        let (world, who) = (Arc::clone(&self.world), self.who.clone());
        world.departs();
        tokio::spawn(async move {
            sleep(takes).await;
            let answer = world.carry_out(&twin, &who, change).await;
            world.arrives();
            // Nobody listens any more where the sender died.
            drop(tell.send(answer));
        });
        told
    }

    async fn meet(&self, fault: Fault, change: Transaction) -> Result<(), CommitError> {
        self.world.mishap(&self.who, || format!("commit: {fault:?}"));
        self.trip().await;
        self.twin.inject(fault);
        let answer = self.world.carry_out(&self.twin, &self.who, change).await;
        self.trip().await;
        answer
    }

    fn learn(&self, object: Result<ObjectId, GitError>) -> Result<ObjectId, GitError> {
        lock(&self.known).extend(object.as_ref().ok());
        object
    }
}

impl RefStore for Line {
    fn ledger_prefix(&self) -> &str {
        self.twin.ledger_prefix()
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, GitError> {
        if self.listed.load(Ordering::Relaxed) {
            let torn = lock(&self.torn).clone();
            if let Some(torn) = torn {
                return Ok(torn);
            }
            return self.twin.snapshot().await;
        }
        self.list().await
    }

    fn refresh(&self) {
        self.listed.store(false, Ordering::Relaxed);
        *lock(&self.torn) = None;
        self.twin.refresh();
    }

    async fn commit(&self, change: Transaction) -> Result<(), CommitError> {
        let fate = self.weather.draw(&mut lock(&self.dice), self.began.elapsed());
        let answer = match fate {
            Fate::Arrives => self.send(change).await,
            Fate::Meets(fault) => self.meet(fault, change).await,
            Fate::Late(by) => {
                self.world.mishap(&self.who, || format!("commit: arrives {by:?} late"));
                drop(self.dispatch(self.world.remote.store(), change, by));
                self.trip().await;
                Err(silence())
            }
        };
        if answer.is_err() {
            self.refresh();
        }
        // What was listed before is followed from what is there, not from what was shown of it.
        *lock(&self.torn) = None;
        answer
    }

    async fn read_records(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Vec<StoredRecord>, GitError> {
        self.fetch(&refs).await?;
        self.twin.read_records(refs).await
    }

    async fn bring(&self, refs: Vec<(RefName, RefTarget)>) -> Result<(), GitError> {
        self.fetch(&refs).await
    }

    async fn peek(&self, name: &RefName) -> Result<Option<RefTarget>, GitError> {
        self.trip().await;
        if self.hides("peek") {
            self.twin.fail_listings(1);
        }
        let found = self.twin.peek(name).await;
        let torn = self.world.torn();
        let before = torn.as_ref().map(|last| last.draw(&mut lock(&self.dice)));
        let before = before.into_iter().flatten().find(|(old, _)| old == name.as_str());
        let found = before.map_or(found, |(_, target)| Ok(*target));
        self.trip().await;
        found
    }

    fn write_record(
        &self,
        name: &RefName,
        bytes: &[u8],
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        let object = self.learn(self.twin.write_record(name, bytes, tagger, message))?;
        self.world.made_record(object, name, bytes);
        Ok(object)
    }

    fn write_tag_object(
        &self,
        name: &str,
        target: CommitSha,
        tagger: &Signature,
        message: &str,
    ) -> Result<ObjectId, GitError> {
        let object = self.learn(self.twin.write_tag_object(name, target, tagger, message))?;
        self.world.made_tag(object, target);
        Ok(object)
    }

    async fn committed_at(&self, commit: CommitSha) -> Result<Option<Timestamp>, GitError> {
        self.twin.committed_at(commit).await
    }

    fn user(&self) -> Vec<String> {
        self.twin.user()
    }

    fn unique(&self) -> String {
        self.twin.unique()
    }
}

fn silence() -> CommitError {
    let (remote, detail) = ("memory".to_owned(), "the answer did not come".to_owned());
    CommitError::Transport { remote, attempts: 3, detail, in_doubt: true }
}
