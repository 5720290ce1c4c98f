//! Packs the provider as a registry publishes it, with checksums, signature and a bill of materials, and as a mirror, from
//! which Terraform and OpenTofu then install it for a proof. Uploading is left to the workflow that publishes.

mod materials;
mod signature;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use pipeline_acceptance::package::{self, Platform, Release};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::sandbox::Sandbox;
use pipeline_acceptance::terraform::Terraform;
use pipeline_acceptance::tool::Found;
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome, provider};

use self::signature::Gpg;
use crate::cargo::{Profile, build_provider, root};
use crate::screen;
use crate::terraform::{self, Cli};

/// The folder of the mirror beside what is published.
const MIRROR: &str = "mirror";

/// What to pack, and where.
#[derive(Args)]
pub(crate) struct Distribution {
    /// Pack this binary for that platform, as in `linux_arm64=FILE`, and build none; once for each.
    #[arg(long = "binary", value_name = "PLATFORM=FILE")]
    binaries: Vec<Binary>,
    /// Sign the checksums with this key of gpg. RSA or DSA: the registry takes no other. Where the key has a
    /// passphrase, `GPG_PASSPHRASE` says it.
    #[arg(long, value_name = "ID")]
    key: Option<String>,
    /// Make no bill of materials, which `cargo-cyclonedx` does.
    #[arg(long)]
    no_sbom: bool,
    /// Where to put it all.
    #[arg(long, default_value = "target/dist")]
    out: PathBuf,
}

/// A binary that is there.
#[derive(Debug, Clone)]
struct Binary {
    platform: Platform,
    file: PathBuf,
}

impl FromStr for Binary {
    type Err = Failure;

    fn from_str(text: &str) -> Outcome<Self> {
        let (platform, file) = text.split_once('=').ok_or("PLATFORM=FILE is expected")?;
        Ok(Self { platform: platform.parse()?, file: file.into() })
    }
}

/// Packs it.
pub(crate) fn run(distribution: &Distribution) -> Outcome {
    screen::step("Pack");
    let folder = root().join(&distribution.out);
    make_empty(&folder)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let release = Release { version, binaries: distribution.binaries()? };
    release.pack(&folder)?;
    if let Some(key) = &distribution.key {
        Gpg::default().sign(key, &folder.join(release.sums()))?;
    } else {
        screen::remark("not signed: no --key");
    }
    if distribution.no_sbom {
        screen::remark("no bill of materials: --no-sbom");
    } else {
        materials::list(&folder.join(release.file("sbom.cdx.json")))?;
    }
    let mut files = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    for file in files {
        let size = file.metadata()?.len();
        screen::good(&format!("{size:>10}  {}", file.file_name().to_string_lossy()));
    }
    let mirror = folder.join(MIRROR);
    release.mirror(&folder, &mirror)?;
    screen::good(&format!("{MIRROR}: `filesystem_mirror` takes {}", mirror.display()));
    if release.binaries.contains_key(&Platform::here()?) {
        prove(&mirror)?;
    }
    Ok(())
}

impl Distribution {
    /// The binaries to pack: those that were named, else a new one for this machine.
    fn binaries(&self) -> Outcome<BTreeMap<Platform, PathBuf>> {
        let mut binaries = BTreeMap::new();
        for Binary { platform, file } in &self.binaries {
            if let Some(other) = binaries.insert(platform.clone(), file.clone()) {
                let (one, other) = (file.display(), other.display());
                return Err(format!("two binaries for {platform}: {other} and {one}").into());
            }
        }
        if binaries.is_empty() {
            binaries.insert(Platform::here()?, build_provider(Profile::Release)?);
        }
        Ok(binaries)
    }
}

/// An empty folder. Packages of an earlier call go; anything else is not ours to touch.
fn make_empty(folder: &Path) -> Outcome {
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if name != MIRROR && !name.starts_with(&format!("{}_", provider::BINARY)) {
                let folder = folder.display();
                return Err(format!(
                    "{folder} holds {name}, which is no package: choose another --out"
                )
                .into());
            }
        }
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

/// Has Terraform and OpenTofu install it from the mirror, and start it.
fn prove(mirror: &Path) -> Outcome {
    screen::step("Install from the mirror");
    install_by(&terraform::locate()?, mirror)?;
    match Cli::Tofu.host()?.found {
        Found::Ready(tofu) => install_by(&tofu, mirror),
        Found::Missing(why) => {
            screen::remark(&format!("OpenTofu is left out: {why}"));
            Ok(())
        }
    }
}

fn install_by(terraform: &Terraform, mirror: &Path) -> Outcome {
    let sandbox = Sandbox::temporary()?;
    let repository = Repository::product(&sandbox.environment, "product")?;
    // What overrides the provider elsewhere is replaced by the mirror.
    let nothing = Path::new("/dev/null");
    let mut workspace =
        Workspace::with(&sandbox.environment, "terraform", terraform.clone(), nothing)?;
    let file = sandbox.environment.root().join("mirror.rc");
    fs::write(&file, package::configuration(mirror))?;
    workspace.environment.set("TF_CLI_CONFIG_FILE", file);
    workspace.configure(&repository.path(), "")?;
    workspace.run("init", &["-input=false", "-no-color"])?.success()?;
    workspace.run("validate", &["-no-color"])?.success()?;
    screen::good(&terraform.title);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_names_its_platform() {
        let binary: Binary = "linux_arm64=a/b=c".parse().unwrap();
        assert_eq!(
            (binary.platform.to_string().as_str(), binary.file),
            ("linux_arm64", "a/b=c".into())
        );
        assert!("linux_arm64".parse::<Binary>().is_err());
        assert!("windows_amd64=a".parse::<Binary>().is_err());
    }

    #[test]
    fn two_binaries_of_one_platform_are_one_too_many() {
        let binaries = ["linux_arm64=a", "linux_arm64=b"].map(|text| text.parse().unwrap());
        let (binaries, out) = (binaries.to_vec(), PathBuf::new());
        let distribution = Distribution { binaries, key: None, no_sbom: true, out };
        let refusal = distribution.binaries().unwrap_err().to_string();
        assert_eq!(refusal, "two binaries for linux_arm64: a and b");
    }

    #[test]
    fn only_packages_make_place() -> Outcome {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("dist");
        make_empty(&out)?;
        fs::write(out.join(format!("{}_1.0.0_SHA256SUMS", provider::BINARY)), "")?;
        fs::create_dir(out.join(MIRROR))?;
        make_empty(&out)?;
        assert_eq!(fs::read_dir(&out)?.count(), 0);
        fs::write(out.join("letter"), "dear")?;
        let refusal = make_empty(&out).unwrap_err().to_string();
        assert!(refusal.contains("holds letter"), "{refusal}");
        assert!(out.join("letter").exists());
        Ok(())
    }
}
