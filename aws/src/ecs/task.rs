//! A task of Amazon ECS that runs once and ends by itself, such as a migration in the image of the release.
//!
//! The exit code of its container decides. Whoever is interrupted stops it; what nobody can tell is a failure, which is
//! told with the end of the container's log, where that may be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::api::{Api, Run};
use super::fault::Fault;
use super::logs::Place;
use super::revision::Difference;
use super::told;
use super::view::StoppedTask;
use crate::Connection;
use crate::patience::Patience;
use pipeline_core::base::cause::visible;
use pipeline_core::rollout::{Order, Task, TaskEnd, TaskGivenUp, TaskKind};
use pipeline_core::secret_scan::Scanner;

/// How often a call is made at most.
const ATTEMPTS: u32 = 8;

/// A shorter text is no secret, and stands in too many lines.
const SHORTEST_SECRET: usize = 4;

/// How long a task that is given up is waited for.
const STOPS: Duration = Duration::from_secs(30);

/// What to run, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct EcsTaskSettings {
    /// What it is for, unlike that of any other task of the deployment.
    pub name: String,
    /// The cluster, by name or ARN.
    pub cluster: String,
    /// The task definition: a family, whose newest revision is meant, or a revision.
    pub task_definition: String,
    /// The container that does the work.
    pub container: String,
    /// Its image.
    pub image: String,
    /// Program and arguments; empty: those of the task definition.
    pub command: Vec<String>,
    /// Variables of the container, which everybody sees who may describe tasks.
    pub environment: BTreeMap<String, String>,
    /// The network, where the task definition asks for one of its own.
    pub network: Option<TaskNetwork>,
    /// `EC2`, `FARGATE` or `EXTERNAL`; absent: what the cluster does by itself.
    pub launch_type: Option<String>,
    /// The version of Fargate's platform.
    pub platform_version: Option<String>,
    /// The values that are replaced in whatever is told of its log.
    pub secrets: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// The pause between two looks.
    pub poll_interval: Duration,
    /// How long one call may take.
    pub call_timeout: Duration,
}

/// Where in the network a task runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskNetwork {
    /// The subnets.
    pub subnets: Vec<String>,
    /// The security groups.
    pub security_groups: Vec<String>,
    /// Whether it gets a public address.
    pub assign_public_ip: bool,
}

/// A task to run once.
pub struct EcsTask {
    connection: Arc<Connection>,
    settings: EcsTaskSettings,
    /// The task that was started and is not known to be over.
    running: Mutex<Running>,
}

/// How far a run came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Running {
    /// Nothing was started.
    #[default]
    Nothing,
    /// A task was asked for, by this token.
    Asked(String),
    /// A task was started, by ARN.
    Task(String),
}

impl fmt::Debug for EcsTask {
    /// Without arguments and variables, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EcsTaskSettings { cluster, task_definition, container, .. } = &self.settings;
        write!(f, "EcsTask({cluster}, {task_definition}, {container})")
    }
}

impl EcsTask {
    /// A task. No I/O happens here.
    #[must_use]
    pub const fn new(connection: Arc<Connection>, settings: EcsTaskSettings) -> Self {
        Self { connection, settings, running: Mutex::new(Running::Nothing) }
    }

    async fn attempt(&self, order: &Order, kind: TaskKind) -> Result<(), String> {
        let EcsTaskSettings { cluster, timeout, poll_interval, call_timeout, .. } = &self.settings;
        let mut patience = Patience::new(*timeout, *poll_interval, ATTEMPTS);
        let api = Api::new(&self.connection, cluster, "", *call_timeout).await;
        let (revision, log) = self.revision(&api, &mut patience).await?;
        let token = self.token(order, kind);
        self.note(Running::Asked(token.clone()));
        let started = self.start(&api, (order, kind), (&revision, &token), &mut patience).await;
        let arn = match started {
            Ok(arn) => arn,
            Err(said) => return Err(said),
        };
        self.note(Running::Task(arn.clone()));
        let end = self.follow(&api, &arn, &mut patience).await;
        if end.is_err() && *self.noted() != Running::Nothing {
            self.end(&api, order).await;
        }
        match (end, log) {
            (Err(said), Some(place)) => Err(self.with_log(&api, (&place, &arn), said).await),
            (end, _) => end,
        }
    }

    /// The same with the end of the log. Who may not read it hears the rest.
    async fn with_log(&self, api: &Api, (place, arn): (&Place, &str), said: String) -> String {
        let asked = api.log(place, (&self.settings.container, arn));
        match tokio::time::timeout(STOPS, asked).await {
            Ok(Ok(lines)) if !lines.is_empty() => {
                format!("{said}; its last words:\n{}", self.masked(&lines))
            }
            Ok(Err(fault)) => format!("{said}; its log cannot be read ({fault})"),
            _ => said,
        }
    }

