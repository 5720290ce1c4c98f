//! The lines of a text, for who goes through it from the beginning to the end: each letter is passed once.

use super::tree::Comments;

/// The lines, and how far somebody has come.
pub(crate) struct Lines<'a> {
    lines: Vec<&'a str>,
    /// The comments over the line that was asked for last; of several parts in one line, all have them.
    above: (usize, Comments),
    at: Position,
}

/// A place in a line: its letters, and the bytes that they take.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    line: usize,
    letters: usize,
    bytes: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let above = (0, Comments::default());
        Self { lines: text.lines().collect(), above, at: Position::default() }
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

    /// What stands in a line behind so many letters.
    pub(crate) fn behind(&mut self, line: usize, letters: usize) -> Option<&'a str> {
        let text = *self.lines.get(line.checked_sub(1)?)?;
        if self.at.line != line || self.at.letters > letters {
            self.at = Position { line, letters: 0, bytes: 0 };
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_stands_behind_letters_of_any_width() {
        let mut lines = Lines::of("a: ü, b\n\n# c\nd");
        assert_eq!(lines.behind(1, 4), Some(", b"));
        assert_eq!(lines.behind(1, 6), Some("b"));
        assert_eq!(lines.behind(1, 1), Some(": ü, b"));
        assert_eq!(lines.behind(1, 99), Some(""));
        assert_eq!((lines.behind(0, 0), lines.behind(5, 0)), (None, None));
        assert_eq!(*lines.comments_above(4), [" c".to_owned()]);
        assert!(lines.comments_above(1).is_empty());
    }
}
