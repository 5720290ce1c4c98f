//! What an ECS for tests starts with, how images behave in it, what happens when, and what goes wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How the tasks of an image fare in a deployment, look by look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// All run at the second look.
    Healthy,
    /// All run after so many looks.
    Slow(u32),
    /// One ends with an error at each look.
    CrashLoop,
    /// They never leave their pending state.
    Pending,
    /// All run at the second look; so many looks later all end, and do not come again.
    CrashLater(u32),
    /// As [`Course::CrashLater`], but at every other look they run again.
    Flaps(u32),
    /// All run at the second look, but the old ones stay for so many looks more.
    Drains(u32),
    /// All run at the second look, and the rollout has no state, as behind a Classic Load Balancer.
    Untold,
    /// The older deployment stays in front for so many looks, as where traffic is shifted in stages.
    Staged(u32),
    /// One ends with an error at each of so many looks, then all run.
    Recovers(u32),
    /// All run at the second look, and one more, as while auto-scaling goes back and forth.
    Crowded,
}

/// How a task that is run once ends, at the second look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Its container ends with this exit code.
    Exits(i32),
    /// It never starts, for this reason.
    NeverStarts(&'static str),
    /// It ends only when somebody stops it.
    GoesOn,
}

/// Something that happens by itself, before a call is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Somebody else registers a revision with this image and lets the service run it.
    SomebodyDeploys(&'static str),
    /// Somebody else lets the service run a revision that is there.
    SomebodyRuns(u32),
    /// Somebody else starts the running revision anew.
    SomebodyForces,
    /// The service should run so many tasks now.
    Scale(i32),
    /// The service is deleted.
    Delete,
    /// A revision is deregistered.
    Deregister(u32),
    /// The deployment in front is not there any more, and the one before is in front again.
    Vanish,
    /// For so many looks the answers are those of this moment.
    Stale(u32),
    /// Somebody stops the deployment in front; ECS goes back to the one before, or leaves all as it is.
    Stop {
        /// Whether ECS goes back.
        goes_back: bool,
    },
    /// A task of the deployment in front is moved to another machine for so many looks.
    Move(u32),
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls.
    Throttled,
    /// An error of the service, which carried nothing out.
    Error500,
    /// The service is not there, says a proxy.
    Error503,
    /// It is carried out, and the connection breaks before the answer.
    LosesReply,
    /// It is carried out, and the answer says that the service had an error.
    Error500AfterAll,
    /// It is carried out so many looks later, and the connection breaks now.
    Late(u32),
    /// The connection breaks before it is carried out.
    Reset,
    /// It is accepted, and the service names the revision from then on; no deployment comes of it.
    Unseen,
    /// No answer comes, and it is not carried out.
    Hangs,
    /// It is carried out, and no answer comes.
    HangsAfterwards,
    /// The credentials do not allow it.
    Denied,
    /// The credentials are too old.
    Expired,
    /// An answer that is not of the protocol.
    Garbage,
    /// Two registrations at a time.
    Concurrent,
    /// The parameters are refused.
    Refused,
    /// The cluster is not known.
    NoCluster,
}

/// Something that happens outside of ECS. It may not look at the world that calls it.
#[derive(Clone)]
pub(super) struct Event(Arc<dyn Fn() + Send + Sync>);

impl Event {
    /// Lets it happen.
    pub(super) fn happen(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Event")
    }
}

/// The beginning of a world, and all that is to happen in it.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) desired: i32,
    pub(super) controller: Option<&'static str>,
    pub(super) strategy: Option<&'static str>,
    pub(super) breaker: Option<bool>,
    pub(super) alarms: Option<bool>,
    pub(super) keeps_records: bool,
    pub(super) bakes: Option<i32>,
    pub(super) reuses_id: bool,
    pub(super) hesitates: u32,
    pub(super) has_service: bool,
    pub(super) is_steady: bool,
    pub(super) images: Vec<(String, bool)>,
    pub(super) runs: u32,
    pub(super) courses: BTreeMap<String, Course>,
    pub(super) endings: Vec<Ending>,
    pub(super) log: Vec<String>,
    pub(super) acts: Vec<(&'static str, u32, Act)>,
    pub(super) faults: Vec<(&'static str, RangeInclusive<u32>, Fault)>,
    pub(super) events: Vec<(&'static str, u32, Event)>,
    pub(super) silence: Option<Event>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            desired: 2,
            controller: None,
            strategy: None,
            breaker: None,
            alarms: None,
            keeps_records: false,
            bakes: None,
            reuses_id: false,
            hesitates: 0,
            has_service: true,
            is_steady: true,
            images: Vec::new(),
            runs: 1,
            endings: Vec::new(),
            log: Vec::new(),
            courses: BTreeMap::new(),
            acts: Vec::new(),
            faults: Vec::new(),
            events: Vec::new(),
            silence: None,
        }
    }
}

