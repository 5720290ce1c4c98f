//! YAML as a tree in which every value knows its place, for whoever reads files that others wrote.
//!
//! An alias shares the value of its anchor, so nothing is copied; what all aliases together stand for is counted, so
//! that no walk over the tree takes longer than its limits. It leaves out comments, what a plain word means, and
//! merged keys.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput};

use super::limits::{DEEPEST, LARGEST_FILE};

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
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) kind: Kind,
    /// What it holds, itself among it.
    pub(crate) size: Size,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text in quotes, in a block, or tagged as text.
    Quoted(String),
    /// A word without quotes, which may be a number, a truth value or nothing.
    Plain(String),
    List(Vec<Item>),
    Map(Vec<Entry>),
}

/// A value where it is written, which for an alias is another place than the value's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) value: Rc<Node>,
    pub(crate) style: Style,
    /// Its tag or anchor, where it has one; else its first letter, which in a block is that of the text.
    pub(crate) from: Position,
    /// The end of a word or of an alias, the beginning of a list or map. Of other texts it may lie behind a comment,
    /// or at the next part: the parser says no other end.
    pub(crate) to: Position,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A text without quotes.
    Word,
    /// A text in quotes.
    Quotes,
    /// A text in lines of its own, below `|` or `>`.
    Block,
    /// The name of a value that stands elsewhere.
    Alias,
    /// A list or a map.
    Parts,
}

impl From<&Event<'_>> for Style {
    fn from(event: &Event<'_>) -> Self {
        use ScalarStyle::{DoubleQuoted, Folded, Literal, SingleQuoted};
        match event {
            Event::Alias(_) => Self::Alias,
            Event::SequenceStart(..) | Event::MappingStart(..) => Self::Parts,
            Event::Scalar(_, SingleQuoted | DoubleQuoted, ..) => Self::Quotes,
            Event::Scalar(_, Literal | Folded, ..) => Self::Block,
            _ => Self::Word,
        }
    }
}

/// A key of a map and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Item,
    pub(crate) value: Item,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) nodes: usize,
    /// The bytes of all texts.
    pub(crate) bytes: usize,
}

impl Size {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// Why a text is not read as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is no YAML from here on; what the parser says.
    Syntax { at: Position, said: String },
    /// Lists and maps are nested more than [`DEEPEST`] deep.
    TooDeep { at: Position },
    /// It has, or its aliases make, more values than are read.
    TooMany,
    /// Its aliases make more than [`LARGEST_FILE`] bytes.
    TooMuch,
}

/// All documents of a text, with at most so many values.
pub(crate) fn documents(text: &str, most: usize) -> Result<Vec<Rc<Node>>, Unreadable> {
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        depth: 0,
        read: 0,
        made: 0,
        most,
        last: Position { line: 1, column: 1 },
    };
    let mut documents = Vec::new();
    loop {
        match reader.next()?.0 {
            Event::StreamEnd => return Ok(documents),
            Event::DocumentStart(_) => {
                let first = reader.next()?;
                documents.push(reader.item(first)?.value);
            }
            _ => {}
        }
    }
}

