//! `pipeline_report`: a history as a team makes it, as JSON, job summary and page.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::scene::Scene;
use serde_json::Value;

use crate::hcl::{deployment, health_check, production, staging};

const ADDRESS: &str = "data.pipeline_report.this";

/// Staging at 1.1.0 after a failure of 1.2.0, production registered; one commit between two versions.
fn delivered(workflows: bool) -> Outcome<Scene> {
    let scene = Scene::local()?;
    if workflows {
        scene.repository.write(".github/workflows/rollback.yml", "on: workflow_dispatch\n")?;
    }
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        let commit = scene.repository.commit(version)?;
        scene.repository.tag(&format!("api/v{version}"), &commit)?;
    }
    let runs = |version: &str, lines: &str| {
        [staging(), production(), deployment("staging", version, lines)].concat()
    };
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    scene.workspace.settle(&runs("api/v1.1.0", "  reason = \"<script>alert(1)</script>\""))?;
    let server = HealthServer::start(Health::Status(500))?;
    let once = health_check(&server.url).replace("retries = 2", "retries = 0");
    scene.workspace.main(&runs("api/v1.2.0", &once))?;
    scene.workspace.apply(&[])?.refused("500")?;
    Ok(scene)
}

/// A run of a pipeline as CI records it, with these lines besides.
fn run(status: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_run\" \"this\" {{
  name       = \"build\"
  run_id     = \"run-20251020-143045-k8m3q2\"
  trigger    = \"push\"
  branch     = \"main\"
  commit_sha = \"5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e\"
  status     = \"{status}\"
{lines}}}
"
    )
}

/// A report with these lines.
fn asks(lines: &str) -> String {
    format!("data \"pipeline_report\" \"this\" {{\n{lines}}}\n")
}

const OF_RUN: &str = "  run = \"build/run-20251020-143045-k8m3q2\"\n";

fn text<'a>(report: &'a Value, name: &str) -> &'a str {
    report[name].as_str().unwrap_or_default()
}

#[test]
fn a_history_becomes_json_a_summary_and_a_page_that_do_not_change_by_reading() -> Outcome {
    let scene = delivered(true)?;
    let second = scene.second_workspace("second")?;
    let github = "  github = {\n    repository = \"example/shop\"\n  }\n";
    second.configure(&scene.repository.path(), github)?;
    // No plan after it differs: the time of the report is that of the newest record.
    second.settle("data \"pipeline_report\" \"this\" {}\n")?;
    let report = second.attributes(ADDRESS)?;
    let json: Value = serde_json::from_str(text(&report, "json"))?;
    assert_eq!(json["environments"][0]["cards"][0]["version"], "api/v1.1.0", "{json}");
    assert_eq!(json["environments"][0]["cards"][0]["last"], "failed");
    assert_eq!(json["environments"][1]["name"], "production");
    assert_eq!(json["history"][0]["status"], "failed");
    assert_eq!(json["history"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["rollbacks"][0]["target"], "api/v1.0.0");
    assert_eq!(json["generated_at"], json["history"][0]["completed_at"]);
    assert_eq!(report["metrics"].as_array().map(Vec::len), Some(5));
    assert_eq!(report["metrics"][0]["value"], Value::Null, "three deployments make no figure");
    assert_eq!(report["metrics"][4]["shown"], "not recorded");
    let links = report["action_links"].as_array().into_iter().flatten();
    let commands: Vec<&str> = links.filter_map(|it| it["command"].as_str()).collect();
    assert_eq!(
        commands,
        [
            "gh workflow run rollback.yml --repo example/shop -f environment=staging -f sub_project=api \
          -f target_version=api/v1.0.0"
        ]
    );
    let (html, markdown) = (text(&report, "html"), text(&report, "markdown"));
    for part in ["1.1.0", "Failed</span>", "not recorded", "&lt;script&gt;alert(1)", commands[0]] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script"));
    assert!(markdown.contains("`api/v1.1.0`") && !markdown.contains("|<script"));
    Ok(())
}

#[test]
fn a_named_repository_without_workflows_is_told() -> Outcome {
    let scene = delivered(false)?;
    let second = scene.second_workspace("second")?;
    second.settle("data \"pipeline_report\" \"this\" {}\n")?;
    let github = "  github = {\n    repository = \"example/shop\"\n  }\n";
    second.configure(&scene.repository.path(), github)?;
    second.plan(&[])?.refused("RPT002")?.says("rollback.yml")?;
    second.configure(&scene.repository.path(), &github.replace("example/shop", "shop"))?;
    second.plan(&[])?.refused("LNK002")?;
    Ok(())
}

#[test]
fn a_report_of_a_run_begins_with_it_when_it_is_over() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    let deployed = deployment("staging", "api/v1.0.0", "  pipeline_run = pipeline_run.this.id");
    scene.workspace.settle(&[staging(), run("running", ""), deployed.clone()].concat())?;
    let second = scene.second_workspace("second")?;
    second.main(&asks(OF_RUN))?;
    // Once: that it has none of the three ends follows.
    let plan = second.plan(&[])?;
    plan.refused("RPT004")?.says("`running`")?.at("run")?;
    let errors = plan.diagnostics().iter().filter(|it| it.severity == "error").count();
    assert_eq!(errors, 1, "{:?}", plan.diagnostics());
    scene.workspace.settle(&[staging(), run("failed", ""), deployed].concat())?;
    second.apply(&[])?.ok()?;
    let report = second.attributes(ADDRESS)?;
    let json: Value = serde_json::from_str(text(&report, "json"))?;
    let id = json["history"][0]["deployment_id"].as_str().unwrap_or_default();
    assert_eq!(
        (&json["run"]["status"], &json["run"]["workflow_name"]),
        (&"failure".into(), &"build".into())
    );
    assert_eq!(json["run"]["deployments"], serde_json::json!([id]));
    let row = format!("**failure** | main | `5c04b60a` | – | `{id}`");
    assert!(text(&report, "markdown").contains(&row), "{}", report["markdown"]);
    assert!(text(&report, "html").contains("run-20251020-143045-k8m3q2"));
    Ok(())
}

