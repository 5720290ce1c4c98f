//! Remotes as they are in life: protected, unreachable, picky, slow to answer.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::git_server::{Fault, GitServer, available};
use pipeline_acceptance::repository::{Repository, same_refs};
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::workspace::Workspace;

use crate::hcl::{deployment, staging, tag};

const ADDRESS: &str = "pipeline_version_tag.this";

/// A scene whose clone speaks HTTP to the remote; none where git cannot serve it here.
fn over_http(test: &str, fault: Fault) -> Outcome<Option<(Scene, Repository, GitServer)>> {
    if !available() {
        skipped(test, "git has no http-backend on this machine");
        return Ok(None);
    }
    let (scene, remote) = Scene::shared()?;
    remote.git(&["config", "http.receivepack", "true"])?;
    let server = GitServer::start(scene.environment().root(), fault)?;
    scene.repository.git(&["remote", "set-url", "origin", &server.url("remote.git")])?;
    Ok(Some((scene, remote, server)))
}

#[test]
fn tags_reach_the_remote() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    scene.workspace.settle(&[tag("this", "api/v1.0.0", "HEAD"), staging()].concat())?;
    let refs = remote.refs()?;
    assert!(refs.contains_key("refs/tags/api/v1.0.0"), "{refs:?}");
    assert!(refs.contains_key("refs/ledger/environments/staging"), "{refs:?}");
    assert_eq!(remote.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn tags_made_elsewhere_are_seen_without_a_fetch() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let other = Repository::clone_of(scene.environment(), &remote.path(), "other", &[])?;
    let commit = other.commit("Elsewhere")?;
    other.tag("api/v1.0.0", &commit)?;
    other.git(&["push", "--quiet", "origin", "main", "api/v1.0.0"])?;
    scene.workspace.settle(&tag("this", "api/v1.0.0-stable", "api/v1.0.0"))?;
    assert_eq!(remote.resolve("api/v1.0.0-stable")?, commit);
    Ok(())
}

#[test]
fn an_environment_tag_on_a_remote_moves_only_in_ci() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let before = remote.refs()?;
    let mut workspace = scene.second_workspace("by-hand")?;
    workspace.environment.set("CI", "");
    workspace.main(&tag("this", "api/staging", "HEAD"))?;
    workspace.apply(&[])?.refused("SCY003")?.says("CI")?;
    same_refs(&before, &remote.refs()?)
}

#[test]
fn an_override_lets_a_person_move_it_and_is_audited() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let mut workspace = scene.second_workspace("by-hand")?;
    workspace.environment.set("CI", "");
    workspace.configure(
        &scene.repository.path(),
        "  override = { reason = \"CI is down\", approved_by = \"Grace Example\" }",
    )?;
    workspace.settle(&tag("this", "api/staging", "HEAD"))?;
    let audit = format!("{:?}", remote.records("refs/ledger/audit/")?);
    assert!(audit.contains("CI is down") && audit.contains("Grace Example"), "{audit}");
    Ok(())
}

/// A workspace of a person, not of CI, in a clone where two versions are released.
fn by_hand() -> Outcome<(Scene, Repository, Workspace)> {
    let (scene, remote) = Scene::shared()?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        let commit = scene.repository.commit(version)?;
        scene.repository.tag(version, &commit)?;
    }
    scene.repository.git(&["push", "--quiet", "origin", "main", "--tags"])?;
    let mut workspace = scene.second_workspace("by-hand")?;
    workspace.environment.set("CI", "");
    Ok((scene, remote, workspace))
}

fn runs(version: &str, lines: &str) -> String {
    [staging(), deployment("staging", version, lines)].concat()
}

#[test]
fn a_deployment_by_hand_moves_no_tag_of_a_remote() -> Outcome {
    let (_scene, remote, workspace) = by_hand()?;
    workspace.settle(&staging())?;
    let before = remote.refs()?;
    workspace.main(&runs("api/v1.0.0", ""))?;
    workspace.plan(&[])?.ok()?.warned("SCY003")?.says("api/staging")?;
    workspace.apply(&[])?.refused("SCY003")?.says("CI")?;
    same_refs(&before, &remote.refs()?)?;
    workspace.settle(&runs("api/v1.0.0", "  will_move_env_tag = false"))?;
    assert!(!remote.refs()?.contains_key("refs/tags/api/staging"));
    Ok(())
}

