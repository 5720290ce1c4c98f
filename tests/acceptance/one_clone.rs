//! Two configurations, each with a state of its own, that work in one clone: neither takes what is the
//! other's for its own.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;

use crate::hcl::{deployment, staging, tag};

#[test]
fn a_tag_of_another_configuration_is_refused_and_not_adopted() -> Outcome {
    let scene = Scene::local()?;
    let declared = tag("this", "api/v1.0.0", "HEAD");
    scene.workspace.settle(&declared)?;
    let before = scene.repository.refs()?;
    let second = scene.second_workspace("second")?;
    second.main(&declared)?;
    second.apply(&[])?.refused("TAG015")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn an_environment_of_another_configuration_is_refused_and_stays() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    let second = scene.second_workspace("second")?;
    second.main(&staging())?;
    second.apply(&[])?.refused("staging")?;
    second.destroy()?.ok()?;
    assert!(scene.repository.refs()?.contains_key("refs/ledger/environments/staging"));
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn of_two_applies_at_once_one_makes_each_tag() -> Outcome {
    let scene = Scene::local()?;
    let all: String =
        (0..20).map(|n| tag(&format!("t{n}"), &format!("v1.{n}.0"), "HEAD")).collect();
    let second = scene.second_workspace("second")?;
    scene.workspace.main(&all)?;
    second.main(&all)?;
    let (one, other) = (scene.workspace.start_apply()?, second.start_apply()?);
    for child in [one, other] {
        // Either may be refused: what counts is whose the tags are.
        let _ = child.wait_with_output()?;
    }
    let made = |workspace: &pipeline_acceptance::workspace::Workspace| {
        (0..20)
            .filter(|n| workspace.attributes(&format!("pipeline_version_tag.t{n}")).is_ok())
            .count()
    };
    let (mine, theirs) = (made(&scene.workspace), made(&second));
    assert_eq!(mine + theirs, 20, "{mine} and {theirs} tags were created");
    Ok(())
}

#[test]
fn the_same_tag_twice_in_one_configuration_is_refused() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let twice = [tag("this", "api/v1.0.0", "HEAD"), tag("that", "api/v1.0.0", "HEAD")].concat();
    scene.workspace.main(&twice)?;
    let run = scene.workspace.apply(&[])?;
    // Which resource Terraform asks about first is open. Once the provider knows that the state has the tag, a
    // second resource looks like the second half of a replacement, and the words speak of both.
    let told = run.refused("TAG015").or_else(|_| run.refused("TAG009"))?;
    told.says("api/v1.0.0")?;
    if told.says("TAG009").is_ok() {
        told.says("another resource names the same tag")?;
    }
    Ok(())
}

#[test]
fn a_deployment_that_another_state_owns_is_named_at_plan() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.workspace.main(&[staging(), deployment("staging", "api/v1.0.0", "")].concat())?;
    scene.workspace.apply(&[])?.ok()?.silent()?;
    let record = scene.workspace.attributes("pipeline_deployment.this")?["deployment_id"].clone();
    let second = scene.second_workspace("second")?;
    let alone = deployment("staging", "api/v1.0.0", "")
        .replace("pipeline_environment.staging.name", "\"staging\"");
    second.main(&alone)?;
    let told = second.plan(&[])?.ok()?.warned("Something else may own this deployment")?;
    told.at("environment")?.says("api/v1.0.0")?.says(record.as_str().unwrap_or("no ID"))?;
    // Who imports it owns it without a word.
    second.import("pipeline_deployment.this", "staging/api")?;
    second.plan(&[])?.ok()?.silent()?;
    Ok(())
}
