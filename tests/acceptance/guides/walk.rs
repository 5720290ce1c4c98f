//! Does what a guide says, in order, with real Terraform on a real repository: the product's, with environments for
//! every guide.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pipeline_acceptance::aws::{LocalAws, Service};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome, command};

use super::page::{Step, Task};

/// The environments and regions that guides speak of, beside those of the product.
const FOLDERS: [&str; 3] = ["dev", "live", "production/regions/us-east"];

/// Where guides have modules from; here they are those of this repository.
const MODULES: &str =
    "git::https://git.example.com/platform/terraform-provider-pipeline.git//terraform/";

/// The release of the modules that guides name.
const RELEASE: &str = "?ref=v0.1.0";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A reader on their way through a guide.
pub(crate) struct Walk {
    scene: Scene,
    /// Whatever is made on the way, in a folder for each configuration.
    home: PathBuf,
    folders: BTreeMap<String, Workspace>,
}

impl Walk {
    /// The beginning.
    pub(crate) fn begin() -> Outcome<Self> {
        let mut scene = Scene::local()?;
        for folder in FOLDERS {
            let folder = format!("environments/{folder}");
            scene.repository.write(&format!("{folder}/config.yaml"), "replicas: 1\n")?;
            scene.repository.write(
                &format!("{folder}/secrets.enc"),
                include_str!("../../fixtures/staging.enc.yaml"),
            )?;
        }
        scene.repository.commit("Add environments")?;
        let home = scene.environment().root().join("walk");
        std::fs::create_dir_all(home.join("bin"))?;
        let environment = &mut scene.workspace.environment;
        // A reader types `terraform`, and says yes.
        std::os::unix::fs::symlink(&scene.workspace.terraform.program, home.join("bin/terraform"))?;
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(home.join("bin")).chain(std::env::split_paths(&inherited));
        environment.set("PATH", std::env::join_paths(path).map_err(|error| error.to_string())?);
        environment.set("TF_CLI_ARGS_apply", "-auto-approve -input=false -no-color");
        environment.set("PROVIDER", root());
        for (role, name, address) in [
            ("AUTHOR", "Ada Example", "ada@example.com"),
            ("COMMITTER", "Ada Example", "ada@example.com"),
        ] {
            environment.set(format!("GIT_{role}_NAME"), name);
            environment.set(format!("GIT_{role}_EMAIL"), address);
        }
        Ok(Self { scene, home, folders: BTreeMap::new() })
    }

    /// Does one step.
    pub(crate) fn take(&mut self, step: &Step) -> Outcome {
        match &step.task {
            Task::Apply(person) => {
                let workspace = self.workspace(&step.folder, person.as_deref())?;
                let here = format!("{}//", root().join("terraform").to_string_lossy());
                let block = step.block.replace(MODULES, &here).replace(RELEASE, "");
                workspace.main(&block)?;
                if block.contains("module \"") {
                    workspace.run("get", &[])?.success()?;
                }
                workspace.settle(&block).map(drop)
            }
            Task::Refused(rule) => {
                let workspace = self.workspace(&step.folder, None)?;
                let before = std::fs::read_to_string(workspace.directory.join("main.tf"))
                    .unwrap_or_default();
                workspace.main(&step.block)?;
                workspace.plan(&[])?.refused(rule)?;
                workspace.main(&before)
            }
            Task::File(name) => {
                let file = self.workspace(&step.folder, None)?.directory.join(name);
                std::fs::create_dir_all(file.parent().unwrap_or(&self.home))?;
                Ok(std::fs::write(file, &step.block)?)
            }
            Task::Run => self.run(step),
            Task::Service { cluster, name, image } => {
                let account = LocalAws::fresh_account()?;
                account.service(Service { cluster, name, container: "app", image })?;
                account.log_in(&mut self.scene.workspace.environment);
                Ok(())
            }
            Task::Given(tags) => tags.iter().try_for_each(|tag| {
                let commit = self.scene.repository.commit(tag)?;
                self.scene.repository.tag(tag, &commit)
            }),
        }
    }

    fn run(&self, step: &Step) -> Outcome {
        // A guide may begin with nothing, where it makes its folders itself.
        let folder = self.home.join(&step.folder);
        let folder = if folder.exists() { folder } else { self.home.clone() };
        let mut shell = self.scene.workspace.environment.command("sh", &folder);
        shell.args(["-euc", &step.block]).stdin(std::process::Stdio::null());
        command::run(&mut shell)?.success().map(drop)
    }

    /// The configuration in a folder. One that the guide did not make itself manages the product.
    fn workspace(&mut self, folder: &str, person: Option<&str>) -> Outcome<&Workspace> {
        if !self.folders.contains_key(folder) {
            let directory = self.home.join(folder);
            let made = !directory.exists();
            let mut workspace = self.scene.workspace.clone();
            std::fs::create_dir_all(&directory)?;
            workspace.directory = directory;
            if made {
                let actor =
                    person.map(|person| format!("  actor = \"{person}\"")).unwrap_or_default();
                workspace.configure(&self.scene.repository.path(), &actor)?;
            }
            self.folders.insert(folder.to_owned(), workspace);
        }
        self.folders.get(folder).ok_or_else(|| Failure::new("no such folder"))
    }
}
