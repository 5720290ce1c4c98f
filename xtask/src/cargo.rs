//! Running cargo, and what it knows of the workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use pipeline_acceptance::{Outcome, command, provider};
use serde_json::Value;

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Cargo in the root of the workspace, as if a person had called it: the variables that tell this
/// program of its own package would make some build scripts run again.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_this_package(&mut cargo);
    cargo.current_dir(root());
    cargo
}

/// Takes the variables away that tell this program of its own package.
pub(crate) fn forget_this_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
}

/// What `cargo metadata` says of the members of the workspace.
pub(crate) fn metadata() -> Outcome<Value> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    let said = command::run(cargo().args(arguments))?.success()?;
    Ok(serde_json::from_str(&said.stdout)?)
}

/// The directory in which everything is built.
pub(crate) fn target() -> Outcome<PathBuf> {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    if let Some(target) = TARGET.get() {
        return Ok(target.clone());
    }
    let metadata = metadata()?;
    let target = metadata["target_directory"].as_str().ok_or("cargo names no target directory")?;
    Ok(TARGET.get_or_init(|| PathBuf::from(target)).clone())
}

/// How to build the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quickly.
    Dev,
    /// For use.
    Release,
}

/// Builds the provider, with cargo's own progress on the screen, and says where it is.
pub(crate) fn build_provider(profile: Profile) -> Outcome<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--package", provider::BINARY]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    aloud(&mut build)?;
    built_provider(profile)
}

/// What a build of everything made.
pub(crate) struct Built {
    /// The provider.
    pub(crate) provider: PathBuf,
    /// What cargo said of it: one JSON message a line.
    pub(crate) messages: String,
}

/// Builds every program and test there is. Building the provider by itself first would build most
/// dependencies twice, because tests turn more of their features on.
pub(crate) fn build_everything() -> Outcome<Built> {
    let mut build = cargo();
    let messages = "--message-format=json-render-diagnostics";
    build.args(["build", "--workspace", "--all-targets", messages]);
    // Progress and errors go to the screen.
    let output = build.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("failed: {}", command::line(&build)).into());
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Built { provider: built_provider(Profile::Dev)?, messages })
}

fn built_provider(profile: Profile) -> Outcome<PathBuf> {
    let folder = if profile == Profile::Release { "release" } else { "debug" };
    Ok(target()?.join(folder).join(provider::BINARY))
}

/// Runs the generator of the protocol's code.
pub(crate) fn generate_protocol(check: bool) -> Outcome {
    let mut generate = cargo();
    generate.args(["run", "--quiet", "--package", "tfplugin-gen", "--"]);
    generate.args(check.then_some("--check"));
    aloud(&mut generate)
}

/// Runs the test that compares the documentation, or writes it.
pub(crate) fn generate_docs(check: bool) -> Outcome {
    let mut test = cargo();
    test.args(["test", "--quiet", "--package", "pipeline-acceptance", "--test", "documentation"]);
    if !check {
        test.env("PIPELINE_DOCS", "write");
    }
    aloud(&mut test)
}

/// Runs the tests that compare messages and schema with what was reviewed, or writes both.
pub(crate) fn take_snapshots(check: bool) -> Outcome {
    for (package, name) in [("pipeline-core", "rules"), (provider::BINARY, "schema")] {
        let mut test = cargo();
        test.args(["test", "--quiet", "--package", package, "--test", name, "reviewed"]);
        if !check {
            test.env("PIPELINE_SNAPSHOTS", "write");
        }
        aloud(&mut test)?;
    }
    Ok(())
}

/// Runs a command with its output on the screen.
pub(crate) fn aloud(command: &mut Command) -> Outcome {
    let status = command.stdin(Stdio::null()).status()?;
    if status.success() {
        return Ok(());
    }
    Err(format!("failed: {}", command::line(command)).into())
}