#[test]
fn an_override_lets_a_person_deploy_and_is_audited_with_the_tag() -> Outcome {
    let (scene, remote, workspace) = by_hand()?;
    let by = "  override = { reason = \"CI is down\", approved_by = \"Grace Example\", \
              subjects = [\"staging\"] }";
    workspace.configure(&scene.repository.path(), by)?;
    workspace.main(&runs("api/v1.0.0", ""))?;
    workspace.plan(&[])?.ok()?.warned("lifts SCY003")?.says("CI is down")?;
    workspace.settle(&runs("api/v1.0.0", ""))?;
    let audit = format!("{:?}", remote.records("refs/ledger/audit/")?);
    assert!(audit.contains("SCY003") && audit.contains("Grace Example"), "{audit}");
    Ok(())
}

#[test]
fn a_person_may_go_back_to_what_ran_there() -> Outcome {
    let (scene, remote, workspace) = by_hand()?;
    scene.workspace.settle(&runs("api/v1.0.0", ""))?;
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    let back = deployment("staging", "api/v1.0.0", "  allow_downgrade = true")
        .replace("pipeline_environment.staging.name", "\"staging\"");
    workspace.main(&back)?;
    workspace.plan(&[])?.ok()?.warned("A rollback by hand")?.says("SCY003")?;
    workspace.settle(&back)?;
    assert_eq!(remote.resolve("api/staging")?, scene.repository.resolve("api/v1.0.0")?);
    let audit = format!("{:?}", remote.records("refs/ledger/audit/")?);
    assert!(audit.contains("SCY003") && audit.contains("which ran there"), "{audit}");
    Ok(())
}

#[test]
fn a_protected_push_lifts_nothing_from_a_tag_that_never_moves() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.repository.write("more", "more\n")?;
    scene.repository.commit("More")?;
    let mut workspace = scene.second_workspace("by-hand")?;
    for (name, value) in
        [("CI", ""), ("ALLOW_PROTECTED_TAG_PUSH", "rollback"), ("GITHUB_ACTOR", "grace")]
    {
        workspace.environment.set(name, value);
    }
    workspace.settle(&tag("this", "api/staging", "HEAD"))?;
    let audit = format!("{:?}", remote.records("refs/ledger/audit/")?);
    assert!(audit.contains("rollback") && audit.contains("grace"), "{audit}");
    let before = remote.refs()?;
    workspace.main(&tag("that", "api/v1.0.0", "HEAD"))?;
    workspace.apply(&[])?.refused("TAG015")?;
    assert_eq!(before.get("refs/tags/api/v1.0.0"), remote.refs()?.get("refs/tags/api/v1.0.0"));
    Ok(())
}

#[test]
fn a_repository_may_ignore_its_remote() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let before = remote.refs()?;
    scene.workspace.configure(&scene.repository.path(), "  remote = \"\"")?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    same_refs(&before, &remote.refs()?)
}

#[test]
fn an_unreachable_remote_is_named_at_plan() -> Outcome {
    let (scene, _remote) = Scene::shared()?;
    let gone = scene.environment().root().join("gone.git");
    scene.repository.git(&["remote", "set-url", "origin", &gone.to_string_lossy()])?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.workspace.plan(&[])?.refused("gone.git")?;
    Ok(())
}

#[test]
fn a_hook_that_rejects_is_quoted() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    remote.hook("pre-receive", "echo 'tags are frozen until Monday' >&2\nexit 1")?;
    let before = remote.refs()?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.workspace.apply(&[])?.refused("tags are frozen until Monday")?;
    assert!(!scene.workspace.holds(ADDRESS));
    same_refs(&before, &remote.refs()?)
}

#[test]
fn one_rejected_tag_does_not_take_the_others_with_it_silently() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    remote.hook("update", "case \"$1\" in */v2.0.0) echo 'no majors' >&2; exit 1;; esac")?;
    let hcl = [tag("good", "api/v1.0.0", "HEAD"), tag("bad", "api/v2.0.0", "HEAD")];
    scene.workspace.main(&hcl.concat())?;
    scene.workspace.apply(&[])?.refused("refs/tags/api/v2.0.0")?;
    // What state and remote say of each tag is the same.
    let refs = remote.refs()?;
    for (name, version) in [("good", "api/v1.0.0"), ("bad", "api/v2.0.0")] {
        let held = scene.workspace.holds(&format!("pipeline_version_tag.{name}"));
        assert_eq!(held, refs.contains_key(&format!("refs/tags/{version}")), "{version}");
    }
    assert!(refs.contains_key("refs/tags/api/v1.0.0"), "{refs:?}");
    Ok(())
}

