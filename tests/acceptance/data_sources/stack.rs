//! `pipeline_stack`: how deployments of stacks ended, in the local AWS.

use std::fmt::Write as _;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_acceptance::scene::Scene;
use serde_json::{Value, json};

const ADDRESS: &str = "data.pipeline_stack.this";

fn reading(name: &str, lines: &str) -> String {
    format!("data \"pipeline_stack\" \"this\" {{\n  stack_name = \"{name}\"\n{lines}\n}}\n")
}

fn logged_in() -> Outcome<(Scene, Account)> {
    let mut scene = Scene::local()?;
    let account = LocalAws::fresh_account()?;
    account.log_in(&mut scene.workspace.environment);
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    Ok((scene, account))
}

/// Two resources, and outputs of which some show what the template hides.
fn template() -> Value {
    json!({
        "Parameters": {"Pw": {"Type": "String", "NoEcho": true}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {
            "Kind": {"Value": "queue"},
            "Topic": {"Value": {"Ref": "Topic"}},
            "Greeting": {"Value": {"Fn::Sub": "hello ${Pw}"}},
            "ApiToken": {"Value": "canary-stack-1"},
        },
    })
}

/// A resource that CloudFormation refuses while it makes the stack.
fn refused() -> Value {
    json!({"Type": "AWS::SSM::Parameter", "DependsOn": "Queue",
        "Properties": {"Type": "SecureString", "Name": "n", "Value": "v"}})
}

#[test]
fn a_success_is_told_without_its_secrets() -> Outcome {
    let (scene, account) = logged_in()?;
    account.stack("App", &template(), &[("Pw", "canary-stack-1")])?;
    scene.workspace.settle(&reading("App", ""))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!((&read["success"], &read["status"]), (&json!(true), &json!("CREATE_COMPLETE")));
    assert_eq!(read["withheld_outputs"], json!(["ApiToken", "Greeting"]));
    assert_eq!(read["stack_outputs"]["Kind"], "queue");
    assert!(read["stack_outputs"]["Topic"].as_str().is_some_and(|arn| arn.contains(account.id())));
    assert_eq!(read["error_message"], json!(null));
    assert!(read["duration"].as_f64().is_some_and(|seconds| seconds >= 0.0), "{read}");
    let events = read["cloudformation_events"].as_array().ok_or("no events")?;
    assert_eq!(events.len(), 6, "{read}");
    assert_eq!(events[0]["resource_status"], "CREATE_COMPLETE");
    assert_eq!(events[5]["resource_status_reason"], "User Initiated");
    let json = read["deployment_result_json"].as_str().unwrap_or_default();
    let result: Value = serde_json::from_str(json)?;
    assert_eq!((&result["stack_name"], &result["success"]), (&json!("App"), &json!(true)));
    assert!(!scene.workspace.state_text()?.contains("canary-stack-1"));
    Ok(())
}

#[test]
fn a_failure_names_what_failed_first() -> Outcome {
    let (scene, account) = logged_in()?;
    let mut template = template();
    template["Resources"]["Refused"] = refused();
    account.stack("App", &template, &[("Pw", "x")])?;
    scene.workspace.settle(&reading("App", ""))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!((&read["success"], &read["status"]), (&json!(false), &json!("ROLLBACK_COMPLETE")));
    let told = read["error_message"].as_str().unwrap_or_default();
    assert!(told.starts_with("Refused (AWS::SSM::Parameter) is CREATE_FAILED: "), "{told}");
    Ok(())
}

/// CloudFormation gives a hundred events at a time.
#[test]
fn events_come_in_pages_and_only_of_the_last_operation() -> Outcome {
    let (scene, account) = logged_in()?;
    let mut many = json!({"Resources": {}});
    for number in 0..120 {
        many["Resources"][format!("Queue{number}")] = json!({"Type": "AWS::SQS::Queue"});
    }
    account.stack("App", &many, &[])?;
    scene.workspace.settle(&reading("App", ""))?;
    let events = |read: &Value| read["cloudformation_events"].as_array().map(Vec::len);
    assert_eq!(events(&scene.workspace.attributes(ADDRESS)?), Some(242));
    many["Resources"]["Queue0"]["Properties"] = json!({"VisibilityTimeout": 7});
    account.update_stack("App", &many)?;
    scene.workspace.settle(&reading("App", ""))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(read["status"], "UPDATE_COMPLETE");
    let mut kinds = String::new();
    for event in read["cloudformation_events"].as_array().into_iter().flatten() {
        // Writing to a string cannot fail.
        let _ = writeln!(kinds, "{} {}", event["logical_resource_id"], event["resource_status"]);
    }
    assert!(kinds.contains("UPDATE_IN_PROGRESS") && !kinds.contains("CREATE_"), "{kinds}");
    Ok(())
}

#[test]
fn a_stack_that_is_not_there_is_told() -> Outcome {
    let (scene, _) = logged_in()?;
    scene.workspace.main(&reading("Nope", ""))?;
    scene.workspace.plan(&[])?.refused("There is no such stack")?.says("Nope")?.at("stack_name")?;
    scene.workspace.main(&reading("my_app", ""))?;
    scene.workspace.validate()?.refused("OWN035")?.at("stack_name")?;
    scene.workspace.main(&reading("App", "  region = \"eu-wset-1\"\n"))?;
    scene.workspace.plan(&[])?.refused("OWN030")?.says("eu-west-1")?.at("region")?;
    Ok(())
}
