//! `pipeline_run`: runs of pipelines, recorded with what their states and results allow.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use serde_json::{Value, json};

use crate::hcl::{deployment, staging, tag};

const ADDRESS: &str = "pipeline_run.this";
const FIRST: &str = "run-20251020-143045-k8m3q2";
const SECOND: &str = "run-20251021-090000-a1b2c3";
const CLAIM: &str = "refs/ledger/pipelines/production-deploy";
const COMMIT: &str = "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e";

/// A run with further lines; a line replaces what would be said otherwise.
fn run(lines: &str) -> String {
    let usual = [
        "name = \"production-deploy\"".to_owned(),
        format!("run_id = \"{FIRST}\""),
        "trigger = \"push\"".to_owned(),
        "branch = \"main\"".to_owned(),
        format!("commit_sha = \"{COMMIT}\""),
        "status = \"pending\"".to_owned(),
    ];
    let said = |usual: &String| {
        let name = usual.split('=').next().unwrap_or_default();
        lines.lines().any(|line| line.trim_start().starts_with(name))
    };
    let kept: Vec<String> = usual.into_iter().filter(|usual| !said(usual)).collect();
    let kept = kept.join("\n  ");
    format!("resource \"pipeline_run\" \"this\" {{\n  {kept}\n{lines}\n}}\n")
}

/// A run that succeeded, with everything that can be said of one.
fn complete() -> String {
    run("  status = \"success\"
  profile = \"dev\"
  triggered_by = \"TUI\"
  exit_code = 0
  steps_completed = [\"init\", \"env-check\", \"lint\", \"test-unit\", \"build\", \"complete\"]
  started_at = \"2025-10-20T14:30:45Z\"
  completed_at = \"2025-10-20T14:33:43Z\"
  artifacts = [\"dist/bundle.js\"]
  stages = [{
    stage_name   = \"build\"
    status       = \"succeeded\"
    started_at   = \"2025-10-20T14:31:00Z\"
    completed_at = \"2025-10-20T14:33:00Z\"
  }]
  tests = [{
    test_type       = \"unit\"
    attempt_number  = 1
    status          = \"passed\"
    failure_count   = 0
    started_at      = \"2025-10-20T14:31:00Z\"
    completed_at    = \"2025-10-20T14:31:45Z\"
    run_in_parallel = true
  }]
  build = {
    exit_code        = 0
    duration_seconds = 120.5
    artifacts        = [\"dist/bundle.js\", \"dist/styles.css\"]
  }
  test_result = {
    exit_code        = 0
    duration_seconds = 45.2
    test_count       = 25
    passed_count     = 25
    failed_count     = 0
  }")
}

fn ref_of(run_id: &str) -> String {
    format!("refs/ledger/runs/production-deploy/{run_id}")
}

fn record(scene: &Scene, name: &str) -> Outcome<Value> {
    let records = scene.repository.records(name)?;
    Ok(records.get(name).cloned().ok_or_else(|| format!("no record at {name}"))?)
}

#[test]
fn it_is_recorded_whole_and_stays_when_it_is_destroyed() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&complete())?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["duration_seconds"], 178);
    let found = record(&scene, &ref_of(FIRST))?;
    assert_eq!(found["tests"][0]["duration"], 45);
    assert_eq!(found["steps_completed"][5], "complete");
    let claim = record(&scene, CLAIM)?;
    assert_eq!((&claim["trigger"], &claim["branch"]), (&json!("push"), &json!("main")));
    let before = scene.repository.refs()?;
    scene.workspace.destroy()?.ok()?.warned("stays in git")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn its_status_changes_by_the_table_and_by_nothing_else() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&run(""))?;
    for forbidden in ["success", "failed"] {
        scene.workspace.main(&run(&format!("  status = \"{forbidden}\"")))?;
        let told = scene.workspace.plan(&[])?.refused("RUN007")?;
        told.says("from pending only running or cancelled is possible")?;
    }
    scene
        .workspace
        .settle(&run("  status = \"running\"\n  started_at = \"2025-10-20T14:30:45Z\""))?;
    scene.workspace.settle(&run("  status = \"cancelled\""))?;
    scene.workspace.main(&run("  status = \"running\""))?;
    scene.workspace.plan(&[])?.refused("RUN007")?.says("because `cancelled` is final")?;
    assert_eq!(record(&scene, &ref_of(FIRST))?["status"], "cancelled");
    Ok(())
}

