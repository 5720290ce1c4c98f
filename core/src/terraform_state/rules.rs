//! What a state should be like where it lies.

use super::{Location, Locking};
use crate::artifact::{BucketName, Sha256};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};

/// TFS005: the bytes that were read are not those that were expected.
#[must_use]
pub fn check_hash(expected: &Sha256, found: &Sha256) -> Option<Violation> {
    (expected != found).then(|| {
        Violation::new(
            RuleId::TFS005,
            format!("a state with the SHA-256 `{found}`"),
            format!("the SHA-256 `{expected}`"),
            "Look at the state, which somebody wrote since; then write the new hash, or leave it out.",
        )
        .under("state_file_hash")
    })
}

/// TFS006: the bucket of a state keeps no old versions.
#[must_use]
pub fn check_versioning(bucket: &BucketName, versioned: bool) -> Option<Violation> {
    (!versioned).then(|| {
        Violation::new(
            RuleId::TFS006,
            format!("bucket `{bucket}` without versioning"),
            "a bucket that keeps the versions of a state",
            format!("Enable versioning of `{bucket}`, so that a damaged state can be restored."),
        )
        .under("backend_config")
    })
}

/// TFS007: two who write a state in S3 do not wait for each other.
#[must_use]
pub fn check_locking(location: &Location) -> Option<Violation> {
    let Location::S3 { locking: None::<Locking>, .. } = location else { return None };
    Some(
        Violation::new(
            RuleId::TFS007,
            format!("{} without a lock", quoted(&location.uri())),
            "`use_lockfile = true`, or a `dynamodb_table`",
            "Set `use_lockfile = true` in the backend of the configuration that writes the state, and here.",
        )
        .under("backend_config"),
    )
}
