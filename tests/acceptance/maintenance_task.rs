//! `pipeline_maintenance_task`: what keeps a repository in order, run by real Terraform.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Child;

use pipeline_acceptance::aws::LocalAws;
use pipeline_acceptance::canary::aws_key as key;
use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::process::{running, signal, wait_until};
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::{Failure, Outcome};
use serde_json::{Value, json};

use crate::hcl::{deployment, health_check, staging};
use crate::interruption::{applying, finish};

const ADDRESS: &str = "pipeline_maintenance_task.this";
const FOLDER: &str = "refs/ledger/maintenance/";

/// A task of this type with further lines.
fn task(task_type: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_maintenance_task\" \"this\" {{\n  task_type = \"{task_type}\"\n{lines}\n}}\n"
    )
}

fn triggered(task_type: &str, at: &str) -> String {
    task(task_type, &format!("  triggers = {{ at = \"{at}\" }}"))
}

/// The tasks on record, oldest first.
fn records(scene: &Scene) -> Outcome<Vec<Value>> {
    Ok(scene.repository.records(FOLDER)?.into_values().collect())
}

fn statuses(scene: &Scene) -> Outcome<Vec<String>> {
    let all = records(scene)?;
    Ok(all.iter().map(|it| it["status"].as_str().unwrap_or_default().to_owned()).collect())
}

fn everything_said(run: &Run) -> String {
    format!("{}{}", run.said.stdout, run.said.stderr)
}

#[test]
fn a_clean_repository_passes_the_audit_once_for_each_trigger() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&triggered("security-audit", "1"))?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!((&known["status"], &known["findings"]), (&json!("succeeded"), &json!([])));
    assert!(known["task_id"].as_str().is_some_and(|id| id.contains("-security-audit-")));
    let record = records(&scene)?.pop().ok_or("a record")?;
    for field in ["task_id", "status", "started_at", "completed_at", "result_summary"] {
        assert_eq!(record[field], known[field], "{field}");
    }
    scene.workspace.main(&triggered("security-audit", "2"))?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("replace"));
    scene.workspace.apply(&["saved"])?.ok()?.warned("stays in git")?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(statuses(&scene)?, ["succeeded", "succeeded"]);
    scene.workspace.destroy()?.ok()?;
    assert_eq!(records(&scene)?.len(), 2, "history stays");
    Ok(())
}

#[test]
fn what_the_audit_finds_fails_it_and_is_never_shown() -> Outcome {
    let scene = Scene::local()?;
    let leak = format!("#!/bin/sh\nexport AWS_ACCESS_KEY_ID={}\n", key());
    scene.repository.write("scripts/deploy.sh", &leak)?;
    scene.repository.write("tools/sync.py", &format!("KEY = '{}'\n", key()))?;
    scene.repository.write("environments/eu/secrets.enc", "password: canary-mnt-0\n")?;
    scene.repository.commit("Leak")?;
    let audit = "  security_audit = { paths = [\"tools\"] }";
    scene.workspace.main(&task("security-audit", audit))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("MNT008")?.says("3 findings")?;
    run.refused("SCY001")?.says("environments/eu/secrets.enc")?;
    run.refused("SCY002")?.says("scripts/deploy.sh`, line 2")?;
    assert_eq!(statuses(&scene)?, ["failed"]);
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["status"], "failed");
    let findings = known["findings"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> =
        findings.iter().map(|it| (&it["path"], &it["line"], &it["kind"], &it["rule"])).collect();
    let expected = [
        ("environments/eu/secrets.enc", None, "plaintext-secrets-file", "SCY001"),
        ("scripts/deploy.sh", Some(2), "aws-access-key-id", "SCY002"),
        ("tools/sync.py", Some(1), "aws-access-key-id", "SCY002"),
    ]
    .map(|(path, line, kind, rule)| [json!(path), json!(line), json!(kind), json!(rule)]);
    let expected: Vec<_> = expected.iter().map(|[a, b, c, d]| (a, b, c, d)).collect();
    assert_eq!(told, expected);
    for text in
        [everything_said(&run), scene.workspace.state_text()?, format!("{:?}", records(&scene)?)]
    {
        assert!(!text.contains(&key()) && !text.contains("canary-mnt-0"), "{text}");
    }
    // Two fingerprints are allowed, and nobody allows secrets in the clear.
    let allowed: Vec<_> = findings.iter().map(|it| it["fingerprint"].to_string()).collect();
    let lines = |fail: bool| {
        let allow = allowed.join(", ");
        format!("  security_audit = {{ paths = [\"tools\"], allow = [{allow}], fail = {fail} }}")
    };
    scene.workspace.main(&task("security-audit", &lines(true)))?;
    scene.workspace.apply(&[])?.refused("MNT008")?.says("1 finding, the first `plaintext")?;
    let run = scene.workspace.settle(&task("security-audit", &lines(false)))?;
    run.warned("MNT008")?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["status"], "failed");
    let kept = scene.repository.git(&["show", "HEAD:environments/staging/secrets.enc"])?;
    scene.repository.write("environments/eu/secrets.enc", &format!("{kept}\n"))?;
    scene.repository.commit("Encrypt")?;
    scene.workspace.settle(&task("security-audit", &lines(true)))?;
    assert_eq!(statuses(&scene)?, ["failed", "failed", "failed", "succeeded"]);
    Ok(())
}

