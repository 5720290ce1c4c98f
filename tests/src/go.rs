//! Programs in Go: OpenTofu, and those that are asked for a second opinion, such as Argo's own validators and SOPS. They
//! are built once, under `target/tools`, from modules that Go itself fetches, pinned by version.
//!
//! Where there is no Go, or it cannot fetch, a test that wants one says so and is skipped. A program that does not
//! compile, or a module with other bytes than before, is a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::command::{self, Said};
use crate::scene::noted;
use crate::tool::{self, hash};

pub use crate::tool::Found;

/// What Go says where a machine, and no source text, is the reason.
const OF_THE_MACHINE: [&str; 9] = [
    "dial tcp",
    "lookup ",
    "no such host",
    "connection refused",
    "i/o timeout",
    "TLS handshake",
    "403 Forbidden",
    "requires go >=",
    "module lookup disabled",
];

/// Argo's validators of manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argo {
    folder: PathBuf,
}

/// The module of Argo Workflows, and its version, which `tests/argo/go.mod` says too.
const WORKFLOWS: (&str, &str) = ("github.com/argoproj/argo-workflows/v4", "4.0.5");

impl Argo {
    /// The validators; built first where they are not there yet.
    ///
    /// # Errors
    /// They do not compile.
    pub fn find() -> Outcome<Found<Self>> {
        let source = module("argo");
        let name = format!("argo-{}.{:x}", WORKFLOWS.1, hash(&source.join("main.go"))?);
        let found = tool(&name, "argo-check", |fresh| build_argo(&source, fresh))?;
        Ok(found.map(|folder| Self { folder }))
    }

    /// What Argo has against each of these manifests, by a name for each; nothing where it takes them all.
    ///
    /// # Errors
    /// It cannot be asked.
    pub fn faults(&self, manifests: &[(&str, &str)]) -> Outcome<Vec<String>> {
        let folder = tempfile::tempdir()?;
        let mut check = self.command("manifests");
        check.arg(&self.folder);
        for (name, text) in manifests {
            let file = folder.path().join(name);
            fs::write(&file, text)?;
            check.arg(file);
        }
        let said = command::run(&mut check)?;
        match said.code {
            Some(0) if said.stdout.trim() == format!("{} manifests pass", manifests.len()) => {
                Ok(Vec::new())
            }
            Some(1) => Ok(said.stdout.lines().map(str::to_owned).collect()),
            _ => Err(said.failure("Argo should say what it thinks of manifests")),
        }
    }

    /// Which of these events, in JSON, start something by this sensor.
    ///
    /// # Errors
    /// It cannot be asked, or does not know what to do with one.
    pub fn starts(&self, sensor: &str, events: &[String]) -> Outcome<Vec<bool>> {
        let folder = tempfile::tempdir()?;
        let mut check = self.command("starts");
        fs::write(folder.path().join("sensor"), sensor)?;
        check.arg(folder.path().join("sensor"));
        for (index, event) in events.iter().enumerate() {
            let file = folder.path().join(index.to_string());
            fs::write(&file, event)?;
            check.arg(file);
        }
        let said = command::run(&mut check)?.success()?;
        Ok(said.stdout.lines().map(|line| line == "true").collect())
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(self.folder.join("argo-check"));
        command.arg(what);
        command
    }
}

fn build_argo(source: &Path, fresh: &Path) -> Outcome<Found<()>> {
    let built = build(source, ".", &[], &fresh.join("argo-check"))?;
    if let Found::Missing(_) = built {
        return Ok(built);
    }
    let schemas =
        [(WORKFLOWS.0, "workflows.json"), ("github.com/argoproj/argo-events", "events.json")];
    for (module, name) in schemas {
        let place = go_in(source, &["list", "-m", "-f", "{{.Dir}}", module])?.success()?.stdout;
        fs::copy(Path::new(place.trim()).join("api/jsonschema/schema.json"), fresh.join(name))?;
    }
    Ok(Found::Ready(()))
}

/// The receiver of the OpenTelemetry Collector, as a program of its own; its version is that of `tests/otel/go.mod`.
///
/// # Errors
/// It does not compile.
pub fn collector() -> Outcome<Found<PathBuf>> {
    let source = module("otel");
    let name =
        format!("otel-{:x}.{:x}", hash(&source.join("go.mod"))?, hash(&source.join("main.go"))?);
    let found =
        tool(&name, "otel-receive", |fresh| build(&source, ".", &[], &fresh.join("otel-receive")))?;
    Ok(found.map(|folder| folder.join("otel-receive")))
}

