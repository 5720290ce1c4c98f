//! What `TF_LOG=debug` shows of git: each command, how long it took, and no credential.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::git_server::{Fault, GitServer, available};
use pipeline_acceptance::scene::{Scene, skipped};

use crate::hcl::tag;

/// The milliseconds that a line of the log says git took.
fn milliseconds(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once("git_duration_ms=")?;
    rest.split([' ', '\n']).next()?.trim_matches('"').parse().ok()
}

#[test]
fn git_commands_are_logged_with_their_time_and_no_password() -> Outcome {
    if !available() {
        let name = "git_commands_are_logged_with_their_time_and_no_password";
        skipped(name, "git has no http-backend here");
        return Ok(());
    }
    let (mut scene, remote) = Scene::shared()?;
    remote.git(&["config", "http.receivepack", "true"])?;
    let server = GitServer::start(scene.environment().root(), Fault::None)?;
    let url = server.url("remote.git").replace("http://", "http://robot:canary-52f0e3@");
    scene.repository.git(&["remote", "set-url", "origin", &url])?;
    let log = scene.environment().root().join("terraform.log");
    scene.workspace.environment.set("TF_LOG", "debug");
    scene.workspace.environment.set("TF_LOG_PATH", &log);
    scene.workspace.main(&tag("t", "web/v1.0.0", "HEAD"))?;
    scene.workspace.apply(&[])?.ok()?;
    let gone = url.replace("remote.git", "gone.git");
    scene.repository.git(&["remote", "set-url", "origin", &gone])?;
    scene.workspace.plan(&[])?.refused("gone.git")?;
    let text = std::fs::read_to_string(&log)?;
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("Ran git")).collect();
    for command in ["git ls-remote ", "git push "] {
        let found = lines.iter().find(|line| line.contains(command));
        let line = found.ok_or_else(|| format!("no `{command}` in {lines:#?}"))?;
        assert!(milliseconds(line).is_some(), "{line}");
    }
    let failed = lines.iter().find(|line| line.contains("gone.git"));
    let failed = failed.ok_or_else(|| format!("no failed listing in {lines:#?}"))?;
    assert!(failed.contains("git_end=\"exit 128\""), "{failed}");
    assert!(!text.contains("canary-"), "a password is in the log");
    Ok(())
}
