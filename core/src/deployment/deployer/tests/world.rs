//! A repository with released versions and registered environments, and its clock.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::*;
use crate::Authority;
use crate::approval::{Decision, Review, ReviewRecord};
use crate::environment::{Environment, EnvironmentParts};
use crate::environment::{EnvironmentAtCommit, EnvironmentRecord};
use crate::git::{RefTarget, Signature};
use crate::health::HealthCheck;
use crate::ledger::memory::{self, Remote};
use crate::queue::{self, Claimant, Lapses, QueueScope, Queues};
use crate::record::Record;
use crate::{
    Approval, ApprovalPolicy, CommitSha, DeploymentId, DeploymentUuid, EnvironmentName,
    GivenApproval, RefName,
};

/// As CI deploys.
static AUTHORITY: Authority = Authority { in_ci: true, admin_override: None, protected_push: None };

/// When the clock starts.
const START: i64 = 1_760_000_000;

/// How long a deployment holds its environment, in seconds.
pub(super) const LEASE: i64 = 60;

/// After how long without a sign of life a lease is over by clocks that differ by less than a lease, in
/// seconds.
pub(super) const GONE: i64 = 2 * LEASE + 1;

/// The commit of version `api/v1.<n>.0`.
pub(super) const fn commit(n: u8) -> CommitSha {
    CommitSha::from_bytes([n; 20])
}

pub(super) fn name(text: &str) -> EnvironmentName {
    text.parse().unwrap()
}

pub(super) fn ref_name(text: &str) -> RefName {
    text.parse().unwrap()
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(START + seconds).unwrap()
}

/// The remote, what its tags mean, and the time.
#[derive(Clone)]
pub(super) struct World {
    pub(super) remote: Remote,
    pub(super) lease: Duration,
    grammar: TagGrammar,
    clock: Arc<AtomicI64>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl World {
    /// Versions `api/v1.1.0` to `api/v1.3.0`, each on a commit of its own. `staging` asks for
    /// nothing and runs nothing, `production` asks for an approval by bob, `qa` has no movable tag.
    pub(super) fn new() -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let hands = Arc::clone(&clock);
        let now = Arc::new(move || at(hands.load(Ordering::SeqCst) - START));
        let world = Self {
            remote: Remote::new(),
            lease: Duration::from_secs(LEASE.unsigned_abs()),
            grammar: TagGrammar::default(),
            clock,
            now,
        };
        for n in 1..=3 {
            world.tag(&format!("api/v1.{n}.0"), commit(n));
        }
        let approval = ApprovalPolicy {
            approvers: ["bob".parse().unwrap()].into(),
            ..ApprovalPolicy::required()
        };
        world.register("staging", ApprovalPolicy::none());
        world.register("qa", ApprovalPolicy::none());
        world.register("production", approval);
        world
    }

