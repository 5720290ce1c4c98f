//! Tags that the provider metio/git made, taken over by `moved` blocks: nothing is written to git.

use std::path::Path;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::provider::SOURCE;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::quote;
use serde_json::{Value, json};

use crate::hcl::{short, tag};

/// The move of `git_tag.this`.
const MOVED: &str = "moved {\n  from = git_tag.this\n  to   = pipeline_version_tag.this\n}\n";
const ADDRESS: &str = "pipeline_version_tag.this";

/// A scene in which metio/git is installed, as Terraform demands of every provider that the state names. Nobody asks
/// it anything but its schemas, so ours stands in for it.
fn scene() -> Outcome<Scene> {
    let mut scene = Scene::local()?;
    let root = scene.environment().root().to_owned();
    let (ours, theirs) = (scene.workspace.provider(), root.join("theirs"));
    std::fs::create_dir_all(&theirs)?;
    std::os::unix::fs::symlink(&ours, theirs.join("terraform-provider-git"))?;
    let folder = |path: &Path| quote(&path.to_string_lossy());
    let text = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"{SOURCE}\" = {}\n    \"metio/git\" = {}\n  }}\n}}\n",
        folder(ours.parent().unwrap_or(&root)),
        folder(&theirs)
    );
    let configuration = root.join("both.rc");
    std::fs::write(&configuration, text)?;
    scene.workspace.environment.set("TF_CLI_CONFIG_FILE", configuration);
    Ok(scene)
}

/// A state as metio/git leaves it, with one tag.
fn state(scene: &Scene, name: &str, message: Option<&str>, sha1: &str) -> Outcome {
    let directory = scene.repository.path();
    let state = json!({
        "version": 4,
        "terraform_version": "1.9.8",
        "serial": 1,
        "lineage": "2f1c1d9e-9f0b-4b3a-8d7e-2f6a3c0f7a11",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": "git_tag",
            "name": "this",
            "provider": "provider[\"registry.terraform.io/metio/git\"]",
            "instances": [{
                "schema_version": 0,
                "attributes": {
                    "directory": directory,
                    "id": format!("{directory}|{name}"),
                    "name": name,
                    "message": message,
                    "revision": "HEAD",
                    "sha1": sha1,
                },
                "sensitive_attributes": [],
            }],
        }],
    });
    scene.workspace.write("terraform.tfstate", &state.to_string())
}

/// That applying the move makes nothing and changes nothing; what is in the state afterwards.
fn taken_over(scene: &Scene, hcl: &str) -> Outcome<Value> {
    let before = scene.repository.refs()?;
    scene.workspace.main(&[MOVED, hcl].concat())?;
    let actions = scene.workspace.plan(&[])?.ok()?.actions();
    assert!(actions.values().all(|action| action == "move"), "{actions:?}");
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.attributes(ADDRESS)
}

#[test]
fn an_annotated_tag_is_taken_over() -> Outcome {
    let scene = scene()?;
    let head = scene.repository.head()?;
    scene.repository.git(&["tag", "--annotate", "--message", "The first", "api/v1.0.0", &head])?;
    // The tag's own object, as the other provider knows it after a refresh.
    let object = scene.repository.git(&["rev-parse", "api/v1.0.0"])?;
    state(&scene, "api/v1.0.0", Some("The first"), object.trim())?;
    scene.repository.commit("Go on")?;
    let known = taken_over(&scene, &tag("this", "api/v1.0.0", "HEAD"))?;
    assert_eq!((&known["commit_sha"], &known["message"]), (&json!(head), &json!("The first")));
    assert_eq!((&known["tag_type"], &known["is_movable"]), (&json!("version"), &json!(false)));
    Ok(())
}

#[test]
fn a_lightweight_tag_is_taken_over() -> Outcome {
    let scene = scene()?;
    let head = scene.repository.head()?;
    scene.repository.git(&["tag", "api/v1.0.0", &head])?;
    state(&scene, "api/v1.0.0", None, &head)?;
    let hcl = "resource \"pipeline_version_tag\" \"this\" {\n  tag_name = \"api/v1.0.0\"\n}\n";
    let known = taken_over(&scene, hcl)?;
    assert_eq!((&known["commit_sha"], &known["message"]), (&json!(head), &Value::Null));
    Ok(())
}

#[test]
fn a_tag_that_somebody_moved_meanwhile_is_told() -> Outcome {
    let scene = scene()?;
    let old = scene.repository.head()?;
    let new = scene.repository.commit("Go on")?;
    scene.repository.git(&["tag", "api/v1.0.0", &new])?;
    state(&scene, "api/v1.0.0", None, &old)?;
    scene.workspace.main(&[MOVED, &tag("this", "api/v1.0.0", "HEAD")].concat())?;
    let run = scene.workspace.plan(&[])?;
    run.refused("TAG009")?.says(short(&old))?.says(short(&new))?;
    Ok(())
}

#[test]
fn a_tag_that_means_nothing_is_refused_by_its_rule() -> Outcome {
    let scene = scene()?;
    let head = scene.repository.head()?;
    scene.repository.git(&["tag", "backup-of-monday", &head])?;
    state(&scene, "backup-of-monday", None, &head)?;
    scene.workspace.main(&[MOVED, &tag("this", "backup-of-monday", "HEAD")].concat())?;
    scene.workspace.plan(&[])?.refused("TAG002")?.says("backup-of-monday")?;
    Ok(())
}
