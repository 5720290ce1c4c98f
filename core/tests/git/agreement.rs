//! What configurations of one repository agree on: who registers it, with what, and who is told that it
//! differs (OWN043).

use pipeline_core::artifact::rules::Content;
use pipeline_core::artifact::{ArtifactPlace, ObjectStore, Recording};
use pipeline_core::{
    Environment, EnvironmentName, Override, Pipeline, PipelineError, RuleId, SubProjectPath,
    TagGrammar, Timestamp, Version,
};

use super::uses::{audits, pipeline, refused, with_environment};
use super::world::{Remote, World};

const SETTINGS: &str = "refs/ledger/settings/shared";

/// A configuration that reads pre-releases as version tags.
fn lenient(world: &World) -> Pipeline {
    let grammar = TagGrammar { allow_prerelease: true, ..TagGrammar::default() };
    pipeline(world).with_grammar(grammar)
}

/// A hook that refuses refs that begin like this: those alone, or the whole push.
fn refuse(world: &World, hook: &str, beginning: &str) {
    let script = match hook {
        "update" => format!("case \"$1\" in {beginning}*) echo not here >&2; exit 1;; esac"),
        _ => format!("! grep -q ' {beginning}'"),
    };
    world.hook("remote.git", hook, &script);
}

#[tokio::test]
async fn configurations_agree_with_the_first_one() {
    let world = World::new(Remote::Plain);
    pipeline(&world).tag("v1.0.0", "HEAD").await.unwrap();
    let registered = world.remote_ref("refs/ledger/settings/shared");
    assert_ne!(registered, "");
    let lenient = || lenient(&world);
    let told = lenient().tag("v2.0.0-rc.1", "HEAD").await.unwrap_err();
    assert_eq!(refused(&told), [RuleId::OWN043]);
    assert!(told.to_string().contains("allow_prerelease_tags"), "{told}");
    pipeline(&world).tag("v1.1.0", "HEAD").await.unwrap();
    assert_eq!(world.remote_ref("refs/ledger/settings/shared"), registered);
    let by = || Override::new("we test pre-releases", "bob").unwrap();
    lenient().overriding(by()).tag("v2.0.0-rc.1", "HEAD").await.unwrap();
    assert_eq!(audits(&world), 1, "a change for all is in the audit log");
    lenient().tag("v2.0.0-rc.2", "HEAD").await.unwrap();
    let told = pipeline(&world).tag("v1.2.0", "HEAD").await.unwrap_err();
    assert_eq!(refused(&told), [RuleId::OWN043]);
}

#[tokio::test]
async fn of_two_that_register_at_once_one_wins() {
    let world = World::new(Remote::Pushed);
    let (mine, theirs) = (pipeline(&world), lenient(&world));
    // Both have seen that nothing is registered.
    mine.releases().await.unwrap();
    theirs.releases().await.unwrap();
    mine.tag("v1.0.0", "HEAD").await.unwrap();
    let told = theirs.tag("v2.0.0-rc.1", "HEAD").await.unwrap_err();
    assert_eq!(refused(&told), [RuleId::OWN043]);
}

#[tokio::test]
async fn the_first_write_registers_in_its_own_transaction() {
    let world = World::new(Remote::Pushed);
    world.hook("remote.git", "post-receive", "cut -d' ' -f3 | sort | xargs >> pushes");
    pipeline(&world).tag("v1.0.0", "HEAD").await.unwrap();
    pipeline(&world).tag("v1.1.0", "HEAD").await.unwrap();
    let pushes = std::fs::read_to_string(world.path("remote.git/pushes")).unwrap();
    assert_eq!(pushes, format!("{SETTINGS} refs/tags/v1.0.0\nrefs/tags/v1.1.0\n"));
}

#[tokio::test]
async fn a_remote_that_takes_no_ledger_takes_tags_and_the_library_says_what_is_missing() {
    for hook in ["update", "pre-receive"] {
        let world = World::new(Remote::Pushed);
        refuse(&world, hook, "refs/ledger/");
        for version in ["v1.0.0", "v1.1.0"] {
            let made = pipeline(&world).tag(version, "HEAD").await.unwrap();
            let told = made.unregistered.unwrap().to_string();
            assert!(told.contains(SETTINGS) && told.contains("allow `refs/ledger/*`"), "{told}");
            assert!(told.contains("hook declined") && told.contains("OWN043"), "{told}");
        }
        assert_eq!(world.remote_ref("refs/ledger"), "");
        assert_eq!(world.sha("remote.git", "v1.1.0"), world.sha("clone", "HEAD"));
        let hidden = with_environment(&world);
        assert_eq!(hidden, world.sha("remote.git", "main"));
        let environment = Environment::by_convention("staging".parse().unwrap());
        let told = pipeline(&world).register(environment, None).await.unwrap_err().to_string();
        assert!(told.contains("refs/ledger/environments/staging"), "{told}");
        std::fs::remove_file(world.path("remote.git/hooks").join(hook)).unwrap();
        let made = pipeline(&world).tag("v1.2.0", "HEAD").await.unwrap();
        assert_eq!(made.unregistered, None);
        assert_ne!(world.remote_ref(SETTINGS), "");
    }
}

#[tokio::test]
async fn what_the_remote_refuses_registers_nothing() {
    for hook in ["update", "pre-receive"] {
        let world = World::new(Remote::Pushed);
        refuse(&world, hook, "refs/tags/");
        let told = pipeline(&world).tag("v1.0.0", "HEAD").await.unwrap_err().to_string();
        assert!(told.contains("refs/tags/v1.0.0") && !told.contains(SETTINGS), "{told}");
        assert_eq!(world.remote_ref(SETTINGS), "");
    }
}

