//! What kinds of resources the clouds have: AWS's as Terraform and CloudFormation name them, by tables that
//! `cargo xtask tables` makes; Azure's by the closed list of what is modelled.

use std::collections::BTreeSet;
use std::fmt;

use super::azure::AzureType;
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{Violation, Violations, quoted};

/// Sorted, one a line.
const TERRAFORM: &str = include_str!("types/aws-terraform.txt");
/// Sorted, one a line.
const CLOUDFORMATION: &str = include_str!("types/aws-cloudformation.txt");

closed_list! {
    /// A cloud in which resources are.
    pub enum Cloud breaks GLB004 {
        /// Amazon Web Services.
        Aws = "aws",
        /// Microsoft Azure.
        Azure = "azure",
    }
}

/// The types of AWS that are known, and those that the configuration adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownTypes {
    extra: BTreeSet<String>,
}

impl KnownTypes {
    /// The known types and these.
    pub fn with_extra<T: Into<String>>(extra: impl IntoIterator<Item = T>) -> Self {
        Self { extra: extra.into_iter().map(Into::into).collect() }
    }

    /// Checks that AWS has a type (INF001).
    pub(super) fn fault(&self, text: &str) -> Option<Violation> {
        if is_listed(TERRAFORM, text)
            || is_listed(CLOUDFORMATION, text)
            || self.extra.contains(text)
        {
            return None;
        }
        let known = TERRAFORM.lines().chain(CLOUDFORMATION.lines());
        let known = known.chain(self.extra.iter().map(String::as_str));
        let otherwise = || {
            format!(
                "Write the type as Terraform or CloudFormation names it; if {} is a new one, add it to \
                 `extra_resource_types` of the provider block.",
                quoted(text)
            )
        };
        Some(unknown(text, did_you_mean_or(text, known, otherwise)))
    }
}

/// Whether a sorted table has a line.
fn is_listed(table: &str, text: &str) -> bool {
    let (mut from, mut to) = (0, table.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let before = table.as_bytes().get(from..middle).unwrap_or_default();
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(from, |at| from + at + 1);
        let line = table.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        match text.cmp(line) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => to = start,
            std::cmp::Ordering::Greater => from = start + line.len() + 1,
        }
    }
    false
}

fn unknown(text: &str, next: String) -> Violation {
    let expected = "a type of AWS, such as `aws_ecs_service` or `AWS::ECS::Service`";
    Violation::new(RuleId::INF001, quoted(text), expected, next)
}

/// The type of a resource, which belongs to one cloud.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// Of AWS, in the words of Terraform or CloudFormation.
    Aws(String),
    /// Of Azure.
    Azure(AzureType),
}

impl ResourceType {
    /// Reads a type that was recorded once: that it looks like one is enough, since lists grow.
    ///
    /// # Errors
    /// INF001 and INF021.
    pub fn read(cloud: Cloud, text: &str) -> Result<Self, Violations> {
        match cloud {
            Cloud::Azure => text.parse().map(Self::Azure),
            Cloud::Aws if looks_like_type(text) => Ok(Self::Aws(text.to_owned())),
            Cloud::Aws => Err(KnownTypes::default()
                .fault(text)
                .unwrap_or_else(|| unknown(text, "Write one of the known types.".to_owned()))
                .into()),
        }
    }

    /// The cloud that has it.
    #[must_use]
    pub const fn cloud(&self) -> Cloud {
        match self {
            Self::Aws(_) => Cloud::Aws,
            Self::Azure(_) => Cloud::Azure,
        }
    }
}

/// `aws_ecs_service` or `AWS::ECS::Service`, of a length that a table could have.
fn looks_like_type(text: &str) -> bool {
    let word = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let terraform = text.strip_prefix("aws_").is_some_and(|rest| word(rest, "_"));
    let parts: Vec<&str> = text.split("::").collect();
    text.len() <= 128 && (terraform || (parts.len() == 3 && parts.iter().all(|it| word(it, ""))))
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(name) => f.pad(name),
            Self::Azure(kind) => kind.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_table_is_found_and_nothing_between() {
        for table in [TERRAFORM, CLOUDFORMATION] {
            let lines: Vec<&str> = table.lines().collect();
            assert!(lines.len() > 1500 && lines.windows(2).all(|pair| pair[0] < pair[1]));
            for line in lines {
                assert!(is_listed(table, line), "{line}");
                assert!(ResourceType::read(Cloud::Aws, line).is_ok(), "{line}");
                assert!(!is_listed(table, &format!("{line}!")), "{line}");
                assert!(
                    !is_listed(table, &line[..line.len() - 1])
                        || table.contains(&line[..line.len() - 1])
                );
            }
        }
        assert!(!is_listed(TERRAFORM, "") && !is_listed("", "a") && !is_listed(TERRAFORM, "zzz"));
    }

    #[test]
    fn a_new_type_is_admitted_by_the_configuration() {
        assert!(KnownTypes::default().fault("aws_moon_base").is_some());
        assert_eq!(KnownTypes::with_extra(["aws_moon_base"]).fault("aws_moon_base"), None);
        let told = KnownTypes::default().fault("aws_ecs_servce").unwrap();
        assert_eq!(told.next, "Did you mean `aws_ecs_service`?");
    }
}