#[test]
fn nothing_changes_of_a_run_that_is_over() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&complete())?;
    let before = scene.repository.refs()?;
    let commit = format!("commit_sha = \"{COMMIT}\"");
    let changes = [
        (
            commit.as_str(),
            "commit_sha = \"8f2eb8688d01e28f36008db8a60271064607db87\"",
            "commit_sha",
        ),
        ("duration_seconds = 45.2", "duration_seconds = 4.2", "test_result"),
        ("duration_seconds = 120.5", "duration_seconds = 12.5", "build"),
        ("  artifacts = [\"dist/bundle.js\"]", "  artifacts = [\"dist/app.js\"]", "artifacts"),
    ];
    for (was, is, field) in changes {
        scene.workspace.main(&complete().replace(was, is))?;
        scene.workspace.plan(&[])?.refused("OWN045")?.at(field)?.says("on record since")?;
    }
    // Somebody else ended a run that this configuration still has open.
    let second = scene.second_workspace("second")?;
    let open = |status: &str| run(&format!("  run_id = \"{SECOND}\"\n  status = \"{status}\""));
    second.settle(&open("running"))?;
    let third = scene.second_workspace("third")?;
    third.main(&open("failed"))?;
    third.import(ADDRESS, &format!("production-deploy/{SECOND}"))?.success()?;
    third.settle(&open("failed"))?;
    let plan = second.plan(&[])?;
    plan.refused("RUN007")?.says("because `failed` is final")?;
    plan.warned("changed outside")?.says("write what is on record in the configuration")?;
    let after = scene.repository.refs()?;
    assert_eq!(before.get(&ref_of(FIRST)), after.get(&ref_of(FIRST)));
    Ok(())
}

#[test]
fn a_new_id_is_a_new_run_in_place() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&complete())?;
    scene.workspace.main(&run(&format!("  run_id = \"{SECOND}\"")))?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&["saved"])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(record(&scene, &ref_of(FIRST))?["status"], "success");
    assert_eq!(record(&scene, &ref_of(SECOND))?["status"], "pending");
    scene.workspace.main(&complete())?;
    scene.workspace.plan(&[])?.refused("registered already")?.says(FIRST)?;
    Ok(())
}

