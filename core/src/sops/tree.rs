//! The one shape that every format is read into: maps, lists and values, each with its line and
//! the comments that stand over it. No tree is deeper than the readers allow, so it may be walked by
//! recursion.

use std::rc::Rc;

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// No value: there is nothing to encrypt.
    Null,
    /// A text without letters: there is nothing to encrypt either.
    Empty,
    /// A text.
    Value(String),
    /// A word without quotes, which may be a number, a truth value or a time.
    Plain(String),
    /// A map, in the order of the file.
    Map(Vec<Item>),
    /// A list.
    List(Vec<Item>),
}

/// Comments without their signs, shared by all that they stand over.
pub(crate) type Comments = Rc<[String]>;

/// A part of a map or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The key in a map; empty in a list.
    pub(crate) key: String,
    /// Shared by all places that an alias puts it.
    pub(crate) node: Rc<Node>,
    pub(crate) line: Option<usize>,
    /// The comments before it.
    pub(crate) above: Comments,
    /// The one behind it, in the same line.
    pub(crate) behind: Option<String>,
}

impl Item {
    /// A part without a comment.
    pub(crate) fn bare(key: String, node: Node) -> Self {
        Self { key, node: Rc::new(node), line: None, above: Comments::default(), behind: None }
    }
}

impl Node {
    /// The part of a map under this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(items) = self else { return None };
        items.iter().find(|item| item.key == key).map(|item| &*item.node)
    }

    /// The parts of a list, or the values of a map.
    pub(crate) fn items(&self) -> &[Item] {
        match self {
            Self::Map(items) | Self::List(items) => items,
            Self::Null | Self::Empty | Self::Value(_) | Self::Plain(_) => &[],
        }
    }

    /// A value that is there.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Value(text) | Self::Plain(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn value(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Value(text) }
    }
}
