//! A local AWS: ministack, a real server on this machine that answers for ECS, S3, STS and
//! CloudFormation, with rollouts that complete at once.
//!
//! One process serves all tests of a test program and ends with it, however that ends. Tests do not
//! meet because each has an [`Account`] of its own. Faults are not its business: see the scripted parts.

mod account;
mod http;

use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{FOR_EVER, in_vain};
use crate::{Failure, Outcome, command};

pub use account::{Account, Service};
pub use http::Answer;

/// The environment variable that names the program that starts it.
pub const VARIABLE: &str = "PIPELINE_LOCAL_AWS";

/// The environment variable that names the folder in which it records the requests of the product, one
/// file for each process and one line of JSON for each request.
pub const RECORD: &str = "PIPELINE_AWS_RECORD";

/// The folder under `target/tools` that the chores install it in: the version of ministack, and of the
/// script that starts it.
pub const FOLDER: &str = "ministack-1.5.33.1";

/// The program in that folder.
pub const PROGRAM: &str = "local-aws";

/// A running local AWS. It ends when this value is dropped, or with this process.
#[derive(Debug)]
pub struct LocalAws {
    endpoint: String,
    accounts: AtomicU32,
    process: Child,
}

impl LocalAws {
    /// Starts one.
    ///
    /// # Errors
    /// It is not installed and cannot be, or it does not start; what it said is shown.
    pub fn start() -> Outcome<Self> {
        let program = program()?;
        let mut log = tempfile::tempfile()?;
        let mut start = Command::new(&program);
        // Standard input is the leash: the program ends when this end of the pipe is gone.
        start.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log.try_clone()?);
        start.env_remove("GATEWAY_PORT");
        let mut process = start.spawn().map_err(|error| {
            Failure::new(format!("cannot start {}: {error}", program.display()))
        })?;
        match port(&mut process) {
            Some(port) => Ok(Self {
                endpoint: format!("http://127.0.0.1:{port}"),
                accounts: AtomicU32::new(0),
                process,
            }),
            None => {
                // It may have ended by itself; the reason is in the log either way.
                drop(process.kill());
                drop(process.wait());
                let mut said = String::new();
                log.rewind()?;
                log.read_to_string(&mut said)?;
                Err(Failure::new(format!("{} does not start:\n{said}", program.display())))
            }
        }
    }

    /// The one that all tests of this process share, started when it is first asked for.
    ///
    /// # Errors
    /// As [`LocalAws::start`]; the same for everyone who asks.
    pub fn shared() -> Outcome<&'static Self> {
        static SHARED: OnceLock<Result<LocalAws, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::start().map_err(|failure| failure.to_string()));
        shared.as_ref().map_err(|why| Failure::new(format!("there is no local AWS: {why}")))
    }

    /// An account of the shared local AWS in which nothing is yet.
    ///
    /// # Errors
    /// As [`LocalAws::shared`].
    pub fn fresh_account() -> Outcome<Account> {
        Ok(Self::shared()?.account())
    }

    /// Where every service answers, such as `http://127.0.0.1:4566`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The account of whoever shows a key that names none, such as that of tests of the SDK. All of them share it.
    #[must_use]
    pub fn nobodys_account(&self) -> Account {
        Account::new(&self.endpoint, "test".to_owned())
    }

    /// An account in which nothing is yet.
    #[must_use]
    pub fn account(&self) -> Account {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        Account::new(&self.endpoint, format!("{:012}", 100_000_000_001_u64 + u64::from(number)))
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to end.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The port that the program prints as its first line. A reader of its own waits for it, so that a
/// program that says nothing stops nobody.
fn port(process: &mut Child) -> Option<u16> {
    let output = process.stdout.take()?;
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(output);
        let mut first = String::new();
        if lines.read_line(&mut first).is_ok() {
            // Nobody listens any more where it took too long.
            drop(sender.send(first));
        }
        // Whatever it prints later has to go somewhere.
        drop(std::io::copy(&mut lines, &mut std::io::sink()));
    });
    receiver.recv_timeout(FOR_EVER).ok()?.trim().parse().ok()
}

/// The program that `PIPELINE_LOCAL_AWS` names, else the one that the chores installed, else one that
/// they install now.
fn program() -> Outcome<PathBuf> {
    if let Some(program) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return Ok(program.into());
    }
    let test = std::env::current_exe()?;
    let installed = |folder: &Path| folder.join("tools").join(FOLDER).join(PROGRAM);
    let found = test.ancestors().map(installed).find(|program| program.is_file());
    found.map_or_else(install, Ok)
}

fn install() -> Outcome<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut chore = Command::new(cargo);
    chore.args(["run", "--quiet", "--package", "xtask", "--", "local-aws"]);
    let said = command::run(&mut chore)?.success()?;
    Ok(PathBuf::from(said.stdout.trim()))
}

/// Waits until `look` finds something, looking often.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    let start = Instant::now();
    while start.elapsed() < FOR_EVER {
        if let Some(found) = look()? {
            return Ok(found);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(in_vain(what))
}

#[cfg(test)]
mod tests;
