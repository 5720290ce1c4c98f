//! The order of environments: after which others a version comes to one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::name::EnvironmentName;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};

/// The most environments that come before one.
const MOST: usize = 32;

closed_list! {
    /// How many of the environments before have to have a version.
    pub enum Match breaks GLB004 {
        /// Each of them.
        All = "all",
        /// One of them.
        Any = "any",
    }
}

closed_list! {
    /// What has to be true of a version in an environment before.
    pub enum Condition breaks GLB004 {
        /// Its newest deployment there succeeded and was not taken back.
        Succeeded = "succeeded",
        /// It is what runs there.
        Running = "running",
    }
}

/// After which environments a version comes to this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AfterParts", into = "AfterParts")]
pub struct After(AfterParts);

/// What is said of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterParts {
    /// The environments that come before.
    pub environments: Vec<EnvironmentName>,
    /// How many of them.
    pub r#match: Match,
    /// What has to be true there.
    pub condition: Condition,
}

impl After {
    /// Puts the parts together.
    ///
    /// # Errors
    /// POL004 for no environment, for too many, and for one that is listed twice.
    pub fn new(parts: AfterParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let names = &parts.environments;
        findings.require((1..=MOST).contains(&names.len()), || {
            let (found, expected) =
                (format!("{} environments", names.len()), format!("1 to {MOST}"));
            let next =
                "Name the environments that a version goes through before, or leave `after` out.";
            Violation::new(RuleId::POL004, found, expected, next).under("environments")
        });
        let mut seen = BTreeSet::new();
        for (index, name) in names.iter().enumerate() {
            findings.require(seen.insert(name), || {
                let found = format!("{} a second time", quoted(name.as_str()));
                let next = "Remove one of the two.";
                Violation::new(RuleId::POL004, found, "each environment once", next)
                    .under(FieldPath::from("environments").index(index))
            });
        }
        findings.finish(Self(parts))
    }

    /// The environments that come before.
    #[must_use]
    pub fn environments(&self) -> &[EnvironmentName] {
        &self.0.environments
    }

    /// What is said of the order.
    #[must_use]
    pub const fn parts(&self) -> &AfterParts {
        &self.0
    }
}

impl TryFrom<AfterParts> for After {
    type Error = Violations;
    fn try_from(parts: AfterParts) -> Result<Self, Violations> {
        Self::new(parts)
    }
}

impl From<After> for AfterParts {
    fn from(after: After) -> Self {
        after.0
    }
}

/// Which environments come before each.
pub type Order = BTreeMap<EnvironmentName, Vec<EnvironmentName>>;

/// POL006: an environment comes before itself, by whatever way.
#[must_use]
pub fn circular(name: &EnvironmentName, order: &Order) -> Option<Violation> {
    let circle = circle(name, order)?;
    let way: Vec<String> = circle.iter().map(|it| format!("`{it}`")).collect();
    Some(
        Violation::new(
            RuleId::POL006,
            format!("{} before `{name}`", way.join(" before ")),
            "an order of environments without a circle",
            "Take one of them out of `after` of the next.",
        )
        .under(FieldPath::from("after").field("environments")),
    )
}

/// The environments on a way back to one, itself first; each comes before the next.
fn circle<'a>(name: &'a EnvironmentName, order: &'a Order) -> Option<Vec<&'a EnvironmentName>> {
    // An environment that comes after the one that was reached.
    let mut next: BTreeMap<&EnvironmentName, &EnvironmentName> = BTreeMap::new();
    let mut open = vec![name];
    while let Some(at) = open.pop() {
        for before in order.get(at).into_iter().flatten() {
            if before == name {
                let mut way = vec![name];
                let mut step = at;
                while step != name {
                    way.push(step);
                    step = next.get(step)?;
                }
                return Some(way);
            }
            if !next.contains_key(before) {
                next.insert(before, at);
                open.push(before);
            }
        }
    }
    None
}
