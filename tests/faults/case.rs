//! One fault case: what is deployed, what happens meanwhile, and what has to come of it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use pipeline_acceptance::ecs::{Ecs, Script};
use pipeline_core::aws::Connection;
use pipeline_core::aws::ecs::{EcsSettings, EcsTarget};
use pipeline_core::model::deployment::EcsRollout;
use pipeline_core::target::{Grant, Order, Restored, Rolled, Target as _};
use tokio::time::Instant;

/// The image that every case deploys.
pub(crate) const NEW: &str = "web:2.0";

/// The image that runs before, where nothing else is said.
pub(crate) const OLD: &str = "web:1.0";

/// How the rollout ends, as the deployer hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// It is out, and stays out.
    Out,
    /// Nothing was changed.
    Untouched,
    /// It failed.
    Failed,
    /// ECS puts the service back by itself.
    RollingBack,
    /// Somebody else took over.
    Replaced,
    /// Nobody can tell.
    Unknown,
    /// It was interrupted.
    Stopped,
}

/// How putting back ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back {
    /// The service is as it was.
    Done,
    /// It was never changed.
    Unchanged,
    /// There is nothing to put back.
    Nothing,
    /// Somebody else took over.
    Replaced,
    /// It could not be put back.
    Failed,
    /// Nobody can tell.
    Unknown,
}

