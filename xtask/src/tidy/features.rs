//! Features that a library may not turn on for the program that links it. Cargo gives a dependency the
//! features that any package of the program asks for, so these would change other people's code.

use serde_json::Value;

/// The packages that a script may link.
const LIBRARIES: [&str; 2] = ["pipeline-core", "pipeline-aws"];

/// Dependency, feature, and what it does to everybody else.
const FORBIDDEN: [(&str, &str, &str); 2] = [
    ("serde_json", "arbitrary_precision", "it changes how other crates read and write `f64`"),
    ("serde_json", "preserve_order", "it changes the order of everybody's objects"),
];

/// One line for each feature that a library turns on and may not.
pub(crate) fn check(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let libraries = packages
        .filter(|package| package["name"].as_str().is_some_and(|name| LIBRARIES.contains(&name)));
    libraries.flat_map(check_package).collect()
}

fn check_package(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let uses = package["dependencies"].as_array().into_iter().flatten();
    let linked = uses.filter(|used| used["kind"] != "dev");
    let features = linked.flat_map(|used| {
        let features = used["features"].as_array().into_iter().flatten();
        features.filter_map(move |feature| Some((used["name"].as_str()?, feature.as_str()?)))
    });
    let wrong = features.filter_map(|(used, feature)| {
        FORBIDDEN.iter().find(|(package, name, _)| *package == used && *name == feature)
    });
    wrong
        .map(|(used, feature, why)| {
            format!("{name}: leave the feature {feature} of {used} off, because {why}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, feature: &str, kind: Option<&str>) -> Value {
        let used = json!({"name": "serde_json", "features": ["std", feature], "kind": kind});
        json!({"packages": [{"name": name, "dependencies": [used]}]})
    }

    #[test]
    fn a_library_leaves_the_numbers_of_its_user_alone() {
        let told = check(&package("pipeline-core", "arbitrary_precision", None));
        assert!(matches!(&told[..], [line] if line.contains("pipeline-core")), "{told:?}");
        assert_eq!(check(&package("pipeline-aws", "preserve_order", Some("build"))).len(), 1);
    }

    #[test]
    fn programs_tests_and_other_features_are_free() {
        assert!(check(&package("tfplugin", "arbitrary_precision", None)).is_empty());
        assert!(check(&package("pipeline-core", "arbitrary_precision", Some("dev"))).is_empty());
        assert!(check(&package("pipeline-core", "float_roundtrip", None)).is_empty());
    }

    #[test]
    fn the_workspace_keeps_it() {
        let metadata = crate::cargo::metadata().unwrap();
        assert!(check(&metadata).is_empty());
        let names = metadata["packages"].as_array().unwrap().iter().map(|package| &package["name"]);
        let found = names.filter(|name| LIBRARIES.iter().any(|library| *name == library));
        assert_eq!(found.count(), LIBRARIES.len(), "a package was renamed");
    }
}
