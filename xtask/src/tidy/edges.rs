//! Which package of the workspace may use which.

use serde_json::Value;

/// All that is allowed; `core` and `tfplugin` never meet.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("pipeline-core", &[]),
    ("pipeline-aws", &["pipeline-core"]),
    ("tfplugin-gen", &[]),
    ("tfplugin-derive", &[]),
    ("tfplugin", &["tfplugin-derive"]),
    ("terraform-provider-pipeline", &["pipeline-core", "pipeline-aws", "tfplugin"]),
    ("pipeline-simulation", &["pipeline-core"]),
    ("pipeline-fuzz", &["pipeline-core", "tfplugin"]),
    ("pipeline-acceptance", &["terraform-provider-pipeline", "tfplugin"]),
    ("xtask", &["terraform-provider-pipeline", "tfplugin", "pipeline-acceptance"]),
];

/// Tests may look back at what they test.
const ALLOWED_IN_TESTS: [(&str, &str); 5] = [
    // Their own tests see what they offer to the tests of others.
    ("pipeline-core", "pipeline-core"),
    ("pipeline-aws", "pipeline-aws"),
    ("tfplugin-derive", "tfplugin"),
    ("pipeline-acceptance", "pipeline-core"),
    ("pipeline-acceptance", "pipeline-aws"),
];

/// One line for each use that is not allowed.
pub(crate) fn check(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.flat_map(check_package).collect()
}

fn check_package(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let Some((_, allowed)) = ALLOWED.iter().find(|(package, _)| *package == name) else {
        return vec![format!(
            "{name}: a new package; say in xtask/src/tidy/edges.rs what it may use"
        )];
    };
    let uses = package["dependencies"].as_array().into_iter().flatten();
    let own = uses.filter(|used| used["path"].is_string());
    let wrong = own.filter_map(|used| {
        let other = used["name"].as_str()?;
        let test = used["kind"] == "dev" && ALLOWED_IN_TESTS.contains(&(name, other));
        (!allowed.contains(&other) && !test).then_some(other)
    });
    wrong.map(|other| format!("{name}: may not use {other} (ARCHITECTURE.md)")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, uses: &str, kind: Option<&str>) -> Value {
        let used = json!({"name": uses, "path": "/there", "kind": kind});
        json!({"packages": [{"name": name, "dependencies": [used]}]})
    }

    #[test]
    fn core_and_the_protocol_layer_never_meet() {
        assert_eq!(check(&package("pipeline-core", "tfplugin", None)).len(), 1);
        assert_eq!(check(&package("tfplugin", "pipeline-core", Some("dev"))).len(), 1);
    }

    #[test]
    fn the_provider_uses_both() {
        assert!(check(&package("terraform-provider-pipeline", "tfplugin", None)).is_empty());
        assert!(check(&package("tfplugin-derive", "tfplugin", Some("dev"))).is_empty());
    }
}
