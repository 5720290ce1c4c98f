//! Cases of stacks: their order, what they protect, and what their templates hide and need.

use std::collections::BTreeSet;

use pipeline_core::stack::rules::{Given, check_order, check_parameters};
use pipeline_core::stack::{
    Declared, OwnStackName, ResourceAction, ResourceChange, TemplateSource, check_declared,
    check_protected,
};

use super::{Case, Found, case, read};

pub(crate) const CASES: &[Case] = &[
    case("STK001", || check_order(["net", "app"]), || check_order(["net", "app", "net"])),
    case("STK002", || planned(ResourceAction::Modify), || planned(ResourceAction::Replace)),
    case("STK002", || planned(ResourceAction::Release), || planned(ResourceAction::Delete)),
    case("STK002", || planned(ResourceAction::Add), || planned(ResourceAction::MayReplace)),
    case("STK002", || kept("Table"), || kept("Tabel")),
    case("STK003", || given(&[], &["Pw"]), || given(&["Pw"], &[])),
    case("OWN050", || given(&["Size"], &["Pw"]), || given(&["Siez"], &["Pw"])),
    case("OWN050", || given(&["Size"], &["Pw"]), || given(&["Size"], &["Size", "Pw"])),
    case("OWN050", || given(&[], &["Pw"]), || given(&[], &[])),
    case("OWN050", || source("cdk.out/App.json"), || source("../App.json")),
    case("OWN050", || source("s3://bucket/App.json"), || source("s3://bucket")),
    case(
        "OWN050",
        || source("https://s3.eu-west-1.amazonaws.com/b/App.json"),
        || source("https://s3.eu-west-1.amazonaws.com/b/App.json?X-Amz-Signature=1"),
    ),
    case("OWN035", || read::<OwnStackName>("app-staging"), || read::<OwnStackName>("app_staging")),
];

/// A change set that does this to the table, which is protected.
fn planned(action: ResourceAction) -> Found {
    let (logical_id, resource_type) = ("Table".to_owned(), "AWS::DynamoDB::Table".to_owned());
    check_protected(&["Table".to_owned()], &[ResourceChange { logical_id, resource_type, action }])
}

fn kept(protected: &str) -> Found {
    check_declared(&[protected.to_owned()], &template().resources)
}

fn template() -> Declared {
    let template = "Parameters:\n  Pw: {Type: String, NoEcho: true}\n  Size: {Type: String, Default: small}\n\
                    Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n";
    Declared::read(template).unwrap()
}

fn given(parameters: &[&str], secret_parameters: &[&str]) -> Found {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let (parameters, secret_parameters) = (names(parameters), names(secret_parameters));
    let given = Given { parameters: &parameters, secret_parameters: &secret_parameters };
    check_parameters(given, &template())
}

fn source(text: &str) -> Found {
    read::<TemplateSource>(text)
}
