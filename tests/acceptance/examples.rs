//! The examples of the documentation: formatted, and valid against the real schema.

use std::path::{Path, PathBuf};

use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::{Failure, Outcome};

/// The folder of all examples.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// Every folder below `folder` that holds configuration.
fn modules(folder: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    let entries: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    if entries.iter().any(|path| path.extension().is_some_and(|end| end == "tf")) {
        found.push(folder.to_owned());
    }
    entries.iter().filter(|path| path.is_dir()).try_for_each(|path| modules(path, found))
}

#[test]
fn examples_are_formatted() -> Outcome {
    let scene = Scene::local()?;
    let examples = examples().to_string_lossy().into_owned();
    let said = scene.workspace.run("fmt", &["-check", "-diff", "-recursive", &examples])?;
    said.success().map(drop)
}

#[test]
fn examples_are_valid() -> Outcome {
    let mut all = Vec::new();
    modules(&examples(), &mut all)?;
    assert!(all.len() > 10, "where have the examples gone? {all:?}");
    let scene = Scene::local()?;
    if scene
        .workspace
        .terraform
        .lacks(Feature::Ephemeral, "examples_are_valid, of ephemeral resources")
    {
        all.retain(|module| !module.to_string_lossy().contains("ephemeral-resources"));
    }
    for (number, module) in all.iter().enumerate() {
        let workspace = scene.second_workspace(&format!("example{number}"))?;
        let files = std::fs::read_dir(module)?.flatten().map(|entry| entry.path());
        for file in files.filter(|path| path.extension().is_some_and(|end| end == "tf")) {
            let text = std::fs::read_to_string(&file)?;
            if text.contains("required_providers") {
                std::fs::remove_file(workspace.directory.join("provider.tf"))?;
            }
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            workspace.write(&format!("example_{name}"), &text)?;
        }
        let is_action = module.components().any(|part| part.as_os_str() == "actions");
        let test = format!("examples_are_valid of {}", module.display());
        if is_action && workspace.terraform.lacks(Feature::Actions, &test) {
            continue;
        }
        let run = workspace.validate()?;
        if run.said.code != Some(0) {
            return Err(Failure::new(format!("{}\n{:?}", module.display(), run.diagnostics())));
        }
    }
    Ok(())
}
