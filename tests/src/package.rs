//! The provider as a registry publishes it, as a mirror in the file system offers it, and where it is found without
//! either. How it is built, signed and uploaded is left out.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ring::digest::{Context, SHA256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::provider::{BINARY, SOURCE};
use crate::workspace::quote;
use crate::{Failure, Outcome};

/// The registries that Terraform and OpenTofu take for granted: each puts its own in front of a source address.
pub const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// What the registry wants to know beside the archives: which protocol the provider speaks.
const MANIFEST: &str = "{\"version\":1,\"metadata\":{\"protocol_versions\":[\"6.0\"]}}\n";

/// A machine as Terraform names it, such as `linux_amd64`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform(String);

impl Platform {
    /// The machine that this runs on.
    ///
    /// # Errors
    /// The provider is for no such machine.
    pub fn here() -> Outcome<Self> {
        let system = if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS };
        let processor = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        format!("{system}_{processor}").parse()
    }
}

impl FromStr for Platform {
    type Err = Failure;

    fn from_str(text: &str) -> Outcome<Self> {
        match text {
            "linux_amd64" | "linux_arm64" | "darwin_amd64" | "darwin_arm64" => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Failure::new(format!(
                "{text:?} is no platform of the provider: linux or darwin, _, amd64 or arm64"
            ))),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version of the provider, and its binary for each platform.
#[derive(Debug, Clone)]
pub struct Release {
    /// The version, without a `v`.
    pub version: String,
    /// The binaries.
    pub binaries: BTreeMap<Platform, PathBuf>,
}

impl Release {
    /// Writes what a registry publishes into `folder`: an archive for each platform, the manifest, and the checksums
    /// of all of them. The same binaries give the same bytes.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn pack(&self, folder: &Path) -> Outcome {
        fs::create_dir_all(folder)?;
        let mut files = Vec::new();
        for (platform, binary) in &self.binaries {
            let archive = folder.join(self.archive(platform));
            pack(binary, &self.program(), &archive)?;
            files.push(archive);
        }
        let manifest = folder.join(self.file("manifest.json"));
        fs::write(&manifest, MANIFEST)?;
        files.push(manifest);
        files.sort();
        Ok(fs::write(folder.join(self.sums()), checksums(&files)?)?)
    }

    /// Lays the archives in `folder` out as a mirror in `mirror`, for both registries.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn mirror(&self, folder: &Path, mirror: &Path) -> Outcome {
        for registry in REGISTRIES {
            let place = mirror.join(registry).join(SOURCE);
            fs::create_dir_all(&place)?;
            for platform in self.binaries.keys() {
                let name = self.archive(platform);
                fs::copy(folder.join(&name), place.join(&name))?;
            }
        }
        Ok(())
    }

    /// Puts the binaries, unpacked, below `plugins`, for both registries; gives the folder of each.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn unpacked(&self, plugins: &Path) -> Outcome<Vec<PathBuf>> {
        let mut places = Vec::new();
        for (platform, binary) in &self.binaries {
            // One file for both registries.
            let mut copied: Option<PathBuf> = None;
            for registry in REGISTRIES {
                let place = plugins.join(registry).join(SOURCE).join(&self.version);
                let place = place.join(platform.to_string());
                fs::create_dir_all(&place)?;
                // Under another name first: a process that runs the one from before keeps its file.
                let fresh = place.join(format!(".{}.{}", self.program(), std::process::id()));
                match &copied {
                    Some(copied) => fs::hard_link(copied, &fresh)?,
                    None => fs::copy(binary, &fresh).map(drop)?,
                }
                let program = place.join(self.program());
                fs::rename(&fresh, &program)?;
                copied.get_or_insert(program);
                places.push(place);
            }
        }
        Ok(places)
    }

    /// The name of the checksums; that of their signature ends with `.sig` besides.
    #[must_use]
    pub fn sums(&self) -> String {
        self.file("SHA256SUMS")
    }

    /// The name of a file that is published.
    #[must_use]
    pub fn file(&self, what: &str) -> String {
        format!("{BINARY}_{}_{what}", self.version)
    }

    fn archive(&self, platform: &Platform) -> String {
        self.file(&format!("{platform}.zip"))
    }

    /// The name of the program; Terraform looks for this one.
    fn program(&self) -> String {
        format!("{BINARY}_v{}", self.version)
    }
}

/// The folder below a home where Terraform and OpenTofu look for providers before they ask a registry.
#[must_use]
pub fn plugins(home: &Path) -> PathBuf {
    home.join(".terraform.d/plugins")
}

/// The text of a CLI configuration that takes all providers from the mirror in `folder`.
#[must_use]
pub fn configuration(folder: &Path) -> String {
    let folder = quote(&folder.to_string_lossy());
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = {folder}\n  }}\n}}\n")
}

