//! The checkout of one commit that GitHub's action makes by default, over HTTP with the credential in the
//! settings of the clone: no history, no tags, no branch.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::git_server::{Fault, GitServer, available};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::{Scene, skipped};

use crate::hcl::{deployment, staging, tag};

const CREDENTIAL: &str = "basic eC1hY2Nlc3MtdG9rZW46c2VjcmV0";

/// A checkout of the remote's last commit, and what it was made from.
struct Checkout {
    scene: Scene,
    remote: Repository,
    clone: Repository,
    _server: GitServer,
}

/// A remote with 110 commits, of which early ones are released, and a checkout of the last. None where git
/// cannot serve it here.
fn checkout(test: &str) -> Outcome<Option<Checkout>> {
    if !available() {
        skipped(test, "git has no http-backend on this machine");
        return Ok(None);
    }
    let (scene, remote) = Scene::shared()?;
    for version in ["api/v1.0.0", "api/v1.1.0"] {
        scene.repository.commit(version)?;
        scene.repository.tag(version, "HEAD")?;
    }
    for _ in 0..110 {
        scene.repository.git(&["commit", "--quiet", "--allow-empty", "--message", "Go on"])?;
    }
    scene.repository.git(&["push", "--quiet", "--follow-tags", "origin", "main"])?;
    scene.repository.git(&["push", "--quiet", "--tags", "origin"])?;
    remote.git(&["config", "http.receivepack", "true"])?;
    remote.git(&["config", "uploadpack.allowFilter", "true"])?;
    let server = GitServer::start(scene.environment().root(), Fault::None)?;
    server.demand(CREDENTIAL);
    let clone = check_out(&scene, &server)?;
    scene.workspace.configure(&clone.path(), "")?;
    Ok(Some(Checkout { scene, remote, clone, _server: server }))
}

/// What the action does, step by step.
fn check_out(scene: &Scene, server: &GitServer) -> Outcome<Repository> {
    let clone = Repository::empty(scene.environment(), "checkout")?;
    let (url, head) = (server.url("remote.git"), scene.repository.head()?);
    let section = format!("http.{}.extraheader", url.trim_end_matches("remote.git"));
    clone.git(&["remote", "add", "origin", &url])?;
    clone.git(&["config", "--local", "gc.auto", "0"])?;
    clone.git(&["config", "--local", &section, &format!("AUTHORIZATION: {CREDENTIAL}")])?;
    let refspec = format!("+{head}:refs/remotes/origin/main");
    let fetch =
        ["-c", "protocol.version=2", "fetch", "--no-tags", "--prune", "--depth=1", "origin"];
    clone.git(&[fetch.as_slice(), &[refspec.as_str()]].concat())?;
    clone.git(&["checkout", "--quiet", "--force", "--detach", "refs/remotes/origin/main"])?;
    Ok(clone)
}

#[test]
fn tags_deploys_and_goes_back() -> Outcome {
    let Some(Checkout { scene, remote, clone, _server }) = checkout("tags_deploys_and_goes_back")?
    else {
        return Ok(());
    };
    let before = (clone.refs()?, clone.git(&["config", "--list", "--local"])?);
    let released = tag("this", "api/v2.0.0", "HEAD");
    let runs = |version: &str, lines: &str| {
        [released.as_str(), &staging(), &deployment("staging", version, lines)].concat()
    };
    scene.workspace.settle(&runs("api/v1.0.0", ""))?.silent()?;
    assert_eq!(remote.resolve("api/v2.0.0")?, clone.head()?);
    scene.workspace.settle(&runs("api/v1.1.0", ""))?;
    assert_eq!(remote.resolve("api/staging")?, remote.resolve("api/v1.1.0")?);
    let target = "data \"pipeline_rollback_target\" \"this\" {\n  environment = \"staging\"\n  \
                  sub_project_path = \"api\"\n}\n";
    let mut second = scene.second_workspace("second")?;
    second.configure(&clone.path(), "")?;
    second.environment = scene.workspace.environment.clone();
    second.settle(target)?;
    let back = second.attributes("data.pipeline_rollback_target.this")?["target_version"].clone();
    assert_eq!(back, "api/v1.0.0");
    scene.workspace.settle(&runs("api/v1.0.0", "  allow_downgrade = true"))?;
    assert_eq!(remote.resolve("api/staging")?, remote.resolve("api/v1.0.0")?);
    let after = (clone.refs()?, clone.git(&["config", "--list", "--local"])?);
    assert_eq!(before, after, "the clone stays as it was");
    remote.git(&["fsck", "--strict"])?;
    Ok(())
}

#[test]
fn an_old_commit_that_is_not_here_gets_a_new_tag() -> Outcome {
    let test = "an_old_commit_that_is_not_here_gets_a_new_tag";
    let Some(Checkout { scene, remote, clone, _server }) = checkout(test)? else {
        return Ok(());
    };
    let recent = scene.repository.resolve("HEAD~5")?;
    scene.workspace.settle(&tag("this", "v1.0.0", &recent))?.silent()?;
    assert_eq!(remote.resolve("v1.0.0")?, recent);
    // Further back than is asked for: it works as well, and the plan says what it does not know.
    let old = scene.repository.resolve("HEAD~108")?;
    let both = [tag("this", "v1.0.0", &recent), tag("old", "v0.9.0", &old)].concat();
    scene.workspace.main(&both)?;
    let run = scene.workspace.apply(&[])?.ok()?;
    run.warned("is not known")?.at("ref")?.says("fetch-depth: 0")?;
    assert_eq!(remote.resolve("v0.9.0")?, old);
    assert_eq!(clone.git(&["rev-parse", "--is-shallow-repository"])?.trim(), "true");
    Ok(())
}

#[test]
fn a_branch_that_moved_on_since_the_checkout_is_no_trouble() -> Outcome {
    let test = "a_branch_that_moved_on_since_the_checkout_is_no_trouble";
    let Some(Checkout { scene, remote, clone, _server }) = checkout(test)? else {
        return Ok(());
    };
    scene.repository.commit("Somebody is faster")?;
    scene.repository.git(&["push", "--quiet", "origin", "main"])?;
    scene.workspace.settle(&tag("this", "v1.0.0", "HEAD"))?.silent()?;
    assert_eq!(remote.resolve("v1.0.0")?, clone.head()?);
    Ok(())
}
