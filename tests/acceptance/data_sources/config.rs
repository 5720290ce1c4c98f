//! `pipeline_config`: a configuration file, its problems, and the workflow that does what it says.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::LocalAws;
use pipeline_acceptance::scene::Scene;
use serde_json::json;

const ADDRESS: &str = "data.pipeline_config.this";

const GOOD: &str = "version: \"1.0\"\nbuild:\n  commands: [git status, no-such-tool-here run]\nenvironments:\n  \
     - name: dev\n    region: us-east-1\n    account: \"123456789012\"\n    \
     stacks: [{name: App, path: lib/app.ts}]\n    tests: {commands: [npm run smoke]}\n";

const TEMPLATE: &str = "  template = {\n    name = \"orders\"\n    artifact_bucket = \"orders-artifacts\"\n    \
     service_account = \"deployer\"\n    builder_image = \"example.org/builder:1.4.0\"\n    \
     deployer_image = \"example.org/deployer:2.0.1\"\n    repository = \"example/orders\"\n  }\n";

fn reading(lines: &str) -> String {
    format!(
        "data \"pipeline_config\" \"this\" {{\n  path = \"${{path.root}}/aphex-config.yaml\"\n{lines}}}\n"
    )
}

fn with_file(text: &str) -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.workspace.write("aphex-config.yaml", text)?;
    Ok(scene)
}

#[test]
fn a_good_file_becomes_a_workflow() -> Outcome {
    let scene = with_file(GOOD)?;
    scene.workspace.settle(&reading(TEMPLATE))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(read["version"], "1.0");
    assert_eq!(read["environments"][0]["account"], "123456789012");
    assert_eq!(read["environments"][0]["test_commands"], json!(["npm run smoke"]));
    assert_eq!(read["problems"], json!([]));
    for (manifest, part) in [
        ("workflow_template", "kind: WorkflowTemplate"),
        ("workflow_template", "name: test-dev"),
        ("event_source", "kind: EventSource"),
        ("sensor", "refs/heads/main"),
    ] {
        assert!(
            read[manifest].as_str().is_some_and(|text| text.contains(part)),
            "{manifest}: {read}"
        );
    }
    Ok(())
}

#[test]
fn every_problem_is_an_error_with_its_place() -> Outcome {
    let bad = GOOD
        .replace("\"1.0\"", "1.0")
        .replace("us-east-1", "us-esat-1")
        .replace("    tests:", "    test:");
    let scene = with_file(&bad)?;
    scene.workspace.main(&reading(""))?;
    let plan = scene.workspace.plan(&[])?;
    for part in ["CFG009", "line 1, column 10", "ENV021", "environments[0].region", "us-east-1"] {
        plan.refused(part)?;
    }
    Ok(())
}

#[test]
fn problems_are_data_where_that_is_asked_for() -> Outcome {
    let bad = GOOD.replace("\"1.0\"", "1.0").replace("    tests:", "    test:");
    let scene = with_file(&bad)?;
    scene.workspace.write("cdk.json", "{\"context\": {\"vpc\": \"\"}}")?;
    scene.workspace.settle(&reading("  strict = false\n  required_context = [\"vpc\"]\n"))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    let rules: Vec<_> = (0..3).map(|index| read["problems"][index]["rule"].clone()).collect();
    assert_eq!(rules, [json!("CFG009"), json!("CFG010"), json!("CFG007")], "{read}");
    assert_eq!(read["problems"][1]["line"], 9);
    assert_eq!(read["version"], json!(null));
    Ok(())
}

#[test]
fn tools_and_accounts_are_looked_for_where_that_is_asked_for() -> Outcome {
    let mut scene = with_file(GOOD)?;
    let account = LocalAws::fresh_account()?;
    account.log_in(&mut scene.workspace.environment);
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    scene
        .workspace
        .main(&reading("  check_tools = true\n  check_environments = [\"dev\", \"dve\"]\n"))?;
    let plan = scene.workspace.plan(&[])?;
    for part in
        ["CFG008", "no program `no-such-tool-here`", "CFG005", account.id(), "Did you mean `dev`?"]
    {
        plan.refused(part)?;
    }
    Ok(())
}
