//! Asks git for a word, where nobody can wait for a task: who commits, whether a repository is trusted, how
//! ssh is run. What git answers counts, because it reads variables and files that a library does not.
//!
//! It touches no remote and takes milliseconds; a git that takes longer is not waited for.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

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
        let begun = Instant::now();
        let mut command = self.command();
        let command = command.as_std_mut();
        command.current_dir(folder).args(arguments);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let status = wait(&mut child, begun + PATIENCE)?;
        let answer = Answer::of(status, all_of(stdout)?, &all_of_complaints(stderr)?, &self.urls);
        let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
        self.tell(&arguments, begun, 0, &answer);
        Some(answer)
    }
}

fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(GLANCE),
            _ => break,
        }
    }
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // Whether that succeeds makes no difference to anybody.
    let _ = group.map(|group| kill_process_group(group, Signal::KILL));
    let _ = child.wait();
    None
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
