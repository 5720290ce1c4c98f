//! What is the case in an ECS for tests, and how it goes on with each look.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::once::Once;
use super::script::{Act, Course, Script};

/// How many tasks must fail before the circuit breaker trips: the least that ECS knows.
const THRESHOLD: i32 = 3;

/// When the clock starts, in seconds since 1970.
const START: f64 = 1_760_000_000.0;

/// Everything that is the case.
#[derive(Debug)]
pub struct World {
    /// The service; none where there is none.
    pub service: Option<Service>,
    /// Tasks that were run once, in their order.
    pub once: Vec<Once>,
    /// How often each operation was called.
    pub calls: BTreeMap<String, u32>,
    /// Whether it gives no answer to any call from now on, and carries none out.
    pub is_silent: bool,
    pub(super) script: Script,
    pub(super) definitions: Vec<Definition>,
    pub(super) stopped: Vec<Value>,
    pub(super) stale: Option<(u32, Service)>,
    pub(super) late: Vec<(u32, u32)>,
    /// The revision that the service names although no deployment brings it.
    pub(super) named: Option<u32>,
    /// Every deployment that began: its revision and when, in the order in which they did.
    pub(super) begun: Vec<(u32, f64)>,
    /// What became of the deployment of a revision that somebody stopped.
    pub(super) ended: Option<(u32, &'static str)>,
    clock: f64,
    next_id: u64,
}

/// A revision of the one family `web`.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) is_active: bool,
    pub(super) body: Map<String, Value>,
    pub(super) tags: Vec<Value>,
    pub(super) registered_by: &'static str,
}

/// The service.
#[derive(Debug, Clone)]
pub struct Service {
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: &'static str,
    /// How many tasks it should run.
    pub desired: i32,
    /// Those that still have a part in it, newest first.
    pub deployments: Vec<Deployment>,
    pub(super) events: Vec<(f64, String)>,
}

/// A deployment of the service.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Its ID.
    pub id: String,
    /// Whether it is the primary one.
    pub is_primary: bool,
    /// The number of its revision.
    pub revision: u32,
    /// Tasks that run.
    pub running: i32,
    pub(super) pending: i32,
    pub(super) failed: i32,
    pub(super) state: &'static str,
    pub(super) reason: String,
    pub(super) created_at: f64,
    pub(super) age: u32,
    pub(super) moved: u32,
    tripped: u32,
    completed: Option<u32>,
}

impl World {
    /// A world at its beginning.
    pub(super) fn new(script: Script) -> Self {
        let mut world = Self {
            service: None,
            once: Vec::new(),
            calls: BTreeMap::new(),
            is_silent: false,
            definitions: Vec::new(),
            stopped: Vec::new(),
            stale: None,
            late: Vec::new(),
            named: None,
            begun: Vec::new(),
            ended: None,
            clock: START,
            next_id: 7_000_000_001,
            script,
        };
        for (image, is_active) in world.script.images.clone() {
            let body = definition(&image);
            let tags = vec![json!({ "key": "team", "value": "web" })];
            let registered_by = "arn:aws:iam::123456789012:role/infrastructure";
            world.definitions.push(Definition { is_active, body, tags, registered_by });
        }
        world.settle();
        world
    }

    /// The service as it is before anything happens.
    fn settle(&mut self) {
        let Script { has_service, desired, is_steady, runs, .. } = self.script;
        if !has_service {
            return;
        }
        let mut first = self.begin(runs);
        first.running = if is_steady { desired } else { 0 };
        first.state = if is_steady { "COMPLETED" } else { "IN_PROGRESS" };
        first.completed = is_steady.then_some(0);
        first.age = 1000;
        let deployments = vec![first];
        self.service = Some(Service { status: "ACTIVE", desired, deployments, events: Vec::new() });
        self.clock += 100.0;
    }

    /// The image of the container `app` of a revision.
    #[must_use]
    pub fn image(&self, revision: u32) -> String {
        let body = &self.definition(revision).body;
        let containers = body["containerDefinitions"].as_array().into_iter().flatten();
        let mut named = containers.filter(|container| container["name"] == "app");
        named.next().and_then(|app| app["image"].as_str()).unwrap_or_default().to_owned()
    }

    /// The parameters with which a revision was registered.
    #[must_use]
    pub fn body(&self, revision: u32) -> &Map<String, Value> {
        &self.definition(revision).body
    }

    /// The tags of a revision.
    #[must_use]
    pub fn tags(&self, revision: u32) -> &[Value] {
        &self.definition(revision).tags
    }