/// OpenTofu; its version is that of `tests/tofu/go.mod`. The first build takes minutes.
///
/// # Errors
/// It does not compile.
pub fn tofu() -> Outcome<Found<PathBuf>> {
    let source = module("tofu");
    let name = format!("tofu-{:x}", hash(&source.join("go.mod"))?);
    // As a release is linked: it says its version without `-dev`, and carries no symbols.
    let flags = ["-ldflags", "-s -w -X github.com/opentofu/opentofu/version.dev=no"];
    let found = tool(&name, "tofu", |fresh| {
        noted("building OpenTofu (some 250 MB of modules, and minutes, once)");
        build(&source, "github.com/opentofu/opentofu/cmd/tofu", &flags, &fresh.join("tofu"))
    })?;
    Ok(found.map(|folder| folder.join("tofu")))
}

/// The program `sops` of a version such as `3.9.4`.
///
/// # Errors
/// It does not compile.
pub fn sops(version: &str) -> Outcome<Found<PathBuf>> {
    installed("sops", "github.com/getsops/sops/v3/cmd/sops", version)
}

/// The program `name`, which is `package` at a version such as `1.7.7`.
///
/// # Errors
/// It does not compile.
pub fn installed(name: &str, package: &str, version: &str) -> Outcome<Found<PathBuf>> {
    let found = tool(&format!("{name}-{version}"), name, |fresh| {
        let mut install = go();
        install.args(["install", "-trimpath", &format!("{package}@v{version}")]);
        Ok(match excuse(&command::run(install.env("GOBIN", fresh))?)? {
            Some(why) => Found::Missing(why),
            None => Found::Ready(()),
        })
    })?;
    Ok(found.map(|folder| folder.join(name)))
}

/// The folder of one of our own modules.
fn module(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Builds `package` of the module in `source` as `program`.
fn build(source: &Path, package: &str, flags: &[&str], program: &Path) -> Outcome<Found<()>> {
    // Whatever is missing is fetched here, so that building says nothing but whether it compiles.
    if let Some(why) = excuse(&go_in(source, &["list", "-deps", package])?)? {
        return Ok(Found::Missing(why));
    }
    let program = program.to_string_lossy();
    let build = [&["build", "-trimpath"], flags, &["-o", &program, package]].concat();
    go_in(source, &build)?.success()?;
    Ok(Found::Ready(()))
}

fn go_in(source: &Path, arguments: &[&str]) -> Outcome<Said> {
    command::run(go().args(arguments).current_dir(source))
}

/// A tool that Go builds.
fn tool(
    name: &str,
    program: &str,
    make: impl FnOnce(&Path) -> Outcome<Found<()>>,
) -> Outcome<Found<PathBuf>> {
    tool::tool(name, program, |fresh| {
        if command::run(go().arg("version")).is_err() {
            return Ok(Found::Missing("Go is not installed".to_owned()));
        }
        make(fresh)
    })
}

fn go() -> Command {
    let mut go = Command::new("go");
    go.env("GOWORK", "off").env("CGO_ENABLED", "0");
    go
}

/// Why Go could not do it, where this machine is the reason; `None` where it could.
fn excuse(said: &Said) -> Outcome<Option<String>> {
    let tampered = ["checksum mismatch", "SECURITY ERROR"];
    let why = tool::excuse(said, &OF_THE_MACHINE, &tampered)?;
    Ok(why.map(|line| format!("Go cannot fetch modules: {line}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stderr: &str) -> Said {
        Said { command: "go".into(), code: Some(1), stdout: String::new(), stderr: stderr.into() }
    }

    #[test]
    fn only_the_machine_is_an_excuse() {
        let offline = "go: x@v1: Get \"https://proxy.example.org\": dial tcp: lookup: no such host";
        assert!(excuse(&said(offline)).unwrap().unwrap().contains("dial tcp"));
        let old = "go: go.mod requires go >= 1.25.7 (running go 1.21.0; GOTOOLCHAIN=local)";
        assert!(excuse(&said(old)).unwrap().is_some());
        for fault in
            ["./main.go:3:1: syntax error", "verifying x: checksum mismatch\n403 Forbidden"]
        {
            assert!(excuse(&said(fault)).is_err(), "{fault}");
        }
    }
}
