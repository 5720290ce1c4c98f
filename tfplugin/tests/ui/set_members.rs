use std::collections::BTreeSet;

use tfplugin::{Model, WriteOnly};

/// Has a secret.
#[derive(Debug, Clone, Model)]
struct Key {
    /// Never stored.
    token: WriteOnly<String>,
}

impl Ord for Key {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Key {}

/// Has a default.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Model)]
struct Place {
    /// One unless set.
    #[tf(default = 1)]
    weight: i64,
}

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Keys.
    keys: BTreeSet<Key>,
    /// Places.
    places: BTreeSet<Place>,
}

fn main() {}
