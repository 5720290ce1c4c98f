//! Deployments to stacks of CloudFormation, on the local AWS, through Terraform.
//!
//! What no local AWS can be made to show is `aws/tests/calls/`'s.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::process::{signal, wait_until};
use pipeline_acceptance::scene::Scene;
use serde_json::{Value, json};

use crate::hcl::{deployment, hasty_health_check, staging};
use crate::interruption::finish;

const ADDRESS: &str = "pipeline_deployment.this";

/// Versions 1.0.0 and 1.1.0 of the api, staging registered, and an account without stacks.
struct Stage {
    scene: Scene,
    account: Account,
}

impl Stage {
    fn set() -> Outcome<Self> {
        let mut scene = Scene::local()?;
        for version in ["1.0.0", "1.1.0"] {
            let commit = scene.repository.commit(version)?;
            scene.repository.tag(&format!("api/v{version}"), &commit)?;
        }
        let account = LocalAws::fresh_account()?;
        account.log_in(&mut scene.workspace.environment);
        scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
        scene.workspace.settle(&staging())?;
        Ok(Self { scene, account })
    }

    /// Writes the template of a stack into the checkout.
    fn template(&self, name: &str, template: &Value) -> Outcome {
        self.scene.repository.write(&format!("cdk.out/{name}.json"), &template.to_string())
    }

    /// What is asked for: a version, stacks with further lines, and further lines.
    fn ask(&self, version: &str, stacks: &[(&str, &str)], lines: &str) -> Outcome {
        let all: String = stacks.iter().map(|(name, lines)| stack(name, lines)).collect();
        let lines = format!("  stacks = [\n{all}  ]\n{lines}");
        let text = [staging(), deployment("staging", version, &lines)].concat();
        self.scene.workspace.main(&text)
    }

    fn applies(&self) -> Outcome {
        self.scene.workspace.apply(&[])?.ok()?;
        self.scene.workspace.plan(&[])?.unchanged()?;
        Ok(())
    }

    /// The newest record.
    fn record(&self) -> Outcome<Value> {
        let all = self.scene.repository.records("refs/ledger/deployments/staging/")?;
        let newest = all.into_values().max_by_key(|it| it["requested_at"].to_string());
        Ok(newest.ok_or("no record")?)
    }

    fn status(&self, stack: &str) -> Outcome<Option<String>> {
        self.account.stack_status(stack)
    }
}

fn stack(name: &str, lines: &str) -> String {
    format!(
        "    {{\n      name          = \"{name}\"\n      template      = \"cdk.out/{name}.json\"\n      \
         poll_interval = \"50ms\"\n{lines}    }},\n"
    )
}

/// A queue that keeps messages so long, and its outputs.
fn queue(seconds: u32) -> Value {
    json!({
        "Parameters": {"Word": {"Type": "String", "Default": "none"}},
        "Resources": {"Queue": {
            "Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": seconds},
        }},
        "Outputs": {"Seconds": {"Value": seconds.to_string()}, "Word": {"Value": {"Ref": "Word"}}},
    })
}

/// The same with a resource that CloudFormation refuses while it makes it.
fn broken(seconds: u32) -> Value {
    let mut template = queue(seconds);
    template["Resources"]["Refused"] = json!({"Type": "AWS::SSM::Parameter", "DependsOn": "Queue",
        "Properties": {"Type": "SecureString", "Name": "n", "Value": "v"}});
    template
}

