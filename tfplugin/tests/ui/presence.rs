use tfplugin::{Computed, Model, WriteOnly};

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Never unknown.
    #[tf(use_state_for_unknown)]
    name: String,
    /// Optional already.
    #[tf(optional)]
    size: Option<i64>,
    /// Never null.
    #[tf(default = 1)]
    count_of: Option<i64>,
    /// Set by the provider.
    #[tf(default = "x")]
    id: Computed<String>,
    /// Never stored.
    #[tf(default = "x")]
    token: WriteOnly<String>,
}

fn main() {}
