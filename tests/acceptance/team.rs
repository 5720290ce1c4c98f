//! People who deploy to one environment of one remote, each from a clone of their own.

use pipeline_acceptance::git_server::{Asked, Fault, GitServer};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::sandbox::{Environment, Sandbox};
use pipeline_acceptance::{Failure, Outcome, command};
use serde_json::{Value as Json, json};

use crate::host::{Applying, Planned, Provider};

const REMOTE: &str = "remote.git";

/// The environment that all of them deploy to.
pub(crate) const ENVIRONMENT: &str = "staging";

/// How the remote is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As a folder of this machine.
    Files,
    /// By a server, which can hold requests.
    Http,
}

/// A remote with versions `api/v1.0.0`, `api/v1.1.0` and so on, each on a commit of its own, and
/// staging registered. Teams work on copies of it.
#[derive(Debug)]
pub(crate) struct Stage {
    remote: Repository,
    commits: Vec<String>,
    _sandbox: Sandbox,
}

/// People and their remote.
#[derive(Debug)]
pub(crate) struct Team {
    /// The repository that all work on; its queue remembers every value it had.
    pub(crate) remote: Repository,
    /// Where the remote is reached by HTTP.
    pub(crate) server: Option<GitServer>,
    commits: Vec<String>,
    environment: Environment,
    _sandbox: Sandbox,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Member {
    /// Who they are, in records and to the server.
    pub(crate) name: String,
    /// The provider block.
    settings: Json,
    environment: Environment,
}

impl Stage {
    /// A remote with so many versions.
    pub(crate) fn new(versions: usize) -> Outcome<Self> {
        let sandbox = Sandbox::temporary()?;
        let environment = in_ci(&sandbox);
        let product = Repository::product(&environment, "product")?;
        let release = |minor| {
            let commit = product.commit(&version(minor))?;
            product.tag(&version(minor), &commit)?;
            Ok(commit)
        };
        let commits: Vec<String> = (0..versions).map(release).collect::<Outcome<_>>()?;
        let remote = product.publish(REMOTE)?;
        remote.git(&["config", "core.logAllRefUpdates", "always"])?;
        remote.git(&["config", "http.receivepack", "true"])?;
        let settings = json!({ "repository": product.path(), "actor": "registrar" });
        let mut provider = Provider::start(&environment, &settings)?;
        let planned = provider.plan("pipeline_environment", &json!({ "name": ENVIRONMENT }))?;
        provider.apply(&planned)?.end()?.applied()?;
        Ok(Self { remote, commits, _sandbox: sandbox })
    }

    /// A team with a copy of the remote.
    pub(crate) fn team(&self, way: Way) -> Outcome<Team> {
        let sandbox = Sandbox::temporary()?;
        let environment = in_ci(&sandbox);
        let mut copy = environment.command("cp", environment.root());
        command::run(copy.arg("-R").arg(&self.remote.directory).arg(REMOTE))?.success()?;
        let remote = Repository::at(&environment, REMOTE);
        let server = match way {
            Way::Files => None,
            Way::Http => Some(GitServer::start(environment.root(), Fault::None)?),
        };
        Ok(Team { remote, server, commits: self.commits.clone(), environment, _sandbox: sandbox })
    }
}

/// Where environment tags of a remote may move.
fn in_ci(sandbox: &Sandbox) -> Environment {
    let mut environment = sandbox.environment.clone();
    environment.set("CI", "true");
    environment
}

impl Team {
    /// A team with a remote of its own.
    pub(crate) fn new(way: Way, versions: usize) -> Outcome<Self> {
        Stage::new(versions)?.team(way)
    }

    /// A new member with a fresh clone, whose leases are this long.
    pub(crate) fn member(&self, name: &str, lease: &str) -> Outcome<Member> {
        // A clone that copies files would bring records with it.
        let fresh = ["--no-local"];
        let clone = Repository::clone_of(&self.environment, &self.remote.path(), name, &fresh)?;
        if let Some(server) = &self.server {
            clone.git(&["remote", "set-url", "origin", &server.url_of(name, REMOTE)])?;
        }
        Ok(self.settled(name, &clone, lease))
    }

    /// A member who has a clone already.
    pub(crate) fn member_again(&self, name: &str) -> Member {
        self.settled(name, &Repository::at(&self.environment, name), "1m")
    }

    fn settled(&self, name: &str, clone: &Repository, lease: &str) -> Member {
        let settings = json!({ "repository": clone.path(), "actor": name, "lease": lease });
        Member { name: name.to_owned(), settings, environment: self.environment.clone() }
    }

    /// What programs of this team see of the machine.
    pub(crate) const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The server, where there is one.
    pub(crate) fn server(&self) -> Outcome<&GitServer> {
        self.server.as_ref().ok_or_else(|| Failure::new("this remote is not reached by a server"))
    }

