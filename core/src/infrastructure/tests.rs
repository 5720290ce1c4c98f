//! Identities, their places in the ledger, and what a change makes of a resource.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::base::filing::unescaped;
use crate::ledger::Ledger;
use crate::ledger::memory::Remote;
use crate::registration::Registrable as _;

fn id(text: &str) -> InfrastructureId {
    text.parse().unwrap()
}

fn parts() -> InfrastructureParts {
    InfrastructureParts {
        cloud: "azure".into(),
        resource_type: "KeyVault".into(),
        name: "kv-Shop".into(),
        region: "westeurope".into(),
        ..InfrastructureParts::default()
    }
}

#[test]
fn ids_are_filed_where_git_takes_them() {
    for (text, place) in [
        ("aws/AWS::ECS::Service/web", "aws/AWS%3A%3AECS%3A%3AService/web"),
        ("aws/aws_cloudwatch_log_group//ecs/web", "aws/aws_cloudwatch_log_group/%2Fecs%2Fweb"),
        ("azure/KeyVault/KV-Shop", "azure/KeyVault/kv-shop"),
        ("azure/SqlDatabase/größe 1", "azure/SqlDatabase/gr%C3%B6%C3%9Fe%201"),
    ] {
        assert_eq!(id(text).filed(), place);
        assert_eq!(id(text).to_string(), text);
        let slot = Ledger::new(Remote::new().store()).infrastructure_resource(&id(text));
        assert!(slot.ref_name().is_ok(), "{text}");
    }
}

#[test]
fn what_is_recorded_is_read_back_and_lists_may_grow() {
    let new = InfrastructureParts {
        cloud: "aws".into(),
        resource_type: "aws_moon_base".into(),
        region: "moon-1".into(),
        configuration: Some(json!({ "a": 1 })),
        references: vec!["azure/KeyVault/kv-shop".into()],
        ..parts()
    };
    let resource = InfrastructureResource::try_from(new).unwrap();
    let json = serde_json::to_value(&resource).unwrap();
    assert_eq!((&json["status"], &json["type"]), (&json!("created"), &json!("aws_moon_base")));
    assert_eq!(serde_json::from_value::<InfrastructureResource>(json).unwrap(), resource);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let bad = InfrastructureParts {
        name: "kv--shop".into(),
        region: "moon".into(),
        environment: Some("Prod".into()),
        configuration: Some(json!([])),
        references: vec!["kv".into()],
        terraform_state: Some("x".into()),
        status: Some("created".into()),
        ..parts()
    };
    let (regions, types) = (KnownRegions::default(), KnownTypes::default());
    let lists = Lists { regions: &regions, types: &types };
    let faults = InfrastructureResource::read(bad, Some(lists)).unwrap_err();
    let told: Vec<String> = faults.iter().map(|it| format!("{} {}", it.rule, it.at)).collect();
    let expected = [
        "INF023 region",
        "INF022 name",
        "INF026 status",
        "ENV001 environment",
        "INF025 configuration",
        "GLB002 references[0]",
        "INF007 terraform_state",
    ];
    assert_eq!(told, expected);
}

#[test]
fn no_message_shows_a_secret_of_the_configuration() {
    for text in ["{\"password\": \"canary-7\"}", "{\"password\": canary-7}", "\"canary-7\""] {
        let told = text.parse::<Configuration>().unwrap_err().to_string();
        assert!(!told.contains("canary"), "{told}");
    }
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(70_000));
    assert!(large.parse::<Configuration>().unwrap_err().breaks(RuleId::INF025));
    let deep = "[".repeat(100_000);
    assert!(deep.parse::<Configuration>().unwrap_err().breaks(RuleId::INF025));
    assert!("{\"keyVaultReference\": \"x\", \"password\": \"\"}".parse::<Configuration>().is_ok());
}

#[test]
fn statuses_are_those_of_the_state_machines() {
    for cloud in [Cloud::Aws, Cloud::Azure] {
        let (entity, _, first) = lifecycle(cloud);
        let machine = MACHINES.iter().find(|it| it.entity == entity).unwrap();
        assert!(machine.statuses.contains(&first));
    }
    assert_eq!(InfrastructureResource::try_from(parts()).unwrap().status.as_str(), "ready");
}

proptest! {
    #[test]
    fn any_name_is_refused_or_filed_and_found_again(text in "aws/aws_lb/.{0,40}|azure/CDN/[a-zA-Z-]{0,9}|.{0,40}") {
        if let Ok(found) = text.parse::<InfrastructureId>() {
            prop_assert_eq!(found.to_string(), text.clone());
            let slot = Ledger::new(Remote::new().store()).infrastructure_resource(&found);
            prop_assert!(slot.ref_name().is_ok());
            let again = id(&unescaped(&found.filed()));
            prop_assert_eq!(again.filed(), found.filed());
            prop_assert_eq!(InfrastructureResource::shown(&found.filed()).to_lowercase(), text.to_lowercase());
        }
    }
}
