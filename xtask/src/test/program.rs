//! The test programs that cargo built, and the tests in each.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use pipeline_acceptance::{Failure, Outcome, command};
use serde_json::Value;

use crate::cargo;

/// The package whose tests play with real programs.
pub(super) const ACCEPTANCE: &str = "pipeline-acceptance";

/// One test program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TestProgram {
    /// Its name, such as `acceptance`, or that of the library or binary whose unit tests it holds.
    name: String,
    /// Its package.
    package: String,
    /// Where the package is, and where its tests run.
    directory: PathBuf,
    executable: PathBuf,
}

/// One test.
#[derive(Debug, Clone)]
pub(super) struct Test<'a> {
    /// The program that it is in.
    pub(super) program: &'a TestProgram,
    name: String,
    /// Whether it is left out where nobody asks for it: `#[ignore]` in its source.
    pub(super) slow: bool,
}

/// The test programs among what cargo said that it built, set aside in `folder`.
pub(super) fn of(messages: &str, folder: &Path) -> Outcome<Vec<TestProgram>> {
    let metadata = cargo::metadata()?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut programs = Vec::new();
    for message in messages.lines() {
        let found = TestProgram::read(&serde_json::from_str(message)?, packages);
        if let Some(mut program) = found {
            program.executable = set_aside(&program.executable, folder)?;
            programs.push(program);
        }
    }
    programs.sort_by(|one, other| (&one.package, &one.name).cmp(&(&other.package, &other.name)));
    Ok(programs)
}

/// The same program in `folder`, where it stays what it is though somebody builds meanwhile.
pub(super) fn set_aside(program: &Path, folder: &Path) -> Outcome<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let aside = folder.join(program.file_name().unwrap_or_default());
    // Cargo replaces files and writes into none, so a second name is as good as a copy.
    std::fs::hard_link(program, &aside)?;
    Ok(aside)
}

impl TestProgram {
    /// The program that a message is about, if it is a test of these packages.
    fn read(message: &Value, packages: &[Value]) -> Option<Self> {
        let executable = message["executable"].as_str()?;
        // A bench is built as a test, and lists none.
        let is_bench = message["target"]["kind"][0] == "bench";
        if message["profile"]["test"] != true || is_bench {
            return None;
        }
        let package = packages.iter().find(|one| one["id"] == message["package_id"])?;
        let directory = Path::new(message["manifest_path"].as_str()?).parent()?;
        Some(Self {
            name: message["target"]["name"].as_str()?.replace('-', "_"),
            package: package["name"].as_str()?.to_owned(),
            directory: directory.to_owned(),
            executable: executable.into(),
        })
    }

    /// Whether its tests need the real programs.
    pub(super) fn is_acceptance(&self) -> bool {
        self.package == ACCEPTANCE
    }

    /// Whether its tests run Terraform, which others do without.
    pub(super) fn runs_terraform(&self) -> bool {
        self.is_acceptance() && self.name == "acceptance"
    }

    /// What it is called on screen.
    pub(super) fn title(&self) -> String {
        format!("{} of {}", self.name, self.package)
    }

    /// Every test in it.
    pub(super) fn tests(&self) -> Outcome<Vec<Test<'_>>> {
        let all = self.list(&[])?;
        let slow: HashSet<_> = self.list(&["--ignored"])?.into_iter().collect();
        let test = |name: String| Test { program: self, slow: slow.contains(&name), name };
        Ok(all.into_iter().map(test).collect())
    }

    /// The names of its tests, or of some.
    fn list(&self, which: &[&str]) -> Outcome<Vec<String>> {
        let list = ["--list", "--format", "terse"];
        let said = command::run(self.command().args(list).args(which))?.success()?;
        Ok(listed(&said.stdout).map(str::to_owned).collect())
    }

    /// The program, as cargo would run it.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        cargo::forget_this_package(&mut command);
        command.current_dir(&self.directory).env("CARGO_MANIFEST_DIR", &self.directory);
        command
    }
}

impl Test<'_> {
    /// What people call it, such as `acceptance::races::of_two_runs_at_once_exactly_one_wins`.
    pub(super) fn title(&self) -> String {
        format!("{}::{}", self.program.name, self.name)
    }

    /// Runs it and no other, slow or not.
    pub(super) fn command(&self) -> Command {
        let mut command = self.program.command();
        command.args(["--include-ignored", "--exact", &self.name]);
        command
    }

    /// Where, below a folder, the output of its n-th run is kept.
    pub(super) fn log(&self, folder: &Path, number: u32) -> Outcome<PathBuf> {
        let folder = folder.join(&self.program.package);
        let write = || std::fs::create_dir_all(&folder);
        write().map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
        Ok(folder.join(format!("{}.{number:02}.log", self.title().replace("::", "."))))
    }
}

/// The names in a terse list.
fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter_map(|line| line.strip_suffix(": test"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_test_programs_and_no_others() {
        let packages = [json!({ "id": "path#tests", "name": "pipeline-acceptance" })];
        let message = |test: bool, executable: Value| {
            json!({
                "package_id": "path#tests",
                "manifest_path": "/here/tests/Cargo.toml",
                "target": { "name": "acceptance" },
                "profile": { "test": test },
                "executable": executable,
            })
        };
        let found = TestProgram::read(&message(true, json!("/target/acceptance-1")), &packages);
        let expected = TestProgram {
            name: "acceptance".to_owned(),
            package: "pipeline-acceptance".to_owned(),
            directory: "/here/tests".into(),
            executable: "/target/acceptance-1".into(),
        };
        assert_eq!(found, Some(expected));
        assert_eq!(TestProgram::read(&message(false, json!("/target/a")), &packages), None);
        let mut bench = message(true, json!("/target/a"));
        bench["target"]["kind"] = json!(["bench"]);
        assert_eq!(TestProgram::read(&bench, &packages), None);
        assert_eq!(TestProgram::read(&message(true, Value::Null), &packages), None);
        assert_eq!(TestProgram::read(&message(true, json!("/target/a")), &[]), None);
        assert_eq!(TestProgram::read(&json!({ "reason": "build-finished" }), &packages), None);
    }

    #[test]
    fn reads_a_list_of_tests() {
        let list = "a::b: test\nc: test\nd: benchmark\n";
        assert_eq!(listed(list).collect::<Vec<_>>(), ["a::b", "c"]);
    }
}
