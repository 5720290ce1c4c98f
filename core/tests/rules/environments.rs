//! Cases of environments, their hosting and their regions.

use std::collections::BTreeMap;

use pipeline_core::environment::rules::{
    EnvironmentFacts, Folder, SecretsFile, check, check_all_secrets,
};
use pipeline_core::environment::{
    BackupStrategy, Budget, HostingProfileParts, InstanceCount, MonitoringThresholds, ResourceTier,
    Stack, Stacks, StorageReplication, TestCommands, TierName,
};
use pipeline_core::sops::Problem;
use pipeline_core::{
    AccountId, ApprovalPolicy, AwsRegion, AzureRegion, CloudMappings, ConfigPath, Environment,
    EnvironmentName, EnvironmentParts, KnownRegions, Region, RegionName, SecretsPath,
};

use super::samples::{environment, parts};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("ENV001", || read::<EnvironmentName>("eu-staging-2"), || read::<EnvironmentName>("EU")),
    case("ENV001", || read::<EnvironmentName>("a"), || read::<EnvironmentName>("2nd")),
    case("ENV002", || read::<ConfigPath>("environments/qa"), || read::<ConfigPath>("/etc")),
    case("ENV002", || folder(Folder::Present), || read::<ConfigPath>("environments/../x")),
    case(
        "ENV002",
        || folder(Folder::Present),
        || folder(Folder::Escapes { link: "environments/production -> /etc".into() }),
    ),
    case("ENV002", || folder(Folder::Present), || folder(Folder::Missing)),
    case("ENV003", || secrets(SecretsFile::Encrypted), || secrets(SecretsFile::Missing)),
    case(
        "ENV003",
        || read::<SecretsPath>("environments/qa/secrets.enc"),
        || read::<SecretsPath>("../secrets.enc"),
    ),
    case(
        "ENV004",
        || secrets(SecretsFile::Encrypted),
        || {
            secrets(SecretsFile::NotEncrypted {
                problems: vec![Problem::Plaintext { at: "db.password".into(), line: Some(2) }],
            })
        },
    ),
    case("ENV005", || changed(|_| ()), || changed(|it| it.is_production = false)),
    case(
        "ENV005",
        || changed(|it| it.name = "prod".parse().unwrap()),
        || {
            changed(|it| {
                it.name = "prod".parse().unwrap();
                it.is_production = false;
            })
        },
    ),
    case("ENV006", || changed(|_| ()), || changed(|it| it.approval = ApprovalPolicy::none())),
    case(
        "ENV006",
        || staging(|it| it.approval = ApprovalPolicy::none()),
        || {
            staging(|it| {
                it.approval = ApprovalPolicy::none();
                it.is_production = true;
            })
        },
    ),
    case("ENV010", || read::<TierName>("prod"), || read::<TierName>("production")),
    case("ENV011", || read::<ResourceTier>("P1v2"), || read::<ResourceTier>("Premium")),
    case("ENV011", || profile(|_| ()), || profile(|it| it.resource_tier = None)),
    case("ENV012", || found(InstanceCount::new(1)), || found(InstanceCount::new(0))),
    case("ENV012", || staging(one_instance), || changed(one_instance)),
    case("ENV013", || read::<BackupStrategy>("simple"), || read::<BackupStrategy>("daily")),
    case("ENV013", || staging(simple_backup), || changed(simple_backup)),
    case("ENV014", || read::<StorageReplication>("LRS"), || read::<StorageReplication>("ZRS")),
    case("ENV014", || staging(local_replication), || changed(local_replication)),
    case("ENV015", || thresholds(500.0, 1.0, 99.5), || thresholds(500.0, 1.0, 100.1)),
    case("ENV015", || thresholds(0.5, 0.0, 100.0), || thresholds(0.0, 1.0, 99.5)),
    case("ENV015", || profile(|_| ()), || profile(|it| it.latency_p95_ms = None)),
    case("ENV016", || read::<AzureRegion>("westeurope"), || read::<AzureRegion>("eu-west-1")),
    case("ENV017", || found(Budget::usd(0.5)), || found(Budget::usd(0.0))),
    case(
        "ENV017",
        || profile(|it| it.cost_budget_usd = None),
        || profile(|it| it.cost_budget_usd = Some(-1.0)),
    ),
    case("ENV020", || read::<EnvironmentName>("dev"), || read::<EnvironmentName>("")),
    case("ENV021", || read::<AwsRegion>("eu-central-1"), || read::<AwsRegion>("eu-central-9")),
    case("ENV021", || found(extra().aws("moon-base-1")), || found(extra().aws("mars-base-1"))),
    case("ENV022", || read::<AccountId>("012345678901"), || read::<AccountId>("12345678901")),
    case(
        "ENV023",
        || found(stack("App", "a.ts").and_then(|it| Stacks::new(vec![it]))),
        || found(Stacks::new(Vec::new())),
    ),
    case("ENV024", || found(stack("App", "lib/app.ts")), || found(stack("", "lib/app.ts"))),
    case("ENV024", || found(stack("App", "lib/app.ts")), || found(stack("App", " "))),
    case("ENV025", || tests(r#"{"commands": ["npm test"]}"#), || tests(r#"{"commands": "npm"}"#)),
    case("ENV025", || tests("{}"), || tests(r#"{"commands": [1]}"#)),
    case("REG001", || read::<RegionName>("eu-west"), || read::<RegionName>("eu-west-1")),
    case("REG001", || changed(|_| ()), || twice("us-east")),
    case("REG002", || region("environments/qa/regions/us-east"), || region("regions/us-east")),
    case(
        "REG002",
        || changed(|_| ()),
        || changed(|it| it.config_path = "environments/other".parse().unwrap()),
    ),
    case("REG003", || mappings(&[("aws", "us-east-1")]), || mappings(&[])),
    case("REG003", || mappings(&[("gcp", "us-east1")]), || mappings(&[("aws", "")])),
    case("REG004", || changed(|_| ()), || mapped("aws", "us-east-9")),
    case("REG004", || mapped("azure", "eastus"), || mapped("asw", "us-east-1")),
    case(
        "SCY001",
        || audited(&SecretsFile::Encrypted),
        || audited(&SecretsFile::NotEncrypted { problems: Vec::new() }),
    ),
];

fn facts(folder: Folder, secrets: SecretsFile) -> EnvironmentFacts {
    EnvironmentFacts::made_up(folder, secrets, KnownRegions::default())
}

fn folder(folder: Folder) -> Found {
    check(&environment(), &facts(folder, SecretsFile::Encrypted))
}

fn secrets(secrets: SecretsFile) -> Found {
    check(&environment(), &facts(Folder::Present, secrets))
}

fn changed(change: impl FnOnce(&mut EnvironmentParts)) -> Found {
    let mut parts = parts();
    change(&mut parts);
    match Environment::new(parts) {
        Ok(it) => check(&it, &facts(Folder::Present, SecretsFile::Encrypted)),
        Err(violations) => violations.into_iter().collect(),
    }
}

fn staging(change: impl FnOnce(&mut EnvironmentParts)) -> Found {
    changed(|it| {
        it.name = "staging".parse().unwrap();
        it.is_production = false;
        change(it);
    })
}

fn one_instance(it: &mut EnvironmentParts) {
    let hosting = it.hosting.as_mut().unwrap();
    hosting.instance_count = InstanceCount::new(1).unwrap();
}

fn simple_backup(it: &mut EnvironmentParts) {
    it.hosting.as_mut().unwrap().backup_strategy = BackupStrategy::Simple;
}

fn local_replication(it: &mut EnvironmentParts) {
    it.hosting.as_mut().unwrap().storage_replication = StorageReplication::Lrs;
}

fn twice(name: &str) -> Found {
    changed(|it| {
        let again = it.regions.iter().find(|region| region.name.as_str() == name).cloned();
        it.regions.extend(again);
    })
}

fn mapped(cloud: &str, name: &str) -> Found {
    changed(|it| {
        let mappings = BTreeMap::from([(cloud.to_owned(), name.to_owned())]);
        it.regions[0].cloud_mappings = CloudMappings::new(mappings).unwrap();
    })
}

fn profile(change: fn(&mut HostingProfileParts)) -> Found {
    let mut parts = HostingProfileParts {
        resource_tier: Some("B1".into()),
        instance_count: 1,
        backup_strategy: "simple".into(),
        storage_replication: "LRS".into(),
        latency_p95_ms: Some(800.0),
        error_rate_percent: Some(2.0),
        availability_percent: Some(99.0),
        region: "eastus".into(),
        cost_budget_usd: Some(100.0),
    };
    change(&mut parts);
    found(parts.check(&KnownRegions::default()))
}

fn thresholds(latency: f64, errors: f64, availability: f64) -> Found {
    found(MonitoringThresholds::new(latency, errors, availability))
}

fn extra() -> KnownRegions {
    KnownRegions::with_extra(["moon-base-1"])
}

fn stack(name: &str, path: &str) -> Result<Stack, pipeline_core::Violations> {
    Stack::new(name, path)
}

fn tests(json: &str) -> Found {
    found(TestCommands::from_json(&serde_json::from_str(json).unwrap()))
}

fn region(path: &str) -> Found {
    let mappings = BTreeMap::from([("aws".to_owned(), "us-east-1".to_owned())]);
    found(Region::read("us-east", path, mappings))
}

fn mappings(entries: &[(&str, &str)]) -> Found {
    let owned = |(cloud, name): &(&str, &str)| ((*cloud).to_owned(), (*name).to_owned());
    found(CloudMappings::new(entries.iter().map(owned).collect()))
}

fn audited(file: &SecretsFile) -> Found {
    let files = [
        ("environments/staging/secrets.enc", &SecretsFile::Encrypted),
        ("environments/production/secrets.enc", file),
    ];
    check_all_secrets(files)
}