#[test]
fn every_broken_rule_is_told_at_once() -> Outcome {
    let scene = Scene::local()?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&run("  status = \"success\"
  exit_code = 3
  duration_seconds = 0
  steps_completed = [\"lint\", \"lint\"]
  started_at = \"2025-10-20T14:30:45Z\"
  completed_at = \"2025-10-20T14:30:00Z\"
  stages = [{
    stage_name = \"build\"
    status     = \"failed\"
    started_at = \"2025-10-20T14:30:00Z\"
  }]
  tests = [{
    test_type      = \"unit\"
    attempt_number = 3
    status         = \"failed\"
    failure_count  = 0
    started_at     = \"2025-10-20T14:31:45Z\"
    completed_at   = \"2025-10-20T14:31:00Z\"
  }]
  build = { exit_code = 1, success = true, duration_seconds = 1 }
  test_result = { exit_code = 0, duration_seconds = 1, test_count = 3, passed_count = 1, failed_count = 1 }"))?;
    let told = scene.workspace.plan(&[])?;
    for rule in [
        "RUN021", "RUN022", "RUN026", "RUN028", "WFL002", "WFL003", "WFL004", "TST002", "TST004",
        "TST005", "RES001", "RES002",
    ] {
        told.refused(rule)?;
    }
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn each_word_is_told_where_it_stands() -> Outcome {
    let scene = Scene::local()?;
    let broken = [
        ("name = \"a/b\"", "RUN001", "name"),
        ("commit_sha = \"a1b2c3d4e5f6\"", "RUN002", "commit_sha"),
        ("run_id = \"run-20251320-143045-k8m3q2\"", "RUN020", "run_id"),
        ("trigger = \"pull\"", "RUN006", "trigger"),
        ("status = \"succeeded\"", "RUN005", "status"),
        ("profile = \"prod\"", "RUN024", "profile"),
        ("triggered_by = \"tui\"", "RUN025", "triggered_by"),
        ("exit_code = 6", "RUN023", "exit_code"),
        ("steps_completed = [\"compile\"]", "LOG007", "steps_completed"),
    ];
    for (line, rule, place) in broken {
        scene.workspace.main(&run(&format!("  {line}")))?;
        let told = scene.workspace.plan(&[])?.refused(rule)?;
        if scene.workspace.terraform.points_inside() {
            told.at(place)?;
        }
    }
    Ok(())
}

#[test]
fn a_name_means_one_trigger_and_one_branch() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&complete())?;
    let second = scene.second_workspace("second")?;
    let other =
        format!("  run_id = \"{SECOND}\"\n  branch = \"develop\"\n  trigger = \"schedule\"");
    second.main(&run(&other))?;
    let told = second.plan(&[])?;
    for (found, place) in [("`develop`", "branch"), ("`schedule`", "trigger")] {
        told.refused(found)?.says("RUN001")?.at(place)?;
    }
    second.settle(&run(&format!("  run_id = \"{SECOND}\"")))?;
    Ok(())
}

#[test]
fn many_first_runs_of_one_pipeline_claim_its_name_together() -> Outcome {
    let scene = Scene::local()?;
    let each = run("  for_each = toset([\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"])
  run_id = \"run-20251020-14304${index(sort([\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]), each.key)}-k8m3q2\"");
    scene.workspace.settle(&each)?;
    let refs = scene.repository.refs()?;
    let runs = refs.keys().filter(|name| name.starts_with("refs/ledger/runs/production-deploy/"));
    assert_eq!((runs.count(), refs.contains_key(CLAIM)), (6, true), "{refs:?}");
    Ok(())
}

#[test]
fn runs_of_one_plan_agree_on_what_the_name_means() -> Outcome {
    let scene = Scene::local()?;
    let other = run(&format!("  run_id = \"{SECOND}\"\n  branch = \"develop\""));
    let other = other.replace("\"this\"", "\"other\"");
    scene.workspace.main(&[complete(), other].concat())?;
    scene.workspace.plan(&[])?.refused("RUN001")?.says("of this configuration says")?;
    Ok(())
}

#[test]
fn two_resources_of_one_run_are_told_at_plan() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&[complete(), complete().replace("\"this\"", "\"other\"")].concat())?;
    let told = scene.workspace.plan(&[])?.refused("Two resources are the same pipeline run")?;
    told.at("run_id")?.says(&format!("production-deploy/{FIRST}"))?;
    // One that goes on to the ID of a new resource is told as well; one that is replaced by itself is not.
    scene.workspace.settle(&complete())?;
    let next = run(&format!("  run_id = \"{SECOND}\""));
    scene.workspace.main(&[next.clone(), next.replace("\"this\"", "\"other\"")].concat())?;
    scene.workspace.plan(&[])?.refused("Two resources are the same pipeline run")?;
    scene.workspace.settle(&complete().replace("production-deploy", "staging-deploy"))?;
    Ok(())
}

#[test]
fn a_name_that_nobody_tells_from_another_is_refused() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&complete())?;
    let second = scene.second_workspace("second")?;
    let named = |name: &str| run(&format!("  name = \"{name}\"\n  run_id = \"{SECOND}\""));
    second.main(&named("Production-Deploy"))?;
    second.plan(&[])?.refused("OWN047")?.at("name")?.says("`production-deploy`")?;
    second.main(&[named("build"), named("Build").replace("\"this\"", "\"other\"")].concat())?;
    second.plan(&[])?.refused("OWN047")?;
    second.main(&named("production\\u202e-deploy"))?;
    second.plan(&[])?.refused("RUN001")?.says("u{202e}")?.at("name")?;
    second.main(&named("build").replace(SECOND, "run-20991231-000000-aaaaaa"))?;
    second.plan(&[])?.refused("RUN020")?.says("a day ahead of the clock")?.at("run_id")?;
    Ok(())
}