    /// The same repository, seen with another clock.
    pub(super) fn with_clock(self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), ..self }
    }

    pub(super) fn register(&self, text: &str, approval: ApprovalPolicy) {
        self.register_parts(EnvironmentParts {
            name: name(text),
            config_path: format!("environments/{text}").parse().unwrap(),
            secrets_file: format!("environments/{text}/secrets.enc.yaml").parse().unwrap(),
            is_production: text == "production",
            approval,
            ..Environment::by_convention(name(text)).into_parts()
        });
    }

    /// Registers `staging` anew, with another policy.
    pub(super) fn with_policy(&self, change: impl FnOnce(&mut EnvironmentParts)) {
        let mut parts = Environment::by_convention(name("staging")).into_parts();
        change(&mut parts);
        self.register_parts(parts);
    }

    fn register_parts(&self, parts: EnvironmentParts) {
        let text = parts.name.to_string();
        let environment = Environment::new(parts);
        let record = EnvironmentRecord {
            what: EnvironmentAtCommit { environment: environment.unwrap(), commit_sha: commit(1) },
            registered_at: at(0),
            registered_by: "ada".parse().unwrap(),
            updated_at: None,
        };
        let ledger = self.ledger();
        let slot = ledger.environment(&name(&text));
        let update = ledger.stage(&slot, None, &record, &self.person(), "registered").unwrap();
        self.remote.set(&update.name, update.new.unwrap());
    }

    /// Changes what is registered of an environment.
    pub(super) async fn change(&self, text: &str, change: impl FnOnce(&mut EnvironmentParts)) {
        let ledger = self.ledger();
        let slot = ledger.environment(&name(text));
        let mut record = ledger.read(&slot).await.unwrap().unwrap().record;
        let mut parts = record.what.environment.into_parts();
        change(&mut parts);
        record.what.environment = Environment::new(parts).unwrap();
        let update = ledger.stage(&slot, None, &record, &self.person(), "changed").unwrap();
        self.remote.set(&update.name, update.new.unwrap());
    }

    /// Somebody decides now about the n-th version, for production.
    pub(super) fn decide(&self, person: &str, n: u8, decision: Decision) {
        let review = Review {
            environment: name("production"),
            version: format!("api/v1.{n}.0").parse().unwrap(),
            commit_sha: commit(n),
            person: person.parse().unwrap(),
            decision,
            reference: None,
            expires_at: None,
        };
        let ledger = self.ledger();
        let slot = ledger.approval(&review.environment, review.commit_sha, &review.person);
        let (registered_by, registered_at) = (review.person.clone(), (self.now)());
        let record = ReviewRecord { what: review, registered_at, registered_by, updated_at: None };
        let by = Signature { name: person.to_owned(), ..self.person() };
        let update = ledger.stage(&slot, None, &record, &by, "decided").unwrap();
        self.remote.set(&update.name, update.new.unwrap());
    }

    /// Lets time pass.
    pub(super) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    fn person(&self) -> Signature {
        Signature { name: "Eve".to_owned(), email: String::new(), time: (self.now)() }
    }

    /// The ledger, for looks and changes between which nobody else does anything.
    fn ledger(&self) -> Ledger<memory::RefStore> {
        Ledger::new(self.remote.store())
    }

    /// One more process.
    pub(super) fn store(&self) -> Store {
        Store::new(self.remote.store())
    }

    pub(super) fn deployer(&self, store: Store) -> Deployer<'_, Store> {
        Deployer {
            ledger: Ledger::new(store),
            grammar: &self.grammar,
            lease: self.lease,
            // Each in a process of its own.
            handover: Handover::new(),
            author: "Ada",
            email: "ada@example.org",
            authority: &AUTHORITY,
            clock: &*self.now,
            tell: &|_| (),
        }
    }

    /// Deploys by a process of its own to which nothing happens.
    pub(super) async fn deploy(&self, request: Request) -> Report {
        self.deploy_by(self.store(), request).await
    }

    pub(super) async fn deploy_by(&self, store: Store, request: Request) -> Report {
        self.deployer(store).deploy(request, NO_TARGET, std::future::pending()).await
    }

    /// A person puts a tag on a commit, wherever it was.
    pub(super) fn tag(&self, tag: &str, commit: CommitSha) {
        self.remote.set(&ref_name(&format!("refs/tags/{tag}")), commit.into());
    }

    pub(super) fn untag(&self, tag: &str) {
        self.remote.remove(&ref_name(&format!("refs/tags/{tag}")));
    }

    /// The commit on which a tag stands.
    pub(super) fn tagged(&self, tag: &str) -> Option<CommitSha> {
        self.remote.refs().tag(tag).map(|found| found.target().to_commit())
    }

    pub(super) async fn queue(&self, environment: &str) -> Option<QueueRecord> {
        let ledger = self.ledger();
        let entry = ledger.read(&ledger.queue(&name(environment))).await.unwrap();
        entry.map(|entry| entry.record)
    }

    /// The queue of a sub-project of `staging`.
    pub(super) async fn queue_of(&self, project: &str) -> Option<QueueRecord> {
        let scope = QueueScope::part(name("staging"), project.parse().unwrap());
        let ledger = self.ledger();
        let entry = ledger.read(&ledger.queue_of(&scope)).await.unwrap();
        entry.map(|entry| entry.record)
    }

    /// The queues of `staging`.
    pub(super) async fn queues(&self) -> Queues {
        queue::survey::all(&self.ledger(), &name("staging")).await.unwrap()
    }

    /// Whether nobody holds the environment.
    pub(super) async fn is_free(&self, environment: &str) -> bool {
        self.queue(environment).await.is_none_or(|queue| queue.current.is_none())
    }

    /// Puts somebody at the end of the waiting list.
    pub(super) async fn enqueue(&self, environment: &str, id: DeploymentId) {
        let holder = "zoe".parse().unwrap();
        let now = (self.now)();
        let claimant = Claimant { deployment_id: id, holder, lease_seconds: LEASE };
        self.change_queue(environment, |queue| queue.enqueue(claimant, now)).await;
    }

    /// The n-th deployment put the holder of staging aside, which it saw dead, and then died itself.
    pub(super) async fn supersede(&self, n: u8) {
        let now = (self.now)();
        let (deployment_id, holder) = (id(n), "ada".parse().unwrap());
        let claimant = Claimant { deployment_id, holder, lease_seconds: LEASE };
        let lapses = Lapses { holder: true, waiting: 0 };
        let dead = self.queue("staging").await.unwrap().current.unwrap().deployment_id;
        let ledger = self.ledger();
        let slot = ledger.deployment(&name("staging"), &dead);
        let dead = ledger.read(&slot).await.unwrap().unwrap().record;
        self.keep(&dead.fail(now, "its holder died", None).unwrap());
        self.keep(&request(n).begun(now, None));
        self.change_queue("staging", |queue| queue.claim(claimant, now, lapses).unwrap().queue)
            .await;
    }

    pub(super) async fn change_queue(
        &self,
        environment: &str,
        change: impl FnOnce(QueueRecord) -> QueueRecord,
    ) {
        let ledger = self.ledger();
        let queue = self.queue(environment).await;
        let queue = change(queue.unwrap_or_else(|| QueueRecord::new(name(environment))));
        let slot = ledger.queue(&name(environment));
        let update = ledger.stage(&slot, None, &queue, &self.person(), "changed").unwrap();
        self.remote.set(&update.name, update.new.unwrap());
    }

    /// What a ref held at some moment.
    pub(super) async fn read<T: Record>(&self, name: &str, target: RefTarget) -> T {
        let refs = vec![(ref_name(name), target)];
        let stored = self.remote.store().read_records(refs).await.unwrap();
        T::from_json(&stored[0].bytes).unwrap()
    }

    /// The record of the n-th deployment.
    pub(super) async fn record(&self, environment: &str, n: u8) -> Option<Deployment> {
        let ledger = self.ledger();
        let entry = ledger.read(&ledger.deployment(&name(environment), &id(n))).await.unwrap();
        entry.map(|entry| entry.record)
    }

    pub(super) async fn status(&self, environment: &str, n: u8) -> Option<Status> {
        self.record(environment, n).await.map(|record| record.status())
    }

    /// Version `n` ran here long ago: to deploy it again is to return to it.
    pub(super) fn ran(&self, n: u8) {
        let before = Deployment { id: id(200 + n), ..request(n).begun(at(0), None) };
        self.keep(&before.succeed(at(0)).unwrap());
    }

    /// Puts a record there, whoever wrote it.
    pub(super) fn keep(&self, record: &Deployment) {
        let ledger = self.ledger();
        let slot = ledger.deployment(&record.environment, &record.id);
        let update = ledger.stage(&slot, None, record, &self.person(), "kept").unwrap();
        self.remote.set(&update.name, update.new.unwrap());
    }

    /// How many transactions `work` takes.
    pub(super) async fn commits_of<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.remote.commits();
        let result = work.await;
        (result, self.remote.commits() - before)
    }
}

