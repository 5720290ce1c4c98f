//! How an environment is hosted on Azure: document 002's profile.
//!
//! What production asks for beyond these ranges is in [`super::rules`].

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::known_regions::{AzureRegion, KnownRegions};
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

closed_list! {
    /// The environments of document 002.
    pub enum TierName breaks ENV010 {
        /// Development.
        Dev = "dev",
        /// The rehearsal.
        Staging = "staging",
        /// Production.
        Prod = "prod",
    }
}

closed_list! {
    /// How databases are backed up.
    pub enum BackupStrategy breaks ENV013 {
        /// In one zone.
        Simple = "simple",
        /// Across zones; production needs it.
        ZoneRedundant = "zone-redundant",
    }
}

closed_list! {
    /// How storage is replicated.
    pub enum StorageReplication breaks ENV014 {
        /// Within one data centre.
        Lrs = "LRS",
        /// Across regions, readable in both; production needs it.
        RaGrs = "RA-GRS",
    }
}

/// The size of an App Service plan, such as `B1`, `S1` or `P1v2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceTier(String);

impl FromStr for ResourceTier {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if is_tier(text) {
            return Ok(Self(text.to_owned()));
        }
        let spelled = respelled(text);
        let next = if text != spelled && is_tier(&spelled) {
            format!("Write `{spelled}`.")
        } else {
            "Write a size such as `B1`, `S1` or `P1v2`.".to_owned()
        };
        let expected = "the size of an App Service plan";
        Err(Violation::new(RuleId::ENV011, quoted(text), expected, next).into())
    }
}

/// Capital letters for the family, small ones for what follows the number.
fn respelled(text: &str) -> String {
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (family, rest) = text.split_at(start);
    family.to_ascii_uppercase() + &rest.to_ascii_lowercase()
}

/// The families of App Service plans with their sizes; premium and isolated plans have
/// generations (`v2`) and memory-optimised sizes (`m`).
fn is_tier(text: &str) -> bool {
    if matches!(text, "F1" | "D1" | "Y1" | "FC1" | "WS1" | "WS2" | "WS3" | "EP1" | "EP2" | "EP3") {
        return true;
    }
    let mut letters = text.chars();
    let (Some(family), Some(size)) = (letters.next(), letters.next()) else { return false };
    match (family, letters.as_str()) {
        ('B' | 'S', "") => ('1'..='3').contains(&size),
        ('P' | 'I', "") => ('1'..='3').contains(&size),
        ('P', "v2") => ('1'..='3').contains(&size),
        ('P', "v3" | "v4") => ('0'..='3').contains(&size),
        ('P', "mv3" | "mv4") => ('1'..='5').contains(&size),
        ('I', "v2") => ('1'..='6').contains(&size),
        ('I', "mv2") => ('1'..='5').contains(&size),
        _ => false,
    }
}

impl fmt::Display for ResourceTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(ResourceTier);

/// How many instances run; one or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceCount(NonZeroU32);

impl InstanceCount {
    /// That many.
    ///
    /// # Errors
    /// ENV012 for less than one.
    pub fn new(count: i64) -> Result<Self, Violations> {
        match u32::try_from(count).ok().and_then(NonZeroU32::new) {
            Some(count) => Ok(Self(count)),
            None => Err(Violation::new(
                RuleId::ENV012,
                format!("`{count}`"),
                "one instance or more",
                "Write `1`, or `2` for production.",
            )
            .into()),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

/// When monitoring raises an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MonitoringThresholds {
    latency_p95_ms: f64,
    error_rate_percent: f64,
    availability_percent: f64,
}

impl MonitoringThresholds {
    /// The 95th percentile of the latency in milliseconds, the share of errors and the
    /// availability in percent.
    ///
    /// # Errors
    /// ENV015 for each value out of its range: a latency not above 0, a share not within 0 to 100.
    pub fn new(
        latency_p95_ms: f64,
        error_rate: f64,
        availability: f64,
    ) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let latency_fits = latency_p95_ms.is_finite() && latency_p95_ms > 0.0;
        findings.require(latency_fits, || {
            out_of_range(
                "latency_p95_ms",
                latency_p95_ms,
                "a number of milliseconds above 0",
                "500",
            )
        });
        for (field, share, usual) in [
            ("error_rate_percent", error_rate, "1"),
            ("availability_percent", availability, "99.9"),
        ] {
            findings.require((0.0..=100.0).contains(&share), || {
                out_of_range(field, share, "a share from 0 to 100 percent", usual)
            });
        }
        let (error_rate_percent, availability_percent) = (error_rate, availability);
        findings.finish(Self { latency_p95_ms, error_rate_percent, availability_percent })
    }

    /// The 95th percentile of the latency, in milliseconds.
    #[must_use]
    pub const fn latency_p95_ms(&self) -> f64 {
        self.latency_p95_ms
    }

    /// The share of errors, in percent.
    #[must_use]
    pub const fn error_rate_percent(&self) -> f64 {
        self.error_rate_percent
    }

    /// The availability, in percent.
    #[must_use]
    pub const fn availability_percent(&self) -> f64 {
        self.availability_percent
    }
}

fn out_of_range(field: &'static str, value: f64, expected: &str, usual: &str) -> Violation {
    let next = format!("Set `{field}` to {expected}, such as `{usual}`.");
    Violation::new(RuleId::ENV015, format!("`{value}`"), expected, next).under(field)
}

impl<'de> Deserialize<'de> for MonitoringThresholds {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            latency_p95_ms: f64,
            error_rate_percent: f64,
            availability_percent: f64,
        }
        let raw = Raw::deserialize(deserializer)?;
        Self::new(raw.latency_p95_ms, raw.error_rate_percent, raw.availability_percent)
            .map_err(serde::de::Error::custom)
    }
}

