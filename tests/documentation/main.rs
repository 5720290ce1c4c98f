//! The pages under `docs/` are what the schemas and the examples give, and the READMEs of the modules what their
//! variables and outputs say.
//!
//! `cargo xtask docs` runs this with `PIPELINE_DOCS=write`, which writes the pages; else they are
//! compared. Guides are written by hand and left alone, but for the page of all rules.

mod modules;
mod rules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pipeline_acceptance::{Failure, Outcome};
use terraform_provider_pipeline::PipelineProvider;
use tfplugin::erased::Provider as _;
use tfplugin::{docs, provider};

/// The folders that hold generated pages and nothing else.
const GENERATED: [&str; 6] =
    ["resources", "data-sources", "ephemeral-resources", "list-resources", "actions", "functions"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page, by its path.
fn pages() -> Outcome<BTreeMap<String, String>> {
    let example = |path: &str| std::fs::read_to_string(root().join("examples").join(path)).ok();
    let provider = provider::erase::<PipelineProvider>();
    let pages = docs::pages(&provider, &example);
    let pages = pages.into_iter().map(|page| {
        let text = page.text + &rules::link(&page.path);
        (page.path, text)
    });
    let pages = pages.chain([(rules::PATH.to_owned(), rules::page())]);
    let docs = pages.map(|(path, text)| (format!("docs/{path}"), text));
    Ok(docs.chain(modules::pages(&root())?).collect())
}

/// Pages on disk that nothing gives any more.
fn orphans(pages: &BTreeMap<String, String>) -> Vec<String> {
    let files = GENERATED.into_iter().flat_map(|folder| {
        let folder = format!("docs/{folder}");
        let entries = std::fs::read_dir(root().join(&folder)).into_iter().flatten();
        entries.flatten().map(move |entry| format!("{folder}/{}", entry.file_name().display()))
    });
    files.filter(|file| !pages.contains_key(file)).collect()
}

fn write(pages: &BTreeMap<String, String>, orphans: &[String]) -> Outcome {
    let root = root();
    for (path, text) in pages {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap_or(&root))?;
        std::fs::write(file, text)?;
    }
    orphans.iter().try_for_each(|path| Ok(std::fs::remove_file(root.join(path))?))
}

#[test]
fn docs_are_what_the_schemas_give() -> Outcome {
    let pages = pages()?;
    let orphans = orphans(&pages);
    if std::env::var_os("PIPELINE_DOCS").is_some_and(|value| value == "write") {
        return write(&pages, &orphans);
    }
    let read = |path: &str| std::fs::read_to_string(root().join(path)).ok();
    let stale = pages.iter().filter(|(path, text)| read(path).as_ref() != Some(*text));
    let stale: Vec<_> = stale.map(|(path, _)| path).chain(&orphans).cloned().collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("run `cargo xtask docs` and commit: {}", stale.join(", "))))
}

#[test]
fn every_list_resource_has_an_example() {
    let provider = provider::erase::<PipelineProvider>();
    let names = provider.lists().iter().map(|list| list.name());
    let path = |name: &str| format!("examples/list-resources/{name}/list-resource.tfquery.hcl");
    let lost: Vec<String> = names.map(path).filter(|it| !root().join(it).is_file()).collect();
    assert_eq!(lost, [""; 0]);
}
