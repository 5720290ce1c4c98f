//! `pipeline_rollback`.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::workspace::Workspace;
use serde_json::Value;

use super::{action, invoke, trigger};
use crate::hcl::{deployment, staging};

const KIND: &str = "pipeline_rollback";

/// The test, on a release that has no actions.
fn lacks(scene: &Scene, test: &str) -> bool {
    scene.workspace.terraform.lacks(Feature::Actions, &format!("actions::rollback::{test}"))
}

/// Versions 1.0.0 to 1.3.0 of the api, each on a commit of its own; all but the last were deployed.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] {
        let commit = scene.repository.commit(version)?;
        scene.repository.tag(&format!("api/v{version}"), &commit)?;
    }
    Ok(scene)
}

fn runs(version: &str, lines: &str) -> String {
    [staging(), deployment("staging", version, lines)].concat()
}

fn back(lines: &str) -> String {
    let fixed = "    environment = \"staging\"\n    sub_project_path = \"api\"\n";
    action(KIND, &format!("{fixed}{lines}"))
}

/// Somebody else's workspace, which only rolls back.
fn second(scene: &Scene, lines: &str) -> Outcome<Workspace> {
    let second = scene.second_workspace("second")?;
    second.main(&back(lines))?;
    Ok(second)
}

fn records(scene: &Scene) -> Outcome<Vec<Value>> {
    Ok(scene.repository.records("refs/ledger/deployments/staging/")?.into_values().collect())
}

#[test]
fn it_goes_back_and_the_configuration_does_not_silently_go_forward_again() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "it_goes_back_and_the_configuration_does_not_silently_go_forward_again") {
        return Ok(());
    }
    for version in ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0"] {
        scene.workspace.settle(&runs(version, ""))?;
    }
    let second = second(&scene, "    reason = \"INC-7\"")?;
    let run = invoke(&second, KIND)?.ok()?;
    assert!(run.said.stdout.contains("Going back to api/v1.1.0"), "{}", run.said.stdout);
    let all = records(&scene)?;
    let last = all.last().ok_or("no record")?;
    assert_eq!((&last["version"], &last["reason"]), (&"api/v1.1.0".into(), &"INC-7".into()));
    assert!(all.iter().any(|it| it["version"] == "api/v1.2.0" && it["status"] == "rolled_back"));
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.resolve("api/v1.1.0")?);
    scene.workspace.plan(&[])?.refused("OWN040")?.says("redeploy_after")?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    // And once more, as far as one can.
    invoke(&second, KIND)?.ok()?;
    let before = scene.repository.refs()?;
    let none = invoke(&second, KIND)?.refused("RBK006")?;
    none.says("no version lower than `api/v1.0.0` was ever deployed")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn the_target_is_a_candidate_or_it_is_said_why_not() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "the_target_is_a_candidate_or_it_is_said_why_not") {
        return Ok(());
    }
    for version in ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0"] {
        scene.workspace.settle(&runs(version, ""))?;
    }
    scene.repository.tag("api/v1.0.0-deprecated", "api/v1.0.0^{commit}")?;
    let before = scene.repository.refs()?;
    let second = second(&scene, "")?;
    let cases = [
        ("api/v1.3.0", "RBK001", "lower than `api/v1.2.0`"),
        ("api/v1.0.0", "RBK002", "deprecated"),
        ("api/v1.0.5", "RBK004", "not among the candidates"),
    ];
    for (version, rule, said) in cases {
        second.main(&back(&format!("    target_version = \"{version}\"")))?;
        let plan = second.plan(&[&format!("-invoke=action.{KIND}.this")])?;
        plan.refused(rule)?.says(said)?.at("target_version")?;
    }
    same_refs(&before, &scene.repository.refs()?)?;
    second.main(&back("    target_version = \"api/v1.1.0\""))?;
    invoke(&second, KIND)?.ok()?;
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.resolve("api/v1.1.0")?);
    Ok(())
}

#[test]
fn nothing_on_record_is_refused_and_a_trigger_goes_back_after_a_change() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "nothing_on_record_is_refused_and_a_trigger_goes_back_after_a_change") {
        return Ok(());
    }
    scene.workspace.settle(&staging())?;
    let second = second(&scene, "")?;
    let before = scene.repository.refs()?;
    invoke(&second, KIND)?.refused("OWN057")?.says("`staging/api`")?.at("environment")?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    second.main(&[trigger(KIND, "\"INC-8\""), back("")].concat())?;
    second.apply(&[])?.ok()?;
    assert_eq!(scene.repository.resolve("api/staging")?, scene.repository.resolve("api/v1.0.0")?);
    Ok(())
}
