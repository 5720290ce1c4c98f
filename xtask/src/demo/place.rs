//! The directory of the demo: who runs what in it, and how a person goes on there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use pipeline_acceptance::package::{self, Platform, Release};
use pipeline_acceptance::sandbox::Environment;
use pipeline_acceptance::terraform::Terraform;
use pipeline_acceptance::{Failure, Outcome};

use crate::{cargo, screen};

/// Says that a directory is ours to put aside.
const MARKER: &str = ".pipeline-demo";

/// What a shell needs to go on by hand.
const ENVIRONMENT: &str = "env.sh";

/// The folder of the quickstart.
pub(crate) const QUICKSTART: &str = "terraform";

/// The page of the report.
pub(crate) const PAGE: &str = "report.html";

/// The directory and the programs that run in it.
pub(crate) struct Place {
    /// What programs see of the machine.
    pub(crate) environment: Environment,
    terraform: Terraform,
}

impl Place {
    /// A fresh directory; that of an earlier demo is kept beside it.
    pub(crate) fn fresh(directory: &Path, terraform: Terraform, binary: &Path) -> Outcome<Self> {
        put_aside(directory)?;
        let environment = Environment::at(directory)?;
        fs::write(directory.join(MARKER), "`cargo xtask demo` made this directory.\n")?;
        let mut place = Self { environment, terraform };
        place.example("quickstart", QUICKSTART)?;
        fs::create_dir_all(place.root().join("bin"))?;
        symlink(&place.terraform.program, place.root().join("bin/terraform"))?;
        place.mirror(binary)?;
        place.environment.set("TF_CLI_CONFIG_FILE", place.root().join("terraform.rc"));
        place.environment.set("CHECKPOINT_DISABLE", "1");
        place.environment.set("TF_IN_AUTOMATION", "1");
        // The environment tags of a remote move only in CI (SCY003); in the demo, we are the CI.
        place.environment.set("CI", "true");
        fs::write(place.root().join(ENVIRONMENT), place.shell())?;
        Ok(place)
    }

    fn root(&self) -> &Path {
        self.environment.root()
    }

    /// Where the configuration of the quickstart is.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.folder(QUICKSTART)
    }

    /// A folder of the demo.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Copies an example into a folder.
    pub(crate) fn example(&self, example: &str, folder: &str) -> Outcome {
        copy(&cargo::root().join("examples").join(example), &self.folder(folder))
    }

    /// The command `terraform words…` in a folder.
    pub(crate) fn terraform(&self, folder: &str, words: &[&str]) -> Command {
        let mut command = self.environment.command(&self.terraform.program, &self.folder(folder));
        command.args(words);
        command
    }

    /// Lays the provider out as a local mirror, so that `terraform init` installs it from there.
    fn mirror(&self, binary: &Path) -> Outcome {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let binaries = [(Platform::here()?, binary.to_owned())].into();
        let plugins = self.folder("plugins");
        Release { version, binaries }.unpacked(&plugins)?;
        Ok(fs::write(self.folder("terraform.rc"), package::configuration(&plugins))?)
    }

    fn shell(&self) -> String {
        let root = self.root().to_string_lossy().replace('\'', "'\\''");
        format!(
            "# For a shell in this directory: . {ENVIRONMENT}\n\
             # Where Terraform finds the provider of the demo.\n\
             export TF_CLI_CONFIG_FILE='{root}/terraform.rc'\n\
             export PATH='{root}/bin':\"$PATH\"\n\
             # The environment tags of a remote move only in CI (SCY003); here you are the CI.\n\
             export CI=true\n"
        )
    }

    /// Says where everything is and what to try.
    pub(crate) fn invite(&self) {
        let root = self.root().to_string_lossy();
        screen::step(&format!("It is all yours, in {root}"));
        let lines = [
            "    product/      the repository        product.git/  its remote",
            "    terraform/    the configuration     env.sh        what a shell needs",
            "    ecs/          what was applied to the local AWS, which ended with the demo",
            "    report/       a run, an audit       report.html   the report, a page to open in a browser:",
            &format!("                  file://{}", self.folder(PAGE).display()),
            "",
            "  Try:",
            &format!("    cd {root}/terraform && . ../env.sh"),
            "    terraform plan                                        # nothing to do",
            "    terraform apply -var=staging=api/v1.2.0               # deploy, then edit terraform.tfvars",
            "    terraform plan -var=production=api/v1.0.0             # a downgrade: refused",
            "    git -C ../product tag -f api/staging main && git -C ../product push -f origin api/staging",
            "    terraform plan                                        # shows that someone moved it",
            "    git ls-remote ../product.git 'refs/ledger/*'          # every record is a git ref",
        ];
        lines.iter().for_each(|line| screen::line(line));
    }
}

/// Moves an earlier demo out of the way; anything else is not ours to touch.
fn put_aside(directory: &Path) -> Outcome {
    let empty = !directory.exists() || fs::read_dir(directory)?.next().is_none();
    if empty {
        return Ok(());
    }
    if !directory.join(MARKER).is_file() {
        let directory = directory.display();
        return Err(Failure::new(format!("{directory} is not empty and not of an earlier demo")));
    }
    let mut aside = directory.as_os_str().to_owned();
    aside.push(".previous");
    let aside = PathBuf::from(aside);
    if aside.join(MARKER).is_file() {
        fs::remove_dir_all(&aside)?;
    }
    screen::line(&format!("  the earlier demo is now in {}", aside.display()));
    Ok(fs::rename(directory, aside)?)
}

/// Copies the files of one folder.
fn copy(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|end| end == "tf") {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
