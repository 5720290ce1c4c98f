//! "Did you mean": the nearest of the words that would have been right.

use super::shown::quoted;

/// The candidate nearest to `found`, when it is near enough to be what was meant.
///
/// Near means that at most a third of the letters (at least one) differ, where two swapped
/// neighbours count as one difference and case does not count. Of equals the first wins.
pub fn did_you_mean<'a>(
    found: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = found.chars().count();
    let reach = (length / 3).max(1);
    let wanted = found.to_lowercase();
    let close = |candidate: &&str| {
        *candidate != found && candidate.chars().count().abs_diff(length) <= reach && length > 0
    };
    let measured = candidates
        .into_iter()
        .filter(close)
        .map(|candidate| (strsim::osa_distance(&wanted, &candidate.to_lowercase()), candidate));
    let near = measured.filter(|(distance, _)| *distance <= reach);
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// What to do next about an unknown name: take the nearest candidate, or else this.
pub fn did_you_mean_or<'a>(
    found: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    match did_you_mean(found, candidates) {
        Some(near) => format!("Did you mean {}?", quoted(near)),
        None => otherwise(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["production", "staging", "canary", "us-east-1"];

    #[test]
    fn finds_slips_of_the_keyboard() {
        assert_eq!(did_you_mean("prodcution", NAMES), Some("production"));
        assert_eq!(did_you_mean("Staging", NAMES), Some("staging"));
        assert_eq!(did_you_mean("us-esat-1", NAMES), Some("us-east-1"));
    }

    #[test]
    fn says_nothing_about_strangers() {
        assert_eq!(did_you_mean("frankfurt", NAMES), None);
        assert_eq!(did_you_mean("", ["a", ""]), None);
        assert_eq!(did_you_mean("staging", ["staging"]), None);
    }

    #[test]
    fn prefers_the_nearest() {
        assert_eq!(did_you_mean("us-east-3", ["us-west-2", "us-east-2"]), Some("us-east-2"));
    }

    #[test]
    fn a_name_or_another_way_out() {
        let otherwise = || "Choose one.".to_owned();
        assert_eq!(did_you_mean_or("canry", NAMES, otherwise), "Did you mean `canary`?");
        assert_eq!(did_you_mean_or("frankfurt", NAMES, otherwise), "Choose one.");
    }

    #[test]
    fn a_slip_is_measured_in_letters_of_any_alphabet() {
        assert_eq!(did_you_mean("größe", ["grösse", "grube"]), None);
        assert_eq!(did_you_mean("Größen", ["größe"]), Some("größe"));
        assert_eq!(did_you_mean("ab", ["ba"]), Some("ba"));
    }
}
