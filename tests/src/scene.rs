//! The usual scene of a test: the product's repository, and a workspace that manages it.

use std::io::Write as _;

use crate::Outcome;
use crate::repository::Repository;
use crate::sandbox::{Environment, Sandbox};
use crate::workspace::Workspace;

/// A repository, the workspace that manages it, and the directory both live in.
#[derive(Debug)]
pub struct Scene {
    /// The product's repository, with a work tree.
    pub repository: Repository,
    /// The Terraform configuration.
    pub workspace: Workspace,
    sandbox: Sandbox,
}

impl Scene {
    /// The product in a repository without a remote.
    ///
    /// # Errors
    /// The stage cannot be set.
    pub fn local() -> Outcome<Self> {
        let sandbox = Sandbox::temporary()?;
        let repository = Repository::product(&sandbox.environment, "product")?;
        let workspace = Workspace::new(&sandbox.environment, "terraform")?;
        workspace.configure(&repository.path(), "")?;
        Ok(Self { repository, workspace, sandbox })
    }

    /// The product in a clone of a bare remote; the program believes to run in CI, where the
    /// environment tags of a remote may move.
    ///
    /// # Errors
    /// The stage cannot be set.
    pub fn shared() -> Outcome<(Self, Repository)> {
        let mut scene = Self::local()?;
        let remote = scene.repository.publish("remote.git")?;
        scene.workspace.environment.set("CI", "true");
        Ok((scene, remote))
    }

    /// What programs of this scene see of the machine.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.sandbox.environment
    }

    /// Says that the repository in the folder `name` holds objects that are corrupt on purpose.
    pub fn leaves_corrupt(&mut self, name: &str) {
        self.sandbox.leaves_corrupt(name);
    }

    /// Says that the file or folder `name` holds a planted secret on purpose.
    pub fn leaves_secret(&mut self, name: &str) {
        self.sandbox.leaves_secret(name);
    }

    /// A second workspace on the same repository, with its own state.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn second_workspace(&self, name: &str) -> Outcome<Workspace> {
        let mut second = Workspace::new(&self.sandbox.environment, name)?;
        second.environment = self.workspace.environment.clone();
        second.configure(&self.repository.path(), "")?;
        Ok(second)
    }
}

/// Says on the real standard error why a test is skipped.
pub fn skipped(test: &str, reason: &str) {
    noted(&format!("skipped {test}: {reason}"));
}

/// Says something on the real standard error; the test runner hides what is printed otherwise.
pub fn noted(line: &str) {
    // Where nobody listens there is nothing left to do.
    drop(writeln!(std::io::stderr(), "{line}"));
}
