//! The operations of the API, each with the errors that ECS documents for it.

use serde_json::{Value, json};

use super::once;
use super::script::{Event, Fault};
use super::wire::{Answer, Reply, Request};
use super::world::{Deployment, Service, World};

const ACCOUNT: &str = "arn:aws:ecs:eu-west-1:123456789012";

/// Fields that no registration may carry.
const READ_ONLY: [&str; 7] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
];

/// What the server does about a call: what is scripted first, then what is asked.
pub(super) fn answer(world: &mut World, request: &Request) -> Reply {
    let operation = request.operation.as_str();
    let count = world.calls.entry(operation.to_owned()).or_default();
    *count += 1;
    let count = *count;
    let all = world.calls.entry("*".to_owned()).or_default();
    *all += 1;
    let all = *all;
    let due = |(on, at, _): &&(&str, u32, Event)| *on == operation && *at == count;
    world.script.events.iter().filter(due).for_each(|(_, _, event)| event.happen());
    let due = world.script.acts.iter().filter(|(on, at, _)| *on == operation && *at == count);
    for act in due.map(|(_, _, act)| act.clone()).collect::<Vec<_>>() {
        world.act(&act);
    }
    let hit = |(on, calls, _): &&(&str, std::ops::RangeInclusive<u32>, Fault)| {
        *on == operation && calls.contains(&count) || *on == "*" && calls.contains(&all)
    };
    let fault = world.script.faults.iter().find(hit).map(|(_, _, fault)| *fault);
    let fault = if world.is_silent { Some(Fault::Hangs) } else { fault };
    if !request.signed {
        let message = "Missing Authentication Token";
        return Reply::Answer(Answer::error(400, "MissingAuthenticationTokenException", message));
    }
    match fault {
        None => Reply::Answer(carry_out(world, request)),
        Some(fault) => faulty(world, request, fault),
    }
}

fn faulty(world: &mut World, request: &Request, fault: Fault) -> Reply {
    let operation = &request.operation;
    let error =
        |status, name: &str, message: &str| Reply::Answer(Answer::error(status, name, message));
    match fault {
        Fault::Throttled => error(400, "ThrottlingException", "Rate exceeded"),
        Fault::Error500 => {
            error(500, "ServerException", "Service Unavailable. Please try again later.")
        }
        Fault::Error503 => Reply::Answer(Answer::page(503, "<html>Service Unavailable</html>")),
        Fault::LosesReply => {
            carry_out(world, request);
            Reply::HangUp
        }
        Fault::Error500AfterAll => {
            carry_out(world, request);
            error(500, "ServerException", "Service Unavailable. Please try again later.")
        }
        Fault::Late(looks) => {
            let revision = number(request.body["taskDefinition"].as_str().unwrap_or_default());
            world.late.extend(revision.map(|revision| (looks, revision)));
            Reply::HangUp
        }
        Fault::Unseen => {
            world.named = number(request.body["taskDefinition"].as_str().unwrap_or_default());
            let service = world.service.as_ref().map(|service| told(world, service));
            Reply::Answer(Answer::ok(&json!({ "service": service })))
        }
        Fault::Reset => Reply::HangUp,
        Fault::Hangs => silence(world),
        Fault::HangsAfterwards => {
            carry_out(world, request);
            silence(world)
        }
        Fault::Denied => {
            let who = "arn:aws:sts::123456789012:assumed-role/ci/run";
            let message = format!("User: {who} is not authorized to perform: ecs:{operation}");
            error(400, "AccessDeniedException", &message)
        }
        Fault::Expired => {
            let message = "The security token included in the request is expired";
            error(400, "ExpiredTokenException", message)
        }
        Fault::Garbage => Reply::Answer(Answer::page(200, "<html>Sign in to the network</html>")),
        Fault::Concurrent => error(
            400,
            "ClientException",
            "Too many concurrent attempts to create a new revision of the specified family.",
        ),
        Fault::Refused => {
            error(400, "InvalidParameterException", "Invalid setting for container 'app'")
        }
        Fault::NoCluster => error(400, "ClusterNotFoundException", "Cluster not found."),
    }
}

