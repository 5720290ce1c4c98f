//! The workflows that a link can start, and the inputs that each of them takes. A table, nothing else.

use super::Category;

/// What an input may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Any text without control characters.
    Text,
    /// `true` or `false`.
    Flag,
}

use Input::{Flag, Text};

macro_rules! workflows {
    ($($(#[$meta:meta])* $variant:ident $name:literal $categories:expr, $inputs:expr;)*) => {
        closed_list! {
            /// A workflow of the pipeline, by the name of its file without the ending.
            pub enum Workflow breaks LNK004 { $($(#[$meta])* $variant = $name,)* }
        }

        impl Workflow {
            /// What starting it can be for; the usual purpose first.
            #[must_use]
            pub const fn categories(self) -> &'static [Category] {
                match self { $(Self::$variant => &$categories),* }
            }

            /// The inputs that it takes.
            #[must_use]
            pub const fn inputs(self) -> &'static [(&'static str, Input)] {
                match self { $(Self::$variant => &$inputs),* }
            }
        }
    };
}

workflows! {
    /// Publishes a release.
    Release "release" [Category::Release],
        [("version", Text), ("skip_npm", Flag), ("skip_docker", Flag), ("skip_docs", Flag)];
    /// Verifies and announces what was released.
    PostRelease "post-release" [Category::Release, Category::Deployment],
        [("version", Text), ("environment", Text), ("region", Text)];
    /// Cleans up, deprecates, audits, updates.
    Maintenance "maintenance" [Category::Maintenance], [("task_mode", Text), ("dry_run", Flag)];
    /// Puts a version, state or environment tag on a commit.
    TagAssignment "tag-assignment" [Category::State, Category::Deployment, Category::Release],
        [("tag_type", Text), ("version", Text), ("commit_sha", Text), ("environment", Text), ("state", Text),
         ("sub_project", Text), ("force_move", Flag)];
    /// Deploys a version.
    Deployment "deployment" [Category::Deployment],
        [("environment", Text), ("sub_project", Text), ("region", Text), ("skip_queue", Flag)];
    /// Goes back to an earlier version.
    Rollback "rollback" [Category::Rollback],
        [("environment", Text), ("sub_project", Text), ("target_version", Text), ("region", Text)];
    /// Repairs a branch.
    SelfHealing "self-healing" [Category::Maintenance], [("branch", Text), ("scope", Text)];
    /// Checks what is to be released.
    PreRelease "pre-release" [Category::Release], [("enable_e2e", Flag), ("test_mode", Text)];
}

impl Workflow {
    /// The file that holds it, below `.github/workflows/`.
    #[must_use]
    pub fn file(self) -> String {
        format!("{self}.yml")
    }
}