    /// How many revisions there are.
    #[must_use]
    pub fn revisions(&self) -> u32 {
        u32::try_from(self.definitions.len()).unwrap_or(u32::MAX)
    }

    /// The image that the service is steering towards.
    #[must_use]
    pub fn runs(&self) -> Option<String> {
        let primary = self.service.as_ref()?.deployments.iter().find(|it| it.is_primary)?;
        Some(self.image(primary.revision))
    }

    /// How often an operation was called.
    #[must_use]
    pub fn called(&self, operation: &str) -> u32 {
        self.calls.get(operation).copied().unwrap_or_default()
    }

    pub(super) fn definition(&self, revision: u32) -> &Definition {
        &self.definitions[revision as usize - 1]
    }

    pub(super) const fn now(&self) -> f64 {
        self.clock
    }

    /// Asks the service for a revision; for the one that it is at, nothing new begins.
    pub(super) fn update(&mut self, revision: u32) {
        if self.front().is_none_or(|front| front.revision != revision) {
            self.deploy(revision);
        }
    }

    /// Lets the service run a revision.
    fn deploy(&mut self, revision: u32) {
        let course = self.course(revision);
        let new = self.begin(revision);
        let Some(service) = &mut self.service else { return };
        if matches!(course, Course::Staged(_)) {
            service.deployments.insert(0, Deployment { is_primary: false, ..new });
            return;
        }
        for old in &mut service.deployments {
            old.is_primary = false;
        }
        service.deployments.insert(0, new);
    }

    fn begin(&mut self, revision: u32) -> Deployment {
        self.clock += 0.25;
        self.next_id += 1;
        self.begun.push((revision, self.clock));
        Deployment {
            id: format!("ecs-svc/{}", self.next_id),
            is_primary: true,
            revision,
            running: 0,
            pending: 0,
            failed: 0,
            state: "IN_PROGRESS",
            reason: "ECS deployment in progress.".to_owned(),
            created_at: self.clock,
            age: 0,
            moved: 0,
            tripped: 0,
            completed: None,
        }
    }

    pub(super) fn course(&self, revision: u32) -> Course {
        self.script.courses.get(&self.image(revision)).copied().unwrap_or(Course::Healthy)
    }

    /// Something happens.
    pub fn act(&mut self, act: &Act) {
        match act {
            Act::SomebodyDeploys(image) => {
                let revision = self.register(definition(image), Vec::new(), SOMEBODY);
                self.deploy(revision);
            }
            Act::SomebodyRuns(revision) => self.deploy(*revision),
            Act::SomebodyForces => {
                let front = self.front().map(|front| front.revision);
                front.into_iter().for_each(|revision| self.deploy(revision));
            }
            Act::Deregister(revision) => self.definitions[*revision as usize - 1].is_active = false,
            Act::Stale(looks) => self.stale = self.service.clone().map(|now| (*looks, now)),
            Act::Scale(desired) => self.scale(*desired),
            Act::Delete => {
                self.service.iter_mut().for_each(|service| service.status = "DRAINING");
            }
            Act::Vanish => self.vanish(),
            Act::Stop { goes_back } => self.stop(*goes_back),
            Act::Move(looks) => {
                let front = self.front_mut();
                front.into_iter().for_each(|front| front.moved = *looks);
            }
        }
    }

    fn stop(&mut self, goes_back: bool) {
        let Some(revision) = self.front().map(|front| front.revision) else { return };
        self.ended = Some((revision, if goes_back { "ROLLBACK_IN_PROGRESS" } else { "STOPPED" }));
        let done = self.service.iter().flat_map(|service| &service.deployments);
        let done = done.into_iter().find(|it| it.completed.is_some()).map(|it| it.revision);
        if let Some(done) = done.filter(|_| goes_back) {
            self.deploy(done);
        }
    }

    fn vanish(&mut self) {
        let Some(service) = &mut self.service else { return };
        service.deployments.retain(|deployment| !deployment.is_primary);
        service.deployments.iter_mut().take(1).for_each(|first| first.is_primary = true);
    }

    fn scale(&mut self, desired: i32) {
        if let Some(service) = &mut self.service {
            service.desired = desired;
        }
        if let Some(front) = self.front_mut() {
            front.running = front.running.min(desired);
        }
    }

    pub(super) fn register(
        &mut self,
        body: Map<String, Value>,
        tags: Vec<Value>,
        registered_by: &'static str,
    ) -> u32 {
        self.definitions.push(Definition { is_active: true, body, tags, registered_by });
        self.revisions()
    }