/// Writes an archive of one program, which carries no time and no owner.
fn pack(binary: &Path, name: &str, archive: &Path) -> Outcome {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let failed = |error| Failure::new(format!("{}: {error}", archive.display()));
    let mut zip = ZipWriter::new(File::create(archive)?);
    zip.start_file(name, options).map_err(failed)?;
    io::copy(&mut File::open(binary)?, &mut zip)?;
    zip.finish().map(drop).map_err(failed)
}

/// A line for each file, as `sha256sum` writes it.
fn checksums(files: &[PathBuf]) -> Outcome<String> {
    let mut lines = String::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{}  {name}", hex(&sha256(&mut File::open(file)?)?));
    }
    Ok(lines)
}

/// The SHA-256 of all that is read.
fn sha256(from: &mut impl io::Read) -> Outcome<Vec<u8>> {
    struct Sum(Context);
    impl io::Write for Sum {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut sum = Sum(Context::new(&SHA256));
    io::copy(from, &mut sum)?;
    Ok(sum.0.finish().as_ref().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zip::entries;

    /// A release whose binaries are these texts.
    fn release(folder: &Path, binaries: &[(&str, &str)]) -> Outcome<Release> {
        let version = "1.2.3".to_owned();
        let mut release = Release { version, binaries: BTreeMap::new() };
        for (platform, text) in binaries {
            let file = folder.join(platform);
            fs::write(&file, text)?;
            release.binaries.insert(platform.parse()?, file);
        }
        Ok(release)
    }

    #[test]
    fn an_archive_holds_the_program_and_its_bytes_depend_on_nothing_else() -> Outcome {
        let folder = tempfile::tempdir()?;
        let release = release(folder.path(), &[("linux_amd64", &"binary ".repeat(1000))])?;
        let archives = ["one", "two"].map(|name| {
            let folder = folder.path().join(name);
            release.pack(&folder)?;
            Ok::<_, Failure>(fs::read(folder.join(release.archive(&"linux_amd64".parse()?)))?)
        });
        let [one, two] = archives;
        let one = one?;
        assert!(one.len() < 1000, "{} bytes", one.len());
        assert_eq!(one, two?);
        let program = "terraform-provider-pipeline_v1.2.3".to_owned();
        assert_eq!(entries(&one), [(program, "binary ".repeat(1000).into_bytes())]);
        Ok(())
    }

    #[test]
    fn checksums_are_of_every_archive_and_of_the_manifest() -> Outcome {
        let folder = tempfile::tempdir()?;
        let binaries = [("linux_arm64", "a"), ("darwin_arm64", "b")];
        let release = release(folder.path(), &binaries)?;
        let out = folder.path().join("out");
        release.pack(&out)?;
        let sums = fs::read_to_string(out.join(release.sums()))?;
        let names: Vec<_> = sums.lines().filter_map(|line| line.split("  ").nth(1)).collect();
        let expected = ["darwin_arm64.zip", "linux_arm64.zip", "manifest.json"];
        assert_eq!(names, expected.map(|name| release.file(name)));
        let manifest = sums.lines().last().unwrap_or_default();
        // As `sha256sum` says of the same text.
        assert!(
            manifest
                .starts_with("d7dcc9d8a3404baf3f418236a080caaa3b567f850c8ee0b2986220ae0f7eb5c1  "),
            "{manifest}"
        );
        Ok(())
    }

    #[test]
    fn a_second_one_of_the_same_version_takes_the_place_of_the_first() -> Outcome {
        let folder = tempfile::tempdir()?;
        let plugins = folder.path().join("plugins");
        release(folder.path(), &[("linux_amd64", "old")])?.unpacked(&plugins)?;
        let places = release(folder.path(), &[("linux_amd64", "new")])?.unpacked(&plugins)?;
        assert_eq!(places.len(), REGISTRIES.len());
        for place in places {
            assert!(place.ends_with("pipeline/pipeline/1.2.3/linux_amd64"), "{}", place.display());
            let files = fs::read_dir(&place)?.collect::<Result<Vec<_>, _>>()?;
            assert_eq!(files.len(), 1, "{files:?}");
            assert_eq!(fs::read_to_string(files[0].path())?, "new");
        }
        Ok(())
    }

    #[test]
    fn only_platforms_that_the_provider_is_for() {
        for other in ["windows_amd64", "linux", "linux_386", "../linux_amd64"] {
            let refusal = other.parse::<Platform>().unwrap_err().to_string();
            assert!(refusal.contains("linux or darwin"), "{refusal}");
        }
        assert!(Platform::here().is_ok());
    }
}
