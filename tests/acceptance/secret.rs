//! `pipeline_secret`: what is known of a secret and when it is due, never its value.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use serde_json::{Value, json};

use crate::hcl::staging;

const ADDRESS: &str = "pipeline_secret.this";
const RECORD: &str = "refs/ledger/secrets/staging/database-password";
const VAULT: &str = "https://kv-stitches-staging.vault.azure.net/";

/// A secret of staging with further lines; a line replaces what would be said otherwise.
fn secret(lines: &str) -> String {
    let usual = [
        "name = \"Database-Password\"".to_owned(),
        format!("key_vault_url = \"{VAULT}\""),
        "type = \"ConnectionString\"".to_owned(),
        "environment = \"staging\"".to_owned(),
    ];
    let said = |usual: &String| {
        let name = usual.split('=').next().unwrap_or_default();
        lines.lines().any(|line| line.trim_start().starts_with(name))
    };
    let kept: Vec<String> = usual.into_iter().filter(|usual| !said(usual)).collect();
    let kept = kept.join("\n  ");
    format!("resource \"pipeline_secret\" \"this\" {{\n  {kept}\n{lines}\n}}\n")
}

/// A scene in which staging is registered.
fn registered() -> Outcome<Scene> {
    let scene = Scene::local()?;
    let environments = scene.second_workspace("environments")?;
    environments.settle(&staging())?;
    Ok(scene)
}

fn record(scene: &Scene) -> Outcome<Value> {
    let records = scene.repository.records(RECORD)?;
    Ok(records.get(RECORD).cloned().ok_or("no record of the secret")?)
}

#[test]
fn it_is_recorded_with_its_next_rotation() -> Outcome {
    let scene = registered()?;
    let rotated = "  last_rotated_at = \"9000-01-15T10:00:00Z\"\n  created_by = \"terraform\"";
    scene.workspace.settle(&secret(rotated))?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["next_rotation_due"], "9000-04-15T10:00:00Z");
    assert_eq!((&known["rotation_schedule_days"], &known["is_active"]), (&json!(90), &json!(true)));
    let record = record(&scene)?;
    assert_eq!(record["name"], "Database-Password");
    assert_eq!(record["created_by"], "terraform");
    assert!(record.get("schema_version").is_some() && record.get("registered_at").is_some());
    scene.workspace.apply(&["-refresh-only"])?.ok()?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?, known);
    scene.workspace.destroy()?.ok()?;
    assert!(!scene.repository.refs()?.contains_key(RECORD));
    Ok(())
}

#[test]
fn rotating_it_changes_it_in_place() -> Outcome {
    let scene = registered()?;
    scene.workspace.settle(&secret(""))?;
    let before = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(
        (&before["next_rotation_due"], &before["last_rotated_at"]),
        (&Value::Null, &Value::Null)
    );
    scene.workspace.main(&secret("  last_rotated_at = \"9000-01-15T10:00:00Z\""))?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&["saved"])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let after = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(after["next_rotation_due"], "9000-04-15T10:00:00Z");
    assert_eq!(
        (&after["created_by"], &after["registered_at"]),
        (&before["created_by"], &before["registered_at"])
    );
    assert_eq!(record(&scene)?["last_rotated_at"], "9000-01-15T10:00:00Z");
    Ok(())
}

#[test]
fn an_overdue_rotation_warns_at_every_plan_and_changes_nothing() -> Outcome {
    let scene = registered()?;
    let lines = "  last_rotated_at = \"2020-01-15T10:00:00Z\"\n  rotation_schedule_days = 30";
    scene.workspace.main(&secret(lines))?;
    scene.workspace.plan(&[])?.ok()?.warned("SEC006")?.says("2020-02-14T10:00:00Z")?;
    scene.workspace.apply(&[])?.ok()?;
    let again = scene.workspace.plan(&[])?.unchanged()?;
    again.warned("SEC006")?.says("Database-Password")?;
    let idle = scene.workspace.settle(&secret(&format!("{lines}\n  is_active = false")))?;
    assert!(idle.warned("SEC006").is_err(), "an inactive secret is never overdue");
    Ok(())
}

