//! Short texts that no other process makes.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

/// Sixteen hexadecimal digits, different at every call.
///
/// Not secret: the standard library's seeds are random and each one differs from the last.
pub(crate) fn nonce() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    format!("{:016x}", RandomState::new().hash_one((now, std::process::id())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn never_repeats() {
        let seen: BTreeSet<String> = (0..1000).map(|_| super::nonce()).collect();
        assert_eq!(seen.len(), 1000);
    }
}
