//! The guides of the documentation and the README: each block of HCL in them is formatted, and valid against the real schema. What a
//! guide has its reader apply or run is applied and run, in order (`page` says how a guide marks it).

mod page;
mod walk;

use std::path::Path;

use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::{Failure, Outcome};

use page::{Block, blocks, steps};
use walk::Walk;

/// The guides whose reader does something that a test can do as well; each has a test below.
const WALKED: [&str; 8] = [
    "adopting",
    "approvals",
    "first-five-minutes",
    "freezes",
    "monorepo",
    "promotion",
    "regions",
    "rollback",
];

/// The text of every guide, by its name, and of the README.
fn guides() -> Outcome<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = vec![("README".to_owned(), std::fs::read_to_string(root.join("README.md"))?)];
    for entry in std::fs::read_dir(root.join("docs/guides"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.push((name, std::fs::read_to_string(&path)?));
    }
    found.sort();
    Ok(found)
}

/// Every block of every guide that the test `asks` for, with the name of its guide.
fn all(asks: impl Fn(&Block<'_>) -> bool) -> Outcome<Vec<(String, String)>> {
    let mut found = Vec::new();
    for (name, text) in guides()? {
        let wanted = blocks(&text).filter(|block| asks(block));
        found.extend(wanted.map(|block| (name.clone(), block.text.to_owned())));
    }
    found.sort();
    Ok(found)
}

/// Does all that a guide marks.
fn walk(guide: &str) -> Outcome {
    let (_, text) = guides()?.into_iter().find(|(name, _)| name == guide).ok_or("no such guide")?;
    let mut walk = Walk::begin()?;
    for step in steps(&text)? {
        walk.take(&step)
            .map_err(|failure| Failure::new(format!("{guide}, {:?}:\n{failure}", step.task)))?;
    }
    Ok(())
}

#[test]
fn every_guide_with_marks_is_walked() -> Outcome {
    let mut marked = Vec::new();
    for (name, text) in guides()? {
        if !steps(&text)?.is_empty() {
            marked.push(name);
        }
    }
    assert_eq!(marked, WALKED);
    Ok(())
}

#[test]
fn guides_are_formatted() -> Outcome {
    let scene = Scene::local()?;
    let folder = scene.workspace.directory.join("guides");
    std::fs::create_dir_all(&folder)?;
    for (number, (guide, block)) in all(|_| true)?.iter().enumerate() {
        std::fs::write(folder.join(format!("{guide}.{number}.tf")), block)?;
    }
    let folder = folder.to_string_lossy().into_owned();
    let said = scene.workspace.run("fmt", &["-check", "-diff", "-recursive", &folder])?;
    said.success().map(drop)
}

#[test]
fn adopting_can_be_walked() -> Outcome {
    walk("adopting")
}

#[test]
fn approvals_can_be_walked() -> Outcome {
    walk("approvals")
}

#[test]
fn first_five_minutes_can_be_walked() -> Outcome {
    walk("first-five-minutes")
}

#[test]
fn freezes_can_be_walked() -> Outcome {
    walk("freezes")
}

#[test]
fn monorepo_can_be_walked() -> Outcome {
    walk("monorepo")
}

#[test]
fn promotion_can_be_walked() -> Outcome {
    walk("promotion")
}

#[test]
fn regions_can_be_walked() -> Outcome {
    walk("regions")
}

#[test]
fn rollback_can_be_walked() -> Outcome {
    walk("rollback")
}

/// Each block that stands for itself. Those that a walk applies are valid anyway, and may need each other.
#[test]
fn guides_are_valid() -> Outcome {
    let all = all(|block| !block.marked)?;
    assert!(all.len() > 10, "where have the guides gone? {}", all.len());
    let scene = Scene::local()?;
    // What is said of the provider goes on top of what the workspace says of it.
    let on_top = "guide_override.tf";
    // A file that one of them has its reader make.
    scene.workspace.write("tags.txt", "v1.0.0\n")?;
    for (guide, block) in all {
        let is_provider = ["provider ", "terraform "].iter().any(|word| block.starts_with(word));
        scene.workspace.write(on_top, if is_provider { block.as_str() } else { "" })?;
        scene.workspace.main(if is_provider { "" } else { block.as_str() })?;
        let run = scene.workspace.validate()?;
        if run.said.code != Some(0) {
            return Err(Failure::new(format!("{guide}:\n{block}\n{:?}", run.diagnostics())));
        }
    }
    Ok(())
}