#[test]
fn stacks_are_made_and_changed_in_their_order() -> Outcome {
    let stage = Stage::set()?;
    let both = [("Net", ""), ("App", "      parameters = { Word = \"hello\" }\n")];
    for name in ["Net", "App"] {
        stage.template(name, &queue(10))?;
    }
    stage.ask("api/v1.0.0", &both, "")?;
    stage.applies()?;
    let record = stage.record()?;
    let stacks = &record["stacks_rollout"]["stacks"];
    assert_eq!((&stacks[0]["stack_name"], &stacks[0]["change"]), (&json!("Net"), &json!("create")));
    assert_eq!((&stacks[1]["stack_name"], &stacks[1]["success"]), (&json!("App"), &json!(true)));
    assert_eq!(stacks[1]["stack_outputs"], json!({"Seconds": "10", "Word": "hello"}));
    let (first, second) = (&stacks[0]["events"][0]["at"], &stacks[1]["events"]);
    let last = second.as_array().and_then(|it| it.last()).ok_or("no events")?;
    assert!(first.as_str() <= last["at"].as_str(), "Net ends before App begins: {stacks}");
    let shown = stage.scene.workspace.attributes(ADDRESS)?;
    assert_eq!(shown["stack_outputs"]["App"]["Word"], "hello");

    // Of two stacks only one has something to change.
    stage.template("App", &queue(20))?;
    stage.ask("api/v1.1.0", &both, "")?;
    stage.applies()?;
    let stacks = &stage.record()?["stacks_rollout"]["stacks"];
    assert_eq!((&stacks[0]["change"], &stacks[0]["success"]), (&json!("nothing"), &json!(true)));
    assert_eq!((&stacks[1]["change"], &stacks[1]["success"]), (&json!("update"), &json!(true)));
    assert_eq!(stacks[1]["stack_outputs"]["Seconds"], "20");
    Ok(())
}

#[test]
fn a_failure_puts_those_back_that_were_changed_before() -> Outcome {
    let stage = Stage::set()?;
    let lines = "      parameters = { Word = \"one\" }\n";
    stage.template("Net", &queue(10))?;
    stage.ask("api/v1.0.0", &[("Net", lines)], "")?;
    stage.applies()?;
    stage.template("Net", &queue(20))?;
    stage.template("App", &broken(10))?;
    let changed = lines.replace("one", "two");
    stage.ask("api/v1.1.0", &[("Net", &changed), ("App", ""), ("Last", "")], "")?;
    stage.template("Last", &queue(10))?;
    let run = stage.scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("App")?.says("Refused (AWS::SSM::Parameter)")?.says("api/v1.0.0 runs again")?;
    let record = stage.record()?;
    let stacks = &record["stacks_rollout"]["stacks"];
    assert_eq!(record["rolled_back_to"], "api/v1.0.0");
    assert_eq!(stacks[0]["restored"], true);
    assert_eq!((&stacks[1]["success"], &stacks[1]["restored"]), (&json!(false), &json!(true)));
    assert_eq!(stacks[2].get("change"), None, "the third is not begun: {stacks}");
    let net = stage.account.stack_outputs("Net")?;
    assert_eq!(
        net,
        [("Seconds".to_owned(), "10".to_owned()), ("Word".to_owned(), "one".to_owned())]
    );
    assert_eq!(stage.status("App")?, None, "what was made is deleted");
    assert_eq!(stage.status("Last")?, None);
    Ok(())
}

#[test]
fn a_failed_health_check_puts_all_stacks_back() -> Outcome {
    let stage = Stage::set()?;
    stage.template("Net", &queue(10))?;
    stage.ask("api/v1.0.0", &[("Net", "")], "")?;
    stage.applies()?;
    stage.template("Net", &queue(20))?;
    stage.template("App", &queue(10))?;
    let sick = HealthServer::start(Health::Status(500))?;
    stage.ask("api/v1.1.0", &[("Net", ""), ("App", "")], &hasty_health_check(&sick.url))?;
    let run = stage.scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("500")?.says("api/v1.0.0 runs again")?;
    assert_eq!(stage.account.stack_outputs("Net")?[0].1, "10");
    assert_eq!(stage.status("App")?, None);
    Ok(())
}

/// A table whose key is its replacement.
fn table(key: &str) -> Value {
    json!({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
    }}}})
}

