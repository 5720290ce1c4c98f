//! Other processes of this machine: found by the words they were started with, and signalled.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::{Failure, Outcome, command};

/// The processes whose first word is `program`, oldest first; `None` where the machine does not
/// tell (it has no `/proc`).
#[must_use]
pub fn running(program: &Path) -> Option<Vec<u32>> {
    let entries = std::fs::read_dir("/proc").ok()?;
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let word = program.to_string_lossy().into_owned();
    let mut found: Vec<u32> = numbers
        .filter(|id| {
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).next() == Some(word.as_bytes())
        })
        .collect();
    found.sort_unstable();
    Some(found)
}

/// Sends a signal such as `KILL` or `INT` to a process.
///
/// # Errors
/// There is no such process.
pub fn signal(id: u32, name: &str) -> Outcome {
    let mut kill = Command::new("sh");
    kill.args(["-c", &format!("kill -{name} {id}")]);
    command::run(&mut kill)?.success().map(drop)
}

/// Waits until `condition` holds.
///
/// # Errors
/// It did not for 20 seconds.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) -> Outcome {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if condition() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(Failure::new(format!("waited 20 s in vain until {what}")))
}
