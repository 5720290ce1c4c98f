//! The regions that the clouds have, as far as this version of the code knows.
//!
//! Clouds open regions faster than code is released, so the configuration can add names.

mod aws;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use self::aws::AWS;
use super::rule::RuleId;
use super::suggest::did_you_mean_or;
use super::violation::{Violation, Violations, one_of, quoted};

/// Regions of Azure, including China and the US government.
#[rustfmt::skip]
pub const AZURE: &[&str] = &[
    "australiacentral", "australiacentral2", "australiaeast", "australiasoutheast",
    "austriaeast", "belgiumcentral", "brazilsouth", "brazilsoutheast", "canadacentral",
    "canadaeast", "centralindia", "centralus", "chilecentral", "chinaeast", "chinaeast2",
    "chinaeast3", "chinanorth", "chinanorth2", "chinanorth3", "denmarkeast", "eastasia", "eastus",
    "eastus2", "eastus3", "francecentral", "francesouth", "germanynorth", "germanywestcentral",
    "indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest", "jioindiacentral",
    "jioindiawest", "koreacentral", "koreasouth", "malaysiawest", "mexicocentral",
    "newzealandnorth", "northcentralus", "northeurope", "norwayeast", "norwaywest",
    "polandcentral", "qatarcentral", "southafricanorth", "southafricawest", "southcentralus",
    "southeastasia", "southindia", "spaincentral", "swedencentral", "swedensouth",
    "switzerlandnorth", "switzerlandwest", "uaecentral", "uaenorth", "uksouth", "ukwest",
    "usdodcentral", "usdodeast", "usgovarizona", "usgoviowa", "usgovtexas", "usgovvirginia",
    "westcentralus", "westeurope", "westindia", "westus", "westus2", "westus3",
];

/// Regions of Google Cloud.
#[rustfmt::skip]
pub const GCP: &[&str] = &[
    "africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2",
    "asia-northeast3", "asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2",
    "australia-southeast1", "australia-southeast2", "europe-central2", "europe-north1",
    "europe-north2", "europe-southwest1", "europe-west1", "europe-west10", "europe-west12",
    "europe-west2", "europe-west3", "europe-west4", "europe-west6", "europe-west8",
    "europe-west9", "me-central1", "me-central2", "me-west1", "northamerica-northeast1",
    "northamerica-northeast2", "northamerica-south1", "southamerica-east1", "southamerica-west1",
    "us-central1", "us-east1", "us-east4", "us-east5", "us-south1", "us-west1", "us-west2",
    "us-west3", "us-west4",
];

const CLOUDS: [(&str, &[&str]); 3] = [("aws", AWS), ("azure", AZURE), ("gcp", GCP)];

/// The known regions, and those that the configuration adds for any cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownRegions {
    extra: BTreeSet<String>,
}

impl KnownRegions {
    /// The known regions and these.
    pub fn with_extra<T: Into<String>>(extra: impl IntoIterator<Item = T>) -> Self {
        Self { extra: extra.into_iter().map(Into::into).collect() }
    }

    /// Reads a region of AWS.
    ///
    /// # Errors
    /// ENV021 when it is not known.
    pub fn aws(&self, text: &str) -> Result<AwsRegion, Violations> {
        self.check(RuleId::ENV021, "AWS", AWS, text)?;
        Ok(AwsRegion(text.to_owned()))
    }

    /// Reads the region of AWS in which something is to be done.
    ///
    /// # Errors
    /// OWN030 when it is not known.
    pub fn aws_used(&self, text: &str) -> Result<AwsRegion, Violations> {
        self.aws(text).map_err(|unknown| unknown.as_rule(RuleId::OWN030))
    }

    /// Reads a region of Azure.
    ///
    /// # Errors
    /// ENV016 when it is not known.
    pub fn azure(&self, text: &str) -> Result<AzureRegion, Violations> {
        self.check(RuleId::ENV016, "Azure", AZURE, text)?;
        Ok(AzureRegion(text.to_owned()))
    }

    /// Warns by REG004 when the cloud does not know the region, or nobody the cloud.
    #[must_use]
    pub fn mapping_fault(&self, cloud: &str, region: &str) -> Option<Violation> {
        let known = CLOUDS.iter().find(|(name, _)| *name == cloud);
        match known {
            Some((_, list)) => self.check(RuleId::REG004, cloud, list, region).err(),
            None => Some(unknown_cloud(cloud)),
        }
    }

    fn check(&self, rule: RuleId, cloud: &str, list: &[&str], text: &str) -> Result<(), Violation> {
        if list.contains(&text) || self.extra.contains(text) {
            return Ok(());
        }
        let known = list.iter().copied().chain(self.extra.iter().map(String::as_str));
        let add = || {
            let such = list.first().map_or_else(String::new, |such| format!(", such as `{such}`"));
            let new = quoted(text);
            format!(
                "Write a region of {cloud}{such}; if {new} is a new one, add it to `extra_regions`."
            )
        };
        let next = did_you_mean_or(text, known, add);
        Err(Violation::new(rule, quoted(text), format!("a known region of {cloud}"), next))
    }
}

fn unknown_cloud(cloud: &str) -> Violation {
    let names = CLOUDS.map(|(name, _)| name);
    let unchecked = || "Nothing can be checked for another cloud; mind the spelling.".to_owned();
    let next = did_you_mean_or(cloud, names, unchecked);
    let found = format!("the cloud {}", quoted(cloud));
    Violation::new(RuleId::REG004, found, one_of(&names), next)
}

macro_rules! region_of {
    ($(#[$meta:meta])* $name:ident by $read:ident) => {
        $(#[$meta])*
        ///
        /// `FromStr` knows the built-in list only; [`KnownRegions`] also what the configuration
        /// adds. What was once recorded is read back without asking the list again.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Violations;
            fn from_str(text: &str) -> Result<Self, Violations> {
                KnownRegions::default().$read(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

region_of! {
    /// A region of AWS, such as `eu-central-1`.
    AwsRegion by aws
}

region_of! {
    /// A region of Azure, such as `westeurope`.
    AzureRegion by azure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_without_doubles() {
        for (cloud, list) in CLOUDS {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "{cloud}");
        }
    }

    #[test]
    fn near_names_are_offered() {
        let told = "us-esat-1".parse::<AwsRegion>().unwrap_err();
        assert!(told.breaks(RuleId::ENV021));
        assert!(told.to_string().contains("Did you mean `us-east-1`?"), "{told}");
        let told = "east-us".parse::<AzureRegion>().unwrap_err();
        assert!(told.to_string().contains("Did you mean `eastus`?"), "{told}");
    }

    #[test]
    fn the_configuration_can_add_regions() {
        let known = KnownRegions::with_extra(["moon-base-1"]);
        assert_eq!(known.aws("moon-base-1").unwrap().as_str(), "moon-base-1");
        assert_eq!(known.mapping_fault("gcp", "moon-base-1"), None);
        let told = "moon-base-1".parse::<AwsRegion>().unwrap_err().to_string();
        assert!(told.contains("extra_regions"), "{told}");
    }

    #[test]
    fn mappings_only_warn() {
        let known = KnownRegions::default();
        assert_eq!(known.mapping_fault("gcp", "us-east1"), None);
        assert!(known.mapping_fault("gcp", "us-east-1").unwrap().is_warning());
        let told = known.mapping_fault("asw", "us-east-1").unwrap().to_string();
        assert!(told.contains("Did you mean `aws`?"), "{told}");
    }
}
