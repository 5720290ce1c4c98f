//! No secret reaches state, plan, log, ledger or screen.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::canary;
use pipeline_acceptance::git_server::{Asks, Fault, Gate, GitServer, available};
use pipeline_acceptance::process::{running, shown, wait_until};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::{Scene, skipped};

use crate::hcl::{deployment, staging, tag};
use crate::interruption::finish;

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

/// What every process of this scene shows of itself: its arguments and its variables.
fn shown_by_processes(scene: &Scene) -> Vec<String> {
    let all = shown(scene.environment()).into_iter();
    all.map(|it| [it.arguments, it.variables].concat()).collect()
}

/// A remote that asks for a password, which stands in its URL, and a clone without its last version.
fn guarded(test: &str) -> Outcome<Option<(Scene, Repository, GitServer)>> {
    if !available() || running("/".as_ref()).is_none() {
        skipped(test, "git has no http-backend here, or this machine does not list its processes");
        return Ok(None);
    }
    let (mut scene, remote) = Scene::shared()?;
    scene.workspace.environment.set("AWS_SECRET_ACCESS_KEY", AWS_KEY);
    let other = Repository::clone_of(scene.environment(), &remote.path(), "other", &[])?;
    let commit = other.commit("Elsewhere")?;
    other.tag("api/v1.0.0", &commit)?;
    other.git(&["push", "--quiet", "origin", "main", "api/v1.0.0"])?;
    remote.git(&["config", "http.receivepack", "true"])?;
    let server = GitServer::start(scene.environment().root(), Fault::None)?;
    server.demand(ROBOT);
    Ok(Some((scene, remote, server)))
}

/// The header of `robot`, whose password is `canary-1679091c`.
const ROBOT: &str = "Basic cm9ib3Q6Y2FuYXJ5LTE2NzkwOTFj";

const AWS_KEY: &str = "canary-of-aws";

fn with_password(url: &str) -> String {
    url.replace("http://", "http://robot:canary-1679091c@")
}

/// Applies a tag, and looks at the processes while git lists, fetches and pushes.
fn tags_unseen(scene: &Scene, remote: &Repository, server: &GitServer) -> Outcome {
    type Kind = fn(&Asks) -> bool;
    let kinds: [(&str, Kind); 3] = [
        ("a listing", |what| *what == Asks::ToList),
        ("a fetch", |what| *what == Asks::ToFetch),
        ("a push", |what| matches!(what, Asks::ToPush(_))),
    ];
    let gates = kinds.map(|(name, kind)| (name, Gate::new(move |asked| kind(&asked.what))));
    for (_, gate) in &gates {
        server.set(gate);
    }
    scene.workspace.main(&tag("this", "api/v1.0.0-stable", "api/v1.0.0"))?;
    let child = scene.workspace.start_apply()?;
    for (name, gate) in &gates {
        gate.reached()?;
        let shown = shown_by_processes(scene);
        gate.let_through();
        let is_of_git = |text: &&String| text.contains("git-remote-http");
        assert!(shown.iter().any(|text| is_of_git(&text)), "no git is on its way during {name}");
        let tells = |text: &&String| {
            text.contains("canary-16") || is_of_git(text) && text.contains(AWS_KEY)
        };
        let leaks: Vec<_> = shown.iter().filter(tells).collect();
        assert!(leaks.is_empty(), "during {name}: {leaks:#?}");
    }
    finish(child)?.ok()?;
    assert_eq!(remote.resolve("api/v1.0.0-stable")?, remote.resolve("api/v1.0.0")?);
    Ok(())
}

#[test]
fn a_password_in_a_remote_url_is_in_no_list_of_processes() -> Outcome {
    let test = "a_password_in_a_remote_url_is_in_no_list_of_processes";
    let Some((scene, remote, server)) = guarded(test)? else { return Ok(()) };
    let url = with_password(&server.url("remote.git"));
    scene.repository.git(&["remote", "set-url", "origin", &url])?;
    tags_unseen(&scene, &remote, &server)
}

#[test]
fn a_password_that_a_setting_adds_to_urls_is_in_no_list_of_processes() -> Outcome {
    let test = "a_password_that_a_setting_adds_to_urls_is_in_no_list_of_processes";
    let Some((scene, remote, server)) = guarded(test)? else { return Ok(()) };
    let url = server.url("remote.git");
    scene.repository.git(&["remote", "set-url", "origin", &url])?;
    let base = url.replace("remote.git", "");
    let setting = format!("url.{}.insteadOf", with_password(&base));
    scene.repository.git(&["config", "--global", &setting, &base])?;
    tags_unseen(&scene, &remote, &server)
}

