//! Repositories as people have them: empty, bare, shallow, read-only, oddly named.

use std::process::Command;

use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::workspace::quote;
use pipeline_acceptance::{Outcome, command};

use crate::hcl::{staging, tag, tag_with};

#[test]
fn a_path_with_spaces_quotes_and_unicode() -> Outcome {
    let scene = Scene::local()?;
    let name = "große 'Firma' & \"Söhne\" 日本";
    let repository = Repository::product(scene.environment(), name)?;
    scene.workspace.configure(&repository.path(), "")?;
    scene.workspace.settle(&[tag("this", "api/v1.0.0", "HEAD"), staging()].concat())?;
    assert_eq!(repository.resolve("api/v1.0.0")?, repository.head()?);
    Ok(())
}

#[test]
fn a_bare_repository() -> Outcome {
    let scene = Scene::local()?;
    let bare = Repository::clone_of(
        scene.environment(),
        &scene.repository.path(),
        "bare.git",
        &["--bare"],
    )?;
    bare.git(&["remote", "remove", "origin"])?;
    scene.workspace.configure(&bare.path(), "")?;
    scene.workspace.settle(&[tag("this", "api/v1.0.0", "HEAD"), staging()].concat())?;
    assert_eq!(bare.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn an_empty_repository_has_no_commit_to_tag() -> Outcome {
    let scene = Scene::local()?;
    let empty = Repository::empty(scene.environment(), "empty")?;
    scene.workspace.configure(&empty.path(), "")?;
    scene.workspace.main(&tag("this", "v1.0.0", "HEAD"))?;
    scene.workspace.plan(&[])?.refused("HEAD")?.at("ref")?;
    Ok(())
}

#[test]
fn a_folder_that_is_no_repository_is_named() -> Outcome {
    let scene = Scene::local()?;
    let folder = scene.environment().root().join("home");
    scene.workspace.configure(&folder.to_string_lossy(), "")?;
    scene.workspace.main(&tag("this", "v1.0.0", "HEAD"))?;
    let folder = folder.to_string_lossy().into_owned();
    scene.workspace.plan(&[])?.refused(&folder)?.says("git repository")?;
    Ok(())
}

#[test]
fn a_shallow_clone_fetches_what_it_needs() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let first = scene.repository.head()?;
    scene.repository.tag("api/v1.0.0", &first)?;
    scene.repository.commit("Go on")?;
    scene.repository.git(&["push", "--quiet", "origin", "main", "api/v1.0.0"])?;
    let url = format!("file://{}", remote.path());
    let options = ["--depth=1", "--no-tags"];
    let shallow = Repository::clone_of(scene.environment(), &url, "shallow", &options)?;
    scene.workspace.configure(&shallow.path(), "")?;
    let hcl = [tag("state", "api/v1.0.0-stable", "api/v1.0.0"), tag("new", "api/v1.1.0", "HEAD")];
    scene.workspace.settle(&hcl.concat())?;
    assert_eq!(remote.resolve("api/v1.0.0-stable")?, first);
    assert_eq!(remote.resolve("api/v1.1.0")?, shallow.head()?);
    Ok(())
}

#[test]
fn a_linked_work_tree() -> Outcome {
    let scene = Scene::local()?;
    let linked = scene.environment().root().join("linked");
    let linked = linked.to_string_lossy().into_owned();
    scene.repository.git(&["worktree", "add", "--quiet", "--detach", &linked])?;
    scene.workspace.configure(&linked, "")?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn packed_refs() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.git(&["pack-refs", "--all"])?;
    scene.workspace.settle(&tag("this", "api/v1.0.0-stable", "api/v1.0.0"))?;
    Ok(())
}

#[test]
fn the_repository_around_the_configuration_is_the_default() -> Outcome {
    let scene = Scene::local()?;
    let folder = scene.repository.directory.join("deploy");
    std::fs::create_dir_all(&folder)?;
    let mut workspace = scene.workspace.clone();
    workspace.directory = folder;
    workspace.write(
        "main.tf",
        &[
            "terraform {\n  required_providers {\n    pipeline = { source = \"pipeline/pipeline\" }\n  }\n}\n",
            &tag("this", "api/v1.0.0", "HEAD"),
        ]
        .concat(),
    )?;
    workspace.apply(&[])?.ok()?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn the_environment_may_name_the_repository() -> Outcome {
    let scene = Scene::local()?;
    let mut workspace = scene.second_workspace("second")?;
    workspace.environment.set("PIPELINE_REPOSITORY", scene.repository.path());
    workspace.write(
        "provider.tf",
        "terraform {\n  required_providers {\n    pipeline = { source = \"pipeline/pipeline\" }\n  }\n}\n",
    )?;
    workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn two_repositories_in_one_configuration() -> Outcome {
    let scene = Scene::local()?;
    let other = Repository::product(scene.environment(), "other")?;
    let alias = format!(
        "provider \"pipeline\" {{\n  alias = \"other\"\n  repository = {}\n}}\n",
        quote(&other.path())
    );
    let there = tag_with("there", "v2.0.0", "HEAD", "  provider = pipeline.other");
    scene.workspace.settle(&[alias, tag("here", "v1.0.0", "HEAD"), there].concat())?;
    let (here, there) = (scene.repository.refs()?, other.refs()?);
    assert!(here.contains_key("refs/tags/v1.0.0") && !here.contains_key("refs/tags/v2.0.0"));
    assert!(there.contains_key("refs/tags/v2.0.0") && !there.contains_key("refs/tags/v1.0.0"));
    Ok(())
}

#[test]
fn a_repository_that_is_unknown_at_plan() -> Outcome {
    let scene = Scene::local()?;
    let path = quote(&scene.repository.path());
    scene.workspace.write(
        "provider.tf",
        &format!(
            "terraform {{\n  required_providers {{\n    \
             pipeline = {{ source = \"pipeline/pipeline\" }}\n  }}\n}}\n\
             resource \"terraform_data\" \"repository\" {{\n  input = {path}\n}}\n\
             provider \"pipeline\" {{\n  repository = terraform_data.repository.output\n}}\n"
        ),
    )?;
    scene.workspace.settle(&[tag("this", "api/v1.0.0", "HEAD"), staging()].concat())?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn a_ref_that_another_git_has_locked_is_an_error_not_a_hang() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.write(".git/refs/tags/api/v1.0.0.lock", "")?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.workspace.apply(&[])?.refused("api/v1.0.0")?;
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/v1.0.0"));
    Ok(())
}

#[test]
fn a_read_only_repository_is_an_error_not_a_hang() -> Outcome {
    let scene = Scene::local()?;
    let git = scene.repository.directory.join(".git");
    let permit = |what: &str| {
        let mut chmod = Command::new("chmod");
        command::run(chmod.args(["-R", what]).arg(&git))?.success()
    };
    permit("a-w")?;
    let writable = std::fs::write(git.join("probe"), "").is_ok();
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    let run = if writable { None } else { Some(scene.workspace.apply(&[])) };
    permit("u+w")?;
    match run {
        Some(run) => run?.refused("api/v1.0.0").map(drop),
        None => {
            skipped(
                "a_read_only_repository_is_an_error_not_a_hang",
                "this user may write anywhere",
            );
            Ok(())
        }
    }
}
