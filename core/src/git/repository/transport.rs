//! The way to the remote: runs the system's `git` in one repository.
//!
//! It knows the remote and how to run git, and nothing of refs, objects or transactions.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::command::{Answer, Call, Git};
use super::config_file;
use super::credentials::Credentials;
use super::location::is_url;
use super::redact::redact;
use super::settings::{Settings, Sleep, pause};
use crate::git::error::GitError;
use crate::git::obstacle::Obstacle;

/// Settings that may have to be asked for.
type Asked<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, GitError>> + Send + 'a>>;

/// A repository on this machine, and its remote.
pub(crate) struct Transport {
    git: Arc<Git>,
    git_dir: PathBuf,
    directory: PathBuf,
    remote: Option<String>,
    shown: String,
    sleep: Sleep,
    /// Whether the remote is a folder of this machine, as far as the library knows.
    is_path: bool,
    /// Those that stand in the remote's URL.
    credentials: OnceCell<Option<Credentials>>,
}

impl Transport {
    pub(crate) fn new(
        git2: &git2::Repository,
        remote: Option<String>,
        settings: &Settings,
    ) -> Self {
        Self {
            git: Arc::new(program(git2, settings)),
            git_dir: git2.path().to_owned(),
            directory: git2.workdir().unwrap_or_else(|| git2.path()).to_owned(),
            shown: shown(git2, remote.as_deref()),
            is_path: !urls(git2).iter().any(|url| is_url(url) && !url.starts_with("file://")),
            remote,
            sleep: settings.sleep.clone(),
            credentials: OnceCell::new(),
        }
    }

    /// The name of the remote, where there is one.
    pub(crate) fn remote(&self) -> Option<&str> {
        self.remote.as_deref()
    }

    /// Where the truth is, for people.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The program.
    pub(crate) const fn git(&self) -> &Arc<Git> {
        &self.git
    }

    /// How waiting is done.
    pub(crate) const fn sleep(&self) -> &Sleep {
        &self.sleep
    }

    /// Waits as long as DEP054 wants after a failed attempt.
    pub(crate) async fn pause_after(&self, attempt: u32) {
        self.sleep.wait(pause(attempt)).await;
    }

    /// Runs git in this repository, which reads other object stores beside its own.
    pub(crate) async fn call(
        &self,
        arguments: Vec<OsString>,
        stdin: Vec<u8>,
        beside: &[PathBuf],
    ) -> Result<Answer, GitError> {
        self.call_in(&self.git_dir, arguments, stdin, beside).await
    }

    /// Runs git in this repository with more settings, each `key=value`.
    pub(crate) async fn call_with(
        &self,
        settings: &[&str],
        arguments: Vec<OsString>,
        beside: &[PathBuf],
    ) -> Result<Answer, GitError> {
        let mut all = self.remote_settings(&arguments).await?;
        all.extend(settings.iter().copied().map(str::to_owned));
        let (git_dir, directory) = (self.git_dir.as_path(), self.directory.as_path());
        let (stdin, variables) = (Vec::new(), Vec::new());
        let call = Call { git_dir, directory, settings: all, arguments, stdin, variables, beside };
        self.git.run(call).await
    }

    /// Runs git in another repository with more settings, each `key=value`.
    pub(crate) async fn call_there_with(
        &self,
        git_dir: &Path,
        settings: Vec<String>,
        arguments: Vec<OsString>,
    ) -> Result<Answer, GitError> {
        let (directory, stdin, variables) = (self.directory.as_path(), Vec::new(), Vec::new());
        let call = Call { git_dir, directory, settings, arguments, stdin, variables, beside: &[] };
        self.git.run(call).await
    }