    /// Waits until the server has carried out all that it was sent.
    pub(crate) fn quiet(&self) -> Outcome {
        self.server.as_ref().map_or(Ok(()), GitServer::quiet)
    }

    /// Lets the lease of whoever holds the environment be over by every clock.
    pub(crate) fn outlive_the_lease(&self) -> Outcome {
        outlive_the_lease(&self.remote)
    }

    /// What a member asked the server for up to now.
    pub(crate) fn asked_by(&self, member: &str) -> Vec<Asked> {
        self.server.as_ref().map(|server| server.asked_by(member)).unwrap_or_default()
    }

    /// The commit of a version.
    pub(crate) fn commit(&self, minor: usize) -> &str {
        self.commits.get(minor).map_or("", String::as_str)
    }

    /// The queue as it is now; null before the first deployment.
    pub(crate) fn queue(&self) -> Outcome<Json> {
        let mut found = self.remote.records("refs/ledger/queues/")?;
        Ok(found.pop_first().map_or(Json::Null, |(_, queue)| queue))
    }

    /// The record of the deployment that a member triggered; it is the only one.
    pub(crate) fn record_of(&self, member: &str) -> Outcome<Option<Json>> {
        let records = self.records()?;
        let mut own = records.into_iter().filter(|record| record["triggered_by"] == member);
        let first = own.next();
        match own.next() {
            None => Ok(first),
            Some(second) => Err(Failure::new(format!("{member} has two records: {second}"))),
        }
    }

    /// The records of all deployments, sorted by ID.
    pub(crate) fn records(&self) -> Outcome<Vec<Json>> {
        Ok(self.remote.records("refs/ledger/deployments/")?.into_values().collect())
    }

    /// The commit that the environment's tag is at.
    pub(crate) fn tag(&self) -> Option<String> {
        self.remote.resolve("api/staging").ok()
    }
}

impl Member {
    /// A process of theirs.
    pub(crate) fn provider(&self) -> Outcome<Provider> {
        Provider::start(&self.environment, &self.settings)
    }

    /// The same, who reaches AWS at this address.
    pub(crate) fn with_aws(mut self, url: &str) -> Self {
        self.settings["aws"] = json!({ "region": "eu-west-1", "endpoint_url": url });
        let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"];
        keys.into_iter().zip(["test", "test", "true"]).for_each(|(name, value)| {
            self.environment.set(name, value);
        });
        self
    }

    /// A process that has planned a deployment.
    pub(crate) fn plan(&self, deployment: &Json) -> Outcome<(Provider, Planned)> {
        let mut provider = self.provider()?;
        let planned = provider.plan("pipeline_deployment", deployment)?;
        Ok((provider, planned))
    }

    /// Begins a deployment.
    pub(crate) fn deploy(&self, deployment: &Json) -> Outcome<Applying> {
        let (provider, planned) = self.plan(deployment)?;
        provider.apply(&planned)
    }
}

/// The name of a version.
pub(crate) fn version(minor: usize) -> String {
    format!("api/v1.{minor}.0")
}

/// Lets the lease of whoever holds the one environment of a remote be over: what the holder wrote, it
/// wrote long ago, and it promised signs of life so often that who comes has to watch for a moment only.
pub(crate) fn outlive_the_lease(remote: &Repository) -> Outcome {
    let found = remote.records("refs/ledger/queues/")?.pop_first();
    let held = |queue: &Json, by: &str| !queue[by].is_null();
    let Some((name, mut queue)) =
        found.filter(|(_, queue)| held(queue, "current") || held(queue, "lock"))
    else {
        return Ok(());
    };
    for by in ["current", "lock"] {
        if held(&queue, by) {
            for moment in ["locked_at", "lease_until"] {
                queue[by][moment] = json!("2026-01-01T00:00:00Z");
            }
            queue[by]["lease_seconds"] = json!(2);
        }
    }
    remote.put_record(&name, &queue)
}

/// A lease that is over for nobody who lives, however slow the machine is.
pub(crate) const LONG: &str = "24h";

/// The attributes of a deployment of a version, lower than what runs or not.
pub(crate) fn of(minor: usize) -> Json {
    json!({
        "environment": ENVIRONMENT,
        "version": version(minor),
        "workflow_run_id": "4711",
        "allow_downgrade": true,
    })
}

/// A deployment that finds its environment free soon, or fails.
pub(crate) fn next(mut deployment: Json) -> Json {
    deployment["wait_timeout"] = json!("15m");
    deployment
}

/// The same with a health check that has time.
pub(crate) fn checked(minor: usize, url: &str) -> Json {
    let mut deployment = of(minor);
    deployment["health_check"] =
        json!({ "url": url, "attempt_timeout": "1h", "timeout": "1h", "interval": "100ms" });
    deployment
}
