//! A git that never answers: whoever interrupts is heard, and nothing of git outlives the provider. Only a push
//! that is on its way is awaited.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::hold::Hold;
use pipeline_acceptance::process::{running, signal, wait_until};
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::{Outcome, command};

use crate::artifact::Stage;
use crate::hcl::tag;
use crate::interruption::finish;

/// A git on the path that hangs, with a helper of its own, where it is asked for one thing.
struct HangingGit {
    hold: Hold,
    processes: PathBuf,
}

impl HangingGit {
    /// Puts it on the path of the scene's workspace.
    fn at(scene: &mut Scene, asked_for: &str) -> Outcome<Self> {
        Self::after(0, scene, asked_for)
    }

    /// The same, once it did so often what it is asked for.
    fn after(times: u32, scene: &mut Scene, asked_for: &str) -> Outcome<Self> {
        let place = scene.environment().root().join(format!("hanging-{asked_for}"));
        let hold = Hold::at(&place)?;
        let real = command::run(Command::new("sh").args(["-c", "command -v git"]))?.success()?;
        let (place, real) = (place.display(), real.stdout.trim().to_owned());
        let script = format!(
            "#!/bin/sh\nfor word in \"$@\"; do\n  if [ \"$word\" = {asked_for} ]; then\n    \
             echo >> '{place}.asked'\n    [ $(wc -l < '{place}.asked') -gt {times} ] || break\n    read -r code < '{place}.left' &\n    echo \"$$ $!\" > '{place}.processes'\n    \
             touch '{place}.reached'\n    wait\n    exit 1\n  fi\ndone\nexec {real} \"$@\"\n"
        );
        let folder = scene.environment().root().join(format!("bin-{asked_for}"));
        std::fs::create_dir(&folder)?;
        std::fs::write(folder.join("git"), script)?;
        command::run(Command::new("chmod").arg("+x").arg(folder.join("git")))?.success()?;
        let mut path = folder.into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        scene.workspace.environment.set("PATH", path);
        Ok(Self { hold, processes: PathBuf::from(format!("{place}.processes")) })
    }

    /// Waits until it hangs.
    fn hangs(&self) -> Outcome {
        self.hold.reached()
    }

    /// Waits until nothing is left of it.
    fn is_gone(&self) -> Outcome {
        let processes = std::fs::read_to_string(&self.processes)?;
        assert_eq!(processes.split_whitespace().count(), 2, "{processes}");
        wait_until("git and its helper are gone", || processes.split_whitespace().all(is_over))
    }
}

/// Whether a process is over; one that nobody asked for its end yet is over as well.
fn is_over(process: &str) -> bool {
    let about = std::fs::read_to_string(Path::new("/proc").join(process).join("stat"));
    about.map_or(true, |about| about.contains(") Z "))
}

/// A clone whose remote is reached by git alone, and a tag in it that the clone does not have.
fn scene() -> Outcome<Scene> {
    let (scene, remote) = Scene::shared()?;
    let other = Repository::clone_of(scene.environment(), &remote.path(), "other", &[])?;
    let commit = other.commit("Elsewhere")?;
    other.tag("api/v1.0.0", &commit)?;
    other.git(&["push", "--quiet", "origin", "main", "api/v1.0.0"])?;
    scene.repository.git(&["config", "remote.origin.uploadpack", "git-upload-pack"])?;
    Ok(scene)
}

