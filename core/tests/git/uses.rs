//! What a user of the library gets who tries what rules forbid, through the public API alone; and that the
//! examples do what they say.

use std::path::Path;
use std::process::Command;

use pipeline_core::git::Repository;
use pipeline_core::ledger::Ledger;
use pipeline_core::tag::{Announced, TagRequest};
use pipeline_core::{
    Authority, CommitSha, Environment, Override, Pipeline, PipelineError, RuleId, Tag, TagGrammar,
    tag,
};

use super::world::{Remote, World};

pub(crate) fn pipeline(world: &World) -> Pipeline {
    Pipeline::over(world.open("clone")).in_ci(true)
}

fn parsed(name: &str) -> Tag {
    TagGrammar::default().parse(name).unwrap()
}

pub(crate) fn refused(error: &PipelineError) -> Vec<RuleId> {
    match error {
        PipelineError::Refused(found) => found.iter().map(|violation| violation.rule).collect(),
        other => panic!("{other}"),
    }
}

/// The objects of the audit log.
pub(crate) fn audits(world: &World) -> usize {
    world.remote_ref("refs/ledger/audit/*").lines().count()
}

#[tokio::test]
async fn a_version_tag_never_moves_and_never_goes() {
    let world = World::new(Remote::Plain);
    let pipeline = pipeline(&world);
    pipeline.tag("v1.0.0", "HEAD~1").await.unwrap();
    let stands = world.remote_ref("refs/tags/v1.0.0");
    let again = pipeline.tag("v1.0.0", "HEAD").await.unwrap_err();
    assert_eq!(refused(&again), [RuleId::TAG015]);
    let moved = pipeline.move_tag("v1.0.0", "HEAD").await.unwrap_err();
    assert_eq!(refused(&moved), [RuleId::TAG009]);
    let gone = pipeline.delete_tag("v1.0.0").await.unwrap_err();
    assert_eq!(refused(&gone), [RuleId::TAG009]);
    assert_eq!(world.remote_ref("refs/tags/v1.0.0"), stands);
    assert_eq!(audits(&world), 0);
}

#[tokio::test]
async fn an_override_that_moves_a_version_is_in_the_audit_log() {
    let world = World::new(Remote::Plain);
    pipeline(&world).tag("v1.0.0", "HEAD~1").await.unwrap();
    let by = Override::new("hotfix", "bob").unwrap();
    let moved = pipeline(&world).overriding(by).move_tag("v1.0.0", "HEAD").await.unwrap();
    assert_eq!(moved.commit, world.sha("clone", "HEAD"));
    assert_eq!(world.sha("remote.git", "v1.0.0"), moved.commit);
    let ledger = Ledger::new(world.open("clone"));
    let told = ledger.list(&ledger.audits()).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].record.rules, ["TAG009"]);
    assert_eq!(told[0].record.after, Some(moved.commit));
}

/// Proof that a request is allowed, as of now.
async fn checked<'a>(
    repository: &Repository,
    request: TagRequest,
    authority: &'a Authority,
) -> Result<pipeline_core::base::checked::Checked<tag::TagPlan<'a>>, Vec<RuleId>> {
    let (now, nothing) =
        (pipeline_core::Timestamp::from_unix_seconds(0).unwrap(), Announced::default());
    let found = tag::survey(repository, request, authority, &nothing, now).await.unwrap();
    let rules = |found: Vec<pipeline_core::Violation>| found.iter().map(|it| it.rule).collect();
    tag::plan(found).check().map_err(rules)
}

