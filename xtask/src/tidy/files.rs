//! What every file looks like.

use super::source::Source;
use crate::cargo;

/// More than this is more than one thing.
const LONGEST: usize = 600;

/// One line for each file that does not look as it should.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    let machine = machine_paths();
    sources.iter().flat_map(|source| check_file(source, &machine)).collect()
}

fn check_file(source: &Source, machine: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    let ours = source.is_rust() && !source.is_generated() && !source.is_case();
    if ours && !source.text.starts_with("//!") {
        problems
            .push("opens without `//!`: say what the file is and what it leaves out".to_owned());
    }
    let length = source.text.lines().count();
    if ours && length > LONGEST {
        problems.push(format!("has {length} lines; split it (at most {LONGEST})"));
    }
    problems.extend(forbidden(source, machine));
    problems.into_iter().map(|problem| format!("{}: {problem}", source.path)).collect()
}

/// Names that do not belong into the repository.
fn forbidden(source: &Source, machine: &[String]) -> Vec<String> {
    if source.path == "Cargo.lock" {
        return Vec::new();
    }
    let hosts = REGISTRY_HOSTS.map(|host| (host.to_owned(), "the host of a package registry"));
    let hosts = hosts.into_iter();
    let paths = machine.iter().cloned().map(|path| (path, "a path of one machine"));
    let found = hosts.chain(paths).filter(|(text, _)| source.text.contains(text.as_str()));
    found.map(|(text, what)| format!("names {text}, {what}")).collect()
}

/// Hosts that change, or are not everybody's; written in two halves, to pass this very check.
const REGISTRY_HOSTS: [&str; 5] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("docker", ".io"),
];

/// Where this checkout and its owner live.
fn machine_paths() -> Vec<String> {
    let home = std::env::var("HOME").ok();
    let root = Some(cargo::root().to_string_lossy().into_owned());
    let ends = [home, root].into_iter().flatten().filter(|path| path.matches('/').count() > 1);
    let users = ["/ho", "/Us"].into_iter().zip(["me/", "ers/"]);
    ends.chain(users.map(|(first, second)| format!("{first}{second}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn a_file_says_what_it_is() {
        assert_eq!(problems("core/src/lib.rs", "fn f() {}\n"), 1);
        assert_eq!(problems("core/src/lib.rs", "//! The domain.\n"), 0);
        assert_eq!(problems("tfplugin/src/proto.rs", "// @generated\n"), 0);
    }

    #[test]
    fn no_host_of_a_registry_and_no_path_of_a_machine() {
        assert_eq!(problems("README.md", &["see pypi", "org"].join(".")), 1);
        assert_eq!(problems("README.md", &format!("cd {}", cargo::root().display())), 1);
    }

    #[test]
    fn a_long_file_is_named() {
        assert_eq!(problems("core/src/lib.rs", &format!("//! x\n{}", "\n".repeat(LONGEST))), 1);
    }
}