fn silence(world: &World) -> Reply {
    world.script.silence.iter().for_each(Event::happen);
    Reply::Silence
}

fn carry_out(world: &mut World, request: &Request) -> Answer {
    let cluster = request.body["cluster"].as_str().unwrap_or("main");
    let needs_cluster = request.body.get("cluster").is_some();
    if needs_cluster && !["main", &format!("{ACCOUNT}:cluster/main")].contains(&cluster) {
        return Answer::error(400, "ClusterNotFoundException", "Cluster not found.");
    }
    match request.operation.as_str() {
        "DescribeServices" => describe_services(world, &request.body),
        "UpdateService" => update_service(world, &request.body),
        "DescribeTaskDefinition" => describe_definition(world, &request.body),
        "RegisterTaskDefinition" => register(world, &request.body),
        "ListServiceDeployments" | "DescribeServiceRevisions" | "DescribeServiceDeployments"
            if !world.script.keeps_records =>
        {
            let message =
                format!("User: ci is not authorized to perform: ecs:{}", request.operation);
            Answer::error(400, "AccessDeniedException", &message)
        }
        "ListServiceDeployments" => Answer::ok(&json!({
            "serviceDeployments": numbered(world).map(|number| json!({
                "serviceDeploymentArn": record_arn("deployment", number),
                "targetServiceRevisionArn": record_arn("revision", number),
                "createdAt": world.begun[number].1,
            })).collect::<Vec<_>>(),
        })),
        "DescribeServiceRevisions" => Answer::ok(&json!({
            "serviceRevisions": numbered(world).map(|number| json!({
                "serviceRevisionArn": record_arn("revision", number),
                "taskDefinition": revision_arn(world.begun[number].0),
            })).collect::<Vec<_>>(),
        })),
        "DescribeServiceDeployments" => recorded(world, &request.body),
        "GetLogEvents" => once::log(world, &request.body),
        "RunTask" => once::run(world, &request.body),
        "StopTask" => once::stop(world, &request.body),
        "ListTasks" if request.body.get("startedBy").is_some() => {
            once::list(world, request.body["startedBy"].as_str().unwrap_or_default())
        }
        "ListTasks" if request.body["serviceName"] != "web" => {
            Answer::error(400, "ServiceNotFoundException", "Service not found.")
        }
        "ListTasks" => list_tasks(world),
        "DescribeTasks" => once::describe(world, &request.body)
            .unwrap_or_else(|| Answer::ok(&json!({ "tasks": world.stopped, "failures": [] }))),
        "ListServices" => Answer::ok(&json!({
            "serviceArns": world.service.iter().map(|_| service_arn()).collect::<Vec<_>>(),
        })),
        "ListClusters" => {
            Answer::ok(&json!({ "clusterArns": [format!("{ACCOUNT}:cluster/main")] }))
        }
        other => {
            let message = format!("the deployer has no business with {other:?}");
            Answer::error(400, "UnknownOperationException", &message)
        }
    }
}

fn numbered(world: &World) -> std::ops::Range<usize> {
    0..world.begun.len()
}

fn record_arn(of: &str, number: usize) -> String {
    format!("{ACCOUNT}:service-{of}/main/web/{number}")
}

/// The record of one deployment, of which little is known but whether somebody stopped it.
fn recorded(world: &World, body: &Value) -> Answer {
    let asked = body["serviceDeploymentArns"][0].as_str().unwrap_or_default();
    let number = numbered(world).find(|number| asked == record_arn("deployment", *number));
    let Some((revision, _)) = number.map(|number| world.begun[number]) else {
        return Answer::ok(
            &json!({ "serviceDeployments": [], "failures": [{ "reason": "MISSING" }] }),
        );
    };
    let ended = world.ended.filter(|(of, _)| *of == revision).map(|(_, status)| status);
    Answer::ok(&json!({ "serviceDeployments": [{
        "serviceDeploymentArn": asked,
        "status": ended.unwrap_or("IN_PROGRESS"),
        "statusReason": ended.map(|_| "Stopped by user arn:aws:iam::123456789012:user/mallory"),
        "lifecycleStage": "SCALE_UP",
    }] }))
}

