//! Asks git for a word, where nobody can wait for a task: who commits, whether a repository is trusted, how
//! ssh is run. What git answers counts, because it reads variables and files that a library does not.
//!
//! It touches no remote and takes milliseconds; a git that takes longer is not waited for, nor is any where
//! an interruption comes.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::runtime::RuntimeFlavor;

use super::{Answer, Git};

/// How long git is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether git is done.
const GLANCE: Duration = Duration::from_millis(1);

/// How much is read of what git says.
const LONGEST: u64 = 64 * 1024;

impl Git {
    /// Runs git in a folder; `None`: it cannot be run, or says nothing in time.
    pub(crate) fn ask(&self, folder: &Path, arguments: &[&str]) -> Option<Answer> {
        self.ask_within(PATIENCE, folder, arguments)
    }

    fn ask_within(&self, patience: Duration, folder: &Path, arguments: &[&str]) -> Option<Answer> {
        let begun = Instant::now();
        let mut command = self.command();
        let command = command.as_std_mut();
        command.current_dir(folder).args(arguments);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let status = aside(|| self.wait(&mut child, begun + patience))?;
        let answer = Answer::of(status, all_of(stdout)?, &all_of_complaints(stderr)?, &self.urls);
        let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
        self.tell(&arguments, begun, 0, &answer);
        Some(answer)
    }

    fn wait(&self, child: &mut Child, end: Instant) -> Option<ExitStatus> {
        let goes_on = || Instant::now() < end && !self.interruption.is_set();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if goes_on() => std::thread::sleep(GLANCE),
                _ => break,
            }
        }
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        // Whether that succeeds makes no difference to anybody.
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        let _ = child.wait();
        None
    }
}

/// Blocks beside the tasks of the runtime, where it has several threads: one of them hears of interruptions.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Handle::try_current();
    match runtime.is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread) {
        true => tokio::task::block_in_place(work),
        false => work(),
    }
}

fn all_of(pipe: Option<ChildStdout>) -> Option<Vec<u8>> {
    let mut said = Vec::new();
    pipe?.take(LONGEST).read_to_end(&mut said).ok()?;
    Some(said)
}

fn all_of_complaints(pipe: Option<ChildStderr>) -> Option<Vec<u8>> {
    let mut said = Vec::new();
    pipe?.take(LONGEST).read_to_end(&mut said).ok()?;
    Some(said)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::git::{Interruption, Settings};

    #[tokio::test]
    async fn an_interruption_is_heard_at_once() {
        let place = tempfile::tempdir().unwrap();
        let (program, began) = (place.path().join("git"), place.path().join("began"));
        let script = format!("#!/bin/sh\ntouch '{}'\nsleep 1000\n", began.display());
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let interruption = Interruption::by(move || began.exists(), std::future::pending);
        let settings = Settings { program: program.into(), interruption, ..Settings::default() };
        let for_ever = Duration::from_secs(900);
        let answer = Git::new(&settings).ask_within(for_ever, place.path(), &["var", "X"]);
        assert!(answer.is_none(), "{answer:?}");
    }
}
