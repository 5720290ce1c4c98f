//! `pipeline_audit_log`: overrides, newest first, page by page.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::json;

use crate::hcl::tag;

const ADDRESS: &str = "data.pipeline_audit_log.this";
const FOLDER: &str = "refs/ledger/audit/";

#[test]
fn it_shows_overrides_newest_first_and_page_by_page() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let (before, moved) = (scene.repository.head()?, scene.repository.commit("Go on")?);
    let hcl = "  override = { reason = \"wrong build\", approved_by = \"Grace Example\" }";
    scene.workspace.configure(&scene.repository.path(), hcl)?;
    scene.workspace.main(&tag("this", "api/v1.0.0", &moved))?;
    scene.workspace.apply(&[])?.ok()?;
    // An older one, by its own word and by its name.
    let records = scene.repository.records(FOLDER)?;
    let mut older = records.values().next().ok_or("the override is in the log")?.clone();
    older["at"] = json!("2020-01-01T00:00:00Z");
    scene.repository.put_record(&format!("{FOLDER}001577836800-0"), &older)?;

    let reader = scene.second_workspace("reader")?;
    let log = |lines: &str| format!("data \"pipeline_audit_log\" \"this\" {{\n{lines}\n}}\n");
    reader.settle(&log(""))?;
    let all = reader.attributes(ADDRESS)?;
    assert_eq!((all["entries"].as_array().map(Vec::len), &all["next"]), (Some(2), &json!(null)));
    let newest = &all["entries"][0];
    assert_eq!((&newest["rules"], &newest["reason"]), (&json!(["TAG009"]), &json!("wrong build")));
    assert_eq!(newest["approved_by"], "Grace Example");
    assert_eq!(
        (&newest["commit_before"], &newest["commit_after"]),
        (&json!(before), &json!(moved))
    );

    reader.settle(&log("  limit = 1"))?;
    let first = reader.attributes(ADDRESS)?;
    assert_eq!((&first["entries"], &first["next"]), (&json!([newest]), &newest["id"]));
    let next = format!("  limit = 1\n  before = {}", newest["id"]);
    reader.settle(&log(&next))?;
    let second = reader.attributes(ADDRESS)?;
    assert_eq!((&second["entries"][0]["at"], &second["next"]), (&older["at"], &json!(null)));
    Ok(())
}
