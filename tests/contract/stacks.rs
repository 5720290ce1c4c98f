//! A stack of the local AWS. All stacks are in one account, so each has a name of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_aws::Connection;
use pipeline_aws::cloudformation::Template;
use pipeline_aws::stacks::{StackSettings, StacksTarget};
use serde_json::{Value, json};

use crate::bench::{Bench, THEIRS, Way};

/// A stack that was made of version 1.
pub(crate) struct Stack {
    account: Account,
    name: String,
}

/// A queue whose stack says which version it is of, by its template and by a parameter.
fn template(version: &str, way: Way) -> Value {
    let mut template = json!({
        "Parameters": {"Word": {"Type": "String", "Default": "none"}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue",
            "Properties": {"VisibilityTimeout": version.parse::<u32>().unwrap_or_default() * 10}}},
        "Outputs": {"Version": {"Value": version}, "Word": {"Value": {"Ref": "Word"}}},
    });
    match way {
        Way::Well => {}
        Way::Fails => {
            template["Resources"]["Refused"] = json!({"Type": "AWS::SSM::Parameter", "DependsOn": "Queue",
                "Properties": {"Type": "SecureString", "Name": "n", "Value": "v"}});
        }
        Way::Hangs => {
            template["Resources"]["Gate"] = json!({
                "Type": "AWS::CloudFormation::WaitCondition",
                "CreationPolicy": {"ResourceSignal": {"Timeout": "PT1H"}},
            });
            template["Resources"]["Last"] = json!({"Type": "AWS::SNS::Topic", "DependsOn": "Gate"});
        }
    }
    template
}

impl Stack {
    fn form(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = [("StackName", self.name.as_str())];
        let all = own.iter().chain(more);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }
}

impl Bench for Stack {
    type Target = StacksTarget<'static>;
    const KNOWS_OTHERS: bool = true;

    fn new() -> Outcome<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (account, name) = (LocalAws::shared()?.nobodys_account(), format!("Contract{number}"));
        account.stack(&name, &template("1", Way::Well), &[("Word", "one")])?;
        Ok(Self { account, name })
    }

    fn target(&self, version: &str, way: Way) -> StacksTarget<'static> {
        let settings = StackSettings {
            name: self.name.parse().unwrap(),
            template: Template::Body(template(version, way).to_string()),
            parameters: BTreeMap::from([("Word".to_owned(), "two".to_owned())]),
            secret_parameters: BTreeMap::new(),
            capabilities: Vec::new(),
            tags: None,
            protect: Vec::new(),
            timeout: Duration::from_secs(3600),
            poll_interval: Duration::from_millis(20),
        };
        let connection = Connection::local(self.account.endpoint());
        StacksTarget::new(Arc::new(connection), vec![settings], &|_| {})
    }

    fn runs(&self) -> Outcome<String> {
        let outputs = self.account.stack_outputs(&self.name)?;
        let version = outputs.into_iter().find(|(key, _)| key == "Version");
        Ok(version.ok_or("the stack has no version")?.1)
    }

    fn everything(&self) -> Outcome<String> {
        let outputs = self.account.stack_outputs(&self.name)?;
        let told = self.account.cloudformation("GetTemplate", &self.form(&[]))?;
        let template = told.split_once("<TemplateBody>").map_or("", |(_, rest)| rest);
        let template = template.split_once("</TemplateBody>").map_or("", |(text, _)| text);
        Ok(format!("{outputs:?} {template}"))
    }

    fn times_begun(&self) -> Outcome<usize> {
        let told = self.account.cloudformation("DescribeStackEvents", &self.form(&[]))?;
        Ok(told.matches("<ClientRequestToken>pipeline-").count())
    }

    fn taken_over(&self) -> Outcome {
        self.account.update_stack(&self.name, &template(THEIRS, Way::Well)).map(drop)
    }

    fn has_begun(&self) -> Outcome<bool> {
        Ok(self.account.stack_status(&self.name)?.as_deref() == Some("UPDATE_IN_PROGRESS"))
    }

    fn let_go(&self) -> Outcome {
        let form = [("LogicalResourceId", "Gate"), ("UniqueId", "1"), ("Status", "SUCCESS")];
        self.account.cloudformation("SignalResource", &self.form(&form)).map(drop)
    }
}
