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

/// The candidate nearest to `found`, where it is near enough to be meant: at most a third of the letters
/// (at least one) differ, and two swapped neighbours count as one difference.
fn near<'a>(found: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let reach = (found.chars().count() / 3).max(1);
    let found = found.to_lowercase();
    candidates
        .iter()
        .map(|candidate| (strsim::osa_distance(&found, &candidate.to_lowercase()), *candidate))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
