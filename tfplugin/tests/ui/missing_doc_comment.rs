use tfplugin::Model;

#[derive(Debug, Clone, Model)]
struct Thing {
    name: String,
    /// Fine.
    size: i64,
    ///
    empty: bool,
}

#[derive(Debug, Clone, Model)]
enum Choice {
    One,
    /// Fine.
    Two,
}

fn main() {}