/// Releases `api/v1.0.0` to `api/v1.5.0` and `web/v1.0.0`, with `api/v1.1.0` in staging.
fn released(scene: &Scene) -> Outcome {
    for minor in 0..=5 {
        scene.repository.tag(&format!("api/v1.{minor}.0"), "HEAD")?;
        scene.repository.commit("Go on")?;
    }
    scene.repository.tag("api/v1.0.1-rc.1", "HEAD")?;
    scene.repository.tag("web/v1.0.0", "HEAD")?;
    scene
        .second_workspace("deploys")?
        .settle(&[staging(), deployment("staging", "api/v1.1.0", "")].concat())?;
    Ok(())
}

#[test]
fn old_versions_are_deprecated_by_name_but_none_that_runs() -> Outcome {
    let scene = Scene::local()?;
    released(&scene)?;
    let lines = "  deprecate = { keep = 2 }";
    scene.workspace.main(&task("deprecate-old-versions", lines))?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    plan.warned("MNT007")?.says("api/v1.1.0")?.says("runs in `staging`")?;
    let before = scene.repository.refs()?;
    scene.workspace.apply(&["saved"])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let known = scene.workspace.attributes(ADDRESS)?;
    let planned = ["api/v1.3.0", "api/v1.2.0", "api/v1.0.0"].map(|it| format!("deprecate {it}"));
    assert_eq!(known["planned"], json!(planned));
    assert_eq!(known["result_summary"], "3 versions deprecated");
    let after = scene.repository.refs()?;
    let new: Vec<_> = after
        .keys()
        .filter(|it| !before.contains_key(*it) && it.starts_with("refs/tags/"))
        .collect();
    let expected = ["0", "2", "3"].map(|minor| format!("refs/tags/api/v1.{minor}.0-deprecated"));
    assert_eq!(new, expected.iter().collect::<Vec<_>>());
    for tag in ["api/v1.0.0", "api/v1.3.0"] {
        let state = format!("{tag}-deprecated");
        assert_eq!(scene.repository.resolve(&state)?, scene.repository.resolve(tag)?);
        assert_eq!(scene.repository.git(&["cat-file", "-t", &state])?, "tag");
    }
    // A second task finds nothing more; nothing is older than a day.
    let lines = "  deprecate = { keep = 0, older_than = \"1d\", sub_projects = [\"web\"] }";
    scene.workspace.settle(&task("deprecate-old-versions", lines))?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["planned"], json!([]));
    let lines = "  deprecate = { sub_projects = [\"webb\"] }";
    scene.workspace.main(&task("deprecate-old-versions", lines))?;
    scene.workspace.plan(&[])?.refused("GLB004")?.says("Did you mean `web`?")?;
    Ok(())
}

