//! A repository: where its truth is, and what can be asked of it and changed in it.
//!
//! From the ground up: `transport` runs git, with `credentials` out of sight, `objects` holds objects,
//! `truth` the refs, `fetch` brings what is missing, `commit` carries out transactions, by `swaps` on this machine and by `pushes`
//! elsewhere. [`Repository`] puts them together; `tags`, `record`, `resolve` and `tree` are what it reads.

mod between;
mod board;
mod call;
mod command;
mod commit;
mod config_file;
mod credentials;
mod fault;
mod fetch;
mod footing;
mod hidden;
mod interruption;
mod journal;
mod listing;
mod location;
mod neighbour;
mod nonce;
mod objects;
mod oid;
mod parse;
mod pending;
#[cfg(feature = "testing")]
pub mod printed;
mod published;
mod push;
mod pushes;
mod record;
mod redact;
mod ref_session;
mod resolve;
mod scratch;
mod settings;
mod shares;
mod side_store;
mod sign;
mod swaps;
mod tag_text;
mod tags;
mod transport;
mod tree;
mod truth;
mod verify;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio::sync::OnceCell;

pub use between::NewCommit;
pub use call::{CallEnd, GitCall, Observer};
pub use interruption::Interruption;
use journal::Journal;
pub use resolve::LocalBranch;
pub use settings::{Settings, Sleep};

use self::command::Answer;
use self::commit::Commits;
use self::fetch::{Fetches, Part};
use self::neighbour::Neighbour;
use self::objects::Objects;
use self::sign::Workshop;
use self::tags::Misses;
use self::transport::Transport;
use self::truth::Truth;
use self::verify::Verdicts;
use super::commit_error::CommitError;
use super::error::GitError;
use super::object_id::ObjectId;
use super::snapshot::{RefTarget, Snapshot};
use super::transaction::Transaction;
use crate::RefName;
use crate::deployment::Attempts;

/// A git repository, and the remote that holds its truth where there is one.
///
/// Cheap to clone; clones share one snapshot and one queue of commits. Its async methods need a
/// tokio runtime.
#[derive(Clone)]
pub struct Repository {
    parts: Arc<Parts>,
}

/// What clones share.
struct Parts {
    transport: Arc<Transport>,
    objects: Arc<Objects>,
    truth: Arc<Truth>,
    fetches: Arc<Fetches>,
    commits: Arc<Commits>,
    journal: Journal,
    user: OnceLock<(Option<String>, Option<String>)>,
    tag_misses: Misses,
    /// Where tags are signed, where they are.
    workshop: OnceCell<Option<Workshop>>,
    /// What was found of signatures.
    verdicts: Verdicts,
    /// Whether it is a copy in the cache, which nobody else uses.
    is_cache: bool,
    is_shallow: bool,
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
        scratch::sweep();
        let opened = location::open(location, remote, &settings)?;
        let (git2, is_cache) = (opened.git2, opened.is_cache);
        let is_shallow = git2.is_shallow();
        let into = location::fetched_into(&git2, is_cache);
        let neighbour = opened.remote.as_deref().and_then(|name| Neighbour::of(&git2, name));
        let transport = Arc::new(Transport::new(&git2, opened.remote, &settings));
        let objects = Arc::new(match &neighbour {
            Some(neighbour) => Objects::over(git2).also_reading(&neighbour.object_store())?,
            None => Objects::over(git2),
        });
        let (way, held) = (Arc::clone(&transport), Arc::clone(&objects));
        let truth = Arc::new(Truth::new(way, held, neighbour, settings.ledger_prefix));
        let fetches = Fetches::new(Arc::clone(&transport), Arc::clone(&objects), into);
        let fetches = Arc::new(fetches);
        let (way, seen) = (Arc::clone(&transport), Arc::clone(&truth));
        let commits = Arc::new(Commits::new(way, &objects, seen, &fetches));
        let journal = Journal::new(transport.git_dir(), &settings.configuration, &nonce::nonce());
        let user = OnceLock::new();
        let parts = Parts {
            transport,
            objects,
            truth,
            fetches,
            commits,
            journal,
            user,
            tag_misses: Misses::default(),
            workshop: OnceCell::new(),
            verdicts: Verdicts::default(),
            is_cache,
            is_shallow,
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// The name of the remote that holds the truth; `None`: the repository itself does.
    #[must_use]
    pub fn remote(&self) -> Option<&str> {
        self.parts.transport.remote()
    }

    /// Where the truth is, for people: the remote's URL without credentials, or the path.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.parts.transport.shown()
    }

