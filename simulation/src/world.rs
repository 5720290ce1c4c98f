//! The world of one schedule: the remote, the services, and what is known of everybody by somebody who
//! sees all.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline_core::deployment::Attempts;
use pipeline_core::git::{CommitError, ObjectId};
use pipeline_core::ledger::memory::{self, Remote};
use pipeline_core::queue::{QueueRecord, QueueScope};
use pipeline_core::record::Record as _;
use pipeline_core::settings::SharedSettings;
use pipeline_core::testing::{RefStore as _, Transaction};
use pipeline_core::{
    CommitSha, Deployment, DeploymentId, EnvironmentName, RefName, TagGrammar, TagName,
};
use tokio::time::Instant;

use crate::chronicle::{Chronicle, Promise};
use crate::habits::{Habits, Torn};
use crate::known::{Known, ServiceKey};
use crate::lock::lock;
use crate::names::short;
use crate::plan::Policy;
use crate::promise::{self, Evidence};
use crate::service::Service;
use crate::truth::{Commit, Place};
use crate::weather::Pace;

const QUEUES: &str = "refs/ledger/queues/";
const SETTINGS: &str = "refs/ledger/settings/";
const DEPLOYMENTS: &str = "refs/ledger/deployments/";
const TAGS: &str = "refs/tags/";

/// Everything that deployers share.
pub(crate) struct World {
    pub(crate) remote: Remote,
    pub(crate) grammar: TagGrammar,
    pub(crate) start: Instant,
    pub(crate) pace: Pace,
    pub(crate) habits: Habits,
    /// Commits that are on their way.
    underway: AtomicUsize,
    seen: Mutex<Seen>,
    last: Mutex<Option<Torn>>,
}

/// What somebody knows who sees all.
pub(crate) struct Seen {
    pub(crate) chronicle: Chronicle,
    pub(crate) policies: BTreeMap<EnvironmentName, Policy>,
    pub(crate) places: BTreeMap<QueueScope, Place>,
    pub(crate) services: BTreeMap<ServiceKey, Service>,
    pub(crate) known: BTreeMap<DeploymentId, Known>,
    /// How often each task of each deployment began.
    pub(crate) chores: BTreeMap<(DeploymentId, String), u32>,
    made: HashMap<ObjectId, Made>,
}

/// An object that a deployer made.
enum Made {
    Queue { json: Vec<u8>, at: Instant },
    Deployment { json: Vec<u8>, at: Instant },
    Tag { commit: CommitSha },
    Settings { json: Vec<u8> },
}

impl World {
    pub(crate) fn new(
        pace: Pace,
        habits: Habits,
        policies: BTreeMap<EnvironmentName, Policy>,
        readable: bool,
    ) -> Arc<Self> {
        let seen = Seen {
            chronicle: Chronicle::new(readable),
            policies,
            places: BTreeMap::new(),
            services: BTreeMap::new(),
            known: BTreeMap::new(),
            chores: BTreeMap::new(),
            made: HashMap::new(),
        };
        Arc::new(Self {
            remote: Remote::new(),
            grammar: TagGrammar::default(),
            start: Instant::now(),
            pace,
            habits,
            underway: AtomicUsize::new(0),
            seen: Mutex::new(seen),
            last: Mutex::default(),
        })
    }

