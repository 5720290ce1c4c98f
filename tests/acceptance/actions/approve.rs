//! `pipeline_approve`.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::workspace::Workspace;
use serde_json::Value;

use super::{action, invoke, trigger};
use crate::hcl::{PRODUCTION, deployment, environment, tag};

const KIND: &str = "pipeline_approve";

/// The test, on a release that has no actions.
fn lacks(scene: &Scene, test: &str) -> bool {
    scene.workspace.terraform.lacks(Feature::Actions, &format!("actions::approve::{test}"))
}

/// Production is registered, where bob or carol has to agree; version 1.0.0 of the api has a tag.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    let policy =
        "  approval_policy = {\n    required = 1\n    approvers = [\"bob\", \"carol\"]\n  }";
    scene.workspace.settle(&environment("production", &format!("{PRODUCTION}\n{policy}")))?;
    Ok(scene)
}

/// A workspace of a person.
fn of(scene: &Scene, person: &str) -> Outcome<Workspace> {
    let own = scene.second_workspace(person)?;
    own.configure(&scene.repository.path(), &format!("  actor = \"{person}\""))?;
    Ok(own)
}

fn approve(version: &str, lines: &str) -> String {
    let lines =
        format!("    environment = \"production\"\n    version     = \"{version}\"\n{lines}");
    action(KIND, &lines)
}

/// The record of a person's decision about version 1.0.0.
fn decision(scene: &Scene, person: &str) -> Outcome<Value> {
    let commit = scene.repository.resolve("api/v1.0.0")?;
    let name = format!("refs/ledger/approvals/production/{commit}/{person}");
    let mut records = scene.repository.records(&name)?;
    Ok(records.remove(&name).ok_or(format!("there is no {name}"))?)
}

fn audited(scene: &Scene) -> Outcome<Vec<String>> {
    let records = scene.repository.records("refs/ledger/audit/")?;
    Ok(records.values().map(|it| it["action"].as_str().unwrap_or_default().to_owned()).collect())
}

#[test]
fn an_approval_counts_is_renewed_and_may_become_a_rejection() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "an_approval_counts_is_renewed_and_may_become_a_rejection") {
        return Ok(());
    }
    let deployer = of(&scene, "erin")?;
    let deploys = deployment("production", "api/v1.0.0", "")
        .replace("pipeline_environment.production.name", "\"production\"");
    deployer.main(&deploys)?;
    deployer.plan(&[])?.refused("DEP012")?;
    let bob = of(&scene, "bob")?;
    bob.main(&approve("api/v1.0.0", "    reference = \"CHG-1\""))?;
    let run = invoke(&bob, KIND)?.ok()?;
    assert!(run.said.stdout.contains("bob approved api/v1.0.0"), "{}", run.said.stdout);
    let first = decision(&scene, "bob")?;
    assert_eq!((&first["decision"], &first["reference"]), (&"approve".into(), &"CHG-1".into()));
    invoke(&bob, KIND)?.ok()?;
    assert_eq!(audited(&scene)?, ["renew the approval of api/v1.0.0 for production by bob"]);
    deployer.settle(&deploys)?;
    bob.main(&approve("api/v1.0.0", "    decision = \"reject\""))?;
    invoke(&bob, KIND)?.ok()?;
    assert_eq!(decision(&scene, "bob")?["decision"], "reject");
    assert!(audited(&scene)?.iter().any(|it| it.starts_with("turn the approval into a rejection")));
    Ok(())
}

#[test]
fn the_creation_of_a_tag_asks_for_the_approval_of_its_version() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "the_creation_of_a_tag_asks_for_the_approval_of_its_version") {
        return Ok(());
    }
    let bob = of(&scene, "bob")?;
    let cut = tag("release", "api/v2.0.0", "HEAD").replace(
        "\n}\n",
        "\n  lifecycle {\n    action_trigger {\n      events  = [after_create]\n      \
             actions = [action.pipeline_approve.this]\n    }\n  }\n}\n",
    );
    bob.main(&[cut, approve("api/v2.0.0", "")].concat())?;
    bob.plan(&[])?.ok()?;
    bob.apply(&[])?.ok()?;
    let records = scene.repository.records("refs/ledger/approvals/production/")?;
    let record = records.into_values().next().ok_or("no record")?;
    assert_eq!((&record["version"], &record["person"]), (&"api/v2.0.0".into(), &"bob".into()));
    bob.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn what_is_known_late_is_checked_when_it_is_known() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "what_is_known_late_is_checked_when_it_is_known") {
        return Ok(());
    }
    let bob = of(&scene, "bob")?;
    let late = |version: &str| {
        let known_late = "resource \"terraform_data\" \"late\" {\n  input = \"VERSION\"\n}\n";
        let approve = approve("x", "").replace("\"x\"", "terraform_data.late.output");
        let waits = trigger(KIND, "terraform_data.late.output");
        [known_late.replace("VERSION", version), approve, waits].concat()
    };
    let before = scene.repository.refs()?;
    bob.main(&late("api/v9.0.0"))?;
    bob.plan(&[])?.ok()?;
    bob.apply(&[])?.refused("DEP007")?.says("api/v1.0.0")?;
    same_refs(&before, &scene.repository.refs()?)?;
    bob.main(&late("api/v1.0.0").replace("\"trigger\"", "\"again\""))?;
    bob.apply(&[])?.ok()?;
    assert_eq!(decision(&scene, "bob")?["decision"], "approve");
    Ok(())
}

#[test]
fn what_is_wrong_is_told_by_the_plan_and_nothing_changes() -> Outcome {
    let scene = released()?;
    if lacks(&scene, "what_is_wrong_is_told_by_the_plan_and_nothing_changes") {
        return Ok(());
    }
    let before = scene.repository.refs()?;
    let bob = of(&scene, "bob")?;
    let over = "    expires_at = \"2020-01-01T00:00:00Z\"";
    let ending = "    decision = \"reject\"\n    expires_at = \"9000-01-01T00:00:00Z\"";
    let secret = "    reference = \"https://ada:s3cret@example.com\"";
    let broken = [
        (approve("api/v9.0.0", ""), "DEP007", "api/v1.0.0"),
        (
            approve("api/v1.0.0", "").replace("\"production\"", "\"produktion\""),
            "DEP021",
            "production",
        ),
        (approve("api/v1.0.0", over), "POL002", "never count"),
        (approve("api/v1.0.0", ending), "POL002", "ends by itself"),
        (approve("api/v1.0.0", secret), "OWN046", "not shown"),
    ];
    for (text, rule, said) in broken {
        bob.main(&text)?;
        bob.plan(&[&format!("-invoke=action.{KIND}.this")])?.refused(rule)?.says(said)?;
        bob.main(&[text, trigger(KIND, "1")].concat())?;
        bob.plan(&[])?.refused(rule)?.says(said)?;
    }
    let mallory = of(&scene, "mallory")?;
    mallory.main(&approve("api/v1.0.0", ""))?;
    invoke(&mallory, KIND)?.refused("POL001")?.says("`bob`")?;
    same_refs(&before, &scene.repository.refs()?)
}
