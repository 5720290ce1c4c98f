//! The lines of a text, for who goes through it from the beginning to the end: each letter is passed once.

use super::tree::Comments;
use crate::base::yaml::Position;

/// The lines, and how far somebody has come.
pub(crate) struct Lines<'a> {
    lines: Vec<&'a str>,
    /// The comments over the line that was asked for last; of several parts in one line, all have them.
    above: (usize, Comments),
    at: Passed,
}

/// A place in a line: its letters, and the bytes that they take.
#[derive(Debug, Clone, Copy, Default)]
struct Passed {
    line: usize,
    letters: usize,
    bytes: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let above = (0, Comments::default());
        Self { lines: text.lines().collect(), above, at: Passed::default() }
    }

    /// The lines of comments over a line, blank lines between them or not. Lines count from 1.
    pub(crate) fn comments_above(&mut self, line: usize) -> Comments {
        if self.above.0 != line {
            let above = self.lines.get(..line.saturating_sub(1)).unwrap_or_default();
            let mut comments: Vec<String> = above
                .iter()
                .rev()
                .map(|line| line.trim())
                .take_while(|line| line.is_empty() || line.starts_with('#'))
                .filter_map(|line| line.strip_prefix('#').map(str::to_owned))
                .collect();
            comments.reverse();
            self.above = (line, comments.into());
        }
        Comments::clone(&self.above.1)
    }

    /// What stands in a line from this place on.
    pub(crate) fn behind(&mut self, from: Position) -> Option<&'a str> {
        let (line, letters) = (from.line, from.column.saturating_sub(1));
        let text = *self.lines.get(line.checked_sub(1)?)?;
        if self.at.line != line || self.at.letters > letters {
            self.at = Passed { line, letters: 0, bytes: 0 };
        }
        let rest = text.get(self.at.bytes..)?;
        let passed = rest.chars().take(letters - self.at.letters);
        let (mut count, mut bytes) = (0, 0);
        for letter in passed {
            count += 1;
            bytes += letter.len_utf8();
        }
        self.at.letters += count;
        self.at.bytes += bytes;
        text.get(self.at.bytes..)
    }

    /// What stands behind a text in quotes, in the line in which it ends.
    pub(crate) fn behind_quotes(&mut self, from: Position) -> Option<&'a str> {
        let text = behind_properties(self.behind(from)?);
        let quote = text.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
        let more = self.lines.get(from.line..).unwrap_or_default();
        let mut parts = text.get(1..).into_iter().chain(more.iter().copied());
        parts.find_map(|part| behind_quote(part, quote))
    }

    /// The mark of a block that is part of a list, and what stands behind it.
    pub(crate) fn head_of_block(&mut self, from: Position) -> Option<&'a str> {
        let line = self.line_of_block(from)?;
        if line == from.line {
            return self.behind(from);
        }
        let head = *self.lines.get(line.checked_sub(1)?)?;
        Some(head.trim_start_matches([' ', '-']))
    }

    /// The line of that mark: over the text, or where its tag is.
    pub(crate) fn line_of_block(&mut self, from: Position) -> Option<usize> {
        let text = self.behind(from)?;
        if text.starts_with(['!', '&']) && behind_marks(text).is_some() {
            return Some(from.line);
        }
        let above = self.lines.get(..from.line.checked_sub(1)?)?;
        above.iter().rposition(|line| !line.trim().is_empty()).map(|index| index + 1)
    }
}

/// What stands behind the mark of a block, such as `|-` or `!!binary >2`.
pub(crate) fn behind_marks(text: &str) -> Option<&str> {
    let hints = behind_properties(text).strip_prefix(['|', '>'])?;
    Some(hints.trim_start_matches(|hint: char| "+-123456789".contains(hint)))
}

/// A text without the tag and the anchor before it.
fn behind_properties(mut text: &str) -> &str {
    while text.starts_with(['!', '&']) {
        let end = text.find([' ', '\t']).unwrap_or(text.len());
        text = text.get(end..).unwrap_or_default().trim_start();
    }
    text
}

/// What stands behind the quote that ends a text, where that is in this line.
fn behind_quote(line: &str, quote: char) -> Option<&str> {
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        if quote == '"' && letter == '\\' {
            letters.next();
        } else if letter == quote {
            let behind = line.get(at + 1..)?;
            if quote == '"' || !behind.starts_with(quote) {
                return Some(behind);
            }
            // Twice in a text of single quotes is one that is meant.
            letters.next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_stands_behind_letters_of_any_width() {
        let mut lines = Lines::of("a: ü, b\n\n# c\nd");
        let at = |line, letters: usize| Position { line, column: letters + 1 };
        assert_eq!(lines.behind(at(1, 4)), Some(", b"));
        assert_eq!(lines.behind(at(1, 6)), Some("b"));
        assert_eq!(lines.behind(at(1, 1)), Some(": ü, b"));
        assert_eq!(lines.behind(at(1, 99)), Some(""));
        assert_eq!((lines.behind(at(0, 0)), lines.behind(at(5, 0))), (None, None));
        assert_eq!(*lines.comments_above(4), [" c".to_owned()]);
        assert!(lines.comments_above(1).is_empty());
    }
}
