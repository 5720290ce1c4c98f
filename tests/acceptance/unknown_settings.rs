//! A provider block of which something is only known after apply: none of it is taken for its default.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::quote;

use crate::hcl::{deployment, environment, tag};

/// Each argument but the repository's own, with a value that is not its default. With their defaults what
/// [`product`] declares is refused.
const ARGUMENTS: &[(&str, &str)] = &[
    ("actor", "\"ada\""),
    ("allow_prerelease_tags", "true"),
    ("environment_tag_names", "[\"production\", \"staging\", \"qa\"]"),
    ("extra_regions", "[\"eu-future-1\"]"),
    ("ledger_ref_prefix", "\"refs/other\""),
    ("lease", "\"2m\""),
    ("override", "{ reason = \"a drill\", approved_by = \"grace\" }"),
];

/// A workspace whose provider block knows the arguments that `unknown` picks only after an apply.
fn configured(scene: &Scene, unknown: impl Fn(&str) -> bool) -> Outcome {
    let mut late = String::new();
    let mut block = format!("  repository = {}\n", quote(&scene.repository.path()));
    for (name, value) in ARGUMENTS {
        if unknown(name) {
            late += &format!("resource \"terraform_data\" \"{name}\" {{\n  input = {value}\n}}\n");
            block += &format!("  {name} = terraform_data.{name}.output\n");
        } else {
            block += &format!("  {name} = {value}\n");
        }
    }
    let source = "terraform {\n  required_providers {\n    pipeline = { source = \"pipeline/pipeline\" }\n  }\n}\n";
    scene
        .workspace
        .write("provider.tf", &format!("{source}{late}provider \"pipeline\" {{\n{block}}}\n"))
}

/// What only these settings allow.
fn product() -> String {
    let future = "  regions = [{ name = \"eu-west\", cloud_mappings = { aws = \"eu-future-1\" } }]";
    let first = "  depends_on = [pipeline_version_tag.first]";
    [
        tag("candidate", "api/v1.0.0-rc.1", "HEAD"),
        tag("qa", "api/qa", "HEAD"),
        tag("first", "api/v0.9.0", "HEAD"),
        environment("staging", future),
        deployment("staging", "api/v0.9.0", first),
    ]
    .concat()
}

/// A repository that has an environment `qa` too.
fn scene() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.write("environments/qa/config.yaml", "{}\n")?;
    scene.repository.commit("Add qa")?;
    Ok(scene)
}

#[test]
fn each_argument_may_be_unknown_at_plan() -> Outcome {
    for (name, _) in ARGUMENTS {
        let scene = scene()?;
        configured(&scene, |other| other == *name)?;
        scene.workspace.main(&product())?;
        scene.workspace.plan(&[])?.ok()?;
    }
    Ok(())
}

#[test]
fn what_was_unknown_counts_at_apply() -> Outcome {
    let scene = scene()?;
    configured(&scene, |_| true)?;
    scene.workspace.settle(&product())?;
    let refs = scene.repository.refs()?;
    assert!(refs.contains_key("refs/tags/api/v1.0.0-rc.1"), "{refs:?}");
    assert!(refs.contains_key("refs/other/environments/staging"), "{refs:?}");
    assert!(!refs.keys().any(|name| name.starts_with("refs/ledger/")), "{refs:?}");
    Ok(())
}

#[test]
fn what_is_read_at_plan_says_which_arguments_are_unknown() -> Outcome {
    let scene = scene()?;
    configured(&scene, |name| name == "ledger_ref_prefix" || name == "actor")?;
    scene.workspace.main("data \"pipeline_versions\" \"all\" {\n}\n")?;
    scene.workspace.plan(&[])?.refused("`actor`, `ledger_ref_prefix`")?.says("-target")?;
    Ok(())
}
