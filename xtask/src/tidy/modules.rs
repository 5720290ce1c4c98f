//! Rust files that no crate reaches: code and tests that nobody compiles.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::source::Source;
use crate::cargo;

/// One line for each file that no `mod` leads to.
pub(crate) fn check(metadata: &Value, sources: &[Source]) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let targets = packages.flat_map(|package| package["targets"].as_array().into_iter().flatten());
    let roots = targets.filter_map(|target| relative(target["src_path"].as_str()?));
    let mut reached = BTreeSet::new();
    for root in roots {
        reach(&root, true, sources, &mut reached);
    }
    let ours = sources.iter().filter(|source| source.is_rust() && !source.is_case());
    let lost = ours.filter(|source| !reached.contains(&source.path));
    lost.map(|source| format!("{}: no `mod` leads here; nobody compiles it", source.path)).collect()
}

fn relative(path: &str) -> Option<String> {
    let inner = Path::new(path).strip_prefix(cargo::root()).ok()?;
    Some(inner.to_string_lossy().into_owned())
}

/// Adds `path` and every file that its `mod` and `include!` lines name.
fn reach(path: &str, root: bool, sources: &[Source], reached: &mut BTreeSet<String>) {
    if !reached.insert(path.to_owned()) {
        return;
    }
    let Some(source) = sources.iter().find(|source| source.path == path) else { return };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inner = if root || path.ends_with("/mod.rs") {
        folder.to_owned()
    } else {
        path.trim_end_matches(".rs").to_owned()
    };
    for line in source.text.lines() {
        let named = module(line)
            .into_iter()
            .flat_map(|name| [format!("{inner}/{name}.rs"), format!("{inner}/{name}/mod.rs")]);
        let included = included(line).map(|file| format!("{folder}/{file}"));
        for file in named.chain(included).filter(|file| sources.iter().any(|one| one.path == *file))
        {
            reach(&file, false, sources, reached);
        }
    }
}

/// The name in a line such as `pub(crate) mod name;`.
fn module(line: &str) -> Option<&str> {
    let line = line.trim().strip_suffix(';')?;
    let (before, name) = line.rsplit_once("mod ")?;
    let plain = before.is_empty() || before.ends_with(' ');
    (plain && before.chars().next().is_none_or(|letter| "p#".contains(letter))).then_some(name)
}

/// The file in a line such as `include!("file.rs");` or `#[path = "file.rs"]`.
fn included(line: &str) -> Option<&str> {
    let after = line.split_once("include!(\"").or_else(|| line.split_once("#[path = \""))?.1;
    after.split('"').next().filter(|file| file.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_module_lines() {
        assert_eq!(module("mod a;"), Some("a"));
        assert_eq!(module("    pub(crate) mod b;"), Some("b"));
        assert_eq!(module("#[cfg(test)] mod tests;"), Some("tests"));
        assert_eq!(module("mod inline {"), None);
        assert_eq!(module("// a mod c;"), None);
        assert_eq!(included("include!(\"gen.rs\");"), Some("gen.rs"));
    }
}
