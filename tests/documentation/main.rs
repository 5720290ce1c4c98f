//! The pages under `docs/` are what the schemas and the examples give.
//!
//! `cargo xtask docs` runs this with `PIPELINE_DOCS=write`, which writes the pages; else they are
//! compared. Guides are written by hand and left alone, but for the page of all rules.

mod rules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pipeline_acceptance::{Failure, Outcome};
use terraform_provider_pipeline::PipelineProvider;
use tfplugin::{docs, provider};

/// The folders that hold generated pages and nothing else.
const GENERATED: [&str; 4] = ["resources", "data-sources", "ephemeral-resources", "functions"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page, by its path below `docs/`.
fn pages() -> BTreeMap<String, String> {
    let example = |path: &str| std::fs::read_to_string(root().join("examples").join(path)).ok();
    let provider = provider::erase::<PipelineProvider>();
    let pages = docs::pages(&provider, &example);
    let pages = pages.into_iter().map(|page| {
        let text = page.text + &rules::link(&page.path);
        (page.path, text)
    });
    pages.chain([(rules::PATH.to_owned(), rules::page())]).collect()
}

/// Pages on disk that nothing gives any more.
fn orphans(pages: &BTreeMap<String, String>) -> Vec<String> {
    let files = GENERATED.into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(root().join("docs").join(folder)).into_iter().flatten();
        entries.flatten().map(move |entry| format!("{folder}/{}", entry.file_name().display()))
    });
    files.filter(|file| !pages.contains_key(file)).collect()
}

fn write(pages: &BTreeMap<String, String>, orphans: &[String]) -> Outcome {
    let docs = root().join("docs");
    for (path, text) in pages {
        let file = docs.join(path);
        std::fs::create_dir_all(file.parent().unwrap_or(&docs))?;
        std::fs::write(file, text)?;
    }
    orphans.iter().try_for_each(|path| Ok(std::fs::remove_file(docs.join(path))?))
}

#[test]
fn docs_are_what_the_schemas_give() -> Outcome {
    let pages = pages();
    let orphans = orphans(&pages);
    if std::env::var_os("PIPELINE_DOCS").is_some_and(|value| value == "write") {
        return write(&pages, &orphans);
    }
    let read = |path: &str| std::fs::read_to_string(root().join("docs").join(path)).ok();
    let stale = pages.iter().filter(|(path, text)| read(path).as_ref() != Some(*text));
    let stale: Vec<_> = stale.map(|(path, _)| path).chain(&orphans).cloned().collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("run `cargo xtask docs` and commit: {}", stale.join(", "))))
}
