//! `pipeline_runs`: runs of one pipeline or of all, newest first.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::json;

const FIRST: &str = "run-20251020-143045-k8m3q2";
const SECOND: &str = "run-20251021-090000-a1b2c3";

fn run(pipeline: &str, id: &str, status: &str) -> String {
    format!(
        "resource \"pipeline_run\" \"{pipeline}\" {{
  name       = \"{pipeline}\"
  run_id     = \"{id}\"
  trigger    = \"push\"
  branch     = \"main\"
  commit_sha = \"5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e\"
  status     = \"{status}\"
}}
"
    )
}

#[test]
fn pipeline_runs_lists_by_name_and_status_newest_first() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&run("build", FIRST, "success"))?;
    scene
        .workspace
        .settle(&[run("build", SECOND, "pending"), run("nightly", FIRST, "failed")].concat())?;
    let list = scene.second_workspace("list")?;
    list.main(
        "data \"pipeline_runs\" \"all\" {}\n\
         data \"pipeline_runs\" \"one\" {\n  name = \"build\"\n}\n\
         data \"pipeline_runs\" \"good\" {\n  status = \"success\"\n}\n\
         data \"pipeline_runs\" \"newest\" {\n  limit = 1\n}\n",
    )?;
    list.apply(&[])?.ok()?;
    for (name, expected) in [
        ("all", json!([["build", SECOND], ["nightly", FIRST], ["build", FIRST]])),
        ("one", json!([["build", SECOND], ["build", FIRST]])),
        ("good", json!([["build", FIRST]])),
        ("newest", json!([["build", SECOND]])),
    ] {
        let read = list.attributes(&format!("data.pipeline_runs.{name}"))?;
        let runs = read["runs"].as_array().into_iter().flatten();
        let found: Vec<_> = runs.map(|run| json!([run["name"], run["run_id"]])).collect();
        assert_eq!(json!(found), expected, "{name}");
    }
    Ok(())
}
