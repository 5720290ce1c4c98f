use tfplugin::Model;

/// A thing.
#[derive(Debug, Clone, Model)]
#[tf(exactly_one_of(branch, patern))]
#[tf(conflicts(branch, name), at_least_one_of(branch))]
struct Thing {
    /// Always set.
    name: String,
    /// Exact.
    branch: Option<String>,
    /// Glob.
    pattern: Option<String>,
}

fn main() {}
