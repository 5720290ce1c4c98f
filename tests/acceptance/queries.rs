//! `terraform query`: what there is, listed, and written as a configuration that changes nothing.

use std::fmt::Write as _;
use std::path::Path;

use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome};
use serde_json::Value;

use crate::artifact::Stage;
use crate::hcl::{PRODUCTION, deployment, environment, staging, tag_with};

/// The file that queries are written to, and the one that they write.
const QUERY: &str = "all.tfquery.hcl";
const GENERATED: &str = "generated.tf";

/// A `list` block; `lines` are those of its `config`.
fn list(what: &str, name: &str, limit: usize, lines: &str) -> String {
    format!(
        "list \"pipeline_{what}\" \"{name}\" {{\n  provider = pipeline\n  limit = {limit}\n  \
         config {{\n{lines}\n  }}\n}}\n"
    )
}

fn lacks(workspace: &Workspace, test: &str) -> bool {
    workspace.terraform.lacks(Feature::Queries, &format!("queries::{test}"))
}

/// What a query finds: the names that people see, in order.
fn names(workspace: &Workspace, query: &str) -> Outcome<Vec<String>> {
    Ok(found(workspace, query)?.iter().map(|it| text(it, "display_name")).collect())
}

fn found(workspace: &Workspace, query: &str) -> Outcome<Vec<Value>> {
    workspace.write(QUERY, query)?;
    let (run, found) = workspace.query(&[])?;
    run.ok()?;
    Ok(found)
}

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_default().to_owned()
}

/// Writes the configuration of what a query finds, and sees that a plan with it only imports.
fn adopt(workspace: &Workspace, query: &str, count: usize) -> Outcome<String> {
    workspace.write(QUERY, query)?;
    let argument = format!("-generate-config-out={GENERATED}");
    workspace.query(&[&argument])?.0.ok()?;
    let written = std::fs::read_to_string(workspace.directory.join(GENERATED))?;
    let formatted = workspace.run("validate", &["-no-color"])?;
    formatted.success()?;
    let actions = workspace.plan(&[])?.ok()?.actions();
    if actions.len() != count || actions.values().any(|action| action != "import") {
        return Err(Failure::new(format!("{actions:?}\n{written}")));
    }
    workspace.apply(&[])?.ok()?;
    std::fs::remove_file(workspace.directory.join(QUERY))?;
    workspace.plan(&[])?.unchanged()?;
    Ok(written)
}

/// Versions of two sub-projects, a state and a pointer, and a tag that means nothing.
fn tagged() -> Outcome<Scene> {
    let scene = Scene::local()?;
    let first = scene.repository.head()?;
    for name in ["api/v1.0.0", "api/v1.0.0-stable", "web/v1.0.0", "backup-of-monday"] {
        scene.repository.tag(name, &first)?;
    }
    let second = scene.repository.commit("Go on")?;
    for name in ["api/v1.1.0", "api/production"] {
        scene.repository.tag(name, &second)?;
    }
    Ok(scene)
}

#[test]
fn tags_are_listed_by_what_they_mean() -> Outcome {
    let scene = tagged()?;
    if lacks(&scene.workspace, "tags_are_listed_by_what_they_mean") {
        return Ok(());
    }
    for (lines, expected) in [
        (
            "",
            &["api/production", "api/v1.0.0", "api/v1.0.0-stable", "api/v1.1.0", "web/v1.0.0"][..],
        ),
        ("sub_project_path = \"web\"", &["web/v1.0.0"]),
        ("tag_type = \"version\"\nsub_project_path = \"api\"", &["api/v1.0.0", "api/v1.1.0"]),
        (
            "constraint = \"< 1.1\"\nsub_project_path = \"api\"",
            &["api/v1.0.0", "api/v1.0.0-stable"],
        ),
        ("state = \"stable\"", &["api/v1.0.0-stable"]),
        ("environment = \"production\"", &["api/production"]),
        ("environment = \"staging\"", &[]),
    ] {
        let found = found(&scene.workspace, &list("version_tag", "all", 100, lines))?;
        let identities: Vec<String> =
            found.iter().map(|it| text(&it["identity"], "tag_name")).collect();
        assert_eq!(identities, expected, "{lines}");
    }
    let shown = names(&scene.workspace, &list("version_tag", "all", 100, "state = \"stable\""))?;
    let first = scene.repository.resolve("api/v1.0.0")?;
    assert!(shown[0].starts_with("api/v1.0.0-stable at "), "{shown:?}");
    assert!(first.starts_with(shown[0].rsplit(' ').next().unwrap_or("?")), "{shown:?}");
    Ok(())
}

