//! Samples and laws of environments and their parts.

use proptest::prelude::*;

use super::*;
use crate::KnownRegions;

fn parts() -> EnvironmentParts {
    serde_json::from_value(serde_json::json!({
        "name": "production",
        "config_path": "environments/production",
        "secrets_file": "environments/production/secrets.enc",
        "is_production": true,
        "approval": { "required": true },
        "regions": [{
            "name": "us-east",
            "config_path": "environments/production/regions/us-east",
            "cloud_mappings": { "aws": "us-east-1" },
        }],
    }))
    .unwrap()
}

fn profile() -> HostingProfileParts {
    HostingProfileParts {
        resource_tier: Some("P1v2".into()),
        instance_count: 2,
        backup_strategy: "zone-redundant".into(),
        storage_replication: "RA-GRS".into(),
        latency_p95_ms: Some(500.0),
        error_rate_percent: Some(1.0),
        availability_percent: Some(99.5),
        region: "eastus".into(),
        cost_budget_usd: None,
    }
}

#[test]
fn the_example_of_document_001_is_an_environment() {
    let environment = Environment::new(parts()).unwrap();
    assert!(environment.is_production && environment.requires_approval());
    assert!(environment.region(&"us-east".parse().unwrap()).is_some());
    assert!(environment.region(&"eu-west".parse().unwrap()).is_none());
    let json = serde_json::to_string(&environment).unwrap();
    assert_eq!(serde_json::from_str::<Environment>(&json).unwrap(), environment);
}

#[test]
fn regions_lie_within_their_environment_and_are_listed_once() {
    let mut wrong = parts();
    wrong.regions.push(wrong.regions[0].clone());
    wrong.regions[0].config_path = "environments/staging/regions/us-east".parse().unwrap();
    let faults = Environment::new(wrong).unwrap_err();
    let told: Vec<_> = faults.iter().map(|fault| (fault.rule, fault.at.to_string())).collect();
    assert_eq!(
        told,
        [
            (RuleId::REG002, "regions[0].config_path".to_owned()),
            (RuleId::REG001, "regions[1].name".to_owned()),
        ]
    );
}

#[test]
fn the_example_of_document_002_is_a_profile() {
    let made = profile().check(&KnownRegions::default()).unwrap();
    assert_eq!(made.cost_budget_usd.amount(), 500.0);
    let json = serde_json::to_string(&made).unwrap();
    assert_eq!(serde_json::from_str::<HostingProfile>(&json).unwrap(), made);
}

#[test]
fn every_fault_of_a_profile_is_told() {
    let wrong = HostingProfileParts {
        resource_tier: None,
        instance_count: 0,
        backup_strategy: "none".into(),
        storage_replication: "GRS".into(),
        latency_p95_ms: None,
        error_rate_percent: Some(101.0),
        region: "us-east-1".into(),
        cost_budget_usd: Some(0.0),
        ..profile()
    };
    let faults = wrong.check(&KnownRegions::default()).unwrap_err();
    let rules: Vec<_> = faults.iter().map(|fault| fault.rule.as_str()).collect();
    assert_eq!(rules, ["ENV011", "ENV012", "ENV013", "ENV014", "ENV015", "ENV016", "ENV017"]);
}

#[test]
fn tiers_are_those_of_app_service() {
    for good in ["B1", "S3", "P1v2", "P0v3", "P5mv3", "I6v2", "EP2", "F1", "Y1"] {
        assert_eq!(good.parse::<ResourceTier>().unwrap().to_string(), good);
    }
    for bad in ["", "B4", "P9v2", "Premium", "P1v9", "B1 "] {
        assert!(bad.parse::<ResourceTier>().unwrap_err().breaks(RuleId::ENV011), "{bad}");
    }
    let told = "p1V2".parse::<ResourceTier>().unwrap_err().to_string();
    assert!(told.contains("Write `P1v2`."), "{told}");
}

#[test]
fn thresholds_stay_within_their_ranges() {
    assert!(MonitoringThresholds::new(0.0, -1.0, f64::NAN).unwrap_err().iter().count() == 3);
    assert!(MonitoringThresholds::new(f64::INFINITY, 0.0, 100.0).is_err());
    assert!(MonitoringThresholds::new(0.5, 0.0, 100.0).is_ok());
    assert!(Budget::usd(f64::NAN).is_err());
}

#[test]
fn paths_stay_inside() {
    for (bad, hint) in [
        ("/environments/production", "Write `environments/production`."),
        ("/etc", "absolute"),
        ("environments/../secrets", "upwards"),
        ("production", "not below"),
        ("environments", "not below"),
        ("environments/production/", "Write `environments/production`."),
        ("./environments/production", "Write `environments/production`."),
        ("environments\\production", "Write `environments/production`."),
        ("C:/environments/x", "absolute"),
        ("", "empty"),
    ] {
        let faults = bad.parse::<ConfigPath>().unwrap_err();
        assert!(faults.breaks(RuleId::ENV002), "{bad}");
        assert!(faults.to_string().contains(hint), "{faults}");
    }
    assert!("../secrets.enc".parse::<SecretsPath>().unwrap_err().breaks(RuleId::ENV003));
    for bad in ["environments/regions/x", "environments/production/regions", "regions/us-east"] {
        assert!(bad.parse::<RegionPath>().unwrap_err().breaks(RuleId::REG002), "{bad}");
    }
}

#[test]
fn stacks_and_commands_say_something() {
    assert_eq!(Stack::new("", " ").unwrap_err().iter().count(), 2);
    assert!(Stacks::new(Vec::new()).unwrap_err().breaks(RuleId::ENV023));
    assert!(TestCommands::new(vec!["npm test".into(), " ".into()]).is_err());
    for bad in [serde_json::json!({"commands": "npm test"}), serde_json::json!({"commands": [1]})] {
        assert!(TestCommands::from_json(&bad).unwrap_err().breaks(RuleId::ENV025), "{bad}");
    }
    let good = serde_json::json!({"commands": ["npm test"]});
    assert_eq!(&*TestCommands::from_json(&good).unwrap(), ["npm test".to_owned()]);
    assert!(TestCommands::from_json(&serde_json::json!({})).unwrap().is_empty());
}

proptest! {
    #[test]
    fn accepted_paths_print_back_and_stay_inside(text in "(environments/)?[a-z./\\\\]{0,12}(/regions/)?[a-z.]{0,3}") {
        if let Ok(path) = text.parse::<ConfigPath>() {
            prop_assert_eq!(path.to_string(), text.clone());
            prop_assert!(text.starts_with("environments/"));
            prop_assert!(!text.split('/').any(|part| matches!(part, "" | "." | "..")));
        }
        if let Ok(path) = text.parse::<RegionPath>() {
            prop_assert_eq!(path.to_string(), text.clone());
        }
        if let Ok(path) = text.parse::<SecretsPath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}
