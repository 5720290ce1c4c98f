//! Which parameters of a stack are hidden: the template says, never the mask.

use pipeline_aws::Connection;
use pipeline_aws::cloudformation::Stacks;
use pipeline_core::stack::{StackDescription, StackReport, TemplateOutputs};

use crate::server::{Ask, Reply, Server};

const ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/App/1";

/// A stack whose parameter `Pw` is shown as `mask`; its output `Greeting` shows the parameter.
fn stack(ask: &Ask, mask: &str) -> Reply {
    let action = |name: &str| ask.body.contains(&format!("Action={name}&"));
    if action("DescribeStacks") {
        return Reply::ok(format!(
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>{ID}</StackId>\
             <StackName>App</StackName><StackStatus>CREATE_COMPLETE</StackStatus>\
             <CreationTime>2026-01-01T00:00:00Z</CreationTime>\
             <Parameters><member><ParameterKey>Pw</ParameterKey>\
             <ParameterValue>{mask}</ParameterValue></member></Parameters>\
             <Outputs><member><OutputKey>Greeting</OutputKey>\
             <OutputValue>hello hunter2</OutputValue></member>\
             <member><OutputKey>Kind</OutputKey><OutputValue>queue</OutputValue></member></Outputs>\
             </member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
        ));
    }
    if action("GetTemplateSummary") {
        return Reply::ok(
            "<GetTemplateSummaryResponse><GetTemplateSummaryResult><Parameters><member>\
             <ParameterKey>Pw</ParameterKey><NoEcho>true</NoEcho></member></Parameters>\
             </GetTemplateSummaryResult></GetTemplateSummaryResponse>",
        );
    }
    Reply { status: 400, ..Reply::ok(DENIED) }
}

const DENIED: &str = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: ada is not \
                      authorized to perform: cloudformation:GetTemplateSummary</Message></Error>\
                      </ErrorResponse>";

fn template() -> TemplateOutputs {
    TemplateOutputs::read(
        r#"{"Outputs": {"Greeting": {"Value": {"Fn::Sub": "hello ${Pw}"}}, "Kind": {"Value": "queue"}}}"#,
    )
    .unwrap()
}

async fn described(server: &Server) -> StackDescription {
    let connection = Connection::local(&server.url);
    let stacks = Stacks::open(&connection, None).await.unwrap();
    let stack = stacks.describe(&"App".parse().unwrap()).await.unwrap();
    let hidden_parameters = stacks.hidden_parameters(&stack).await.ok();
    StackDescription { hidden_parameters, ..stack }
}

#[tokio::test]
async fn a_hidden_parameter_is_hidden_however_it_is_masked() {
    for mask in ["****", "*****", "********", "hunter2", ""] {
        let server = Server::start(move |ask| stack(ask, mask));
        let report = StackReport::new(&described(&server).await, Vec::new(), Some(&template()));
        assert_eq!(report.withheld, ["Greeting"], "masked as {mask:?}");
        assert_eq!(report.outputs.get("Kind").map(String::as_str), Some("queue"));
    }
}

#[tokio::test]
async fn nothing_is_shown_while_nobody_says_what_is_hidden() {
    let server = Server::start(|ask| match ask.body.contains("Action=GetTemplateSummary&") {
        true => Reply { status: 403, ..Reply::ok(DENIED) },
        false => stack(ask, "hunter2"),
    });
    let report = StackReport::new(&described(&server).await, Vec::new(), Some(&template()));
    assert_eq!(report.withheld, ["Greeting", "Kind"]);
}