#[test]
fn a_query_that_asks_wrongly_is_told_so() -> Outcome {
    let scene = tagged()?;
    if lacks(&scene.workspace, "a_query_that_asks_wrongly_is_told_so") {
        return Ok(());
    }
    scene.workspace.write(QUERY, &list("version_tag", "all", 100, "state = \"stabel\""))?;
    scene.workspace.query(&[])?.0.refused("stabel")?.says("At `config.state`")?.at("state = ")?;
    Ok(())
}

#[test]
fn a_query_ends_at_its_limit() -> Outcome {
    let scene = tagged()?;
    if lacks(&scene.workspace, "a_query_ends_at_its_limit") {
        return Ok(());
    }
    let found = found(&scene.workspace, &list("version_tag", "all", 2, ""))?;
    assert_eq!(found.len(), 2);
    Ok(())
}

#[test]
fn tags_are_adopted_by_what_a_query_writes() -> Outcome {
    let scene = tagged()?;
    if lacks(&scene.workspace, "tags_are_adopted_by_what_a_query_writes") {
        return Ok(());
    }
    scene.repository.git(&["tag", "api/v0.9.0", "HEAD~1"])?;
    let strange = "  message = \"He said \\\"go\\\" $${x} — größer\\n\\nWith notes.\"";
    scene.second_workspace("other")?.settle(&tag_with("this", "api/v2.0.0", "HEAD", strange))?;
    let before = scene.repository.refs()?;
    let written = adopt(&scene.workspace, &list("version_tag", "all", 100, ""), 7)?;
    assert!(!written.contains("commit_sha"), "{written}");
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn environments_are_listed_and_adopted() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene.workspace, "environments_are_listed_and_adopted") {
        return Ok(());
    }
    let policy = [
        PRODUCTION,
        "\n  approval_policy = { required = 2, approvers = [\"ada\", \"grace\"], valid_for = \"72h\" }\n  \
         freezes = [{ name = \"Year end\", from = \"2031-12-20T18:00\", to = \"2032-01-02T24:00\" }]\n  \
         freeze_windows = [{ name = \"No Fridays\", days = [\"fri\"], from = \"14:00\", to = \"24:00\", \
         timezone = \"Europe/Berlin\" }]\n  after = { environments = [pipeline_environment.staging.name] }\n  \
         soak = \"1h\"\n  tags = { team = \"core\" }",
    ];
    let hcl = [staging(), environment("production", &policy.concat())].concat();
    scene.second_workspace("other")?.settle(&hcl)?;
    let before = scene.repository.refs()?;
    let workspace = &scene.workspace;
    let public = list("environment", "all", 100, "is_production = true");
    assert_eq!(names(workspace, &public)?, ["production"]);
    let region = list("environment", "all", 100, "region = \"eu-west\"");
    assert_eq!(names(workspace, &region)?, ["production"]);
    adopt(workspace, &list("environment", "all", 100, ""), 2)?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn deployments_are_listed_and_adopted() -> Outcome {
    let scene = tagged()?;
    if lacks(&scene.workspace, "deployments_are_listed_and_adopted") {
        return Ok(());
    }
    let other = scene.second_workspace("other")?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        other.settle(
            &[staging(), deployment("staging", version, "  reason = \"Why not\"")].concat(),
        )?;
    }
    let web = deployment("staging", "web/v1.0.0", "").replace("\"this\"", "\"web\"");
    let api = deployment("staging", "api/v1.1.0", "  reason = \"Why not\"");
    other.settle(&[staging(), api, web].concat())?;
    let before = scene.repository.refs()?;
    let all = list("deployment", "all", 100, "");
    assert_eq!(names(&scene.workspace, &all)?, ["api/v1.1.0 in staging", "web/v1.0.0 in staging"]);
    let lines = "environment = \"staging\"\nsub_project_path = \"web\"";
    let one = list("deployment", "all", 100, lines);
    assert_eq!(names(&scene.workspace, &one)?, ["web/v1.0.0 in staging"]);
    adopt(&scene.workspace, &all, 2)?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn artifacts_are_listed_and_adopted() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene.workspace, "artifacts_are_listed_and_adopted") {
        return Ok(());
    }
    let stage = Stage::on(scene)?;
    stage.workspace().settle(&stage.hcl("  path = \"api/build.zip\""))?;
    let before = stage.scene.repository.refs()?;
    let uri = format!("s3://{}/{}/api/build.zip", stage.bucket, stage.scene.repository.head()?);
    stage.workspace().run("state", &["rm", "pipeline_artifact.this"])?.success()?;
    stage.workspace().main("")?;
    let query = |lines: &str| list("artifact", "all", 100, lines);
    assert_eq!(names(stage.workspace(), &query("artifact_type = \"package\""))?, [uri]);
    assert_eq!(names(stage.workspace(), &query("artifact_type = \"binary\""))?, [""; 0]);
    adopt(stage.workspace(), &query(&format!("bucket = \"{}\"", stage.bucket)), 1)?;
    same_refs(&before, &stage.scene.repository.refs()?)
}

