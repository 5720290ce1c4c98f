//! The calls to ECS, each once: no repetition, no waiting, no verdict.
//!
//! The SDK's own retries are off. Whether a call may be repeated depends on what it is for, and a
//! blind repetition of UpdateService could undo what somebody else did in between. The SDK's futures are
//! large, so they live on the heap.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::config::timeout::TimeoutConfig;
use aws_sdk_ecs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ecs::error::{BoxError, BuildError};
use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, ContainerOverride, CreatedAt, DesiredStatus, KeyValuePair,
    LaunchType, NetworkConfiguration, ServiceDeploymentBrief, TaskDefinitionField, TaskOverride,
};
use serde_json::Value;

use super::fault::{Fault, Kind};
use super::logs::{self, Place};
use super::record::Record;
use super::revision::Revision;
use super::task::{EcsTaskSettings, TaskNetwork};
use super::view::{Service, StoppedTask};
use crate::Connection;

/// A record may begin so many seconds before the deployment that it is of.
const BEFORE: f64 = 60.0;

/// ECS, as seen from one service.
#[derive(Debug)]
pub(super) struct Api {
    client: Client,
    cluster: String,
    service: String,
    region: Option<String>,
    endpoint: Option<String>,
}

/// A task to start.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) settings: &'a EcsTaskSettings,
    /// All variables of the container.
    pub(super) environment: &'a BTreeMap<String, String>,
    pub(super) revision: &'a str,
    pub(super) token: &'a str,
}

/// Keeps the body of an answer as it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Capture(Arc<Mutex<Vec<u8>>>);

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "capture of the answer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body.to_vec();
        Ok(())
    }
}

impl Capture {
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Api {
    /// Over a connection, for one service; one call takes at most `patience`.
    pub(super) async fn new(
        connection: &Connection,
        cluster: &str,
        service: &str,
        patience: Duration,
    ) -> Self {
        let shared = connection.config().await;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(patience.min(Duration::from_secs(5)))
            .read_timeout(patience)
            .operation_timeout(patience)
            .build();
        let config = aws_sdk_ecs::config::Builder::from(shared)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
            cluster: cluster.to_owned(),
            service: service.to_owned(),
            region: shared.region().map(ToString::to_string),
            endpoint: shared.endpoint_url().map(str::to_owned),
        }
    }

    /// The service as it is now.
    pub(super) async fn describe(&self) -> Result<Service, Fault> {
        let call = "DescribeServices";
        let asked = self.client.describe_services().cluster(&self.cluster).services(&self.service);
        let answer = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        if let Some(service) = answer.services().first() {
            return Ok(Service::from(service));
        }
        let reason = answer.failures().first().and_then(|failure| failure.reason());
        match reason {
            Some("MISSING") => Err(Fault {
                kind: Kind::Missing,
                text: format!("{call}: there is no such service"),
            }),
            Some(other) => Err(Fault { kind: Kind::InDoubt, text: format!("{call}: {other}") }),
            None => Err(Fault::empty(call, "service")),
        }
    }

    /// A revision with its tags; what cannot be described any more is missing.
    pub(super) async fn revision(&self, name: &str) -> Result<Revision, Fault> {
        let call = "DescribeTaskDefinition";
        let body = Capture::default();
        let asked = self.client.describe_task_definition().task_definition(name);
        let asked = asked.include(TaskDefinitionField::Tags);
        let sent = Box::pin(asked.customize().interceptor(body.clone()).send()).await;
        sent.map_err(|error| match Fault::of(call, &error) {
            // ECS's words for a revision that is deleted, or INACTIVE and unused.
            Fault { kind: Kind::Refused, text } => Fault { kind: Kind::Missing, text },
            other => other,
        })?;
        Revision::read(&body.take()).ok_or_else(|| Fault::empty(call, "task definition"))
    }

    /// Registers a revision; its ARN.
    pub(super) async fn register(&self, definition: &Value) -> Result<String, Fault> {
        let call = "RegisterTaskDefinition";
        let body = definition.to_string().into_bytes();
        let family = definition["family"].as_str().unwrap_or_default();
        let asked = self.client.register_task_definition().family(family);
        let asked = asked.set_container_definitions(Some(Vec::new()));
        let replaced = asked.customize().mutate_request(move |request| {
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = body.clone().into();
        });
        let answer =
            Box::pin(replaced.send()).await.map_err(|error| busy(Fault::of(call, &error)))?;
        let registered = answer.task_definition().and_then(|it| it.task_definition_arn());
        registered.map(str::to_owned).ok_or_else(|| Fault::empty(call, "ARN"))
    }

