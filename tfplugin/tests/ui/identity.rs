use std::collections::BTreeMap;

use tfplugin::{Model, Sensitive, WriteOnly};

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Shown to everyone.
    #[tf(identity)]
    secret: Sensitive<String>,
    /// Never stored.
    #[tf(identity)]
    token: WriteOnly<String>,
    /// Not a primitive.
    #[tf(identity)]
    tags: BTreeMap<String, String>,
    /// Unknown word.
    #[tf(identity(maybe))]
    name: String,
}

fn main() {}
