//! The refs of the truth, as they were at one moment.
//!
//! The truth is the remote where there is one, else the repository itself. A snapshot holds
//! branches, tags and the ledger, nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use super::object_id::ObjectId;
use crate::RefName;

/// What a ref points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefTarget {
    /// The object itself.
    pub object: ObjectId,
    /// Where the object is an annotated tag: what the tag leads to in the end.
    pub peeled: Option<ObjectId>,
}

impl RefTarget {
    /// What the ref leads to in the end: the commit of a branch or tag, the blob of a record.
    #[must_use]
    pub fn target(&self) -> ObjectId {
        self.peeled.unwrap_or(self.object)
    }
}

impl fmt::Display for RefTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peeled {
            Some(peeled) => write!(f, "{peeled} (tag object {})", self.object),
            None => write!(f, "{}", self.object),
        }
    }
}

/// Branches, tags and ledger refs by full name.
///
/// Cheap to clone: names are shared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    refs: BTreeMap<Arc<str>, RefTarget>,
    /// What tags lead to that is known to be no commit, and what it is.
    strange: BTreeMap<ObjectId, &'static str>,
    head: Option<ObjectId>,
}

impl Snapshot {
    /// Takes what a listing said; `head` is where `HEAD` led.
    #[must_use]
    pub fn new(
        refs: impl IntoIterator<Item = (String, RefTarget)>,
        head: Option<ObjectId>,
    ) -> Self {
        let refs = refs.into_iter().map(|(name, target)| (name.into(), target)).collect();
        Self { refs, strange: BTreeMap::new(), head }
    }

    /// Takes what is known of the kinds of what tags lead to; `kind` answers `None` where nobody can
    /// tell yet.
    #[must_use]
    pub fn with_kinds(mut self, kind: impl Fn(ObjectId) -> Option<&'static str>) -> Self {
        let strange = self.tags().filter_map(|(_, found)| {
            let kind = kind(found.target()).filter(|kind| *kind != "commit")?;
            Some((found.target(), kind))
        });
        self.strange = strange.collect();
        self
    }

    /// The kind of an object, such as `tree`, where it is known to be no commit: a tag that leads there
    /// is no version.
    #[must_use]
    pub fn strange(&self, target: ObjectId) -> Option<&'static str> {
        self.strange.get(&target).copied()
    }

    /// The ref of this full name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<RefTarget> {
        self.refs.get(name).copied()
    }

    /// The tag of this short name, such as `api/v1.2.3`.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<RefTarget> {
        self.get(&format!("refs/tags/{name}"))
    }

    /// The commit that `HEAD` leads to, where it is known.
    #[must_use]
    pub const fn head(&self) -> Option<ObjectId> {
        self.head
    }

    /// Every ref, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, RefTarget)> {
        self.refs.iter().map(|(name, target)| (&**name, *target))
    }

    /// Refs whose names start with `prefix`, which is taken off; sorted.
    pub fn under<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, RefTarget)> + use<'a> {
        self.refs
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map_while(move |(name, target)| Some((name.strip_prefix(prefix)?, *target)))
    }

    /// The ref that keeps one of this full name from being made: git stores no ref below another, as a
    /// file system has no file that is a folder too.
    #[must_use]
    pub fn in_the_way_of(&self, name: &RefName) -> Option<&str> {
        let name = name.as_str();
        let mut above = name.match_indices('/').filter_map(|(end, _)| name.get(..end));
        let above = above.find_map(|part| self.refs.get_key_value(part));
        let below = format!("{name}/");
        let below =
            || self.refs.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded));
        let first_below = || below().next().filter(|(found, _)| is_below(found, name));
        above.or_else(first_below).map(|(found, _)| &**found)
    }

    /// Tags by short name, sorted.
    pub fn tags(&self) -> impl Iterator<Item = (&str, RefTarget)> {
        self.under("refs/tags/")
    }

    /// Branches by short name, sorted.
    pub fn branches(&self) -> impl Iterator<Item = (&str, RefTarget)> {
        self.under("refs/heads/")
    }

    /// Follows an update that happened; `peeled` is where the new object leads.
    pub(crate) fn apply(
        &mut self,
        name: &RefName,
        new: Option<ObjectId>,
        peeled: Option<ObjectId>,
    ) {
        let name = name.as_str();
        match new {
            Some(object) => {
                let peeled = peeled.filter(|peeled| *peeled != object);
                self.refs.insert(name.into(), RefTarget { object, peeled });
            }
            None => {
                self.refs.remove(name);
            }
        }
    }
}

/// Whether a name is a path below another one.
pub(crate) fn is_below(name: &str, other: &str) -> bool {
    name.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(digit: char) -> RefTarget {
        RefTarget { object: digit.to_string().repeat(40).parse().unwrap(), peeled: None }
    }

    #[test]
    fn lists_one_prefix_and_nothing_after_it() {
        let names = ["refs/heads/main", "refs/tags/a", "refs/tags/b/c", "refs/tagsx/d"];
        let snapshot = Snapshot::new(names.map(|name| (name.to_owned(), target('1'))), None);
        assert_eq!(snapshot.tags().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b/c"]);
        assert_eq!(snapshot.branches().map(|(name, _)| name).collect::<Vec<_>>(), ["main"]);
        assert_eq!(snapshot.tag("b/c"), Some(target('1')));
    }

    #[test]
    fn a_ref_above_or_below_is_in_the_way() {
        let names =
            ["refs/tags/api", "refs/tags/web/v1.0.0/x", "refs/tags/web-ui", "refs/tags/webs/a"];
        let snapshot = Snapshot::new(names.map(|name| (name.to_owned(), target('1'))), None);
        let found = |name: &str| {
            let name: RefName = format!("refs/tags/{name}").parse().unwrap();
            snapshot.in_the_way_of(&name)
        };
        assert_eq!(found("api/v1.0.0"), Some("refs/tags/api"));
        assert_eq!(found("api/deep/v1.0.0"), Some("refs/tags/api"));
        assert_eq!(found("web/v1.0.0"), Some("refs/tags/web/v1.0.0/x"));
        assert_eq!(found("web"), Some("refs/tags/web/v1.0.0/x"));
        for free in ["api", "apis/v1.0.0", "web/v1.0.1", "we", "web/v1.0.0-stable"] {
            assert_eq!(found(free), None, "{free}");
        }
    }

    #[test]
    fn follows_updates() {
        let mut snapshot = Snapshot::default();
        let (name, new) = ("refs/tags/a".parse::<RefName>().unwrap(), target('1'));
        snapshot.apply(&name, Some(new.object), Some(target('2').object));
        assert_eq!(snapshot.tag("a").unwrap().target(), target('2').object);
        snapshot.apply(&name, None, None);
        assert_eq!(snapshot, Snapshot::default());
    }
}