fn service_arn() -> String {
    format!("{ACCOUNT}:service/main/web")
}

pub(super) fn revision_arn(revision: u32) -> String {
    format!("{ACCOUNT}:task-definition/web:{revision}")
}

/// The number of a revision, of `web:7` or of the ARN that ends in it.
fn number(name: &str) -> Option<u32> {
    name.rsplit('/').next()?.strip_prefix("web:")?.parse().ok()
}

fn is_web(name: Option<&str>) -> bool {
    name.is_some_and(|name| name == "web" || name == service_arn())
}

fn describe_services(world: &mut World, body: &Value) -> Answer {
    world.tick();
    let asked = body["services"][0].as_str();
    let stale = world.stale.take();
    let shown = match &stale {
        Some((_, old)) => Some(old),
        None => world.service.as_ref(),
    };
    let shown = shown.filter(|_| is_web(asked)).map(|service| told(world, service));
    world.stale = stale.and_then(|(looks, old)| (looks > 1).then(|| (looks - 1, old)));
    match shown {
        Some(service) => Answer::ok(&json!({ "services": [service], "failures": [] })),
        None => Answer::ok(&json!({
            "services": [],
            "failures": [{ "arn": service_arn(), "reason": "MISSING" }],
        })),
    }
}

fn told(world: &World, service: &Service) -> Value {
    let mut configuration = json!({ "maximumPercent": 200, "minimumHealthyPercent": 100 });
    if let Some(rollback) = world.script.breaker {
        configuration["deploymentCircuitBreaker"] = json!({ "enable": true, "rollback": rollback });
    }
    if let Some(rollback) = world.script.alarms {
        configuration["alarms"] =
            json!({ "alarmNames": ["errors"], "enable": true, "rollback": rollback });
    }
    if let Some(minutes) = world.script.bakes {
        configuration["bakeTimeInMinutes"] = json!(minutes);
    }
    if let Some(strategy) = world.script.strategy {
        configuration["strategy"] = json!(strategy);
    }
    let front = service.deployments.iter().find(|it| it.is_primary);
    let deployments: Vec<Value> =
        service.deployments.iter().map(|it| told_deployment(world, service, it)).collect();
    let events: Vec<Value> = service
        .events
        .iter()
        .enumerate()
        .map(|(id, (at, message))| json!({ "id": id.to_string(), "createdAt": at, "message": message }))
        .collect();
    let mut answer = json!({
        "serviceArn": service_arn(),
        "serviceName": "web",
        "clusterArn": format!("{ACCOUNT}:cluster/main"),
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": service.deployments.iter().map(|it| it.running).sum::<i32>(),
        "pendingCount": service.deployments.iter().map(|it| it.pending).sum::<i32>(),
        "schedulingStrategy": "REPLICA",
        "taskDefinition": world.named.or(front.map(|front| front.revision)).map(revision_arn),
        "deploymentConfiguration": configuration,
        "deployments": deployments,
        "events": events,
    });
    if let Some(controller) = world.script.controller {
        answer["deploymentController"] = json!({ "type": controller });
    }
    answer
}

