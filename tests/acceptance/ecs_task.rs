//! Migrations that run as a task of ECS, which ends as it is told.
//!
//! Commands, the order of all steps and what is never run again are `commands.rs`'.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::ecs::{Ecs, Ending, Script};
use pipeline_acceptance::process::{signal, wait_until};
use pipeline_acceptance::scene::Scene;
use serde_json::{Value, json};

use crate::ecs_scripted::scene;
use crate::hcl::{deployment, staging};
use crate::interruption::finish;

/// A deployment with two migrations, of which each is taken back by another command.
fn migrating(version: &str, lines: &str) -> String {
    let one = |name: &str| {
        format!(
            "    {{\n      name = \"{name}\"\n      timeout = \"1h\"\n      ecs_task = {{\n        cluster = \"main\"\n        \
             task_definition = \"web\"\n        container = \"app\"\n        image = \"web:{version}\"\n        \
             command = [\"./migrate\", \"{name}\"]\n        subnets = [\"subnet-1\"]\n        launch_type = \"FARGATE\"\n        \
             poll_interval = \"50ms\"\n{lines}      }}\n      rollback_command = [\"./revert\", \"{name}\"]\n    }},\n"
        )
    };
    let lines = format!("  migrations = [\n{}{}  ]\n", one("0001"), one("0002"));
    [staging(), deployment("staging", &format!("api/v{version}"), &lines)].concat()
}

/// The commands of all tasks that were run.
fn commands(server: &Ecs) -> Vec<String> {
    let told = |request: &Value| {
        let command = request["overrides"]["containerOverrides"][0]["command"].as_array();
        let words: Vec<&str> = command.into_iter().flatten().filter_map(Value::as_str).collect();
        words.join(" ")
    };
    server.world().once.iter().map(|task| told(&task.request)).collect()
}

fn newest(scene: &Scene) -> Outcome<Value> {
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    Ok(records.into_values().next_back().unwrap_or_default())
}

#[test]
fn a_migration_runs_in_the_image_of_the_release() -> Outcome {
    let server = Ecs::start(Script::new())?;
    let scene = scene(&server.url)?;
    scene.workspace.settle(&migrating("1.0.0", "        environment = { LEVEL = \"debug\" }\n"))?;
    assert_eq!(commands(&server), ["./migrate 0001", "./migrate 0002"]);
    let record = newest(&scene)?;
    assert_eq!(record["migrations"]["status"], "success");
    assert_eq!(record["migrations"]["applied"], json!(["0001", "0002"]));
    let world = server.world();
    assert_eq!(world.revisions(), 2, "one revision has the image, for both");
    assert_eq!(world.image(2), "web:1.0.0");
    let request = &world.once[0].request;
    assert_eq!(request["launchType"], "FARGATE");
    let network = &request["networkConfiguration"]["awsvpcConfiguration"];
    assert_eq!(
        (&network["subnets"], &network["assignPublicIp"]),
        (&json!(["subnet-1"]), &json!("DISABLED"))
    );
    let variables = request["overrides"]["containerOverrides"][0]["environment"].to_string();
    for part in ["api/v1.0.0", "PIPELINE_DEPLOYMENT_ID", "LEVEL"] {
        assert!(variables.contains(part), "{variables}");
    }
    Ok(())
}

#[test]
fn a_migration_that_fails_is_told_and_what_ran_is_taken_back() -> Outcome {
    let script = Script::new().ends(Ending::Exits(0)).ends(Ending::Exits(3));
    let script = script.writes("column `totals` exists").writes("the token is canary-4f1b");
    let server = Ecs::start(script)?;
    let scene = scene(&server.url)?;
    let secret = "  migrations = [\n";
    let lines = format!("  secrets_wo = {{ TOKEN = \"canary-4f1b\" }}\n{secret}");
    scene.workspace.main(&migrating("1.0.0", "").replace(secret, &lines))?;
    let run = scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("migration `0002`")?.says("exit code 3")?;
    run.says("column `totals` exists")?.says("the token is ***")?;
    assert_eq!(commands(&server), ["./migrate 0001", "./migrate 0002", "./revert 0001"]);
    assert_eq!(newest(&scene)?["migrations"]["status"], "failed");
    Ok(())
}

#[test]
fn two_migrations_by_one_command_are_two_tasks() -> Outcome {
    let server = Ecs::start(Script::new())?;
    let scene = scene(&server.url)?;
    let same = migrating("1.0.0", "").replace("\"./migrate\", \"0002\"", "\"./migrate\", \"0001\"");
    scene.workspace.settle(&same)?;
    assert_eq!(commands(&server), ["./migrate 0001", "./migrate 0001"]);
    Ok(())
}

#[test]
fn a_task_that_never_starts_says_why() -> Outcome {
    let why = "CannotPullContainerError: pull image manifest has been retried 1 time(s)";
    let server = Ecs::start(Script::new().ends(Ending::NeverStarts(why)))?;
    let scene = scene(&server.url)?;
    scene.workspace.main(&migrating("1.0.0", ""))?;
    let run = scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("migration `0001`")?.says("CannotPullContainerError")?;
    assert_eq!(commands(&server), ["./migrate 0001"]);
    Ok(())
}

#[test]
fn a_task_whose_time_is_over_is_stopped() -> Outcome {
    let server = Ecs::start(Script::new().ends(Ending::GoesOn))?;
    let scene = scene(&server.url)?;
    scene.workspace.main(&migrating("1.0.0", "").replace("\"1h\"", "\"1s\""))?;
    let run = scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("migration `0001`")?.says("did not end within 1 s")?;
    assert!(server.world().once[0].stopped.is_some(), "it is stopped");
    Ok(())
}

#[test]
fn an_interruption_stops_the_task() -> Outcome {
    let server = Ecs::start(Script::new().ends(Ending::Exits(0)).ends(Ending::GoesOn))?;
    let scene = scene(&server.url)?;
    scene.workspace.main(&migrating("1.0.0", ""))?;
    let child = scene.workspace.start_apply()?;
    wait_until("the second migration runs", || server.world().once.len() == 2)?;
    signal(child.id(), "INT")?;
    assert_eq!(finish(child)?.said.code, Some(1));
    assert_eq!(commands(&server), ["./migrate 0001", "./migrate 0002", "./revert 0001"]);
    let stopped = server.world().once[1].stopped.clone().unwrap_or_default();
    assert!(stopped.contains("deploy-"), "{stopped}");
    assert_eq!(newest(&scene)?["status"], "cancelled");
    Ok(())
}