#[test]
fn a_remote_that_takes_no_refs_of_the_ledger_takes_tags_and_is_warned_of() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    remote.hook("update", "case \"$1\" in refs/ledger/*) echo 'tags only' >&2; exit 1;; esac")?;
    let hcl = [tag("a", "api/v1.0.0", "HEAD"), tag("b", "api/v1.1.0", "HEAD")].concat();
    scene.workspace.main(&hcl)?;
    let applied = scene.workspace.apply(&[])?.ok()?;
    let told = applied.warned("The remote takes no refs of the ledger")?;
    told.says("refs/ledger/settings/shared")?.says("allow `refs/ledger/*`")?.says("OWN043")?;
    scene.workspace.plan(&[])?.unchanged()?;
    let head = scene.repository.head()?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        assert_eq!(remote.resolve(version)?, head);
    }
    // What is kept in the ledger alone cannot do without.
    scene.workspace.main(&[hcl, staging()].concat())?;
    scene.workspace.apply(&[])?.refused("refs/ledger/environments/staging")?;
    Ok(())
}

#[test]
fn a_remote_that_hides_the_ledger_is_told_what_to_show() -> Outcome {
    for setting in ["uploadpack.hideRefs", "receive.hideRefs"] {
        let (scene, remote) = Scene::shared()?;
        remote.git(&["config", setting, "refs/ledger"])?;
        // Who is on the same machine would read the folder.
        remote.git(&["config", "receive.autogc", "false"])?;
        scene.workspace.main(&staging())?;
        for _ in 0..2 {
            let told = scene.workspace.apply(&[])?.refused("`refs/ledger/*`")?;
            told.says("`uploadpack.hideRefs`")?.says("Next: let whoever applies read and write")?;
        }
    }
    Ok(())
}

#[test]
fn a_remote_without_atomic_push_takes_single_tags_and_no_deployment() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    remote.git(&["config", "receive.advertiseAtomic", "false"])?;
    // One ref at a time is atomic by itself.
    scene.workspace.settle(&[tag("a", "api/v1.0.0", "HEAD"), staging()].concat())?;
    let deployed = [staging(), deployment("staging", "api/v1.0.0", "")].concat();
    scene.workspace.main(&[tag("a", "api/v1.0.0", "HEAD"), deployed].concat())?;
    scene.workspace.apply(&[])?.refused("atomic")?;
    assert!(!remote.refs()?.contains_key("refs/tags/api/staging"));
    Ok(())
}

#[test]
fn works_over_http() -> Outcome {
    let Some((scene, remote, server)) = over_http("works_over_http", Fault::None)? else {
        return Ok(());
    };
    scene.workspace.settle(&[tag("this", "api/v1.0.0", "HEAD"), staging()].concat())?;
    assert!(server.pushes() > 0);
    assert_eq!(remote.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn a_push_is_tried_again_when_the_server_was_away() -> Outcome {
    let name = "a_push_is_tried_again_when_the_server_was_away";
    let Some((scene, remote, server)) = over_http(name, Fault::Unavailable(1))? else {
        return Ok(());
    };
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    // The tag and what configurations share go in one push, which is tried twice.
    assert_eq!(server.pushes(), 2);
    assert_eq!(remote.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn a_record_tells_how_often_a_push_was_attempted() -> Outcome {
    if !available() {
        let test = "a_record_tells_how_often_a_push_was_attempted";
        skipped(test, "git has no http-backend on this machine");
        return Ok(());
    }
    let (scene, remote) = Scene::shared()?;
    let versions = ["api/v1.0.0", "api/v1.1.0"];
    let setting =
        [tag("one", versions[0], "HEAD"), tag("two", versions[1], "HEAD"), staging()].concat();
    scene.workspace.settle(&setting)?;
    remote.git(&["config", "http.receivepack", "true"])?;
    // The first push from now on is the claim of the first deployment.
    let server = GitServer::start(scene.environment().root(), Fault::Unavailable(1))?;
    scene.repository.git(&["remote", "set-url", "origin", &server.url("remote.git")])?;
    for version in versions {
        scene.workspace.settle(&[&setting, &*deployment("staging", version, "")].concat())?;
    }
    let records = remote.records("refs/ledger/deployments/")?;
    let told = |version: &str| {
        let of = records.values().filter(|record| record["version"] == version);
        of.map(|record| record["git_operations_attempts"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((told(versions[0]), told(versions[1])), (vec![2.into()], vec![1.into()]));
    Ok(())
}

#[test]
fn a_push_whose_reply_was_lost_is_a_success() -> Outcome {
    let name = "a_push_whose_reply_was_lost_is_a_success";
    let Some((scene, remote, _server)) = over_http(name, Fault::LosesReply(1))? else {
        return Ok(());
    };
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    assert_eq!(remote.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn a_url_alone_is_a_repository() -> Outcome {
    let name = "a_url_alone_is_a_repository";
    let Some((scene, remote, server)) = over_http(name, Fault::None)? else { return Ok(()) };
    scene.workspace.configure(&server.url("remote.git"), "")?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "main"))?;
    assert_eq!(remote.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}
