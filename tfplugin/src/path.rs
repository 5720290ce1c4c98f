//! Where in a configuration something is: the steps from the root of a block to a value.

use std::borrow::Cow;
use std::fmt;

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into an attribute of an object, or a nested block type.
    Attribute(Cow<'static, str>),
    /// Into an element of a map.
    Key(String),
    /// Into an element of a list or tuple, from zero. Set elements have no step: stop at the set.
    Index(i64),
}

/// A path from the root of a block to one of its values; empty for the block itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    steps: Vec<Step>,
}

impl Path {
    /// The block itself.
    #[must_use]
    pub const fn root() -> Self {
        Self { steps: Vec::new() }
    }

    /// This path, then into attribute `name`.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.steps.push(Step::Attribute(name.into()));
        self
    }

    /// This path, then into the map element `key`.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.steps.push(Step::Key(key.into()));
        self
    }

    /// This path, then into the list element `index`, from zero.
    #[must_use]
    pub fn index(mut self, index: i64) -> Self {
        self.steps.push(Step::Index(index));
        self
    }

    /// This path, then `inner` of the object there: an attribute, or a path that starts at it.
    #[must_use]
    pub fn attr(self, inner: impl Into<Self>) -> Self {
        self.join(&inner.into())
    }

    /// This path, then all steps of `rest`.
    #[must_use]
    pub fn join(mut self, rest: &Self) -> Self {
        self.steps.extend(rest.steps.iter().cloned());
        self
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether this is the block itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }
}

impl From<&'static str> for Path {
    fn from(attribute: &'static str) -> Self {
        Self::root().attribute(attribute)
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self { steps: steps.into_iter().collect() }
    }
}

impl fmt::Display for Path {
    /// As Terraform writes it: `rule[1].pattern`, `tags["team"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
