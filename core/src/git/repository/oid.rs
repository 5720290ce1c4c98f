//! Names of objects, to libgit2's form and back.

use git2::Oid;

use crate::git::error::GitError;
use crate::git::object_id::ObjectId;

impl ObjectId {
    /// The name that git gives to these bytes.
    pub(crate) fn of_blob(bytes: &[u8]) -> Result<Self, GitError> {
        Oid::hash_object(git2::ObjectType::Blob, bytes)
            .map(Self::from_oid)
            .map_err(|error| GitError::local("name an object", error))
    }

    pub(crate) fn from_oid(oid: Oid) -> Self {
        let mut bytes = [0; 20];
        for (to, from) in bytes.iter_mut().zip(oid.as_bytes()) {
            *to = *from;
        }
        Self::from_bytes(bytes)
    }

    pub(crate) fn to_oid(self) -> Oid {
        // 20 bytes are always an object name.
        Oid::from_bytes(self.as_bytes()).unwrap_or(Oid::ZERO_SHA1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn travels_through_libgit2(bytes: [u8; 20]) {
            let id = ObjectId::from_bytes(bytes);
            prop_assert_eq!(ObjectId::from_oid(id.to_oid()), id);
        }
    }
}
