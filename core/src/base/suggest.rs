//! "Did you mean": the nearest of the words that would have been right.

/// The candidate nearest to `found`, when it is near enough to be what was meant.
///
/// Near means that at most a third of the letters (at least one) differ, where two swapped
/// neighbours count as one difference and case does not count. Of equals the first wins.
pub fn did_you_mean<'a>(
    found: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = letters(found);
    if wanted.is_empty() {
        return None;
    }
    let reach = (wanted.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = letters(candidate);
        if candidate == found || other.len().abs_diff(wanted.len()) > reach {
            continue;
        }
        let distance = distance(&wanted, &other);
        if distance <= reach && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn letters(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
fn distance(left: &[char], right: &[char]) -> usize {
    let width = right.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut above: Vec<usize> = (0..width).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut current = vec![row + 1; width];
        for (column, other) in right.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut least = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            let swapped =
                row > 0 && column > 0 && *letter == right[column - 1] && left[row - 1] == *other;
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            current[column + 1] = least;
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(left.len())
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
    fn distance_is_a_metric_on_samples() {
        let words = ["", "a", "ab", "ba", "canary", "cnary", "stage"].map(letters);
        for left in &words {
            assert_eq!(distance(left, left), 0);
            for right in &words {
                assert_eq!(distance(left, right), distance(right, left));
            }
        }
    }
}