#[tokio::test]
async fn a_change_for_all_that_the_remote_refuses_is_no_tag_either() {
    let world = World::new(Remote::Pushed);
    pipeline(&world).tag("v1.0.0", "HEAD").await.unwrap();
    refuse(&world, "update", "refs/ledger/");
    let by = Override::new("we test pre-releases", "bob").unwrap();
    let told = lenient(&world).overriding(by).tag("v2.0.0-rc.1", "HEAD").await.unwrap_err();
    assert!(told.to_string().contains(SETTINGS), "{told}");
    assert_eq!(world.remote_ref("refs/tags/v2.0.0-rc.1"), "");
}

#[tokio::test]
async fn a_remote_that_takes_one_ref_at_a_time_gets_both() {
    for hook in [None, Some("update")] {
        let world = World::new(Remote::Pushed);
        world.git("remote.git", &["config", "receive.advertiseAtomic", "false"]);
        hook.into_iter().for_each(|hook| refuse(&world, hook, "refs/ledger/"));
        let made = pipeline(&world).tag("v1.0.0", "HEAD").await.unwrap();
        assert_eq!(made.unregistered.is_some(), hook.is_some());
        assert_eq!(world.remote_ref(SETTINGS).is_empty(), hook.is_some());
        assert_ne!(world.remote_ref("refs/tags/v1.0.0"), "");
    }
}

/// A world with a version, and an environment in which nothing runs.
async fn ready(world: &World) -> (Version, EnvironmentName) {
    with_environment(world);
    let staging: EnvironmentName = "staging".parse().unwrap();
    pipeline(world).tag("api/v1.0.0", "HEAD").await.unwrap();
    let environment = Environment::by_convention(staging.clone());
    pipeline(world).register(environment, None).await.unwrap();
    ("api/v1.0.0".parse().unwrap(), staging)
}

#[tokio::test]
async fn a_deployment_registers_what_is_not_registered_and_obeys_what_is() {
    let world = World::new(Remote::Pushed);
    let (version, staging) = ready(&world).await;
    let request = lenient(&world).request(version.clone(), staging.clone()).await.unwrap_err();
    assert_eq!(refused(&request), [RuleId::OWN043]);
    world.git("remote.git", &["update-ref", "-d", SETTINGS]);
    let theirs = lenient(&world);
    let request = theirs.request(version.clone(), staging.clone()).await.unwrap();
    let mine = pipeline(&world);
    mine.deploy(mine.request(version.clone(), staging).await.unwrap()).await.unwrap();
    assert_ne!(world.remote_ref(SETTINGS), "");
    let told = theirs.deploy(request).await.unwrap_err();
    assert!(refused(&told).contains(&RuleId::OWN043), "{told}");
}

#[tokio::test]
async fn an_override_of_a_deployment_changes_them_for_all() {
    let world = World::new(Remote::Pushed);
    let (version, staging) = ready(&world).await;
    let by = Override::new("we test pre-releases", "bob").unwrap();
    let lenient = lenient(&world).overriding(by);
    lenient.deploy(lenient.request(version, staging).await.unwrap()).await.unwrap();
    assert_eq!(audits(&world), 1);
    let told = pipeline(&world).releases().await.unwrap_err();
    assert_eq!(refused(&told), [RuleId::OWN043]);
}

/// A store in which this lies at every place.
struct Holds(Option<Content>);

impl ObjectStore for Holds {
    type Error = std::convert::Infallible;

    async fn content(&self, _: &ArtifactPlace) -> Result<Option<Content>, Self::Error> {
        Ok(self.0)
    }
}

#[tokio::test]
async fn whoever_reads_tags_otherwise_reads_and_records_nothing() {
    let world = World::new(Remote::Pushed);
    let (_, staging) = ready(&world).await;
    let (theirs, root) = (lenient(&world), SubProjectPath::root());
    let commit = world.sha("clone", "HEAD");
    let place = ArtifactPlace::new("bucket".parse().unwrap(), commit, "api.zip".parse().unwrap());
    let content = Content { checksum: "ab".repeat(32).parse().unwrap(), size_bytes: 1 };
    let recording = Recording {
        artifact_type: "package".parse().unwrap(),
        meant: content,
        stored_at: Timestamp::from_unix_seconds(1_700_000_000).unwrap(),
        s3_checksum: None,
        version_id: None,
    };
    let told: Vec<PipelineError> = vec![
        theirs.releases().await.unwrap_err(),
        theirs.newest(&root, None).await.unwrap_err(),
        theirs.environment(&staging).await.unwrap_err(),
        theirs.history(&staging).await.unwrap_err(),
        theirs.rollback_target(&staging, &root).await.unwrap_err(),
        theirs.record_artifact(&Holds(None), &place, recording.clone()).await.unwrap_err(),
    ];
    for error in &told {
        assert_eq!(refused(error), [RuleId::OWN043]);
    }
    assert_eq!(world.remote_ref("refs/ledger/artifacts"), "");
    let mine = pipeline(&world);
    for held in [None, Some(Content { size_bytes: 2, ..content })] {
        let told = mine.record_artifact(&Holds(held), &place, recording.clone()).await.unwrap_err();
        assert_eq!(refused(&told), [RuleId::ART003]);
    }
    assert_eq!(world.remote_ref("refs/ledger/artifacts"), "");
    mine.record_artifact(&Holds(Some(content)), &place, recording).await.unwrap();
    assert_ne!(world.remote_ref("refs/ledger/artifacts"), "");
}
