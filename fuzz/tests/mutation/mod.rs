//! Inputs that are nearly right: a seed, changed in a few places, by bytes and by words of the formats.

use fastrand::Rng;

/// What readers take for more than text, or what lies at the edge of what they take.
const WORDS: [&str; 36] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    ":",
    ",",
    "null",
    "true",
    "-",
    "0",
    "1e999",
    "18446744073709551616",
    "-9223372036854775808",
    "\n",
    "\r",
    "\t",
    " ",
    "#",
    "&a",
    "*a",
    "<",
    ">",
    "<![CDATA[",
    "&amp;",
    "${",
    "}}",
    "\u{0}",
    "\u{1b}[2J",
    "\u{202e}",
    "é",
    "🚀",
    "../",
];

/// A seed with one to six changes.
pub(crate) fn mutated(seeds: &[Vec<u8>], dice: &mut Rng) -> Vec<u8> {
    let mut bytes = dice.choice(seeds).cloned().unwrap_or_default();
    for _ in 0..dice.usize(1..=6) {
        change(&mut bytes, seeds, dice);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Rng) {
    let (from, to) = stretch(bytes, dice);
    match dice.u8(0..7) {
        0 => drop(bytes.drain(from..to)),
        1 => {
            let part = bytes[from..to].to_vec();
            insert(bytes, from, &part.repeat(dice.usize(1..4)));
        }
        2 => insert(bytes, from, dice.choice(WORDS).unwrap_or_default().as_bytes()),
        3 => {
            let word = dice.choice(WORDS).unwrap_or_default();
            bytes.splice(from..to, word.bytes());
        }
        4 => {
            let other = dice.choice(seeds).cloned().unwrap_or_default();
            let (from_other, to_other) = stretch(&other, dice);
            bytes.splice(from..to, other[from_other..to_other].iter().copied());
        }
        5 => {
            if let Some(byte) = bytes.get_mut(from) {
                *byte = dice.u8(..);
            }
        }
        _ => {
            let word = dice.choice(WORDS).unwrap_or_default().repeat(dice.usize(1..200));
            insert(bytes, from, word.as_bytes());
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    bytes.splice(at..at, what.iter().copied());
}

/// A short part of the bytes, more often than a long one.
fn stretch(bytes: &[u8], dice: &mut Rng) -> (usize, usize) {
    let from = dice.usize(0..=bytes.len());
    let longest = (bytes.len() - from).min(1 << dice.u32(0..10));
    (from, from + dice.usize(0..=longest))
}
