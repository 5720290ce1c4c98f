//! The near name for a misspelt one.

/// The candidate nearest to `found`, where it is near enough to be meant: at most a third of the letters
/// (at least one) differ, and two swapped neighbours count as one difference.
pub(crate) fn near<'a>(found: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let reach = (found.chars().count() / 3).max(1);
    let found = found.to_lowercase();
    candidates
        .iter()
        .map(|candidate| (strsim::osa_distance(&found, &candidate.to_lowercase()), *candidate))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn suggests_only_what_is_close() {
        let options = ["requires_replace", "default", "identity"];
        assert_eq!(near("require_replace", &options), Some("requires_replace"));
        assert_eq!(near("defualt", &options), Some("default"));
        assert_eq!(near("frobnicate", &options), None);
    }
}
