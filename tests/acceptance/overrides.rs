//! An override of rules: announced by the plan, limited to what it names, and over when it ends.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;

use crate::hcl::{deployment, staging, tag};

/// A scene in which `api/v1.0.0` stands on a commit that is not the newest one.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let new = scene.repository.commit("Go on")?;
    scene.workspace.main(&tag("this", "api/v1.0.0", &new))?;
    Ok(scene)
}

fn overriding(scene: &Scene, limits: &str) -> Outcome {
    let hcl = format!(
        "  override = {{\n    reason = \"wrong build\"\n    approved_by = \"Grace Example\"\n{limits}\n  }}"
    );
    scene.workspace.configure(&scene.repository.path(), &hcl)
}

#[test]
fn the_plan_announces_each_rule_that_it_lifts() -> Outcome {
    let scene = released()?;
    overriding(&scene, "")?;
    let run = scene.workspace.plan(&[])?;
    run.warned("lifts TAG009")?.says("api/v1.0.0")?.says("Grace Example")?.says("wrong build")?;
    let run = scene.workspace.plan(&["-destroy"])?;
    run.warned("lifts TAG009")?.says("a deletion of `api/v1.0.0`")?;
    Ok(())
}

#[test]
fn it_lifts_only_the_rules_and_the_subjects_that_it_names() -> Outcome {
    let scene = released()?;
    let before = scene.repository.refs()?;
    overriding(&scene, "    subjects = [\"api/v1.0.1\"]")?;
    scene.workspace.apply(&[])?.refused("TAG009")?.says("of `api/v1.0.1`")?;
    overriding(&scene, "    rules = [\"SCY003\"]")?;
    scene.workspace.apply(&[])?.refused("TAG009")?.says("lifts only `SCY003`")?;
    same_refs(&before, &scene.repository.refs()?)?;
    overriding(&scene, "    rules = [\"TAG009\"]\n    subjects = [\"api/v1.0.0\"]")?;
    scene.workspace.apply(&[])?.ok()?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn it_ends() -> Outcome {
    let scene = released()?;
    let before = scene.repository.refs()?;
    overriding(&scene, "    until = \"2020-01-01T00:00:00Z\"")?;
    let run = scene.workspace.apply(&[])?;
    run.refused("TAG009")?;
    run.warned("has ended")?.says("2020-01-01T00:00:00Z")?;
    same_refs(&before, &scene.repository.refs()?)?;
    overriding(&scene, "    until = \"9999-01-01T00:00:00Z\"")?;
    scene.workspace.apply(&[])?.ok()?;
    Ok(())
}

#[test]
fn nobody_answers_for_their_own() -> Outcome {
    let mut scene = released()?;
    let before = scene.repository.refs()?;
    let own = |person: &str| {
        format!("  override = {{ reason = \"wrong build\", approved_by = \"{person}\" }}")
    };
    scene.workspace.configure(&scene.repository.path(), &own("ada  example"))?;
    scene.workspace.plan(&[])?.refused("POL008")?.says("override.approved_by")?;
    scene.workspace.apply(&[])?.refused("POL008")?.says("who acts here")?;
    scene.workspace.environment.set("GITHUB_ACTOR", "grace");
    scene.workspace.configure(&scene.repository.path(), &own("@Grace"))?;
    scene.workspace.apply(&[])?.refused("POL008")?.says("`grace`")?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.environment.set("GITHUB_ACTOR", "bob");
    scene.workspace.apply(&[])?.ok()?.warned("lifts TAG009")?;
    Ok(())
}

#[test]
fn a_deployment_is_meant_by_its_import_id() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    let commit = scene.repository.head()?;
    scene.repository.tag("api/v1.0.0", &commit)?;
    scene.repository.git(&["push", "--quiet", "origin", "main", "--tags"])?;
    let mut workspace = scene.second_workspace("by-hand")?;
    workspace.environment.set("CI", "");
    workspace.settle(&staging())?;
    let by = |subject: &str| {
        format!(
            "  override = {{ reason = \"CI is down\", approved_by = \"Grace\", rules = [\"SCY003\"], \
             subjects = [\"{subject}\"] }}"
        )
    };
    let runs = [staging(), deployment("staging", "api/v1.0.0", "")].concat();
    workspace.configure(&scene.repository.path(), &by("staging/web"))?;
    workspace.main(&runs)?;
    workspace.apply(&[])?.refused("SCY003")?.says("of `staging/web`")?;
    workspace.configure(&scene.repository.path(), &by("staging/api"))?;
    workspace.apply(&[])?.ok()?.warned("lifts SCY003")?.says("CI is down")?;
    let audit = remote.records("refs/ledger/audit/")?;
    assert_eq!(audit.len(), 1, "{audit:?}");
    let audit = format!("{audit:?}");
    assert!(audit.contains("SCY003") && audit.contains("v1.0.0 to staging by hand"), "{audit}");
    Ok(())
}

#[test]
fn what_it_cannot_lift_is_refused() -> Outcome {
    let scene = released()?;
    overriding(&scene, "    rules = [\"TAG009\", \"QUE007\"]")?;
    scene.workspace.plan(&[])?.refused("POL008")?.says("rules[1]")?.says("QUE007")?;
    overriding(&scene, "    rules = [\"TAG0009\"]")?;
    scene.workspace.validate()?.refused("TAG009")?;
    Ok(())
}

#[test]
fn it_announces_that_it_changes_the_settings_of_all() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let lenient = "  allow_prerelease_tags = true\n  override = { reason = \"we test candidates\", \
                   approved_by = \"bob\" }";
    scene.workspace.configure(&scene.repository.path(), lenient)?;
    scene.workspace.plan(&[])?.warned("lifts OWN043")?.says("allow_prerelease_tags")?;
    Ok(())
}
