//! The one shape that every format is read into: maps, lists and values, each with its line and
//! the comments that stand over it.

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// No value, or an empty one: there is nothing to encrypt.
    Empty,
    /// A value, as text.
    Value(String),
    /// A map, in the order of the file.
    Map(Vec<Item>),
    /// A list.
    List(Vec<Item>),
}

/// A part of a map or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The key in a map; empty in a list.
    pub(crate) key: String,
    pub(crate) node: Node,
    pub(crate) line: Option<usize>,
    /// The comments before it, without their signs.
    pub(crate) comments: Vec<String>,
}

/// A value and all that decides whether it is secret.
#[derive(Debug, Clone)]
pub(crate) struct Leaf<'a> {
    pub(crate) value: &'a str,
    /// The keys down to it; positions in lists do not count.
    pub(crate) keys: Vec<&'a str>,
    /// The comments over it and over what it stands in.
    pub(crate) comments: Vec<&'a str>,
    pub(crate) shown: String,
    pub(crate) line: Option<usize>,
}

impl Node {
    /// The part of a map under this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(items) = self else { return None };
        items.iter().find(|item| item.key == key).map(|item| &item.node)
    }

    /// The parts of a list, or the values of a map.
    pub(crate) fn items(&self) -> &[Item] {
        match self {
            Self::Map(items) | Self::List(items) => items,
            Self::Empty | Self::Value(_) => &[],
        }
    }

    /// A value that is there.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Value(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn value(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Value(text) }
    }
}

/// Every value of a document.
pub(crate) fn leaves(document: &Node) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    let root = Leaf {
        value: "",
        keys: Vec::new(),
        comments: Vec::new(),
        shown: String::new(),
        line: None,
    };
    collect(document, &root, &mut found);
    found
}

/// Goes down; `at` is the place so far.
fn collect<'a>(node: &'a Node, at: &Leaf<'a>, found: &mut Vec<Leaf<'a>>) {
    if let Node::Value(value) = node {
        found.push(Leaf { value, ..at.clone() });
    }
    let is_list = matches!(node, Node::List(_));
    for (number, item) in node.items().iter().enumerate() {
        let mut below = at.clone();
        below.line = item.line.or(below.line);
        below.comments.extend(item.comments.iter().map(String::as_str));
        if is_list {
            below.shown.push_str(&format!("[{number}]"));
        } else {
            if !below.shown.is_empty() {
                below.shown.push('.');
            }
            below.shown.push_str(&item.key);
            below.keys.push(&item.key);
        }
        if below.shown.is_empty() {
            below.shown.push_str("(the whole file)");
        }
        collect(&item.node, &below, found);
    }
}