fn told_deployment(world: &World, service: &Service, deployment: &Deployment) -> Value {
    let mut answer = json!({
        "id": deployment.id,
        "status": if deployment.is_primary { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": revision_arn(deployment.revision),
        "desiredCount": if deployment.is_primary { service.desired } else { 0 },
        "runningCount": deployment.running,
        "pendingCount": deployment.pending,
        "failedTasks": deployment.failed,
        "createdAt": deployment.created_at,
        "updatedAt": world.now(),
        "launchType": "FARGATE",
    });
    if world.course(deployment.revision) != super::Course::Untold {
        answer["rolloutState"] = json!(deployment.state);
        answer["rolloutStateReason"] = json!(deployment.reason);
    }
    answer
}

fn update_service(world: &mut World, body: &Value) -> Answer {
    let Some(service) = world.service.as_ref().filter(|_| is_web(body["service"].as_str())) else {
        return Answer::error(400, "ServiceNotFoundException", "Service not found.");
    };
    if service.status != "ACTIVE" {
        return Answer::error(400, "ServiceNotActiveException", "Service was not ACTIVE.");
    }
    if world.script.controller.is_some_and(|controller| controller != "ECS") {
        let message = "Unable to update task definition on services with this controller";
        return Answer::error(400, "InvalidParameterException", message);
    }
    let known = |revision: &u32| (1..=world.revisions()).contains(revision);
    let Some(revision) = number(body["taskDefinition"].as_str().unwrap_or_default()).filter(known)
    else {
        return Answer::error(400, "ClientException", "TaskDefinition not found.");
    };
    if !world.definition(revision).is_active {
        return Answer::error(400, "ClientException", "TaskDefinition is inactive");
    }
    world.update(revision);
    let answer = world.service.as_ref().map(|service| told(world, service));
    Answer::ok(&json!({ "service": answer }))
}

fn describe_definition(world: &World, body: &Value) -> Answer {
    let name = body["taskDefinition"].as_str().unwrap_or_default();
    // A family stands for its newest revision.
    let named = if name == "web" { Some(world.revisions()) } else { number(name) };
    let known = named.filter(|revision| (1..=world.revisions()).contains(revision));
    let used = |revision: u32| {
        let service = world.service.iter().flat_map(|service| &service.deployments);
        service.into_iter().any(|deployment| deployment.revision == revision)
    };
    // What is INACTIVE can be described only as long as something uses it.
    let shown = known.filter(|revision| world.definition(*revision).is_active || used(*revision));
    let Some(revision) = shown else {
        return Answer::error(400, "ClientException", "Unable to describe task definition.");
    };
    let mut answer = json!({ "taskDefinition": described_of(world, revision) });
    if body["include"][0] == "TAGS" {
        answer["tags"] = json!(world.definition(revision).tags);
    }
    Answer::ok(&answer)
}

pub(super) fn described_of(world: &World, revision: u32) -> Value {
    let definition = world.definition(revision);
    let mut answer = Value::Object(definition.body.clone());
    answer["taskDefinitionArn"] = json!(revision_arn(revision));
    answer["revision"] = json!(revision);
    answer["status"] = json!(if definition.is_active { "ACTIVE" } else { "INACTIVE" });
    answer["requiresAttributes"] = json!([{ "name": "ecs.capability.task-eni" }]);
    answer["compatibilities"] = json!(["EC2", "FARGATE"]);
    answer["registeredAt"] = json!(1_759_000_000.5);
    answer["registeredBy"] = json!(definition.registered_by);
    answer
}

fn register(world: &mut World, body: &Value) -> Answer {
    let Some(mut given) = body.as_object().cloned() else {
        return Answer::error(400, "ClientException", "No parameters.");
    };
    if let Some(name) = READ_ONLY.iter().find(|name| given.contains_key(**name)) {
        let message = format!("Unknown parameter: {name}");
        return Answer::error(400, "InvalidParameterException", &message);
    }
    let containers = given.get("containerDefinitions").and_then(Value::as_array);
    if containers.is_none_or(Vec::is_empty) || given.get("family") != Some(&json!("web")) {
        let message = "Family and container definitions must be given.";
        return Answer::error(400, "ClientException", message);
    }
    let tags = given.remove("tags").and_then(|tags| tags.as_array().cloned());
    if tags.as_ref().is_some_and(Vec::is_empty) {
        return Answer::error(400, "InvalidParameterException", "Tags can not be empty.");
    }
    let by = "arn:aws:sts::123456789012:assumed-role/ci/run";
    let revision = world.register(given, tags.unwrap_or_default(), by);
    Answer::ok(&json!({ "taskDefinition": described_of(world, revision) }))
}

fn list_tasks(world: &World) -> Answer {
    let arns: Vec<&Value> = world.stopped.iter().map(|task| &task["taskArn"]).collect();
    Answer::ok(&json!({ "taskArns": arns }))
}
