//! What a state file says, without the values that nobody may see.
//!
//! Format version 4 is read, which Terraform has written since 0.12 and OpenTofu always. What is in the
//! attributes of resources is passed over and never kept. No message shows a value of the file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::error::Category;

use super::{ResourcesCount, TerraformVersion};
use crate::artifact::Sha256;
use crate::base::limits::{DEEPEST, is_too_deep};
use crate::base::rule::RuleId;
use crate::base::secrecy::is_secret_name;
use crate::base::violation::{Findings, Violation, Violations};

/// No larger state is read: 256 MiB.
pub const LARGEST: u64 = 256 * 1024 * 1024;

/// The one format that is read.
const FORMAT: u64 = 4;

/// What is in a state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateFile {
    /// What wrote it last.
    pub terraform_version: TerraformVersion,
    /// It grows with every write.
    pub serial: u64,
    /// It stays the same from the first write on.
    pub lineage: String,
    /// How many objects it manages; what data sources read is not counted.
    pub resources_count: ResourcesCount,
    /// Its outputs.
    pub outputs: BTreeMap<String, Output>,
    /// SHA-256 of the bytes that were read.
    pub hash: Sha256,
}

/// An output of a state.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Its value may be seen.
    Plain {
        /// The value. Its numbers are exact to 64 bits, and to every digit in a program that turns on
        /// `arbitrary_precision` of serde_json.
        value: Value,
        /// Its type, as Terraform writes types.
        kind: Value,
    },
    /// It is sensitive, or its name says that it should be.
    Withheld,
}

impl StateFile {
    /// Reads the bytes of a state file.
    ///
    /// # Errors
    /// OWN034 for what is no whole state of format version 4; TFS003 and TFS004 for what it says.
    pub fn read(bytes: &[u8]) -> Result<Self, Violations> {
        check_object(bytes)?;
        let head: Head = read(bytes)?;
        head.check()?;
        let body: Body = read(bytes)?;
        let mut findings = Findings::new();
        let version = findings.take("terraform_version", body.terraform_version.parse());
        let count = findings.take("resources_count", count(body.resources.as_deref()));
        let (Some(terraform_version), Some(resources_count)) = (version, count) else {
            return Err(findings.fail());
        };
        let outputs = body.outputs.unwrap_or_default();
        findings.finish(Self {
            terraform_version,
            serial: body.serial,
            lineage: body.lineage,
            resources_count,
            outputs: outputs.into_iter().map(|(name, it)| it.shown(name)).collect(),
            hash: Sha256::of(bytes),
        })
    }

    /// Refuses a file of this many bytes before it is read.
    ///
    /// # Errors
    /// OWN034 when it is larger than [`LARGEST`].
    pub fn check_size(bytes: u64) -> Result<(), Violations> {
        if bytes <= LARGEST {
            return Ok(());
        }
        let expected = format!("at most {LARGEST} bytes");
        let next = "Check that this is a state; split it where it really is that large.";
        Err(unreadable(format!("a file of {bytes} bytes"), expected, next))
    }
}

/// What tells whether the rest can be read.
#[derive(Deserialize)]
struct Head {
    version: Option<u64>,
    encrypted_data: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Body {
    terraform_version: String,
    serial: u64,
    #[serde(default)]
    lineage: String,
    outputs: Option<BTreeMap<String, RawOutput>>,
    resources: Option<Vec<RawResource>>,
}

#[derive(Deserialize)]
struct RawOutput {
    #[serde(default)]
    value: Value,
    #[serde(rename = "type", default)]
    kind: Value,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
struct RawResource {
    mode: String,
    instances: Option<Vec<RawInstance>>,
}

#[derive(Deserialize)]
struct RawInstance {
    deposed: Option<String>,
}

impl Head {
    fn check(&self) -> Result<(), Violations> {
        let expected = format!("a state of format version {FORMAT}");
        match self.version {
            _ if self.encrypted_data.is_some() => {
                let next = "An encrypted state can be read only by the OpenTofu that has its key; publish \
                            what others need in another way.";
                Err(unreadable("an encrypted state".to_owned(), expected, next))
            }
            Some(FORMAT) => Ok(()),
            Some(newer) if newer > FORMAT => {
                let next = "Upgrade to a release that reads that format.";
                Err(unreadable(format!("a state of format version {newer}"), expected, next))
            }
            Some(older) => {
                let next = "Upgrade it by an apply with Terraform 0.12 or newer.";
                Err(unreadable(format!("a state of format version {older}"), expected, next))
            }
            None => {
                let next = "Check that this is a state; it should hold `\"version\": 4`.";
                Err(unreadable("JSON without a format version".to_owned(), expected, next))
            }
        }
    }
}

impl RawOutput {
    fn shown(self, name: String) -> (String, Output) {
        let secret = self.sensitive || is_secret_name(&name);
        let shown = Output::Plain { value: self.value, kind: self.kind };
        (name, if secret { Output::Withheld } else { shown })
    }
}

/// The objects that Terraform manages, without those that only wait to be destroyed.
fn count(resources: Option<&[RawResource]>) -> Result<ResourcesCount, Violations> {
    let resources = resources.into_iter().flatten();
    let managed = resources.filter(|resource| resource.mode == "managed");
    let objects = managed.flat_map(|resource| resource.instances.iter().flatten());
    let number = objects.filter(|instance| instance.deposed.is_none()).count();
    ResourcesCount::new(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A list would be read as the parts of a state in order.
fn check_object(bytes: &[u8]) -> Result<(), Violations> {
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return Ok(());
    }
    let next = "Check that this is a state, as Terraform or OpenTofu wrote it.";
    let expected = format!("a state of format version {FORMAT}");
    Err(unreadable("JSON of another shape (a list)".to_owned(), expected, next))
}

/// The reasons of serde show values of the file, so only the place is told.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Violations> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let expected = format!("a state of format version {FORMAT}");
        match error.classify() {
            _ if bytes.is_empty() => {
                let next = "Apply the configuration that writes it first.";
                unreadable("an empty file".to_owned(), expected, next)
            }
            _ if is_too_deep(&error) => {
                let found = format!("a file nested more than {DEEPEST} levels deep ({place})");
                unreadable(found, expected, "Make the output flatter, or publish it in another way.")
            }
            Category::Eof => {
                let next = "Wait until whoever writes it is done; restore it from a backup if it stays so.";
                unreadable(format!("a file that ends in the middle ({place})"), expected, next)
            }
            Category::Syntax | Category::Io => {
                let next = "Check that this is a state, and that it is not compressed or encrypted.";
                unreadable(format!("something that is not JSON ({place})"), expected, next)
            }
            Category::Data => {
                let next = "Check that this is a state, as Terraform or OpenTofu wrote it.";
                unreadable(format!("JSON of another shape ({place})"), expected, next)
            }
        }
    })
}

fn unreadable(found: String, expected: String, next: &str) -> Violations {
    Violation::new(RuleId::OWN034, found, expected, next).into()
}