/// A monthly budget in US dollars, above zero.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Budget(f64);

impl Budget {
    /// That many US dollars.
    ///
    /// # Errors
    /// ENV017 unless it is more than nothing.
    pub fn usd(amount: f64) -> Result<Self, Violations> {
        if amount.is_finite() && amount > 0.0 {
            return Ok(Self(amount));
        }
        let next = "Write a number above 0, or leave it out for 500.";
        let expected = "an amount of US dollars above 0";
        Err(Violation::new(RuleId::ENV017, format!("`{amount}`"), expected, next).into())
    }

    /// The amount in US dollars.
    #[must_use]
    pub const fn amount(self) -> f64 {
        self.0
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(500.0)
    }
}

impl<'de> Deserialize<'de> for Budget {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::usd(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// How an environment is hosted on Azure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostingProfile {
    /// The size of its App Service plan.
    pub resource_tier: ResourceTier,
    /// How many instances run.
    pub instance_count: InstanceCount,
    /// How databases are backed up.
    pub backup_strategy: BackupStrategy,
    /// How storage is replicated.
    pub storage_replication: StorageReplication,
    /// When monitoring raises an alarm.
    pub monitoring_thresholds: MonitoringThresholds,
    /// The Azure region.
    pub region: AzureRegion,
    /// What it may cost in a month.
    pub cost_budget_usd: Budget,
}

/// A hosting profile as it is written, before it is checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostingProfileParts {
    /// The size of the App Service plan.
    pub resource_tier: Option<String>,
    /// How many instances run.
    pub instance_count: i64,
    /// How databases are backed up.
    pub backup_strategy: String,
    /// How storage is replicated.
    pub storage_replication: String,
    /// The 95th percentile of the latency in milliseconds.
    pub latency_p95_ms: Option<f64>,
    /// The share of errors in percent.
    pub error_rate_percent: Option<f64>,
    /// The availability in percent.
    pub availability_percent: Option<f64>,
    /// The Azure region.
    pub region: String,
    /// What it may cost in a month, in US dollars; 500 when it is not given.
    pub cost_budget_usd: Option<f64>,
}

impl HostingProfileParts {
    /// Checks the parts.
    ///
    /// # Errors
    /// ENV011 to ENV017, all at once.
    pub fn check(&self, known: &KnownRegions) -> Result<HostingProfile, Violations> {
        let mut findings = Findings::new();
        let tier = self.resource_tier.as_deref().unwrap_or_default();
        let tier = findings.take("resource_tier", tier.parse());
        let count = findings.take("instance_count", InstanceCount::new(self.instance_count));
        let backup = findings.take("backup_strategy", self.backup_strategy.parse());
        let replication = findings.take("storage_replication", self.storage_replication.parse());
        let thresholds = findings.take("monitoring_thresholds", self.thresholds());
        let region = findings.take("region", known.azure(&self.region));
        let budget = findings.take_option("cost_budget_usd", self.cost_budget_usd.map(Budget::usd));
        let (Some(resource_tier), Some(instance_count), Some(backup_strategy)) =
            (tier, count, backup)
        else {
            return Err(findings.fail());
        };
        let (Some(storage_replication), Some(monitoring_thresholds), Some(region)) =
            (replication, thresholds, region)
        else {
            return Err(findings.fail());
        };
        findings.finish(HostingProfile {
            resource_tier,
            instance_count,
            backup_strategy,
            storage_replication,
            monitoring_thresholds,
            region,
            cost_budget_usd: budget.unwrap_or_default(),
        })
    }

    fn thresholds(&self) -> Result<MonitoringThresholds, Violations> {
        let mut findings = Findings::new();
        let given = [
            ("latency_p95_ms", self.latency_p95_ms),
            ("error_rate_percent", self.error_rate_percent),
            ("availability_percent", self.availability_percent),
        ];
        for (field, _) in given.iter().filter(|(_, value)| value.is_none()) {
            let next = format!("Set `{field}`.");
            findings
                .push(Violation::new(RuleId::ENV015, "nothing", "a number", next).under(*field));
        }
        match given.map(|(_, value)| value) {
            [Some(latency), Some(errors), Some(availability)] => {
                MonitoringThresholds::new(latency, errors, availability)
            }
            _ => Err(findings.fail()),
        }
    }
}