#[tokio::test]
async fn a_proof_does_not_outlive_what_it_speaks_of() {
    let world = World::new(Remote::Plain);
    let (mine, theirs) = (world.open("clone"), pipeline(&world));
    let head = world.sha("clone", "HEAD");
    let authority = Authority::default();
    let request = TagRequest::create(parsed("v1.0.0"), head);
    let proof = checked(&mine, request, &authority).await.unwrap();
    theirs.tag("v1.0.0", "HEAD~1").await.unwrap();
    let stands = world.remote_ref("refs/tags/v1.0.0");
    let ledger = Ledger::new(mine);
    let ana = pipeline_core::base::actor::Author {
        actor: "ana".parse().unwrap(),
        email: String::new(),
        at: super::world::ana().time,
    };
    let staged = proof.stage(&ledger, &ana).await.unwrap();
    assert!(ledger.commit(staged.staged).await.is_err());
    assert_eq!(world.remote_ref("refs/tags/v1.0.0"), stands);
}

#[tokio::test]
async fn nobody_says_where_an_immutable_tag_was() {
    let world = World::new(Remote::Plain);
    pipeline(&world).tag("v1.0.0", "HEAD~1").await.unwrap();
    let head = world.sha("clone", "HEAD");
    let authority = Authority::default();
    for (seen, to) in [(Some(head), Some(head)), (Some(head), None), (None, Some(head))] {
        let request = TagRequest {
            tag: parsed("v1.0.0"),
            seen,
            to,
            rewrites: true,
            message: None,
            replaces: false,
        };
        checked(&world.open("clone"), request, &authority).await.unwrap_err();
    }
    let stands = Some(world.sha("clone", "HEAD~1"));
    let rewritten = TagRequest {
        tag: parsed("v1.0.0"),
        seen: stands,
        to: stands,
        rewrites: true,
        message: None,
        replaces: false,
    };
    let told = checked(&world.open("clone"), rewritten, &authority).await.unwrap_err();
    assert_eq!(told, [RuleId::TAG009]);
}

#[tokio::test]
async fn a_message_with_a_secret_makes_no_tag() {
    let world = World::new(Remote::Plain);
    let request = TagRequest {
        message: Some("see https://ana:canary-tag@example.org/".to_owned()),
        ..TagRequest::create(parsed("v1.0.0"), world.sha("clone", "HEAD"))
    };
    let told = checked(&world.open("clone"), request, &Authority::default()).await.unwrap_err();
    assert_eq!(told, [RuleId::OWN046]);
}

#[tokio::test]
async fn a_state_needs_its_version_and_a_tag_its_environment() {
    let world = World::new(Remote::Plain);
    let state = pipeline(&world).tag("v1.0.0-stable", "HEAD").await.unwrap_err();
    assert_eq!(refused(&state), [RuleId::TAG014]);
    let by = Override::new("hotfix", "bob").unwrap();
    let pointer = pipeline(&world).overriding(by).tag("staging", "HEAD").await.unwrap_err();
    assert_eq!(refused(&pointer), [RuleId::XEN001]);
}

