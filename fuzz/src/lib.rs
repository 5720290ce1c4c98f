//! Every reader of what comes from outside, with what has to hold of it whatever the bytes are.
//!
//! A [`Target`] panics where something does not hold. The tests of this package give each one its corpus and
//! some hundred mutations of it; `cargo xtask fuzz` lets libFuzzer look for inputs by what code they reach.
//! Beside what each target says, a panic and more than linear time are faults everywhere ([`growth`]).
//!
//! Left out: what AWS and GitHub answer, which their own libraries or `serde` read into plain fields.

mod decrypt;
mod documents;
mod files;
pub mod growth;
mod laws;
mod logs;
mod printed;
mod records;
mod texts;
mod values;

/// Whether a target could make something of its input, so that a corpus is known to be more than refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At least one reader took it.
    Read,
    /// All refused it.
    Refused,
}

impl From<bool> for Outcome {
    fn from(read: bool) -> Self {
        if read { Self::Read } else { Self::Refused }
    }
}

/// A reader, or several of one kind of input.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of the folder of its corpus.
    pub name: &'static str,
    /// What has to hold.
    pub holds: &'static str,
    /// Panics where it does not.
    pub check: fn(&[u8]) -> Outcome,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "version",
        holds: "a version, a constraint, a pre-release or a bump prints as what reads back equal",
        check: texts::versions,
    },
    Target {
        name: "tag",
        holds: "a tag prints as the name that was read, and what it says makes the same tag again",
        check: texts::tags,
    },
    Target {
        name: "name",
        holds: "every name, ID, time and place prints as what reads back equal",
        check: texts::names,
    },
    Target {
        name: "url",
        holds: "an address prints as what reads back equal, and shows no password",
        check: texts::addresses,
    },
    Target {
        name: "pattern",
        holds: "an expression is kept as it was written, and matching it ends",
        check: texts::pattern,
    },
    Target {
        name: "value",
        holds: "a type and a value of it, in MessagePack and in JSON, encode to what decodes equal",
        check: values::check,
    },
    Target {
        name: "record",
        holds: "a record of the ledger prints as what reads back equal, and the same bytes again",
        check: records::check,
    },
    Target {
        name: "document",
        holds: "an entity in the JSON of a system is told as what reads back equal",
        check: documents::entities,
    },
    Target {
        name: "deployment",
        holds: "a deployment in the words of a system is told in others by JSON that they read",
        check: documents::deployments,
    },
    Target {
        name: "log",
        holds: "a log reads the same in whatever portions it comes, and what is kept has limits",
        check: logs::run_log,
    },
    Target {
        name: "junit",
        holds: "counts and failures of a report agree, and what is kept has limits",
        check: logs::junit,
    },
    Target {
        name: "configuration",
        holds: "a file has a configuration or an error, and problems stand in the file, in order",
        check: files::configuration,
    },
    Target {
        name: "sops",
        holds: "a file is encrypted for a reason or not for one; reasons show no control character",
        check: files::sops,
    },
    Target {
        name: "decrypt",
        holds: "whoever changes a file gets a reason, or values that SOPS encrypted; none is in the reason",
        check: decrypt::check,
    },
    Target {
        name: "state",
        holds: "a state has the hash of its bytes, and says nothing of outputs that are sensitive",
        check: files::state,
    },
    Target {
        name: "template",
        holds: "an output that refers to a parameter is known to show it, and none shows what is not hidden",
        check: files::template,
    },
    Target {
        name: "scan",
        holds: "findings stand in the file, in order, and none holds a part of what was found",
        check: files::scan,
    },
    Target {
        name: "event",
        holds: "a push is of a branch, and reads the same from JSON that was printed anew",
        check: documents::event,
    },
    Target {
        name: "git",
        holds: "what git prints gives names that git accepts, and texts without control characters",
        check: printed::check,
    },
];
