//! RET003: what expires goes to the archive first, where one is configured, and is deleted only when
//! it is there.
//!
//! The order is in the types: a [`Permission`] to delete is had from an [`Archived`], which only the
//! archive can make, and only after it read back what it wrote; or from having no archive at all.
//! When something expires, [`retention`] says; who deletes it is not known here.

pub mod retention;

use std::future::Future;

use crate::RefName;
use crate::artifact::Sha256;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};
use crate::record::Record;

/// A record that may expire. Its room says so; the audit log, registrations, queues, deployments and
/// artifacts never do.
pub trait Expires: Record + sealed::MayExpire {}

pub(crate) mod sealed {
    /// Said within this library alone.
    pub trait MayExpire {}
}

/// A record of the ledger: one writing of it, and no later one. It comes from a record that was read
/// and that may expire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    name: RefName,
    object: String,
}

impl Expired {
    pub(crate) const fn new(name: RefName, object: String) -> Self {
        Self { name, object }
    }

    /// The ref that it lies at.
    #[must_use]
    pub const fn name(&self) -> &RefName {
        &self.name
    }

    /// The object that the ref points at, in the words of git.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }
}

/// Proof that the archive holds a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    record: Expired,
    uri: String,
    checksum: Sha256,
}

impl Archived {
    /// The record.
    #[must_use]
    pub const fn record(&self) -> &Expired {
        &self.record
    }

    /// Where the archive holds it.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The SHA-256 of its bytes.
    #[must_use]
    pub const fn checksum(&self) -> Sha256 {
        self.checksum
    }
}

/// Where records go before they are deleted.
pub trait Archive {
    /// Keeps the bytes of one writing of a record, or finds them there, and says what it holds by
    /// having read it back or by a checksum that the store itself made.
    fn keep(
        &self,
        record: &Expired,
        bytes: &[u8],
    ) -> impl Future<Output = Result<Kept, NotKept>> + Send;
}

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where.
    pub uri: String,
    /// The SHA-256 of the bytes that it holds.
    pub checksum: Sha256,
}

/// An archive did not take a record, or could not show that it has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotKept {
    /// The store refused.
    #[error("{said}")]
    Refused {
        /// What the store says.
        said: String,
        /// What to do about it, as a sentence.
        next: String,
    },
    /// Other bytes lie where it belongs.
    #[error("{} holds other bytes, with the checksum {checksum}", quoted(uri))]
    OtherBytes {
        /// Where.
        uri: String,
        /// Their SHA-256.
        checksum: Sha256,
    },
}

impl NotKept {
    /// What to do about it, as a sentence.
    #[must_use]
    pub fn next(&self) -> &str {
        match self {
            Self::Refused { next, .. } => next,
            Self::OtherBytes { .. } => "See who wrote them, and clear their place.",
        }
    }
}

/// Puts a record into the archive. Only bytes that the archive proves to hold make an [`Archived`].
pub async fn archive(store: &impl Archive, record: &Expired, bytes: &[u8]) -> Archiving {
    match store.keep(record, bytes).await {
        Ok(Kept { uri, checksum }) if checksum == Sha256::of(bytes) => {
            Archiving::Done(Archived { record: record.clone(), uri, checksum })
        }
        Ok(Kept { uri, checksum }) => Archiving::Failed(NotKept::OtherBytes { uri, checksum }),
        Err(failure) => Archiving::Failed(failure),
    }
}

/// Permission to delete one record.
#[derive(Debug, PartialEq, Eq)]
pub struct Permission {
    record: Expired,
}

impl Permission {
    /// What may be deleted: this ref, as long as it points at this object.
    #[must_use]
    pub const fn record(&self) -> &Expired {
        &self.record
    }
}

/// What was tried before a record is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archiving {
    /// No archive is configured.
    None,
    /// The archive holds it.
    Done(Archived),
    /// The archive could not take it, or could not show that it has it.
    Failed(NotKept),
}

/// RET003: whether a record that expired may be deleted.
///
/// # Errors
/// When an archive is configured and does not hold this very record.
pub fn permit(record: &Expired, archiving: &Archiving) -> Result<Permission, Violation> {
    let shown = quoted(record.name.as_str());
    let refused = |found: String, next: &str| {
        let expected = format!("{shown} in the archive before it is deleted");
        Err(Violation::new(RuleId::RET003, found, expected, next))
    };
    match archiving {
        Archiving::None => Ok(Permission { record: record.clone() }),
        Archiving::Done(archived) if archived.record == *record => {
            Ok(Permission { record: record.clone() })
        }
        Archiving::Done(archived) => refused(
            format!(
                "another record in the archive: {} as of {}",
                quoted(archived.record.name.as_str()),
                archived.record.object
            ),
            "Archive the record as it is now, and try again.",
        ),
        Archiving::Failed(failure) => {
            refused(format!("that the archive did not take it: {failure}"), failure.next())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expired(object: &str) -> Expired {
        let name = "refs/ledger/runs/1".parse().unwrap();
        Expired::new(name, object.to_owned())
    }

    fn archived(object: &str) -> Archiving {
        let uri = "s3://archive/runs/1".to_owned();
        Archiving::Done(Archived { record: expired(object), uri, checksum: Sha256::of(b"{}") })
    }

    #[test]
    fn what_is_in_the_archive_may_go() {
        let permission = permit(&expired("a"), &archived("a")).unwrap();
        assert_eq!(permission.record(), &expired("a"));
    }

    #[test]
    fn what_changed_since_may_not() {
        let told = permit(&expired("b"), &archived("a")).unwrap_err();
        assert_eq!(told.rule, RuleId::RET003);
    }

    #[test]
    fn a_failed_archive_keeps_everything() {
        let (said, next) = ("access denied".to_owned(), "Allow it.".to_owned());
        let failed = Archiving::Failed(NotKept::Refused { said, next });
        let told = permit(&expired("a"), &failed).unwrap_err().to_string();
        assert!(told.contains("access denied"), "{told}");
    }

    #[test]
    fn without_an_archive_nothing_has_to_be_there() {
        assert!(permit(&expired("a"), &Archiving::None).is_ok());
    }
}
