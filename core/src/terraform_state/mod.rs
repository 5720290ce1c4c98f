//! A state of Terraform or OpenTofu: where it lies, and what is in it.
//!
//! It is read and never written. No value that is sensitive, or looks so, gets past [`StateFile`].

mod dialect;
mod file;
pub mod local;
mod location;
pub mod rules;

use std::fmt;
use std::str::FromStr;

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};
use crate::version::Version;

pub use dialect::KnownState;
pub use file::{LARGEST, Output, StateFile};
pub use location::{BackendConfig, Location, Locking};

closed_list! {
    /// Where a state lies.
    pub enum Backend breaks TFS002 {
        /// A file on this machine.
        Local = "local",
        /// An object in S3.
        S3 = "s3",
    }
}

/// The name of a workspace of Terraform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceName(String);

impl WorkspaceName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the workspace that every configuration has.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0 == "default"
    }
}

impl FromStr for WorkspaceName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        // What Terraform itself accepts: whatever stands unescaped in a segment of a URL.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+=:@".contains(&byte);
        if !text.is_empty() && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a workspace name: letters, digits and characters of `-_.~$&+=:@`";
        let next = "Take it from `terraform workspace list`; the first one is `default`.";
        Err(Violation::new(RuleId::TFS001, quoted(text), expected, next).into())
    }
}

/// The version of the Terraform or OpenTofu that wrote a state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TerraformVersion(String);

impl TerraformVersion {
    /// The version, without a `v`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TerraformVersion {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let reads = |text: &str| format!("v{text}").parse::<Version>().is_ok();
        if reads(text) {
            return Ok(Self(text.to_owned()));
        }
        let next = match text.strip_prefix('v').filter(|plain| reads(plain)) {
            Some(plain) => format!("Write `{plain}`."),
            None => "Write the version that `terraform version` tells.".to_owned(),
        };
        let expected = "a version of Terraform or OpenTofu, such as `1.12.2`";
        Err(Violation::new(RuleId::TFS004, quoted(text), expected, next).into())
    }
}

/// How many resources a state manages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourcesCount(u64);

impl ResourcesCount {
    /// So many.
    ///
    /// # Errors
    /// TFS003 for less than none.
    pub fn new(count: i64) -> Result<Self, Violations> {
        u64::try_from(count).map(Self).map_err(|_| {
            let next = "Write the number of resources that `terraform state list` prints, or 0 if it prints none.";
            let found = quoted(&count.to_string());
            Violation::new(RuleId::TFS003, found, "0 or more resources", next).into()
        })
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

macro_rules! as_text {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}

as_text!(WorkspaceName, TerraformVersion);
text_serde!(WorkspaceName, TerraformVersion);

#[cfg(test)]
mod tests;
