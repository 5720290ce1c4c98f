//! A string with fixed choices.

use super::mismatch;
use crate::diagnostics::Diagnostics;
use crate::model::Trail;
use crate::value::Value;

/// Which of `names` the string `value` is; else a problem that suggests the nearest.
pub fn choice(
    names: &[&str],
    value: &Value,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) -> Option<usize> {
    let Value::String(text) = value else {
        mismatch("a string", value, trail, out);
        return None;
    };
    let position = names.iter().position(|name| name == text);
    if position.is_none() {
        out.error(trail.path(), "Invalid value", unknown(text, names));
    }
    position
}

fn unknown(text: &str, names: &[&str]) -> String {
    let hint = near(text, names).map(|name| format!(" Did you mean \"{name}\"?"));
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!(
        "Found \"{text}\", but the allowed values are {}.{}",
        names.join(", "),
        hint.unwrap_or_default()
    )
}

/// The name closest to `text`, where one is close enough to be meant.
fn near<'a>(text: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = text.chars().count() / 3 + 1;
    names
        .iter()
        .map(|name| (distance(&text.to_lowercase(), name), *name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
