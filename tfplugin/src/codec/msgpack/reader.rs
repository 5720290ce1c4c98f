//! Tokens of `MessagePack`: what the next byte announces, without a copy.

use crate::codec::{DEEPEST, DecodeError, too_deep};

/// One token. Arrays and maps announce their length; their elements follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Nil,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    Array(usize),
    Map(usize),
    Extension(i8, &'a [u8]),
}

impl Token<'_> {
    /// The token in the words of an error.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Nil => "null",
            Self::Bool(_) => "a bool",
            Self::Signed(_) | Self::Unsigned(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Bytes(_) => "bytes",
            Self::Array(_) => "a sequence",
            Self::Map(_) => "a map or object",
            Self::Extension(..) => "an unknown value",
        }
    }
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Reads a value that stands in the one that is being read.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.depth == DEEPEST {
            return Err(too_deep());
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    pub(super) fn token(&mut self) -> Result<Token<'a>, DecodeError> {
        let [lead] = self.array()?;
        Ok(match lead {
            0x00..=0x7f => Token::Unsigned(lead.into()),
            0x80..=0x8f => Token::Map((lead & 0x0f).into()),
            0x90..=0x9f => Token::Array((lead & 0x0f).into()),
            0xa0..=0xbf => Token::Text(self.take((lead & 0x1f).into())?),
            0xc0 => Token::Nil,
            0xc1 => return Err(DecodeError::new("byte c1 begins no MessagePack value")),
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4..=0xc6 => Token::Bytes(self.sized(lead - 0xc4)?),
            0xc7..=0xc9 => {
                let length = self.length(lead - 0xc7)?;
                self.extension(length)?
            }
            0xca => Token::Float(f32::from_be_bytes(self.array()?).into()),
            0xcb => Token::Float(f64::from_be_bytes(self.array()?)),
            0xcc => Token::Unsigned(u8::from_be_bytes(self.array()?).into()),
            0xcd => Token::Unsigned(u16::from_be_bytes(self.array()?).into()),
            0xce => Token::Unsigned(u32::from_be_bytes(self.array()?).into()),
            0xcf => Token::Unsigned(u64::from_be_bytes(self.array()?)),
            0xd0 => Token::Signed(i8::from_be_bytes(self.array()?).into()),
            0xd1 => Token::Signed(i16::from_be_bytes(self.array()?).into()),
            0xd2 => Token::Signed(i32::from_be_bytes(self.array()?).into()),
            0xd3 => Token::Signed(i64::from_be_bytes(self.array()?)),
            0xd4..=0xd8 => self.extension(1 << (lead - 0xd4))?,
            0xd9..=0xdb => Token::Text(self.sized(lead - 0xd9)?),
            0xdc..=0xdd => Token::Array(self.length(lead - 0xdc + 1)?),
            0xde..=0xdf => Token::Map(self.length(lead - 0xde + 1)?),
            0xe0..=0xff => Token::Signed(i8::from_be_bytes([lead]).into()),
        })
    }

    /// Passes over one value with everything in it.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        let mut pending = 1_usize;
        while pending > 0 {
            pending -= 1;
            match self.token()? {
                Token::Array(length) => pending = pending.saturating_add(length),
                Token::Map(length) => pending = pending.saturating_add(length.saturating_mul(2)),
                _ => {}
            }
        }
        Ok(())
    }

    fn extension(&mut self, length: usize) -> Result<Token<'a>, DecodeError> {
        let code = i8::from_be_bytes(self.array()?);
        Ok(Token::Extension(code, self.take(length)?))
    }

    fn sized(&mut self, width: u8) -> Result<&'a [u8], DecodeError> {
        let length = self.length(width)?;
        self.take(length)
    }

    /// A length of 1, 2 or 4 bytes for width 0, 1 or 2.
    fn length(&mut self, width: u8) -> Result<usize, DecodeError> {
        let length = match width {
            0 => u8::from_be_bytes(self.array()?).into(),
            1 => u16::from_be_bytes(self.array()?).into(),
            _ => u32::from_be_bytes(self.array()?),
        };
        usize::try_from(length).map_err(|_| cut_short())
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(*taken)
    }
}

fn cut_short() -> DecodeError {
    DecodeError::new("the bytes end within a value")
}
