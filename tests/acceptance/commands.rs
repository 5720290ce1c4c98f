//! Deployments that run commands: migrations, a target of commands, and tests.

use std::process::Child;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::process::{running, signal, wait_until};
use pipeline_acceptance::scene::{Scene, skipped};
use serde_json::Value as Json;

use crate::hcl::{deployment, staging};
use crate::interruption::{applying, finish};
use crate::team::outlive_the_lease;

/// Writes what it is called with, and the deployment that it is called for, into `diary`; hangs, and fails, where
/// there is a file that says so.
const SCRIPT: &str = "#!/bin/sh\n\
    echo \"$1 $PIPELINE_ACTION $PIPELINE_VERSION after '$PIPELINE_PREVIOUS_VERSION' in $PIPELINE_ENVIRONMENT $TOKEN\" >> diary\n\
    echo \"the token is $TOKEN\" >&2\n\
    while test -e \"hang-$1\"; do sleep 0.05; done\n\
    test ! -e \"fail-$1\"\n";

/// A product with two versions, and a script that everything calls.
fn scene() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.write("run.sh", SCRIPT)?;
    scene.repository.commit("script")?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.tag("api/v1.1.0", "HEAD")?;
    Ok(scene)
}

/// A deployment with everything.
fn whole(version: &str, lines: &str) -> String {
    let lines = format!(
        r#"{lines}
  migrations = [
    {{
      name             = "0001_orders"
      command          = ["sh", "run.sh", "up1"]
      rollback_command = ["sh", "run.sh", "down1"]
    }},
    {{ name = "0002_index", command = ["sh", "run.sh", "up2"], rollback_command = ["sh", "run.sh", "down2"] }},
  ]
  command = {{
    deploy      = ["sh", "run.sh", "deploy"]
    verify      = ["sh", "run.sh", "verify"]
    restore     = ["sh", "run.sh", "restore"]
  }}
  secrets_wo = {{ TOKEN = "canary-7c1e" }}
  tests = {{ commands = [["sh", "run.sh", "smoke"]] }}
"#
    );
    [staging(), deployment("staging", version, &lines)].concat()
}

/// The first and second words of each line of the diary, which is emptied.
fn diary(scene: &Scene) -> Outcome<Vec<String>> {
    let path = scene.repository.directory.join("diary");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::remove_file(path).ok();
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(text.lines().map(words).collect())
}

fn record(scene: &Scene) -> Outcome<Json> {
    let all = scene.repository.records("refs/ledger/deployments/")?;
    Ok(all.into_values().max_by_key(|it| it["requested_at"].to_string()).ok_or("no record")?)
}

#[test]
fn a_whole_deployment_runs_its_commands_in_order() -> Outcome {
    let scene = scene()?;
    scene.workspace.settle(&whole("api/v1.0.0", ""))?;
    let steps = [
        "up1 migrate",
        "up2 migrate",
        "deploy deploy",
        "verify verify",
        "smoke test",
        "verify verify",
    ];
    assert_eq!(diary(&scene)?, steps);
    let found = record(&scene)?;
    assert_eq!(found["migrations"]["status"], "success");
    assert_eq!(found["tests"]["passed"], 1);
    assert_eq!(found["command_rollout"]["program"], "sh");
    assert!(
        !scene
            .repository
            .records("refs/ledger/")?
            .values()
            .any(|it| it.to_string().contains("canary-7c1e"))
    );
    Ok(())
}

#[test]
fn a_failed_test_takes_everything_back() -> Outcome {
    let scene = scene()?;
    scene.workspace.settle(&whole("api/v1.0.0", ""))?;
    diary(&scene)?;
    scene.repository.write("fail-smoke", "")?;
    scene.workspace.main(&whole("api/v1.1.0", ""))?;
    let run = scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("test `sh run.sh smoke`")?.says("api/v1.0.0 runs again")?;
    let steps = [
        "up1 migrate",
        "up2 migrate",
        "deploy deploy",
        "verify verify",
        "smoke test",
        "restore restore",
        "down2 rollback_migration",
        "down1 rollback_migration",
    ];
    assert_eq!(diary(&scene)?, steps);
    assert_eq!(record(&scene)?["migrations"]["status"], "rolled-back");
    Ok(())
}

#[test]
fn a_failed_migration_rolls_nothing_out() -> Outcome {
    let scene = scene()?;
    scene.repository.write("fail-up2", "")?;
    scene.workspace.main(&whole("api/v1.0.0", ""))?;
    scene.workspace.apply(&[])?.refused("The deployment failed")?.says("migration `0002_index`")?;
    assert_eq!(diary(&scene)?, ["up1 migrate", "up2 migrate", "down1 rollback_migration"]);
    assert_eq!(record(&scene)?["migrations"]["status"], "failed");
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"));
    Ok(())
}

#[test]
fn what_a_command_said_is_told_without_its_secrets() -> Outcome {
    let scene = scene()?;
    scene.repository.write("fail-deploy", "")?;
    scene.workspace.main(&whole("api/v1.0.0", ""))?;
    let run = scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("the token is ***")?;
    Ok(())
}

#[test]
fn a_wrong_block_is_refused_at_plan() -> Outcome {
    let scene = scene()?;
    let twice = r#"  migrations = [
    { name = "0001", command = ["true"] },
    { name = "0001", command = ["true"] },
  ]
