//! An environment in the JSON of the documented systems: folders and regions in one, hosting on Azure in another,
//! an AWS account with its stacks in the third. Each leaves out what the others are about.

use serde_json::{Map, Value, json};

use super::hosting::HostingProfileParts;
use super::{Environment, EnvironmentParts, Region, Stack, Stacks, TestCommands};
use crate::approval::ApprovalPolicy;
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, flag, list, map, number, parsed, text, whole};
use crate::base::known_regions::KnownRegions;
use crate::base::name::EnvironmentName;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations};

impl Documented for Region {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let name = fields.must("name", text);
        let config_path = fields.must("config_path", text);
        let mappings = fields.must("cloud_mappings", |it| map(it, text));
        let made = match (name, config_path, mappings) {
            (Some(name), Some(path), Some(mappings)) => {
                fields.whole(Self::read(&name, &path, mappings))
            }
            _ => None,
        };
        fields.finish(made)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        Ok(Told::whole(json!(self)))
    }
}

impl Documented for Environment {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001, Dialect::D002, Dialect::D004];

    fn read(json: &Value, from: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let name: Option<EnvironmentName> = fields.must("name", parsed);
        let parts = name.map(|name| Self::by_convention(name).into_parts());
        let made = match from {
            Dialect::D002 => hosted(&mut fields, parts),
            Dialect::D004 => with_stacks(&mut fields, parts),
            _ => in_folders(&mut fields, parts),
        };
        let made = made.and_then(|parts| fields.whole(Self::new(parts)));
        fields.finish(made)
    }

    fn tell(&self, to: Dialect) -> Result<Told, Violations> {
        let parts = self.clone().into_parts();
        let left_out = left_out(&parts, to);
        let json = match to {
            Dialect::D002 => tell_hosted(&parts)?,
            Dialect::D004 => tell_stacks(&parts)?,
            _ => json!({
                "name": parts.name,
                "config_path": parts.config_path,
                "regions": parts.regions,
                "secrets_file": parts.secrets_file,
                "is_production": parts.is_production,
                "requires_approval": parts.approval.required,
            }),
        };
        Ok(Told { json, left_out })
    }
}

fn in_folders(
    fields: &mut Fields<'_>,
    parts: Option<EnvironmentParts>,
) -> Option<EnvironmentParts> {
    let config_path = fields.must("config_path", parsed);
    let regions = fields.must("regions", |it| {
        list(it, |region| <Region as Documented>::read(region, Dialect::D001))
    });
    let secrets_file = fields.must("secrets_file", parsed);
    let is_production = fields.must("is_production", flag);
    let required = fields.must("requires_approval", flag);
    Some(EnvironmentParts {
        config_path: config_path?,
        regions: regions?,
        secrets_file: secrets_file?,
        is_production: is_production?,
        approval: ApprovalPolicy { required: required?, ..ApprovalPolicy::default() },
        ..parts?
    })
}

fn hosted(fields: &mut Fields<'_>, parts: Option<EnvironmentParts>) -> Option<EnvironmentParts> {
    let mut profile = HostingProfileParts {
        resource_tier: fields.must("resourceTier", text),
        instance_count: fields.must("instanceCount", whole).unwrap_or_default(),
        backup_strategy: fields.must("backupStrategy", text).unwrap_or_default(),
        storage_replication: fields.must("storageReplication", text).unwrap_or_default(),
        region: fields.must("region", text).unwrap_or_default(),
        cost_budget_usd: fields.may("costBudgetUSD", number),
        ..HostingProfileParts::default()
    };
    let thresholds = fields.must("monitoringThresholds", |json| {
        let mut fields = Fields::of(json)?;
        let latency = fields.must("latencyP95Ms", number);
        let errors = fields.must("errorRatePercent", number);
        let availability = fields.must("availabilityPercent", number);
        fields.finish(Some([latency, errors, availability]))
    });
    if let Some([latency, errors, availability]) = thresholds {
        profile.latency_p95_ms = latency;
        profile.error_rate_percent = errors;
        profile.availability_percent = availability;
    }
    if !fields.is_faultless() {
        return None;
    }
    let hosting = fields.whole(profile.check(&KnownRegions::default()))?;
    Some(EnvironmentParts { hosting: Some(hosting), ..parts? })
}

