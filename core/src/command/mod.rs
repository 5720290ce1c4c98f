//! A command that a configuration names, run to its end.
//!
//! No shell reads it. It gets the few variables that programs need to work at all and those that it is given,
//! so that nobody's credentials reach it by accident. It leads a process group, which ends with it, when its
//! time is over, and when whoever waits for it gives up. What left the group goes on, and nobody waits for it.
//! Of what the command says the end is kept.

mod group;
mod output;
pub mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::base::cause::Cause;
use crate::secret_scan::masked;

pub(crate) use group::Group;
use output::Tail;

/// What every command gets of this process's environment, where it is set.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "SYSTEMROOT",
];

/// A command, and what it runs with.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program: a name that is looked for in `PATH`, or a path.
    pub program: String,
    /// Its arguments, as they are.
    pub arguments: Vec<String>,
    /// Variables beside those that every command gets.
    pub environment: BTreeMap<String, String>,
    /// Where it runs; the working directory of this process, unless given.
    pub folder: Option<PathBuf>,
    /// How long it may take.
    pub patience: Duration,
}

/// How a command ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum End {
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal.
    Signalled,
    /// Its time was over, and it was ended.
    TimedOut,
    /// There is no such program.
    NotFound,
    /// It could not be started.
    Refused(Cause),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "it ended with exit code {code}"),
            Self::Signalled => f.write_str("a signal ended it"),
            Self::TimedOut => f.write_str("its time was over, and it was ended"),
            Self::NotFound => f.write_str("there is no such program"),
            Self::Refused(cause) => write!(f, "it could not be started: {cause}"),
        }
    }
}

/// A command that is over.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finished {
    /// How it ended.
    pub end: End,
    /// The end of its standard output, at most 64 KiB.
    pub stdout: String,
    /// The end of its standard error, at most 64 KiB.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

/// How many lines of what a command said are told.
const LINES: usize = 20;

/// How long its output is read when the group is over. What it said is there already; a process that left the
/// group may hold the output open for ever.
const LISTENS: Duration = Duration::from_secs(1);

impl Finished {
    /// The last lines of what it complained of, or else of what it said, fit to be shown: without the lines of
    /// `secrets`, and without lines in which a credential of a known kind stands.
    #[must_use]
    pub fn last_words<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> String {
        let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        let lines = masked(said, secrets);
        lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
    }

    /// Whether not one instruction of it ran.
    #[must_use]
    pub const fn never_ran(&self) -> bool {
        matches!(self.end, End::NotFound) || matches!(self.end, End::Refused(_))
    }

    /// Whether it says itself that it did what it should.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        matches!(self.end, End::Exited(0))
    }
}

impl Command {
    /// Runs the command to its end. When the future is dropped, the command ends.
    pub async fn run(&self) -> Finished {
        let begun = Instant::now();
        let (end, stdout, stderr) = match self.start() {
            Ok(child) => self.follow(child).await,
            Err(error) => {
                let missing = error.kind() == ErrorKind::NotFound && self.folder_exists();
                let end = if missing { End::NotFound } else { End::Refused(Cause::new(error)) };
                (end, Tail::default(), Tail::default())
            }
        };
        Finished { end, stdout: stdout.text(), stderr: stderr.text(), took: begun.elapsed() }
    }

    /// A folder that is missing is told by the same error as a program that is.
    fn folder_exists(&self) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.is_dir())
    }

    fn start(&self) -> std::io::Result<tokio::process::Child> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(&self.arguments).env_clear().process_group(0).kill_on_drop(true);
        command.envs(INHERITED.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
        command.envs(&self.environment);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }

    async fn follow(&self, mut child: tokio::process::Child) -> (End, Tail, Tail) {
        let mut group = Group::of(&child);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (mut said, mut complained) = (Tail::default(), Tail::default());
        let listening = async { tokio::join!(said.read(out), complained.read(err)) };
        let (ended, is_over) = tokio::sync::oneshot::channel::<()>();
        let ending = async {
            let end = match tokio::time::timeout(self.patience, child.wait()).await {
                Ok(Ok(status)) => status.code().map_or(End::Signalled, End::Exited),
                Ok(Err(error)) => End::Refused(Cause::new(error)),
                Err(_) => End::TimedOut,
            };
            // What it left running would hold its output open, and outlive it.
            group.end();
            drop(ended);
            end
        };
        let patience = async {
            // That it is dropped is the signal.
            let _ = is_over.await;
            tokio::time::sleep(LISTENS).await;
        };
        let listening = async {
            tokio::select! {
                _ = listening => {}
                () = patience => {}
            }
        };
        let (end, ()) = tokio::join!(ending, listening);
        (end, said, complained)
    }
}