    /// The repository's own directory on this machine: `.git` of a clone, a bare repository itself.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        self.parts.transport.git_dir()
    }

    /// The folder with the files of the checkout; `None`: there is none.
    #[must_use]
    pub fn work_tree(&self) -> Option<PathBuf> {
        self.parts.objects.with(|git2| git2.workdir().map(Path::to_path_buf))
    }

    /// The prefix of the ledger's refs, without a slash at its end.
    #[must_use]
    pub fn ledger_prefix(&self) -> &str {
        self.parts.truth.ledger_prefix()
    }

    /// The name and e-mail address by which git would commit here, where it knows them. Asked once: by
    /// variables, by files that include others, and by what else git reads.
    #[must_use]
    pub fn user(&self) -> (Option<String>, Option<String>) {
        let ask = || {
            let answer = self.parts.transport.ask(&["var", "GIT_COMMITTER_IDENT"]);
            let line = answer.as_ref().and_then(Answer::line).unwrap_or_default();
            parse::ident(line)
        };
        self.parts.user.get_or_init(ask).clone()
    }

    /// The refs of the truth. Listed once and shared by all who ask; kept up to date by this
    /// process's own commits.
    ///
    /// # Errors
    /// When the remote cannot be listed in three attempts (DEP054).
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, GitError> {
        self.parts.truth.snapshot().await
    }

    /// One ref as it is now, by one listing of that ref alone; `None`: there is none. The snapshot
    /// stays what it was. Not tried again: whoever looks now and then looks later.
    ///
    /// # Errors
    /// When the remote cannot be listed.
    pub async fn peek(&self, name: &RefName) -> Result<Option<RefTarget>, GitError> {
        let listed = self.parts.truth.list_once(&[name.as_str()]).await?;
        Ok(listed.get(name.as_str()))
    }

    /// Forgets the snapshot: the next call of [`Repository::snapshot`] lists again.
    pub fn refresh(&self) {
        self.parts.truth.forget();
    }

    /// Carries out a transaction: all its updates happen, or none. The answer is how many attempts it
    /// took: those of the push that carried it, alone or with others.
    ///
    /// Concurrent calls share one push where they can. A call that is dropped does not stop its
    /// transaction.
    ///
    /// # Errors
    /// See [`CommitError`]; a lost race is [`CommitError::Conflict`].
    pub(crate) async fn commit(&self, change: Transaction) -> Result<Attempts, CommitError> {
        self.parts.commits.commit(change, &Interruption::never()).await
    }

    /// As [`Repository::commit`], unless an interruption comes before anything is on its way.
    ///
    /// # Errors
    /// [`CommitError::Interrupted`] where it does, and then nothing happens.
    pub(crate) async fn commit_unless(
        &self,
        change: Transaction,
        interruption: &Interruption,
    ) -> Result<Attempts, CommitError> {
        self.parts.commits.commit(change, interruption).await
    }

    /// Makes sure that as much of an object is here.
    async fn bring(&self, id: ObjectId, part: Part) -> Result<(), GitError> {
        let Parts { objects, fetches, .. } = &*self.parts;
        if objects.exists(id) {
            return Ok(());
        }
        fetches.fetch_object(id, part).await?;
        if objects.exists(id) { Ok(()) } else { Err(self.missing(id)) }
    }

    fn missing(&self, id: ObjectId) -> GitError {
        GitError::MissingObject { id, shallow: self.parts.is_shallow }
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repository({})", self.shown())
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