#[test]
fn a_hundred_versions_share_one_push_and_a_lost_race_changes_nothing() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let head = scene.repository.head()?;
    for minor in 0..101 {
        scene.repository.tag(&format!("api/v1.{minor}.0"), &head)?;
    }
    scene.repository.git(&["push", "--quiet", "--tags", "origin"])?;
    let log = scene.environment().root().join("pushes");
    let count = format!("grep -c deprecated >> {}; true", log.display());
    remote.hook("pre-receive", &count)?;
    scene.workspace.main(&task("deprecate-old-versions", "  deprecate = { keep = 0 }"))?;
    // Somebody has put another tag in the place of one of the second push.
    remote.hook(
        "update",
        "case $1 in refs/tags/api/v1.0.0-deprecated) echo 'not this one'; exit 1;; esac",
    )?;
    let run = scene.workspace.apply(&[])?;
    run.refused("not this one")?;
    let deprecated = || -> Outcome<usize> {
        Ok(remote.refs()?.keys().filter(|name| name.ends_with("-deprecated")).count())
    };
    assert_eq!((deprecated()?, statuses_of(&remote)?), (100, vec!["failed".to_owned()]));
    remote.hook("update", "exit 0")?;
    scene.workspace.settle(&task("deprecate-old-versions", "  deprecate = { keep = 0 }"))?;
    assert_eq!(deprecated()?, 101, "another run goes on where that one ended");
    let pushes = std::fs::read_to_string(&log)?;
    let pushes: Vec<_> = pushes.lines().filter(|line| *line != "0").collect();
    assert_eq!(pushes, ["100", "1", "1"]);
    Ok(())
}

fn statuses_of(remote: &pipeline_acceptance::repository::Repository) -> Outcome<Vec<String>> {
    let all = remote.records(FOLDER)?;
    Ok(all.values().map(|it| it["status"].as_str().unwrap_or_default().to_owned()).collect())
}

/// A run of long ago that succeeded.
fn run(day: u32) -> String {
    let at = format!("2023-01-0{day}T10");
    format!(
        "resource \"pipeline_run\" \"this\" {{\n  name = \"build\"\n  run_id = \
         \"run-2023010{day}-100000-k8m3q2\"\n  trigger = \"push\"\n  branch = \"main\"\n  commit_sha = \
         \"5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e\"\n  status = \"success\"\n  started_at = \
         \"{at}:00:00Z\"\n  completed_at = \"{at}:01:00Z\"\n}}\n"
    )
}

/// Makes the records of runs as old as their ends.
fn runs_were_recorded_then(scene: &Scene) -> Outcome {
    for (name, mut record) in scene.repository.records("refs/ledger/runs/")? {
        let ended = record["completed_at"].clone();
        for field in ["registered_at", "updated_at"] {
            record[field] = ended.clone();
        }
        scene.repository.put_record(&name, &record)?;
    }
    Ok(())
}

/// Deploys four versions to staging, and makes all of it eight days older.
fn deployed_long_ago(scene: &Scene) -> Outcome {
    let server = HealthServer::start(Health::Status(200))?;
    let deploys = scene.second_workspace("deploys")?;
    for minor in 0..4 {
        let version = format!("api/v1.{minor}.0");
        scene.repository.tag(&version, "HEAD")?;
        let hcl = [staging(), deployment("staging", &version, &health_check(&server.url))];
        deploys.settle(&hcl.concat())?;
        scene.repository.commit("Go on")?;
    }
    for (name, mut record) in scene.repository.records("refs/ledger/deployments/")? {
        for field in ["requested_at", "started_at", "completed_at"] {
            record[field] = json!("2025-11-01T10:00:00Z");
        }
        scene.repository.put_record(&name, &record)?;
    }
    Ok(())
}

/// The response times on record, by version.
fn answers(scene: &Scene) -> Outcome<BTreeMap<String, bool>> {
    let all = scene.repository.records("refs/ledger/deployments/")?.into_values();
    let has = |it: &Value| it.get("health_check_response_time_ms").is_some();
    Ok(all.map(|it| (it["version"].as_str().unwrap_or_default().to_owned(), has(&it))).collect())
}

