//! A directory in which programs run as if on a machine of their own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::Outcome;

/// What a program sees of the machine: a directory to start in, and these variables alone.
#[derive(Debug, Clone)]
pub struct Environment {
    root: PathBuf,
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
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

/// An environment whose directory goes away with this value, or stays where it was asked for.
#[derive(Debug)]
pub struct Sandbox {
    /// The environment of everything that runs here.
    pub environment: Environment,
    _temporary: Option<TempDir>,
}

impl Sandbox {
    /// A sandbox that goes away with this value.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn temporary() -> Outcome<Self> {
        let directory = tempfile::Builder::new().prefix("pipeline-").tempdir()?;
        let environment = Self::at(directory.path())?.environment;
        Ok(Self { environment, _temporary: Some(directory) })
    }

    /// A sandbox that stays, at `root`.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn at(root: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(root.join("home"))?;
        Ok(Self { environment: Environment::new(root.canonicalize()?), _temporary: None })
    }
}
