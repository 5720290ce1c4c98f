//! The pure part of `core`, told by the names of files: no I/O, no clock, no randomness, no adapter.

use super::source::Source;

/// What may touch the outside world; all other files of `core` are pure. A folder ends with `/`; a name
/// without one is a file that any room may have.
const ADAPTERS: [&str; 11] = [
    "core/src/command/",
    "core/src/files.rs",
    "core/src/git/",
    "core/src/health/",
    "core/src/ledger/",
    "core/src/deployment/deployer/",
    "core/src/pipeline/",
    "core/src/rollout/permit.rs",
    "core/src/telemetry/otlp.rs",
    "core/src/terraform_state/local.rs",
    // What only tests may do is offered by one name.
    "core/src/testing.rs",
];

/// The file of a room that gathers facts through the seams.
const SURVEY: &str = "/survey.rs";

/// Parts of a survey.
const SURVEY_FOLDER: &str = "/survey/";

/// The file of a room that makes transactions: of these it makes objects, and does nothing else with them.
const CHANGE: &str = "/change.rs";
const OF_A_CHANGE: [&str; 3] = ["crate::git", "crate::ledger", "survey::"];

/// What pure files may not name, and why.
const IMPURE: [(&str, &str); 20] = [
    ("crate::git", "an adapter"),
    ("crate::health", "an adapter"),
    ("crate::ledger", "an adapter"),
    ("deployer::", "an adapter"),
    ("survey::", "an adapter"),
    ("git2", "an adapter's library"),
    ("tokio", "an adapter's library"),
    ("std::fs", "I/O"),
    // Of `std::net`, addresses are plain values.
    ("TcpStream", "I/O"),
    ("TcpListener", "I/O"),
    ("UdpSocket", "I/O"),
    ("ToSocketAddrs", "I/O"),
    ("std::process", "I/O"),
    ("std::env", "I/O"),
    ("std::thread", "concurrency"),
    ("SystemTime", "a clock"),
    ("Instant::now", "a clock"),
    ("Timestamp::now", "a clock"),
    ("Zoned::now", "a clock"),
    ("rand::", "randomness"),
];

/// Lines that are pure all the same: comments, a room that shows what its survey offers, and what the ledger
/// could not do, which is a value and goes into the reason of a deployment.
const EXEMPT: [&str; 4] =
    ["//", "pub use survey::", "pub(crate) use survey::", "use crate::ledger::LedgerError;"];

/// One line for each impure name in a pure file.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    sources.iter().filter(|source| is_pure(&source.path)).flat_map(check_file).collect()
}

fn is_pure(path: &str) -> bool {
    let ours =
        path.starts_with("core/src/") && path.ends_with(".rs") && !path.ends_with("tests.rs");
    let adapter = ADAPTERS.iter().any(|adapter| path.starts_with(adapter));
    ours && !adapter && !path.ends_with(SURVEY) && !path.contains(SURVEY_FOLDER)
}

fn check_file(source: &Source) -> Vec<String> {
    let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
    let exempt = |line: &str| EXEMPT.iter().any(|it| line.starts_with(it));
    let lines = code.lines().enumerate().filter(|(_, line)| !exempt(line.trim_start()));
    let allowed: &[&str] = if source.path.ends_with(CHANGE) { &OF_A_CHANGE } else { &[] };
    let problem = |(number, line): (usize, &str)| {
        let forbidden = IMPURE.iter().filter(|(name, _)| !allowed.contains(name));
        let (name, what) = forbidden.into_iter().find(|(name, _)| mentions(line, name))?;
        let place = format!("{}:{}", source.path, number + 1);
        Some(format!("{place}: {name} is {what}; this file is pure, so pass the value in"))
    };
    lines.filter_map(problem).collect()
}

/// Whether `name` stands in `line` as a word of its own.
fn mentions(line: &str, name: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        !before.is_some_and(is_word) && (name.ends_with(':') || !after.is_some_and(is_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn a_pure_file_reads_no_clock() {
        assert_eq!(problems("core/src/tag/mod.rs", "let t = Timestamp::now();\n"), 1);
        assert_eq!(problems("core/src/git/mod.rs", "let t = Timestamp::now();\n"), 0);
    }

    #[test]
    fn only_the_survey_of_a_room_asks_adapters() {
        let text = "use crate::ledger::Ledger;\n";
        assert_eq!(problems("core/src/environment/rules.rs", text), 1);
        assert_eq!(problems("core/src/deployment/engine/mod.rs", text), 1);
        assert_eq!(problems("core/src/environment/survey.rs", text), 0);
        assert_eq!(problems("core/src/deployment/deployer/claim.rs", text), 0);
    }

    #[test]
    fn a_change_makes_objects_and_does_nothing_else() {
        assert_eq!(problems("core/src/tag/change.rs", "use crate::git::RefUpdate;\n"), 0);
        assert_eq!(problems("core/src/tag/change.rs", "use super::survey::TagSurvey;\n"), 0);
        assert_eq!(problems("core/src/tag/change.rs", "let t = Timestamp::now();\n"), 1);
        assert_eq!(problems("core/src/tag/change.rs", "let f = std::fs::read(p);\n"), 1);
        assert_eq!(problems("core/src/tag/mod.rs", "pub use survey::survey;\n"), 0);
        assert_eq!(problems("core/src/tag/mod.rs", "use survey::survey;\n"), 1);
    }

    #[test]
    fn comments_tests_and_longer_words_are_free() {
        let text = "// std::fs is not used\nuse crate::gitignore;\n#[cfg(test)]\nuse std::fs;\n";
        assert_eq!(problems("core/src/deployment/engine/mod.rs", text), 0);
    }
}
