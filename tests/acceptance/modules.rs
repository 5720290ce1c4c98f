//! The modules for platform teams: formatted, their own tests pass on a mock and on a real repository, and their
//! examples settle.
//!
//! The tests of a module in `tests/real`, and its example, get a repository of their own each, with the tags that the
//! head of the test's file asks for.

use std::path::{Path, PathBuf};

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::Workspace;

/// Every module; each has a test below.
const MODULES: [&str; 5] = ["environment", "monorepo", "release", "rollout", "service"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../terraform")
}

/// A copy of all modules.
struct Stage {
    scene: Scene,
    modules: PathBuf,
}

impl Stage {
    fn set() -> Outcome<Self> {
        let scene = Scene::local()?;
        let copy = scene.environment().root().join("copy");
        copy_tree(&source(), &copy)?;
        Ok(Self { scene, modules: copy.join("modules") })
    }

    /// The folder of a module or below it, in which Terraform runs.
    fn workspace(&self, folder: &str) -> Outcome<Workspace> {
        let mut workspace = self.scene.second_workspace("unused")?;
        workspace.directory = self.modules.join(folder);
        Ok(workspace)
    }

    /// The product in a repository of this name, with these tags, the newest of which is on the newest commit.
    fn repository(&self, name: &str, tags: &[String]) -> Outcome<Repository> {
        let repository = Repository::product(self.scene.environment(), name)?;
        repository.commit("Go on")?;
        for tag in tags {
            let commit = repository.commit(tag)?;
            repository.tag(tag, &commit)?;
        }
        Ok(repository)
    }
}

/// What the modules need is fetched without asking a registry for the provider, which is not there.
fn get(workspace: &Workspace, arguments: &[&str]) -> Outcome {
    workspace.run("get", arguments)?.success().map(drop)
}

fn passes(workspace: &Workspace, arguments: &[&str]) -> Outcome {
    let said = workspace.run("test", arguments)?.success()?;
    assert!(
        said.stdout.contains(" 0 failed") && !said.stdout.contains(" 0 passed"),
        "{}",
        said.stdout
    );
    Ok(())
}

/// All that a module promises.
fn holds(module: &str) -> Outcome {
    let stage = Stage::set()?;
    let mut workspace = stage.workspace(module)?;
    get(&workspace, &[])?;
    passes(&workspace, &["-no-color"])?;

    let tags = wanted_tags(&stage.modules.join(module).join("tests/real"))?;
    let repository = stage.repository("tested", &tags)?.path();
    let real = "-test-directory=tests/real";
    get(&workspace, &[real])?;
    passes(&workspace, &["-no-color", real, &format!("-var=repository={repository}")])?;

    let repository = stage.repository("settled", &tags)?.path();
    workspace.directory = workspace.directory.join("examples/complete");
    // Those that an example does not declare are not looked at.
    for (name, value) in
        [("repository", repository.as_str()), ("staging", "v1.0.0"), ("production", "v1.0.0")]
    {
        workspace.environment.set(format!("TF_VAR_{name}"), value);
    }
    get(&workspace, &[])?;
    workspace.apply(&[])?.ok()?;
    workspace.plan(&[])?.unchanged().map(drop)
}

/// The tags that the heads of the tests in this folder name.
fn wanted_tags(folder: &Path) -> Outcome<Vec<String>> {
    let mut wanted = Vec::new();
    for file in files(folder)? {
        let text = std::fs::read_to_string(file)?;
        let head = text.lines().map_while(|line| line.strip_prefix('#'));
        let words = head.flat_map(str::split_whitespace).map(|word| word.trim_matches([',', '.']));
        wanted.extend(words.filter(|word| word.contains("/v")).map(str::to_owned));
    }
    Ok(wanted)
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    Ok(entries.filter(|path| path.is_file()).collect())
}

/// Copies what is committed; what Terraform fetched into a working copy stays behind.
fn copy_tree(from: &Path, to: &Path) -> Outcome {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            copy_tree(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[test]
fn every_module_is_tested() -> Outcome {
    let entries = std::fs::read_dir(source().join("modules"))?.flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    found.sort();
    assert_eq!(found, MODULES);
    Ok(())
}

#[test]
fn modules_are_formatted() -> Outcome {
    let scene = Scene::local()?;
    let folder = source().to_string_lossy().into_owned();
    scene.workspace.run("fmt", &["-check", "-diff", "-recursive", &folder])?.success().map(drop)
}

/// A module that has a provider block of its own can be used neither with `for_each` nor with two providers.
#[test]
fn modules_bring_no_provider_block() -> Outcome {
    for module in MODULES {
        let files = files(&source().join("modules").join(module))?;
        for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "tf")) {
            let text = std::fs::read_to_string(file)?;
            assert!(!text.contains("provider \""), "{}", file.display());
        }
    }
    Ok(())
}

#[test]
fn environment_holds() -> Outcome {
    holds("environment")
}

#[test]
fn monorepo_holds() -> Outcome {
    holds("monorepo")
}

#[test]
fn release_holds() -> Outcome {
    holds("release")
}

#[test]
fn rollout_holds() -> Outcome {
    holds("rollout")
}

#[test]
fn service_holds() -> Outcome {
    holds("service")
}

#[test]
fn the_head_of_a_test_names_its_tags() -> Outcome {
    let modules = source().join("modules");
    let folder = |name: &str| modules.join(name).join("tests/real");
    assert_eq!(wanted_tags(&folder("monorepo"))?, ["api/v1.0.0", "api/v1.1.0", "web/v2.0.0"]);
    assert!(wanted_tags(&folder("release"))?.is_empty());
    Ok(())
}
