//! Ref transactions in a repository on this machine, by one long-lived `git update-ref --stdin`.
//!
//! Git itself locks, compares, runs the `reference-transaction` hook and writes, whatever the
//! format of the refs. A refused transaction ends the process; the next one starts another.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::command::{Call, Git};
use super::error::GitError;
use super::redact::redact;
use super::transaction::{RefUpdate, Transaction};

/// The process that carries the transactions of one repository.
pub(crate) struct RefSession {
    git: Arc<Git>,
    git_dir: PathBuf,
    open: Option<Conversation>,
}

struct Conversation {
    child: Child,
    stdin: ChildStdin,
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

impl RefSession {
    pub(crate) const fn new(git: Arc<Git>, git_dir: PathBuf) -> Self {
        Self { git, git_dir, open: None }
    }

    /// Carries out one transaction.
    pub(crate) async fn execute(&mut self, change: &Transaction) -> Result<LocalVerdict, GitError> {
        // Taken out, so that a call that is given up midway leaves no half-read answer behind.
        let mut talk = match self.open.take() {
            Some(talk) => talk,
            None => self.start().await?,
        };
        let whole = async {
            if talk.transact(&script(change)).await {
                return (LocalVerdict::Done, Some(talk));
            }
            match talk.last_words().await {
                words if words.is_empty() => (LocalVerdict::Silent, None),
                words => (LocalVerdict::Refused(words), None),
            }
        };
        let late = (LocalVerdict::Silent, None);
        let verdict;
        (verdict, self.open) =
            tokio::time::timeout(self.git.timeout(), whole).await.unwrap_or(late);
        Ok(verdict)
    }

    async fn start(&self) -> Result<Conversation, GitError> {
        let arguments = ["update-ref", "--no-deref", "-m", "pipeline", "--stdin"];
        let call = Call {
            git_dir: &self.git_dir,
            directory: &self.git_dir,
            settings: Vec::new(),
            arguments: arguments.map(Into::into).into(),
            stdin: Vec::new(),
            beside: &[],
        };
        let mut child = self.git.converse(call).await?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = pipes.ok_or(GitError::Local {
            operation: "talk to update-ref",
            detail: "its pipes are missing".to_owned(),
        })?;
        Ok(Conversation { child, stdin, stdout: BufReader::new(stdout) })
    }
}

impl Conversation {
    /// Whether git said that the transaction is committed.
    async fn transact(&mut self, script: &str) -> bool {
        if self.stdin.write_all(script.as_bytes()).await.is_err() {
            return false;
        }
        let mut line = String::new();
        loop {
            line.clear();
            match self.stdout.read_line(&mut line).await {
                Ok(0) | Err(_) => return false,
                Ok(_) if line.trim_end() == "commit: ok" => return true,
                Ok(_) => {}
            }
        }
    }

    async fn last_words(self) -> String {
        let Self { mut child, stdin, .. } = self;
        drop(stdin);
        let mut words = Vec::new();
        if let Some(mut stderr) = child.stderr.take() {
            let _ = stderr.read_to_end(&mut words).await;
        }
        let _ = child.wait().await;
        let words = redact(&String::from_utf8_lossy(&words));
        words.trim().trim_start_matches("fatal: ").trim_start_matches("prepare: ").to_owned()
    }
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