fn with_answers(versions: [&str; 4], has: [bool; 4]) -> BTreeMap<String, bool> {
    versions.into_iter().map(str::to_owned).zip(has).collect()
}

const VERSIONS: [&str; 4] = ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0", "api/v1.3.0"];

#[test]
fn cleaning_up_archives_first_and_leaves_what_is_needed() -> Outcome {
    let mut scene = Scene::local()?;
    let account = LocalAws::fresh_account()?;
    account.log_in(&mut scene.workspace.environment);
    deployed_long_ago(&scene)?;
    let runs = scene.second_workspace("runs")?;
    for day in 1..=3 {
        runs.settle(&run(day))?;
    }
    runs_were_recorded_then(&scene)?;
    let before = scene.repository.records("refs/ledger/deployments/")?;
    let run_records = scene.repository.records("refs/ledger/runs/")?;
    let configure = |bucket: &str| {
        let archive = format!("  archive = {{ bucket = \"{bucket}\" }}\n");
        let settings = format!("{}{archive}", account.block(""));
        scene.workspace.configure(&scene.repository.path(), &settings)
    };
    configure("nobody-has-this-archive")?;
    scene.workspace.main(&task("cleanup", ""))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("RET003")?.says("nobody-has-this-archive")?;
    assert_eq!(scene.repository.records("refs/ledger/deployments/")?, before);
    let bucket = account.bucket("archive")?;
    configure(&bucket)?;
    scene.workspace.settle(&task("cleanup", ""))?;
    let summary = "4 records cleaned up, which the archive has";
    assert_eq!(scene.workspace.attributes(ADDRESS)?["result_summary"], summary);
    // The last one runs, and the one before is what staging would go back to.
    assert_eq!(answers(&scene)?, with_answers(VERSIONS, [false, false, true, true]));
    let listed = account.s3("GET", &format!("/{bucket}?list-type=2"), &[], b"")?;
    let listed = String::from_utf8_lossy(&listed.success("ListObjectsV2")?.body).into_owned();
    let keys = listed.split("<Key>").filter_map(|rest| rest.split_once("</Key>"));
    let keys: Vec<_> = keys.map(|(key, _)| key).filter(|key| key.ends_with(".json")).collect();
    let mut archived: Vec<Value> = Vec::new();
    for key in keys {
        archived.push(serde_json::from_slice(&account.get(&bucket, key)?)?);
    }
    let gone = before.into_values().take(2).chain(run_records.into_values().take(2));
    assert_eq!(archived, gone.collect::<Vec<_>>(), "as they were");
    let left: Vec<_> = scene.repository.records("refs/ledger/runs/")?.into_keys().collect();
    assert_eq!(left, ["refs/ledger/runs/build/run-20230103-100000-k8m3q2"], "the newest");
    runs.plan(&[])?.unchanged()?;
    scene.second_workspace("deploys")?.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_run_that_was_cleaned_up_stays_in_the_state_that_manages_it() -> Outcome {
    let scene = Scene::local()?;
    let runs = scene.second_workspace("runs")?;
    let both = [run(1).replace("\"this\"", "\"first\""), run(2)].concat();
    runs.settle(&both)?;
    scene.workspace.settle(&task("cleanup", ""))?;
    let count = || -> Outcome<usize> { Ok(scene.repository.records("refs/ledger/runs/")?.len()) };
    assert_eq!(count()?, 2, "what was recorded today is not 90 days old, whenever the run ended");
    runs_were_recorded_then(&scene)?;
    runs.apply(&[])?.ok()?;
    scene.workspace.settle(&triggered("cleanup", "again"))?;
    assert_eq!(count()?, 1);
    runs.plan(&[])?.unchanged()?;
    runs.apply(&[])?.ok()?;
    assert_eq!(count()?, 1, "it is not recorded anew");
    let other = "8f2eb8688d01e28f36008db8a60271064607db87";
    runs.main(&both.replacen("5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e", other, 1))?;
    let told = runs.plan(&[])?.refused("The record of the pipeline run was cleaned up")?;
    told.says("build/run-20230101-100000-k8m3q2")?.says("`removed` block")?;
    runs.main(&run(2))?;
    runs.apply(&[])?.ok()?;
    runs.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn commands_have_some_time_and_variables_with_names() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&command("sync-files", "true", "    timeout = \"0s\""))?;
    scene.workspace.validate()?.refused("no time at all")?;
    // Terraform shows the line that an error is about: a secret in it stands in a sensitive variable.
    let secret = "variable \"word\" {\n  default   = \"canary-mnt-2\"\n  sensitive = true\n}\n";
    for name in ["A=B", "", "A\\u202eB"] {
        let text = command("sync-files", "true", &format!("environment = {{ \"{name}\" = WORD }}"));
        scene.workspace.main(&text.replace("WORD", "\"plain\""))?;
        scene.workspace.validate()?.refused("no shell has")?;
        scene.workspace.main(&format!("{secret}{}", text.replace("WORD", "var.word")))?;
        scene.workspace.plan(&[])?.refused("no shell has")?;
    }
    Ok(())
}

