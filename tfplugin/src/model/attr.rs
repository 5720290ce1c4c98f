//! The name of a field as a constant, so that blame is checked by the compiler.

use crate::path::Path;

/// One attribute of a model: `VersionTag::TAG_NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attr(&'static str);

impl Attr {
    /// The attribute `name`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name in HCL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The list element `index` of this attribute, from zero.
    #[must_use]
    pub fn index(self, index: impl TryInto<i64>) -> Path {
        Path::from(self).index(index.try_into().unwrap_or(i64::MAX))
    }

    /// The map element `key` of this attribute.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Path {
        Path::from(self).key(key)
    }

    /// The attribute `inner` of the object that this attribute is.
    #[must_use]
    pub fn attr(self, inner: impl Into<Path>) -> Path {
        Path::from(self).attr(inner)
    }
}

impl From<Attr> for Path {
    fn from(attr: Attr) -> Self {
        Self::from(attr.0)
    }
}
