//! From YAML to the shape that every format is read into: with the line of every value, and the comments over it.
//!
//! What aliases share is made once and shared again, so that each letter is looked at a bounded number of times,
//! however the file is made.

use std::collections::HashMap;
use std::rc::Rc;

use super::error::Problem;
use super::format::Format;
use super::lines::{self, Lines};
use super::tree::{Item, Node};
use crate::base::limits::{DEEPEST, LARGEST_FILE};
use crate::base::yaml::{self, Item as Written, Kind, Style, Unreadable};

/// Aliases may make much of little; no file of secrets comes near this.
const MOST_NODES: usize = 200_000;

/// What may stand between a key or a value and the comment behind it.
const BETWEEN: [char; 3] = [':', ' ', '\t'];

/// The documents of a file.
pub(crate) fn read(text: &str) -> Result<Vec<Node>, Problem> {
    let documents = yaml::documents(text, MOST_NODES).map_err(|why| problem(&why))?;
    let mut maker = Maker { lines: Lines::of(text), made: HashMap::new() };
    Ok(documents.iter().map(|document| maker.node(document)).collect())
}

struct Maker<'a> {
    lines: Lines<'a>,
    /// What was made of values that several places share.
    made: HashMap<*const yaml::Node, Rc<Node>>,
}

impl Maker<'_> {
    fn node(&mut self, node: &yaml::Node) -> Node {
        match &node.kind {
            Kind::Quoted(text) => Node::value(text.clone()),
            Kind::Plain(text) if is_null(text) => Node::Null,
            Kind::Plain(text) => Node::Plain(text.clone()),
            Kind::List(items) => {
                Node::List(items.iter().map(|item| self.item(None, item)).collect())
            }
            Kind::Map(entries) => {
                let item = |entry: &yaml::Entry| self.item(Some(&entry.key), &entry.value);
                Node::Map(entries.iter().map(item).collect())
            }
        }
    }

    /// One part of a map or list; in a map it has a key.
    fn item(&mut self, key: Option<&Written>, value: &Written) -> Item {
        let line = match (key, value.style) {
            (None, Style::Block) => self.lines.line_of_block(value.from),
            _ => None,
        };
        let line = line.unwrap_or(key.unwrap_or(value).from.line);
        let above = self.lines.comments_above(line);
        let behind = self.comment_behind(key, value);
        let name = key.map(|key| words(&key.value)).unwrap_or_default();
        Item { key: name, node: self.shared(&value.value), line: Some(line), above, behind }
    }

    fn shared(&mut self, value: &Rc<yaml::Node>) -> Rc<Node> {
        if let Some(known) = self.made.get(&Rc::as_ptr(value)) {
            return Rc::clone(known);
        }
        let made = Rc::new(self.node(value));
        if Rc::strong_count(value) > 1 {
            self.made.insert(Rc::as_ptr(value), Rc::clone(&made));
        }
        made
    }

    /// The comment behind a value; of a nested part, that behind its key, and of a block, that behind its mark.
    fn comment_behind(&mut self, key: Option<&Written>, value: &Written) -> Option<String> {
        let rest = match (value.style, key) {
            (Style::Quotes, _) => self.lines.behind_quotes(value.from),
            (Style::Word | Style::Alias, _) => self.lines.behind(value.to),
            (Style::Block, None) => self.lines.head_of_block(value.from),
            (Style::Block | Style::Parts, _) => self.lines.behind(key.unwrap_or(value).to),
        };
        let rest = rest?.trim_start_matches(BETWEEN);
        let rest = if value.style == Style::Block { lines::behind_marks(rest)? } else { rest };
        rest.trim_start_matches(BETWEEN).strip_prefix('#').map(str::to_owned)
    }
}

fn is_null(plain: &str) -> bool {
    matches!(plain, "" | "~" | "null" | "Null" | "NULL")
}

/// The letters of a value; those of nothing, of a list and of a map are none.
fn words(node: &yaml::Node) -> String {
    match &node.kind {
        Kind::Plain(text) if is_null(text) => String::new(),
        Kind::Quoted(text) | Kind::Plain(text) => text.clone(),
        Kind::List(_) | Kind::Map(_) => String::new(),
    }
}

fn problem(why: &Unreadable) -> Problem {
    match why {
        Unreadable::Syntax { at, .. } => {
            Problem::Unreadable { format: Format::Yaml, line: Some(at.line) }
        }
        Unreadable::TooDeep { .. } => Problem::TooDeep { most: DEEPEST },
        Unreadable::TooMany => Problem::TooMany { most: MOST_NODES },
        Unreadable::TooMuch => Problem::TooMuch { most: LARGEST_FILE },
    }
}
