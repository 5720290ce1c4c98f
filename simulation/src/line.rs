//! The line of one deployer to the remote: the twin in memory behind the network of its machine.
//!
//! A request that was sent arrives, even if its sender sleeps or is dead by then.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use pipeline_core::deployment::Attempts;
use pipeline_core::git::{
    CommitError, GitError, ObjectId, Obstacle, RefTarget, Signature, Snapshot, StoredRecord,
};
use pipeline_core::ledger::memory::{self, Fault};
use pipeline_core::testing::{RefStore, Transaction};
use pipeline_core::{CommitSha, DeploymentId, RefName, Timestamp};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::dice::Dice;
use crate::habits::torn;
use crate::lock::lock;
use crate::machine::Machine;
use crate::weather::Fate;
use crate::world::World;

/// One deployer's store.
#[derive(Clone)]
pub(crate) struct Line {
    machine: Arc<Machine>,
    world: Arc<World>,
    who: DeploymentId,
    dice: Arc<Mutex<Dice>>,
}

impl Line {
    pub(crate) fn new(
        world: &Arc<World>,
        machine: &Arc<Machine>,
        who: DeploymentId,
        dice: Dice,
    ) -> Self {
        let (world, machine) = (Arc::clone(world), Arc::clone(machine));
        Self { machine, world, who, dice: Arc::new(Mutex::new(dice)) }
    }

    /// A request or a reply is on its way.
    async fn trip(&self) {
        self.machine.tick();
        let takes = self.world.pace.draw(&mut lock(&self.dice));
        sleep(takes).await;
    }

    /// A request goes wrong. Where the whole machine is cut off, that is everybody's mishap: those who
    /// rely on a neighbour make no requests of their own.
    fn mishap(&self, what: &str) {
        self.world.mishap(&self.who, || what.to_owned());
        if self.machine.is_cut_off() {
            let all = lock(&self.machine.begun).clone();
            for other in all.iter().filter(|other| **other != self.who) {
                self.world
                    .mishap(other, || format!("relies on a neighbour that is cut off: {what}"));
            }
        }
    }

    /// Whether a request to read fails; noted as a mishap.
    fn hides(&self, what: &str) -> bool {
        let hides = self.machine.weather.hides(&mut lock(&self.dice), self.machine.began.elapsed());
        if hides {
            self.mishap(&format!("{what}: no answer"));
        }
        hides
    }

    async fn list(&self) -> Result<Arc<Snapshot>, GitError> {
        self.trip().await;
        self.machine.twin.refresh();
        if self.hides("list") {
            self.machine.twin.fail_listings(1);
        }
        let found = self.machine.twin.snapshot().await.map(|found| self.tear(found));
        self.machine.listed.store(found.is_ok(), Ordering::Relaxed);
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
        *lock(&self.machine.torn) = Some(Arc::clone(&shown));
        shown
    }

    /// Brings what is not here yet in one round trip.
    async fn fetch(&self, refs: &[(RefName, RefTarget)]) -> Result<(), GitError> {
        let objects = || refs.iter().map(|(_, target)| target.object);
        if objects().all(|object| lock(&self.machine.known).contains(&object)) {
            return Ok(());
        }
        self.trip().await;
        if self.hides("fetch") {
            let (operation, remote) = ("fetch records", "memory".to_owned());
            let detail = "a fault that was drawn".to_owned();
            return Err(GitError::Transport {
                operation,
                remote,
                obstacle: Obstacle::Away,
                attempts: 3,
                detail,
            });
        }
        if self.world.habits.serves_all {
            lock(&self.machine.known).extend(objects());
        }
        // What a ref holds now comes in any case.
        for (name, _) in refs {
            let now = self.machine.twin.peek(name).await?;
            lock(&self.machine.known).extend(now.map(|found| found.object));
        }
        self.trip().await;
        let gone =
            refs.iter().find(|(_, target)| !lock(&self.machine.known).contains(&target.object));
        let Some((name, target)) = gone else { return Ok(()) };
        self.world.note(&self.who, || format!("{name} moved on"));
        Err(GitError::MissingObject { id: target.object, shallow: false })
    }