/// A world whose clock is the one that tokio lets run ahead.
pub(super) fn timed() -> World {
    let start = Instant::now();
    World::new().with_clock(move || at(i64::try_from(start.elapsed().as_secs()).unwrap()))
}

/// The ID of the n-th deployment.
pub(super) fn id(n: u8) -> DeploymentId {
    DeploymentId::new(at(0), &format!("dep{n:03}")).unwrap()
}

/// The n-th deployment: of version `api/v1.<n>.0` to staging, by ada.
pub(super) fn request(n: u8) -> Request {
    let ids = (id(n), DeploymentUuid::from_random([n; 16]));
    let version = (format!("api/v1.{n}.0").parse().unwrap(), commit(n));
    Request {
        allow_downgrade: true,
        on_busy: OnBusy::Fail,
        ..Request::new(ids, version, name("staging"), "ada".parse().unwrap())
    }
}

pub(super) fn approval(by: &str, commit_sha: CommitSha) -> Option<GivenApproval> {
    let approved_by = by.parse().unwrap();
    Some(Approval { approved_by, commit_sha, approved_at: None, reference: None }.into())
}

/// A health check that asks once and waits for so long.
pub(super) fn once(url: &str, patience: Duration) -> HealthCheck {
    HealthCheck {
        url: url.parse().unwrap(),
        expected_status: 200,
        expected_body: None,
        interval: patience,
        retries: None,
        attempt_timeout: patience,
        timeout: patience,
    }
}

/// An endpoint that takes calls and never answers, as long as the listener lives.
pub(super) fn silence() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/health", listener.local_addr().unwrap());
    (listener, url)
}
