//! `pipeline_maintenance`.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;

use super::{action, invoke, trigger};

const KIND: &str = "pipeline_maintenance";

/// The test, on a release that has no actions.
fn lacks(scene: &Scene, test: &str) -> bool {
    scene.workspace.terraform.lacks(Feature::Actions, &format!("actions::maintenance::{test}"))
}

/// Versions 1.0.0 to 1.2.0 of the api.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        let commit = scene.repository.commit(version)?;
        scene.repository.tag(&format!("api/v{version}"), &commit)?;
    }
    Ok(scene)
}

const DEPRECATE: &str =
    "    task_type = \"deprecate-old-versions\"\n    deprecate = { keep = 1 }\n";

#[test]
fn old_versions_are_deprecated_and_recorded_after_the_plan_named_them() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "old_versions_are_deprecated_and_recorded_after_the_plan_named_them") {
        return Ok(());
    }
    let own = &scene.workspace;
    own.main(&action(KIND, &format!("{DEPRECATE}    dry_run = true\n")))?;
    let before = scene.repository.refs()?;
    let dry = invoke(own, KIND)?.ok()?;
    dry.warned("deprecate api/v1.0.0")?;
    assert!(dry.said.stdout.contains("It will deprecate api/v1.1.0"), "{}", dry.said.stdout);
    same_refs(&before, &scene.repository.refs()?)?;
    own.main(&[action(KIND, DEPRECATE), trigger(KIND, "1")].concat())?;
    own.plan(&[])?.ok()?.warned("deprecate api/v1.0.0")?;
    own.apply(&[])?.ok()?;
    let refs = scene.repository.refs()?;
    for (tag, is_there) in [("1.0.0", true), ("1.1.0", true), ("1.2.0", false)] {
        let name = format!("refs/tags/api/v{tag}-deprecated");
        assert_eq!(refs.contains_key(&name), is_there, "{name}");
    }
    let records = scene.repository.records("refs/ledger/maintenance/")?;
    let record = records.into_values().next().ok_or("no record")?;
    assert_eq!(record["status"], "succeeded");
    Ok(())
}

#[test]
fn a_task_that_fails_is_recorded_and_fails_the_action() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "a_task_that_fails_is_recorded_and_fails_the_action") {
        return Ok(());
    }
    let lines = "    task_type = \"sync-files\"\n    sync_files = { command = [\"false\"] }\n";
    scene.workspace.main(&action(KIND, lines))?;
    invoke(&scene.workspace, KIND)?.refused("The command failed")?;
    let records = scene.repository.records("refs/ledger/maintenance/")?;
    assert!(records.values().any(|it| it["status"] == "failed"), "{records:?}");
    scene.workspace.main(&action(KIND, "    task_type = \"sync-files\"\n"))?;
    scene.workspace.validate()?.refused("does not go with the type")?;
    let short =
        "    task_type = \"cleanup\"\n    cleanup = { keep_days = { run = 1, runs = 90 } }\n";
    scene.workspace.main(&action(KIND, short))?;
    let refused = scene.workspace.validate()?;
    refused.refused("RET001")?.says("`cleanup.keep_days[\"run\"]`")?;
    refused.refused("GLB004")?.says("`runs`")?;
    Ok(())
}
