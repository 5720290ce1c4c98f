//! Objects: reading them from the local store, and holding new ones until a transaction needs
//! them.
//!
//! A new object stays in memory until a commit writes it where it is needed, so that a plan, or an
//! apply that is refused, leaves nothing behind in anybody's repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use git2::{ErrorCode, ObjectType, OdbLookupFlags};

use crate::git::error::GitError;
use crate::git::object_id::ObjectId;

/// The kind of an object that is written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Blob,
    Tag,
}

/// A new object and the one it refers to.
#[derive(Debug, Clone)]
struct New {
    kind: Kind,
    bytes: Vec<u8>,
    /// Another object, and the kind that this one says it is of.
    refers_to: Option<(ObjectId, ObjectType)>,
}

/// The objects of one repository.
pub(crate) struct Objects {
    git2: Mutex<git2::Repository>,
    /// The same repository without the stores that are read beside it.
    own: Option<Mutex<git2::Repository>>,
    new: Mutex<BTreeMap<ObjectId, New>>,
    is_shallow: bool,
}

impl Objects {
    pub(crate) fn over(git2: git2::Repository) -> Self {
        let is_shallow = git2.is_shallow();
        Self { git2: Mutex::new(git2), own: None, new: Mutex::default(), is_shallow }
    }

    /// Also reads the objects of another store, of the remote's on this machine.
    pub(crate) fn also_reading(mut self, store: &Path) -> Result<Self, GitError> {
        if store.to_str().is_none() {
            return Ok(self);
        }
        let own = self.with(|git2| git2::Repository::open(git2.path()));
        self.read_also(store)?;
        self.own = own.ok().map(Mutex::new);
        Ok(self)
    }

    /// Reads the objects of one more store from now on.
    pub(crate) fn read_also(&self, store: &Path) -> Result<(), GitError> {
        let Some(path) = store.to_str() else { return Ok(()) };
        self.with(|git2| git2.odb()?.add_disk_alternate(path))
            .map_err(|error| GitError::local("read another store of objects", error))
    }

    /// Whether the repository's own store holds an object.
    pub(crate) fn owns(&self, id: ObjectId) -> bool {
        let Some(own) = &self.own else { return self.exists(id) };
        let own = own.lock().unwrap_or_else(PoisonError::into_inner);
        own.odb().is_ok_and(|odb| odb.exists(id.to_oid()))
    }

