//! Programs of other people in Rust, which cargo builds once under `target/tools`, pinned by version. They are
//! built without optimization, because they run rarely and are large.

use std::path::PathBuf;

use pipeline_acceptance::tool::{self, Found};
use pipeline_acceptance::{Outcome, command};

use crate::cargo::cargo;
use crate::screen;

/// What cargo says where a machine, and no source text, is the reason.
const OF_THE_MACHINE: [&str; 5] = [
    "spurious network error",
    "failed to download",
    "Could not resolve host",
    "Couldn't connect to server",
    "failed to query replaced source registry",
];

/// What it says of other bytes than before.
const TAMPERED: [&str; 1] = ["failed to verify the checksum"];

/// The program `name` at `version`, with the versions of its own lock file.
pub(crate) fn installed(name: &str, version: &str) -> Outcome<Found<PathBuf>> {
    let program = format!("bin/{name}");
    let found = tool::tool(&format!("{name}-{version}"), &program, |fresh| {
        screen::remark(&format!("building {name} {version} (minutes, once)"));
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", "--debug", name, "--version", version]);
        install.arg("--root").arg(fresh).env("CARGO_PROFILE_DEV_DEBUG", "0");
        let why = tool::excuse(&command::run(&mut install)?, &OF_THE_MACHINE, &TAMPERED)?;
        Ok(why.map_or(Found::Ready(()), |why| {
            Found::Missing(format!("cargo cannot fetch it: {why}"))
        }))
    })?;
    Ok(found.map(|folder| folder.join(program)))
}
