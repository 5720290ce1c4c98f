//! `pipeline_run_log`: logs as pipelines leave them, good and bad, large and hostile.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::quote;
use serde_json::{Value, json};

const ADDRESS: &str = "data.pipeline_run_log.this";

/// The configuration that reads the log at `path`, with these lines.
fn reading(path: &str, lines: &str) -> String {
    let path = quote(path);
    format!("data \"pipeline_run_log\" \"this\" {{\n  path = {path}\n{lines}}}\n")
}

/// An entry of this second, with these fields instead of its own.
fn entry(second: u32, fields: &Value) -> Value {
    let mut entry = json!({
        "timestamp": format!("2025-10-20T14:30:{second:02}Z"), "level": "info", "message": "Running",
        "run_id": "run-20251020-143045-k8m3q2", "source_file": "scripts/ci/run.sh", "line_number": 12,
        "function_name": "run", "step_name": "test-unit",
    });
    if let (Some(entry), Some(fields)) = (entry.as_object_mut(), fields.as_object()) {
        entry.extend(fields.clone());
    }
    entry
}

/// A log with a run, another system's words, and two lines that are no entries.
fn log() -> Outcome<String> {
    let tests = json!({
        "test_type": "unit", "attempt_number": 1, "status": "failed", "duration": 5, "failure_count": 2,
        "started_at": 1_760_970_640, "completed_at": 1_760_970_645, "run_in_parallel": false,
        "fallback_to_serial": false,
    });
    let failed = json!({"level": "error", "message": "2 tests failed\u{1b}[2J\n::error::x", "duration_ms": 5000, "test_execution": tests});
    let pretty = serde_json::to_string_pretty(&entry(
        48,
        &json!({"level": "success", "step_name": "complete", "exitCode": 2}),
    ))?;
    Ok(format!(
        "{}\n{}\nnpm warn deprecated\n{{\"timestamp\": \"2025-\n{pretty}\n{}\n",
        entry(45, &json!({"step_name": "init"})),
        entry(46, &failed),
        entry(49, &json!({"step_name": "cleanup", "line_number": 0})),
    ))
}

#[test]
fn a_log_is_read_with_all_that_is_wrong_with_it() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.write("ci.log", &log()?)?;
    scene.workspace.settle(&reading("ci.log", ""))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    let run = &read["runs"][0];
    assert_eq!(run["run_id"], "run-20251020-143045-k8m3q2", "{read}");
    assert_eq!((&run["exit_code"], &run["is_complete"]), (&json!(2), &json!(true)), "{run}");
    let steps: Vec<_> =
        run["steps"].as_array().into_iter().flatten().map(|it| &it["step_name"]).collect();
    assert_eq!(steps, ["init", "test-unit", "complete"]);
    assert_eq!(run["steps"][1]["duration_ms"], 5000);
    assert_eq!(read["entries"][1]["message"], "2 tests failed\\u{1b}[2J\\n::error::x");
    assert_eq!(read["test_executions"][0]["failure_count"], 2);
    let told = |list: &str| -> Vec<(Value, Value)> {
        let list = read[list].as_array().into_iter().flatten();
        list.map(|it| (it["line"].clone(), it["rule"].clone())).collect()
    };
    let at = |line: u32, rule: &str| (json!(line), json!(rule));
    assert_eq!(told("problems"), [at(3, "LOG006"), at(4, "LOG006"), at(16, "LOG004")], "{read}");
    assert_eq!(told("deviations"), [at(5, "LOG002"), at(5, "LOG003"), at(5, "LOG006")], "{read}");
    let counts = json!({
        "entries": 3, "selected": 3, "info": 2, "warn": 0, "error": 1, "problems": 3, "of_other_runs": 0,
    });
    assert_eq!(read["counts"], counts);
    Ok(())
}

#[test]
fn entries_are_chosen_and_all_are_counted() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.write("ci.log", &log()?)?;
    scene.workspace.settle(&reading("ci.log", "  limit  = 1\n  levels = [\"info\"]\n"))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(read["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(read["entries"][0]["step_name"], "complete");
    assert_eq!((&read["counts"]["selected"], &read["counts"]["entries"]), (&json!(2), &json!(3)));
    scene.workspace.settle(&reading("ci.log", "  steps = [\"test-unit\"]\n"))?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["entries"][0]["level"], "error");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_said() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&reading("none.log", ""))?;
    scene.workspace.plan(&[])?.refused("There is no log")?.says("none.log")?.at("path")?;
    scene.workspace.main(&reading("/dev/zero", ""))?;
    scene.workspace.plan(&[])?.refused("is a device")?;
    scene.workspace.main(&reading(
        "ci.log",
        "  limit = 10001\n  levels = [\"warning\"]\n  steps = [\"tests\"]\n",
    ))?;
    let run = scene.workspace.validate()?;
    run.refused("at most 10000")?.at("limit")?;
    // The host shows the whole list, the words show which of it.
    run.refused("LOG002")?.at("levels")?.says("At `levels[0]`")?;
    run.refused("LOG007")?.at("steps")?.says("At `steps[0]`")?;
    Ok(())
}
