use tfplugin::{Computed, Model};

/// A rule.
#[derive(Debug, Clone, Model)]
struct Rule {
    /// Text.
    text: String,
}

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Not a block.
    #[tf(min = 1)]
    list: Vec<Rule>,
    /// At most one anyway.
    #[tf(block, max = 3)]
    one: Option<Rule>,
    /// Blocks are configured.
    #[tf(block)]
    made: Computed<Rule>,
    /// Blocks are not attributes.
    #[tf(block, requires_replace)]
    rule: Vec<Rule>,
}

fn main() {}
