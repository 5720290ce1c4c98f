//! YAML, with the line of every value and the comments over it.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::error::Problem;
use super::format::Format;
use super::tree::{Item, Node};

/// Aliases may make much of little; no file of secrets comes near this.
const MOST_NODES: usize = 200_000;

/// The documents of a file.
pub(crate) fn read(text: &str) -> Result<Vec<Node>, Problem> {
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        lines: text.lines().collect(),
        anchors: HashMap::new(),
        count: 0,
        line: 1,
    };
    reader.documents()
}

/// Whether a text is a YAML map.
pub(crate) fn is_mapping(text: &str) -> bool {
    read(text).is_ok_and(|documents| matches!(documents.first(), Some(Node::Map(_))))
}

struct Reader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    lines: Vec<&'a str>,
    anchors: HashMap<usize, Node>,
    count: usize,
    line: usize,
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
            Some(Err(error)) => Err(unreadable(error.marker().line())),
            None => Err(unreadable(self.line)),
        }
    }

    /// The part of the document that starts with this event.
    fn node(&mut self, (event, _): (Event<'a>, Span)) -> Result<Node, Problem> {
        self.count += 1;
        if self.count > MOST_NODES {
            return Err(unreadable(self.line));
        }
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => (scalar(&text, style), anchor),
            Event::SequenceStart(anchor, _) => (self.list()?, anchor),
            Event::MappingStart(anchor, _) => (self.map()?, anchor),
            Event::Alias(anchor) => (self.alias(anchor)?, 0),
            _ => (Node::Empty, 0),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize) -> Result<Node, Problem> {
        let node = self.anchors.get(&anchor).cloned().unwrap_or(Node::Empty);
        self.count += size(&node);
        Ok(node)
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
        let mut comments = self.comments_above(start);
        comments.extend(self.comment_behind(end));
        Ok(Item { key: name, node: self.node(first)?, line: Some(start), comments })
    }

    /// The lines of comments over a line, blank lines between them or not.
    fn comments_above(&self, line: usize) -> Vec<String> {
        let above = self.lines.get(..line.saturating_sub(1)).unwrap_or_default();
        let mut comments: Vec<String> = above
            .iter()
            .rev()
            .map(|line| line.trim())
            .take_while(|line| line.is_empty() || line.starts_with('#'))
            .filter_map(|line| line.strip_prefix('#').map(str::to_owned))
            .collect();
        comments.reverse();
        comments
    }

    /// The comment behind a value, or behind the key of a nested part.
    fn comment_behind(&self, span: Span) -> Option<String> {
        let line = self.lines.get(span.end.line().checked_sub(1)?)?;
        let rest: String = line.chars().skip(span.end.col()).collect();
        let rest = rest.trim_start_matches([':', '|', '>', '-', '+', ' ', '\t']);
        rest.strip_prefix('#').map(str::to_owned)
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Node {
    let is_null = matches!(text, "" | "~" | "null" | "Null" | "NULL");
    if style == ScalarStyle::Plain && is_null { Node::Empty } else { Node::value(text.to_owned()) }
}

fn size(node: &Node) -> usize {
    1 + node.items().iter().map(|item| size(&item.node)).sum::<usize>()
}

fn unreadable(line: usize) -> Problem {
    Problem::Unreadable { format: Format::Yaml, line: Some(line) }
}