    fn front(&self) -> Option<&Deployment> {
        self.service.as_ref()?.deployments.iter().find(|deployment| deployment.is_primary)
    }

    fn front_mut(&mut self) -> Option<&mut Deployment> {
        self.service.as_mut()?.deployments.iter_mut().find(|deployment| deployment.is_primary)
    }

    fn say(&mut self, text: &str) {
        let at = self.clock;
        self.service.iter_mut().for_each(|service| service.events.insert(0, (at, text.to_owned())));
    }

    /// One look further.
    pub(super) fn tick(&mut self) {
        self.clock += 1.0;
        for (looks, _) in &mut self.late {
            *looks = looks.saturating_sub(1);
        }
        let due = self.late.iter().position(|(looks, _)| *looks == 0);
        if let Some((_, revision)) = due.map(|position| self.late.remove(position)) {
            self.update(revision);
        }
        self.come_forward();
        let desired = self.service.as_ref().map_or(0, |service| service.desired);
        let Some(front) = self.front_mut() else { return };
        front.age += 1;
        let (age, revision, completed) = (front.age, front.revision, front.completed);
        if self.ended == Some((revision, "STOPPED")) {
            return;
        }
        let Some(front) = self.front_mut() else { return };
        if front.state == "FAILED" {
            front.tripped += 1;
            if front.tripped > self.script.hesitates {
                self.roll_back();
            }
            return;
        }
        if let Some(since) = completed {
            self.live_on(self.course(revision), since, desired);
            return;
        }
        match self.course(revision) {
            Course::Slow(looks) if age < looks => self.run(0, desired),
            Course::Recovers(looks) if age <= looks => self.crash(desired),
            Course::CrashLoop => self.crash(desired),
            Course::Pending => self.run(0, desired),
            _ if desired > 0 && age < 2 => self.run(desired / 2, desired),
            _ => self.complete(desired),
        }
    }

    /// A staged deployment that waited long enough comes to the front.
    fn come_forward(&mut self) {
        let staged = |world: &Self, it: &Deployment| match world.course(it.revision) {
            Course::Staged(looks) => !it.is_primary && it.state == "IN_PROGRESS" && it.age >= looks,
            _ => false,
        };
        let Some(service) = &self.service else { return };
        let ready = service.deployments.iter().position(|it| staged(self, it));
        let Some(service) = &mut self.service else { return };
        for (position, deployment) in service.deployments.iter_mut().enumerate() {
            if !deployment.is_primary && deployment.state == "IN_PROGRESS" {
                deployment.age += 1;
            }
            if ready.is_some() {
                deployment.is_primary = Some(position) == ready;
            }
        }
    }

    fn run(&mut self, running: i32, desired: i32) {
        if let Some(front) = self.front_mut() {
            front.running = running;
            front.pending = desired - running;
        }
    }

    /// A task ends with an error; the circuit breaker counts.
    fn crash(&mut self, desired: i32) {
        let Some(front) = self.front_mut() else { return };
        front.failed += 1;
        front.running = 0;
        front.pending = desired;
        let (id, failed) = (front.id.clone(), front.failed);
        self.stop_task(&id);
        if failed >= THRESHOLD && (self.script.breaker.is_some() || self.script.alarms.is_some()) {
            let breaker = self.script.breaker.is_some();
            let why = if breaker { "tasks failed to start." } else { "alarm detected." };
            if let Some(front) = self.front_mut() {
                front.state = "FAILED";
                front.reason = match breaker {
                    true => format!("ECS deployment circuit breaker: {why}"),
                    false => format!("ECS deployment failed: {why}"),
                };
            }
            self.say(&format!("(service web) (deployment {id}) deployment failed: {why}"));
        }
    }

    fn stop_task(&mut self, deployment: &str) {
        let number = self.stopped.len() + 1;
        self.stopped.push(json!({
            "taskArn": format!("arn:aws:ecs:eu-west-1:123456789012:task/main/task{number}"),
            "startedBy": deployment,
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "stoppedAt": self.clock,
            "lastStatus": "STOPPED",
            "containers": [
                { "name": "app", "exitCode": 1, "reason": "OutOfMemoryError: container killed" },
                { "name": "proxy", "exitCode": 0 },
            ],
        }));
        let text = format!("(service web) has stopped 1 running tasks: (task task{number}).");
        self.say(&text);
    }

