//! Tasks that run once: RunTask, what becomes of them look by look, and StopTask.

use serde_json::{Value, json};

use super::answer::{described_of, revision_arn};
use super::script::Ending;
use super::wire::Answer;
use super::world::World;

/// A task that was run.
#[derive(Debug, Clone)]
pub struct Once {
    /// The request.
    pub request: Value,
    /// Why somebody stopped it, where somebody did.
    pub stopped: Option<String>,
    pub(super) arn: String,
    ending: Ending,
    looks: u32,
}

impl Once {
    fn told(&self) -> Value {
        let is_over = self.looks > 1 && self.ending != Ending::GoesOn || self.stopped.is_some();
        let name = &self.request["overrides"]["containerOverrides"][0]["name"];
        let mut container = json!({ "name": name, "lastStatus": "RUNNING" });
        let mut task = json!({ "taskArn": self.arn, "lastStatus": "RUNNING",
            "startedBy": self.request["startedBy"], "createdAt": 1_760_000_000.0 });
        if is_over {
            task["lastStatus"] = json!("STOPPED");
            container["lastStatus"] = json!("STOPPED");
            match (&self.stopped, self.ending) {
                (Some(reason), _) => {
                    task["stopCode"] = json!("UserInitiated");
                    task["stoppedReason"] = json!(reason);
                    container["exitCode"] = json!(143);
                }
                (None, Ending::NeverStarts(reason)) => {
                    task["stopCode"] = json!("TaskFailedToStart");
                    task["stoppedReason"] = json!(reason);
                }
                (None, Ending::Exits(code)) => {
                    task["stopCode"] = json!("EssentialContainerExited");
                    task["stoppedReason"] = json!("Essential container in task exited");
                    container["exitCode"] = json!(code);
                }
                (None, Ending::GoesOn) => {}
            }
        }
        task["containers"] = json!([container]);
        task
    }
}

/// Starts a task, or answers with the one that the same token started before.
pub(super) fn run(world: &mut World, body: &Value) -> Answer {
    let asked = body["taskDefinition"].as_str().unwrap_or_default();
    let known = (1..=world.revisions()).find(|revision| asked == revision_arn(*revision));
    let Some(revision) = known else {
        return Answer::error(400, "ClientException", "TaskDefinition not found.");
    };
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let (token, by) = (text("clientToken"), text("startedBy"));
    if token.is_empty() || token.len() > 64 || by.len() > 128 {
        return Answer::error(400, "InvalidParameterException", "The token is too long.");
    }
    let named = &body["overrides"]["containerOverrides"][0]["name"];
    let containers = described_of(world, revision);
    let has = |it: &Value| it["name"] == *named;
    if !containers["containerDefinitions"].as_array().is_some_and(|all| all.iter().any(has)) {
        return Answer::error(400, "InvalidParameterException", "Override for container unknown.");
    }
    let before = world.once.iter().find(|it| it.request["clientToken"] == token);
    if let Some(task) = before {
        return Answer::ok(&json!({ "tasks": [task.told()], "failures": [] }));
    }
    let number = world.once.len();
    let ending = world.script.endings.get(number).copied().unwrap_or(Ending::Exits(0));
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task/main/once{number}");
    let task = Once { request: body.clone(), stopped: None, arn, ending, looks: 0 };
    let answer = json!({ "tasks": [task.told()], "failures": [] });
    world.once.push(task);
    Answer::ok(&answer)
}

/// The tasks that were run and are asked for, each a look further; nothing where others are.
pub(super) fn describe(world: &mut World, body: &Value) -> Option<Answer> {
    let asked = body["tasks"].as_array()?;
    let ours = |task: &Once| asked.iter().any(|arn| arn == task.arn.as_str());
    let mut told = Vec::new();
    for task in world.once.iter_mut().filter(|task| ours(task)) {
        task.looks += 1;
        told.push(task.told());
    }
    (!told.is_empty()).then(|| Answer::ok(&json!({ "tasks": told, "failures": [] })))
}

/// The tasks that were run by whom.
pub(super) fn list(world: &World, by: &str) -> Answer {
    let own = world.once.iter().filter(|it| it.request["startedBy"] == by && it.stopped.is_none());
    let arns: Vec<&str> = own.map(|it| it.arn.as_str()).collect();
    Answer::ok(&json!({ "taskArns": arns }))
}

/// What a task wrote, by the stream that ECS gives it.
pub(super) fn log(world: &World, body: &Value) -> Answer {
    let stream = body["logStreamName"].as_str().unwrap_or_default();
    let known = world.once.iter().any(|it| {
        let id = it.arn.rsplit('/').next().unwrap_or_default();
        stream == format!("web/app/{id}")
    });
    if body["logGroupName"] != "/ecs/web" || !known {
        let message = "The specified log stream does not exist.";
        return Answer::error(400, "ResourceNotFoundException", message);
    }
    let event = |line: &String| json!({ "timestamp": 1_760_000_000_000_u64, "message": line });
    Answer::ok(&json!({ "events": world.script.log.iter().map(event).collect::<Vec<_>>() }))
}

/// Stops a task.
pub(super) fn stop(world: &mut World, body: &Value) -> Answer {
    let Some(task) = world.once.iter_mut().find(|it| body["task"] == it.arn.as_str()) else {
        return Answer::error(
            400,
            "InvalidParameterException",
            "The referenced task was not found.",
        );
    };
    task.stopped = Some(body["reason"].as_str().unwrap_or_default().to_owned());
    Answer::ok(&json!({ "task": task.told() }))
}