fn start(scene: &Scene, name: &str, arguments: &[&str]) -> Outcome<Child> {
    let mut command =
        scene.workspace.command(name, &[&["-json", "-input=false"], arguments].concat());
    Ok(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
}

/// Whether this machine lists its processes; says so where it does not.
fn lists_processes(test: &str) -> bool {
    let lists = running("/".as_ref()).is_some();
    if !lists {
        skipped(test, "this machine does not list its processes");
    }
    lists
}

/// Interrupts a plan of this while git hangs.
fn interrupted(asked_for: &str, hcl: &str) -> Outcome {
    if !lists_processes("an_interrupted…") {
        return Ok(());
    }
    let mut scene = scene()?;
    let git = HangingGit::at(&mut scene, asked_for)?;
    scene.workspace.main(hcl)?;
    let child = start(&scene, "plan", &[])?;
    git.hangs()?;
    signal(child.id(), "INT")?;
    let run = finish(child)?;
    assert_eq!(run.said.code, Some(1), "{:?}", run.said);
    // Terraform says so itself where it had asked for nothing yet.
    let halted = run.refused("execution halted");
    halted.or_else(|_| run.refused("Interrupted")?.says("Nothing was changed").cloned())?;
    git.is_gone()
}

#[test]
fn an_interrupted_plan_does_not_wait_for_a_listing() -> Outcome {
    interrupted("ls-remote", &tag("this", "api/v1.0.0-stable", "api/v1.0.0"))
}

#[test]
fn an_interrupted_plan_does_not_wait_for_a_fetch() -> Outcome {
    interrupted("fetch", &tag("this", "api/v1.0.0-stable", "api/v1.0.0"))
}

#[test]
fn an_interrupted_plan_does_not_wait_for_the_version_of_git() -> Outcome {
    interrupted("version", &tag("this", "api/v1.0.0-stable", "api/v1.0.0"))
}

#[test]
fn an_interrupted_data_source_does_not_wait_for_git() -> Outcome {
    interrupted(
        "ls-remote",
        "data \"pipeline_versions\" \"all\" {\n  sub_project_path = \"api\"\n}\n",
    )
}

#[test]
fn an_interrupted_apply_does_not_wait_for_what_comes_before_its_push() -> Outcome {
    if !lists_processes("an_interrupted_apply…") {
        return Ok(());
    }
    let mut scene = scene()?;
    scene.workspace.main(&tag("this", "api/v1.0.0-stable", "api/v1.0.0"))?;
    scene.workspace.run("plan", &["-input=false", "-out=saved"])?.success()?;
    let git = HangingGit::at(&mut scene, "ls-remote")?;
    let child = start(&scene, "apply", &["saved"])?;
    git.hangs()?;
    signal(child.id(), "INT")?;
    finish(child)?;
    assert!(!scene.workspace.holds("pipeline_version_tag.this"));
    git.is_gone()
}

/// Interrupts the apply of a saved plan while git hangs at what it is asked for after so many times. Nothing
/// is changed.
fn interrupts_an_apply(hcl: &str, asked_for: &str, times: u32, scene: &mut Scene) -> Outcome<Run> {
    scene.workspace.main(hcl)?;
    scene.workspace.run("plan", &["-input=false", "-out=saved"])?.success()?;
    let git = HangingGit::after(times, scene, asked_for)?;
    let child = start(scene, "apply", &["saved"])?;
    git.hangs()?;
    signal(child.id(), "INT")?;
    let run = finish(child)?;
    assert_eq!(run.said.code, Some(1), "{:?}", run.said);
    run.refused("Interrupted")?;
    git.is_gone()?;
    Ok(run)
}

#[test]
fn an_interrupted_apply_does_not_wait_for_what_its_push_rests_on() -> Outcome {
    if !lists_processes("an_interrupted_apply_does_not_wait_for_what_its_push…") {
        return Ok(());
    }
    let (mut scene, remote) = Scene::shared()?;
    let commit = scene.repository.commit("Released")?;
    scene.repository.tag("api/v1.0.0", &commit)?;
    scene.repository.commit("Go on")?;
    scene.repository.git(&["push", "--quiet", "origin", "main", "api/v1.0.0"])?;
    let url = format!("file://{}", remote.path());
    let arguments = ["--depth=1", "--no-tags"];
    let shallow = Repository::clone_of(scene.environment(), &url, "shallow", &arguments)?;
    shallow.git(&["config", "remote.origin.uploadpack", "git-upload-pack"])?;
    scene.workspace.configure(&shallow.path(), "")?;
    // The commit is fetched for the plan, and then the tag by which a push knows that the remote has it.
    let hcl = tag("this", "api/v1.0.1", &commit);
    interrupts_an_apply(&hcl, "fetch", 1, &mut scene)?;
    assert!(!scene.workspace.holds("pipeline_version_tag.this"));
    assert!(!remote.refs()?.contains_key("refs/tags/api/v1.0.1"));
    Ok(())
}

#[test]
fn an_interrupted_apply_does_not_wait_for_who_acts() -> Outcome {
    if !lists_processes("an_interrupted_apply_does_not_wait_for_who_acts") {
        return Ok(());
    }
    let mut scene = scene()?;
    let hcl = tag("this", "api/v1.0.0-stable", "api/v1.0.0");
    interrupts_an_apply(&hcl, "var", 0, &mut scene)?;
    assert!(!scene.workspace.holds("pipeline_version_tag.this"));
    Ok(())
}

#[test]
fn an_interrupted_apply_does_not_wait_for_the_record_of_an_artifact() -> Outcome {
    if !lists_processes("an_interrupted_apply_does_not_wait_for_the_record…") {
        return Ok(());
    }
    let mut stage = Stage::set()?;
    let hcl = stage.hcl("");
    // Who acts is asked for the record, when the file is stored.
    interrupts_an_apply(&hcl, "var", 0, &mut stage.scene)?
        .warned("The file is in S3 and not recorded")?
        .says("apply again")?;
    assert!(!stage.workspace().holds("pipeline_artifact.this"));
    assert!(stage.records()?.is_empty());
    Ok(())
}

#[test]
fn what_hangs_does_not_outlive_a_killed_terraform() -> Outcome {
    if !lists_processes("what_hangs_does_not_outlive…") {
        return Ok(());
    }
    let mut scene = scene()?;
    let git = HangingGit::at(&mut scene, "ls-remote")?;
    scene.workspace.main(&tag("this", "api/v1.0.0-stable", "api/v1.0.0"))?;
    let mut child = start(&scene, "plan", &[])?;
    git.hangs()?;
    child.kill()?;
    child.wait()?;
    git.is_gone()
}

#[test]
fn a_push_on_its_way_is_awaited_and_what_it_did_is_known() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let place = scene.environment().root().join("pushing");
    let hold = Hold::at(&place)?;
    remote.hook("pre-receive", &Hold::pre_receive(&place, "refs/tags/api/v1.0.0"))?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    let mut child = scene.workspace.start_apply()?;
    hold.reached()?;
    signal(child.id(), "INT")?;
    let mut told = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    assert!(told.any(|line| line.is_ok_and(|line| line.contains("Interrupt received"))));
    hold.leave(0)?;
    finish(child)?;
    assert!(remote.refs()?.contains_key("refs/tags/api/v1.0.0"));
    assert!(scene.workspace.holds("pipeline_version_tag.this"), "the state does not know the tag");
    Ok(())
}
