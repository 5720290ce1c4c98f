//! What a caller may set about how git is used.

use std::ffi::OsString;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::call::Observer;
use super::interruption::Interruption;
use crate::base::retry;
use crate::deployment::Attempts;
use crate::git::record::DEFAULT_LEDGER_PREFIX;

/// How a repository is reached. More may be added: take the rest from [`Settings::default`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The prefix of the ledger's refs, without a slash at its end.
    pub ledger_prefix: String,
    /// Where bare copies of repositories given by URL are kept; `None`: the user's cache folder.
    pub cache_dir: Option<PathBuf>,
    /// The `git` program.
    pub program: OsString,
    /// More environment for the `git` program.
    pub environment: Vec<(OsString, OsString)>,
    /// How long one run of `git` may take.
    pub timeout: Duration,
    /// How waiting is done.
    pub sleep: Sleep,
    /// Who is told of each run of `git`.
    pub observer: Observer,
    /// Ends what git is asked for a word at once. Whatever else is given up where its future is dropped.
    pub interruption: Interruption,
    /// What tells this user of the clone from others, such as a configuration's folder: an object that a
    /// killed process wrote is taken up by the same user alone.
    pub configuration: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ledger_prefix: DEFAULT_LEDGER_PREFIX.to_owned(),
            cache_dir: None,
            program: "git".into(),
            environment: Vec::new(),
            timeout: Duration::from_secs(600),
            sleep: Sleep::default(),
            observer: Observer::default(),
            interruption: Interruption::never(),
            configuration: String::new(),
        }
    }
}

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How waiting between attempts is done: really, or as a test wants it.
#[derive(Clone)]
pub struct Sleep(Arc<dyn Fn(Duration) -> Waiting + Send + Sync>);

impl Sleep {
    /// Waits by calling `wait`.
    pub fn by<F, W>(wait: F) -> Self
    where
        F: Fn(Duration) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |time| Box::pin(wait(time))))
    }

    pub(crate) async fn wait(&self, time: Duration) {
        (self.0)(time).await;
    }
}

impl Default for Sleep {
    fn default() -> Self {
        Self::by(tokio::time::sleep)
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sleep")
    }
}

/// How often an operation that fails in transport is tried in all (DEP054).
pub(crate) const ATTEMPTS: u32 = Attempts::MOST as u32;

/// The pause after a failed attempt, counted from 1 (DEP054).
pub(crate) const fn pause(attempt: u32) -> Duration {
    retry::backoff(attempt)
}