#[test]
fn what_is_kept_longer_stays_and_shorter_is_refused() -> Outcome {
    let scene = Scene::local()?;
    let block =
        |days: &str| task("cleanup", &format!("  cleanup = {{ keep_days = {{ {days} }} }}"));
    for (days, rule) in [("health_check_response = 6", "RET004"), ("deployment = 9999", "GLB004")] {
        scene.workspace.main(&block(days))?;
        scene.workspace.validate()?.refused(rule)?;
    }
    deployed_long_ago(&scene)?;
    scene.workspace.settle(&block("health_check_response = 36500"))?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["result_summary"], "0 records cleaned up");
    scene.workspace.settle(&block("health_check_response = 7"))?;
    assert_eq!(answers(&scene)?, with_answers(VERSIONS, [false, false, true, true]));
    Ok(())
}

/// A task of a command, with its environment.
fn command(task_type: &str, script: &str, lines: &str) -> String {
    let block = task_type.replace('-', "_");
    let script = pipeline_acceptance::workspace::quote(script);
    task(
        task_type,
        &format!("  {block} = {{\n    command = [\"sh\", \"-c\", {script}]\n{lines}\n  }}"),
    )
}

#[test]
fn commands_run_in_the_checkout_and_their_secrets_stay_out_of_sight() -> Outcome {
    let scene = Scene::local()?;
    let environment = "    environment = { WORD = \"canary-mnt-1\" }";
    scene.workspace.settle(&command("sync-files", "echo \"$WORD\" > synced", environment))?;
    assert_eq!(
        std::fs::read_to_string(scene.repository.directory.join("synced"))?,
        "canary-mnt-1\n"
    );
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["result_summary"], "`sh`: it ended with exit code 0");
    let script = "echo \"cannot use $WORD\" >&2; exit 3";
    scene.workspace.main(&command("dependency-update", script, environment))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("The command failed")?.says("exit code 3")?.says("cannot use ***")?;
    assert!(!everything_said(&run).contains("canary-mnt"), "{}", everything_said(&run));
    assert!(!format!("{:?}", records(&scene)?).contains("canary-mnt"));
    scene.workspace.main(&command("dependency-update", "sleep 3600", "    timeout = \"200ms\""))?;
    scene.workspace.apply(&[])?.refused("The command failed")?.says("its time was over")?;
    let missing = "  sync_files = { command = [\"no-such-program-here\"] }";
    scene.workspace.main(&task("sync-files", missing))?;
    scene.workspace.apply(&[])?.refused("The command failed")?.says("no such program")?;
    // Of several types, those of one second are in no order.
    let mut told = statuses(&scene)?;
    told.sort();
    assert_eq!(told, ["failed", "failed", "failed", "succeeded"]);
    Ok(())
}

#[test]
fn no_command_runs_where_there_is_no_checkout() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let there = scene.repository.directory.join("mark");
    let script = format!("touch '{}'", there.display());
    scene.workspace.configure(&remote.path(), "")?;
    scene.workspace.main(&command("sync-files", &script, ""))?;
    scene.workspace.plan(&[])?.refused("There is no checkout")?.says("folder of a clone")?;
    assert!(!there.exists());
    Ok(())
}

