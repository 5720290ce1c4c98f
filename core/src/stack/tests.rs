//! Stacks as CloudFormation describes them.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Timestamp;

const ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/App/1";

fn event(second: u32, logical: &str, status: &str, reason: Option<&str>) -> StackEvent {
    let stack = logical == "App";
    StackEvent {
        id: format!("event-{second}"),
        at: format!("2026-01-31T20:30:{second:02}.5Z").parse().unwrap(),
        logical_id: logical.to_owned(),
        physical_id: if stack { ID } else { "" }.to_owned(),
        resource_type: if stack { "AWS::CloudFormation::Stack" } else { "AWS::S3::Bucket" }
            .to_owned(),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        is_stage: false,
        token: None,
    }
}

fn stack(status: &str) -> StackDescription {
    StackDescription {
        id: ID.to_owned(),
        name: "App".to_owned(),
        status: StackStatus::new(status),
        reason: None,
        outputs: vec![
            ("Url".to_owned(), "https://example.com".to_owned()),
            ("Greeting".to_owned(), "hello s3cr3t".to_owned()),
            ("DbPassword".to_owned(), "s3cr3t".to_owned()),
        ],
        hidden_parameters: Some(BTreeSet::new()),
    }
}

fn failed() -> Vec<StackEvent> {
    vec![
        event(9, "App", "ROLLBACK_COMPLETE", None),
        event(4, "Queue", "CREATE_FAILED", Some("Resource creation cancelled")),
        event(3, "Table", "CREATE_FAILED", Some("no such attribute")),
        event(2, "Bucket", "CREATE_FAILED", Some("the name is taken")),
        event(1, "Bucket", "CREATE_IN_PROGRESS", None),
        event(0, "App", "CREATE_IN_PROGRESS", Some("User Initiated")),
    ]
}

#[test]
fn a_rollback_that_is_complete_is_a_failure() {
    for (status, outcome) in [
        ("CREATE_COMPLETE", StackOutcome::Succeeded),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", StackOutcome::Succeeded),
        ("UPDATE_ROLLBACK_COMPLETE", StackOutcome::Failed),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", StackOutcome::Failed),
        ("DELETE_COMPLETE", StackOutcome::Failed),
        ("UPDATE_ROLLBACK_FAILED", StackOutcome::Failed),
        ("REVIEW_IN_PROGRESS", StackOutcome::InProgress),
        ("UPDATE_ROLLBACK_IN_PROGRESS", StackOutcome::InProgress),
        ("SOMETHING_NEW", StackOutcome::Unknown),
        ("", StackOutcome::Unknown),
    ] {
        assert_eq!(StackStatus::new(status).outcome(), outcome, "{status}");
    }
}

#[test]
fn the_first_failure_is_told() {
    let report = StackReport::new(&stack("ROLLBACK_COMPLETE"), failed(), None);
    assert_eq!(report.success(), Some(false));
    assert_eq!(report.duration, Some(9.0));
    let told = report.error_message.unwrap();
    assert_eq!(told, "Bucket (AWS::S3::Bucket) is CREATE_FAILED: the name is taken");
}

#[test]
fn a_failure_without_an_event_is_told_by_the_status() {
    let report = StackReport::new(&stack("UPDATE_ROLLBACK_FAILED"), Vec::new(), None);
    assert_eq!(report.duration, None);
    assert_eq!(report.error_message.unwrap(), "UPDATE_ROLLBACK_FAILED: no reason is given");
}

#[test]
fn what_goes_on_has_no_result() {
    let report = StackReport::new(&stack("UPDATE_IN_PROGRESS"), failed(), None);
    assert_eq!((report.success(), report.duration), (None, None));
    assert!(report.result().is_none());
}

