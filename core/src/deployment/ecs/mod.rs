//! What a deployment says of a container: its image, and the variables that it gets.
//!
//! The rules are those that ECS itself enforces when it is too late, and one of our own: a secret is
//! named, never written. It leaves out what needs ECS to be asked.

pub mod rules;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

#[cfg(test)]
mod tests;

/// The longest image reference and the longest name that ECS takes.
const LONGEST: usize = 255;

/// A container image: repository, and a tag or a digest, such as `registry.example.org/api:1.2.3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference(String);

impl ImageReference {
    /// The reference.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ImageReference {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        match image_fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(next) => {
                let expected = "an image such as `registry.example.org/team/api:1.2.3` or one with \
                                a digest, `…/api@sha256:` and 64 hexadecimal digits";
                Err(Violation::new(RuleId::OWN016, quoted(text), expected, next).into())
            }
        }
    }
}

/// What to do about a text that is no image.
fn image_fault(text: &str) -> Option<&'static str> {
    if text.contains("://") {
        return Some("Leave out the scheme: images have none.");
    }
    if text.len() > LONGEST {
        return Some("Shorten it to at most 255 characters.");
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = match rest.rsplit_once(':') {
        // A colon before a slash is a port.
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    if !digest.is_none_or(is_digest) {
        return Some("Write the whole digest: `sha256:` and 64 hexadecimal digits in lower case.");
    }
    if !tag.is_none_or(is_tag) {
        return Some("Write a tag of at most 128 letters, digits, `_`, `.` and `-`.");
    }
    if digest.is_none() && tag.is_none() {
        return Some("Add the tag or the digest, to say which image runs.");
    }
    (!is_repository(name)).then_some("Write the repository in lower case, without spaces.")
}

fn is_digest(text: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.strip_prefix("sha256:").is_some_and(|it| it.len() == 64 && it.bytes().all(hex))
}

fn is_tag(text: &str) -> bool {
    let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let other = |byte: u8| first(byte) || byte == b'.' || byte == b'-';
    text.len() <= 128 && text.bytes().next().is_some_and(first) && text.bytes().all(other)
}

fn is_repository(text: &str) -> bool {
    let host = |part: &str| {
        let (name, port) = part.split_once(':').unwrap_or((part, "1"));
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        !name.is_empty() && name.bytes().all(letter) && port.parse::<u16>().is_ok()
    };
    let word = |part: &str| {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let inner = |byte: u8| letter(byte) || matches!(byte, b'.' | b'_' | b'-');
        let ends = |byte: Option<u8>| byte.is_some_and(letter);
        ends(part.bytes().next()) && ends(part.bytes().last()) && part.bytes().all(inner)
    };
    match text.split_once('/') {
        Some((first, rest)) => (host(first) || word(first)) && rest.split('/').all(word),
        None => word(text),
    }
}

/// The name of a container, or of a cluster or a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcsName(String);

/// A cluster or a service, by name or by ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcsReference(String);

impl EcsName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EcsReference {
    /// The name or ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EcsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for EcsReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for EcsName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if is_name(text) {
            return Ok(Self(text.to_owned()));
        }
        let next = "Copy the name from the task definition.";
        Err(Violation::new(RuleId::OWN017, quoted(text), NAME, next).into())
    }
}

impl FromStr for EcsReference {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let by_arn = text.starts_with("arn:") && text.contains(":ecs:");
        let last = text.rsplit('/').next().unwrap_or_default();
        if is_name(text) || by_arn && is_name(last) {
            return Ok(Self(text.to_owned()));
        }
        let expected = format!("{NAME}, or an ARN of ECS");
        let next = "Copy the name or the ARN from ECS.";
        Err(Violation::new(RuleId::OWN017, quoted(text), expected, next).into())
    }
}

/// What names are made of.
const NAME: &str = "at most 255 letters, digits, hyphens and underscores";

fn is_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(letter)
}

/// The variables of a container: plain ones, and those that are filled from a store of secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerVariables {
    environment: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

impl ContainerVariables {
    /// Variables with their values, and variables with the place of theirs.
    ///
    /// # Errors
    /// OWN017 for a name that is none, OWN018 for one that is given twice, OWN019 for a secret that is
    /// written out. All of them at once; none repeats what may be a secret.
    pub fn new(
        environment: BTreeMap<String, String>,
        secrets: BTreeMap<String, String>,
    ) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        for (list, names) in [("environment", &environment), ("secrets", &secrets)] {
            let bad = names.keys().filter(|name| !is_variable(name));
            findings.extend(bad.map(|name| no_variable(name).under(list)));
        }
        let twice = environment.keys().filter(|name| secrets.contains_key(*name));
        findings.extend(twice.map(|name| given_twice(name)));
        let written = secrets.iter().filter(|(_, place)| !is_place(place));
        findings.extend(written.map(|(name, place)| written_out(name, place)));
        findings.finish(Self { environment, secrets })
    }

    /// Plain variables, each with its value.
    #[must_use]
    pub const fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// Variables that are filled from a store of secrets, each with the place of its value.
    #[must_use]
    pub const fn secrets(&self) -> &BTreeMap<String, String> {
        &self.secrets
    }
}

fn is_variable(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_graphic() && byte != b'=';
    !name.is_empty() && name.bytes().all(letter)
}

/// Whether a text says where a secret is: an ARN of Secrets Manager or of the parameter store, or the
/// path of a parameter. The name of a parameter without a slash looks like many a password, so such
/// parameters are named by ARN.
fn is_place(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let words = |text: &str| !text.is_empty() && text.bytes().all(letter);
    if let Some(rest) = text.strip_prefix("arn:") {
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        let service = parts.get(1).copied().unwrap_or_default();
        let named = parts.len() == 5 && text.bytes().all(|byte| byte.is_ascii_graphic());
        return named && ["secretsmanager", "ssm"].contains(&service);
    }
    text.strip_prefix('/').is_some_and(|path| path.split('/').all(words))
}

fn no_variable(name: &str) -> Violation {
    let expected = "the name of a variable: printable characters without spaces and `=`";
    let next = "Name it as the program in the container reads it, such as `LOG_LEVEL`.";
    Violation::new(RuleId::OWN017, quoted(name), expected, next)
}

fn given_twice(name: &str) -> Violation {
    let found = format!("{} in `environment` and in `secrets`", quoted(name));
    let next = format!("Remove {} from `environment`, and keep it in `secrets`.", quoted(name));
    let violation = Violation::new(RuleId::OWN018, found, "each variable in one of them", next);
    violation.under(crate::FieldPath::from("secrets").key(name))
}

/// Never shows the text: it may be the secret itself.
fn written_out(name: &str, text: &str) -> Violation {
    let found = format!("a text of {} characters that names no place", text.chars().count());
    let expected = "an ARN of Secrets Manager or of the parameter store, or a parameter's path such \
                    as `/api/production/token`";
    let next = "Store the secret there, write where it is, and change the secret if this was it.";
    let violation = Violation::new(RuleId::OWN019, found, expected, next);
    violation.under(crate::FieldPath::from("secrets").key(name))
}
