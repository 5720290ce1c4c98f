//! Regions of an environment, and what clouds call them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::RegionPath;
use crate::base::name::RegionName;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// A region within an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Its name, which does not depend on a cloud.
    pub name: RegionName,
    /// Its folder within the environment's `regions` folder.
    pub config_path: RegionPath,
    /// What the clouds call it.
    pub cloud_mappings: CloudMappings,
}

impl Region {
    /// Reads a region from texts, telling everything that is wrong with them.
    ///
    /// # Errors
    /// REG001, REG002 and REG003.
    pub fn read(
        name: &str,
        config_path: &str,
        cloud_mappings: BTreeMap<String, String>,
    ) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let name = findings.take("name", name.parse());
        let config_path = findings.take("config_path", config_path.parse());
        let mappings = findings.take("cloud_mappings", CloudMappings::new(cloud_mappings));
        match (name, config_path, mappings) {
            (Some(name), Some(config_path), Some(cloud_mappings)) => {
                findings.finish(Self { name, config_path, cloud_mappings })
            }
            _ => Err(findings.fail()),
        }
    }
}

/// The name of a region in each cloud that has it; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CloudMappings(BTreeMap<String, String>);

impl CloudMappings {
    /// Maps from the cloud (`aws`, `azure`, `gcp` or another) to the name it has for the region.
    ///
    /// # Errors
    /// REG003 for an empty map, and for empty names in it.
    pub fn new(mappings: BTreeMap<String, String>) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.require(!mappings.is_empty(), || {
            let next = "Name at least one, such as `aws = \"us-east-1\"`.";
            Violation::new(RuleId::REG003, "no cloud", "at least one cloud", next)
        });
        for (cloud, region) in &mappings {
            let complete = !cloud.trim().is_empty() && !region.trim().is_empty();
            findings.require(complete, || unnamed(cloud, region));
        }
        findings.finish(Self(mappings))
    }

    /// Cloud and region, in the order of the clouds' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(cloud, region)| (cloud.as_str(), region.as_str()))
    }

    /// What this cloud calls the region.
    #[must_use]
    pub fn get(&self, cloud: &str) -> Option<&str> {
        self.0.get(cloud).map(String::as_str)
    }
}

fn unnamed(cloud: &str, region: &str) -> Violation {
    let found = format!("{} for the cloud {}", quoted(region), quoted(cloud));
    let next = "Write both names, or remove the entry.";
    let violation =
        Violation::new(RuleId::REG003, found, "the name of a cloud and of its region", next);
    violation.under(crate::base::violation::FieldPath::root().key(cloud))
}

impl<'de> Deserialize<'de> for CloudMappings {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(BTreeMap::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for CloudMappings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<String> =
            self.iter().map(|(cloud, name)| format!("{cloud}: {name}")).collect();
        f.write_str(&entries.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_region_is_told() {
        let faults = Region::read("us-east-1", "regions/us", BTreeMap::new()).unwrap_err();
        let rules: Vec<_> = faults.iter().map(|fault| fault.rule).collect();
        assert_eq!(rules, [RuleId::REG001, RuleId::REG002, RuleId::REG003]);
    }

    #[test]
    fn the_example_of_document_001_is_a_region() {
        let mappings = [("aws", "us-east-1"), ("azure", "eastus"), ("gcp", "us-east1")];
        let mappings = mappings.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let path = "environments/production/regions/us-east";
        let region = Region::read("us-east", path, mappings).unwrap();
        assert_eq!(region.cloud_mappings.get("azure"), Some("eastus"));
        assert_eq!(
            region.cloud_mappings.to_string(),
            "aws: us-east-1, azure: eastus, gcp: us-east1"
        );
        let json = serde_json::to_string(&region).unwrap();
        assert_eq!(serde_json::from_str::<Region>(&json).unwrap(), region);
    }

    #[test]
    fn names_in_mappings_are_not_empty() {
        let mappings = [("aws".to_owned(), String::new())].into();
        assert!(CloudMappings::new(mappings).unwrap_err().breaks(RuleId::REG003));
    }
}
