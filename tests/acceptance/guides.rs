//! The guides of the documentation: each block of HCL in them is formatted, and valid against the real schema.

use std::path::Path;

use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::{Failure, Outcome};

/// The blocks of HCL in a page.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.split("```terraform\n").skip(1).filter_map(|rest| rest.split("```").next())
}

/// Every block of every guide, with the name of its guide.
fn all() -> Outcome<Vec<(String, String)>> {
    let mut found = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides");
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let page = std::fs::read_to_string(&path)?;
        found.extend(blocks(&page).map(|block| (name.clone(), block.to_owned())));
    }
    found.sort();
    Ok(found)
}

#[test]
fn guides_are_formatted() -> Outcome {
    let scene = Scene::local()?;
    let folder = scene.workspace.directory.join("guides");
    std::fs::create_dir_all(&folder)?;
    for (number, (guide, block)) in all()?.iter().enumerate() {
        std::fs::write(folder.join(format!("{guide}.{number}.tf")), block)?;
    }
    let folder = folder.to_string_lossy().into_owned();
    let said = scene.workspace.run("fmt", &["-check", "-diff", "-recursive", &folder])?;
    said.success().map(drop)
}

#[test]
fn guides_are_valid() -> Outcome {
    let all = all()?;
    assert!(all.len() > 10, "where have the guides gone? {}", all.len());
    let scene = Scene::local()?;
    // What is said of the provider goes on top of what the workspace says of it.
    let on_top = "guide_override.tf";
    // A file that one of them has its reader make.
    scene.workspace.write("tags.txt", "v1.0.0\n")?;
    for (guide, block) in all {
        let is_provider = block.starts_with("provider ");
        scene.workspace.write(on_top, if is_provider { block.as_str() } else { "" })?;
        scene.workspace.main(if is_provider { "" } else { block.as_str() })?;
        let run = scene.workspace.validate()?;
        if run.said.code != Some(0) {
            return Err(Failure::new(format!("{guide}:\n{block}\n{:?}", run.diagnostics())));
        }
    }
    Ok(())
}
