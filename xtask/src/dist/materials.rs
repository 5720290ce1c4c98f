//! The bill of materials: every crate in the provider with version, licence and checksum, as CycloneDX, by
//! `cargo-cyclonedx`.

use std::fs;
use std::path::Path;
use std::process::Command;

use pipeline_acceptance::tool::Found;
use pipeline_acceptance::{Outcome, command, provider};

use crate::cargo::{metadata, root};
use crate::crates;

/// What makes it, and its version.
const CYCLONEDX: (&str, &str) = ("cargo-cyclonedx", "0.5.9");

/// The name that it gives to the list of each package, beside the manifest of that package.
const NAME: &str = "sbom.cdx.json";

/// Writes the list of what is in the provider on any platform. The same commit gives the same bytes.
pub(super) fn list(file: &Path) -> Outcome {
    let program = match crates::installed(CYCLONEDX.0, CYCLONEDX.1)? {
        Found::Ready(program) => program,
        Found::Missing(why) => {
            return Err(format!("no {}: {why}. --no-sbom goes on without.", CYCLONEDX.0).into());
        }
    };
    let mut time = Command::new("git");
    time.args(["log", "-1", "--format=%ct"]).current_dir(root());
    let mut list = Command::new(program);
    list.args(["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5"]);
    list.args(["--all", "--no-build-deps", "--target", "all"]);
    list.args(["--override-filename", NAME.trim_end_matches(".json")]).current_dir(root());
    list.env("SOURCE_DATE_EPOCH", command::run(&mut time)?.success()?.stdout.trim());
    let listed = command::run(&mut list)?.success();
    // It makes one for every package of the workspace.
    for package in metadata()?["packages"].as_array().into_iter().flatten() {
        let manifest = package["manifest_path"].as_str().ok_or("a package without a manifest")?;
        let made = Path::new(manifest).with_file_name(NAME);
        match fs::read_to_string(&made) {
            Ok(text) if package["name"] == provider::BINARY => fs::write(file, anywhere(&text))?,
            Ok(_) => {}
            Err(_) => continue,
        }
        fs::remove_file(&made)?;
    }
    listed?;
    if file.is_file() { Ok(()) } else { Err("it lists other packages than the provider".into()) }
}

/// The list without the folder that it was made in.
fn anywhere(list: &str) -> String {
    list.replace(&format!("path+file://{}", root().display()), "path+file://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_the_same_wherever_it_was_made() {
        let text = format!("\"path+file://{}/provider#x@0.1.0\"", root().display());
        assert_eq!(anywhere(&text), "\"path+file:///provider#x@0.1.0\"");
    }
}
