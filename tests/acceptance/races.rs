//! Two people, one tag: exactly one of them wins, and the other reads by whom they were beaten.

use std::thread;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::Workspace;

use crate::hcl::{short, staging, tag};

/// Two workspaces with saved plans that move the same tag to commits of their own.
struct Race {
    scene: Scene,
    remote: Repository,
    second: Workspace,
    base: String,
    ours: String,
    theirs: String,
}

impl Race {
    /// Both have planned: from `base`, one to `ours`, the other to `theirs`.
    fn ready() -> Outcome<Self> {
        let (scene, remote) = Scene::shared()?;
        let base = scene.repository.head()?;
        scene.workspace.settle(&tag("this", "api/staging", &base))?;
        let ours = scene.repository.commit("Ours")?;
        let theirs = scene.repository.commit("Theirs")?;
        scene.repository.git(&["push", "--quiet", "origin", "main"])?;
        let second = scene.second_workspace("second")?;
        second.main(&tag("this", "api/staging", &base))?;
        second.import("pipeline_version_tag.this", "api/staging")?.success()?;
        scene.workspace.main(&tag("this", "api/staging", &ours))?;
        second.main(&tag("this", "api/staging", &theirs))?;
        scene.workspace.plan(&["-out=saved"])?.ok()?;
        second.plan(&["-out=saved"])?.ok()?;
        Ok(Self { scene, remote, second, base, ours, theirs })
    }

    /// What must be true whoever won.
    fn judge(&self, first: &Run, second: &Run) -> Outcome {
        let codes = [first.said.code, second.said.code];
        let (winner, loser) = match codes {
            [Some(0), Some(1)] => (&self.ours, second),
            [Some(1), Some(0)] => (&self.theirs, first),
            _ => return Err(second.failure(&format!("exactly one should win: {codes:?}"))),
        };
        loser.refused("TAG010")?.says(short(&self.base))?.says(short(winner))?;
        assert_eq!(&self.remote.resolve("api/staging")?, winner);
        Ok(())
    }
}

#[test]
fn the_second_of_two_plans_does_not_overwrite_the_first() -> Outcome {
    let race = Race::ready()?;
    let first = race.scene.workspace.apply(&["saved"])?;
    let second = race.second.apply(&["saved"])?;
    assert_eq!(first.said.code, Some(0), "{:?}", first.said);
    race.judge(&first, &second)
}

#[test]
fn of_two_runs_at_once_exactly_one_wins() -> Outcome {
    let race = Race::ready()?;
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| race.scene.workspace.apply(&["saved"]));
        let second = race.second.apply(&["saved"]);
        (first.join(), second)
    });
    let first = first.map_err(|_| "the first run panicked")??;
    race.judge(&first, &second?)
}

#[test]
fn two_deployments_at_once_do_not_overlap() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.tag("web/v1.0.0", "HEAD")?;
    scene.repository.git(&["push", "--quiet", "--tags", "origin"])?;
    scene.workspace.settle(&staging())?;
    let deploy = |name: &str, version: &str| -> Outcome<Workspace> {
        let workspace = scene.second_workspace(name)?;
        workspace.main(&format!(
            "resource \"pipeline_deployment\" \"this\" {{\n  environment = \"staging\"\n  \
             version = \"{version}\"\n  workflow_run_id = \"1\"\n}}\n"
        ))?;
        Ok(workspace)
    };
    let (api, web) = (deploy("a", "api/v1.0.0")?, deploy("b", "web/v1.0.0")?);
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| api.apply(&[]));
        let other = web.apply(&[]);
        (one.join(), other)
    });
    one.map_err(|_| "the first run panicked")??.ok()?;
    other?.ok()?;
    let mut spans = Vec::new();
    for record in remote.records("refs/ledger/deployments/staging/")?.values() {
        assert_eq!(record["status"], "succeeded", "{record}");
        let time = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        spans.push((time("started_at"), time("completed_at")));
    }
    spans.sort();
    let [(_, first_ended), (second_began, _)] = spans.as_slice() else {
        return Err(format!("two deployments should be on record: {spans:?}").into());
    };
    assert!(first_ended <= second_began, "they overlap: {spans:?}");
    Ok(())
}
