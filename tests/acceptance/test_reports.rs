//! JUnit reports of the tests of a deployment: counted, shown, and believed where they tell of a failure.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::{Value, json};

use crate::hcl::{deployment, staging};

const ADDRESS: &str = "pipeline_deployment.this";

/// Two versions, and tests that leave the report of the folder `results`, whatever it says, and end well.
fn scene() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene
        .repository
        .write("test.sh", "#!/bin/sh\nmkdir -p reports\ncp results/*.xml reports/\n")?;
    scene.repository.commit("script")?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.repository.tag("api/v1.1.0", "HEAD")?;
    Ok(scene)
}

fn tested(version: &str, junit: &str) -> String {
    let tests = format!(
        "  tests = {{\n    commands = [[\"sh\", \"test.sh\"]]\n    junit = \"{junit}\"\n  }}\n  \
         secrets_wo = {{ TOKEN = \"canary-7c1e\" }}"
    );
    [staging(), deployment("staging", version, &tests)].concat()
}

fn record(scene: &Scene, version: &str) -> Outcome<Value> {
    let records = scene.repository.records("refs/ledger/deployments/")?;
    Ok(records.into_values().find(|it| it["version"] == version).ok_or("no such record")?)
}

#[test]
fn each_test_counts_and_one_that_failed_fails_the_deployment() -> Outcome {
    let scene = scene()?;
    let good = "<testsuite><testcase name='a'/><testcase name='b'/><testcase name='c'><skipped/></testcase></testsuite>";
    scene.repository.write("results/junit.xml", good)?;
    scene.workspace.settle(&tested("api/v1.0.0", "reports/*.xml"))?;
    let state = scene.workspace.attributes(ADDRESS)?;
    assert_eq!((&state["test_count"], &state["skipped_test_count"]), (&json!(2), &json!(1)));
    let kept = record(&scene, "api/v1.0.0")?;
    assert_eq!(kept["tests"], json!({ "passed": 2, "failed": 0, "skipped": 1 }));

    let bad = "<testsuite name='orders'><testcase name='b'/><testcase name='pays'>\
               <failure message='402 with canary-7c1e'/></testcase></testsuite>";
    scene.repository.write("results/junit.xml", bad)?;
    scene.workspace.main(&tested("api/v1.1.0", "reports/*.xml"))?;
    let run = scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("orders pays")?.says("402 with ***")?.says("1 of 2 tests failed")?;
    let failed = record(&scene, "api/v1.1.0")?;
    assert_eq!((&failed["status"], &failed["tests"]["failed"]), (&json!("failed"), &json!(1)));
    assert!(!failed.to_string().contains("canary-7c1e"), "{failed}");
    let second = scene.second_workspace("second")?;
    second.settle(
        "data \"pipeline_deployments\" \"this\" {\n  environment = \"staging\"\n}\n\
         data \"pipeline_report\" \"this\" {}\n",
    )?;
    let shown = &second.attributes("data.pipeline_deployments.this")?["deployments"][0];
    assert_eq!((&shown["test_count"], &shown["failed_test_count"]), (&json!(2), &json!(1)));
    let report = second.attributes("data.pipeline_report.this")?;
    for page in ["html", "markdown"] {
        let text = report[page].as_str().unwrap_or_default();
        assert!(text.contains("1 of 2 failed") && text.contains("2 passed, 1 skipped"), "{text}");
    }
    Ok(())
}

#[test]
fn a_report_that_lay_there_before_does_not_count() -> Outcome {
    let scene = scene()?;
    scene.repository.write("reports/old.xml", "<testsuite><testcase/></testsuite>")?;
    scene.repository.write("results/other.txt", "")?;
    scene.repository.write("test.sh", "#!/bin/sh\ntrue\n")?;
    scene.workspace.main(&tested("api/v1.0.0", "reports/*.xml"))?;
    let run = scene.workspace.apply(&[])?;
    let failed = run.refused("The deployment failed")?;
    failed.says("the tests wrote no such report; 1 that lay there before do not count")?;
    run.warned("Old test reports do not count")?;
    scene.repository.write(
        "test.sh",
        "#!/bin/sh\nprintf '<testsuite><testcase/></testsuite>' > reports/new.xml\n",
    )?;
    let run = scene.workspace.apply(&[])?.ok()?;
    run.warned("Old test reports do not count")?.says("1 files")?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["test_count"], json!(1));
    Ok(())
}

#[test]
fn reports_lie_in_the_repository() -> Outcome {
    let scene = scene()?;
    for outside in ["/etc/*.xml", "../*.xml"] {
        scene.workspace.main(&tested("api/v1.0.0", outside))?;
        scene.workspace.validate()?.refused("leads out of the repository")?;
    }
    Ok(())
}
