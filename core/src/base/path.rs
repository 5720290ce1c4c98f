//! Paths: of a sub-project within tag names, and of files within the repository.

use std::fmt;
use std::str::FromStr;

use super::foreign::hidden_fault;
use super::revision::component_fault;
use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

/// The path of a sub-project in a repository of many, such as `services/api`; empty for the root.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubProjectPath(String);

impl SubProjectPath {
    /// The root project.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the root project.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path; empty for the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `name` within this project, as tag names are made: `api/v1.2.3`, or `v1.2.3` at the root.
    #[must_use]
    pub fn join(&self, name: &str) -> String {
        if self.is_root() { name.to_owned() } else { format!("{}/{name}", self.0) }
    }

    /// Splits a tag name into its project and the part after the last slash.
    pub(crate) fn split(text: &str) -> (Result<Self, Violations>, &str) {
        match text.rsplit_once('/') {
            None => (Ok(Self::root()), text),
            Some(("", last)) => (Err(bad_project("/", "it begins with a slash").into()), last),
            Some((path, last)) => (path.parse(), last),
        }
    }
}

impl FromStr for SubProjectPath {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        match project_fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(bad_project(text, &fault).into()),
        }
    }
}

fn project_fault(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if text.starts_with('/') || text.ends_with('/') {
        return Some("it begins or ends with a slash".to_owned());
    }
    if text.starts_with('-') {
        return Some("it begins with a hyphen, which git takes for an option".to_owned());
    }
    if text.contains("@{") {
        return Some("it contains `@{`".to_owned());
    }
    text.split('/').find_map(component_fault).or_else(|| hidden_fault(text))
}

fn bad_project(text: &str, fault: &str) -> Violation {
    let trimmed = text.trim_matches('/');
    let next = if trimmed != text && !trimmed.is_empty() && project_fault(trimmed).is_none() {
        format!("Write `{trimmed}`.")
    } else {
        "Write the folder of the sub-project, such as `services/api`, or nothing for the root."
            .to_owned()
    };
    let expected = format!("a path of names that git allows in a ref, but {fault}");
    Violation::new(RuleId::VER002, quoted(text), expected, next)
}

impl fmt::Display for SubProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(SubProjectPath);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_root_is_empty() {
        let root: SubProjectPath = "".parse().unwrap();
        assert!(root.is_root());
        assert_eq!(root.join("v1.0.0"), "v1.0.0");
        assert_eq!("a/b".parse::<SubProjectPath>().unwrap().join("v1.0.0"), "a/b/v1.0.0");
    }

    #[test]
    fn slashes_stand_between_names_only() {
        let told = "/api/".parse::<SubProjectPath>().unwrap_err().to_string();
        assert!(told.contains("VER002") && told.contains("Write `api`."), "{told}");
        let told = "/".parse::<SubProjectPath>().unwrap_err().to_string();
        assert!(told.contains("nothing for the root"), "{told}");
        for bad in [
            "/",
            "a//b",
            "a/../b",
            ".a",
            "a.lock/b",
            "a b",
            "-a",
            "a@{0}",
            "a\u{202e}b",
            "a\u{200b}",
        ] {
            assert!(bad.parse::<SubProjectPath>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_printed_unchanged(text in "[a-z.@/ -]{0,10}") {
            if let Ok(path) = text.parse::<SubProjectPath>() {
                prop_assert_eq!(path.to_string(), text.clone());
                let tag = path.join("v1.0.0");
                prop_assert_eq!(crate::base::revision::ref_fault(&tag), None);
                let (split, last) = SubProjectPath::split(&tag);
                prop_assert_eq!(split.unwrap(), path);
                prop_assert_eq!(last, "v1.0.0");
            }
        }
    }
}
