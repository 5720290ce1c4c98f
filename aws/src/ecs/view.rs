//! A service of ECS as one answer of DescribeServices shows it: plain data, of which verdicts are
//! made.
//!
//! It leaves out everything that no verdict needs.

use std::time::Duration;

use aws_sdk_ecs::types;

/// A service at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Service {
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub(super) status: String,
    /// How many tasks it should run.
    pub(super) desired: i32,
    /// Who rolls out: `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub(super) controller: String,
    /// Whether ECS puts the last completed deployment back when one fails.
    pub(super) puts_back: bool,
    /// Whether traffic is shifted in stages, of which the deployments do not tell.
    pub(super) is_staged: bool,
    /// How long ECS waits by itself in each rollout.
    pub(super) bakes: Duration,
    /// The revision that it was last asked to run.
    pub(super) revision: Option<String>,
    /// The deployments that still have a part in it.
    pub(super) deployments: Vec<Deployment>,
    /// What ECS says of it, newest first.
    pub(super) events: Vec<Event>,
}

/// One deployment of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Deployment {
    /// ECS's ID of it.
    pub(super) id: String,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`.
    pub(super) status: String,
    /// ARN of the revision that it brings.
    pub(super) revision: String,
    /// Tasks that it should run.
    pub(super) desired: i32,
    /// Tasks that run.
    pub(super) running: i32,
    /// Tasks that are about to run.
    pub(super) pending: i32,
    /// Tasks that could not be brought up.
    pub(super) failed: i32,
    /// How far it came.
    pub(super) state: State,
    /// Why it is there.
    pub(super) reason: String,
    /// When it began, in seconds since 1970.
    pub(super) created_at: f64,
}

/// How far a deployment came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    /// The service is not where it should be yet.
    #[default]
    InProgress,
    /// The service reached its steady state.
    Completed,
    /// ECS gave it up.
    Failed,
    /// ECS does not say, as behind a Classic Load Balancer.
    Untold,
}

/// One thing that ECS says of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Event {
    /// When, in seconds since 1970.
    pub(super) at: f64,
    /// What.
    pub(super) message: String,
}

impl Service {
    /// Whether it exists and is not being deleted.
    pub(super) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// The deployment that ECS is steering towards.
    pub(super) fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.is_primary())
    }

    /// The deployment with this ID.
    pub(super) fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.id == id)
    }

    /// Whether `deployment` is all that is left of this service's deployments.
    pub(super) fn is_alone(&self, deployment: &Deployment) -> bool {
        let others = self.deployments.iter().filter(|other| other.id != deployment.id);
        others.into_iter().all(|other| other.status == "INACTIVE")
    }

    /// When ECS said that a deployment was complete, which began at `since`.
    pub(super) fn completed_at(&self, id: &str, since: f64) -> Option<f64> {
        let completed = format!("(deployment {id}) deployment completed");
        let says_so =
            |text: &str| text.contains("has reached a steady state") || text.contains(&completed);
        let said = self.events.iter().filter(|it| it.at >= since && says_so(&it.message));
        said.map(|event| event.at).min_by(f64::total_cmp)
    }

    /// The revision that ran steadily, where one does: what a failure would put back.
    pub(super) fn steady_revision(&self) -> Option<&str> {
        let steady = |it: &&Deployment| it.state != State::Failed && it.is_full();
        let complete = |it: &&Deployment| match it.state {
            State::Completed => true,
            State::Untold => self.is_alone(it),
            State::InProgress | State::Failed => false,
        };
        let mut found: Vec<_> = self.deployments.iter().filter(steady).filter(complete).collect();
        found.sort_by(|left, right| right.created_at.total_cmp(&left.created_at));
        found.first().map(|deployment| deployment.revision.as_str())
    }
}

impl Deployment {
    /// Whether ECS steers towards it.
    pub(super) fn is_primary(&self) -> bool {
        self.status == "PRIMARY"
    }

    /// Whether it runs all its tasks, and has any. While auto-scaling takes some away again, more run
    /// than should.
    pub(super) fn is_full(&self) -> bool {
        self.desired >= 1 && self.running >= self.desired
    }
}

impl From<&types::Service> for Service {
    fn from(service: &types::Service) -> Self {
        let controller = service.deployment_controller().map(|it| it.r#type().as_str());
        Self {
            status: service.status().unwrap_or_default().to_owned(),
            desired: service.desired_count(),
            controller: controller.unwrap_or("ECS").to_owned(),
            puts_back: service.deployment_configuration().is_some_and(puts_back),
            is_staged: service.deployment_configuration().is_some_and(is_staged),
            bakes: service.deployment_configuration().map_or(Duration::ZERO, bakes),
            revision: service.task_definition().map(str::to_owned),
            deployments: service.deployments().iter().map(Deployment::from).collect(),
            events: service.events().iter().map(Event::from).collect(),
        }
    }
}

/// By the circuit breaker, by alarms, or because this way of rolling out always does.
fn puts_back(configuration: &types::DeploymentConfiguration) -> bool {
    let breaker = configuration.deployment_circuit_breaker();
    let alarms = configuration.alarms();
    breaker.is_some_and(|breaker| breaker.enable() && breaker.rollback())
        || alarms.is_some_and(|alarms| alarms.enable() && alarms.rollback())
        || is_staged(configuration)
}

/// Whether another way than ROLLING was chosen.
fn is_staged(configuration: &types::DeploymentConfiguration) -> bool {
    configuration.strategy().is_some_and(|strategy| strategy.as_str() != "ROLLING")
}

/// All bake times of a rollout: between the shifts of traffic, and before what ran is removed.
fn bakes(configuration: &types::DeploymentConfiguration) -> Duration {
    let minutes = |time: Option<i32>| time.and_then(|it| u64::try_from(it).ok()).unwrap_or(0);
    let between = match configuration.strategy().map(types::DeploymentStrategy::as_str) {
        Some("CANARY") => configuration
            .canary_configuration()
            .map_or(0, |canary| minutes(canary.canary_bake_time_in_minutes())),
        Some("LINEAR") => configuration.linear_configuration().map_or(0, |linear| {
            pauses(linear.step_percent()) * minutes(linear.step_bake_time_in_minutes())
        }),
        _ => 0,
    };
    Duration::from_secs(60 * (between + minutes(configuration.bake_time_in_minutes())))
}

/// How many pauses there are between steps of so many per cent; ten unless something else is said.
fn pauses(percent: Option<f64>) -> u64 {
    let percent = percent.filter(|it| *it > 0.0).unwrap_or(10.0);
    (1..100_u32).take_while(|step| f64::from(*step) * percent < 100.0).map(|_| 1).sum()
}

impl From<&types::Deployment> for Deployment {
    fn from(deployment: &types::Deployment) -> Self {
        Self {
            id: deployment.id().unwrap_or_default().to_owned(),
            status: deployment.status().unwrap_or_default().to_owned(),
            revision: deployment.task_definition().unwrap_or_default().to_owned(),
            desired: deployment.desired_count(),
            running: deployment.running_count(),
            pending: deployment.pending_count(),
            failed: deployment.failed_tasks(),
            state: deployment.rollout_state().map_or(State::Untold, State::from),
            reason: deployment.rollout_state_reason().unwrap_or_default().to_owned(),
            created_at: seconds(deployment.created_at()),
        }
    }
}

impl From<&types::DeploymentRolloutState> for State {
    fn from(state: &types::DeploymentRolloutState) -> Self {
        match state {
            types::DeploymentRolloutState::Completed => Self::Completed,
            types::DeploymentRolloutState::Failed => Self::Failed,
            // A state that is newer than this code is no end.
            _ => Self::InProgress,
        }
    }
}

impl From<&types::ServiceEvent> for Event {
    fn from(event: &types::ServiceEvent) -> Self {
        let message = event.message().unwrap_or_default().to_owned();
        Self { at: seconds(event.created_at()), message }
    }
}

fn seconds(time: Option<&aws_sdk_ecs::primitives::DateTime>) -> f64 {
    time.map_or(0.0, aws_sdk_ecs::primitives::DateTime::as_secs_f64)
}

/// A task that stopped.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct StoppedTask {
    /// The last part of its ARN.
    pub(super) id: String,
    /// Which deployment had started it.
    pub(super) started_by: String,
    /// ECS's word for the kind of end, such as `EssentialContainerExited`.
    pub(super) code: String,
    /// ECS's words.
    pub(super) reason: String,
    /// When it ended, in seconds since 1970.
    pub(super) stopped_at: f64,
    /// Its containers that have something to say.
    pub(super) containers: Vec<StoppedContainer>,
}

/// A container of a task that stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct StoppedContainer {
    /// Its name.
    pub(super) name: String,
    /// What its process ended with.
    pub(super) exit_code: Option<i32>,
    /// The container agent's words.
    pub(super) reason: String,
}

impl StoppedTask {
    /// Whether it ended by itself or never began: not because somebody wanted it to end.
    pub(super) fn has_crashed(&self) -> bool {
        let by_itself = ["EssentialContainerExited", "TaskFailedToStart", "InfrastructureHealth"];
        // The scheduler stops what is unhealthy, as it stops what is too many.
        let unhealthy = self.reason.contains("health check");
        by_itself.contains(&self.code.as_str()) || unhealthy
    }
}

impl From<&types::Task> for StoppedTask {
    fn from(task: &types::Task) -> Self {
        let arn = task.task_arn().unwrap_or_default();
        Self {
            id: arn.rsplit('/').next().unwrap_or_default().to_owned(),
            started_by: task.started_by().unwrap_or_default().to_owned(),
            code: task.stop_code().map_or_else(String::new, |code| code.as_str().to_owned()),
            reason: task.stopped_reason().unwrap_or_default().to_owned(),
            stopped_at: seconds(task.stopped_at()),
            containers: task.containers().iter().map(StoppedContainer::from).collect(),
        }
    }
}

impl From<&types::Container> for StoppedContainer {
    fn from(container: &types::Container) -> Self {
        Self {
            name: container.name().unwrap_or_default().to_owned(),
            exit_code: container.exit_code(),
            reason: container.reason().unwrap_or_default().to_owned(),
        }
    }
}