"#;
    let refused = |lines: &str, at: &str, said: &str| -> Outcome {
        let text = [staging(), deployment("staging", "api/v1.0.0", lines)].concat();
        scene.workspace.main(&text)?;
        scene.workspace.plan(&[])?.refused(said)?.says(at)?;
        Ok(())
    };
    refused(twice, "migrations[1].name", "0001")?;
    let two = "  command = { deploy = [\"true\"] }\n  ecs = { cluster = \"a\", service = \"b\", container = \"c\", image = \"d:1\" }\n";
    refused(two, "`ecs` and `command`", "Conflicting")?;
    let own = "  command = { deploy = [\"true\"], environment = { PIPELINE_VERSION = \"1\" } }\n";
    refused(own, "command.environment", "TSK004")?;
    let passed = "  command = { deploy = [\"true\"] }\n  pass_environment = [\"HOME\", \"PIPELINE_REASON\"]\n";
    refused(passed, "pass_environment[1]", "TSK004")?;
    let secret = "  command = { deploy = [\"true\"] }\n  secrets_wo = { PIPELINE_REASON = \"canary-own\" }\n";
    refused(secret, "Found `PIPELINE_REASON`", "TSK004")?;
    refused(
        "  tests = { commands = [[\"true\"]], timeout = \"0s\" }\n",
        "tests.timeout",
        "TSK004",
    )?;
    refused("  command = { deploy = [] }\n", "command.deploy", "no program")
}

#[test]
fn tests_that_the_environment_asks_for_are_a_demand() -> Outcome {
    let scene = scene()?;
    let asks = crate::hcl::environment("staging", "  tests = { commands = [\"make smoke\"] }");
    scene.workspace.settle(&asks)?;
    scene.workspace.main(&[asks.clone(), deployment("staging", "api/v1.0.0", "")].concat())?;
    scene.workspace.plan(&[])?.refused("TSK003")?.says("tests")?;
    let tests = "  tests = { commands = [[\"true\"]] }\n";
    scene.workspace.settle(&[asks, deployment("staging", "api/v1.0.0", tests)].concat())?;
    Ok(())
}

/// Every step at which a deployment may be cut off, by the first word of its line in the diary.
const STEPS: [&str; 4] = ["up2", "deploy", "verify", "smoke"];

/// Starts an apply that hangs at a step, and waits until it does.
fn hanging_at(scene: &Scene, step: &str) -> Outcome<Child> {
    scene.workspace.configure(&scene.repository.path(), "  lease = \"24h\"")?;
    scene.repository.write(&format!("hang-{step}"), "")?;
    scene.workspace.main(&whole("api/v1.0.0", ""))?;
    let child = scene.workspace.start_apply()?;
    let path = scene.repository.directory.join("diary");
    let begins = || std::fs::read_to_string(&path).is_ok_and(|text| text.contains(step));
    wait_until("the step begins", begins)?;
    Ok(child)
}

/// Lets what hangs go on.
fn let_go(scene: &Scene, step: &str) -> Outcome {
    Ok(std::fs::remove_file(scene.repository.directory.join(format!("hang-{step}")))?)
}

#[test]
fn an_interruption_at_any_step_takes_back_what_was_done() -> Outcome {
    for step in STEPS {
        let scene = scene()?;
        let child = hanging_at(&scene, step)?;
        signal(child.id(), "INT")?;
        assert_eq!(finish(child)?.said.code, Some(1), "{step}");
        let (lines, found) = (diary(&scene)?, record(&scene)?);
        assert_eq!(found["status"], "cancelled", "{step}");
        let back = match step {
            "up2" => &["down1 rollback_migration"][..],
            _ => &["restore restore", "down2 rollback_migration", "down1 rollback_migration"],
        };
        assert!(
            lines.ends_with(&back.iter().map(ToString::to_string).collect::<Vec<_>>()),
            "{step}: {lines:?}"
        );
        assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"), "{step}");
        let_go(&scene, step)?;
        scene.workspace.apply(&[])?.ok()?;
    }
    Ok(())
}

#[test]
fn what_a_killed_provider_had_begun_runs_again_only_when_it_is_asked_for() -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("what_a_killed_provider…", "this machine does not list its processes");
        return Ok(());
    }
    for step in STEPS {
        let scene = scene()?;
        let child = hanging_at(&scene, step)?;
        signal(applying(&scene.workspace)?, "KILL")?;
        assert_eq!(finish(child)?.said.code, Some(1), "{step}");
        let_go(&scene, step)?;
        outlive_the_lease(&scene.repository)?;
        let dead = record(&scene)?["deployment_id"].as_str().unwrap_or_default().to_owned();
        diary(&scene)?;
        scene.workspace.apply(&[])?.refused("TSK001")?.says(&dead)?;
        assert!(diary(&scene)?.iter().all(|line| !line.ends_with("migrate")), "{step}");
        scene.workspace.main(&whole("api/v1.0.0", &format!("  redeploy_after = \"{dead}\"")))?;
        scene.workspace.apply(&[])?.ok()?;
        assert_eq!(record(&scene)?["status"], "succeeded", "{step}");
    }
    Ok(())
}
