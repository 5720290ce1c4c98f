use tfplugin::{Computed, Model, WriteOnly};

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Read-only.
    #[tf(requires_replace)]
    id: Computed<String>,
    /// Never stored.
    #[tf(requires_replace)]
    token: WriteOnly<String>,
}

fn main() {}
