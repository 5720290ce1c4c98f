//! What a resource, a data source, an action or a function of the provider must bring along: an example, a
//! page of documentation, and tests with real Terraform.

use super::source::Source;

/// One kind of thing that the provider offers.
struct Kind {
    /// Where its definitions are.
    folder: &'static str,
    /// What each must have; `{}` is the type name, `{short}` the name without `pipeline_`.
    wants: &'static [&'static str],
    /// What the paths of its acceptance tests begin with; one of them must name it.
    tests: Option<&'static str>,
}

const KINDS: [Kind; 5] = [
    Kind {
        folder: "provider/src/resources/",
        wants: &[
            "examples/resources/{}/resource.tf",
            "examples/resources/{}/import.sh",
            "docs/resources/{short}.md",
            "tests/acceptance/{short}.rs",
        ],
        tests: None,
    },
    Kind {
        folder: "provider/src/data_sources/",
        wants: &["examples/data-sources/{}/data-source.tf", "docs/data-sources/{short}.md"],
        tests: Some("tests/acceptance/data_sources"),
    },
    Kind {
        folder: "provider/src/actions/",
        wants: &["examples/actions/{}/action.tf", "docs/actions/{short}.md"],
        tests: Some("tests/acceptance/actions"),
    },
    Kind {
        folder: "provider/src/ephemeral_resources/",
        wants: &[
            "examples/ephemeral-resources/{}/ephemeral-resource.tf",
            "docs/ephemeral-resources/{short}.md",
        ],
        tests: Some("tests/acceptance/ephemeral_resources"),
    },
    Kind {
        folder: "provider/src/functions/",
        wants: &["examples/functions/{}/function.tf", "docs/functions/{}.md"],
        tests: Some("tests/acceptance/functions"),
    },
];

/// One line for each thing that is missing.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    KINDS.iter().flat_map(|kind| check_kind(kind, sources)).collect()
}

fn check_kind(kind: &Kind, sources: &[Source]) -> Vec<String> {
    let offered = sources.iter().filter(|source| source.path.starts_with(kind.folder));
    let names = offered.flat_map(|source| source.text.lines().filter_map(name));
    names.flat_map(|name| missing(kind, name, sources)).collect()
}

fn missing(kind: &Kind, name: &str, sources: &[Source]) -> Vec<String> {
    let short = name.strip_prefix("pipeline_").unwrap_or(name);
    let wants = kind.wants.iter().map(|want| want.replace("{short}", short).replace("{}", name));
    let lost = wants.filter(|want| !sources.iter().any(|source| source.path == *want));
    let mut problems: Vec<_> = lost.map(|want| format!("{want}: missing, for {name}")).collect();
    let tested = |start: &str| {
        sources.iter().any(|one| one.path.starts_with(start) && one.text.contains(name))
    };
    problems.extend(
        kind.tests
            .filter(|start| !tested(start))
            .map(|start| format!("{start}*: has no test of {name}")),
    );
    problems
}

/// The name in a line such as `const NAME: &'static str = "pipeline_version_tag";`.
fn name(line: &str) -> Option<&str> {
    let (_, value) = line.trim().strip_prefix("const NAME:")?.split_once("= \"")?;
    value.strip_suffix("\";")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_resource_brings_four_files() {
        let definition = "    const NAME: &'static str = \"pipeline_thing\";\n";
        let alone = [source("provider/src/resources/thing.rs", definition)];
        assert_eq!(check(&alone).len(), 4);
    }

    #[test]
    fn a_function_is_tested_by_name() {
        let definition = "const NAME: &'static str = \"bump\";";
        let files = [
            source("provider/src/functions/bump.rs", definition),
            source("examples/functions/bump/function.tf", ""),
            source("docs/functions/bump.md", ""),
            source("tests/acceptance/functions.rs", "provider::pipeline::bump(1)"),
        ];
        assert!(check(&files).is_empty());
        assert_eq!(check(&files[..3]).len(), 1);
    }
}