    /// Looks at, or changes, what is known of everything.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut lock(&self.seen))
    }

    /// Something happened to somebody.
    pub(crate) fn note(&self, who: &DeploymentId, what: impl FnOnce() -> String) {
        self.with(|seen| seen.chronicle.note(&short(who), what));
    }

    /// Something went wrong for somebody just now.
    pub(crate) fn mishap(&self, who: &DeploymentId, what: impl FnOnce() -> String) {
        let now = Instant::now();
        self.with(|seen| {
            seen.chronicle.note(&short(who), what);
            seen.known.entry(who.clone()).or_default().suffer(now, now);
        });
    }

    /// Somebody who waits looks at the queue of an environment.
    pub(crate) fn looks(&self, who: &DeploymentId) {
        if promise::trip(self.pace.longest, self.habits.tears).is_none() {
            return;
        }
        self.with(|seen| {
            let now = Instant::now();
            let known = &seen.known;
            let told = seen.places.values_mut().find_map(|it| promise::look(it, who, known, now));
            if let Some(told) = told {
                seen.chronicle.broken(Promise::Handover, told);
            }
        });
    }

    /// Somebody begins in this process.
    pub(crate) fn joins(&self, who: &DeploymentId, process: usize) {
        self.with(|seen| seen.known.entry(who.clone()).or_default().process = Some(process));
    }

    /// From this moment on somebody wants no turn any more.
    pub(crate) fn leaves(&self, who: &DeploymentId, at: Option<Instant>) {
        self.with(|seen| seen.known.entry(who.clone()).or_default().leaves = at);
    }

    /// A commit is on its way.
    pub(crate) fn departs(&self) {
        self.underway.fetch_add(1, Ordering::Relaxed);
    }

    /// A commit has arrived.
    pub(crate) fn arrives(&self) {
        self.underway.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether nothing is on its way any more.
    pub(crate) fn is_still(&self) -> bool {
        self.underway.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn made_record(&self, object: ObjectId, name: &RefName, json: &[u8]) {
        let (json, at) = (json.to_vec(), Instant::now());
        let made = if name.as_str().starts_with(QUEUES) {
            Made::Queue { json, at }
        } else if name.as_str().starts_with(SETTINGS) {
            Made::Settings { json }
        } else {
            Made::Deployment { json, at }
        };
        self.with(|seen| seen.made.insert(object, made));
    }

    pub(crate) fn made_tag(&self, object: ObjectId, commit: CommitSha) {
        self.with(|seen| seen.made.insert(object, Made::Tag { commit }));
    }

    /// The last transaction, while it may be seen in part.
    pub(crate) fn torn(&self) -> Option<Torn> {
        let last = lock(&self.last);
        last.as_ref().filter(|last| last.at.elapsed() < self.habits.tears).cloned()
    }

    /// The refs of a transaction before it.
    async fn as_it_is(&self, change: &Transaction) -> Option<Torn> {
        if self.habits.tears.is_zero() {
            return None;
        }
        let (store, mut before) = (self.remote.store(), Vec::new());
        for update in change.updates() {
            let target = store.peek(&update.name).await.ok()?;
            before.push((update.name.as_str().to_owned(), target));
        }
        Some(Torn { at: Instant::now(), before })
    }

    /// Lets the remote carry out a transaction, and looks at it if it happened.
    pub(crate) async fn carry_out(
        &self,
        store: &memory::RefStore,
        who: &DeploymentId,
        change: Transaction,
    ) -> Result<Attempts, CommitError> {
        let before = self.remote.commits();
        let torn = self.as_it_is(&change).await;
        let answer = store.commit(change.clone()).await;
        if self.remote.commits() > before {
            *lock(&self.last) = torn;
            let trip = promise::trip(self.pace.longest, self.habits.tears);
            self.with(|seen| seen.landed(who, &change, trip));
        } else if let Err(error) = &answer {
            self.note(who, || format!("nothing changed: {error}"));
        }
        answer
    }
}

impl Seen {
    /// Judges a commit that happened, and follows it.
    fn landed(&mut self, who: &DeploymentId, change: &Transaction, trip: Option<Duration>) {
        match self.read(who, change) {
            Ok((scope, commit)) => self.judge(&scope, commit, trip),
            Err(told) => self.chronicle.broken(Promise::Records, told),
        }
    }

    fn judge(&mut self, scope: &QueueScope, commit: Commit, trip: Option<Duration>) {
        self.chronicle.note(&short(&commit.by), || promise::told(&commit));
        let Some(place) = self.places.get_mut(scope) else {
            let told = format!("a commit to {scope}, which nobody knows");
            return self.chronicle.broken(Promise::Records, told);
        };
        let services = &mut self.services;
        let environment = &scope.environment;
        let evidence = Evidence { environment, known: &self.known, services, trip };
        for (promise, told) in promise::judge(place, &commit, evidence) {
            self.chronicle.broken(promise, format!("{}: {told}", short(&commit.by)));
        }
        place.follow(commit);
        for (promise, told) in promise::standing(place) {
            self.chronicle.broken(promise, told);
        }
    }

    /// Whose queue a deployment of this sub-project goes through.
    pub(crate) fn scope_of(&self, (environment, project): &ServiceKey) -> QueueScope {
        if self.policies.get(environment).is_some_and(|it| it.divided) {
            QueueScope::part(environment.clone(), project.clone())
        } else {
            QueueScope::whole(environment.clone())
        }
    }

    /// What a transaction changed, and through which queue.
    fn read(
        &self,
        who: &DeploymentId,
        change: &Transaction,
    ) -> Result<(QueueScope, Commit), String> {
        let (mut places, mut written, at) = (Vec::new(), Instant::now(), Instant::now());
        let (mut queue, mut records, mut tags) = (None, Vec::new(), BTreeMap::new());
        for update in change.updates() {
            let name = update.name.as_str();
            let made = update.new.map(|object| self.made.get(&object).ok_or(object)).transpose();
            let made = made.map_err(|object| format!("{name} is {object}, which nobody made"))?;
            let bad = |error: &dyn std::fmt::Display| format!("{name} cannot be read: {error}");
            match made {
                Some(Made::Queue { json, at }) => {
                    let record = QueueRecord::from_json(json).map_err(|error| bad(&error))?;
                    // It goes with the first writing of a sub-project's queue.
                    if record.is_split() {
                        continue;
                    }
                    places.push(record.scope());
                    written = written.min(*at);
                    queue = Some(record);
                }
                Some(Made::Deployment { json, at }) => {
                    let record = Deployment::from_json(json).map_err(|error| bad(&error))?;
                    let project = record.version.sub_project_path().clone();
                    places.push(self.scope_of(&(record.environment.clone(), project)));
                    written = written.min(*at);
                    records.push(record);
                }
                Some(Made::Tag { commit }) => {
                    tags.insert(tag_name(name)?, Some(*commit));
                }
                Some(Made::Settings { json }) => {
                    SharedSettings::from_json(json).map_err(|error| bad(&error))?;
                    // All deployers have the same, so that only the first has any to register.
                    if update.expected.is_some() {
                        return Err(format!("{name} was changed"));
                    }
                }
                None if name.starts_with(TAGS) => {
                    tags.insert(tag_name(name)?, None);
                }
                None => return Err(format!("{name} was deleted")),
            }
        }
        let place = places.first().cloned().ok_or("a commit without a record")?;
        if places.iter().any(|other| *other != place) {
            return Err(format!("one commit changed what goes through several queues: {places:?}"));
        }
        let queue = queue.map(|queue| (queue, written));
        Ok((place, Commit { by: who.clone(), at, queue, records, tags }))
    }
}

fn tag_name(name: &str) -> Result<TagName, String> {
    let short = name.strip_prefix(TAGS).ok_or_else(|| format!("{name} is no tag"))?;
    short.parse().map_err(|faults| format!("{name}: {faults}"))
}

/// The ref of a deployment's record.
pub(crate) fn record_ref(environment: &EnvironmentName, id: &DeploymentId) -> String {
    format!("{DEPLOYMENTS}{environment}/{id}")
}

/// The ref of a queue.
pub(crate) fn queue_ref(scope: &QueueScope) -> String {
    format!("{QUEUES}{}", scope.key())
}
