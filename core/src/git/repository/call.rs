//! What an observer is told of each run of the `git` program: enough for a log, and no credential.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One run of the `git` program, or one transaction of a run that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitCall {
    /// The subcommand and what follows it. Credentials in URLs are replaced by `***`.
    pub arguments: Vec<String>,
    /// How it ended.
    pub end: CallEnd,
    /// How long it took.
    pub took: Duration,
    /// Bytes that git was given on its standard input.
    pub bytes_sent: usize,
    /// Bytes that git wrote to its standard output.
    pub bytes_received: usize,
    /// Where it failed: the last lines of what git said, without credentials.
    pub detail: Option<String>,
}

/// How a run of the `git` program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallEnd {
    /// It exited, with this code.
    Exited(i32),
    /// A signal ended it.
    Killed,
    /// It gave no answer in time.
    TimedOut,
    /// It said more than is read.
    TooMuch,
    /// It did what was asked and waits for more.
    Waiting,
}

impl fmt::Display for CallEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit {code}"),
            Self::Killed => f.write_str("killed"),
            Self::TimedOut => f.write_str("timed out"),
            Self::TooMuch => f.write_str("said too much"),
            Self::Waiting => f.write_str("waiting"),
        }
    }
}

type Observe = dyn Fn(&GitCall) + Send + Sync;

/// Who is told of each run of `git`: nobody, unless somebody asks.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Observe>>);

impl Observer {
    /// Tells `observe`, which must be quick: git's answer waits for it.
    pub fn by(observe: impl Fn(&GitCall) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observe)))
    }

    /// Tells of the call that `describe` makes, if anybody listens.
    pub(crate) fn tell(&self, describe: impl FnOnce() -> GitCall) {
        if let Some(observe) = &self.0 {
            observe(&describe());
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Observer" } else { "Observer(nobody)" })
    }
}
