//! What programs of other people think of what is around the code: the crates that it takes from others, and the
//! workflows of GitHub. Both need the network the first time; what a machine cannot have is left out by name.

use std::fs;
use std::process::Command;

use pipeline_acceptance::tool::Found;
use pipeline_acceptance::{Outcome, command, go, tool};

use crate::cargo::{aloud, root};
use crate::{crates, screen};

/// What checks the crates of others, and its version.
const DENY: (&str, &str) = ("cargo-deny", "0.20.2");

/// What checks workflows: its package in Go, and its version.
const ACTIONLINT: (&str, &str) = ("github.com/rhysd/actionlint/cmd/actionlint", "1.7.12");

/// Where the workflows are.
const WORKFLOWS: &str = ".github/workflows";

/// What `cargo-deny` says where the list of advisories cannot be fetched.
const NO_ADVISORIES: [&str; 2] =
    ["failed to fetch advisory database", "failed to clone advisory database"];

/// Licences, origins and bans by what is here; then advisories, whose list comes from the network.
pub(crate) fn crates_of_others() -> Outcome {
    let program = match crates::installed(DENY.0, DENY.1)? {
        Found::Ready(program) => program,
        Found::Missing(why) => return left_out(DENY.0, &why),
    };
    let deny = |what: &[&str]| {
        let mut deny = Command::new(&program);
        deny.args(["--all-features", "--locked", "check", "--hide-inclusion-graph"]).args(what);
        deny.current_dir(root());
        deny
    };
    aloud(&mut deny(&["licenses", "bans", "sources"]))?;
    screen::good("licences, bans and sources");
    let said = command::run(&mut deny(&["advisories"]))?;
    match tool::excuse(&said, &NO_ADVISORIES, &[])? {
        Some(why) => left_out("the list of advisories", &why),
        None => {
            screen::good("advisories");
            Ok(())
        }
    }
}

/// The workflows.
pub(crate) fn workflows() -> Outcome {
    let program = match go::installed("actionlint", ACTIONLINT.0, ACTIONLINT.1)? {
        Found::Ready(program) => program,
        Found::Missing(why) => return left_out("actionlint", &why),
    };
    let mut files = fs::read_dir(root().join(WORKFLOWS))?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut lint = Command::new(program);
    lint.arg("-no-color").args(files.iter().map(fs::DirEntry::path)).current_dir(root());
    aloud(&mut lint)?;
    screen::good(&format!("{} workflows", files.len()));
    Ok(())
}

fn left_out(what: &str, why: &str) -> Outcome {
    screen::remark(&format!("skipped {what}: {why}"));
    Ok(())
}