/// What happens outside ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// Nothing.
    Calm,
    /// The health check fails after the rollout.
    Unhealthy,
    /// The person interrupts as soon as an operation was called so often.
    Stop(&'static str, u32),
    /// The lease is lost as soon as an operation was called so often.
    LeaseLost(&'static str, u32),
    /// The health check fails, and the lease is lost meanwhile.
    UnhealthyAndLost,
    /// There is no ECS at the address.
    NobodyListens,
}

/// A case.
pub(crate) struct Case {
    name: &'static str,
    script: Script,
    around: Around,
    good: Option<(u32, &'static str)>,
    settings: fn(&mut EcsSettings),
    ends: Ends,
    back: Option<Back>,
    runs: Option<&'static str>,
    says: Vec<&'static str>,
    updates: Option<u32>,
    revision: Option<u32>,
}

impl Case {
    /// A case that ends so; the service runs the new image after a success, else the old one.
    pub(crate) fn new(name: &'static str, script: Script, ends: Ends) -> Self {
        let runs = if ends == Ends::Out { NEW } else { OLD };
        Self {
            name,
            script,
            around: Around::Calm,
            good: None,
            settings: |_| (),
            ends,
            back: None,
            runs: Some(runs),
            says: Vec::new(),
            updates: None,
            revision: None,
        }
    }

    /// What happens outside ECS.
    pub(crate) fn around(self, around: Around) -> Self {
        Self { around, ..self }
    }

    /// The last known good deployment left this revision of this service.
    pub(crate) fn good(self, revision: u32, service: &'static str) -> Self {
        Self { good: Some((revision, service)), ..self }
    }

    /// With other settings.
    pub(crate) fn set(self, settings: fn(&mut EcsSettings)) -> Self {
        Self { settings, ..self }
    }

    /// Putting back ends so.
    pub(crate) fn back(self, back: Back) -> Self {
        Self { back: Some(back), ..self }
    }

    /// The service runs this image in the end.
    pub(crate) fn runs(self, image: &'static str) -> Self {
        Self { runs: Some(image), ..self }
    }

    /// There is no service in the end.
    pub(crate) fn runs_nothing(self) -> Self {
        Self { runs: None, ..self }
    }

    /// The reasons contain this.
    pub(crate) fn says(mut self, text: &'static str) -> Self {
        self.says.push(text);
        self
    }

    /// The service is asked so often to run something.
    pub(crate) fn updates(self, times: u32) -> Self {
        Self { updates: Some(times), ..self }
    }

    /// The service runs this revision in the end.
    pub(crate) fn revision_in_the_end(self, revision: u32) -> Self {
        Self { revision: Some(revision), ..self }
    }

    async fn target(&self, url: &str) -> EcsTarget {
        let mut settings = EcsSettings::new("main", "web", "app", NEW);
        settings.timeout = Duration::from_secs(10);
        settings.poll_interval = Duration::from_millis(3);
        settings.call_timeout = Duration::from_millis(250);
        (self.settings)(&mut settings);
        let url = if self.around == Around::NobodyListens { "http://127.0.0.1:9" } else { url };
        let connection = Arc::new(Connection::local(url));
        // What takes long on a busy machine is no part of the case.
        connection.config().await;
        EcsTarget::new(connection, settings)
    }

    fn order(&self) -> Order {
        let last_good = self.good.map(|(revision, service)| EcsRollout {
            cluster: "main".to_owned(),
            service: service.to_owned(),
            container: "app".to_owned(),
            image: "web:good".to_owned(),
            task_definition: Some(format!("{REVISION}{revision}")),
            previous_task_definition: None,
            ecs_deployment_id: None,
            restored_task_definition: None,
        });
        Order {
            deployment_id: "deploy-20251121-103045-abc123".parse().unwrap(),
            version: "web/v2.0.0".parse().unwrap(),
            environment: "staging".parse().unwrap(),
            last_good,
            last_good_version: None,
        }
    }
}

const REVISION: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:";

/// What came of a case.
struct Came {
    ends: Ends,
    back: Option<Back>,
    reasons: String,
    rollout: Option<EcsRollout>,
}

/// Runs a case; what is wrong with its outcome.
pub(crate) async fn run(case: Case) -> Result<(), String> {
    let ecs = Ecs::start(case.script.clone()).map_err(|error| error.to_string())?;
    let came = deploy(&case, &ecs).await;
    let wrong = check(&case, &ecs, &came);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}: {} ({})", case.name, wrong.join("; "), came.reasons))
}

/// What the deployer does, without its ledger.
async fn deploy(case: &Case, ecs: &Ecs) -> Came {
    let target = case.target(&ecs.url).await;
    let order = case.order();
    let (grant, permit) = Grant::new(Instant::now(), Duration::from_secs(600));
    let mut rollout = None;
    let rolled = tokio::select! {
        rolled = target.roll_out(&order, &permit, &mut rollout) => Some(rolled),
        () = interruption(case, ecs, &grant) => None,
    };
    let rolled = match (rolled, case.around) {
        (Some(Rolled::Out), Around::Unhealthy | Around::UnhealthyAndLost) => {
            if case.around == Around::UnhealthyAndLost {
                grant.revoke(Instant::now());
            }
            Some(Rolled::Failed { reason: "the health check failed".to_owned() })
        }
        (Some(Rolled::Out), _) => Some(target.confirm(&rollout).await),
        (rolled, _) => rolled,
    };
    let (ends, mut reasons) = told(rolled);
    let goes_back = matches!(ends, Ends::Failed | Ends::RollingBack | Ends::Stopped);
    let mut back = None;
    if goes_back {
        let restored = target.restore(&order, &permit, &mut rollout).await;
        let (how, reason) = told_back(restored);
        back = Some(how);
        let _ = write!(reasons, " | {reason}");
    }
    Came { ends, back, reasons, rollout }
}

/// Ends when the person interrupts; takes the lease away meanwhile, where the case says so.
async fn interruption(case: &Case, ecs: &Ecs, grant: &Grant) {
    let called = async |operation: &str, times: u32| {
        while ecs.world().called(operation) < times {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    match case.around {
        Around::Stop(operation, times) => return called(operation, times).await,
        Around::LeaseLost(operation, times) => {
            called(operation, times).await;
            grant.revoke(Instant::now());
        }
        _ => {}
    }
    std::future::pending().await
}

fn told(rolled: Option<Rolled>) -> (Ends, String) {
    match rolled {
        Some(Rolled::Out) => (Ends::Out, String::new()),
        Some(Rolled::Untouched { reason }) => (Ends::Untouched, reason),
        Some(Rolled::Failed { reason }) => (Ends::Failed, reason),
        Some(Rolled::RollingBack { reason }) => (Ends::RollingBack, reason),
        Some(Rolled::Replaced { reason }) => (Ends::Replaced, reason),
        Some(Rolled::Unknown { reason }) => (Ends::Unknown, reason),
        None => (Ends::Stopped, String::new()),
    }
}

fn told_back(restored: Restored) -> (Back, String) {
    match restored {
        Restored::Done => (Back::Done, String::new()),
        Restored::Unchanged => (Back::Unchanged, String::new()),
        Restored::Nothing { reason } => (Back::Nothing, reason),
        Restored::Replaced { reason } => (Back::Replaced, reason),
        Restored::Failed { reason } => (Back::Failed, reason),
        Restored::Unknown { reason } => (Back::Unknown, reason),
    }
}

/// Everything that is not as it must be.
fn check(case: &Case, ecs: &Ecs, came: &Came) -> Vec<String> {
    let mut wrong = Vec::new();
    if came.ends != case.ends {
        wrong.push(format!("it ended {:?}, not {:?}", came.ends, case.ends));
    }
    if came.back != case.back {
        wrong.push(format!("putting back ended {:?}, not {:?}", came.back, case.back));
    }
    for text in &case.says {
        if !came.reasons.contains(text) {
            wrong.push(format!("nobody says {text:?}"));
        }
    }
    let world = ecs.world();
    let runs = world.runs();
    if runs.as_deref() != case.runs {
        wrong.push(format!("ECS runs {runs:?}, not {:?}", case.runs));
    }
    let front =
        world.service.as_ref().and_then(|it| it.deployments.iter().find(|it| it.is_primary));
    if case.revision.is_some() && case.revision != front.map(|front| front.revision) {
        wrong.push(format!("ECS has {front:?}, not revision {:?}", case.revision));
    }
    let updates = world.called("UpdateService");
    if case.updates.is_some_and(|times| times != updates) {
        wrong.push(format!("UpdateService was called {updates} times, not {:?}", case.updates));
    }
    for call in ["DeregisterTaskDefinition", "DeleteTaskDefinitions", "StopTask", ""] {
        if world.called(call) > 0 {
            wrong.push(format!("{call} was called"));
        }
    }
    wrong.extend(disagreement(came, &world));
    wrong
}

/// What is remembered of the rollout, against ECS.
fn disagreement(came: &Came, world: &pipeline_acceptance::ecs::World) -> Option<String> {
    let front = world.service.as_ref()?.deployments.iter().find(|it| it.is_primary)?;
    let rollout = came.rollout.as_ref()?;
    let arn = format!("{REVISION}{}", front.revision);
    let agrees = match (came.ends, came.back) {
        (Ends::Out, _) => {
            rollout.task_definition.as_ref() == Some(&arn)
                && rollout.ecs_deployment_id.as_ref() == Some(&front.id)
                && rollout.restored_task_definition.is_none()
                && front.running == world.service.as_ref()?.desired
        }
        (_, Some(Back::Done)) => {
            rollout.restored_task_definition.as_ref() == Some(&arn)
                && front.running == world.service.as_ref()?.desired
        }
        (_, Some(Back::Nothing | Back::Unchanged)) => rollout.restored_task_definition.is_none(),
        _ => true,
    };
    (!agrees).then(|| format!("ECS has {front:?}, and what is remembered is {rollout:?}"))
}
