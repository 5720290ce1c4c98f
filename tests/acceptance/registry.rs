//! The documentation as the registry takes it: what HashiCorp's own `tfplugindocs` says of its layout and its names,
//! and that nothing in the schema goes without a description.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pipeline_acceptance::go::{Found, installed};
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::terraform::{Feature, Terraform};
use pipeline_acceptance::{Failure, Outcome, command, provider};
use serde_json::{Value, json};

/// HashiCorp's check of registry documentation, and its version.
const TFPLUGINDOCS: (&str, &str) =
    ("github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs", "0.25.0");

/// Folders of pages whose kind only some releases tell of.
const NEWER: [(&str, Feature); 3] = [
    ("ephemeral-resources", Feature::Ephemeral),
    ("actions", Feature::Actions),
    ("list-resources", Feature::Queries),
];

/// What Terraform says that the provider offers.
fn schema(scene: &Scene) -> Outcome<Value> {
    scene.workspace.main("")?;
    let said = scene.workspace.run("providers", &["schema", "-json"])?.success()?;
    let mut all: Value = serde_json::from_str(&said.stdout)?;
    let providers = all["provider_schemas"].as_object_mut().ok_or("no schemas")?;
    let ours = providers.values_mut().next().ok_or("no schema of a provider")?;
    Ok(ours.take())
}

/// The pages of all that this release tells of, in a folder of their own.
fn pages(terraform: &Terraform, to: &Path) -> Outcome {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for entry in fs::read_dir(&docs)?.flatten() {
        let name = entry.file_name();
        let newer = NEWER.iter().find(|(folder, _)| name == *folder);
        if newer.is_some_and(|(_, feature)| !terraform.has(*feature)) {
            continue;
        }
        copy(&entry.path(), &to.join(name))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Outcome {
    if !from.is_dir() {
        return Ok(fs::copy(from, to).map(drop)?);
    }
    fs::create_dir_all(to)?;
    let mut entries = fs::read_dir(from)?.flatten();
    entries.try_for_each(|entry| copy(&entry.path(), &to.join(entry.file_name())))
}

/// What the registry's own program has against these pages; nothing where it takes them all.
fn judged(program: &Path, folder: &Path, schema: &Value) -> Outcome<Vec<String>> {
    let file: PathBuf = folder.join("schema.json");
    // The program knows a provider by its short name.
    let all = json!({"format_version": "1.0", "provider_schemas": {"pipeline": schema}});
    fs::write(&file, all.to_string())?;
    let mut validate = Command::new(program);
    validate.args(["validate", "--provider-name", "pipeline", "--provider-dir"]).arg(folder);
    let said = command::run(validate.arg("--providers-schema").arg(&file))?;
    match said.code {
        Some(0) => Ok(Vec::new()),
        Some(1) if said.stderr.contains("validation errors found") => {
            let errors =
                said.stderr.lines().skip_while(|line| !line.contains("validation errors found"));
            Ok(errors.skip(1).map(str::to_owned).collect())
        }
        _ => Err(said.failure("tfplugindocs should say what it thinks of the pages")),
    }
}

#[test]
fn the_registry_takes_every_page() -> Outcome {
    let program = match installed("tfplugindocs", TFPLUGINDOCS.0, TFPLUGINDOCS.1)? {
        Found::Ready(program) => program,
        Found::Missing(why) => {
            skipped("the_registry_takes_every_page", &why);
            return Ok(());
        }
    };
    let scene = Scene::local()?;
    let schema = schema(&scene)?;
    let folder = scene.environment().root().join("registry");
    pages(&scene.workspace.terraform, &folder.join("docs"))?;
    assert_eq!(judged(&program, &folder, &schema)?, [""; 0]);

    // It does look.
    fs::remove_file(folder.join("docs/resources/version_tag.md"))?;
    let faults = judged(&program, &folder, &schema)?.join("\n");
    assert!(faults.contains("pipeline_version_tag"), "{faults}");
    Ok(())
}

/// Every place in a schema that a page shows, with what it says of itself.
fn described(at: &str, schema: &Value, found: &mut BTreeMap<String, String>) {
    let text = |value: &Value| value["description"].as_str().unwrap_or_default().to_owned();
    for (name, value) in schema.as_object().into_iter().flatten() {
        let place = format!("{at}.{name}");
        match name.as_str() {
            "attributes" => {
                for (attribute, value) in value.as_object().into_iter().flatten() {
                    found.insert(format!("{at}.{attribute}"), text(value));
                }
            }
            "block" => drop(found.insert(place.clone(), text(value))),
            _ => {}
        }
        described(&place, value, found);
    }
}

#[test]
fn nothing_goes_without_a_description() -> Outcome {
    let scene = Scene::local()?;
    let schema = schema(&scene)?;
    let mut found = BTreeMap::new();
    described("", &schema, &mut found);
    for (name, function) in schema["functions"].as_object().ok_or("no functions")? {
        for part in ["summary", "description"] {
            found.insert(
                format!("{name}().{part}"),
                function[part].as_str().unwrap_or_default().to_owned(),
            );
        }
        for parameter in function["parameters"].as_array().into_iter().flatten() {
            let text = parameter["description"].as_str().unwrap_or_default();
            found.insert(format!("{name}({})", parameter["name"]), text.to_owned());
        }
    }
    assert!(found.len() > 300, "where has the schema gone? {}", found.len());
    let empty: Vec<_> =
        found.iter().filter(|(_, text)| text.trim().is_empty()).map(|(place, _)| place).collect();
    if empty.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("{}: {empty:?}", provider::SOURCE)))
    }
}
