//! What changes the whole process stays out of the libraries: whoever links them decides that alone.

use super::source::Source;

/// The libraries that other programs may link.
const LIBRARIES: [&str; 2] = ["core/src/", "aws/src/"];

/// What changes the process, and what to do instead; written in two halves, to pass this very check.
const PROCESS_WIDE: [(&str, &str); 5] = [
    (concat!("install_", "default"), "pass the TLS provider to the builder that needs it"),
    (concat!("set_", "hook"), "return what went wrong"),
    (concat!("set_", "logger"), "tell an observer that is passed in"),
    (concat!("set_global_", "default"), "tell an observer that is passed in"),
    (concat!("env::set_", "var"), "pass the variable to the child that needs it"),
];

/// One line for each use in a library; the first of them is used nowhere at all.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    sources.iter().filter(|source| source.is_rust()).flat_map(check_file).collect()
}

fn check_file(source: &Source) -> Vec<String> {
    let linked = LIBRARIES.iter().any(|library| source.path.starts_with(library));
    let names = if linked { PROCESS_WIDE.as_slice() } else { &PROCESS_WIDE[..1] };
    let lines = source.text.lines().enumerate();
    let code = lines.filter(|(_, line)| !line.trim_start().starts_with("//"));
    let problem = |(number, line): (usize, &str)| {
        let (name, instead) = names.iter().find(|(name, _)| line.contains(name))?;
        let place = format!("{}:{}", source.path, number + 1);
        Some(format!("{place}: {name} changes the whole process; {instead}"))
    };
    code.filter_map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, number: usize) -> usize {
        let text = format!("//! A file.\n// {0}\nx::{0}(y);\n", PROCESS_WIDE[number].0);
        check(&[Source { path: path.to_owned(), text }]).len()
    }

    #[test]
    fn libraries_leave_the_process_alone() {
        for number in 0..PROCESS_WIDE.len() {
            assert_eq!(problems("core/src/health/ask.rs", number), 1);
            assert_eq!(problems("aws/src/lib.rs", number), 1);
        }
    }

    #[test]
    fn nobody_installs_a_tls_provider_and_the_server_may_take_panics() {
        assert_eq!(problems("tfplugin/src/server/tls.rs", 0), 1);
        assert_eq!(problems("tfplugin/src/log.rs", 1), 0);
    }
}