#[test]
fn the_audit_searches_what_is_checked_out_and_tells_what_is_not_there() -> Outcome {
    let (scene, _remote) = Scene::shared()?;
    scene.repository.git(&["checkout", "--quiet", "-b", "change"])?;
    scene.repository.write("scripts/deploy.sh", &format!("KEY={}\n", key()))?;
    scene.repository.commit("Leak")?;
    let audit = "  security_audit = { paths = [\"scrips\"] }";
    scene.workspace.main(&task("security-audit", audit))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("MNT008")?.says("2 findings")?;
    let known = scene.workspace.attributes(ADDRESS)?;
    let kinds = [&known["findings"][0]["kind"], &known["findings"][1]["kind"]];
    // What could not be searched comes first.
    assert_eq!(kinds, [&json!("nothing-there"), &json!("aws-access-key-id")]);
    Ok(())
}

#[test]
fn all_does_each_and_tells_each_result() -> Outcome {
    let scene = Scene::local()?;
    released(&scene)?;
    scene.repository.write("scripts/deploy.sh", &format!("export KEY={}\n", key()))?;
    scene.repository.commit("Leak")?;
    let lines = "  deprecate = { keep = 4 }\n  sync_files = { command = [\"false\"] }\n";
    scene.workspace.main(&task("all", lines))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("MNT008")?;
    run.refused("The command failed")?;
    let record = records(&scene)?.pop().ok_or("a record")?;
    let told: Vec<_> = record["result_summary"].as_str().unwrap_or_default().lines().collect();
    assert_eq!(
        told[..3],
        [
            "cleanup: 0 records cleaned up",
            "sync-files: `false`: it ended with exit code 1",
            "deprecate-old-versions: 1 version deprecated",
        ]
    );
    assert!(told[3].starts_with("security-audit: 1 finding in "), "{told:?}");
    assert_eq!(told[4..], ["dependency-update: no command is configured"]);
    assert!(scene.repository.resolve("api/v1.0.0-deprecated").is_ok(), "no failure stops another");
    Ok(())
}

#[test]
fn a_dry_run_changes_nothing_and_shows_what_would_be_done() -> Outcome {
    let scene = Scene::local()?;
    deployed_long_ago(&scene)?;
    scene.repository.write("scripts/deploy.sh", &format!("export KEY={}\n", key()))?;
    scene.repository.commit("Leak")?;
    let before = scene.repository.refs()?;
    let touch = "  sync_files = { command = [\"touch\", \"synced\"] }\n";
    let lines = format!("  dry_run = true\n  deprecate = {{ keep = 2 }}\n{touch}");
    scene.workspace.main(&task("all", &lines))?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    plan.warned("MNT008")?;
    let shown = scene.workspace.run("show", &["-json", "saved"])?.success()?.stdout;
    let shown: Value = serde_json::from_str(&shown)?;
    let after = &shown["resource_changes"][0]["change"]["after"];
    let planned: Vec<String> = serde_json::from_value(after["planned"].clone())?;
    assert!(planned.contains(&"deprecate api/v1.0.0".to_owned()), "{planned:?}");
    assert!(planned.contains(&"run `touch` (sync-files)".to_owned()), "{planned:?}");
    assert!(planned.iter().any(|line| line.contains("from 2 deployments")), "{planned:?}");
    assert_eq!(after["findings"][0]["path"], "scripts/deploy.sh");
    scene.workspace.apply(&["saved"])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!((&known["status"], &known["planned"]), (&json!("pending"), &json!(planned)));
    same_refs(&before, &scene.repository.refs()?)?;
    assert!(!scene.repository.directory.join("synced").exists());
    scene.workspace.destroy()?.ok()?.silent()?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn imports_by_id_and_identity_and_runs_nothing() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&triggered("security-audit", "1"))?;
    let known = scene.workspace.attributes(ADDRESS)?;
    let id = known["task_id"].as_str().unwrap_or_default();
    let second = scene.second_workspace("second")?;
    second.main(&triggered("security-audit", "1"))?;
    let unknown = second.import(ADDRESS, &id.replace("maint-2", "maint-1"))?;
    assert!(unknown.code != Some(0) && unknown.stderr.contains(id), "{}", unknown.stderr);
    second.import(ADDRESS, id)?.success()?;
    let plan = second.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    second.settle(&triggered("security-audit", "1"))?;
    assert_eq!(second.attributes(ADDRESS)?, known);
    second.main(&triggered("security-audit", "2"))?;
    let plan = second.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("replace"));
    if scene.workspace.terraform.has(Feature::Identity) {
        let third = scene.second_workspace("third")?;
        let import =
            format!("import {{\n  to = {ADDRESS}\n  identity = {{ task_id = \"{id}\" }}\n}}\n");
        third.main(&[import, task("security-audit", "")].concat())?;
        third.apply(&[])?.ok()?;
        third.plan(&[])?.unchanged()?;
    } else {
        skipped("imports_by_id_and_identity…", "identity in import blocks needs release 1.12");
    }
    assert_eq!(records(&scene)?.len(), 1, "an import runs nothing");
    Ok(())
}

