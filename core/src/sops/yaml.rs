//! YAML, with the line of every value and the comments over it.
//!
//! Each letter is looked at a bounded number of times, however the file is made, and nothing is copied
//! before it is counted.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::error::Problem;
use super::format::Format;
use super::lines::Lines;
use super::tree::{Item, Node};
use crate::base::limits::{DEEPEST, LARGEST_FILE};

/// Aliases may make much of little; no file of secrets comes near this.
const MOST_NODES: usize = 200_000;

/// The documents of a file.
pub(crate) fn read(text: &str) -> Result<Vec<Node>, Problem> {
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        lines: Lines::of(text),
        anchors: HashMap::new(),
        read: Size::default(),
        copied: 0,
        depth: 0,
        line: 1,
    };
    reader.documents()
}

/// Whether a text begins like a YAML map.
pub(crate) fn is_mapping(text: &str) -> bool {
    let mut events = Parser::new_from_str(text).map_while(Result::ok).map(|(event, _)| event);
    let first = events.find(|it| !matches!(it, Event::StreamStart | Event::DocumentStart(_)));
    matches!(first, Some(Event::MappingStart(..)))
}

struct Reader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    lines: Lines<'a>,
    anchors: HashMap<usize, (Node, Size)>,
    read: Size,
    /// How many bytes were copied for anchors and aliases.
    copied: u64,
    depth: usize,
    line: usize,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn documents(&mut self) -> Result<Vec<Node>, Problem> {
        let mut documents = Vec::new();
        loop {
            match self.next()?.0 {
                Event::StreamEnd => return Ok(documents),
                Event::DocumentStart(_) => {
                    let first = self.next()?;
                    documents.push(self.node(first)?);
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Problem> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok((event, span))
            }
            // The parser itself counts brackets up to 255.
            Some(Err(error)) if error.info() == "recursion limit exceeded" => Err(TOO_DEEP),
            Some(Err(error)) => Err(unreadable(error.marker().line())),
            None => Err(unreadable(self.line)),
        }
    }

    /// The part of the document that starts with this event.
    fn node(&mut self, (event, _): (Event<'a>, Span)) -> Result<Node, Problem> {
        let before = self.read;
        self.count(1, 0)?;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                self.count(0, text.len())?;
                (scalar(&text, style), anchor)
            }
            Event::SequenceStart(anchor, _) => (self.deeper(Self::list)?, anchor),
            Event::MappingStart(anchor, _) => (self.deeper(Self::map)?, anchor),
            Event::Alias(anchor) => (self.alias(anchor)?, 0),
            _ => (Node::Empty, 0),
        };
        if anchor > 0 {
            let nodes = self.read.nodes - before.nodes;
            let size = Size { nodes, bytes: self.read.bytes - before.bytes };
            self.copy(size)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<Node, Problem>) -> Result<Node, Problem> {
        if self.depth == DEEPEST {
            return Err(TOO_DEEP);
        }
        self.depth += 1;
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn alias(&mut self, anchor: usize) -> Result<Node, Problem> {
        let Some((_, size)) = self.anchors.get(&anchor) else { return Ok(Node::Empty) };
        let size = *size;
        self.copy(size)?;
        self.count(size.nodes, size.bytes)?;
        Ok(self.anchors.get(&anchor).map_or(Node::Empty, |(node, _)| node.clone()))
    }

    fn count(&mut self, nodes: usize, bytes: usize) -> Result<(), Problem> {
        self.read.nodes = self.read.nodes.saturating_add(nodes);
        self.read.bytes = self.read.bytes.saturating_add(bytes);
        let fits = self.read.nodes <= MOST_NODES;
        fits.then_some(()).ok_or(Problem::TooMany { most: MOST_NODES })
    }

    /// Counts what is about to be copied.
    fn copy(&mut self, size: Size) -> Result<(), Problem> {
        let bytes = size.bytes.saturating_add(size.nodes.saturating_mul(size_of::<Item>()));
        self.copied = self.copied.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let fits = self.copied <= LARGEST_FILE;
        fits.then_some(()).ok_or(Problem::TooMuch { most: LARGEST_FILE })
    }

    fn list(&mut self) -> Result<Node, Problem> {
        let mut items = Vec::new();
        loop {
            let first = self.next()?;
            if first.0 == Event::SequenceEnd {
                return Ok(Node::List(items));
            }
            items.push(self.item(String::new(), first, None)?);
        }
    }

    fn map(&mut self) -> Result<Node, Problem> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Node::Map(items));
            }
            let key = match self.node((event, span))? {
                Node::Value(text) => text,
                _ => String::new(),
            };
            let first = self.next()?;
            items.push(self.item(key, first, Some(span))?);
        }
    }

    /// One part of a map or list; `key` is where its key stands.
    fn item(
        &mut self,
        name: String,
        first: (Event<'a>, Span),
        key: Option<Span>,
    ) -> Result<Item, Problem> {
        let start = key.unwrap_or(first.1).start.line();
        let end = match &first.0 {
            Event::Scalar(..) | Event::Alias(_) => first.1,
            _ => key.unwrap_or(first.1),
        };
        let (above, behind) = (self.lines.comments_above(start), self.comment_behind(end.end));
        Ok(Item { key: name, node: self.node(first)?, line: Some(start), above, behind })
    }

    /// The comment behind a value, or behind the key of a nested part.
    fn comment_behind(&mut self, end: Marker) -> Option<String> {
        let rest = self.lines.behind(end.line(), end.col())?;
        let rest = rest.trim_start_matches([':', '|', '>', '-', '+', ' ', '\t']);
        rest.strip_prefix('#').map(str::to_owned)
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Node {
    let is_null = matches!(text, "" | "~" | "null" | "Null" | "NULL");
    if style == ScalarStyle::Plain && is_null { Node::Empty } else { Node::value(text.to_owned()) }
}

const TOO_DEEP: Problem = Problem::TooDeep { most: DEEPEST };

fn unreadable(line: usize) -> Problem {
    Problem::Unreadable { format: Format::Yaml, line: Some(line) }
}
