//! Why a text is no version, in the words of the rules, with everything that is wrong at once.
//!
//! Whether it is one is decided by the `semver` crate; here it is only explained.

use super::read;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// So many identifiers of one pre-release are named as wrong: who mends these sees the next, and a text without
/// end does not make a message without end.
const MOST_IDENTIFIERS: usize = 20;

/// What is wrong with a text such as `v1.02.3-rc.1` that could not be read.
pub(super) fn of_version(text: &str) -> Violations {
    if let Some((before, metadata)) = text.split_once('+') {
        return build_metadata(text, before, metadata).into();
    }
    let (core, suffix) = match text.split_once('-') {
        Some((core, suffix)) => (core, Some(suffix)),
        None => (text, None),
    };
    let Some(parts) = core.strip_prefix('v').and_then(three_parts) else {
        return wrong_shape(text).into();
    };
    let mut findings = Findings::new();
    for (field, part) in ["major", "minor", "patch"].into_iter().zip(parts) {
        findings.extend(number_fault(part).map(|fault| fault.under(field)));
    }
    let faults = suffix.map(prerelease_faults).unwrap_or_default();
    findings.extend(faults.into_iter().map(|fault| fault.under("prerelease")));
    if findings.is_empty() { wrong_shape(text).into() } else { findings.fail() }
}

/// What is wrong with a pre-release that could not be read.
pub(super) fn of_prerelease(text: &str) -> Violations {
    let mut findings = Findings::new();
    findings.extend(prerelease_faults(text));
    findings.fail()
}

fn three_parts(core: &str) -> Option<[&str; 3]> {
    let parts: Vec<&str> = core.split('.').filter(|part| !part.is_empty()).collect();
    let three: [&str; 3] = parts.try_into().ok()?;
    (core.matches('.').count() == 2).then_some(three)
}

fn number_fault(text: &str) -> Option<Violation> {
    let next = if !is_number(text) {
        "Write the digits 0 to 9 only.".to_owned()
    } else if has_leading_zero(text) {
        format!("Write `{}`.", without_zeros(text))
    } else if text.parse::<u64>().is_err() {
        format!("Write at most {}.", u64::MAX)
    } else {
        return None;
    };
    let expected = "a decimal number that fits 64 bits, without a leading zero";
    Some(Violation::new(RuleId::VER003, quoted(text), expected, next))
}

fn build_metadata(text: &str, before: &str, metadata: &str) -> Violation {
    Violation::new(
        RuleId::VER007,
        format!("{} with the build metadata {}", quoted(text), quoted(metadata)),
        "a version without build metadata, which plays no part in the order of versions",
        format!("Write {}.", quoted(before)),
    )
}

fn wrong_shape(text: &str) -> Violation {
    let lowered = text.strip_prefix('V').map(|rest| format!("v{rest}"));
    let likely = [format!("v{text}"), format!("{text}.0"), format!("v{text}.0")];
    let next = match likely.into_iter().chain(lowered).find(|likely| read(likely).is_some()) {
        Some(version) => format!("Write `{version}`."),
        None => "Write three numbers after a `v`, such as `v1.2.3` or `v1.2.3-rc.1`.".to_owned(),
    };
    let expected = "a version of the form `vMAJOR.MINOR.PATCH` or `vMAJOR.MINOR.PATCH-PRERELEASE`";
    Violation::new(RuleId::VER001, quoted(text), expected, next)
}

fn prerelease_faults(text: &str) -> Vec<Violation> {
    let refused = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let stray = text.chars().find(refused).map(|character| stray(text, character));
    let identifiers = text.split('.').filter_map(|identifier| identifier_fault(text, identifier));
    stray.into_iter().chain(identifiers.take(MOST_IDENTIFIERS)).collect()
}

fn stray(text: &str, character: char) -> Violation {
    Violation::new(
        RuleId::VER001,
        format!("{} with the character {character:?}", quoted(text)),
        "only letters, digits, dots and hyphens in a pre-release",
        "Remove the character, or write a dot or a hyphen for it.",
    )
}

fn identifier_fault(text: &str, identifier: &str) -> Option<Violation> {
    if identifier.is_empty() {
        return Some(Violation::new(
            RuleId::VER004,
            format!("{} with an empty identifier", quoted(text)),
            "identifiers separated by single dots, such as `rc.1`",
            "Remove the extra dot, or the hyphen before it.",
        ));
    }
    (is_number(identifier) && has_leading_zero(identifier)).then(|| {
        Violation::new(
            RuleId::VER004,
            format!("the numeric identifier {}", quoted(identifier)),
            "a number without leading zeros",
            format!("Write `{}`.", without_zeros(identifier)),
        )
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

fn without_zeros(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}
