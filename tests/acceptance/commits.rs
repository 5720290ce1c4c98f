//! What a `ref` means in a clone that is not what the remote is: behind it, ahead of it, or on a commit that
//! no branch has.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::{Repository, same_refs};
use pipeline_acceptance::scene::Scene;

use crate::hcl::{short, tag};

const ADDRESS: &str = "pipeline_version_tag.this";

#[test]
fn a_branch_of_a_clone_that_is_behind_means_the_remotes_and_says_so() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let other = Repository::clone_of(scene.environment(), &remote.path(), "other", &[])?;
    let (old, new) = (scene.repository.head()?, other.commit("Elsewhere")?);
    other.git(&["push", "--quiet", "origin", "main"])?;
    scene.workspace.main(&tag("this", "v1.0.0", "main"))?;
    let run = scene.workspace.apply(&[])?.ok()?;
    run.warned("The local branch is not the remote's")?.says(short(&old))?.says(short(&new))?;
    assert_eq!(remote.resolve("v1.0.0")?, new);
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_branch_that_is_only_here_is_used_and_named() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    scene.repository.git(&["branch", "mine"])?;
    scene.workspace.main(&tag("this", "v1.0.0", "mine"))?;
    scene.workspace.apply(&[])?.ok()?.warned("The branch is only here")?;
    assert_eq!(remote.resolve("v1.0.0")?, scene.repository.head()?);
    Ok(())
}

/// A scene whose clone has a merge checked out that is on no branch, as a tool makes it to try one.
fn with_trial_merge() -> Outcome<(Scene, Repository)> {
    let (scene, remote) = Scene::shared()?;
    let repository = &scene.repository;
    repository.git(&["checkout", "--quiet", "-b", "topic"])?;
    repository.commit("A topic")?;
    repository.git(&["push", "--quiet", "origin", "topic"])?;
    repository.git(&["checkout", "--quiet", "--detach", "main"])?;
    repository.git(&["merge", "--quiet", "--no-ff", "--message", "Try it", "topic"])?;
    Ok((scene, remote))
}

#[test]
fn a_merge_on_no_branch_gets_no_tag_that_stays() -> Outcome {
    let (scene, remote) = with_trial_merge()?;
    let (before, merge) = (remote.refs()?, scene.repository.head()?);
    scene.workspace.main(&tag("this", "v1.0.0", "HEAD"))?;
    scene.workspace.apply(&[])?.refused("OWN006")?.at("ref")?.says(short(&merge))?;
    same_refs(&before, &remote.refs()?)?;
    // A server that makes such merges keeps them under refs of its own.
    scene.repository.git(&["push", "--quiet", "origin", "HEAD:refs/pull/7/merge"])?;
    scene.workspace.plan(&[])?.refused("OWN006")?.says("refs/pull/7/merge")?;
    // What both parents are is on branches.
    scene.workspace.settle(&tag("this", "v1.0.0", "HEAD^2"))?;
    Ok(())
}

#[test]
fn an_override_tags_it_and_is_audited() -> Outcome {
    let (scene, remote) = with_trial_merge()?;
    let lifts = r#"
  override = {
    reason      = "the release is made from the merge"
    approved_by = "Ada"
    rules       = ["OWN006"]
  }"#;
    scene.workspace.configure(&scene.repository.path(), lifts)?;
    scene.workspace.main(&tag("this", "v1.0.0", "HEAD"))?;
    scene.workspace.apply(&[])?.ok()?.warned("The override lifts OWN006")?;
    assert_eq!(remote.resolve("v1.0.0")?, scene.repository.head()?);
    let records = remote.records("refs/ledger/audit/")?;
    assert!(records.values().any(|it| it["rules"] == serde_json::json!(["OWN006"])), "{records:?}");
    Ok(())
}

#[test]
fn an_environment_tag_may_point_at_it_with_a_warning() -> Outcome {
    let (scene, remote) = with_trial_merge()?;
    scene.workspace.main(&tag("this", "api/staging", "HEAD"))?;
    scene.workspace.apply(&[])?.ok()?.warned("The commit is on no branch of the remote")?;
    assert_eq!(remote.resolve("api/staging")?, scene.repository.head()?);
    assert!(scene.workspace.holds(ADDRESS));
    Ok(())
}