#[test]
fn each_broken_argument_is_told_before_anything_is_done() -> Outcome {
    let scene = Scene::local()?;
    let before = scene.repository.refs()?;
    for (hcl, told, says) in [
        (task("sync", ""), "MNT006", "sync-files"),
        (task("sync-files", ""), "does not go with", "write its `command`"),
        (task("cleanup", "  deprecate = { keep = 1 }"), "does not go with", "remove it"),
        (task("sync-files", "  sync_files = { command = [] }"), "sync_files", "a program"),
        (
            task("deprecate-old-versions", "  deprecate = { older_than = \"x\" }"),
            "older_than",
            "90d",
        ),
    ] {
        scene.workspace.main(&hcl)?;
        let run = scene.workspace.plan(&[])?;
        let found = run.diagnostics();
        let is_told = |it: &pipeline_acceptance::diagnostic::Diagnostic| {
            let all = format!("{it:?}");
            all.contains(told) && all.contains(says)
        };
        if !found.iter().any(is_told) {
            return Err(Failure::new(format!("{told} {says} is not in {found:?}")));
        }
    }
    same_refs(&before, &scene.repository.refs()?)
}

/// Starts an apply whose command goes on until its mark is gone, and waits until it runs.
fn started(scene: &Scene) -> Outcome<(Child, PathBuf)> {
    let script = "touch begun; while [ -e begun ]; do sleep 0.05; done; touch ended";
    scene.workspace.main(&command("sync-files", script, ""))?;
    let child = scene.workspace.start_apply()?;
    let mark = scene.repository.directory.join("begun");
    wait_until("the command runs", || mark.exists())?;
    assert_eq!(statuses(scene)?, ["in_progress"]);
    Ok((child, mark))
}

#[test]
fn an_interrupted_task_ends_with_its_command_and_says_so() -> Outcome {
    let scene = Scene::local()?;
    let (child, mark) = started(&scene)?;
    signal(child.id(), "INT")?;
    finish(child)?.refused("The task was interrupted")?;
    assert_eq!(records(&scene)?.remove(0)["result_summary"], "interrupted");
    std::fs::remove_file(mark)?;
    scene.workspace.settle(&command("sync-files", "test ! -e ended", ""))?;
    assert_eq!(statuses(&scene)?, ["failed", "succeeded"]);
    Ok(())
}

#[test]
fn a_killed_task_is_closed_by_the_next_apply() -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("a_killed_task…", "this machine does not list its processes");
        return Ok(());
    }
    let scene = Scene::local()?;
    let (child, mark) = started(&scene)?;
    signal(applying(&scene.workspace)?, "KILL")?;
    finish(child)?;
    // Nobody is left who would end the command.
    std::fs::remove_file(mark)?;
    scene.workspace.settle(&command("sync-files", "true", ""))?;
    assert_eq!(statuses(&scene)?, ["failed", "succeeded"]);
    assert_eq!(records(&scene)?.remove(0)["result_summary"], "its process was killed");
    Ok(())
}