    /// Asks the service to run a revision.
    pub(super) async fn update(&self, revision: &str) -> Result<Service, Fault> {
        let call = "UpdateService";
        let asked = self.client.update_service().cluster(&self.cluster).service(&self.service);
        let asked = asked.task_definition(revision);
        let answer = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        answer.service().map(Service::from).ok_or_else(|| Fault::empty(call, "service"))
    }

    /// ECS's record of the newest deployment that brings a revision, of those that began about `since`
    /// or later.
    pub(super) async fn record(&self, revision: &str, since: f64) -> Result<Option<Record>, Fault> {
        let call = "ListServiceDeployments";
        let begun = CreatedAt::builder().after(DateTime::from_secs_f64(since - BEFORE)).build();
        let asked = self.client.list_service_deployments().cluster(&self.cluster);
        let asked = asked.service(&self.service).created_at(begun).max_results(20);
        let listed = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        let mut briefs = listed.service_deployments().to_vec();
        briefs.sort_by_key(|brief| std::cmp::Reverse(brief.created_at().map(DateTime::as_nanos)));
        let targets: Vec<String> = briefs
            .iter()
            .filter_map(|it| it.target_service_revision_arn())
            .map(Into::into)
            .collect();
        if targets.is_empty() {
            return Ok(None);
        }
        let call = "DescribeServiceRevisions";
        let asked = self.client.describe_service_revisions();
        let asked = asked.set_service_revision_arns(Some(targets));
        let answer = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        let ours: Vec<&str> = answer
            .service_revisions()
            .iter()
            .filter(|it| it.task_definition() == Some(revision))
            .filter_map(|it| it.service_revision_arn())
            .collect();
        let brings = |it: &&ServiceDeploymentBrief| {
            it.target_service_revision_arn().is_some_and(|arn| ours.contains(&arn))
        };
        let Some(own) = briefs.iter().find(brings).and_then(|it| it.service_deployment_arn())
        else {
            return Ok(None);
        };
        let call = "DescribeServiceDeployments";
        let asked = self.client.describe_service_deployments().service_deployment_arns(own);
        let answer = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        Ok(answer.service_deployments().first().map(Record::from))
    }

    /// Tasks that a deployment of this service started and that stopped, as long as ECS remembers.
    pub(super) async fn stopped_tasks(&self, deployment: &str) -> Result<Vec<StoppedTask>, Fault> {
        let call = "ListTasks";
        // The one parameter that takes no ARN.
        let name = self.service.rsplit('/').next().unwrap_or(&self.service);
        let asked = self.client.list_tasks().cluster(&self.cluster).service_name(name);
        let asked = asked.desired_status(DesiredStatus::Stopped).max_results(100);
        let listed = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        if listed.task_arns().is_empty() {
            return Ok(Vec::new());
        }
        let call = "DescribeTasks";
        let arns = Some(listed.task_arns().to_vec());
        let asked = self.client.describe_tasks().cluster(&self.cluster).set_tasks(arns);
        let answer = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        let stopped = answer.tasks().iter().map(StoppedTask::from);
        Ok(stopped.filter(|task| task.started_by == deployment).collect())
    }

    /// Starts a task; its ARN. Asked again with the same token, ECS starts no second one.
    pub(super) async fn run(&self, asked: Run<'_>) -> Result<String, Fault> {
        let call = "RunTask";
        let Run { settings, environment, revision, token } = asked;
        let variable = |(name, value): (&String, &String)| {
            KeyValuePair::builder().name(name).value(value).build()
        };
        let command = (!settings.command.is_empty()).then(|| settings.command.clone());
        let container = ContainerOverride::builder()
            .name(&settings.container)
            .set_command(command)
            .set_environment(Some(environment.iter().map(variable).collect()))
            .build();
        let overrides = TaskOverride::builder().container_overrides(container).build();
        let request = self.client.run_task().cluster(&self.cluster).task_definition(revision);
        let request = request.count(1).client_token(token).started_by(token).overrides(overrides);
        let launch = settings.launch_type.as_deref().map(LaunchType::from);
        let request = request.set_launch_type(launch);
        let request = request.set_platform_version(settings.platform_version.clone());
        let network = match &settings.network {
            Some(network) => Some(network_of(network).map_err(|error| Fault {
                kind: Kind::Refused,
                text: format!("{call}: {error}"),
            })?),
            None => None,
        };
        let request = request.set_network_configuration(network);
        let answer = Box::pin(request.send()).await.map_err(|error| Fault::of(call, &error))?;
        let arn = answer.tasks().first().and_then(|task| task.task_arn());
        arn.map(str::to_owned).ok_or_else(|| {
            let failure = answer.failures().first();
            let reason = failure.and_then(|it| it.reason()).unwrap_or("no reason is given");
            Fault { kind: Kind::Refused, text: format!("{call}: ECS starts no task: {reason}") }
        })
    }

