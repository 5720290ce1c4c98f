use tfplugin::Model;

#[derive(Debug, Clone)]
struct CommitSha;

/// A thing.
#[derive(Debug, Clone, Model)]
struct Thing {
    /// A type of the domain.
    commit: CommitSha,
}

fn main() {}
