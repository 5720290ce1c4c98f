//! Sections of `name = value` lines.

use super::error::Problem;
use super::format::Format;
use super::tree::{Item, Node};

/// Where values stand that no section holds.
const DEFAULT: &str = "DEFAULT";

pub(crate) fn read(text: &str) -> Result<Node, Problem> {
    let mut sections = vec![section(DEFAULT, Some(1), Vec::new())];
    let mut comments = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let (line_number, line) = (Some(number + 1), line.trim());
        if let Some(comment) = line.strip_prefix([';', '#']) {
            comments.push(comment.to_owned());
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push(section(name.trim(), line_number, std::mem::take(&mut comments)));
        } else if let Some((name, value)) = line.split_once(['=', ':']) {
            let comments = std::mem::take(&mut comments);
            let node = Node::value(value.trim().trim_matches('`').to_owned());
            let item = Item { key: name.trim().to_owned(), node, line: line_number, comments };
            if let Some(Item { node: Node::Map(items), .. }) = sections.last_mut() {
                items.push(item);
            }
        } else if !line.is_empty() {
            return Err(Problem::Unreadable { format: Format::Ini, line: line_number });
        }
    }
    Ok(Node::Map(sections))
}

fn section(name: &str, line: Option<usize>, comments: Vec<String>) -> Item {
    Item { key: name.to_owned(), node: Node::Map(Vec::new()), line, comments }
}
