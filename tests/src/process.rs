//! Other processes of this machine: found by the words they were started with, signalled, and waited
//! for to the last of their children.

use std::ffi::OsStr;
use std::io::{PipeReader, Read as _, pipe};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::sandbox::Environment;
use crate::{Failure, Outcome, command};

/// The longest that anything is waited for. What is waited for comes in moments, unless it never does:
/// this ends a test that would hang, and decides nothing else.
pub const FOR_EVER: Duration = Duration::from_secs(900);

/// The processes whose first word is `program`, oldest first; `None` where the machine does not
/// tell (it has no `/proc`).
#[must_use]
pub fn running(program: &Path) -> Option<Vec<u32>> {
    let entries = std::fs::read_dir("/proc").ok()?;
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let word = program.to_string_lossy().into_owned();
    let mut found: Vec<u32> = numbers
        .filter(|id| {
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).next() == Some(word.as_bytes())
        })
        .collect();
    found.sort_unstable();
    Some(found)
}

/// What a process shows to others on the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its program and arguments, which everybody may read.
    pub arguments: String,
    /// Its variables, which whoever started it may read.
    pub variables: String,
}

/// The processes that have `environment`, as this machine lists them; none where it does not.
#[must_use]
pub fn shown(environment: &Environment) -> Vec<Shown> {
    let home = environment.root().join("home").to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = entries.map(|entry| {
        // It may be over by now, be somebody else's, or be no process.
        let part = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let text = |name: &str| String::from_utf8_lossy(&part(name)).replace('\0', " ");
        Shown { arguments: text("cmdline"), variables: text("environ") }
    });
    all.filter(|it| it.arguments.contains(&home) || it.variables.contains(&home)).collect()
}

/// Sends a signal such as `KILL` or `INT` to a process.
///
/// # Errors
/// There is no such process.
pub fn signal(id: u32, name: &str) -> Outcome {
    let mut kill = Command::new("sh");
    kill.args(["-c", &format!("kill -{name} {id}")]);
    command::run(&mut kill)?.success().map(drop)
}

/// Waits until `condition` holds, for what tells nobody that it happened.
///
/// # Errors
/// It never did.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) -> Outcome {
    let start = Instant::now();
    while start.elapsed() < FOR_EVER {
        if condition() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(in_vain(what))
}

/// The failure of something that was waited for and never came.
#[must_use]
pub fn in_vain(what: &str) -> Failure {
    Failure::new(format!("waited {} s in vain until {what}", FOR_EVER.as_secs()))
}

/// What a process leaves behind when it is killed: children, and their children, which may go on with
/// what they were at.
#[derive(Debug)]
pub struct Descendants(PipeReader);

impl Descendants {
    /// A command for `program` in `environment`, whose standard error goes nowhere, and all who will
    /// descend from its process. That one has started once the command is dropped.
    ///
    /// # Errors
    /// This machine has no pipe left.
    pub fn of(environment: &Environment, program: impl AsRef<OsStr>) -> Outcome<(Command, Self)> {
        let (reader, writer) = pipe()?;
        let mut command = environment.command("sh", environment.root());
        // Every child inherits the third file, which ends when the last of them does.
        command.args(["-c", "exec \"$0\" 3>&2 2>/dev/null"]).arg(program).stderr(writer);
        Ok((command, Self(reader)))
    }

    /// Waits until the process and all who descend from it are gone.
    ///
    /// # Errors
    /// The machine does not tell.
    pub fn gone(mut self) -> Outcome {
        self.0.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;
    use crate::sandbox::Sandbox;

    #[test]
    fn children_outlive_who_is_killed_and_are_waited_for() -> Outcome {
        let sandbox = Sandbox::temporary()?;
        let program = sandbox.environment.root().join("parent");
        // The child goes on as long as nobody closes what it reads, and then leaves a mark.
        let script = "#!/bin/sh\nexec 4<&0\n(cat <&4; touch done) &\necho\nwait\n";
        std::fs::write(&program, script)?;
        command::run(Command::new("chmod").arg("+x").arg(&program))?.success()?;
        let (mut command, descendants) = Descendants::of(&sandbox.environment, &program)?;
        let mut parent = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        drop(command);
        parent.stdout.take().ok_or("no output")?.read_exact(&mut [0])?;
        let input = parent.stdin.take();
        parent.kill()?;
        parent.wait()?;
        let mark = sandbox.environment.root().join("done");
        assert!(!mark.exists());
        drop(input);
        descendants.gone()?;
        assert!(mark.exists());
        Ok(())
    }
}