#[test]
fn each_broken_rule_is_told_at_plan_and_nothing_changes() -> Outcome {
    let scene = registered()?;
    let before = scene.repository.refs()?;
    let broken = [
        ("name = \"DATABASE_PASSWORD\"", "SEC001", "name", "DATABASE-PASSWORD"),
        (
            "key_vault_url = \"http://kv-a.vault.azure.net/\"",
            "SEC002",
            "key_vault_url",
            "https://kv-a",
        ),
        ("key_vault_url = \"https://example.com/\"", "SEC002", "key_vault_url", "vault.azure.net"),
        ("type = \"Password\"", "SEC003", "type", "ConnectionString"),
        ("rotation_schedule_days = 0", "SEC004", "rotation_schedule_days", "90"),
        ("environment = \"stagin\"", "SEC010", "environment", "staging"),
        ("environment = \"Staging\"", "ENV001", "environment", "staging"),
        ("last_rotated_at = \"yesterday\"", "GLB001", "last_rotated_at", "yesterday"),
    ];
    for (line, rule, place, said) in broken {
        scene.workspace.main(&secret(&format!("  {line}")))?;
        let told = scene.workspace.plan(&[])?.refused(rule)?;
        told.says(said)?;
        if scene.workspace.terraform.points_inside() {
            told.at(place)?;
        }
    }
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn two_resources_of_one_secret_are_told_at_plan() -> Outcome {
    let scene = registered()?;
    let other = secret("  name = \"DATABASE-password\"").replace("\"this\"", "\"other\"");
    scene.workspace.main(&[secret(""), other].concat())?;
    let told = scene.workspace.plan(&[])?.refused("Two resources are the same secret")?;
    told.at("name")?.says("staging/database-password")?;
    // Another name replaces the secret, which is then planned twice.
    scene.workspace.settle(&secret(""))?;
    scene.workspace.settle(&secret("  name = \"Other-Password\""))?;
    Ok(())
}

#[test]
fn a_secret_in_its_url_is_never_shown() -> Outcome {
    let scene = registered()?;
    for part in ["robot:canary-sec-1@kv-a", "kv-a.vault.azure.net/?code=canary-sec-1&"] {
        let line = format!("  key_vault_url = \"https://{part}.vault.azure.net/\"");
        scene.workspace.main(&secret(&line))?;
        let run = scene.workspace.plan(&[])?;
        run.refused("SEC002")?;
        // The host shows the line of the configuration; the provider does not.
        let words = run.said.stdout.lines().filter_map(|line| serde_json::from_str(line).ok());
        let details: Vec<String> =
            words.map(|line: Value| line["diagnostic"]["detail"].to_string()).collect();
        assert!(!details.concat().contains("canary-sec-1"), "{details:?}");
    }
    Ok(())
}

#[test]
fn it_may_be_planned_together_with_its_environment() -> Outcome {
    let scene = Scene::local()?;
    let together = secret("  environment = pipeline_environment.staging.name");
    scene.workspace.settle(&[staging(), together].concat())?;
    record(&scene)?;
    Ok(())
}

#[test]
fn imports_by_id_and_identity() -> Outcome {
    let scene = registered()?;
    scene.workspace.settle(&secret("  rotation_schedule_days = 30"))?;
    let second = scene.second_workspace("second")?;
    second.main(&secret("  rotation_schedule_days = 30"))?;
    let unknown = second.import(ADDRESS, "staging/Database-Passwort")?;
    assert!(unknown.code != Some(0) && unknown.stderr.contains("staging/database-password"));
    second.import(ADDRESS, "staging/Database-Password")?.success()?;
    second.plan(&[])?.unchanged()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "imports_by_id_and_identity") {
        return Ok(());
    }
    let third = scene.second_workspace("third")?;
    let import = format!(
        "import {{\n  to = {ADDRESS}\n  identity = {{ environment = \"staging\", name = \"Database-Password\" }}\n}}\n"
    );
    third.main(&[import, secret("  rotation_schedule_days = 30")].concat())?;
    third.apply(&[])?.ok()?;
    third.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn two_states_do_not_overwrite_each_other() -> Outcome {
    let scene = registered()?;
    scene.workspace.settle(&secret(""))?;
    let second = scene.second_workspace("second")?;
    second.main(&secret("  name = \"database-password\"\n  rotation_schedule_days = 7"))?;
    let run = second.plan(&[])?;
    run.refused("registered already")?.says("staging/database-password")?;
    second.main(&secret("  rotation_schedule_days = 7"))?;
    second.import(ADDRESS, "staging/Database-Password")?.success()?;
    second.apply(&[])?.ok()?;
    let run = scene.workspace.plan(&[])?.ok()?;
    run.warned("changed outside")?;
    assert_eq!(run.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(record(&scene)?["rotation_schedule_days"], 90);
    Ok(())
}
