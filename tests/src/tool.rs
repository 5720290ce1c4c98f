//! Programs of other people that some tests ask for a second opinion, made once under `target/tools`. A machine
//! that cannot have one has a reason, which the test that wants it tells.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::command::Said;
use crate::{Failure, Outcome};

/// Tests of one program ask one after another, so that nothing is made twice.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A program, or why this machine has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// It is there.
    Ready(T),
    /// It cannot be had here, and why.
    Missing(String),
}

impl<T> Found<T> {
    /// The same, of another type.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::Ready(it) => Found::Ready(change(it)),
            Self::Missing(why) => Found::Missing(why),
        }
    }

    /// The same, of another type, where the way to it may fail.
    ///
    /// # Errors
    /// It does.
    pub fn and_then<U>(self, change: impl FnOnce(T) -> Outcome<U>) -> Outcome<Found<U>> {
        Ok(match self {
            Self::Ready(it) => Found::Ready(change(it)?),
            Self::Missing(why) => Found::Missing(why),
        })
    }
}

/// The folder `name` below `target/tools`, filled by `make` where the program is not in it yet.
///
/// # Errors
/// It cannot be made, for a reason that is not of the machine.
pub fn tool(
    name: &str,
    program: &str,
    make: impl FnOnce(&Path) -> Outcome<Found<()>>,
) -> Outcome<Found<PathBuf>> {
    let _turn = ONE_AT_A_TIME.lock();
    let tools = target()?.join("tools");
    let folder = tools.join(name);
    if folder.join(program).is_file() {
        return Ok(Found::Ready(folder));
    }
    fs::create_dir_all(&tools)?;
    let fresh = tempfile::Builder::new().prefix(&format!("{name}.")).tempdir_in(&tools)?;
    if let Found::Missing(why) = make(fresh.path())? {
        return Ok(Found::Missing(why));
    }
    let fresh = fresh.keep();
    match fs::rename(&fresh, &folder) {
        Err(error) if !folder.join(program).is_file() => Err(error.into()),
        // Another process was first, which is as good.
        Err(_) => Ok(fs::remove_dir_all(&fresh).map(|()| Found::Ready(folder))?),
        Ok(()) => Ok(Found::Ready(folder)),
    }
}

/// Why a program could not fetch something, where this machine is the reason; `None` where it could. `machine`
/// is what it says then, `tampered` what it says where it got other bytes than before.
///
/// # Errors
/// Another reason.
pub fn excuse(said: &Said, machine: &[&str], tampered: &[&str]) -> Outcome<Option<String>> {
    if said.code == Some(0) {
        return Ok(None);
    }
    let is_tampered = tampered.iter().any(|it| said.stderr.contains(it));
    let of_the_machine =
        said.stderr.lines().find(|line| machine.iter().any(|it| line.contains(it)));
    match of_the_machine.filter(|_| !is_tampered) {
        Some(line) => Ok(Some(line.trim().to_owned())),
        None => Err(said.failure("should have succeeded")),
    }
}

/// The folder that cargo builds into: this program is below it.
///
/// # Errors
/// This program is somewhere else.
pub fn target() -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    let found = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    found.map(Path::to_owned).ok_or_else(|| Failure::new("this program is in no target directory"))
}

/// A number for what a file holds, so that another text is another folder.
pub(crate) fn hash(file: &Path) -> Outcome<u32> {
    let bytes = fs::read(file)?;
    Ok(bytes
        .iter()
        .fold(0x811c_9dc5, |sum: u32, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)))
}
