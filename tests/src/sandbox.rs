//! A directory in which programs run as if on a machine of their own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{Outcome, canary, fsck};

/// What a program sees of the machine: a directory to start in, and these variables alone.
#[derive(Debug, Clone)]
pub struct Environment {
    root: PathBuf,
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// An environment that stays, at `root`.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn at(root: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(root.join("home"))?;
        Ok(Self::new(root.canonicalize()?))
    }

    /// Nothing of the person who runs this: a home under `root`, no system or global git
    /// configuration, one locale, one time zone.
    fn new(root: PathBuf) -> Self {
        let inherited = ["PATH", "TMPDIR", "LD_LIBRARY_PATH"];
        let inherited =
            inherited.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut variables: BTreeMap<OsString, OsString> =
            inherited.map(|(name, value)| (name.into(), value)).collect();
        let fixed = [("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("GIT_CONFIG_NOSYSTEM", "1")];
        variables.extend(fixed.map(|(name, value)| (name.into(), value.into())));
        variables.insert("HOME".into(), root.join("home").into());
        variables.insert("GIT_CONFIG_GLOBAL".into(), root.join("home/.gitconfig").into());
        Self { root, variables }
    }

    /// The directory that belongs to this environment.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Sets a variable for every command that follows.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Takes a variable from every command that follows.
    pub fn remove(&mut self, name: impl AsRef<OsStr>) {
        self.variables.remove(name.as_ref());
    }

    /// `program`, to be started in `directory`.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(directory).env_clear().envs(&self.variables);
        command
    }
}

/// An environment whose directory goes away with this value.
///
/// Before it goes, git has to find every repository in it sound (`git fsck --strict`), however its
/// objects came about: what nobody reads in a test, somebody's server refuses later. And no secret that the test planted
/// may have turned up anywhere in it (`canary`).
#[derive(Debug)]
pub struct Sandbox {
    /// The environment of everything that runs here.
    pub environment: Environment,
    _directory: TempDir,
    /// The repositories that are corrupt on purpose.
    corrupt: Vec<PathBuf>,
    /// The places that hold a secret on purpose.
    secrets: Vec<PathBuf>,
}

impl Sandbox {
    /// A sandbox that goes away with this value.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn temporary() -> Outcome<Self> {
        let directory = tempfile::Builder::new().prefix("pipeline-").tempdir()?;
        let mut environment = Environment::at(directory.path())?;
        // What programs leave in the folder for temporary files is looked through as well.
        let temporary = environment.root().join("tmp");
        std::fs::create_dir(&temporary)?;
        environment.set("TMPDIR", temporary);
        let (corrupt, secrets) = (Vec::new(), Vec::new());
        Ok(Self { environment, corrupt, secrets, _directory: directory })
    }

    /// Says that the repository in the folder `name` holds objects that are corrupt on purpose. One
    /// that git finds sound in the end fails as well: then the test does not plant what it says.
    pub fn leaves_corrupt(&mut self, name: impl Into<PathBuf>) {
        self.corrupt.push(name.into());
    }

    /// Says that the file or folder `name` holds a planted secret on purpose. Where none is in it in the end, that fails
    /// as well.
    pub fn leaves_secret(&mut self, name: impl Into<PathBuf>) {
        self.secrets.push(name.into());
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // A test that fails already has said what matters; a second panic would end all others.
        if std::thread::panicking() {
            return;
        }
        let sound = fsck::check(&self.environment, &self.corrupt);
        let wrong = sound.and_then(|()| canary::check(&self.environment, &self.secrets)).err();
        assert!(
            wrong.is_none(),
            "{}",
            wrong.map(|failure| failure.to_string()).unwrap_or_default()
        );
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::repository::Repository;

    /// A repository in `folder` with a tag that says `type commit` over a blob.
    fn plant(sandbox: &Sandbox, folder: &str) -> Outcome {
        let repository = Repository::product(&sandbox.environment, folder)?;
        let blob = repository.git(&["rev-parse", "HEAD:README.md"])?;
        let text = format!(
            "object {blob}\ntype commit\ntag v1.0.0\ntagger Ada Example <ada@example.com> 0 +0000\n\nNo\n"
        );
        let write = ["hash-object", "-t", "tag", "-w", "--stdin", "--literally"];
        let tag = repository.git_with_input(&write, &text)?;
        repository.git(&["update-ref", "refs/tags/v1.0.0", tag.trim()]).map(drop)
    }

    /// What the end of `sandbox` says against it.
    fn refusal(sandbox: Sandbox) -> Option<String> {
        let panic = catch_unwind(AssertUnwindSafe(|| drop(sandbox))).err()?;
        Some(panic.downcast_ref::<String>().cloned().unwrap_or_default())
    }

    #[test]
    fn refuses_a_corrupt_tag_wherever_it_is() -> Outcome {
        for folder in ["product", "deep/in/a/folder"] {
            let sandbox = Sandbox::temporary()?;
            let root = sandbox.environment.root().to_owned();
            Repository::product(&sandbox.environment, "sound")?;
            plant(&sandbox, folder)?;
            let said = refusal(sandbox).ok_or("a corrupt tag passed")?;
            assert!(said.contains("a test leaves a corrupt repository"), "{said}");
            assert!(said.contains(&format!("{folder}/.git")) && !said.contains("sound"), "{said}");
            assert!(!root.exists(), "the directory stays");
        }
        Ok(())
    }

    #[test]
    fn takes_a_corrupt_repository_only_where_the_test_says_so() -> Outcome {
        let mut sandbox = Sandbox::temporary()?;
        plant(&sandbox, "product")?;
        sandbox.leaves_corrupt("product");
        assert_eq!(refusal(sandbox), None);

        let mut sandbox = Sandbox::temporary()?;
        Repository::product(&sandbox.environment, "product")?;
        sandbox.leaves_corrupt("product");
        sandbox.leaves_corrupt("elsewhere");
        let said = refusal(sandbox).ok_or("a sound repository passed for a corrupt one")?;
        assert!(said.contains("is sound, but the test says"), "{said}");
        assert!(said.contains("elsewhere is no repository"), "{said}");
        Ok(())
    }

    #[test]
    fn does_not_speak_over_a_test_that_fails() -> Outcome {
        let sandbox = Sandbox::temporary()?;
        plant(&sandbox, "product")?;
        let test = catch_unwind(AssertUnwindSafe(move || {
            let _sandbox = sandbox;
            std::panic::panic_any("the test's own words");
        }));
        let said = test.err().and_then(|panic| panic.downcast_ref::<&str>().copied());
        assert_eq!(said, Some("the test's own words"));
        Ok(())
    }
}
