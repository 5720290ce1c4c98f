//! Reads the refs of a repository on this machine.

use git2::{ErrorCode, ObjectType};

use super::parse::is_of_interest;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::snapshot::{RefTarget, Snapshot};

/// Branches, tags and the ledger of a repository.
pub(crate) fn list(git2: &git2::Repository, ledger: &str) -> Result<Snapshot, GitError> {
    let failed = |error: git2::Error| GitError::local("list the refs", error);
    let mut refs = Vec::new();
    for reference in git2.references().map_err(failed)? {
        let reference = match reference {
            Ok(reference) => reference,
            // It went away while the list was read.
            Err(error) if error.code() == ErrorCode::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        let Ok(name) = reference.name() else { continue };
        if !is_of_interest(name, ledger) {
            continue;
        }
        if let Some(target) = target(git2, &reference) {
            refs.push((name.to_owned(), target));
        }
    }
    let head = git2.head().ok().and_then(|head| head.target()).map(ObjectId::from_oid);
    Ok(Snapshot::new(refs, head))
}

/// Where a ref leads; `None` for a broken one, which git passes over as well.
fn target(git2: &git2::Repository, reference: &git2::Reference<'_>) -> Option<RefTarget> {
    let resolved;
    let direct = match reference.target() {
        Some(oid) => (oid, reference.target_peel()),
        None => {
            resolved = reference.resolve().ok()?;
            (resolved.target()?, resolved.target_peel())
        }
    };
    let (oid, known) = direct;
    let peeled = known.or_else(|| peel(git2, oid)).filter(|peeled| *peeled != oid);
    Some(RefTarget { object: ObjectId::from_oid(oid), peeled: peeled.map(ObjectId::from_oid) })
}

fn peel(git2: &git2::Repository, oid: git2::Oid) -> Option<git2::Oid> {
    let odb = git2.odb().ok()?;
    let mut oid = oid;
    loop {
        let object = odb.read(oid).ok()?;
        if object.kind() != ObjectType::Tag {
            return Some(oid);
        }
        oid = super::tag_text::target(object.data())?.to_oid();
    }
}
