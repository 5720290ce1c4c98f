//! YAML as a tree in which every value knows its line and column. It is for files of a known shape, whose
//! problems are told by place; comments are of no account.
//!
//! An alias shares the value of its anchor, so nothing is copied; what all aliases together stand for is
//! counted, so that no walk over the tree takes longer than its limit.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput};

use crate::base::limits::DEEPEST;

/// No file of this shape comes near so many values.
const MOST_NODES: usize = 100_000;

/// Where something stands, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl From<Marker> for Position {
    fn from(marker: Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) kind: Kind,
    /// How many values it stands for, itself among them.
    size: usize,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in quotes, in a block, or tagged as text.
    Quoted(String),
    /// A word without quotes, which may be a number, a truth value or nothing.
    Plain(String),
    List(Vec<Rc<Node>>),
    Map(Vec<Entry>),
}

/// A key of a map and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Position,
    pub(super) value: Rc<Node>,
}

/// Why a text is not read as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is no YAML from here on; what the parser says.
    Syntax { at: Position, said: String },
    /// Lists and maps are nested too deeply.
    TooDeep { at: Position },
    /// It has, or its aliases make, too many values.
    TooMany,
    /// It has several documents, or none.
    Documents(usize),
}

/// The only document of a text.
pub(super) fn read(text: &str) -> Result<Rc<Node>, Unreadable> {
    let mut reader =
        Reader { events: Parser::new_from_str(text), anchors: HashMap::new(), depth: 0, read: 0 };
    let mut documents = Vec::new();
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => break,
            (Event::DocumentStart(_), _) => {
                let first = reader.next()?;
                documents.push(reader.node(first)?);
            }
            _ => {}
        }
    }
    let count = documents.len();
    match (documents.pop(), count) {
        (Some(only), 1) => Ok(only),
        _ => Err(Unreadable::Documents(count)),
    }
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Rc<Node>>,
    depth: usize,
    /// How many values were read so far, those of aliases among them.
    read: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Position), Unreadable> {
        match self.events.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start.into())),
            Some(Err(error)) => {
                let (at, said) = ((*error.marker()).into(), error.info().to_owned());
                // The parser itself counts brackets up to 255.
                let deep = said == "recursion limit exceeded";
                Err(if deep { Unreadable::TooDeep { at } } else { Unreadable::Syntax { at, said } })
            }
            None => Ok((Event::StreamEnd, Position { line: 1, column: 1 })),
        }
    }

    fn node(&mut self, (event, at): (Event<'a>, Position)) -> Result<Rc<Node>, Unreadable> {
        let (kind, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = text.into_owned();
                let is_text = tag.is_some_and(|tag| tag.suffix == "str");
                let plain = style == ScalarStyle::Plain && !is_text;
                (if plain { Kind::Plain(text) } else { Kind::Quoted(text) }, anchor)
            }
            Event::SequenceStart(anchor, _) => (self.deeper(at, Self::list)?, anchor),
            Event::MappingStart(anchor, _) => (self.deeper(at, Self::map)?, anchor),
            Event::Alias(anchor) => return self.alias(anchor, at),
            _ => (Kind::Plain(String::new()), 0),
        };
        self.count(1)?;
        let size = 1 + match &kind {
            Kind::List(items) => items.iter().map(|item| item.size).sum(),
            Kind::Map(entries) => entries.iter().map(|entry| entry.value.size + 1).sum(),
            Kind::Quoted(_) | Kind::Plain(_) => 0,
        };
        let node = Rc::new(Node { at, kind, size });
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        Ok(node)
    }

    fn count(&mut self, more: usize) -> Result<(), Unreadable> {
        self.read = self.read.saturating_add(more);
        if self.read > MOST_NODES { Err(Unreadable::TooMany) } else { Ok(()) }
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<Rc<Node>, Unreadable> {
        let Some(node) = self.anchors.get(&anchor).map(Rc::clone) else {
            // An anchor inside itself.
            return Err(Unreadable::Syntax {
                at,
                said: "an alias of what is not complete".to_owned(),
            });
        };
        self.count(node.size)?;
        Ok(node)
    }

    fn deeper(
        &mut self,
        at: Position,
        read: fn(&mut Self) -> Result<Kind, Unreadable>,
    ) -> Result<Kind, Unreadable> {
        if self.depth == DEEPEST {
            return Err(Unreadable::TooDeep { at });
        }
        self.depth += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn list(&mut self) -> Result<Kind, Unreadable> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::List(items)),
                first => items.push(self.node(first)?),
            }
        }
    }

    fn map(&mut self) -> Result<Kind, Unreadable> {
        let (mut entries, mut merged) = (Vec::new(), Vec::new());
        loop {
            let first = self.next()?;
            if first.0 == Event::MappingEnd {
                return Ok(Kind::Map(with_merged(entries, &merged)));
            }
            let key = self.node(first)?;
            let first = self.next()?;
            let value = self.node(first)?;
            match &key.kind {
                Kind::Plain(text) if text == "<<" => merged.push(value),
                Kind::Plain(text) | Kind::Quoted(text) => {
                    entries.push(Entry { key: text.clone(), at: key.at, value });
                }
                Kind::List(_) | Kind::Map(_) => {
                    let said = "a key that is a list or a map".to_owned();
                    return Err(Unreadable::Syntax { at: key.at, said });
                }
            }
        }
    }
}