/// Whether a text begins like a map.
pub(crate) fn is_map(text: &str) -> bool {
    let mut events = Parser::new_from_str(text).map_while(Result::ok).map(|(event, _)| event);
    let first = events.find(|it| !matches!(it, Event::StreamStart | Event::DocumentStart(_)));
    matches!(first, Some(Event::MappingStart(..)))
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Rc<Node>>,
    depth: usize,
    /// How many values were read so far, those of aliases among them.
    read: usize,
    /// How many bytes aliases made so far, as if each were a copy.
    made: u64,
    most: usize,
    last: Position,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Unreadable> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                self.last = span.start.into();
                Ok((event, span))
            }
            Some(Err(error)) => {
                let (at, said) = ((*error.marker()).into(), error.info().to_owned());
                // The parser itself counts brackets up to 255.
                let deep = said == "recursion limit exceeded";
                Err(if deep { Unreadable::TooDeep { at } } else { Unreadable::Syntax { at, said } })
            }
            None => {
                let said = "it ends too early".to_owned();
                Err(Unreadable::Syntax { at: self.last, said })
            }
        }
    }

    /// The value that begins with this event.
    fn item(&mut self, (event, span): (Event<'a>, Span)) -> Result<Item, Unreadable> {
        let (from, to) = (span.start.into(), span.end.into());
        let style = Style::from(&event);
        let (kind, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = text.into_owned();
                let is_text = tag.is_some_and(|tag| tag.suffix == "str");
                let plain = style == ScalarStyle::Plain && !is_text;
                (if plain { Kind::Plain(text) } else { Kind::Quoted(text) }, anchor)
            }
            Event::SequenceStart(anchor, _) => (self.deeper(from, Self::list)?, anchor),
            Event::MappingStart(anchor, _) => (self.deeper(from, Self::map)?, anchor),
            Event::Alias(anchor) => {
                let value = self.alias(anchor, from)?;
                return Ok(Item { value, style, from, to });
            }
            _ => (Kind::Plain(String::new()), 0),
        };
        self.count(1)?;
        let value = Rc::new(Node { at: from, size: size(&kind), kind });
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&value));
        }
        Ok(Item { value, style, from, to })
    }

    fn count(&mut self, more: usize) -> Result<(), Unreadable> {
        self.read = self.read.saturating_add(more);
        if self.read > self.most { Err(Unreadable::TooMany) } else { Ok(()) }
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<Rc<Node>, Unreadable> {
        let Some(node) = self.anchors.get(&anchor).map(Rc::clone) else {
            // An anchor inside itself.
            let said = "an alias of what is not complete".to_owned();
            return Err(Unreadable::Syntax { at, said });
        };
        let bytes =
            node.size.bytes.saturating_add(node.size.nodes.saturating_mul(size_of::<Entry>()));
        self.made = self.made.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.made > LARGEST_FILE {
            return Err(Unreadable::TooMuch);
        }
        self.count(node.size.nodes)?;
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
                first => items.push(self.item(first)?),
            }
        }
    }

    fn map(&mut self) -> Result<Kind, Unreadable> {
        let mut entries = Vec::new();
        loop {
            let first = self.next()?;
            if first.0 == Event::MappingEnd {
                return Ok(Kind::Map(entries));
            }
            let key = self.item(first)?;
            let first = self.next()?;
            entries.push(Entry { key, value: self.item(first)? });
        }
    }
}

fn size(kind: &Kind) -> Size {
    let itself = Size { nodes: 1, bytes: 0 };
    match kind {
        Kind::Quoted(text) | Kind::Plain(text) => Size { nodes: 1, bytes: text.len() },
        Kind::List(items) => items.iter().fold(itself, |sum, item| sum.plus(item.value.size)),
        Kind::Map(entries) => entries
            .iter()
            .fold(itself, |sum, entry| sum.plus(entry.key.value.size).plus(entry.value.value.size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Rc<Node>>, Unreadable> {
        documents(text, 1_000)
    }

    fn entries(node: &Node) -> &[Entry] {
        let Kind::Map(entries) = &node.kind else { panic!("no map: {node:?}") };
        entries
    }

    #[test]
    fn values_know_their_place_and_the_place_where_they_are_used() {
        let all = read("a: &a [x, \"y\"]\nb:\n  - *a\n---\nc\n").unwrap();
        assert_eq!(all.len(), 2);
        let (first, second) = (&entries(&all[0])[0].value, &entries(&all[0])[1]);
        assert_eq!(first.value.size, Size { nodes: 3, bytes: 2 });
        assert_eq!(second.key.from, Position { line: 2, column: 1 });
        let Kind::List(items) = &second.value.value.kind else { panic!() };
        assert!(items[0].style == Style::Alias && Rc::ptr_eq(&items[0].value, &first.value));
        assert_eq!(items[0].from, Position { line: 3, column: 5 });
        assert_eq!(items[0].value.at, Position { line: 1, column: 4 });
    }

    #[test]
    fn what_is_deep_or_grows_is_refused() {
        assert!(matches!(read(&"[".repeat(400)), Err(Unreadable::TooDeep { .. })));
        assert!(matches!(read(&"- ".repeat(2000)), Err(Unreadable::TooDeep { .. })));
        assert!(matches!(read(&"? ".repeat(2000)), Err(Unreadable::TooDeep { .. })));
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let alias = vec![format!("*a{}", level - 1); 10].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
        }
        assert_eq!(read(&laughs), Err(Unreadable::TooMany));
        assert_eq!(documents(&laughs, usize::MAX), Err(Unreadable::TooMuch));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(100));
        assert_eq!(read(&long), Err(Unreadable::TooMuch));
        assert!(matches!(read("a: [1\nb: 2"), Err(Unreadable::Syntax { .. })));
        assert!(matches!(read("a: &a [*a]\n"), Err(Unreadable::Syntax { .. })));
        assert_eq!(read("# nothing\n"), Ok(Vec::new()));
    }
}
