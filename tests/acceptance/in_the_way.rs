//! Refs beside which git has no room for others: `api` and `api/v1.0.0` cannot both exist, as no file is a
//! folder too.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;

use crate::hcl::{deployment, staging, tag};

#[test]
fn a_tag_above_or_below_is_named_at_plan() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    scene.repository.git(&["tag", "api"])?;
    scene.repository.git(&["tag", "web/v2.0.0/notes"])?;
    scene.repository.git(&["push", "--quiet", "--tags", "origin"])?;
    let before = remote.refs()?;
    for (planned, there) in [("api/v1.0.0", "`api`"), ("web/v2.0.0", "`web/v2.0.0/notes`")] {
        scene.workspace.main(&tag("this", planned, "HEAD"))?;
        scene.workspace.plan(&[])?.refused("TAG013")?.at("tag_name")?.says(there)?;
    }
    same_refs(&before, &remote.refs()?)
}

#[test]
fn two_tags_of_one_plan_are_named() -> Outcome {
    let scene = Scene::local()?;
    // The environment tag of a sub-project, and a sub-project whose path is that tag.
    let both =
        [tag("pointer", "api/staging", "HEAD"), tag("version", "api/staging/v1.0.0", "HEAD")];
    scene.workspace.main(&both.concat())?;
    scene.workspace.plan(&[])?.refused("TAG013")?.at("tag_name")?.says("api/staging")?;
    Ok(())
}

#[test]
fn a_deployment_names_what_is_in_the_way_of_its_environment_tag() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.git(&["tag", "api/staging/notes"])?;
    scene.workspace.main(&[staging(), deployment("staging", "api/v1.0.0", "")].concat())?;
    scene.workspace.plan(&[])?.refused("TAG013")?.says("api/staging/notes")?;
    Ok(())
}

#[test]
fn a_ref_in_the_place_of_the_ledger_is_named_at_plan() -> Outcome {
    for there in ["refs/ledger", "refs/ledger/environments", "refs/ledger/environments/staging/x"] {
        let scene = Scene::local()?;
        scene.repository.git(&["update-ref", there, "HEAD"])?;
        scene.workspace.main(&staging())?;
        scene.workspace.plan(&[])?.refused("Another ref is in the way")?.says(there)?;
    }
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.git(&["update-ref", "refs/ledger/deployments/staging", "HEAD"])?;
    scene.workspace.main(&[staging(), deployment("staging", "api/v1.0.0", "")].concat())?;
    scene
        .workspace
        .plan(&[])?
        .refused("Another ref is in the way")?
        .says("refs/ledger/deployments/staging")?;
    Ok(())
}
