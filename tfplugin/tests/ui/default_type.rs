use tfplugin::Model;

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Not a bool.
    #[tf(default = 1)]
    force: bool,
    /// Not a whole number.
    #[tf(default = 1.5)]
    size: i64,
}

fn main() {}