#[test]
fn a_success_is_a_result_of_document_004() {
    let events = vec![
        event(7, "App", "UPDATE_COMPLETE", None),
        event(1, "App", "UPDATE_IN_PROGRESS", Some("User Initiated")),
    ];
    let report = StackReport::new(&stack("UPDATE_COMPLETE"), events, None);
    assert_eq!(report.error_message, None);
    let result = serde_json::to_value(report.result().unwrap().unwrap()).unwrap();
    assert_eq!(result["success"], true);
    assert_eq!(result["duration"], 6.0);
    assert_eq!(result["stack_outputs"]["Url"], "https://example.com");
    assert_eq!(result["cloudformation_events"][0]["ResourceStatus"], "UPDATE_COMPLETE");
    assert_eq!(result["cloudformation_events"][0]["Timestamp"], "2026-01-31T20:30:07.5Z");
}

#[test]
fn an_operation_begins_where_somebody_asked_for_it() {
    let begins = |status: &str, reason| event(0, "App", status, reason).begins_operation(ID);
    assert!(begins("UPDATE_IN_PROGRESS", None));
    assert!(begins("DELETE_IN_PROGRESS", Some("User Initiated")));
    assert!(!begins("DELETE_IN_PROGRESS", None));
    assert!(!begins("UPDATE_ROLLBACK_IN_PROGRESS", None));
    assert!(!event(0, "Bucket", "CREATE_IN_PROGRESS", None).begins_operation(ID));
    let stage = StackEvent { is_stage: true, ..event(0, "App", "CREATE_IN_PROGRESS", None) };
    assert!(!stage.begins_operation(ID));
}

fn hiding() -> StackDescription {
    let hidden_parameters = Some(["Pw".to_owned()].into());
    StackDescription { hidden_parameters, ..stack("CREATE_COMPLETE") }
}

fn withheld(template: Option<&str>) -> Vec<String> {
    let template = template.map(|text| TemplateOutputs::read(text).unwrap());
    let report = StackReport::new(&hiding(), Vec::new(), template.as_ref());
    let shown = format!("{report:?}").contains("s3cr3t");
    assert_eq!(shown, !report.withheld.contains(&"Greeting".to_owned()));
    report.withheld
}

#[test]
fn outputs_named_like_secrets_are_withheld() {
    let report = StackReport::new(&stack("CREATE_COMPLETE"), Vec::new(), None);
    assert_eq!(report.withheld, ["DbPassword"]);
    assert_eq!(report.outputs.len(), 2);
    assert!(!format!("{:?}", stack("CREATE_COMPLETE")).contains("s3cr3t"));
}

#[test]
fn reasons_show_no_value_that_is_withheld() {
    let reason = "Value 's3cr3t' at 'password' is too short";
    let events = vec![event(2, "Db", "CREATE_FAILED", Some(reason))];
    let report = StackReport::new(&stack("ROLLBACK_COMPLETE"), events, None);
    let told = report.error_message.clone().unwrap();
    assert!(told.ends_with("Value '(hidden)' at 'password' is too short"), "{told}");
    assert!(!format!("{:?}", report.events).contains("s3cr3t"));
}

#[test]
fn outputs_that_show_hidden_parameters_are_withheld() {
    let json = json!({"Outputs": {
        "Url": {"Value": "https://example.com", "Description": "Pw is not shown"},
        "Greeting": {"Value": {"Fn::Join": ["", ["hello ", {"Ref": "Pw"}]]}},
        "DbPassword": {"Value": {"Fn::Sub": "${Pw}"}},
    }});
    assert_eq!(withheld(Some(&json.to_string())), ["DbPassword", "Greeting"]);
    let yaml = "Parameters:\n  Pw: {Type: String, NoEcho: true}\nOutputs:\n  Url:\n    Value: https://example.com\n  \
                Greeting:\n    Value: !Sub 'hello ${Pw}'\n  DbPassword:\n    Value: !Join ['', [!Ref Pw]]\n";
    assert_eq!(withheld(Some(yaml)), ["DbPassword", "Greeting"]);
}

#[test]
fn without_a_template_nothing_is_shown_where_something_is_hidden() {
    assert_eq!(withheld(None), ["DbPassword", "Greeting", "Url"]);
    assert_eq!(withheld(Some("{}")), ["DbPassword", "Greeting", "Url"]);
}

#[test]
fn plain_outputs_of_yaml_are_shown() {
    let yaml = "Outputs:\n  Url:\n  Greeting: {Value: [hello]}\n  DbPassword: {Value: x}\n";
    assert_eq!(withheld(Some(yaml)), ["DbPassword"]);
}

