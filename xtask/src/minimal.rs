//! Whether what is said of the oldest versions is true: each package compiles with the Rust that its manifest names,
//! and the provider works on the oldest Terraform. A Rust that is not installed is left out by name.

use std::collections::BTreeMap;
use std::process::Command;

use pipeline_acceptance::{Outcome, command};
use serde_json::Value;

use crate::cargo::{aloud, forget_this_package, metadata, root, target};
use crate::terraform::Cli;
use crate::{screen, test};

/// Checks both.
pub(crate) fn run() -> Outcome {
    for (rust, packages) in by_rust(&metadata()?) {
        screen::step(&format!("Rust {rust}: {}", packages.join(", ")));
        if command::run(&mut with(&rust, "rustc", &["--version"]))?.code != Some(0) {
            screen::remark(&format!(
                "skipped Rust {rust}: `rustup toolchain install {rust}` brings it"
            ));
            continue;
        }
        let mut check = with(&rust, "cargo", &["check", "--quiet", "--locked"]);
        check.args(packages.iter().flat_map(|package| ["--package", package]));
        // A folder of its own, so that nothing has to be built again for the everyday Rust.
        check.env("CARGO_TARGET_DIR", target()?.join("minimal")).current_dir(root());
        aloud(&mut check)?;
    }
    test::run_on(Cli::Oldest)
}

/// The packages of the workspace, by the oldest Rust that each names.
fn by_rust(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        if let (Some(rust), Some(name)) =
            (package["rust_version"].as_str(), package["name"].as_str())
        {
            found.entry(rust.to_owned()).or_default().push(name.to_owned());
        }
    }
    found
}

/// A program of another Rust, which is found by rustup.
fn with(rust: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    forget_this_package(&mut command);
    // Cargo names the tools of this Rust for its children.
    for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command.args(["run", rust, program]).args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_one_rust_are_checked_together() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "a", "rust_version": "1.88" },
            { "name": "b", "rust_version": "1.95" },
            { "name": "c", "rust_version": "1.88" },
            { "name": "d", "rust_version": null },
        ]});
        let found = by_rust(&metadata);
        assert_eq!(found["1.88"], ["a", "c"]);
        assert_eq!(found["1.95"], ["b"]);
        assert_eq!(found.len(), 2);
    }
}
