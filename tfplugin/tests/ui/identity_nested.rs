use tfplugin::Model;

/// A place.
#[derive(Debug, Clone, Model)]
struct Place {
    /// Its name.
    name: String,
}

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// Where it is.
    #[tf(identity)]
    place: Place,
}

fn main() {}
