//! The pure part of `core`: no I/O, no clock, no randomness, no adapter.

use super::source::Source;

/// The modules that must stay pure.
const PURE: [&str; 6] = ["model", "policy", "engine", "record", "sops", "dialect"];

/// What they may not name, and why.
const IMPURE: [(&str, &str); 20] = [
    ("crate::aws", "an adapter"),
    ("crate::git", "an adapter"),
    ("crate::ledger", "an adapter"),
    ("crate::http", "an adapter"),
    ("crate::terraform_state", "an adapter"),
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

/// One line for each impure name in a pure module.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    sources.iter().filter(|source| is_pure(&source.path)).flat_map(check_file).collect()
}

fn is_pure(path: &str) -> bool {
    let Some(inner) = path.strip_prefix("core/src/") else { return false };
    let module = inner.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    inner.ends_with(".rs") && PURE.contains(&module) && !inner.ends_with("tests.rs")
}

fn check_file(source: &Source) -> Vec<String> {
    let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let problem = |(number, line): (usize, &str)| {
        let (name, what) = IMPURE.iter().find(|(name, _)| mentions(line, name))?;
        let place = format!("{}:{}", source.path, number + 1);
        Some(format!("{place}: {name} is {what}; this module is pure, so pass the value in"))
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
    fn a_pure_module_reads_no_clock() {
        assert_eq!(problems("core/src/model/tag.rs", "let t = Timestamp::now();\n"), 1);
        assert_eq!(problems("core/src/git/mod.rs", "let t = Timestamp::now();\n"), 0);
    }

    #[test]
    fn comments_tests_and_longer_words_are_free() {
        let text = "// std::fs is not used\nuse crate::gitignore;\n#[cfg(test)]\nuse std::fs;\n";
        assert_eq!(problems("core/src/engine.rs", text), 0);
    }
}