#[test]
fn templates_that_cannot_be_read_are_no_templates() {
    for bad in ["Outputs: [", "a: &x 1\nOutputs: {Url: *x}", "? [a]\n: b", "a: 1\n---\nb: 2", ""] {
        assert_eq!(TemplateOutputs::read(bad), None, "{bad}");
    }
}

#[test]
fn a_template_declares_the_same_in_json_and_in_yaml() {
    let json = json!({
        "Parameters": {"Pw": {"Type": "String", "NoEcho": true}, "Size": {"Type": "Number", "Default": 1}},
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}, "Queue": {"Type": "AWS::SQS::Queue"}},
    });
    let yaml = "Parameters:\n  Pw: {Type: String, NoEcho: 'True'}\n  Size:\n    Type: Number\n    Default: 1\n\
                Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    Properties: {Name: !Ref Pw}\n  \
                Queue: {Type: 'AWS::SQS::Queue'}\n";
    let tabbed = serde_json::to_string_pretty(&json).unwrap().replace("  ", "\t");
    let read = |text: &str| Declared::read(text).unwrap();
    let declared = read(&json.to_string());
    assert_eq!((&declared, &declared), (&read(yaml), &read(&tabbed)));
    assert_eq!(declared.hidden(), BTreeSet::from(["Pw".to_owned()]));
    assert!(declared.parameters["Size"].has_default && !declared.parameters["Pw"].has_default);
    assert_eq!(declared.resources, BTreeSet::from(["Queue".to_owned(), "Table".to_owned()]));
    for bad in
        ["", "Resources", "[]", "{\"Resources\": {}", "Outputs: {}", "Resources: {}\n---\na: 1"]
    {
        assert_eq!(Declared::read(bad), None, "{bad}");
    }
}

#[test]
fn a_status_says_what_can_be_done() {
    let is = |word: &str| StackStatus::new(word).readiness();
    assert_eq!(
        (is("REVIEW_IN_PROGRESS"), is("UPDATE_ROLLBACK_COMPLETE")),
        (Readiness::Create, Readiness::Update)
    );
    for busy in ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"]
    {
        assert_eq!(is(busy), Readiness::Busy, "{busy}");
    }
    for stuck in ["ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "CREATE_FAILED", "SOMETHING_NEW"] {
        assert!(matches!(is(stuck), Readiness::Stuck(_)), "{stuck}");
    }
}

#[test]
fn names_and_arns_of_stacks_are_accepted() {
    assert!(ID.parse::<StackName>().is_ok() && "My-App2".parse::<StackName>().is_ok());
    for bad in ["", "2nd", "my_app", "arn:aws:s3:::x", "stack/App", &"x".repeat(129)] {
        assert!(bad.parse::<StackName>().unwrap_err().breaks(RuleId::OWN035), "{bad}");
    }
}

#[test]
fn times_of_events_keep_their_fraction() {
    let at: Timestamp = "2026-01-31T20:30:00.123Z".parse().unwrap();
    assert_eq!(at.to_string(), "2026-01-31T20:30:00.123Z");
}

proptest! {
    #[test]
    fn a_parameter_that_is_named_anywhere_is_found(depth in 0..6_usize, sub: bool) {
        let inner = if sub { json!({"Fn::Sub": "x${ Pw }y"}) } else { json!({"Ref": "Pw"}) };
        let value = (0..depth).fold(inner, |value, _| json!({"Fn::Join": ["", [value]]}));
        let template = json!({"Outputs": {"Out": {"Value": value}}}).to_string();
        let hidden: BTreeSet<String> = ["Pw".to_owned()].into();
        for text in [template.clone(), format!("# YAML\n{template}")] {
            prop_assert!(TemplateOutputs::read(&text).unwrap().may_show("Out", &hidden), "{}", text);
        }
    }

    #[test]
    fn no_template_is_too_strange(text in "[a-z:{}\\[\\]\\-&*?! \\n\"]{0,60}") {
        let _ = TemplateOutputs::read(&text);
        let _ = Declared::read(&text);
    }
}
