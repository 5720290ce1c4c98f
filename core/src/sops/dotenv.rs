//! `NAME=value` lines, as SOPS reads them: no quotes, no blanks taken off.

use super::error::Problem;
use super::format::Format;
use super::tree::{Item, Node};

pub(crate) fn read(text: &str) -> Result<Node, Problem> {
    let mut items = Vec::new();
    let mut comments = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line_number = number + 1;
        if let Some(comment) = line.strip_prefix('#') {
            comments.push(comment.to_owned());
        } else if let Some((name, value)) = line.split_once('=') {
            let above = std::mem::take(&mut comments).into();
            let item = Item::bare(name.to_owned(), Node::value(value.to_owned()));
            items.push(Item { line: Some(line_number), above, ..item });
        } else if !line.trim().is_empty() {
            return Err(Problem::Unreadable { format: Format::Dotenv, line: Some(line_number) });
        }
    }
    Ok(Node::Map(items))
}
