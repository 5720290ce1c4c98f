//! Sections of `name = value` lines, by the rules of Go's `ini.v1`, with which SOPS reads and writes
//! them.
//!
//! A text behind a closing quote or bracket, which `ini.v1` passes over, is refused: it could be a
//! value in the clear.

use std::iter::Enumerate;
use std::rc::Rc;
use std::str::Split;

use super::error::Problem;
use super::format::Format;
use super::tree::{Item, Node};

/// Where values stand that no section holds.
const DEFAULT: &str = "DEFAULT";
/// What may stand around a value of several lines or with signs of comments in it.
const VALUE_QUOTES: [&str; 2] = ["\"\"\"", "`"];
/// What may stand around a name that has a delimiter in it.
const NAME_QUOTES: [&str; 3] = ["\"\"\"", "\"", "`"];
const DELIMITERS: [char; 2] = ['=', ':'];
const COMMENT_SIGNS: [char; 2] = [';', '#'];

pub(crate) fn read(text: &str) -> Result<Node, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        lines: text.split('\n').enumerate(),
        sections: vec![section(DEFAULT, 1, Vec::new())],
        comments: Vec::new(),
    };
    while let Some((above, line)) = reader.lines.next() {
        let number = above + 1;
        let unreadable = Problem::Unreadable { format: Format::Ini, line: Some(number) };
        reader.line(number, line.trim_start()).ok_or(unreadable)?;
    }
    Ok(Node::Map(reader.sections))
}

struct Reader<'a> {
    lines: Enumerate<Split<'a, char>>,
    sections: Vec<Item>,
    /// Those that stand over what comes next.
    comments: Vec<String>,
}

impl Reader<'_> {
    /// Reads a line, and the ones after it that belong to its value; none if that cannot be done.
    fn line(&mut self, number: usize, line: &str) -> Option<()> {
        if line.is_empty() {
            return Some(());
        }
        if let Some(comment) = line.strip_prefix(COMMENT_SIGNS) {
            self.comments.push(comment.trim_end().to_owned());
            return Some(());
        }
        if let Some(rest) = line.strip_prefix('[') {
            let (name, behind) = rest.rsplit_once(']').filter(|(name, _)| !name.is_empty())?;
            self.comment_behind(behind)?;
            let comments = std::mem::take(&mut self.comments);
            // One of the same name is one more: of several `sops`, SOPS reads the first.
            self.sections.push(section(name, number, comments));
            return Some(());
        }
        let (name, rest) = name(line).filter(|(name, _)| !name.is_empty())?;
        let node = Node::value(self.value(rest.trim_start())?);
        let above = std::mem::take(&mut self.comments).into();
        let item = Item { line: Some(number), above, ..Item::bare(name.to_owned(), node) };
        if let Node::Map(items) = Rc::make_mut(&mut self.sections.last_mut()?.node) {
            items.push(item);
        }
        Some(())
    }

    fn value(&mut self, rest: &str) -> Option<String> {
        let quoted = |quote: &&'static str| Some((*quote, rest.strip_prefix(*quote)?));
        if let Some((quote, first)) = VALUE_QUOTES.iter().find_map(quoted) {
            return self.quoted(quote, first);
        }
        let line = rest.trim_end();
        if let Some(begun) = line.strip_suffix('\\') {
            return Some(self.continued(begun));
        }
        let value = match line.split_once(COMMENT_SIGNS) {
            Some((value, comment)) => {
                self.comments.push(comment.to_owned());
                value.trim_end()
            }
            None => line,
        };
        Some(without_quotes(value).to_owned())
    }

    /// The lines up to the last quote of the first line that has one.
    fn quoted(&mut self, quote: &str, first: &str) -> Option<String> {
        let mut value = String::new();
        let mut line = first;
        loop {
            if let Some((last, behind)) = line.rsplit_once(quote) {
                self.comment_behind(behind)?;
                value.push_str(last);
                return Some(value);
            }
            value.push_str(line);
            value.push('\n');
            line = self.lines.next()?.1;
        }
    }

    /// A value that goes on in the next line as long as a backslash ends the line.
    fn continued(&mut self, begun: &str) -> String {
        let mut value = begun.to_owned();
        for (_, line) in self.lines.by_ref() {
            let line = line.trim();
            match line.strip_suffix('\\') {
                Some(more) => value.push_str(more),
                None => {
                    value.push_str(line);
                    break;
                }
            }
        }
        value
    }

    fn comment_behind(&mut self, rest: &str) -> Option<()> {
        let rest = rest.trim();
        if !rest.is_empty() {
            self.comments.push(rest.strip_prefix(COMMENT_SIGNS)?.to_owned());
        }
        Some(())
    }
}

