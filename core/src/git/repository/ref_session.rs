//! Ref transactions in a repository on this machine, by one long-lived `git update-ref --stdin`.
//!
//! Git itself locks, compares, runs the `reference-transaction` hook and writes, whatever the
//! format of the refs. A refused transaction ends the process; the next one starts another. So does one that
//! gets no answer in time, with all that the process started.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::call::CallEnd;
use super::command::{Answer, Call, Git, read_last};
use super::redact::redact;
use crate::base::foreign;
use crate::command::Group;
use crate::git::error::GitError;
use crate::git::transaction::{RefUpdate, Transaction};

/// How long a process that is asked to end may put its locks away.
const FAREWELL: Duration = Duration::from_secs(5);

const ARGUMENTS: [&str; 5] = ["update-ref", "--no-deref", "-m", "pipeline", "--stdin"];

/// The process that carries the transactions of one repository.
pub(crate) struct RefSession {
    git: Arc<Git>,
    git_dir: PathBuf,
    open: Option<Conversation>,
}

struct Conversation {
    child: Child,
    /// `None`: there is nothing more to say to it.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// How a transaction fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LocalVerdict {
    Done,
    /// Git's words for why not.
    Refused(String),
    /// Nobody knows: the process was killed, or gave no answer in time.
    Silent,
}

impl LocalVerdict {
    fn of(answer: &Answer) -> Self {
        let words = answer.stderr.trim();
        match answer.end {
            CallEnd::Waiting => Self::Done,
            _ if words.is_empty() => Self::Silent,
            _ => {
                let words = words.trim_start_matches("fatal: ").trim_start_matches("prepare: ");
                Self::Refused(foreign::said(words))
            }
        }
    }
}

impl RefSession {
    pub(crate) const fn new(git: Arc<Git>, git_dir: PathBuf) -> Self {
        Self { git, git_dir, open: None }
    }

    /// Carries out one transaction.
    pub(crate) async fn execute(&mut self, change: &Transaction) -> Result<LocalVerdict, GitError> {
        let begun = Instant::now();
        let script = script(change);
        // Taken out, so that a call that is given up midway leaves no half-read answer behind.
        let mut talk = match self.open.take() {
            Some(talk) => talk,
            None => self.start().await?,
        };
        // Ends it where this is given up midway.
        let mut group = Group::of(&talk.child);
        let answer = match tokio::time::timeout(self.git.timeout(), talk.answer(&script)).await {
            Ok(answer) => answer,
            Err(_) => {
                talk.ask_to_end(&group).await;
                Answer { end: CallEnd::TimedOut, stdout: Vec::new(), stderr: String::new() }
            }
        };
        match answer.end {
            CallEnd::Waiting => {
                group.is_over();
                self.open = Some(talk);
            }
            CallEnd::TimedOut => group.end(),
            _ => group.is_over(),
        }
        self.git.tell(&ARGUMENTS.map(Into::into), begun, script.len(), &answer);
        Ok(LocalVerdict::of(&answer))
    }

    async fn start(&self) -> Result<Conversation, GitError> {
        let call = Call {
            git_dir: &self.git_dir,
            directory: &self.git_dir,
            settings: Vec::new(),
            arguments: ARGUMENTS.map(Into::into).into(),
            stdin: Vec::new(),
            variables: Vec::new(),
            beside: &[],
        };
        let mut child = self.git.converse(call).await?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let missing = || GitError::failed("talk to update-ref", "its pipes are missing");
        let (stdin, stdout) = pipes.ok_or_else(missing)?;
        Ok(Conversation { child, stdin: Some(stdin), stdout: BufReader::new(stdout) })
    }
}

impl Conversation {
    /// Whether git said that the transaction is committed, and all it said.
    async fn transact(&mut self, script: &str) -> (bool, Vec<u8>) {
        let mut said = Vec::new();
        let Some(stdin) = &mut self.stdin else { return (false, said) };
        if stdin.write_all(script.as_bytes()).await.is_err() {
            return (false, said);
        }
        loop {
            let before = said.len();
            match self.stdout.read_until(b'\n', &mut said).await {
                Ok(0) | Err(_) => return (false, said),
                Ok(_) if said.get(before..).is_some_and(is_committed) => return (true, said),
                Ok(_) => {}
            }
        }
    }

    /// What git says of a transaction.
    async fn answer(&mut self, script: &str) -> Answer {
        let (done, stdout) = self.transact(script).await;
        if done {
            return Answer { end: CallEnd::Waiting, stdout, stderr: String::new() };
        }
        self.end(stdout).await
    }

    /// Asks a process that does not answer to end, and all that it started.
    async fn ask_to_end(&mut self, group: &Group) {
        group.ask_to_end();
        // What does not end by itself is ended.
        let _ = tokio::time::timeout(FAREWELL, self.child.wait()).await;
    }

    /// What git left when it gave up.
    async fn end(&mut self, stdout: Vec<u8>) -> Answer {
        let Self { child, stdin, .. } = self;
        *stdin = None;
        let words = read_last(child.stderr.take()).await.unwrap_or_default();
        let code = child.wait().await.ok().and_then(|status| status.code());
        let end = code.map_or(CallEnd::Killed, CallEnd::Exited);
        Answer { end, stdout, stderr: redact(&String::from_utf8_lossy(&words)) }
    }
}

fn is_committed(line: &[u8]) -> bool {
    line.trim_ascii_end() == b"commit: ok"
}

/// The commands of one transaction. Ref names hold neither spaces nor line ends.
fn script(change: &Transaction) -> String {
    let mut script = String::from("start\n");
    for RefUpdate { name, expected, new } in change.updates() {
        // Writing to a string does not fail.
        let _ = match (expected, new) {
            (None, Some(new)) => writeln!(script, "create {name} {new}"),
            (Some(old), Some(new)) => writeln!(script, "update {name} {new} {old}"),
            (Some(old), None) => writeln!(script, "delete {name} {old}"),
            (None, None) => Ok(()),
        };
    }
    script.push_str("prepare\ncommit\n");
    script
}
