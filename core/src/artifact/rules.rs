//! What may become of artifacts: that S3 holds the bytes that were meant (ART003), that an artifact of
//! a commit never changes (OWN020), and what its bucket should be like (ART004).

use super::{ArtifactPlace, BucketName, Sha256};
use crate::base::rule::RuleId;
use crate::base::violation::Violation;

/// Some bytes, as far as a comparison needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Their SHA-256.
    pub checksum: Sha256,
    /// Their number.
    pub size_bytes: u64,
}

/// ART003: the file that is to be uploaded is the one that was asked for.
#[must_use]
pub fn check_file(path: &str, found: Sha256, wanted: Sha256) -> Option<Violation> {
    (found != wanted).then(|| {
        Violation::new(
            RuleId::ART003,
            format!("the file `{path}` with SHA-256 `{found}`"),
            format!("`{wanted}`, as `source_hash` says"),
            "Build the file that was meant, or correct `source_hash`.",
        )
        .under("source_hash")
    })
}

/// ART003: the store holds the bytes that were meant.
#[must_use]
pub fn check_held(
    place: &ArtifactPlace,
    meant: Content,
    held: Option<Content>,
) -> Option<Violation> {
    (held != Some(meant)).then(|| {
        let found = match held {
            Some(Content { checksum, size_bytes }) => {
                format!("{size_bytes} bytes with SHA-256 `{checksum}` in `{place}`")
            }
            None => format!("nothing in `{place}`"),
        };
        Violation::new(
            RuleId::ART003,
            found,
            format!("{} bytes with SHA-256 `{}`", meant.size_bytes, meant.checksum),
            "Look at who else writes to this key; nothing of this artifact was recorded.",
        )
        .under("checksum")
    })
}

/// Where bytes that differ from those of the artifact were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere<'a> {
    /// In the file that was to be uploaded.
    File {
        /// Its path.
        path: &'a str,
    },
    /// In the object that lies at the artifact's place.
    Object,
    /// In the ledger, which has an artifact at this place.
    Record,
}

/// OWN020: `known` are the bytes of the artifact of this place, `found` others.
#[must_use]
pub fn check_unchanged(
    place: &ArtifactPlace,
    known: Sha256,
    found: Sha256,
    at: Elsewhere<'_>,
) -> Option<Violation> {
    let (what, next) = match at {
        Elsewhere::File { path } => (
            format!("the file `{path}` with SHA-256 `{found}`"),
            "Upload it under its own commit (`ref`), or under another `path`.",
        ),
        Elsewhere::Object => (
            format!("an object at `{place}` with SHA-256 `{found}`"),
            "Find out who wrote it. Use another `path`, or remove that object or that version of it \
             from the bucket.",
        ),
        Elsewhere::Record => (
            format!("a record of `{place}` with SHA-256 `{found}`"),
            "Use another `path`, or build the same bytes from the same commit.",
        ),
    };
    (known != found).then(|| {
        Violation::new(RuleId::OWN020, what, format!("the bytes with SHA-256 `{known}`"), next)
    })
}

/// A setting of a bucket: known, or not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting<T> {
    /// It is this.
    Is(T),
    /// It cannot be read.
    Unread {
        /// What the service says, such as that a permission is missing.
        said: String,
    },
}

/// How a bucket encrypts objects that ask for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encryption {
    /// Not at all.
    None,
    /// With keys of S3: AES-256.
    Aes256,
    /// With keys of a key service; in the words of S3, such as `aws:kms`.
    Keys(String),
}

/// A rule of a bucket's lifecycle that removes objects after some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// Only keys that begin with this.
    pub prefix: String,
    /// After how many days.
    pub days: u32,
    /// Whether it asks for more than the prefix, such as a tag, and so may leave artifacts out.
    pub narrowed: bool,
}

/// What is known of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketFacts {
    /// Whether it keeps old versions of objects.
    pub versioning: Setting<bool>,
    /// How it encrypts.
    pub encryption: Setting<Encryption>,
    /// The rules in force that remove objects after some days.
    pub expiry: Setting<Vec<Expiry>>,
}

/// ART004: everything in which the bucket is not as document 004 wants it. All of it is warnings.
#[must_use]
pub fn check_bucket(
    bucket: &BucketName,
    facts: &BucketFacts,
    key: &str,
    retention_days: u32,
) -> Vec<Violation> {
    let told = [
        versioning(bucket, &facts.versioning),
        encryption(bucket, &facts.encryption),
        expiry(bucket, &facts.expiry, key, retention_days),
    ];
    told.into_iter().flatten().map(|violation| violation.under("bucket")).collect()
}

fn versioning(bucket: &BucketName, found: &Setting<bool>) -> Option<Violation> {
    match found {
        Setting::Is(true) => None,
        Setting::Is(false) => Some(Violation::new(
            RuleId::ART004,
            format!("bucket `{bucket}` without versioning"),
            "versioning, so that an object that somebody overwrites or deletes can be had back",
            "Enable versioning of the bucket.",
        )),
        Setting::Unread { said } => {
            Some(unread(bucket, "versioning", "s3:GetBucketVersioning", said))
        }
    }
}

fn encryption(bucket: &BucketName, found: &Setting<Encryption>) -> Option<Violation> {
    let expected = "encryption with AES-256 (`AES256`)";
    match found {
        Setting::Is(Encryption::Aes256) => None,
        Setting::Is(Encryption::None) => Some(Violation::new(
            RuleId::ART004,
            format!("bucket `{bucket}` without encryption by default"),
            expected,
            "Set the default encryption of the bucket.",
        )),
        Setting::Is(Encryption::Keys(name)) => Some(Violation::new(
            RuleId::ART004,
            format!("bucket `{bucket}` that encrypts with `{name}`"),
            expected,
            "Grant `kms:Decrypt` on the key to the readers of artifacts, or set `AES256`; checksums are \
             right either way.",
        )),
        Setting::Unread { said } => {
            Some(unread(bucket, "encryption", "s3:GetEncryptionConfiguration", said))
        }
    }
}

fn expiry(
    bucket: &BucketName,
    found: &Setting<Vec<Expiry>>,
    key: &str,
    days: u32,
) -> Option<Violation> {
    let rules = match found {
        Setting::Is(rules) => rules,
        Setting::Unread { said } => {
            return Some(unread(bucket, "lifecycle", "s3:GetLifecycleConfiguration", said));
        }
    };
    let covers = |rule: &&Expiry| !rule.narrowed && key.starts_with(&rule.prefix);
    let shortest = rules.iter().filter(covers).map(|rule| rule.days).min();
    let expected = format!("a lifecycle that expires artifacts after {days} days");
    match shortest {
        Some(found) if found == days => None,
        Some(found) => Some(Violation::new(
            RuleId::ART004,
            format!("bucket `{bucket}`, which expires `{key}` after {found} days"),
            expected,
            format!("Set {days} days in the bucket's lifecycle, or `retention_days = {found}`."),
        )),
        None => Some(Violation::new(
            RuleId::ART004,
            format!("bucket `{bucket}` without a lifecycle rule that expires `{key}`"),
            expected,
            "Add a lifecycle rule to the bucket that expires objects, and one that aborts incomplete \
             multipart uploads.",
        )),
    }
}

fn unread(bucket: &BucketName, what: &str, permission: &str, said: &str) -> Violation {
    Violation::new(
        RuleId::ART004,
        format!("that the {what} of bucket `{bucket}` cannot be read ({said})"),
        "a bucket with versioning, AES-256 and a lifecycle, which has to be read to be known",
        format!("Allow `{permission}`, or check the bucket yourself."),
    )
}