/// The entries of a map, and those of merged maps (`<<`) that it does not have itself.
fn with_merged(mut own: Vec<Entry>, merged: &[Rc<Node>]) -> Vec<Entry> {
    let maps = merged.iter().flat_map(|node| match &node.kind {
        Kind::List(items) => items.clone(),
        _ => vec![Rc::clone(node)],
    });
    let mut known: std::collections::HashSet<String> =
        own.iter().map(|entry| entry.key.clone()).collect();
    for map in maps {
        let Kind::Map(entries) = &map.kind else { continue };
        own.extend(entries.iter().filter(|entry| known.insert(entry.key.clone())).cloned());
    }
    own
}

impl Node {
    /// What it is, for a message.
    pub(super) fn what(&self) -> String {
        use crate::base::violation::quoted;
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

    fn map(node: &Node) -> &[Entry] {
        let Kind::Map(entries) = &node.kind else { panic!("no map: {node:?}") };
        entries
    }

    #[test]
    fn values_know_their_place() {
        let node = read("a: 1\nlist:\n  - x\n  - \"y\"\n").unwrap();
        let entries = map(&node);
        assert_eq!(entries[1].at, Position { line: 2, column: 1 });
        let Kind::List(items) = &entries[1].value.kind else { panic!() };
        assert_eq!(items[1].at, Position { line: 4, column: 5 });
        assert_eq!((items[0].text(), items[1].text()), (Some("x"), Some("y")));
    }

    #[test]
    fn numbers_and_words_are_no_text() {
        let node =
            read("[1.0, 012345678901, 0x1f, 1e3, .5, yes, v1, true, ~, '1.0', !!str 1.0]").unwrap();
        let Kind::List(items) = &node.kind else { panic!() };
        let texts: Vec<Option<&str>> = items.iter().map(|item| item.text()).collect();
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
        let node = read("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  x: 3\n").unwrap();
        let entries = map(&map(&node)[1].value).to_vec();
        let seen: Vec<(&str, Option<&str>)> =
            entries.iter().map(|entry| (entry.key.as_str(), entry.value.number())).collect();
        assert_eq!(seen, [("x", Some("3")), ("y", Some("2"))]);
    }

    #[test]
    fn what_is_deep_or_grows_is_refused() {
        assert!(matches!(read(&"[".repeat(400)), Err(Unreadable::TooDeep { .. })));
        assert!(matches!(read(&"- ".repeat(2000)), Err(Unreadable::TooDeep { .. })));
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let alias = vec![format!("*a{}", level - 1); 10].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
        }
        assert_eq!(read(&laughs), Err(Unreadable::TooMany));
        assert_eq!(read("a: 1\n---\nb: 2\n"), Err(Unreadable::Documents(2)));
        assert_eq!(read("# nothing\n"), Err(Unreadable::Documents(0)));
        assert!(matches!(read("a: [1\nb: 2"), Err(Unreadable::Syntax { .. })));
    }
}
