//! What plain git needs for the same tags: one push.

use std::fmt::Write as _;
use std::time::Duration;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::sandbox::Sandbox;

use super::timed;

/// Makes `count` annotated tags and times the one push that publishes them.
pub(crate) fn push(count: usize) -> Outcome<Duration> {
    let sandbox = Sandbox::temporary()?;
    let repository = Repository::product(&sandbox.environment, "product")?;
    repository.publish("remote.git")?;
    let head = repository.head()?;
    let mut stream = String::new();
    for number in 0..count {
        // Writing to a string cannot fail.
        let _ = write!(
            stream,
            "tag p{}/v1.{number}.0\nfrom {head}\ntagger Ada Example <ada@example.com> 1767225600 +0000\n\
             data 7\nrelease\n",
            number % 40
        );
    }
    repository.git_with_input(&["fast-import", "--quiet"], &stream)?;
    timed(|| repository.git(&["push", "--quiet", "--tags", "origin"]).map(drop))
}
