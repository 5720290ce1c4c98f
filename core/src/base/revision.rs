//! Names from git: commits, refs and branches. Only their form is known here, not whether they
//! exist.

use std::fmt;
use std::str::FromStr;

use super::foreign::hidden_fault;
use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

/// The full SHA-1 of a commit: 40 hexadecimal digits in lower case, as git prints it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitSha([u8; 20]);

impl CommitSha {
    /// The commit with these 20 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The 20 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The first eight digits, for a sentence.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitSha({self})")
    }
}

impl FromStr for CommitSha {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        read_hex(text).map(Self).ok_or_else(|| bad_commit(text).into())
    }
}

text_serde!(CommitSha);

fn read_hex(text: &str) -> Option<[u8; 20]> {
    let digits = text.as_bytes();
    let lower = |digit: &u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    if digits.len() != 40 || !digits.iter().all(lower) {
        return None;
    }
    let mut bytes = [0; 20];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn bad_commit(text: &str) -> Violation {
    let hexadecimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let next = if hexadecimal && text.len() == 40 {
        format!("Write it in lower case: `{}`.", text.to_ascii_lowercase())
    } else if hexadecimal && text.len() < 40 {
        format!("Ask git for the full commit: `git rev-parse {text}`.")
    } else {
        "Ask git for the commit of a tag or branch: `git rev-parse <name>^{commit}`.".to_owned()
    };
    let expected = "the full commit, 40 hexadecimal digits in lower case";
    Violation::new(RuleId::TAG007, quoted(text), expected, next)
}

/// A ref by its full name, such as `refs/tags/api/v1.2.3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefName(String);

impl RefName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RefName {
    /// The ref of a tag whose name was checked.
    pub(crate) fn of_tag(name: &str) -> Self {
        Self(format!("refs/tags/{name}"))
    }
}

impl FromStr for RefName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let fault = match text.strip_prefix("refs/") {
            None => Some("it does not begin with `refs/`".to_owned()),
            Some(_) => ref_fault(text),
        };
        match fault {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(Violation::new(
                RuleId::OWN004,
                quoted(text),
                format!("a full ref name that git accepts, but {fault}"),
                "Write the whole name, as in `refs/tags/v1.2.3`.",
            )
            .into()),
        }
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(RefName);

/// A branch by its short name, such as `feature/login`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchName(String);

impl BranchName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BranchName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let fault = match text {
            "HEAD" => Some("`HEAD` is not a branch".to_owned()),
            _ if text.starts_with('-') => Some("it begins with a hyphen".to_owned()),
            _ => ref_fault(text).or_else(|| hidden_fault(text)),
        };
        match fault {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(Violation::new(
                RuleId::DEP032,
                quoted(text),
                format!("a branch name that git accepts and that people can read, but {fault}"),
                "Write the branch as `git branch --show-current` prints it.",
            )
            .into()),
        }
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(BranchName);

/// Why git would not accept `name` as (the short form of) a ref, by `git check-ref-format`.
pub(crate) fn ref_fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if name == "@" {
        return Some("`@` alone means HEAD".to_owned());
    }
    if name.ends_with('.') {
        return Some("it ends with a dot".to_owned());
    }
    if name.contains("@{") {
        return Some("it contains `@{`".to_owned());
    }
    name.split('/').find_map(component_fault)
}

/// Why git would not accept `component` between two slashes of a ref name.
pub(crate) fn component_fault(component: &str) -> Option<String> {
    if component.is_empty() {
        return Some("it has an empty part between slashes".to_owned());
    }
    if component.starts_with('.') {
        return Some(format!("the part {} begins with a dot", quoted(component)));
    }
    if component.ends_with(".lock") {
        return Some(format!("the part {} ends with `.lock`", quoted(component)));
    }
    if component.contains("..") {
        return Some("it contains `..`".to_owned());
    }
    let refused = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    component.chars().find(|c| refused(*c)).map(|c| format!("it contains {c:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commits_are_told_how_to_be_written() {
        let upper = "8F2EB8688D01E28F36008DB8A60271064607DB87";
        let error = upper.parse::<CommitSha>().unwrap_err().to_string();
        assert!(error.contains(&upper.to_lowercase()), "{error}");
        let short = "8f2eb86".parse::<CommitSha>().unwrap_err().to_string();
        assert!(short.contains("git rev-parse 8f2eb86"), "{short}");
        assert!("".parse::<CommitSha>().is_err());
        assert!("ä".repeat(20).parse::<CommitSha>().is_err());
    }

    #[test]
    fn refs_follow_check_ref_format() {
        for good in ["a", "a/b", "a@b", "a/@", "x.y", "-a", "ä/ö", "{a}"] {
            assert_eq!(ref_fault(good), None, "{good}");
        }
        for bad in [
            "", "@", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a..b", "a b", "a~",
            "a^", "a:", "a?", "a*", "a[", "a\\b", "a\u{7f}", "a\n", "a.", "a@{b",
        ] {
            assert!(ref_fault(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn ref_and_branch_names_differ() {
        assert!("refs/heads/main".parse::<RefName>().is_ok());
        assert!("main".parse::<RefName>().is_err());
        assert!("refs/".parse::<RefName>().is_err());
        assert!("feature/001".parse::<BranchName>().is_ok());
        for bad in ["HEAD", "-x", "a b", "", "a\u{8b}b"] {
            assert!(bad.parse::<BranchName>().unwrap_err().breaks(RuleId::DEP032));
        }
    }

    proptest! {
        #[test]
        fn commits_round_trip(bytes: [u8; 20]) {
            let sha = CommitSha::from_bytes(bytes);
            prop_assert_eq!(sha.to_string().parse::<CommitSha>().unwrap(), sha);
        }

        #[test]
        fn what_is_accepted_is_printed_unchanged(text in "(refs/)?[a-z@.{ /-]{0,12}") {
            if let Ok(name) = text.parse::<RefName>() {
                prop_assert_eq!(name.to_string(), text.clone());
            }
            if let Ok(name) = text.parse::<BranchName>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