/// The name before the delimiter, and what stands behind it.
fn name(line: &str) -> Option<(&str, &str)> {
    let quoted = |quote: &&'static str| Some((*quote, line.strip_prefix(*quote)?));
    let (name, value) = match NAME_QUOTES.iter().find_map(quoted) {
        Some((quote, rest)) => {
            let (name, behind) = rest.split_once(quote)?;
            (name, behind.trim_start().strip_prefix(DELIMITERS)?)
        }
        None => line.split_once(DELIMITERS)?,
    };
    Some((name.trim(), value))
}

/// Quotes at both ends, where none of their kind stands between them, are no part of a value.
fn without_quotes(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    ['\'', '"']
        .into_iter()
        .find_map(|quote| inner(quote).filter(|inner| !inner.contains(quote)))
        .unwrap_or(value)
}

fn section(name: &str, line: usize, comments: Vec<String>) -> Item {
    let item = Item::bare(name.to_owned(), Node::Map(Vec::new()));
    Item { line: Some(line), above: comments.into(), ..item }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Section, name, value and line of everything in a text.
    fn all(text: &str) -> Vec<(String, String, String, usize)> {
        let tree = read(text).unwrap();
        let sections = tree.items().iter();
        let entry = |section: &str, item: &Item| {
            let value = item.node.text().unwrap_or_default().to_owned();
            (section.to_owned(), item.key.clone(), value, item.line.unwrap())
        };
        let entries = sections
            .flat_map(|section| section.node.items().iter().map(|item| entry(&section.key, item)));
        entries.collect()
    }

    /// The only value of a text that gives it the name `a`.
    fn value(text: &str) -> String {
        match &all(text)[..] {
            [(_, name, value, _)] if name == "a" => value.clone(),
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn values_end_where_go_ends_them() {
        for (text, expected) in [
            ("a = b", "b"),
            ("  a:b  \r\n", "b"),
            ("a =", ""),
            ("a = \"b\"", "b"),
            ("a = ' b '", " b "),
            ("a = \"b\" and \"c\"", "\"b\" and \"c\""),
            ("a = b ; c", "b"),
            ("a = b#c", "b"),
            ("a = `b;#c`", "b;#c"),
            ("a = \"\"\"b = `c`\"\"\"", "b = `c`"),
            ("a = \"\"\"b\n\n [c]\n d = e\"\"\" ; f\n", "b\n\n [c]\n d = e"),
            ("a = `b\nc` # d\n", "b\nc"),
            ("a = b\\\n  c\\\n  d\n", "bcd"),
            ("a = b\\\n\n", "b"),
            ("`a` = b", "b"),
            ("\"\"\"a\"\"\" : b", "b"),
            ("\u{feff}a = b", "b"),
        ] {
            assert_eq!(value(text), expected, "{text:?}");
        }
        assert_eq!(all("\"a=b\" = c\n")[0].1, "a=b");
    }

    #[test]
    fn every_value_has_its_section_and_line() {
        let text = "x = 1\n[a]\ny = \"\"\"2\n3\"\"\"\nz = 4\n[b.c]\n; d\n[a] # more\ny = 5\n";
        let found = all(text);
        let places: Vec<(&str, &str, usize)> =
            found.iter().map(|(section, name, _, line)| (&**section, &**name, *line)).collect();
        assert_eq!(places, [("DEFAULT", "x", 1), ("a", "y", 3), ("a", "z", 5), ("a", "y", 9)]);
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        for (text, line) in [
            ("a = b\nno delimiter\n", 2),
            ("[a\n", 1),
            ("[]\n", 1),
            ("= b\n", 1),
            ("`a = b\n", 1),
            ("x = 1\na = \"\"\"b\nc\n", 2),
            ("a = `b` hunter2\n", 1),
            ("[a] hunter2 = b\n", 1),
        ] {
            let expected = Problem::Unreadable { format: Format::Ini, line: Some(line) };
            assert_eq!(read(text).unwrap_err(), expected, "{text:?}");
        }
    }

    proptest! {
        /// Whatever the value, written as `ini.v1` writes it, it is read back.
        #[test]
        fn what_go_writes_is_read_back(text in "[a-c =:;#'\n\\[\\]-]{0,12}") {
            prop_assume!(without_quotes(&text) == text);
            let written = if text.contains('\n') {
                format!("\"\"\"{text}\"\"\"")
            } else if text.contains(COMMENT_SIGNS) {
                format!("`{text}`")
            } else if text.trim() != text {
                format!("\"{text}\"")
            } else {
                text.clone()
            };
            prop_assert_eq!(value(&format!("a = {written}\n")), text);
        }
    }
}
