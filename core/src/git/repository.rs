//! A repository: where its truth is, its snapshot, and its objects.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};

use super::command::{Answer, Call, Git};
use super::commit::{Driver, Queue};
use super::error::{GitError, Shared};
use super::fetch::FetchQueue;
use super::flight::{Board, Turn};
use super::neighbour::Neighbour;
use super::objects::Objects;
use super::settings::{ATTEMPTS, Settings, pause};
use super::snapshot::{RefTarget, Snapshot};
use super::{location, parse, redact::redact};
use crate::RefName;

/// A git repository, and the remote that holds its truth where there is one.
///
/// Cheap to clone; clones share one snapshot and one queue of commits. Its async methods need a
/// tokio runtime.
#[derive(Clone)]
pub struct Repository {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) git: Arc<Git>,
    pub(crate) settings: Settings,
    pub(crate) git_dir: PathBuf,
    pub(crate) directory: PathBuf,
    pub(crate) remote: Option<String>,
    pub(crate) shown: String,
    pub(crate) is_cache: bool,
    pub(crate) is_shallow: bool,
    pub(crate) objects: Objects,
    pub(crate) neighbour: Option<Neighbour>,
    pub(crate) board: Board,
    pub(crate) commits: Queue,
    pub(crate) driver: tokio::sync::Mutex<Driver>,
    pub(crate) fetches: FetchQueue,
    pub(crate) lacks_atomic: AtomicBool,
    pub(crate) swaps: AtomicU32,
}

impl Repository {
    /// Opens a repository.
    ///
    /// `location`: a path in a clone or of a bare repository, or a URL; `None`: the repository
    /// around the working directory. `remote`: a remote's name; `None`: `origin` where there is
    /// one, else the repository is its own truth; empty: the repository is its own truth. Nothing
    /// is fetched here.
    ///
    /// # Errors
    /// When there is none, it is not trusted, its format is not supported, or it has no such remote.
    pub fn open(
        location: Option<&str>,
        remote: Option<&str>,
        settings: Settings,
    ) -> Result<Self, GitError> {
        check_prefix(&settings.ledger_prefix)?;
        let opened = location::open(location, remote, &settings)?;
        let git2 = opened.git2;
        let neighbour = opened.remote.as_deref().and_then(|name| Neighbour::of(&git2, name));
        let inner = Inner {
            git: Arc::new(program(&git2, &settings)),
            git_dir: git2.path().to_owned(),
            directory: git2.workdir().unwrap_or_else(|| git2.path()).to_owned(),
            shown: shown(&git2, opened.remote.as_deref()),
            remote: opened.remote,
            is_cache: opened.is_cache,
            is_shallow: git2.is_shallow(),
            objects: match &neighbour {
                Some(neighbour) => Objects::over(git2).also_reading(&neighbour.object_store())?,
                None => Objects::over(git2),
            },
            neighbour,
            board: Board::new(),
            commits: Queue::default(),
            driver: tokio::sync::Mutex::default(),
            fetches: FetchQueue::default(),
            lacks_atomic: AtomicBool::new(false),
            swaps: AtomicU32::new(0),
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The name of the remote that holds the truth; `None`: the repository itself does.
    #[must_use]
    pub fn remote(&self) -> Option<&str> {
        self.inner.remote.as_deref()
    }

    /// Where the truth is, for people: the remote's URL without credentials, or the path.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.inner.shown
    }

    /// The repository's own directory on this machine: `.git` of a clone, a bare repository itself.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.inner.git_dir
    }

    /// The prefix of the ledger's refs, without a slash at its end.
    #[must_use]
    pub fn ledger_prefix(&self) -> &str {
        &self.inner.settings.ledger_prefix
    }

    /// The name and e-mail address that git is configured with, where it is.
    #[must_use]
    pub fn user(&self) -> (Option<String>, Option<String>) {
        self.inner.objects.with(|git2| {
            let config = git2.config().and_then(|mut config| config.snapshot());
            let read = |key: &str| {
                let value = config.as_ref().ok()?.get_string(key).ok()?;
                Some(value.trim().to_owned()).filter(|value| !value.is_empty())
            };
            (read("user.name"), read("user.email"))
        })
    }

    /// The refs of the truth. Listed once and shared by all who ask; kept up to date by this
    /// process's own commits.
    ///
    /// # Errors
    /// When the remote cannot be listed in three attempts (DEP054).
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, GitError> {
        let mut landing = match self.inner.board.turn() {
            Turn::Take(shared) => return shared,
            Turn::Wait(landing) => landing,
            Turn::Fly { flight, tell, landing } => {
                let inner = Arc::clone(&self.inner);
                tokio::spawn(async move {
                    let result = inner.list().await;
                    let shared = inner.board.land(flight, result);
                    tell.send_replace(Some(shared));
                });
                landing
            }
        };
        let landed = landing.wait_for(Option::is_some).await;
        landed.ok().and_then(|shared| shared.clone()).unwrap_or_else(|| Err(given_up()))
    }

    /// One ref as it is now, by one listing of that ref alone; `None`: there is none. The snapshot
    /// stays what it was. Not tried again: whoever looks now and then looks later.
    ///
    /// # Errors
    /// When the remote cannot be listed.
    pub async fn peek(&self, name: &RefName) -> Result<Option<RefTarget>, GitError> {
        let listed = self.inner.list_once(&[name.as_str()]).await?;
        Ok(listed.get(name.as_str()))
    }

