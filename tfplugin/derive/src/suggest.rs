//! The near name for a misspelt one.

/// The candidate closest to `found`, where one is close enough to be meant.
pub(crate) fn near<'a>(found: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let limit = (found.chars().count() / 3).max(1) + 1;
    candidates
        .iter()
        .map(|candidate| (distance(found, candidate), *candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
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