    /// The circuit breaker tripped a look ago: back to the last completed deployment, if one is left.
    fn roll_back(&mut self) {
        let back = self.script.breaker == Some(true) || self.script.alarms == Some(true);
        let Some(service) = self.service.as_ref().filter(|_| back) else { return };
        let done = service.deployments.iter().find(|it| it.completed.is_some()).cloned();
        let Some(done) = done else {
            if let Some(front) = self.front_mut() {
                front.reason = "ECS deployment circuit breaker: no rollback candidate was found \
                                to run the rollback."
                    .to_owned();
            }
            return;
        };
        self.say(&format!("(service web) rolling back to deployment {}.", done.id));
        let reuses_id = self.script.reuses_id;
        if reuses_id && let Some(service) = &mut self.service {
            service.deployments.retain(|it| it.id != done.id);
        }
        self.deploy(done.revision);
        if let Some(front) = self.front_mut() {
            front.reason = format!(
                "ECS deployment circuit breaker: rolling back to deploymentId {}.",
                done.id
            );
            if reuses_id {
                front.id.clone_from(&done.id);
                front.created_at = done.created_at;
            }
        }
    }

    fn complete(&mut self, desired: i32) {
        let spare = self.spare();
        let Some(front) = self.front_mut() else { return };
        front.running = desired + spare;
        front.pending = 0;
        front.failed = 0;
        front.state = "COMPLETED";
        "ECS deployment completed.".clone_into(&mut front.reason);
        front.completed = Some(front.age);
        let (id, revision) = (front.id.clone(), front.revision);
        if !matches!(self.course(revision), Course::Drains(_)) {
            self.drop_others();
        }
        self.say(&format!("(service web) (deployment {id}) deployment completed."));
        self.say("(service web) has reached a steady state.");
    }

    /// How many tasks of the deployment in front run beside those that should.
    fn spare(&self) -> i32 {
        let course = self.front().map(|front| self.course(front.revision));
        i32::from(course == Some(Course::Crowded))
    }

    fn drop_others(&mut self) {
        if let Some(service) = &mut self.service {
            service.deployments.retain(|deployment| deployment.is_primary);
        }
    }

    /// What becomes of a deployment that was complete at the look `since`.
    fn live_on(&mut self, course: Course, since: u32, desired: i32) {
        let spare = self.spare();
        let Some(front) = self.front_mut() else { return };
        let later = front.age - since;
        let moved = front.moved > 0;
        front.moved = front.moved.saturating_sub(1);
        front.running = if moved { desired - 1 } else { desired + spare };
        front.pending = (desired - front.running).max(0);
        let id = front.id.clone();
        match course {
            Course::Drains(looks) if later >= looks => self.drop_others(),
            Course::CrashLater(looks) if later >= looks => self.end_all(&id, desired),
            Course::Flaps(looks) if later >= looks && (later - looks).is_multiple_of(2) => {
                self.end_all(&id, desired);
            }
            _ => {}
        }
    }

    fn end_all(&mut self, id: &str, desired: i32) {
        self.run(0, desired);
        self.stop_task(id);
    }
}

/// Who registers what somebody else deploys.
const SOMEBODY: &str = "arn:aws:iam::123456789012:user/mallory";

/// A task definition with much that a careless copy would lose.
fn definition(image: &str) -> Map<String, Value> {
    let body = json!({
        "family": "web",
        "taskRoleArn": "arn:aws:iam::123456789012:role/web",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "pidMode": "task",
        "ipcMode": "none",
        "volumes": [{ "name": "data", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }],
        "placementConstraints": [{ "type": "memberOf", "expression": "attribute:zone == a" }],
        "proxyConfiguration": {
            "type": "APPMESH",
            "containerName": "proxy",
            "properties": [{ "name": "AppPorts", "value": "8080" }],
        },
        "runtimePlatform": { "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" },
        "ephemeralStorage": { "sizeInGiB": 40 },
        "enableFaultInjection": true,
        "fieldOfTomorrow": { "limit": 12345678901234567890_u64 },
        "containerDefinitions": [
            {
                "name": "proxy",
                "image": "proxy:3",
                "essential": true,
                "environment": [{ "name": "LEVEL", "value": "keep" }],
            },
            {
                "name": "app",
                "image": image,
                "essential": true,
                "cpu": 256,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp", "name": "http" }],
                "environment": [
                    { "name": "LEVEL", "value": "info" },
                    { "name": "REGION", "value": "eu" },
                ],
                "secrets": [{ "name": "TOKEN", "valueFrom": "/web/token" }],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": "/ecs/web",
                    "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "web",
                } },
                "restartPolicy": { "enabled": true, "ignoredExitCodes": [0] },
                "versionConsistency": "enabled",
                "optionOfTomorrow": ["a"],
            },
        ],
    });
    body.as_object().cloned().unwrap_or_default()
}