/// The most memory in kilobytes that a process of this provider, whose program is `program`, ever had.
fn peak(program: &Path) -> Option<u64> {
    let program = program.to_str()?;
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let ours = processes.filter(|process| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).next() == Some(program.as_bytes())
    });
    let peaks = ours.filter_map(|process| {
        let status = std::fs::read_to_string(process.path().join("status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    });
    peaks.max()
}

/// The most memory in kilobytes that the provider has while it answers a query, and how much that finds.
fn cost(workspace: &Workspace, query: &str) -> Outcome<(u64, usize)> {
    workspace.write(QUERY, query)?;
    let mut running = workspace.command("query", &["-json"]);
    let output = workspace.directory.join("found");
    running.stdout(std::fs::File::create(&output)?);
    let mut running = running.spawn()?;
    let mut most = 0;
    while running.try_wait()?.is_none() {
        most = most.max(peak(&workspace.provider()).unwrap_or_default());
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let found = std::fs::read_to_string(&output)?;
    Ok((most, found.lines().filter(|line| line.contains("\"list_resource_found\"")).count()))
}

#[test]
#[ignore = "slow: makes 10,000 annotated tags and lists them whole; the conformance test of the stream is there each day"]
fn ten_thousand_tags_cost_no_more_memory_than_a_hundred() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene.workspace, "ten_thousand_tags_cost_no_more_memory_than_a_hundred") {
        return Ok(());
    }
    let head = scene.repository.head()?;
    let notes = "All that was done for this release. ".repeat(280);
    let mut objects = String::new();
    for number in 0..10_000 {
        // Writing to a string cannot fail.
        let _ = write!(
            objects,
            "tag api/v1.{number}.0\nfrom {head}\ntagger Ada <ada@example.org> 1700000000 +0000\n\
             data {}\n{notes}\n",
            notes.len()
        );
    }
    scene.repository.git_with_input(&["fast-import", "--quiet"], &objects)?;
    let query = |limit| {
        list("version_tag", "all", limit, "sub_project_path = \"api\"")
            .replace("  provider", "  include_resource = true\n  provider")
    };
    let (few, found) = cost(&scene.workspace, &query(100))?;
    assert_eq!(found, 100);
    let (many, found) = cost(&scene.workspace, &query(10_000))?;
    assert_eq!(found, 10_000);
    // Their texts alone are 100 MB.
    assert!(many < few + 24 * 1024, "100 tags cost {few} KB, 10,000 cost {many} KB");
    Ok(())
}

#[test]
fn the_examples_of_queries_run() -> Outcome {
    let scene = Scene::local()?;
    if lacks(&scene.workspace, "the_examples_of_queries_run") {
        return Ok(());
    }
    let stage = Stage::on(scene)?;
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/list-resources");
    let mut count = 0;
    for folder in std::fs::read_dir(&examples)?.flatten() {
        let example = std::fs::read_to_string(folder.path().join("list-resource.tfquery.hcl"))?;
        found(stage.workspace(), &example)?;
        let said = stage.workspace().run("fmt", &["-check", "-diff", QUERY])?;
        said.success()?;
        count += 1;
    }
    assert!(count >= 4, "where have the examples gone?");
    Ok(())
}
