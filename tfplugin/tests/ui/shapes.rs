use tfplugin::Model;

/// No names.
#[derive(Debug, Clone, Model)]
struct Pair(String, String);

/// Generic.
#[derive(Debug, Clone, Model)]
struct Of<T> {
    /// Anything.
    value: T,
}

/// Fields.
#[derive(Debug, Clone, Model)]
enum Choice {
    /// Holds something.
    One(String),
    /// Named twice.
    #[tf(rename = "two", rename = "three")]
    Two,
    /// No such option.
    #[tf(renam = "three")]
    Three,
}

/// Not last, and not a list.
#[derive(Debug, Model)]
struct Join {
    /// Words.
    #[tf(variadic)]
    words: Vec<String>,
    /// Word.
    #[tf(variadic)]
    word: String,
}

fn main() {}