#[tokio::test]
async fn an_environment_is_registered_only_from_its_own_folder() {
    let world = World::new(Remote::Plain);
    world.commit("clone", "elsewhere/secrets.enc", "{}");
    std::fs::create_dir_all(world.path("clone/environments")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", world.path("clone/environments/staging")).unwrap();
    world.commit("clone", "more.txt", "more");
    world.git("clone", &["push", "--quiet", "origin", "main"]);
    let environment = Environment::by_convention("staging".parse().unwrap());
    let told = pipeline(&world).register(environment, None).await.unwrap_err();
    assert_eq!(refused(&told), [RuleId::ENV002, RuleId::ENV003]);
    assert!(told.to_string().contains("symbolic link"), "{told}");
    assert_eq!(world.remote_ref("refs/ledger/environments/*"), "");
}

#[tokio::test]
async fn an_environment_is_registered_once_and_changed_with_its_folder() {
    let world = World::new(Remote::Plain);
    let first = with_environment(&world);
    let environment = Environment::by_convention("staging".parse().unwrap());
    let script = pipeline(&world).acting_as("ada".parse().unwrap());
    let made = script.register(environment.clone(), None).await.unwrap();
    assert_eq!((made.commit_sha, made.registered_by.as_str()), (first, "ada"));
    let written = world.remote_ref("refs/ledger/environments/staging");
    let again = pipeline(&world).register(environment.clone(), None).await.unwrap();
    assert_eq!(again, made, "what is registered already is left as it is");
    assert_eq!(world.remote_ref("refs/ledger/environments/staging"), written);
    let next = world.commit("clone", "environments/staging/more.txt", "more");
    world.git("clone", &["push", "--quiet", "origin", "main"]);
    let changed = pipeline(&world).register(environment, None).await.unwrap();
    assert_eq!((changed.commit_sha, changed.registered_at), (next, made.registered_at));
    let name = "staging".parse().unwrap();
    assert_eq!(pipeline(&world).environment(&name).await.unwrap(), Some(changed));
}

/// A folder of an environment, with secrets that SOPS encrypted.
pub(crate) fn with_environment(world: &World) -> CommitSha {
    let secrets = include_str!("../../../tests/fixtures/staging.enc.yaml");
    let commit = world.commit("clone", "environments/staging/secrets.enc", secrets);
    world.git("clone", &["push", "--quiet", "origin", "main"]);
    commit
}

/// Runs an example that cargo built beside this test.
fn example(world: &World, name: &str, arguments: &[&str]) -> String {
    // Beside the folder for temporary files: the test itself may have been copied elsewhere.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let built = target.join(profile).join("examples").join(name);
    let output = Command::new(&built)
        .args(arguments)
        .env("HOME", world.path("home"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("CI", "true")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; build it with --examples", built.display()));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_examples_do_what_they_say() {
    let world = World::new(Remote::Plain);
    let commit = with_environment(&world);
    let clone = world.text("clone");
    assert_eq!(example(&world, "newest_version", &[&clone, "api"]), "none\n");
    assert_eq!(example(&world, "cut_tag", &[&clone, "api"]), format!("api/v0.1.0 {commit}\n"));
    assert_eq!(
        example(&world, "cut_tag", &[&clone, "api", "HEAD~1"]),
        format!("api/v0.2.0 {}\n", world.sha("clone", "HEAD~1"))
    );
    let newest = example(&world, "newest_version", &[&clone, "api", "~> 0.1.0"]);
    assert_eq!(newest, format!("api/v0.1.0 {commit}\n"));
    let made = example(&world, "register_environment", &[&clone, "staging"]);
    assert_eq!(made, format!("staging {commit}\n"));
    assert_ne!(world.remote_ref("refs/ledger/environments/staging"), "");
    deploying(&world, &clone);
    let state = world.path("terraform.tfstate");
    std::fs::write(&state, STATE).unwrap();
    let shown = example(&world, "read_state", &[state.to_str().unwrap()]);
    assert_eq!(shown, "serial 7, by Terraform 1.9.0\nname = \"web\"\ntoken is hidden\n");
}

/// Deploys both versions that were cut, and looks back.
fn deploying(world: &World, clone: &str) {
    let deploy = |version| example(world, "deploy", &[clone, version, "staging"]);
    assert!(deploy("api/v0.1.0").ends_with(" api/v0.1.0 succeeded\n"));
    let looked = || example(world, "rollback_target", &[clone, "staging", "api"]);
    assert!(looked().contains("nothing to go back to: "), "{}", looked());
    assert!(deploy("api/v0.2.0").ends_with(" api/v0.2.0 succeeded\n"));
    let told = looked();
    assert!(told.starts_with("api/v0.1.0 succeeded\napi/v0.2.0 succeeded\n"), "{told}");
    assert!(told.ends_with("back to api/v0.1.0\n"), "{told}");
    let state = example(world, "deployment_state", &[clone, "staging"]);
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert!(state["lastKnownGood"].is_object(), "{state}");
}

const STATE: &str = r#"{
    "version": 4, "terraform_version": "1.9.0", "serial": 7, "lineage": "one",
    "outputs": {
        "name": { "value": "web", "type": "string" },
        "token": { "value": "x", "type": "string", "sensitive": true }
    },
    "resources": []
}"#;
