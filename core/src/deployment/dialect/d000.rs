//! Document 000: application deployments. Its status changes and its bare versions.

use std::fmt;
use std::str::FromStr;

use crate::base::machine::Machine;
use crate::base::path::SubProjectPath;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};
use crate::version::Version;

/// Checks a change of status in the words of document 000.
///
/// # Errors
/// GLB004 for a word that is none of them, DEP024 for a change that the document does not have.
pub fn check_change(from: &str, to: &str) -> Result<(), Violations> {
    let Ok(machine) = Machine::by_name("deployment_000") else { return Ok(()) };
    machine.status(from)?;
    machine.status(to)?;
    machine
        .check(from, to)
        .map_err(|refused| refused.under_rule(RuleId::DEP024).under("status").into())
}

/// The version of an application in document 000: a semantic version, with or without the `v`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SemanticVersion {
    version: Version,
    prefixed: bool,
}

impl SemanticVersion {
    /// The canonical version, of the root project.
    #[must_use]
    pub const fn version(&self) -> &Version {
        &self.version
    }
}

impl FromStr for SemanticVersion {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let prefixed = text.starts_with('v');
        let with_prefix = if prefixed { text.to_owned() } else { format!("v{text}") };
        match Version::parse_semver(&with_prefix, SubProjectPath::root()) {
            Ok(version) => Ok(Self { version, prefixed }),
            Err(faults) => {
                // Here a version goes without the `v` as well.
                let shape = "Write three numbers, such as `1.2.3`.".to_owned();
                let known = faults.iter().find(|fault| fault.rule != RuleId::VER001);
                let next = known.map_or(shape, |fault| fault.next.clone());
                let expected = "a semantic version such as `1.2.3` or `1.2.3-rc.1`";
                Err(Violation::new(RuleId::DEP020, quoted(text), expected, next).into())
            }
        }
    }
}

impl fmt::Display for SemanticVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let semver = self.version.semver();
        let shown = if self.prefixed { semver.as_str() } else { semver.trim_start_matches('v') };
        f.pad(shown)
    }
}
