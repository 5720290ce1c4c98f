//! Cuts a stream into JSON values: one on a line, over several lines, or between lines of other text.
//!
//! Each byte is looked at once and memory is bounded, whatever comes. What a value says is not looked at
//! here, only where it ends. Two things show that a value broke off, so that those after it are not lost:
//! a text that does not end on its line, and a `{` at the very beginning of a line.

use std::io::{self, ErrorKind, Read};

use super::limits::LARGEST_VALUE;
use crate::base::limits::DEEPEST;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// The mark of the byte order, with which some files begin.
const BYTE_ORDER: &[u8] = b"\xef\xbb\xbf";

/// The next part of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// From one `{` to its `}`.
    Value {
        /// The line on which it begins, from 1.
        line: u64,
        /// Whether it ends on a later line.
        several_lines: bool,
        /// All of it.
        bytes: &'a [u8],
    },
    /// Something that is no value.
    Broken {
        /// The line on which it begins.
        line: u64,
        /// What it is.
        fault: Fault,
    },
}

/// Why something is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not begin with `{`.
    Text,
    /// Another value begins on this line before it ends.
    Unfinished(u64),
    /// The stream ends before it.
    End,
    /// A text in it does not end on this line.
    OpenText(u64),
    /// It is larger than values may be.
    TooLarge,
    /// It is nested too deeply.
    TooDeep,
}

/// A stream that is cut into values.
pub(super) struct Values<R> {
    input: R,
    /// What was read and is still needed is `buffer[start..end]`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The line of `start`.
    line: u64,
    is_over: bool,
}

/// How far a value was followed.
#[derive(Default)]
struct Followed {
    /// Up to here, from its beginning or from what was dropped.
    at: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
    lines: u64,
    /// Where the last line begins, on the same scale as `at`.
    line_start: Option<usize>,
    /// Why it is no value although it goes on.
    fault: Option<Fault>,
}