#[test]
fn a_report_names_the_run_of_github_together_with_its_own() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&run("success", ""))?;
    let second = scene.second_workspace("second")?;
    let github = "  workflow_run_id = \"18234567890\"\n";
    second.main(&asks(&format!("{OF_RUN}  workflow_run_id = \"run-1\"\n")))?;
    second.plan(&[])?.refused("RPT001")?.says("run-1")?.at("workflow_run_id")?;
    second.main(&asks(github))?;
    second.plan(&[])?.refused("RPT001")?.says("of no run")?.at("workflow_run_id")?;
    second.main(&asks(&format!("{OF_RUN}{github}")))?;
    second.apply(&[])?.ok()?;
    let report = second.attributes(ADDRESS)?;
    let json: Value = serde_json::from_str(text(&report, "json"))?;
    assert_eq!(json["run"]["workflow_run_id"], "18234567890");
    Ok(())
}

#[test]
fn a_later_report_of_a_run_says_so_and_warns_where_its_time_was_chosen() -> Outcome {
    let scene = Scene::local()?;
    let times =
        "  started_at   = \"2025-10-20T14:30:45Z\"\n  completed_at = \"2025-10-20T14:34:45Z\"\n";
    scene.workspace.settle(&run("success", times))?;
    let second = scene.second_workspace("second")?;
    let judged = |at: &str| asks(&format!("{OF_RUN}  at = \"{at}\"\n"));
    second.main(&judged("2025-10-20T15:34:45Z"))?;
    second.plan(&[])?.ok()?.warned("RPT003")?.says("reported 1 h after its end")?;
    second.main(&judged("2025-10-20T14:34:55Z"))?;
    second.plan(&[])?.ok()?.silent()?;
    // Whoever reads it at some later time, plan after plan, chose nothing; the report itself says how late it is.
    second.main(&asks(OF_RUN))?;
    second.plan(&[])?.ok()?.silent()?;
    second.apply(&[])?.ok()?;
    let report = second.attributes(ADDRESS)?;
    let json: Value = serde_json::from_str(text(&report, "json"))?;
    assert!(json["run"]["late_seconds"].as_i64().is_some_and(|it| it > 10), "{}", json["run"]);
    for form in ["html", "markdown"] {
        assert!(text(&report, form).contains("after its end"), "{form}");
    }
    Ok(())
}

#[test]
fn how_a_run_ended_is_one_of_three_words() -> Outcome {
    let scene = Scene::local()?;
    let second = scene.second_workspace("second")?;
    for (status, told, random) in [
        ("success", "success", "aaaaaa"),
        ("failed", "failure", "bbbbbb"),
        ("cancelled", "cancelled", "cccccc"),
    ] {
        let id = format!("run-20251020-143045-{random}");
        let recorded = run(status, "").replace("run-20251020-143045-k8m3q2", &id);
        scene.workspace.settle(&recorded)?;
        second.main(&asks(&format!("  run = \"build/{id}\"\n")))?;
        second.apply(&[])?.ok()?;
        let json: Value = serde_json::from_str(text(&second.attributes(ADDRESS)?, "json"))?;
        assert_eq!(json["run"]["status"], told);
    }
    // Another word is no status of a run, and so never one of a report.
    scene.workspace.main(&run("stopped", ""))?;
    scene.workspace.plan(&[])?.refused("RUN005")?;
    Ok(())
}
