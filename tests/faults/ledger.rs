//! A repository in memory, in which one version runs already and the next one is to be deployed.

use pipeline_core::Authority;
use pipeline_core::deployment::deployer::{Deployer, Handover, OnBusy, Request};
use pipeline_core::deployment::{Deployment, EcsRollout};
use pipeline_core::environment::{EnvironmentAtCommit, EnvironmentRecord};
use pipeline_core::git::Signature;
use pipeline_core::health::HealthCheck;
use pipeline_core::ledger::Ledger;
use pipeline_core::ledger::memory::{RefStore, Remote};
use pipeline_core::rollout::{Order, Permit, Restored, Rolled, Target};
use pipeline_core::testing::RawLedger as _;
use pipeline_core::{
    ApprovalPolicy, CommitSha, DeploymentId, DeploymentUuid, Environment, EnvironmentName,
    EnvironmentParts, TagGrammar, Timestamp,
};
use tokio::time::Instant;

/// As CI deploys.
static AUTHORITY: Authority = Authority { in_ci: true, admin_override: None, protected_push: None };

/// When the clock starts, in seconds since 1970.
const START: i64 = 1_760_000_000;

/// The lease, in seconds.
const LEASE: u64 = 60;

/// The remote, and the time since it is there.
pub(crate) struct Repository {
    remote: Remote,
    grammar: TagGrammar,
    began: Instant,
}

/// The first deployment: it leaves a rollout behind and touches nothing.
struct Earlier(Option<EcsRollout>);

impl Target for Earlier {
    type Trace = EcsRollout;

    fn place(&self) -> Option<EcsRollout> {
        self.0.clone()
    }

    async fn roll_out(&self, _: &Order, _: &Permit, rollout: &mut Option<EcsRollout>) -> Rolled {
        rollout.clone_from(&self.0);
        Rolled::Out
    }

    async fn confirm(&self, _: &Order, _: &Option<EcsRollout>) -> Rolled {
        Rolled::Out
    }

    async fn restore(&self, _: &Order, _: &Permit, _: &mut Option<EcsRollout>) -> Restored {
        Restored::Unchanged
    }
}

/// The commit of version `web/v<n>.0.0`.
const fn commit(n: u8) -> CommitSha {
    CommitSha::from_bytes([n; 20])
}

fn staging() -> EnvironmentName {
    "staging".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(START + seconds).unwrap()
}

impl Repository {
    /// Versions `web/v1.0.0` and `web/v2.0.0`; `staging` runs the first, whose deployment left
    /// `rollout` behind.
    pub(crate) async fn new(rollout: Option<EcsRollout>) -> Self {
        let repository =
            Self { remote: Remote::new(), grammar: TagGrammar::default(), began: Instant::now() };
        for n in 1..=2 {
            let name = format!("refs/tags/web/v{n}.0.0").parse().unwrap();
            repository.remote.set(&name, commit(n).into());
        }
        repository.register();
        let first = Earlier(rollout);
        let stop = std::future::pending();
        repository.deploy(1, Some(&first), None, stop).await;
        repository
    }

    fn register(&self) {
        let environment = Environment::new(EnvironmentParts {
            name: staging(),
            config_path: "environments/staging".parse().unwrap(),
            secrets_file: "environments/staging/secrets.enc".parse().unwrap(),
            is_production: false,
            approval: ApprovalPolicy::none(),
            ..Environment::by_convention(staging()).into_parts()
        });
        let record = EnvironmentRecord {
            what: EnvironmentAtCommit { environment: environment.unwrap(), commit_sha: commit(1) },
            registered_at: at(0),
            registered_by: "ada".parse().unwrap(),
            updated_at: None,
        };
        let by = Signature { name: "Ada".to_owned(), email: String::new(), time: at(0) };
        let ledger = self.ledger();
        let slot = ledger.environment(&staging());
        let update = ledger.stage(&slot, None, &record, &by, "registered").unwrap();
        self.remote.set(&update.name, update.new.unwrap());
    }

    fn ledger(&self) -> Ledger<RefStore> {
        Ledger::new(self.remote.store())
    }

    /// Deploys version `web/v<n>.0.0` to `staging`.
    pub(crate) async fn deploy<T: Target>(
        &self,
        n: u8,
        target: Option<&T>,
        health_check: Option<HealthCheck>,
        stop: impl Future<Output = String> + Send,
    ) -> pipeline_core::deployment::deployer::Report {
        let clock = || at(i64::try_from(self.began.elapsed().as_secs()).unwrap());
        let deployer = Deployer {
            ledger: self.ledger(),
            grammar: &self.grammar,
            lease: std::time::Duration::from_secs(LEASE),
            handover: Handover::new(),
            author: "Ada",
            email: "ada@example.org",
            authority: &AUTHORITY,
            clock: &clock,
            tell: &|_| (),
        };
        deployer.deploy(request(n, health_check), target, stop).await
    }

    /// The number of the version on which the environment's tag stands.
    pub(crate) fn tagged(&self) -> Option<u8> {
        let stands = self.remote.refs().tag("web/staging")?.target().to_commit();
        (1..=2).find(|n| commit(*n) == stands)
    }

    /// The record of the deployment of version `web/v<n>.0.0`.
    pub(crate) async fn record(&self, n: u8) -> Option<Deployment> {
        let ledger = self.ledger();
        let entry = ledger.read(&ledger.deployment(&staging(), &id(n))).await.unwrap();
        entry.map(|entry| entry.record)
    }

    /// Who holds the environment.
    pub(crate) async fn holder(&self) -> Option<DeploymentId> {
        let ledger = self.ledger();
        let queue = ledger.read(&ledger.queue(&staging())).await.unwrap()?;
        queue.record.current.map(|claim| claim.deployment_id)
    }
}

fn id(n: u8) -> DeploymentId {
    DeploymentId::new(at(i64::from(n)), &format!("dep{n:03}")).unwrap()
}

fn request(n: u8, health_check: Option<HealthCheck>) -> Request {
    let ids = (id(n), DeploymentUuid::from_random([n; 16]));
    let version = (format!("web/v{n}.0.0").parse().unwrap(), commit(n));
    let mut request = Request::new(ids, version, staging(), "ada".parse().unwrap());
    (request.health_check, request.on_busy) = (health_check, OnBusy::Fail);
    request
}
