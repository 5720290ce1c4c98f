//! Many tags: made in one apply, read from a large repository.

use std::fmt::Write as _;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::git_server::{Fault, GitServer, available};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::{Scene, skipped};

use crate::hcl::outputs;

/// Makes `projects` × `versions` lightweight version tags on the head of `repository`.
fn fill(repository: &Repository, projects: usize, versions: usize) -> Outcome {
    let head = repository.head()?;
    let mut commands = String::new();
    for project in 0..projects {
        for version in 0..versions {
            // Writing to a string cannot fail.
            let _ = writeln!(commands, "update refs/tags/team/p{project:02}/v1.{version}.0 {head}");
        }
    }
    repository.git_with_input(&["update-ref", "--stdin"], &commands).map(drop)
}

#[test]
fn a_thousand_tags_in_one_apply() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    // A map, not a set: Terraform itself takes minutes for a set of a thousand.
    scene.workspace.settle(
        "resource \"pipeline_version_tag\" \"many\" {\n  \
         for_each = { for n in range(1000) : \"p${n % 40}/v1.${n}.0\" => n }\n  \
         tag_name = each.key\n  ref = \"HEAD\"\n}\n",
    )?;
    let made = remote.refs()?.keys().filter(|name| name.starts_with("refs/tags/")).count();
    assert_eq!(made, 1000);
    Ok(())
}

#[test]
fn count_makes_and_forgets_from_the_end() -> Outcome {
    let scene = Scene::local()?;
    let hcl = |count: usize| {
        format!(
            "resource \"pipeline_version_tag\" \"many\" {{\n  count = {count}\n  \
             tag_name = \"api/v1.${{count.index}}.0\"\n  ref = \"HEAD\"\n}}\n"
        )
    };
    scene.workspace.settle(&hcl(12))?;
    scene.workspace.settle(&hcl(10))?;
    assert!(!scene.workspace.holds("pipeline_version_tag.many[10]"));
    assert!(scene.repository.refs()?.contains_key("refs/tags/api/v1.11.0"));
    Ok(())
}

#[test]
fn a_large_repository_is_read_in_as_few_requests_as_a_small_one() -> Outcome {
    if !available() {
        skipped("a_large_repository_is_read…", "git has no http-backend on this machine");
        return Ok(());
    }
    let (scene, _remote) = Scene::shared()?;
    let server = GitServer::start(scene.environment().root(), Fault::None)?;
    let hcl = [
        "data \"pipeline_versions\" \"all\" {}\n\
         data \"pipeline_version\" \"newest\" {\n  sub_project_path = \"team/p07\"\n  constraint = \"< 1.40\"\n}\n",
        &outputs(&[
            "length(data.pipeline_versions.all.versions)",
            "length(data.pipeline_versions.all.sub_project_paths)",
            "data.pipeline_version.newest.full_version",
        ]),
    ];
    scene.workspace.main(&hcl.concat())?;
    // Tags of the remote alone, which have to come over the line.
    let read = |projects, versions, client| {
        fill(&scene.repository, projects, versions)?;
        scene.repository.git(&["push", "--quiet", "--tags", "origin"])?;
        let clone = Repository::clone_of(
            scene.environment(),
            &scene.repository.path(),
            client,
            &["--no-tags"],
        )?;
        clone.git(&["remote", "set-url", "origin", &server.url_of(client, "remote.git")])?;
        scene.workspace.configure(&clone.path(), "")?;
        // The apply after a plan may begin a listing that nobody needs any more.
        scene.workspace.plan(&[])?.ok()?;
        let asked = server.asked_by(client).len();
        scene.workspace.apply(&[])?.ok()?;
        Outcome::Ok(asked)
    };
    let small = read(8, 40, "small")?;
    let large = read(45, 50, "large")?;
    assert_eq!(scene.workspace.output("o0")?, 2250);
    assert_eq!(scene.workspace.output("o1")?, 45);
    assert_eq!(scene.workspace.output("o2")?, "team/p07/v1.39.0");
    assert_eq!(large, small);
    assert!((1..=12).contains(&large), "{large} requests");
    Ok(())
}