impl<R: Read> Values<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: vec![0; 2 * CHUNK], start: 0, end: 0, line: 1, is_over: false }
    }

    /// The next part; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece<'_>>> {
        if !self.skip_blanks()? {
            return Ok(None);
        }
        let line = self.line;
        if self.buffer[self.start] != b'{' {
            self.skip_text()?;
            return Ok(Some(Piece::Broken { line, fault: Fault::Text }));
        }
        let followed = self.follow()?;
        self.line += followed.lines;
        let from = self.start;
        self.start += followed.at;
        match followed.fault {
            None if followed.at > LARGEST_VALUE => {
                Ok(Some(Piece::Broken { line, fault: Fault::TooLarge }))
            }
            None => {
                let bytes = &self.buffer[from..self.start];
                let several_lines = followed.lines > 0;
                Ok(Some(Piece::Value { line, several_lines, bytes }))
            }
            Some(fault) => {
                let broke_in_text = self.buffer[self.start..self.end].first() == Some(&b'\n');
                if broke_in_text && followed.lines > 0 {
                    self.skip_rest()?;
                }
                Ok(Some(Piece::Broken { line, fault }))
            }
        }
    }

    /// Follows the value that begins at `start` to its end, or to where it is clear that it has none.
    fn follow(&mut self) -> io::Result<Followed> {
        let mut value = Followed::default();
        loop {
            let is_done = value.step(&self.buffer[self.start..self.end], self.line);
            if is_done {
                return Ok(value);
            }
            if value.fault.is_none() && value.at > LARGEST_VALUE {
                value.fault = Some(Fault::TooLarge);
            }
            if value.fault.is_some() {
                // Nobody will ask for it, so it is not kept.
                self.start += value.at;
                value.line_start = value.line_start.filter(|start| *start == value.at).map(|_| 0);
                value.at = 0;
            }
            if !self.fill()? {
                value.fault.get_or_insert(Fault::End);
                return Ok(value);
            }
        }
    }

    /// Goes to the next byte that is not blank; false at the end.
    fn skip_blanks(&mut self) -> io::Result<bool> {
        loop {
            while self.start < self.end {
                let rest = &self.buffer[self.start..self.end];
                match rest[0] {
                    b'\n' => self.line += 1,
                    b' ' | b'\t' | b'\r' => {}
                    _ if rest.starts_with(BYTE_ORDER) => self.start += BYTE_ORDER.len() - 1,
                    // Perhaps the rest of the mark is still to come.
                    _ if BYTE_ORDER.starts_with(rest) && !self.is_over => break,
                    _ => return Ok(true),
                }
                self.start += 1;
            }
            if !self.fill()? && self.start >= self.end {
                return Ok(false);
            }
        }
    }

    /// Skips other text: to the end of its line, or to what looks like a value on it.
    fn skip_text(&mut self) -> io::Result<()> {
        let mut known = 1;
        loop {
            let rest = &self.buffer[self.start..self.end];
            let mut ends = rest.iter().enumerate().skip(known);
            let end = ends.find(|(at, byte)| match byte {
                b'\n' => true,
                b'{' => rest.get(at + 1) == Some(&b'"'),
                _ => false,
            });
            if let Some((at, _)) = end {
                self.start += at;
                return Ok(());
            }
            // The last byte stays: it may be the first of a value.
            known = if rest.len() == 1 { known } else { 0 };
            self.start = self.end - 1;
            if !self.fill()? {
                self.start = self.end;
                return Ok(());
            }
        }
    }

    /// Skips the lines that are left of a broken value, to one that looks like the beginning of another.
    fn skip_rest(&mut self) -> io::Result<()> {
        let mut indent = None;
        loop {
            while self.start < self.end {
                let next = self.buffer.get(self.start + 1).filter(|_| self.start + 1 < self.end);
                match (self.buffer[self.start], indent) {
                    (b'\n', _) => {
                        self.line += 1;
                        indent = Some(0);
                    }
                    (b'{', Some(0)) => return Ok(()),
                    (b'{', Some(_)) if next == Some(&b'"') => return Ok(()),
                    (b'{', Some(_)) if next.is_none() && !self.is_over => break,
                    (b' ' | b'\t', Some(blanks)) => indent = Some(blanks + 1),
                    _ => indent = None,
                }
                self.start += 1;
            }
            if !self.fill()? && self.start >= self.end {
                return Ok(());
            }
        }
    }

    /// Reads more; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_over {
            return Ok(false);
        }
        if self.buffer.len() - self.end < CHUNK {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.buffer.len() - self.end < CHUNK {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.is_over = true;
                    return Ok(false);
                }
                Ok(count) => {
                    self.end += count;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Followed {
    /// Follows the value through `bytes`, of which those before `at` are known; true when it is over.
    fn step(&mut self, bytes: &[u8], first_line: u64) -> bool {
        while let Some(&byte) = bytes.get(self.at) {
            if self.in_text {
                if self.step_in_text(byte, first_line) {
                    return true;
                }
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'{' if self.depth > 0 && self.line_start == Some(self.at) => {
                    self.fault.get_or_insert(Fault::Unfinished(first_line + self.lines));
                    return true;
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth >= DEEPEST {
                        self.fault.get_or_insert(Fault::TooDeep);
                    }
                }
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.at += 1;
                        return true;
                    }
                }
                b'\n' => {
                    self.lines += 1;
                    self.line_start = Some(self.at + 1);
                }
                _ => {}
            }
            self.at += 1;
        }
        false
    }

    fn step_in_text(&mut self, byte: u8, first_line: u64) -> bool {
        match byte {
            // Even an escape does not take a text to the next line.
            b'\n' => {
                self.fault.get_or_insert(Fault::OpenText(first_line + self.lines));
                return true;
            }
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_text = false,
            _ => {}
        }
        self.at += 1;
        false
    }
}
