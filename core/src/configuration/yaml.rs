//! What YAML means in a file of a known shape: which plain words are text, merged keys, and one document alone.

use std::collections::HashSet;
use std::rc::Rc;

use crate::base::violation::quoted;
use crate::base::yaml::{self, Item, Position};

pub(super) use crate::base::yaml::{Kind, Node};

/// No file of this shape comes near so many values.
const MOST_NODES: usize = 100_000;

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    Yaml(yaml::Unreadable),
    /// It has several documents, or none.
    Documents(usize),
}

/// A key of a map and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) at: Position,
    pub(super) value: &'a Node,
}

/// The only document of a text.
pub(super) fn read(text: &str) -> Result<Rc<Node>, Unreadable> {
    let documents = yaml::documents(text, MOST_NODES).map_err(Unreadable::Yaml)?;
    let [only] = documents.as_slice() else { return Err(Unreadable::Documents(documents.len())) };
    match odd_key(only) {
        Some(at) => {
            let said = "a key that is a list or a map".to_owned();
            Err(Unreadable::Yaml(yaml::Unreadable::Syntax { at, said }))
        }
        None => Ok(Rc::clone(only)),
    }
}

/// Where a key is no text.
fn odd_key(node: &Node) -> Option<Position> {
    match &node.kind {
        Kind::Quoted(_) | Kind::Plain(_) => None,
        Kind::List(items) => items.iter().find_map(|item| odd_key(&item.value)),
        Kind::Map(entries) => entries.iter().find_map(|entry| match entry.key.value.words() {
            Some(_) => odd_key(&entry.value.value),
            None => Some(entry.key.from),
        }),
    }
}

/// The entries of a map, and those of merged maps (`<<`) that it does not have itself.
pub(super) fn entries(map: &[yaml::Entry]) -> Vec<Entry<'_>> {
    let mut own: Vec<Entry<'_>> = plain(map).collect();
    let mut known: HashSet<&str> = own.iter().map(|entry| entry.key).collect();
    let merged = map.iter().filter(|entry| is_merge(&entry.key));
    let maps = merged.flat_map(|entry| match &entry.value.value.kind {
        Kind::List(items) => items.iter().map(|item| &*item.value).collect(),
        _ => vec![&*entry.value.value],
    });
    for map in maps {
        let Kind::Map(more) = &map.kind else { continue };
        own.extend(entries(more).into_iter().filter(|entry| known.insert(entry.key)));
    }
    own
}

fn plain(map: &[yaml::Entry]) -> impl Iterator<Item = Entry<'_>> {
    map.iter().filter(|entry| !is_merge(&entry.key)).map(|entry| Entry {
        key: entry.key.value.words().unwrap_or_default(),
        at: entry.key.from,
        value: &entry.value.value,
    })
}

fn is_merge(key: &Item) -> bool {
    matches!(&key.value.kind, Kind::Plain(text) if text == "<<")
}

impl Node {
    /// The letters of a text or a word; a list or a map has none.
    fn words(&self) -> Option<&str> {
        match &self.kind {
            Kind::Quoted(text) | Kind::Plain(text) => Some(text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// What it is, for a message.
    pub(super) fn what(&self) -> String {
        match &self.kind {
            Kind::Quoted(text) => quoted(text),
            Kind::Plain(text) => match text.as_str() {
                "" | "~" | "null" | "Null" | "NULL" => "nothing".to_owned(),
                "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => {
                    format!("the truth value `{text}`")
                }
                _ if is_number(text) => format!("the number {}", quoted(text)),
                _ => quoted(text),
            },
            Kind::List(items) => format!("a list of {}", items.len()),
            Kind::Map(_) => "a map".to_owned(),
        }
    }

    /// The text, of what YAML takes for text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Quoted(text) => Some(text),
            Kind::Plain(text) if !self.is_nothing() && !is_word(text) && !is_number(text) => {
                Some(text)
            }
            _ => None,
        }
    }

    /// A number as it is written.
    pub(super) fn number(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain(text) if is_number(text) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is written, or null.
    pub(super) fn is_nothing(&self) -> bool {
        let null = ["", "~", "null", "Null", "NULL"];
        matches!(&self.kind, Kind::Plain(text) if null.contains(&text.as_str()))
    }
}

fn is_word(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// What YAML 1.1 and 1.2 read as a number: an account with leading zeros is one, too.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let based = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0o"));
    let is_based = based.is_some_and(|rest| u128::from_str_radix(rest, 16).is_ok());
    let begins = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    begins && (is_based || digits.replace('_', "").parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(node: &Node) -> Vec<Entry<'_>> {
        let Kind::Map(map) = &node.kind else { panic!("no map: {node:?}") };
        entries(map)
    }

    #[test]
    fn numbers_and_words_are_no_text() {
        let node =
            read("[1.0, 012345678901, 0x1f, 1e3, .5, yes, v1, true, ~, '1.0', !!str 1.0]").unwrap();
        let Kind::List(items) = &node.kind else { panic!() };
        let texts: Vec<Option<&str>> = items.iter().map(|item| item.value.text()).collect();
        let (none, text) = (None, Some);
        assert_eq!(
            texts,
            [
                none,
                none,
                none,
                none,
                none,
                text("yes"),
                text("v1"),
                none,
                none,
                text("1.0"),
                text("1.0")
            ]
        );
    }

    #[test]
    fn aliases_and_merged_keys_are_followed() {
        let node = read("base: &b {x: 1, y: 2}\nuse:\n  <<: [*b, {z: 4}]\n  x: 3\n").unwrap();
        let used = map(map(&node)[1].value);
        let seen: Vec<(&str, Option<&str>)> =
            used.iter().map(|entry| (entry.key, entry.value.number())).collect();
        assert_eq!(seen, [("x", Some("3")), ("y", Some("2")), ("z", Some("4"))]);
    }

    #[test]
    fn there_is_one_document_with_plain_keys() {
        assert_eq!(read("a: 1\n---\nb: 2\n"), Err(Unreadable::Documents(2)));
        assert_eq!(read("# nothing\n"), Err(Unreadable::Documents(0)));
        let odd = read("a:\n  - {x: {[1, 2]: y}}\n");
        let Err(Unreadable::Yaml(yaml::Unreadable::Syntax { at, .. })) = odd else {
            panic!("{odd:?}")
        };
        assert_eq!(at, Position { line: 2, column: 10 });
    }
}
