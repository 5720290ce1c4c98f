//! Whether the domain can be had without its adapters: `pipeline-core` with fewer features.

use pipeline_acceptance::{Failure, Outcome, command};

use crate::cargo::{aloud, cargo};

const PACKAGE: [&str; 3] = ["--package", "pipeline-core", "--no-default-features"];

/// Each feature by itself, and none.
const FEATURES: [&str; 3] = ["", "git", "http"];

/// What nobody gets who wants versions alone.
const ADAPTERS: [&str; 5] = ["git2", "libgit2-sys", "reqwest", "rustls", "ring"];

/// Compiles each choice of features without a warning, and looks at what the smallest one brings.
pub(crate) fn run() -> Outcome {
    for features in FEATURES {
        let mut clippy = cargo();
        clippy.args(["clippy", "--quiet"]).args(PACKAGE).args(["--features", features]);
        aloud(clippy.args(["--", "-D", "warnings"]))?;
    }
    let mut tree = cargo();
    tree.arg("tree").args(PACKAGE).args(["--edges", "normal", "--prefix", "none"]);
    let listed = command::run(&mut tree)?.success()?.stdout;
    let brought = adapters(&listed);
    if brought.is_empty() {
        return Ok(());
    }
    let brought = brought.join(", ");
    Err(Failure::new(format!(
        "pipeline-core without features brings {brought}; make it optional in core/Cargo.toml"
    )))
}

/// The adapters in a list of packages, one a line: `name version …`.
fn adapters(packages: &str) -> Vec<&str> {
    let names = packages.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| ADAPTERS.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::adapters;

    #[test]
    fn finds_what_is_too_heavy() {
        assert_eq!(adapters("pipeline-core v0.1.0\nring v0.17.14\nserde v1.0.0\n"), ["ring"]);
    }
}
