//! Which programs the commands of a configuration call, and what is said of one that is not there.

use std::collections::BTreeSet;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};

/// What a shell has in itself.
const BUILTINS: &[&str] = &[
    ".", ":", "[", "[[", "alias", "break", "case", "cd", "command", "continue", "declare", "do",
    "done", "echo", "else", "esac", "eval", "exec", "exit", "export", "false", "fi", "for",
    "function", "if", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift",
    "source", "test", "then", "time", "trap", "true", "type", "ulimit", "umask", "unset", "until",
    "wait", "while", "{",
];

/// The program that a command calls first; none where that is the shell's own, or a file of the repository.
#[must_use]
pub fn program(command: &str) -> Option<String> {
    let words = shlex::split(command)?;
    let is_setting = |word: &String| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| {
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    let first = words.into_iter().find(|word| !is_setting(word))?;
    let is_program = !first.is_empty()
        && !first.contains('/')
        && !first.starts_with(['(', '$', '!', '-'])
        && !BUILTINS.contains(&first.as_str());
    is_program.then_some(first)
}

/// The programs of all commands, each once.
pub fn programs<'a>(commands: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    commands.into_iter().filter_map(|command| program(command)).collect()
}

/// What came of asking a program for its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// It answered.
    Version,
    /// No program of that name is found.
    Missing,
    /// It ended with an error, or not in time.
    Silent,
}

/// CFG008 for a program that is missing, or does not answer.
#[must_use]
pub fn check(program: &str, answer: Answer) -> Option<Violation> {
    let (found, next) = match answer {
        Answer::Version => return None,
        Answer::Missing => (
            format!("no program {} in `PATH`", quoted(program)),
            "Install it where the build runs, or extend `PATH`.",
        ),
        Answer::Silent => (
            format!("{}, which answers neither `--version` nor `-v`", quoted(program)),
            "Try it by hand; it may be broken, or another program of the same name.",
        ),
    };
    let expected = "a program that the build can call";
    Some(Violation::new(RuleId::CFG008, found, expected, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_program_unless_the_shell_has_it() {
        for (command, expected) in [
            ("npm ci", Some("npm")),
            ("NODE_ENV=production npx cdk synth", Some("npx")),
            ("'my tool' --fast", Some("my tool")),
            ("cd infra", None),
            ("./build.sh", None),
            ("A=1", None),
            ("$BUILD all", None),
            ("\"open", None),
        ] {
            assert_eq!(program(command).as_deref(), expected, "{command}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(check("npm", Answer::Version), None);
        assert!(check("npm", Answer::Missing).unwrap().to_string().contains("no program `npm`"));
        assert!(check("npm", Answer::Silent).unwrap().to_string().contains("neither"));
    }
}