#[test]
fn no_url_with_a_secret_is_recorded() -> Outcome {
    let scene = Scene::local()?;
    let before = scene.repository.refs()?;
    let artifacts =
        "  artifacts = [\"dist/a\", \"https://robot:canary-run-1@example.com/app.zip\"]";
    scene.workspace.main(&run(artifacts))?;
    let plan = scene.workspace.plan(&[])?;
    plan.refused("OWN046")?.at("artifacts")?.says("a URL with a user or password (not shown)")?;
    // The line of the configuration is shown by the host itself.
    let details: Vec<_> = plan.diagnostics().into_iter().map(|it| it.detail).collect();
    assert!(!details.concat().contains("canary-run-1"), "{details:?}");
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn imports_by_id_and_identity() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&complete())?;
    let second = scene.second_workspace("second")?;
    second.main(&complete())?;
    let unknown = second.import(ADDRESS, &format!("production-deploy/{SECOND}"))?;
    assert!(unknown.code != Some(0) && unknown.stderr.contains(FIRST), "{}", unknown.stderr);
    let nothing = second.import(ADDRESS, "production-deply")?;
    let words = nothing.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(nothing.code != Some(0) && !words.contains("RUN020"), "{words}");
    assert!(
        words.contains("has no run to import") && words.contains("`production-deploy`"),
        "{words}"
    );
    second.import(ADDRESS, &format!("production-deploy/{FIRST}"))?.success()?;
    second.plan(&[])?.unchanged()?;
    let newest = scene.second_workspace("newest")?;
    newest.settle(&run(&format!("  run_id = \"{SECOND}\"")))?;
    let by_name = scene.second_workspace("by-name")?;
    by_name.main(&run(&format!("  run_id = \"{SECOND}\"")))?;
    by_name.import(ADDRESS, "production-deploy")?.success()?;
    by_name.plan(&[])?.unchanged()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "imports_by_id_and_identity") {
        return Ok(());
    }
    let third = scene.second_workspace("third")?;
    let import = format!(
        "import {{\n  to = {ADDRESS}\n  identity = {{ name = \"production-deploy\" }}\n}}\n"
    );
    third.main(&[import, run(&format!("  run_id = \"{SECOND}\""))].concat())?;
    third.apply(&[])?.ok()?;
    third.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_deployment_names_the_run_that_made_it() -> Outcome {
    let scene = Scene::local()?;
    let release = tag("release", "v1.0.0", "main");
    let naming = |run: &str| {
        let lines =
            format!("  pipeline_run = {run}\n  depends_on = [pipeline_version_tag.release]");
        [release.clone(), staging(), deployment("staging", "v1.0.0", &lines)].concat()
    };
    let before = scene.repository.refs()?;
    scene.workspace.main(&naming(&format!("\"production-deploy/{SECOND}\"")))?;
    let told = scene.workspace.plan(&[])?.refused("DEP025")?;
    told.says(&format!("production-deploy/{SECOND}"))?.at("pipeline_run")?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.settle(&[naming("pipeline_run.this.id"), complete()].concat())?;
    let second = scene.second_workspace("second")?;
    second.main(
        "data \"pipeline_deployments\" \"all\" {\n  environment = \"staging\"\n}\n\
         data \"pipeline_runs\" \"all\" {}\n",
    )?;
    second.apply(&[])?.ok()?;
    let shown = second.attributes("data.pipeline_deployments.all")?;
    let made = &shown["deployments"][0];
    assert_eq!(made["pipeline_run"], format!("production-deploy/{FIRST}"));
    let runs = second.attributes("data.pipeline_runs.all")?;
    let id = format!("staging/{}", made["deployment_id"].as_str().unwrap_or_default());
    assert_eq!(runs["runs"][0]["deployments"], json!([id]));
    Ok(())
}