fn with_stacks(
    fields: &mut Fields<'_>,
    parts: Option<EnvironmentParts>,
) -> Option<EnvironmentParts> {
    let region = fields.must("region", |it| KnownRegions::default().aws(&text(it)?));
    let account = fields.must("account", parsed);
    let stacks = fields.must("stacks", |it| Stacks::new(list(it, stack)?));
    let tests = fields.may("tests", TestCommands::from_json);
    Some(EnvironmentParts {
        aws_region: Some(region?),
        account: Some(account?),
        stacks: Some(stacks?),
        tests,
        ..parts?
    })
}

fn stack(json: &Value) -> Result<Stack, Violations> {
    let mut fields = Fields::of(json)?;
    let (name, path) = (fields.must("name", text), fields.must("path", text));
    let made = name.zip(path).and_then(|(name, path)| fields.whole(Stack::new(&name, &path)));
    fields.finish(made)
}

/// What is said of an environment that the system has no place for. What follows from its name is not said.
fn left_out(parts: &EnvironmentParts, to: Dialect) -> Vec<&'static str> {
    let usual = Environment::by_convention(parts.name.clone()).into_parts();
    let known = [
        (Dialect::D001, "config_path", parts.config_path != usual.config_path),
        (Dialect::D001, "secrets_file", parts.secrets_file != usual.secrets_file),
        (Dialect::D001, "regions", !parts.regions.is_empty()),
        (Dialect::D001, "is_production", parts.is_production != usual.is_production),
        (Dialect::D001, "requires_approval", parts.approval.required != usual.approval.required),
        (Dialect::D000, "approvers", !parts.approval.approvers.is_empty()),
        (Dialect::D000, "approval_policy", parts.approval.asks_for_more()),
        (Dialect::D002, "hosting", parts.hosting.is_some()),
        (Dialect::D004, "account", parts.account.is_some()),
        (Dialect::D004, "region", parts.aws_region.is_some()),
        (Dialect::D004, "stacks", parts.stacks.is_some()),
        (Dialect::D004, "tests", parts.tests.is_some()),
        (Dialect::D000, "tags", !parts.tags.is_empty()),
        (Dialect::D001, "concurrency", parts.concurrency != usual.concurrency),
    ];
    // No system of the documents has these.
    let nowhere = [
        ("freezes", !parts.freezes.is_empty()),
        ("freeze_windows", !parts.freeze_windows.is_empty()),
        ("after", parts.after.is_some()),
        ("soak", parts.soak.is_some()),
    ];
    let known = known.into_iter().filter(|(of, _, said)| *said && *of != to);
    let nowhere = nowhere.into_iter().filter(|(_, said)| *said);
    known.map(|(_, name, _)| name).chain(nowhere.map(|(name, _)| name)).collect()
}

fn missing(name: &'static str) -> Violation {
    let next = format!("Say `{name}` of the environment, or tell it in other words.");
    Violation::new(RuleId::OWN044, "nothing", format!("`{name}`"), next).under(name)
}

fn tell_hosted(parts: &EnvironmentParts) -> Result<Value, Violations> {
    let hosting = parts.hosting.as_ref().ok_or_else(|| missing("hosting"))?;
    let thresholds = &hosting.monitoring_thresholds;
    Ok(json!({
        "name": parts.name,
        "resourceTier": hosting.resource_tier,
        "instanceCount": hosting.instance_count,
        "backupStrategy": hosting.backup_strategy,
        "storageReplication": hosting.storage_replication,
        "monitoringThresholds": {
            "latencyP95Ms": thresholds.latency_p95_ms(),
            "errorRatePercent": thresholds.error_rate_percent(),
            "availabilityPercent": thresholds.availability_percent(),
        },
        "region": hosting.region,
        "costBudgetUSD": hosting.cost_budget_usd,
    }))
}

fn tell_stacks(parts: &EnvironmentParts) -> Result<Value, Violations> {
    let mut findings = Findings::new();
    findings.require(parts.aws_region.is_some(), || missing("region"));
    findings.require(parts.account.is_some(), || missing("account"));
    findings.require(parts.stacks.is_some(), || missing("stacks"));
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(parts.name));
    object.insert("region".to_owned(), json!(parts.aws_region));
    object.insert("account".to_owned(), json!(parts.account));
    object.insert("stacks".to_owned(), json!(parts.stacks));
    if let Some(tests) = &parts.tests {
        object.insert("tests".to_owned(), json!({ "commands": tests }));
    }
    findings.finish(Value::Object(object))
}
