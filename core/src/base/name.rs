//! Names of environments and of regions within them.

use std::fmt;
use std::str::FromStr;

use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

/// The name of an environment, such as `staging`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentName(String);

impl EnvironmentName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name alone makes it production: `production`, or `prod` as document 002 says.
    #[must_use]
    pub fn means_production(&self) -> bool {
        matches!(self.as_str(), "production" | "prod")
    }

    /// The folder that the environment has by convention.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("environments/{}", self.0)
    }
}

impl FromStr for EnvironmentName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if names_environment(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(bad_environment(text).into())
        }
    }
}

fn names_environment(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn bad_environment(text: &str) -> Violation {
    let rule = if text.is_empty() { RuleId::ENV020 } else { RuleId::ENV001 };
    let expected = "a name of lower-case letters, digits and hyphens that begins with a letter";
    let likely: String = text
        .to_lowercase()
        .chars()
        .map(|c| if matches!(c, '_' | ' ' | '.') { '-' } else { c })
        .collect();
    let next = if names_environment(&likely) {
        format!("Write `{likely}`.")
    } else {
        "Write a name such as `production` or `eu-staging`.".to_owned()
    };
    Violation::new(rule, quoted(text), expected, next)
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// OWN047: no name that is known differs from this one in nothing but case. Where refs are files on a machine that
/// does not tell case apart, one would overwrite the other, and no person tells them apart either.
#[must_use]
pub fn look_alike<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Violation> {
    let mut alike = None;
    for other in known {
        if other == name {
            return None;
        }
        if alike.is_none() && is_alike(name, other) {
            alike = Some(other);
        }
    }
    alike.map(|other| {
        let found = format!("{} beside {}", quoted(name), quoted(other));
        let expected = "a name that differs from others by more than upper and lower case";
        let next = format!("Write {}, if that is meant, or choose another name.", quoted(other));
        Violation::new(RuleId::OWN047, found, expected, next)
    })
}

/// Whether two names are the same but for case.
#[must_use]
pub fn is_alike(name: &str, other: &str) -> bool {
    let is_plain = name.is_ascii() && other.is_ascii();
    name.eq_ignore_ascii_case(other) || (!is_plain && name.to_lowercase() == other.to_lowercase())
}

/// The name of a region that does not depend on a cloud, such as `eu-west`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionName(String);

impl RegionName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RegionName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if names_region(text) { Ok(Self(text.to_owned())) } else { Err(bad_region(text).into()) }
    }
}

fn names_region(text: &str) -> bool {
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
    text.split_once('-').is_some_and(|(area, side)| {
        area.len() == 2 && !side.is_empty() && letters(area) && letters(side)
    })
}

fn bad_region(text: &str) -> Violation {
    let without_number = text.trim_end_matches(|c: char| c == '-' || c.is_ascii_digit());
    let next = if names_region(without_number) {
        format!(
            "Write `{without_number}`, and the name that a cloud has for it in `cloud_mappings`."
        )
    } else {
        "Write a name such as `us-east` or `eu-west`.".to_owned()
    };
    let expected = "two lower-case letters, a hyphen and lower-case letters";
    Violation::new(RuleId::REG001, quoted(text), expected, next)
}

impl fmt::Display for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(EnvironmentName, RegionName);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn near_names_are_offered() {
        let told = |text: &str| text.parse::<EnvironmentName>().unwrap_err().to_string();
        assert!(told("EU_Staging").contains("Write `eu-staging`."));
        assert!(told("1st").contains("such as"));
        let told = "us-east-1".parse::<RegionName>().unwrap_err().to_string();
        assert!(told.contains("Write `us-east`"), "{told}");
    }

    #[test]
    fn names_that_differ_in_case_alone_are_told() {
        let told = look_alike("Build", ["deploy", "build"]).unwrap();
        assert_eq!(told.rule, RuleId::OWN047);
        assert!(told.found.contains("`build`") && look_alike("ÄB", ["äb"]).is_some(), "{told}");
        assert_eq!(look_alike("Build", ["build", "Build"]), None, "it is one of them");
        assert_eq!(look_alike("build2", ["build", ""]), None);
    }

    #[test]
    fn prod_is_production() {
        for (name, production) in [("production", true), ("prod", true), ("staging", false)] {
            assert_eq!(name.parse::<EnvironmentName>().unwrap().means_production(), production);
        }
    }

    proptest! {
        #[test]
        fn environments_are_exactly_the_pattern(text in "[a-zA-Z0-9_./-]{0,8}|[a-z][a-z0-9-]{0,8}") {
            let mut letters = text.chars();
            let fits = letters.next().is_some_and(|c| c.is_ascii_lowercase())
                && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            prop_assert_eq!(text.parse::<EnvironmentName>().is_ok(), fits);
            if let Ok(name) = text.parse::<EnvironmentName>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }

        #[test]
        fn regions_round_trip(text in "[a-z]{2}-[a-z]{1,9}") {
            prop_assert_eq!(text.parse::<RegionName>().unwrap().to_string(), text);
        }

        #[test]
        fn anything_else_is_no_region(text in "[a-z]{0,4}-?[a-z0-9-]{0,4}") {
            let fits = text.len() > 3
                && text.as_bytes()[2] == b'-'
                && text.bytes().enumerate().all(|(at, b)| at == 2 || b.is_ascii_lowercase());
            prop_assert_eq!(text.parse::<RegionName>().is_ok(), fits);
        }
    }
}