    /// Forgets the snapshot: the next call of [`Repository::snapshot`] lists again.
    pub fn refresh(&self) {
        self.inner.board.forget();
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repository({})", self.inner.shown)
    }
}

fn given_up() -> GitError {
    GitError::Local { operation: "list the refs", detail: "the listing was given up".to_owned() }
}

impl Inner {
    /// Lists the refs of the truth, with the retries of DEP054.
    async fn list(&self) -> Result<Snapshot, GitError> {
        let mut attempt = 1;
        loop {
            match self.list_once(&[]).await {
                Err(GitError::Transport { operation, remote, detail, .. }) => {
                    if attempt == ATTEMPTS || parse::is_permanent(&detail) {
                        let attempts = attempt;
                        return Err(GitError::Transport { operation, remote, attempts, detail });
                    }
                    self.settings.sleep.wait(pause(attempt)).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    /// Lists the refs of the truth, once: all, or those that patterns name.
    pub(crate) async fn list_once(&self, patterns: &[&str]) -> Result<Snapshot, GitError> {
        let ledger = &self.settings.ledger_prefix;
        let Some(remote) = &self.remote else {
            return self.objects.with(|git2| super::listing::list(git2, ledger));
        };
        if let Some(neighbour) = self.plain_neighbour() {
            return neighbour.list(ledger);
        }
        // Git never turns a pattern into a ref prefix of protocol 2 (only `--heads` and `--tags`
        // become prefixes, and these would leave the ledger out): it filters on this side.
        let mut arguments = vec!["ls-remote", "--quiet", "--", remote];
        arguments.extend(patterns);
        let arguments = arguments.into_iter().map(Into::into).collect();
        let answer = self.call_beside(arguments, Vec::new(), &[]).await?;
        if answer.success {
            return Ok(parse::ls_remote(&answer.stdout, ledger));
        }
        let detail = answer.detail();
        Err(self.transport("list the refs", 1, detail))
    }

    /// Lists anew and puts the result in place for everybody.
    pub(crate) async fn relist(&self) -> Shared<Snapshot> {
        let snapshot = Arc::new(self.list_once(&[]).await?);
        self.board.replace(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// The remote on this machine, if changing it directly has the effect of a push.
    pub(crate) fn plain_neighbour(&self) -> Option<&Neighbour> {
        self.neighbour.as_ref().filter(|neighbour| neighbour.is_plain())
    }

    /// Runs git in this repository.
    pub(crate) async fn call<const N: usize>(
        &self,
        arguments: [&str; N],
        stdin: Vec<u8>,
    ) -> Result<Answer, GitError> {
        self.call_beside(arguments.map(Into::into).into(), stdin, &[]).await
    }

    /// Runs git in this repository, which reads other object stores beside its own.
    pub(crate) async fn call_beside(
        &self,
        arguments: Vec<OsString>,
        stdin: Vec<u8>,
        beside: &[PathBuf],
    ) -> Result<Answer, GitError> {
        let call = Call {
            git_dir: &self.git_dir,
            directory: &self.directory,
            settings: self.remote_settings(),
            arguments,
            stdin,
            beside,
        };
        self.git.run(call).await
    }

    /// A remote that mirrors takes no refspecs until it is told not to.
    fn remote_settings(&self) -> Vec<String> {
        let named = self.remote.iter().filter(|name| !name.contains('='));
        named.map(|name| format!("remote.{name}.mirror=false")).collect()
    }

    pub(crate) fn transport(
        &self,
        operation: &'static str,
        attempts: u32,
        detail: String,
    ) -> GitError {
        GitError::Transport { operation, remote: self.shown.clone(), attempts, detail }
    }
}

fn program(git2: &git2::Repository, settings: &Settings) -> Git {
    let git = Git::new(settings.program.clone(), settings.environment.clone(), settings.timeout);
    let configured = git2.config().is_ok_and(|config| config.get_entry("core.sshcommand").is_ok());
    if configured || git.has_ssh_command() { git } else { git.without_ssh_prompts() }
}

fn shown(git2: &git2::Repository, remote: Option<&str>) -> String {
    let url = remote.and_then(|name| Some(git2.find_remote(name).ok()?.url().ok()?.to_owned()));
    match url {
        Some(url) => redact(&url),
        None => git2.workdir().unwrap_or_else(|| git2.path()).display().to_string(),
    }
}

fn check_prefix(prefix: &str) -> Result<(), GitError> {
    let invalid = |reason| GitError::InvalidArgument {
        what: "the prefix of the ledger's refs",
        value: prefix.to_owned(),
        reason,
    };
    if !prefix.starts_with("refs/") || !git2::Reference::is_valid_name(&format!("{prefix}/x")) {
        return Err(invalid("expected the start of a ref name, such as refs/ledger"));
    }
    let taken = ["refs/heads", "refs/tags", "refs/remotes"];
    if taken.iter().any(|own| prefix == *own || prefix.starts_with(&format!("{own}/"))) {
        return Err(invalid("branches and tags of people stand there"));
    }
    Ok(())
}