#[test]
fn a_wrong_password_in_a_remote_url_is_told_as_such() -> Outcome {
    let test = "a_wrong_password_in_a_remote_url_is_told_as_such";
    let Some((scene, _remote, server)) = guarded(test)? else { return Ok(()) };
    let url = with_password(&server.url("remote.git")).replace("1679091c", "wrong");
    scene.repository.git(&["remote", "set-url", "origin", &url])?;
    scene.workspace.main(&tag("this", "api/v1.0.0-stable", "api/v1.0.0"))?;
    let told = scene.workspace.plan(&[])?;
    told.refused("credentials")?;
    assert!(!format!("{:?}", told.said).contains("canary-"), "{:?}", told.said);
    Ok(())
}

/// Says its secret on both outputs, as often as it is called, and waits to be let go.
const SCRIPT: &str = "#!/bin/sh\n\
    echo \"$1: the token is $TOKEN\"\n\
    echo \"$1: the token was $TOKEN\" >&2\n\
    touch \"at-$1\"\n\
    while test -e \"hang-$1\"; do sleep 0.05; done\n\
    test ! -e \"fail-$1\"\n";

/// The steps of a deployment that run commands, by the first argument of each.
const COMMANDS: [&str; 4] = ["migrate", "deploy", "verify", "test"];

#[test]
fn secrets_of_commands_are_in_nothing_that_is_kept_told_or_listed() -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("secrets_of_commands…", "this machine does not list its processes");
        return Ok(());
    }
    let mut scene = Scene::local()?;
    let log = scene.environment().root().join("terraform.log");
    scene.workspace.environment.set("TF_LOG", "trace");
    scene.workspace.environment.set("TF_LOG_PATH", &log);
    scene.workspace.environment.set("PASSED", "canary-passed-5f0e");
    scene.repository.write("run.sh", SCRIPT)?;
    scene.repository.commit("script")?;
    for version in ["1.0.0", "1.1.0"] {
        scene.repository.tag(&format!("api/v{version}"), "HEAD")?;
    }
    let lines = r#"
  migrations = [{ name = "0001", command = ["sh", "run.sh", "migrate"], rollback_command = ["sh", "run.sh", "revert"] }]
  command = {
    deploy  = ["sh", "run.sh", "deploy"]
    verify  = ["sh", "run.sh", "verify"]
    restore = ["sh", "run.sh", "restore"]
  }
  secrets_wo       = { TOKEN = "canary-written-only-1b7c" }
  pass_environment = ["PASSED"]
  tests            = { commands = [["sh", "run.sh", "test"]] }
"#;
    for step in COMMANDS {
        scene.repository.write(&format!("hang-{step}"), "")?;
    }
    scene.workspace.main(&[staging(), deployment("staging", "api/v1.0.0", lines)].concat())?;
    let child = scene.workspace.start_apply()?;
    for step in COMMANDS {
        let file = |name: &str| scene.repository.directory.join(format!("{name}-{step}"));
        wait_until(&format!("{step} runs"), || file("at").exists())?;
        canary::check_processes(scene.environment())?;
        let runs = |it: &pipeline_acceptance::process::Shown| it.arguments.contains(step);
        let has_it = shown(scene.environment()).iter().any(|it| {
            runs(it)
                && it.variables.contains("canary-written")
                && it.variables.contains("canary-passed")
        });
        assert!(has_it, "{step} has its secrets, by variables");
        std::fs::remove_file(file("hang"))?;
    }
    let applied = finish(child)?.ok()?;
    // What fails says its last words, and what puts back and takes back runs too.
    scene.repository.write("fail-test", "")?;
    scene.workspace.main(&[staging(), deployment("staging", "api/v1.1.0", lines)].concat())?;
    let failed = scene.workspace.apply(&[])?;
    failed.refused("The deployment failed")?.says("the token was ***")?;
    for run in [applied, failed] {
        canary::check_said(&run.said)?;
    }
    // Who debugs sees that commands ran: the log that is searched in the end is one of them.
    assert!(std::fs::read_to_string(&log)?.contains("pipeline_deployment"));
    Ok(())
}
