use tfplugin::{Model, Value};

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Anything.
    values: Vec<Value>,
}

fn main() {}