    /// Lines fit to be shown: without known secrets, and without lines in which a credential of a known kind stands.
    fn masked(&self, lines: &[String]) -> String {
        let secrets = self.settings.secrets.iter().filter(|it| it.len() >= SHORTEST_SECRET);
        let text = lines.join("\n");
        let text = secrets.fold(text, |text, secret| text.replace(secret.as_str(), "***"));
        let found = Scanner::default().scan("", text.as_bytes());
        let bad: BTreeSet<usize> = found.iter().filter_map(|finding| finding.line).collect();
        let shown = |(number, line): (usize, &str)| match bad.contains(&number) {
            true => "***".to_owned(),
            false => visible(line),
        };
        (1..).zip(text.lines()).map(shown).collect::<Vec<_>>().join("\n")
    }

    /// The revision that has the image, and where its container writes; it is registered where the newest one has another.
    async fn revision(
        &self,
        api: &Api,
        patience: &mut Patience,
    ) -> Result<(String, Option<Place>), String> {
        let EcsTaskSettings { task_definition, container, image, .. } = &self.settings;
        let told = |fault: Fault| fault.to_string();
        let asked = || api.revision(task_definition);
        let known = patience.ask(asked, Fault::may_pass).await.map_err(told)?;
        let log = known.log(container);
        if known.image(container) == Some(image) {
            return Ok((known.arn().to_owned(), log));
        }
        let none = BTreeMap::new();
        let difference = Difference { container, image, environment: &none, secrets: &none };
        let Some(copy) = known.copy(difference) else {
            let names = known.container_names().join("`, `");
            return Err(format!(
                "task definition `{task_definition}` has no container `{container}`, but `{names}`"
            ));
        };
        let asked = || api.register(&copy);
        let arn = patience.ask(asked, Fault::may_pass).await.map_err(told)?;
        Ok((arn, log))
    }

    /// Starts the task. The token lets ECS start one only, however often it is asked.
    async fn start(
        &self,
        api: &Api,
        (order, kind): (&Order, TaskKind),
        (revision, token): (&str, &str),
        patience: &mut Patience,
    ) -> Result<String, String> {
        let mut environment = order.variables(kind.action());
        environment.extend(self.settings.environment.clone());
        let settings = &self.settings;
        let asked = Run { settings, environment: &environment, revision, token };
        match patience.ask(|| api.run(asked), Fault::may_pass).await {
            Ok(arn) => Ok(arn),
            Err(fault) => {
                if fault.is_certain() {
                    self.note(Running::Nothing);
                } else {
                    self.end(api, order).await;
                }
                Err(fault.to_string())
            }
        }
    }

    /// Waits for the end, and says whether it is a good one.
    async fn follow(&self, api: &Api, arn: &str, patience: &mut Patience) -> Result<(), String> {
        loop {
            match api.task(arn).await {
                Ok(Some(stopped)) => {
                    self.note(Running::Nothing);
                    return self.judge(&stopped);
                }
                Ok(None) => {}
                Err(fault) if fault.may_pass() && !patience.is_over() => {
                    patience.back_off().await;
                    continue;
                }
                Err(fault) => return Err(format!("task {}: {fault}", told::short(arn))),
            }
            if patience.is_over() {
                let after = self.settings.timeout.as_secs();
                return Err(format!("task {} did not end within {after} s", told::short(arn)));
            }
            patience.rest().await;
        }
    }

    fn judge(&self, stopped: &StoppedTask) -> Result<(), String> {
        let own = stopped.containers.iter().find(|it| it.name == self.settings.container);
        if own.and_then(|it| it.exit_code) == Some(0) {
            return Ok(());
        }
        let said = told::tasks(std::slice::from_ref(stopped));
        Err(said.unwrap_or_else(|| format!("task {} has no exit code", stopped.id)))
    }

    /// Stops what runs. Nothing depends on the answer: what cannot be stopped is said nowhere else.
    async fn end(&self, api: &Api, order: &Order) {
        let noted = self.noted().clone();
        let arns = match noted {
            Running::Nothing => return,
            Running::Task(arn) => vec![arn],
            Running::Asked(token) => api.started_by(&token).await.unwrap_or_default(),
        };
        let reason = format!("given up by deployment {}", order.deployment_id);
        for arn in arns {
            let mut patience = Patience::new(STOPS, self.settings.poll_interval, ATTEMPTS);
            drop(patience.ask(|| api.stop(&arn, &reason), Fault::may_pass).await);
        }
        self.note(Running::Nothing);
    }

    /// One text for each run of a deployment, of at most 64 characters.
    fn token(&self, order: &Order, kind: TaskKind) -> String {
        let mut hasher = DefaultHasher::new();
        (kind.action(), &self.settings.name).hash(&mut hasher);
        format!("{}-{:016x}", order.deployment_id, hasher.finish())
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, running: Running) {
        *self.noted() = running;
    }
}

impl Task for EcsTask {
    fn run<'a>(&'a self, order: &'a Order, kind: TaskKind) -> TaskEnd<'a> {
        Box::pin(self.attempt(order, kind))
    }

    fn give_up<'a>(&'a self, order: &'a Order) -> TaskGivenUp<'a> {
        Box::pin(async move {
            if *self.noted() == Running::Nothing {
                return;
            }
            let EcsTaskSettings { cluster, call_timeout, .. } = &self.settings;
            let api = Api::new(&self.connection, cluster, "", *call_timeout).await;
            // Longer than that nobody waits who is interrupted.
            drop(tokio::time::timeout(STOPS, Box::pin(self.end(&api, order))).await);
        })
    }
}