#[test]
fn a_protected_resource_is_neither_replaced_nor_deleted() -> Outcome {
    let stage = Stage::set()?;
    let protect = "      protect = [\"Table\"]\n";
    stage.template("Data", &table("id"))?;
    stage.ask("api/v1.0.0", &[("Data", protect)], "")?;
    stage.applies()?;
    stage.template("Data", &table("name"))?;
    stage.ask("api/v1.1.0", &[("Data", protect)], "")?;
    let run = stage.scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("STK002")?.says("replace Table (AWS::DynamoDB::Table)")?;
    assert_eq!(stage.status("Data")?.as_deref(), Some("CREATE_COMPLETE"), "nothing was changed");

    // At plan, where a change set may be made for it.
    stage.ask("api/v1.1.0", &[("Data", protect)], "  plan_change_set = true\n")?;
    stage.scene.workspace.plan(&[])?.refused("STK002")?.says("stacks[0].protect[0]")?;
    assert_eq!(stage.account.change_sets("Data")?, 0, "the change set is deleted");
    // Without a change set, where the template does not have it any more.
    stage.template("Data", &queue(10))?;
    stage.ask("api/v1.1.0", &[("Data", protect)], "")?;
    stage
        .scene
        .workspace
        .plan(&[])?
        .refused("STK002")?
        .says("Table")?
        .says("stacks[0].protect[0]")?;
    Ok(())
}

#[test]
fn a_plan_shows_what_would_change_where_it_may_make_change_sets() -> Outcome {
    let stage = Stage::set()?;
    stage.template("Net", &queue(10))?;
    stage.ask("api/v1.0.0", &[("Net", "")], "  plan_change_set = true\n")?;
    let plan = stage.scene.workspace.plan(&[])?.ok()?;
    plan.warned("stack `Net`")?.says("add Queue (AWS::SQS::Queue)")?;
    assert_eq!(stage.status("Net")?, None, "a plan leaves nothing behind");
    stage.applies()?;
    stage.template("Net", &queue(20))?;
    stage.ask("api/v1.1.0", &[("Net", "")], "  plan_change_set = true\n")?;
    let plan = stage.scene.workspace.plan(&[])?.ok()?;
    plan.warned("stack `Net`")?.says("change Queue (AWS::SQS::Queue)")?;
    assert_eq!(stage.account.change_sets("Net")?, 0);
    assert_eq!(stage.account.stack_outputs("Net")?[0].1, "10");
    Ok(())
}

/// A queue, and something that makes the change of the stack wait until it is signalled.
fn waiting(seconds: u32) -> Value {
    let mut template = queue(seconds);
    template["Resources"]["Gate"] = json!({
        "Type": "AWS::CloudFormation::WaitCondition",
        "CreationPolicy": {"ResourceSignal": {"Timeout": "PT1H"}},
    });
    template["Resources"]["Last"] = json!({"Type": "AWS::SNS::Topic", "DependsOn": "Gate"});
    template
}

