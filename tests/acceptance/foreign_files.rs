//! Files that others wrote, or that are none: refused at once and by name, whoever reads them.

use std::process::Command;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::quote;

use crate::hcl::staging;

/// A plan of the environment whose secrets file holds `text`.
fn planned(text: &str) -> Outcome<pipeline_acceptance::diagnostic::Run> {
    let scene = Scene::local()?;
    scene.repository.write("environments/staging/secrets.enc", text)?;
    scene.repository.commit("Other secrets")?;
    scene.workspace.main(&staging())?;
    scene.workspace.plan(&[])
}

#[test]
fn deeply_nested_secrets_are_refused_with_the_limit() -> Outcome {
    let text = format!("a:\n  {}x\n", "- ".repeat(2_000));
    planned(&text)?.refused("ENV004")?.says("128 levels")?;
    Ok(())
}

#[test]
fn deeply_nested_secrets_of_another_environment_are_a_warning() -> Outcome {
    let scene = Scene::local()?;
    let text = format!("a: {}\n", "[".repeat(100_000));
    scene.repository.write("environments/other/secrets.enc", &text)?;
    scene.repository.commit("Another environment")?;
    scene.workspace.main(&staging())?;
    let run = scene.workspace.plan(&[])?.ok()?;
    run.warned("SCY001")?.says("environments/other/secrets.enc")?.says("128 levels")?;
    Ok(())
}

#[test]
fn huge_secrets_are_refused_with_the_limit() -> Outcome {
    planned(&"key: value\n".repeat(800_000))?.refused("ENV004")?.says("8388608")?;
    Ok(())
}

#[test]
fn a_named_pipe_is_no_state() -> Outcome {
    let scene = Scene::local()?;
    let pipe = scene.workspace.directory.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
    let path = quote(&pipe.to_string_lossy());
    scene.workspace.main(&format!(
        "data \"pipeline_terraform_state\" \"this\" {{\n  backend = \"local\"\n  backend_config = {{ path = {path} }}\n}}\n"
    ))?;
    scene.workspace.plan(&[])?.refused("a named pipe")?.at("backend_config")?;
    Ok(())
}
