//! Commands that write into a file which version runs.

use std::collections::BTreeMap;
use std::time::Duration;

use pipeline_acceptance::Outcome;
use pipeline_core::command::Command;
use pipeline_core::rollout::{CommandTarget, CommandTask};

use crate::bench::{Bench, THEIRS, Way};

/// A folder with the file, and one that says how often something was deployed.
pub(crate) struct Commands(tempfile::TempDir);

impl Commands {
    fn task(&self, script: &str) -> CommandTask {
        CommandTask {
            command: Command {
                program: "sh".to_owned(),
                arguments: vec!["-c".to_owned(), script.to_owned()],
                environment: BTreeMap::new(),
                folder: Some(self.0.path().to_owned()),
                patience: Duration::from_secs(3600),
            },
            secrets: Vec::new(),
        }
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }
}

impl Bench for Commands {
    type Target = CommandTarget;
    const KNOWS_OTHERS: bool = false;

    fn new() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("runs"), "1\n")?;
        Ok(Self(folder))
    }

    fn target(&self, version: &str, way: Way) -> CommandTarget {
        let end = match way {
            Way::Well => "exit 0",
            Way::Fails => "exit 1",
            Way::Hangs => "while ! test -e go; do sleep 0.02; done",
        };
        let deploy = format!("echo {version} > runs; echo deployed >> times; {end}");
        CommandTarget {
            deploy: self.task(&deploy),
            verify: Some(self.task(&format!("grep -qx {version} runs"))),
            restore: Some(self.task(
                "version=\"${PIPELINE_PREVIOUS_VERSION#api/v}\"; echo \"${version%%.*}\" > runs",
            )),
        }
    }

    fn runs(&self) -> Outcome<String> {
        Ok(self.text("runs").trim().to_owned())
    }

    fn everything(&self) -> Outcome<String> {
        Ok(self.text("runs"))
    }

    fn times_begun(&self) -> Outcome<usize> {
        Ok(self.text("times").lines().count())
    }

    fn taken_over(&self) -> Outcome {
        Ok(std::fs::write(self.0.path().join("runs"), THEIRS)?)
    }

    fn has_begun(&self) -> Outcome<bool> {
        Ok(self.times_begun()? > 0)
    }

    fn let_go(&self) -> Outcome {
        Ok(std::fs::write(self.0.path().join("go"), "")?)
    }
}
