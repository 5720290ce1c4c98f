//! The packages of the provider: `init` installs it from a mirror by its checksums, and finds the one that was
//! installed for a user; a plan runs with it.
//!
//! What is packed here is a script that starts the provider under test: neither Terraform nor OpenTofu looks into what
//! it installs, and the debug build is large.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use pipeline_acceptance::command::Said;
use pipeline_acceptance::package::{self, Platform, Release};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::{Outcome, provider};
use ring::digest::{SHA256, digest};

const VERSION: &str = "9.8.7";

/// A scene that knows nothing yet of where the provider is, and the release to install.
fn scene() -> Outcome<(Scene, Release)> {
    let mut scene = Scene::local()?;
    scene.workspace.environment.remove("TF_CLI_CONFIG_FILE");
    scene.workspace.write("main.tf", "resource \"pipeline_version_tag\" \"v\" {\n  tag_name = \"v1.0.0\"\n  ref      = \"HEAD\"\n}\n")?;
    let binary = starter(&scene.environment().root().join("starter"), "exec")?;
    let version = VERSION.to_owned();
    let mut binaries = BTreeMap::from([(Platform::here()?, binary.clone())]);
    for platform in ["linux_arm64", "darwin_amd64"] {
        // Of other machines there may be any file; it is not looked at.
        binaries.entry(platform.parse()?).or_insert_with(|| binary.clone());
    }
    Ok((scene, Release { version, binaries }))
}

/// A script that starts the provider, in words that differ by `how`.
fn starter(file: &Path, how: &str) -> Outcome<PathBuf> {
    let binary = provider::binary()?;
    fs::write(file, format!("#!/bin/sh\n{how} '{}' \"$@\"\n", binary.display()))?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    Ok(file.to_owned())
}

/// Packs the release and lays it out as the mirror of this scene.
fn offer(scene: &mut Scene, release: &Release) -> Outcome {
    let root = scene.environment().root().to_owned();
    let (packed, mirror) = (root.join("packed"), root.join("mirror"));
    release.pack(&packed)?;
    release.mirror(&packed, &mirror)?;
    let file = root.join("mirror.rc");
    fs::write(&file, package::configuration(&mirror))?;
    scene.workspace.environment.set("TF_CLI_CONFIG_FILE", file);
    Ok(())
}

fn init(scene: &Scene) -> Outcome<Said> {
    scene.workspace.run("init", &["-input=false", "-no-color"])
}

/// The checksum in a lock file: of a list of the files in a package, which has one.
fn lock_checksum(program: &Path) -> Outcome<String> {
    let bytes = digest(&SHA256, &fs::read(program)?);
    let hex: String = bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let list = format!("{hex}  {}_v{VERSION}\n", provider::BINARY);
    Ok(format!("h1:{}", BASE64_STANDARD.encode(digest(&SHA256, list.as_bytes()))))
}

#[test]
fn init_installs_it_from_a_mirror_by_its_checksums() -> Outcome {
    let (mut scene, release) = scene()?;
    offer(&mut scene, &release)?;
    init(&scene)?.success()?;
    let lock = fs::read_to_string(scene.workspace.directory.join(".terraform.lock.hcl"))?;
    let checksum = lock_checksum(&scene.environment().root().join("starter"))?;
    assert!(lock.contains(VERSION) && lock.contains(&checksum), "{checksum}\n{lock}");
    let plan = scene.workspace.plan(&[])?;
    assert!(plan.said.stdout.contains("pipeline_version_tag.v"), "{:?}", plan.diagnostics());
    assert_eq!(plan.said.code, Some(2), "{:?}", plan.diagnostics());

    // Other bytes of the same version are refused, for the lock file knows those from before.
    starter(&scene.environment().root().join("starter"), "exec env")?;
    offer(&mut scene, &release)?;
    fs::remove_dir_all(scene.workspace.directory.join(".terraform"))?;
    let said = init(&scene)?;
    assert_ne!(said.code, Some(0), "{}", said.stdout);
    let words: Vec<_> = said.stderr.split_whitespace().filter(|word| *word != "│").collect();
    assert!(words.join(" ").contains("match any of the checksums"), "{}", said.stderr);
    Ok(())
}

#[test]
fn init_finds_what_was_installed_for_a_user() -> Outcome {
    let (scene, release) = scene()?;
    let home = scene.environment().root().join("home");
    release.unpacked(&package::plugins(&home))?;
    let said = init(&scene)?.success()?;
    assert!(said.stdout.contains(VERSION), "{}", said.stdout);
    let plan = scene.workspace.plan(&[])?;
    assert_eq!(plan.said.code, Some(2), "{:?}", plan.diagnostics());
    Ok(())
}