impl Script {
    /// Cluster `main` with service `web`, which runs two tasks of revision `web:1`. Its container `app`
    /// has the image `web:1.0`, and beside it runs a container `proxy`. Every image is healthy.
    #[must_use]
    pub fn new() -> Self {
        Self { images: vec![("web:1.0".to_owned(), true)], ..Self::default() }
    }

    /// The service should run so many tasks.
    #[must_use]
    pub fn desired(self, desired: i32) -> Self {
        Self { desired, ..self }
    }

    /// The service has this deployment controller.
    #[must_use]
    pub fn controller(self, controller: &'static str) -> Self {
        Self { controller: Some(controller), ..self }
    }

    /// The service rolls out in this way.
    #[must_use]
    pub fn strategy(self, strategy: &'static str) -> Self {
        Self { strategy: Some(strategy), ..self }
    }

    /// The service has a circuit breaker, which rolls back or does not.
    #[must_use]
    pub fn breaker(self, rollback: bool) -> Self {
        Self { breaker: Some(rollback), ..self }
    }

    /// The service is watched by alarms, which roll back or do not.
    #[must_use]
    pub fn alarms(self, rollback: bool) -> Self {
        Self { alarms: Some(rollback), ..self }
    }

    /// The service bakes new tasks for so many minutes.
    #[must_use]
    pub fn bakes(self, minutes: i32) -> Self {
        Self { bakes: Some(minutes), ..self }
    }

    /// Records of deployments may be read.
    #[must_use]
    pub fn keeps_records(self) -> Self {
        Self { keeps_records: true, ..self }
    }

    /// A rollback takes the ID of the deployment that it goes back to.
    #[must_use]
    pub fn reuses_id(self) -> Self {
        Self { reuses_id: true, ..self }
    }

    /// A rollback begins only so many looks after the failure.
    #[must_use]
    pub fn hesitates(self, looks: u32) -> Self {
        Self { hesitates: looks, ..self }
    }

    /// There is no service in the cluster.
    #[must_use]
    pub fn without_service(self) -> Self {
        Self { has_service: false, ..self }
    }

    /// The service never came up yet, nor will it.
    #[must_use]
    pub fn never_steady(self) -> Self {
        let course = self.course("web:1.0", Course::Pending);
        Self { is_steady: false, ..course }
    }

    /// One more revision of `web`, ACTIVE or not.
    #[must_use]
    pub fn revision(mut self, image: &str, active: bool) -> Self {
        self.images.push((image.to_owned(), active));
        self
    }

    /// The service runs this revision.
    #[must_use]
    pub fn runs(self, revision: u32) -> Self {
        Self { runs: revision, ..self }
    }

    /// Every task that is run once writes this line.
    #[must_use]
    pub fn writes(mut self, line: &str) -> Self {
        self.log.push(line.to_owned());
        self
    }

    /// The next task that is run once ends so; one of which nothing is said ends well.
    #[must_use]
    pub fn ends(mut self, ending: Ending) -> Self {
        self.endings.push(ending);
        self
    }

    /// The image fares like this.
    #[must_use]
    pub fn course(mut self, image: &str, course: Course) -> Self {
        self.courses.insert(image.to_owned(), course);
        self
    }

    /// Before the n-th call of an operation, counted from 1, this happens.
    #[must_use]
    pub fn at(mut self, operation: &'static str, call: u32, act: Act) -> Self {
        self.acts.push((operation, call, act));
        self
    }

    /// After the n-th call of an operation came, counted from 1, and before anything is done about it,
    /// this happens outside.
    #[must_use]
    pub fn outside(
        mut self,
        operation: &'static str,
        call: u32,
        event: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        self.events.push((operation, call, Event(Arc::new(event))));
        self
    }

    /// As soon as a call will get no answer, this happens outside.
    #[must_use]
    pub fn when_silent(self, event: impl Fn() + Send + Sync + 'static) -> Self {
        Self { silence: Some(Event(Arc::new(event))), ..self }
    }

    /// These calls of an operation, counted from 1, go wrong; `*` is any operation.
    #[must_use]
    pub fn fault(
        mut self,
        operation: &'static str,
        calls: RangeInclusive<u32>,
        fault: Fault,
    ) -> Self {
        self.faults.push((operation, calls, fault));
        self
    }
}
