//! Where an artifact lies: `s3://{bucket}/{commit}/{path}`.

use std::fmt;
use std::str::FromStr;

use super::Sha256;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// The name of an S3 bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketName(String);

impl BucketName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for BucketName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if is_bucket(text) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a bucket's name: 3 to 63 lower-case letters, digits, hyphens and dots, with a \
                        letter or digit at either end";
        let next = if text.starts_with("s3://") || text.contains('/') {
            "Write the name alone, without `s3://` and without a key."
        } else {
            "Write the name as the S3 console shows it."
        };
        Err(Violation::new(RuleId::OWN021, quoted(text), expected, next).into())
    }
}

text_serde!(BucketName);

fn is_bucket(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let address = text.parse::<core::net::Ipv4Addr>().is_ok();
    (3..=63).contains(&text.len()) && !address && text.split('.').all(label)
}

/// The part of an artifact's key after its commit, such as `api/build.zip`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactPath(String);

/// S3 keys have at most 1,024 bytes; 41 are the commit's and its slash's.
const LONGEST: usize = 1024 - 41;

impl ArtifactPath {
    /// The path of a file where none is given: its name.
    ///
    /// # Errors
    /// ART002 where the file has no name that can be one.
    pub fn of_file(file: &std::path::Path) -> Result<Self, Violations> {
        file.file_name().unwrap_or_default().to_string_lossy().parse()
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ArtifactPath {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let segment = |segment: &str| !matches!(segment, "" | "." | "..");
        let fits = text.len() <= LONGEST && !text.chars().any(char::is_control);
        if fits && text.split('/').all(segment) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a path below the commit: names joined by single slashes, without `.` and `..`, \
                        983 bytes at most";
        let next = "Write a path such as `build.zip` or `api/build.zip`.";
        Err(Violation::new(RuleId::ART002, quoted(text), expected, next).into())
    }
}

text_serde!(ArtifactPath);

/// The place of an artifact; it prints as its S3 URI.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactPlace {
    bucket: BucketName,
    commit: CommitSha,
    path: ArtifactPath,
}

impl ArtifactPlace {
    /// The place of a path under a commit in a bucket.
    #[must_use]
    pub const fn new(bucket: BucketName, commit: CommitSha, path: ArtifactPath) -> Self {
        Self { bucket, commit, path }
    }

    /// The bucket.
    #[must_use]
    pub const fn bucket(&self) -> &BucketName {
        &self.bucket
    }

    /// The commit that the artifact was built from.
    #[must_use]
    pub const fn commit(&self) -> CommitSha {
        self.commit
    }

    /// The path under the commit.
    #[must_use]
    pub const fn path(&self) -> &ArtifactPath {
        &self.path
    }

    /// The key of the object.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.commit, self.path)
    }

    /// A short name that no other place has and that any ref can have as a part.
    #[must_use]
    pub fn id(&self) -> String {
        Sha256::of(self.to_string().as_bytes()).to_string().chars().take(40).collect()
    }

    /// Reads a key of this bucket.
    ///
    /// # Errors
    /// ART001 and ART002 for a key that is not a commit, a slash and a path.
    pub fn of_key(bucket: BucketName, key: &str) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let (commit, path) = key.split_once('/').unwrap_or((key, ""));
        let commit = commit.parse::<CommitSha>().map_err(|bad| bad.as_rule(RuleId::ART001));
        let commit = findings.take(crate::FieldPath::root(), commit);
        let path = findings.take(crate::FieldPath::root(), path.parse::<ArtifactPath>());
        match (commit, path) {
            (Some(commit), Some(path)) => findings.finish(Self { bucket, commit, path }),
            _ => Err(findings.fail()),
        }
    }
}

impl fmt::Display for ArtifactPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}/{}", self.bucket, self.commit, self.path)
    }
}

impl FromStr for ArtifactPlace {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let Some((bucket, key)) = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/'))
        else {
            let expected = "an S3 URI: `s3://`, the bucket, the full commit and a path";
            let next = "Write `s3://<bucket>/<commit>/<path>`.";
            return Err(Violation::new(RuleId::ART002, quoted(text), expected, next).into());
        };
        Self::of_key(bucket.parse()?, key)
    }
}

text_serde!(ArtifactPlace);