    /// Asks git for a word about this repository.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Option<Answer> {
        ask_in(&self.git, &self.git_dir, &self.directory, arguments)
    }

    /// Runs git in another repository that reaches the same remote.
    // No `async fn`: one more future in each other would be more than the compiler follows.
    pub(crate) fn call_in(
        &self,
        git_dir: &Path,
        arguments: Vec<OsString>,
        stdin: Vec<u8>,
        beside: &[PathBuf],
    ) -> impl Future<Output = Result<Answer, GitError>> + Send {
        self.call_as(Vec::new(), git_dir, arguments, stdin, beside)
    }

    /// Runs git in another repository with more variables.
    pub(crate) async fn call_as(
        &self,
        variables: Vec<(OsString, OsString)>,
        git_dir: &Path,
        arguments: Vec<OsString>,
        stdin: Vec<u8>,
        beside: &[PathBuf],
    ) -> Result<Answer, GitError> {
        let call = Call {
            git_dir,
            directory: &self.directory,
            settings: self.remote_settings(&arguments).await?,
            arguments,
            stdin,
            variables,
            beside,
        };
        self.git.run(call).await
    }

    /// A remote that mirrors takes no refspecs until it is told not to. What stands in its URL and is nobody's
    /// business goes another way.
    // A box, because one more future in each other would be more than the compiler follows.
    fn remote_settings(&self, arguments: &[OsString]) -> Asked<'_> {
        let pushes = arguments.first().is_some_and(|command| command == "push");
        Box::pin(async move {
            let Some(remote) = self.remote.as_deref() else { return Ok(Vec::new()) };
            let named = (!remote.contains('=')).then(|| format!("remote.{remote}.mirror=false"));
            let find = || self.find_credentials(remote);
            let credentials = self.credentials.get_or_try_init(find).await?;
            let own = credentials.as_ref().map(|credentials| credentials.setting(pushes));
            Ok(named.into_iter().chain(own).collect())
        })
    }

    /// Git itself is asked for its settings: variables and files that a library does not read may rewrite URLs.
    async fn find_credentials(&self, remote: &str) -> Result<Option<Credentials>, GitError> {
        if self.is_path {
            return Ok(None);
        }
        let call = Call {
            git_dir: &self.git_dir,
            directory: &self.directory,
            settings: Vec::new(),
            arguments: ["config", "--list", "--null"].map(Into::into).into(),
            stdin: Vec::new(),
            variables: Vec::new(),
            beside: &[],
        };
        let listed = self.git.run(call).await?;
        Credentials::of(&config_file::entries(&listed), remote)
    }

    /// The error of an operation that did not reach the remote.
    pub(crate) fn failure(
        &self,
        operation: &'static str,
        attempts: u32,
        detail: String,
    ) -> GitError {
        let obstacle = Obstacle::read(&detail);
        GitError::Transport { operation, remote: self.shown.clone(), obstacle, attempts, detail }
    }
}

fn program(git2: &git2::Repository, settings: &Settings) -> Git {
    let git = Git::new(settings).hiding(urls(git2));
    if git.has_ssh_command() || is_ssh_configured(&git, git2) {
        git
    } else {
        git.without_ssh_prompts()
    }
}

/// Whether settings say how ssh is run. Git is asked where the library finds none and a remote needs ssh.
fn is_ssh_configured(git: &Git, git2: &git2::Repository) -> bool {
    let by_file = git2.config().is_ok_and(|config| config.get_entry("core.sshcommand").is_ok());
    by_file || {
        let is_ssh = |url: &String| match url.split_once("://") {
            Some((scheme, _)) => scheme.contains("ssh"),
            None => is_url(url),
        };
        let needs_ssh = urls(git2).iter().any(is_ssh);
        let folder = git2.workdir().unwrap_or_else(|| git2.path());
        let asked = ["config", "--get", "core.sshCommand"];
        needs_ssh && ask_in(git, git2.path(), folder, &asked).is_some_and(|it| it.success())
    }
}

fn ask_in(git: &Git, git_dir: &Path, folder: &Path, arguments: &[&str]) -> Option<Answer> {
    let git_dir = git_dir.to_str()?;
    git.ask(folder, &[&["--git-dir", git_dir], arguments].concat())
}

/// The URLs of all remotes.
fn urls(git2: &git2::Repository) -> Vec<String> {
    let names = git2.remotes().ok();
    let names = names.iter().flatten().flatten().flatten();
    let mut urls = Vec::new();
    for remote in names.filter_map(|name| git2.find_remote(name).ok()) {
        urls.extend(remote.url().ok().map(str::to_owned));
        urls.extend(remote.pushurl().ok().flatten().map(str::to_owned));
    }
    urls
}

fn shown(git2: &git2::Repository, remote: Option<&str>) -> String {
    let url = remote.and_then(|name| Some(git2.find_remote(name).ok()?.url().ok()?.to_owned()));
    match url {
        Some(url) => redact(&url),
        None => git2.workdir().unwrap_or_else(|| git2.path()).display().to_string(),
    }
}
