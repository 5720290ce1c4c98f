use tfplugin::{Computed, Model};

/// A thing.
#[derive(Debug, Clone, Model)]
#[tf(imutable, color = "red")]
struct Thing {
    /// Misspelt, and the option after it is still read.
    #[tf(require_replace, identity)]
    name: String,
    /// Nothing like any option.
    #[tf(frobnicate(x, y))]
    size: i64,
    /// Given twice.
    #[tf(use_state_for_unknown, use_state_for_unknown)]
    id: Computed<String>,
}

fn main() {}