#[test]
fn a_run_that_is_gone_since_the_plan_is_told_at_the_claim() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&complete())?;
    let release = tag("release", "v1.0.0", "main");
    let lines = format!(
        "  pipeline_run = \"production-deploy/{FIRST}\"\n  depends_on = [pipeline_version_tag.release]"
    );
    let deploying = scene.second_workspace("deploying")?;
    deploying.main(&[release, staging(), deployment("staging", "v1.0.0", &lines)].concat())?;
    deploying.plan(&["-out=saved"])?.ok()?;
    scene.repository.git(&["update-ref", "-d", &ref_of(FIRST)])?;
    deploying.apply(&["saved"])?.refused("DEP025")?.says(FIRST)?;
    let refs = scene.repository.refs()?;
    assert!(!refs.keys().any(|name| name.contains("/deployments/")), "{refs:?}");
    Ok(())
}

#[test]
fn test_results_are_counted_from_reports_once() -> Outcome {
    let scene = Scene::local()?;
    let reports = std::path::PathBuf::from(scene.repository.path()).join("reports");
    let junit = format!("  junit = \"{}/**/TEST-*.xml\"", reports.display());
    let over = run(&format!("{junit}\n  status = \"success\""));
    scene.workspace.settle(&run(&format!("{junit}\n  status = \"running\"")))?;
    scene.workspace.main(&over)?;
    scene.workspace.plan(&[])?.refused("There are no test reports")?.at("junit")?;
    std::fs::create_dir_all(reports.join("api"))?;
    let (unit, api) = (reports.join("TEST-unit.xml"), reports.join("api/TEST-api.xml"));
    std::fs::write(&unit, "<testsuite><testcase time=\"1.5\"/><testcase/></testsuite>")?;
    std::fs::write(&api, "<testsuite><testcase>")?;
    scene.workspace.plan(&[])?.refused("TEST-api.xml")?.says("stopped")?;
    std::fs::write(
        &api,
        "<testsuite><testcase><failure message=\"lost\"/></testcase></testsuite>",
    )?;
    // Reports that are other ones than those of the plan are not recorded.
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    std::fs::write(&unit, "<testsuite><testcase/></testsuite>")?;
    scene.workspace.apply(&["saved"])?.refused("test_result")?;
    assert_eq!(record(&scene, &ref_of(FIRST))?["status"], "running");
    std::fs::write(&unit, "<testsuite><testcase time=\"1.5\"/><testcase/></testsuite>")?;
    scene.workspace.settle(&over)?;
    let known = scene.workspace.attributes(ADDRESS)?;
    let counts = |result: &Value| {
        ["exit_code", "test_count", "passed_count", "failed_count"].map(|name| result[name].clone())
    };
    assert_eq!(counts(&known["test_result"]), [1, 3, 2, 1].map(Value::from));
    assert_eq!(known["test_result"]["duration_seconds"], 1.5);
    let recorded = record(&scene, &ref_of(FIRST))?;
    assert_eq!(counts(&recorded["test_result"]), [1, 3, 2, 1].map(Value::from));
    // What was read once stays, whatever lies there later, here and where it is imported.
    std::fs::write(&api, "<testsuite><testcase/></testsuite>")?;
    scene.workspace.plan(&[])?.unchanged()?;
    std::fs::remove_dir_all(&reports)?;
    scene.workspace.plan(&[])?.unchanged()?;
    let second = scene.second_workspace("second")?;
    second.main(&over)?;
    second.import(ADDRESS, &format!("production-deploy/{FIRST}"))?.success()?;
    second.settle(&over)?;
    assert_eq!(recorded, record(&scene, &ref_of(FIRST))?);
    // The run is over: it keeps them.
    scene.workspace.main(&run("  status = \"success\""))?;
    scene.workspace.plan(&[])?.refused("OWN045")?.says("expected those")?;
    Ok(())
}

#[test]
fn test_results_are_told_once() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&run("  junit = \"reports/*.xml\"
  test_result = { exit_code = 0, duration_seconds = 1, test_count = 0, passed_count = 0, failed_count = 0 }"))?;
    scene.workspace.plan(&[])?.refused("told twice")?.at("junit")?;
    Ok(())
}
