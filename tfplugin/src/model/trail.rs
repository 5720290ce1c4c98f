//! Where a walk over a value is, kept on the stack: a path is only built where one is shown.

use crate::path::Path;

/// A chain from the root of a block to a value in it.
#[derive(Debug, Clone, Copy)]
pub struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    step: Link<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Link<'a> {
    Root,
    Attribute(&'a str),
    Static(&'static str),
    Key(&'a str),
    Index(usize),
}

impl Trail<'static> {
    /// The block itself.
    pub const ROOT: Self = Self { parent: None, step: Link::Root };
}

impl<'a> Trail<'a> {
    /// This, then into attribute `name`.
    #[must_use]
    pub const fn attribute(&'a self, name: &'static str) -> Self {
        Self { parent: Some(self), step: Link::Static(name) }
    }

    /// This, then into attribute `name` of a schema.
    #[must_use]
    pub const fn named(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Link::Attribute(name) }
    }

    /// This, then into the map element `key`.
    #[must_use]
    pub const fn key(&'a self, key: &'a str) -> Self {
        Self { parent: Some(self), step: Link::Key(key) }
    }

    /// This, then into the list element `index`.
    #[must_use]
    pub const fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Link::Index(index) }
    }

    /// The same as a path.
    #[must_use]
    pub fn path(&self) -> Path {
        let path = self.parent.map_or_else(Path::root, Self::path);
        match self.step {
            Link::Root => path,
            Link::Static(name) => path.attribute(name),
            Link::Attribute(name) => path.attribute(name.to_owned()),
            Link::Key(key) => path.key(key),
            Link::Index(index) => path.index(i64::try_from(index).unwrap_or(i64::MAX)),
        }
    }
}
