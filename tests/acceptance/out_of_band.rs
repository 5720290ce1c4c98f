//! What somebody else did to an environment: a plan shows it as a difference that destroys nothing, and
//! names who, what and when; nobody goes back to an older version by accident.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::Workspace;
use serde_json::Value;

use crate::hcl::{deployment, short, staging};

const ADDRESS: &str = "pipeline_deployment.this";

/// A deployment that does not register its environment.
fn to_staging(version: &str, lines: &str) -> String {
    deployment("staging", version, lines)
        .replace("pipeline_environment.staging.name", "\"staging\"")
}

/// Versions 1.0.0 and 1.1.0 of the api; staging runs 1.0.0, which ada deployed.
fn deployed() -> Outcome<(Scene, Workspace)> {
    let mut scene = Scene::local()?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        let commit = scene.repository.commit(version)?;
        scene.repository.tag(version, &commit)?;
    }
    scene.workspace.settle(&staging())?;
    let workspace = |name: &str| -> Outcome<Workspace> {
        let workspace = scene.second_workspace(name)?;
        workspace.configure(&scene.repository.path(), &format!("  actor = \"{name}\""))?;
        Ok(workspace)
    };
    let (ada, bob) = (workspace("ada")?, workspace("bob")?);
    ada.settle(&to_staging("api/v1.0.0", ""))?;
    bob.main(&to_staging("api/v1.1.0", ""))?;
    scene.workspace = ada;
    Ok((scene, bob))
}

/// The record of what somebody deployed.
fn record_of(scene: &Scene, actor: &str) -> Outcome<Value> {
    let records = scene.repository.records("refs/ledger/deployments/staging/")?;
    let mut own = records.into_values().filter(|record| record["triggered_by"] == actor);
    Ok(own.next().ok_or("no record")?)
}

/// Sees that a run says who deployed what and when.
fn names_bob(scene: &Scene, run: &Run) -> Outcome {
    let record = record_of(scene, "bob")?;
    let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let told = run.warned("The environment runs something else")?;
    told.says("api/v1.1.0")?.says("deployed by bob")?;
    told.says(&text("deployment_id"))?.says(&text("completed_at"))?;
    Ok(())
}

#[test]
fn a_deployment_by_another_is_shown_and_not_taken_back() -> Outcome {
    let (scene, bob) = deployed()?;
    bob.apply(&[])?.ok()?;
    let before = scene.repository.refs()?;
    for arguments in [&["-refresh=true"], &["-refresh=false"]] {
        let plan = scene.workspace.plan(arguments)?;
        names_bob(&scene, &plan)?;
        if *arguments == ["-refresh=true"] {
            plan.refused("allow_downgrade")?.says("api/v1.1.0")?.says("api/v1.0.0")?;
        }
    }
    let refresh = scene.workspace.plan(&["-refresh-only"])?.ok()?;
    assert_eq!(refresh.drift().get(ADDRESS).map(String::as_str), Some("update"));
    names_bob(&scene, &refresh)?;
    scene.workspace.apply(&[])?.refused("allow_downgrade")?;
    same_refs(&before, &scene.repository.refs()?)?;
    // Whoever follows has nothing to do.
    scene.workspace.main(&to_staging("api/v1.1.0", ""))?;
    scene.workspace.apply(&[])?.ok()?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["triggered_by"], "bob");
    Ok(())
}

#[test]
fn who_comes_new_is_told_of_the_newer_version_too() -> Outcome {
    let (scene, bob) = deployed()?;
    bob.apply(&[])?.ok()?;
    let third = scene.second_workspace("cyd")?;
    third.main(&to_staging("api/v1.0.0", ""))?;
    let plan = third.plan(&[])?;
    plan.refused("allow_downgrade")?;
    names_bob(&scene, &plan)
}

#[test]
fn a_tag_that_a_person_moved_is_shown_with_the_person() -> Outcome {
    let (scene, _) = deployed()?;
    let stray = scene.repository.commit("Not released")?;
    scene.repository.tag("api/staging", &stray)?;
    let moved = scene.repository.git(&[
        "for-each-ref",
        "--format=%(taggerdate:format:%Y-%m-%dT%H:%M:%SZ)",
        "refs/tags/api/staging",
    ])?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    let told = plan.warned("The environment runs something else")?;
    told.says(short(&stray))?.says("Ada Example moved its tag there")?.says(&moved)?;
    told.says("outside any deployment")?.says("api/v1.0.0")?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&[])?.ok()?;
    assert_eq!(
        scene.repository.resolve("api/staging")?,
        scene.repository.resolve("api/v1.0.0")?,
        "what is older by no version is put back by an apply that was shown"
    );
    Ok(())
}

#[test]
fn a_tag_moved_to_an_earlier_deployment_is_not_taken_for_it() -> Outcome {
    let (scene, bob) = deployed()?;
    bob.apply(&[])?.ok()?;
    let first = scene.repository.resolve("api/v1.0.0")?;
    scene.repository.tag("api/staging", &first)?;
    let plan = bob.plan(&[])?.ok()?;
    let told = plan.warned("The environment runs something else")?;
    told.says("api/v1.0.0")?.says("Ada Example moved its tag there")?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    Ok(())
}

#[test]
fn a_tag_without_annotation_does_not_say_who() -> Outcome {
    let (scene, _) = deployed()?;
    let next = scene.repository.resolve("api/v1.1.0")?;
    scene.repository.git(&["tag", "--force", "api/staging", &next])?;
    let told = scene.workspace.plan(&[])?;
    told.warned("The environment runs something else")?.says("not annotated")?;
    told.refused("allow_downgrade")?;
    scene.repository.git(&["tag", "--delete", "api/staging"])?;
    let gone = scene.workspace.plan(&[])?.ok()?;
    gone.warned("The tag of the environment is gone")?.says("api/v1.0.0")?.says("ada put it")?;
    assert_eq!(gone.actions().get(ADDRESS).map(String::as_str), Some("create"));
    Ok(())
}