impl Stage {
    /// Lets a change that waits go on.
    fn open_gate(&self, stack: &str) -> Outcome {
        let form = [
            ("StackName", stack),
            ("LogicalResourceId", "Gate"),
            ("UniqueId", "1"),
            ("Status", "SUCCESS"),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.account.cloudformation("SignalResource", &form).map(drop)
    }

    fn wait_for(&self, stack: &str, status: &str) -> Outcome {
        let is = || self.status(stack).is_ok_and(|it| it.as_deref() == Some(status));
        wait_until(&format!("stack {stack} is {status}"), is)
    }
}

#[test]
fn an_interruption_puts_all_stacks_back() -> Outcome {
    let stage = Stage::set()?;
    let both = [("Net", ""), ("App", "")];
    for name in ["Net", "App"] {
        stage.template(name, &queue(10))?;
    }
    stage.ask("api/v1.0.0", &both, "")?;
    stage.applies()?;
    stage.template("Net", &queue(20))?;
    stage.template("App", &waiting(20))?;
    stage.ask("api/v1.1.0", &both, "")?;
    let child = stage.scene.workspace.start_apply()?;
    stage.wait_for("App", "UPDATE_IN_PROGRESS")?;
    signal(child.id(), "INT")?;
    stage.open_gate("App")?;
    assert_eq!(finish(child)?.said.code, Some(1));
    let record = stage.record()?;
    assert_eq!(
        (&record["status"], &record["rolled_back_to"]),
        (&json!("cancelled"), &json!("api/v1.0.0"))
    );
    for name in ["Net", "App"] {
        assert_eq!(stage.account.stack_outputs(name)?[0].1, "10", "{name}: {record}");
    }
    Ok(())
}

#[test]
fn a_stack_that_somebody_else_changes_is_left_alone() -> Outcome {
    let stage = Stage::set()?;
    stage.account.stack("Net", &queue(10), &[])?;
    let form = [("StackName", "Net".to_owned()), ("TemplateBody", waiting(20).to_string())];
    let form = form.map(|(name, value)| (name.to_owned(), value));
    stage.account.cloudformation("UpdateStack", &form)?;
    stage.template("Net", &queue(30))?;
    stage.ask("api/v1.0.0", &[("Net", "")], "")?;
    stage.scene.workspace.plan(&[])?.ok()?.warned("Somebody else changes the stack")?;
    let run = stage.scene.workspace.apply(&[])?.refused("The deployment failed")?;
    run.says("UPDATE_IN_PROGRESS: somebody else changes it")?;
    stage.open_gate("Net")?;
    stage.wait_for("Net", "UPDATE_COMPLETE")?;
    assert_eq!(stage.account.stack_outputs("Net")?[0].1, "20", "theirs stays");
    Ok(())
}

#[test]
fn what_the_template_hides_is_shown_nowhere() -> Outcome {
    let stage = Stage::set()?;
    let mut template = queue(10);
    template["Parameters"]["Pw"] = json!({"Type": "String", "NoEcho": true});
    template["Outputs"]["Greeting"] = json!({"Value": {"Fn::Sub": "hello ${Pw}"}});
    stage.template("App", &template)?;
    stage.ask("api/v1.0.0", &[("App", "      parameters = { Pw = \"plain\" }\n")], "")?;
    let plan = stage.scene.workspace.plan(&[])?;
    plan.refused("STK003")?.says("stacks[0].parameters[\"Pw\"]")?;
    let lines = "      secret_parameters = { Pw = \"PASSWORD\" }\n";
    let secret = "  secrets_wo = { PASSWORD = \"canary-stack-2\" }\n";
    stage.ask("api/v1.0.0", &[("App", lines)], secret)?;
    stage.applies()?;
    let record = stage.record()?;
    assert_eq!(record["stacks_rollout"]["stacks"][0]["withheld_outputs"], json!(["Greeting"]));
    for text in [record.to_string(), stage.scene.workspace.state_text()?] {
        assert!(!text.contains("canary-stack-2"), "{text}");
    }
    assert!(
        stage
            .account
            .stack_outputs("App")?
            .iter()
            .any(|(_, value)| value == "hello canary-stack-2")
    );
    Ok(())
}

#[test]
fn a_plan_tells_what_stands_in_the_way() -> Outcome {
    let stage = Stage::set()?;
    let refused = |stacks: &[(&str, &str)], said: &str, at: &str| -> Outcome {
        stage.ask("api/v1.0.0", stacks, "")?;
        stage.scene.workspace.plan(&[])?.refused(said)?.says(at)?;
        Ok(())
    };
    refused(&[("App", "")], "OWN050", "stacks[0].template")?;
    stage.template("App", &queue(10))?;
    refused(&[("App", ""), ("App", "")], "STK001", "stacks[1].name")?;
    refused(
        &[("App", "      parameters = { Wrod = \"x\" }\n")],
        "OWN050",
        "stacks[0].parameters[\"Wrod\"]",
    )?;
    let mut open = queue(10);
    open["Parameters"]["Size"] = json!({"Type": "String"});
    open["Resources"]["Role"] = json!({"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}});
    stage.template("Open", &open)?;
    refused(&[("Open", "")], "Size", "stacks[0].parameters")?;
    let size = "      parameters = { Size = \"1\" }\n";
    refused(&[("Open", size)], "CAPABILITY_IAM", "stacks[0].capabilities")?;
    stage.account.stack("Broken", &broken(10), &[])?;
    stage.template("Broken", &queue(10))?;
    refused(&[("Broken", "")], "ROLLBACK_COMPLETE", "stacks[0].name")?;
    let outside = stack("App", "").replace("cdk.out/", "../");
    let text = deployment("staging", "api/v1.0.0", &format!("  stacks = [\n{outside}  ]\n"));
    stage.scene.workspace.main(&[staging(), text].concat())?;
    stage.scene.workspace.validate()?.refused("OWN050")?.says("stacks[0].template")?;
    Ok(())
}
