//! The modules for platform teams: formatted, and their own tests pass against the real schema.

use std::path::{Path, PathBuf};

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;

/// The folder of each module.
fn modules() -> Outcome<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../terraform/modules");
    Ok(std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect())
}

#[test]
fn modules_are_formatted() -> Outcome {
    let scene = Scene::local()?;
    for module in modules()? {
        let folder = module.to_string_lossy().into_owned();
        scene.workspace.run("fmt", &["-check", "-diff", "-recursive", &folder])?.success()?;
    }
    Ok(())
}

#[test]
fn modules_pass_their_own_tests() -> Outcome {
    let modules = modules()?;
    assert!(!modules.is_empty());
    let scene = Scene::local()?;
    for (number, module) in modules.iter().enumerate() {
        let workspace = scene.second_workspace(&format!("module{number}"))?;
        for file in files(module)?.iter().chain(&files(&module.join("tests"))?) {
            let text = std::fs::read_to_string(file)?;
            let name = file.strip_prefix(module).unwrap_or(file).to_string_lossy().into_owned();
            std::fs::create_dir_all(workspace.directory.join("tests"))?;
            workspace.write(&name, &text)?;
        }
        std::fs::remove_file(workspace.directory.join("provider.tf"))?;
        let said = workspace.run("test", &[])?.success()?;
        assert!(said.stdout.contains("0 failed"), "{}", said.stdout);
    }
    Ok(())
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    Ok(entries.filter(|path| path.is_file()).collect())
}
