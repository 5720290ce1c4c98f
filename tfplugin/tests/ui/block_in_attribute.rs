use tfplugin::Model;

/// A rule.
#[derive(Debug, Clone, Model)]
struct Rule {
    /// Text.
    text: String,
}

/// A policy.
#[derive(Debug, Clone, Model)]
struct Policy {
    /// Rules.
    #[tf(block)]
    rule: Vec<Rule>,
}

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Its policy.
    policy: Option<Policy>,
    /// Words are not blocks.
    #[tf(block)]
    word: Vec<String>,
}

fn main() {}
