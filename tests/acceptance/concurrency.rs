//! `concurrency`: one deployment of each sub-project at a time, where the environment's policy says so.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::witness::{Answer, Witness};

use crate::hcl::{environment, health_check, outputs};
use crate::interruption::finish;

const QUEUES: &str = "refs/ledger/queues/";

const BY_SUB_PROJECT: &str = "  concurrency = \"sub_project\"";

/// A scene with the versions 1.0.0 and 1.1.0 of two sub-projects.
fn scene() -> Outcome<Scene> {
    let scene = Scene::local()?;
    for project in ["api", "web"] {
        for version in ["v1.0.0", "v1.1.0"] {
            scene.repository.tag(&format!("{project}/{version}"), "HEAD")?;
        }
    }
    Ok(scene)
}

/// A deployment of a sub-project to staging, named as the sub-project.
fn deployment(project: &str, version: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_deployment\" \"{project}\" {{\n  environment = \
         pipeline_environment.staging.name\n  version = \"{project}/{version}\"\n{lines}\n}}\n"
    )
}

/// Both sub-projects, each with a health check that the witness answers.
fn both(policy: &str, witness: &Witness) -> String {
    let of = |project| deployment(project, "v1.0.0", &health_check(&witness.url(project)));
    [environment("staging", policy), of("api"), of("web")].concat()
}

/// A witness that answers nobody before it is told to.
fn witness() -> Outcome<Witness> {
    let witness = Witness::start()?;
    ["api", "web"].iter().for_each(|who| witness.answer(who, Answer::WhenReleased));
    Ok(witness)
}

#[test]
fn sub_projects_are_deployed_side_by_side_by_one_apply() -> Outcome {
    let (scene, witness) = (scene()?, witness()?);
    scene.workspace.main(&both(BY_SUB_PROJECT, &witness))?;
    let child = scene.workspace.start_apply()?;
    witness.wait_for("api")?;
    witness.wait_for("web")?;
    let queues = scene.repository.records(QUEUES)?;
    for project in ["api", "web"] {
        let queue = &queues[&format!("{QUEUES}staging+/{project}")];
        assert!(queue["current"].is_object(), "{queue}");
        assert_eq!(
            (&queue["sub_project_path"], &queue["schema_version"]),
            (&project.into(), &2.into())
        );
    }
    ["api", "web"].iter().for_each(|who| witness.release(who));
    finish(child)?.ok()?;
    Ok(())
}

#[test]
fn without_the_policy_one_waits_for_the_other() -> Outcome {
    let (scene, witness) = (scene()?, witness()?);
    scene.workspace.main(&both("", &witness))?;
    let child = scene.workspace.start_apply()?;
    let name = format!("{QUEUES}staging");
    let waits = || {
        let queues = scene.repository.records(QUEUES).unwrap_or_default();
        queues
            .get(&name)
            .is_some_and(|queue| queue["waiting"].as_array().is_some_and(|it| it.len() == 1))
    };
    wait_until("one of both waits", waits)?;
    let asked =
        || ["api", "web"].into_iter().filter(|who| witness.was_asked_by(who)).collect::<Vec<_>>();
    wait_until("the other one is looked at", || !asked().is_empty())?;
    let [first] = asked()[..] else { return Err("both were looked at".into()) };
    let second = if first == "api" { "web" } else { "api" };
    witness.release(first);
    witness.wait_for(second)?;
    witness.release(second);
    finish(child)?.ok()?;
    let records = scene.repository.records("refs/ledger/")?;
    for (name, record) in records {
        assert_eq!(record["schema_version"], 1, "{name} is what older releases read");
        assert!(record.get("concurrency").is_none(), "{name}");
    }
    Ok(())
}

#[test]
fn the_policy_changes_to_and_fro_and_what_runs_stays_known() -> Outcome {
    let scene = scene()?;
    let of = |project: &str, version: &str| deployment(project, version, "");
    let shown = "data \"pipeline_deployment_queue\" \"this\" {\n  environment = \"staging\"\n  depends_on = \
                 [pipeline_deployment.api, pipeline_deployment.web]\n}\n";
    let paths = outputs(&["data.pipeline_deployment_queue.this.sub_projects[*].sub_project_path"]);
    let settle = |policy: &str, version: &str| {
        let both = [environment("staging", policy), of("api", version), of("web", version)];
        scene.workspace.settle(&[&both.concat(), shown, &paths].concat())
    };
    settle(BY_SUB_PROJECT, "v1.0.0")?;
    assert_eq!(scene.workspace.output("o0")?, serde_json::json!(["api", "web"]));
    settle("", "v1.1.0")?;
    assert_eq!(scene.workspace.output("o0")?, serde_json::json!([]));
    let queues = scene.repository.records(QUEUES)?;
    assert_eq!(queues.keys().collect::<Vec<_>>(), [&format!("{QUEUES}staging")]);
    for project in ["api", "web"] {
        let state = scene.workspace.attributes(&format!("pipeline_deployment.{project}"))?;
        assert_eq!(state["previous_version"], format!("{project}/v1.0.0"));
    }
    Ok(())
}