    /// Sends a request that arrives whatever becomes of its sender, and waits for the reply.
    async fn send(&self, change: Transaction) -> Result<Attempts, CommitError> {
        let takes = self.world.pace.draw(&mut lock(&self.dice));
        self.machine.tick();
        let answered = self.dispatch(self.machine.twin.clone(), change, takes);
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
    ) -> oneshot::Receiver<Result<Attempts, CommitError>> {
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

    async fn meet(&self, fault: Fault, change: Transaction) -> Result<Attempts, CommitError> {
        self.mishap(&format!("commit: {fault:?}"));
        self.trip().await;
        self.machine.twin.inject(fault);
        let answer = self.world.carry_out(&self.machine.twin, &self.who, change).await;
        self.trip().await;
        answer
    }

    fn learn(&self, object: Result<ObjectId, GitError>) -> Result<ObjectId, GitError> {
        lock(&self.machine.known).extend(object.as_ref().ok());
        object
    }
}

impl RefStore for Line {
    fn ledger_prefix(&self) -> &str {
        self.machine.twin.ledger_prefix()
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, GitError> {
        if self.machine.listed.load(Ordering::Relaxed) {
            let torn = lock(&self.machine.torn).clone();
            if let Some(torn) = torn {
                return Ok(torn);
            }
            return self.machine.twin.snapshot().await;
        }
        self.list().await
    }

    fn refresh(&self) {
        self.machine.listed.store(false, Ordering::Relaxed);
        *lock(&self.machine.torn) = None;
        self.machine.twin.refresh();
    }

    async fn commit(&self, change: Transaction) -> Result<Attempts, CommitError> {
        let fate = self.machine.weather.draw(&mut lock(&self.dice), self.machine.began.elapsed());
        let answer = match fate {
            Fate::Arrives => self.send(change).await,
            Fate::Meets(fault) => self.meet(fault, change).await,
            Fate::Late(by) => {
                self.mishap(&format!("commit: arrives {by:?} late"));
                drop(self.dispatch(self.world.remote.store(), change, by));
                self.trip().await;
                Err(silence())
            }
        };
        if answer.is_err() {
            self.refresh();
        }
        // What was listed before is followed from what is there, not from what was shown of it.
        *lock(&self.machine.torn) = None;
        answer
    }

    async fn read_records(
        &self,
        refs: Vec<(RefName, RefTarget)>,
    ) -> Result<Vec<StoredRecord>, GitError> {
        self.fetch(&refs).await?;
        self.machine.twin.read_records(refs).await
    }

    async fn bring(&self, refs: Vec<(RefName, RefTarget)>) -> Result<(), GitError> {
        self.fetch(&refs).await
    }

    async fn peek(&self, name: &RefName) -> Result<Option<RefTarget>, GitError> {
        self.world.looks(&self.who);
        self.trip().await;
        if self.hides("peek") {
            self.machine.twin.fail_listings(1);
        }
        let found = self.machine.twin.peek(name).await;
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
        let object = self.learn(self.machine.twin.write_record(name, bytes, tagger, message))?;
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
        let object =
            self.learn(self.machine.twin.write_tag_object(name, target, tagger, message))?;
        self.world.made_tag(object, target);
        Ok(object)
    }

    async fn committed_at(&self, commit: CommitSha) -> Result<Option<Timestamp>, GitError> {
        self.machine.twin.committed_at(commit).await
    }

    fn user(&self) -> Vec<String> {
        self.machine.twin.user()
    }

    fn on_remote(&self) -> bool {
        self.machine.twin.on_remote()
    }

    fn name_of(&self, bytes: &[u8]) -> Result<ObjectId, GitError> {
        self.machine.twin.name_of(bytes)
    }

    fn unique(&self) -> String {
        self.machine.twin.unique()
    }
}

fn silence() -> CommitError {
    let (remote, detail) = ("memory".to_owned(), "the answer did not come".to_owned());
    CommitError::Transport { remote, obstacle: Obstacle::Away, attempts: 3, detail, in_doubt: true }
}