    /// A task that stopped; nothing while it goes on.
    pub(super) async fn task(&self, arn: &str) -> Result<Option<StoppedTask>, Fault> {
        let call = "DescribeTasks";
        let asked = self.client.describe_tasks().cluster(&self.cluster).tasks(arn);
        let answer = Box::pin(asked.send()).await.map_err(|error| Fault::of(call, &error))?;
        let task = answer.tasks().first().ok_or_else(|| Fault::empty(call, "task"))?;
        let stopped = task.last_status() == Some("STOPPED");
        Ok(stopped.then(|| StoppedTask::from(task)))
    }

    /// The last lines that a container of a task wrote, oldest first; nothing where they lie in another region.
    pub(super) async fn log(
        &self,
        place: &Place,
        (container, task): (&str, &str),
    ) -> Result<Vec<String>, Fault> {
        let Some(region) = &self.region else { return Ok(Vec::new()) };
        if place.region.as_ref().is_some_and(|it| it != region) {
            return Ok(Vec::new());
        }
        let end = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let own = || format!("https://logs.{region}.{end}");
        let endpoint = self.endpoint.clone().unwrap_or_else(own);
        let task = task.rsplit('/').next().unwrap_or(task);
        let stream = format!("{}/{container}/{task}", place.prefix);
        logs::tail(&self.client, &endpoint, (place, &stream)).await
    }

    /// The tasks that were started by this token and go on, by ARN.
    pub(super) async fn started_by(&self, token: &str) -> Result<Vec<String>, Fault> {
        let asked = self.client.list_tasks().cluster(&self.cluster).started_by(token);
        let answer = Box::pin(asked.send()).await;
        let answer = answer.map_err(|error| Fault::of("ListTasks", &error))?;
        Ok(answer.task_arns().to_vec())
    }

    /// Stops a task.
    pub(super) async fn stop(&self, arn: &str, reason: &str) -> Result<(), Fault> {
        let asked = self.client.stop_task().cluster(&self.cluster).task(arn).reason(reason);
        let answer = Box::pin(asked.send()).await;
        answer.map(drop).map_err(|error| Fault::of("StopTask", &error))
    }

    /// The names of the services of the cluster, at most a hundred.
    pub(super) async fn service_names(&self) -> Result<Vec<String>, Fault> {
        let asked = self.client.list_services().cluster(&self.cluster).max_results(100);
        let answer =
            Box::pin(asked.send()).await.map_err(|error| Fault::of("ListServices", &error))?;
        Ok(last_parts(answer.service_arns()))
    }

    /// The names of the clusters of the account, at most a hundred.
    pub(super) async fn cluster_names(&self) -> Result<Vec<String>, Fault> {
        let asked = self.client.list_clusters().max_results(100);
        let answer =
            Box::pin(asked.send()).await.map_err(|error| Fault::of("ListClusters", &error))?;
        Ok(last_parts(answer.cluster_arns()))
    }
}

fn network_of(network: &TaskNetwork) -> Result<NetworkConfiguration, BuildError> {
    let TaskNetwork { subnets, security_groups, assign_public_ip } = network;
    let public = if *assign_public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
    let own = AwsVpcConfiguration::builder()
        .set_subnets(Some(subnets.clone()))
        .set_security_groups(Some(security_groups.clone()))
        .assign_public_ip(public)
        .build()?;
    Ok(NetworkConfiguration::builder().awsvpc_configuration(own).build())
}

/// Two registrations of one family at a time are refused, in words only.
fn busy(fault: Fault) -> Fault {
    let kind =
        if fault.text.contains("concurrent attempts") { Kind::Throttled } else { fault.kind };
    Fault { kind, ..fault }
}

fn last_parts(arns: &[String]) -> Vec<String> {
    arns.iter().filter_map(|arn| arn.rsplit('/').next()).map(str::to_owned).collect()
}
