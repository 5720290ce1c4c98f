//! `pipeline_secret_rotations`: which secrets are due, in one environment or in all.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::{Value, json};

use crate::hcl::{production, staging};

/// A secret that was rotated last at a time, if ever.
fn secret(name: &str, environment: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_secret\" \"{name}\" {{\n  name = \"{name}\"\n  type = \"ApiKey\"\n  \
         key_vault_url = \"https://kv-stitches.vault.azure.net/\"\n  \
         environment = pipeline_environment.{environment}.name\n{lines}\n}}\n"
    )
}

fn names(found: &Value) -> Vec<Value> {
    found["rotations"].as_array().into_iter().flatten().map(|it| it["name"].clone()).collect()
}

#[test]
fn pipeline_secret_rotations_lists_by_environment_and_by_what_is_due() -> Outcome {
    let mut scene = Scene::local()?;
    scene.leaves_secret("product/.git/objects");
    let old = "  last_rotated_at = \"2020-01-15T10:00:00Z\"";
    let made = [
        staging(),
        production(),
        secret("due", "staging", old),
        secret("idle", "staging", &format!("{old}\n  is_active = false")),
        secret("fresh", "production", "  last_rotated_at = \"9000-01-15T10:00:00Z\""),
        secret("never", "production", ""),
    ];
    scene.workspace.main(&made.concat())?;
    scene.workspace.apply(&[])?.ok()?;
    let second = scene.second_workspace("second")?;
    let broken = json!({ "kind": "secret", "schema_version": 1, "value": "canary-of-a-record" });
    let slot = "refs/ledger/secrets/staging/broken";
    scene.repository.put_record(slot, &broken)?;
    second.main(
        "data \"pipeline_secret_rotations\" \"all\" {}\n\
         data \"pipeline_secret_rotations\" \"due\" {\n  overdue = true\n}\n\
         data \"pipeline_secret_rotations\" \"calm\" {\n  environment = \"staging\"\n  overdue = false\n}\n",
    )?;
    let run = second.apply(&[])?.ok()?;
    run.warned("cannot be used")?.says(slot)?.says("SEC007")?;
    assert!(!run.said.stdout.contains("canary-of-a-record"));
    let read = |name: &str| second.attributes(&format!("data.pipeline_secret_rotations.{name}"));
    assert_eq!(names(&read("all")?), ["fresh", "never", "due", "idle"]);
    assert_eq!(names(&read("calm")?), ["idle"]);
    let due = read("due")?;
    assert_eq!(names(&due), ["due"]);
    assert_eq!(due["rotations"][0]["next_rotation_due"], "2020-04-14T10:00:00Z");
    assert_eq!(due["rotations"][0]["overdue"], true);
    Ok(())
}
