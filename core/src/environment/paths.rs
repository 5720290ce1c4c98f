//! Paths of an environment within the repository. They are compared as text; whether a symbolic
//! link leads out of them is for [`super::rules`] to say.

use std::fmt;
use std::str::FromStr;

use crate::base::name::{EnvironmentName, RegionName};
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

macro_rules! path_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The path.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        text_serde!($name);
    };
}

path_type! {
    /// The folder of an environment: a relative path below `environments/`.
    ConfigPath
}

path_type! {
    /// The secrets file of an environment: a relative path within the repository.
    SecretsPath
}

path_type! {
    /// The folder of a region: a relative path below the `regions` folder of an environment.
    RegionPath
}

impl ConfigPath {
    /// The folder that an environment has by convention.
    #[must_use]
    pub fn of(name: &EnvironmentName) -> Self {
        Self(name.folder())
    }

    /// The folder that holds the folders of the regions.
    #[must_use]
    pub fn regions_folder(&self) -> String {
        format!("{}/regions", self.0)
    }
}

impl SecretsPath {
    /// The secrets file that an environment with this folder has by convention.
    #[must_use]
    pub fn within(folder: &ConfigPath) -> Self {
        Self(format!("{folder}/secrets.enc"))
    }
}

impl RegionPath {
    /// The folder that a region of an environment with this folder has by convention.
    #[must_use]
    pub fn of(environment: &ConfigPath, name: &RegionName) -> Self {
        Self(format!("{}/{name}", environment.regions_folder()))
    }

    /// Whether this is a path below `folder`.
    #[must_use]
    pub fn is_within(&self, folder: &str) -> bool {
        self.0.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl FromStr for ConfigPath {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let fault = relative_fault(text).or_else(|| {
            let below = text.strip_prefix("environments/").is_some();
            (!below).then(|| "it is not below `environments/`".to_owned())
        });
        let expected = "a relative path below `environments/`";
        accept(text, fault, RuleId::ENV002, expected, "environments/production").map(Self)
    }
}

impl FromStr for SecretsPath {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let expected = "a relative path of a file within the repository";
        let example = "environments/production/secrets.enc";
        accept(text, relative_fault(text), RuleId::ENV003, expected, example).map(Self)
    }
}

impl FromStr for RegionPath {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let fault = relative_fault(text).or_else(|| {
            let below = text.starts_with("environments/")
                && text.find("/regions/").is_some_and(|at| at >= "environments/x".len());
            (!below).then(|| "it is not below the `regions` folder of an environment".to_owned())
        });
        let expected = "a relative path within the `regions` folder of the environment";
        accept(text, fault, RuleId::REG002, expected, "environments/production/regions/us-east")
            .map(Self)
    }
}

fn accept(
    text: &str,
    fault: Option<String>,
    rule: RuleId,
    expected: &str,
    example: &str,
) -> Result<String, Violations> {
    let Some(fault) = fault else { return Ok(text.to_owned()) };
    let next = match tidied(text) {
        Some(tidy) => format!("Write `{tidy}`."),
        None => format!("Write a path such as `{example}`."),
    };
    Err(Violation::new(rule, quoted(text), format!("{expected}, but {fault}"), next).into())
}

/// Why `text` is not a plain relative path within the repository.
fn relative_fault(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    if text.starts_with('/') || text.as_bytes().get(1) == Some(&b':') {
        return Some("it is absolute".to_owned());
    }
    if text.contains('\\') {
        return Some("it has backslashes where slashes belong".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Some("it contains a control character".to_owned());
    }
    text.split('/').find_map(|part| match part {
        ".." => Some("it leads upwards by `..`".to_owned()),
        "" | "." => Some("it has an empty part or a `.` between slashes".to_owned()),
        _ => None,
    })
}

/// The same path in its plain spelling, when that is all it lacks.
fn tidied(text: &str) -> Option<String> {
    let slashes = text.replace('\\', "/");
    let parts: Vec<&str> = slashes.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let tidy = parts.join("/");
    (tidy != text && tidy.starts_with("environments/") && relative_fault(&tidy).is_none())
        .then_some(tidy)
}