    /// Works with the repository; short, since others wait.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&git2::Repository) -> T) -> T {
        work(&self.git2.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<ObjectId, New>> {
        self.new.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, GitError> {
        self.hold(New { kind: Kind::Blob, bytes: bytes.to_vec(), refers_to: None })
    }

    /// `kind`: what the text says that the target is.
    pub(crate) fn write_tag(
        &self,
        text: String,
        target: ObjectId,
        kind: ObjectType,
    ) -> Result<ObjectId, GitError> {
        let refers_to = Some((target, kind));
        self.hold(New { kind: Kind::Tag, bytes: text.into_bytes(), refers_to })
    }

    /// Whether what a new object refers to is there, and is what it says.
    pub(crate) fn check_footing(&self, id: ObjectId) -> Result<(), GitError> {
        let refers_to = self.held().get(&id).and_then(|new| new.refers_to);
        match refers_to {
            Some((id, expected)) => self.check_kind(id, expected),
            None => Ok(()),
        }
    }

    /// Whether an object is there, and is of a kind.
    pub(crate) fn check_kind(&self, id: ObjectId, expected: ObjectType) -> Result<(), GitError> {
        let Some(kind) = self.kind(id)? else {
            return Err(GitError::MissingObject { id, shallow: self.is_shallow });
        };
        if kind == expected {
            return Ok(());
        }
        Err(GitError::WrongKind { id, found: kind.str().to_owned(), expected: expected.str() })
    }

    fn hold(&self, new: New) -> Result<ObjectId, GitError> {
        let id = git2::Oid::hash_object(new.kind.of_git2(), &new.bytes)
            .map(ObjectId::from_oid)
            .map_err(|error| GitError::local("name an object", error))?;
        self.held().insert(id, new);
        Ok(id)
    }

    /// The kind and bytes of an object; `None` where it is missing.
    pub(crate) fn read(&self, id: ObjectId) -> Result<Option<(ObjectType, Vec<u8>)>, GitError> {
        if let Some(new) = self.held().get(&id) {
            return Ok(Some((new.kind.of_git2(), new.bytes.clone())));
        }
        found(self.with(|git2| {
            let odb = git2.odb()?;
            let object = odb.read(id.to_oid())?;
            Ok((object.kind(), object.data().to_vec()))
        }))
    }

    /// The kind of an object; `None` where it is missing.
    pub(crate) fn kind(&self, id: ObjectId) -> Result<Option<ObjectType>, GitError> {
        if let Some(new) = self.held().get(&id) {
            return Ok(Some(new.kind.of_git2()));
        }
        found(self.with(|git2| Ok(git2.odb()?.read_header(id.to_oid())?.1)))
    }

    /// How many bytes an object has; `None` where it is missing. They are not read for it.
    pub(crate) fn size(&self, id: ObjectId) -> Result<Option<u64>, GitError> {
        let number = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        if let Some(new) = self.held().get(&id) {
            return Ok(Some(number(new.bytes.len())));
        }
        found(self.with(|git2| Ok(number(git2.odb()?.read_header(id.to_oid())?.0))))
    }

    pub(crate) fn exists(&self, id: ObjectId) -> bool {
        self.held().contains_key(&id)
            || self.with(|git2| git2.odb().is_ok_and(|odb| odb.exists(id.to_oid())))
    }

    /// Which of many objects are stored here. The store is looked through once for all of them, and not
    /// once for each that is missing.
    pub(crate) fn present(
        &self,
        ids: impl Iterator<Item = ObjectId>,
    ) -> Result<BTreeSet<ObjectId>, GitError> {
        let present = self.with(|git2| {
            let odb = git2.odb()?;
            odb.refresh()?;
            let is_here = |id: &ObjectId| odb.exists_ext(id.to_oid(), OdbLookupFlags::NO_REFRESH);
            Ok(ids.filter(is_here).collect())
        });
        present.map_err(|error| GitError::local("look for objects", error))
    }

    /// Follows annotated tags to what they lead to; `None` where something is missing.
    pub(crate) fn peel(&self, id: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let mut id = id;
        loop {
            match self.kind(id)? {
                None => return Ok(None),
                Some(ObjectType::Tag) => {}
                Some(_) => return Ok(Some(id)),
            }
            let Some((_, bytes)) = self.read(id)? else { return Ok(None) };
            id = super::tag_text::target(&bytes).ok_or_else(|| GitError::WrongKind {
                id,
                found: "tag that cannot be read".to_owned(),
                expected: "tag",
            })?;
        }
    }

    /// Which objects that are not new these refer to, and which new ones they need.
    pub(crate) fn needs(&self, ids: impl IntoIterator<Item = ObjectId>) -> Needs {
        let held = self.held();
        let mut needs = Needs::default();
        let mut waiting: Vec<ObjectId> = ids.into_iter().collect();
        while let Some(id) = waiting.pop() {
            match held.get(&id) {
                Some(new) if needs.new.insert(id) => {
                    waiting.extend(new.refers_to.map(|(target, _)| target));
                }
                Some(_) => {}
                None => {
                    needs.old.insert(id);
                }
            }
        }
        needs
    }

    /// Writes new objects into the repository itself.
    pub(crate) fn store(&self, ids: &BTreeSet<ObjectId>) -> Result<(), GitError> {
        self.with(|git2| self.store_in(ids, git2))
    }

    /// Writes new objects into another repository.
    pub(crate) fn store_in(
        &self,
        ids: &BTreeSet<ObjectId>,
        other: &git2::Repository,
    ) -> Result<(), GitError> {
        other.odb().and_then(|odb| self.write_to(&odb, ids)).map_err(unwritten)
    }

    /// Writes new objects as one pack into a folder.
    pub(crate) fn pack(&self, ids: &BTreeSet<ObjectId>, folder: &Path) -> Result<(), GitError> {
        let pack = || {
            let odb = git2::Odb::new()?;
            odb.add_new_mempack_backend(1)?;
            self.write_to(&odb, ids)?;
            let scratch = git2::Repository::from_odb(odb)?;
            let mut pack = scratch.packbuilder()?;
            ids.iter().try_for_each(|id| pack.insert_object(id.to_oid(), None))?;
            pack.write(folder, 0o444)
        };
        pack().map_err(unwritten)
    }

    fn write_to(&self, odb: &git2::Odb<'_>, ids: &BTreeSet<ObjectId>) -> Result<(), git2::Error> {
        let held = self.held();
        for new in ids.iter().filter_map(|id| held.get(id)) {
            odb.write(new.kind.of_git2(), &new.bytes)?;
        }
        Ok(())
    }

    /// Drops new objects that are stored by now.
    pub(crate) fn let_go(&self, ids: &BTreeSet<ObjectId>) {
        let mut held = self.held();
        for id in ids {
            held.remove(id);
        }
    }
}

/// What a transaction's new values rest on.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// Objects that are held here and stored nowhere.
    pub(crate) new: BTreeSet<ObjectId>,
    /// Objects that are stored somewhere.
    pub(crate) old: BTreeSet<ObjectId>,
}

impl Kind {
    const fn of_git2(self) -> ObjectType {
        match self {
            Self::Blob => ObjectType::Blob,
            Self::Tag => ObjectType::Tag,
        }
    }
}

fn unwritten(error: git2::Error) -> GitError {
    GitError::local("write objects", error)
}

fn found<T>(result: Result<T, git2::Error>) -> Result<Option<T>, GitError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(GitError::local("read an object", error)),
    }
}
