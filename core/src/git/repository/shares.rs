//! How many tags travel in one push. Pure.
//!
//! GitHub tells nobody of tags of which more than three come at once, and GitLab, as it is set up, calls no
//! webhook: no pipeline would start for them.

/// So many tags of one push are told of everywhere.
const MOST_TAGS: usize = 3;

/// Divides what goes together into pushes of at most three tags, in its order. What touches more than that
/// by itself cannot be divided; what touches none joins whoever goes.
pub(crate) fn divide<T>(members: Vec<T>, tags: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut shares: Vec<Vec<T>> = Vec::new();
    let mut taken = 0;
    for member in members {
        let own = tags(&member);
        match shares.last_mut() {
            Some(share) if own == 0 || taken + own <= MOST_TAGS => {
                taken += own;
                share.push(member);
            }
            _ => {
                taken = own;
                shares.push(vec![member]);
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_share_has_more_tags_than_are_told_of() {
        let divided = |tags: &[usize]| divide(tags.to_vec(), |tags| *tags);
        assert_eq!(divided(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(divided(&[1, 1, 1, 1, 1]), [vec![1, 1, 1], vec![1, 1]]);
        assert_eq!(divided(&[0, 1, 0, 1, 1, 0, 1]), [vec![0, 1, 0, 1, 1, 0], vec![1]]);
        assert_eq!(divided(&[2, 2, 5, 1, 0]), [vec![2], vec![2], vec![5], vec![1, 0]]);
        assert_eq!(divided(&[0; 9]), [vec![0; 9]]);
    }
}
