//! No secret reaches state, plan, log, ledger or screen.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::git_server::{Fault, GitServer, available};
use pipeline_acceptance::scene::{Scene, skipped};

use crate::hcl::{deployment, staging, tag};

/// Every file of a folder, as text.
fn texts(folder: &std::path::Path, found: &mut Vec<(String, String)>) -> Outcome {
    for entry in std::fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            texts(&path, found)?;
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            found.push((path.to_string_lossy().into_owned(), text));
        }
    }
    Ok(())
}

#[test]
fn a_password_in_a_remote_url_is_shown_nowhere() -> Outcome {
    if !available() {
        skipped("a_password_in_a_remote_url_is_shown_nowhere", "git has no http-backend here");
        return Ok(());
    }
    let (mut scene, remote) = Scene::shared()?;
    remote.git(&["config", "http.receivepack", "true"])?;
    let server = GitServer::start(scene.environment().root(), Fault::None)?;
    let url = server.url("remote.git").replace("http://", "http://robot:canary-1679091c@");
    scene.repository.git(&["remote", "set-url", "origin", &url])?;
    let log = scene.environment().root().join("terraform.log");
    scene.workspace.environment.set("TF_LOG", "trace");
    scene.workspace.environment.set("TF_LOG_PATH", &log);
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.git(&["push", "--quiet", "origin", "api/v1.0.0"])?;
    let hcl = [staging(), deployment("staging", "api/v1.0.0", ""), tag("t", "web/v1.0.0", "HEAD")];
    scene.workspace.main(&hcl.concat())?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    let apply = scene.workspace.apply(&["saved"])?.ok()?;
    let gone = url.replace("remote.git", "gone.git");
    scene.repository.git(&["remote", "set-url", "origin", &gone])?;
    let failed = scene.workspace.plan(&[])?;
    failed.refused("gone.git")?;
    let mut found = Vec::new();
    texts(&scene.workspace.directory, &mut found)?;
    found.push(("the log".to_owned(), std::fs::read_to_string(&log)?));
    for (name, run) in [("plan", plan), ("apply", apply), ("failed plan", failed)] {
        found.push((name.to_owned(), format!("{}{}", run.said.stdout, run.said.stderr)));
    }
    let ledger = remote.records("refs/ledger/")?;
    found.push(("the ledger".to_owned(), format!("{ledger:?}")));
    let leaks: Vec<_> = found.iter().filter(|(_, text)| text.contains("canary-")).collect();
    assert!(leaks.is_empty(), "{:?}", leaks.iter().map(|(name, _)| name).collect::<Vec<_>>());
    Ok(())
}
