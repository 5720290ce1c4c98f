//! Names of AWS that a configuration writes: roles to assume, and the sessions that assume them.
//!
//! Regions are in [`crate::environment::region`], accounts in [`super::id`]. Whether anything of that name exists
//! is not asked here.

use std::fmt;
use std::str::FromStr;

use super::id::AccountId;
use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

/// The ARN of an IAM role, such as `arn:aws:iam::123456789012:role/deployer`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    text: String,
    account: AccountId,
}

impl RoleArn {
    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The account that the role belongs to.
    #[must_use]
    pub const fn account(&self) -> &AccountId {
        &self.account
    }
}

impl FromStr for RoleArn {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        match account_of_role(text) {
            Some(account) => Ok(Self { text: text.to_owned(), account }),
            None => Err(bad_role(text).into()),
        }
    }
}

fn account_of_role(text: &str) -> Option<AccountId> {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else { return None };
    let known = partition == "aws" || partition.starts_with("aws-");
    let path = resource.strip_prefix("role/")?;
    let short = path.rsplit('/').next().is_some_and(|name| name.len() <= 64);
    if known && short && path.split('/').all(is_name) { account.parse().ok() } else { None }
}

/// The characters that IAM allows in names of roles and sessions.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

fn bad_role(text: &str) -> Violation {
    let next = if text.contains(":assumed-role/") {
        "This is a session of a role; write the role itself, `arn:aws:iam::…:role/…`."
    } else if text.contains(":instance-profile/") {
        "This is an instance profile; write the role that is in it."
    } else {
        "Copy the ARN from IAM, or from the `arn` of an `aws_iam_role`."
    };
    let expected = "the ARN of an IAM role, such as `arn:aws:iam::123456789012:role/deployer`";
    Violation::new(RuleId::OWN031, quoted(text), expected, next)
}

/// The name of a session that assumes a role; CloudTrail shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionName(String);

impl SessionName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SessionName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if (2..=64).contains(&text.len()) && is_name(text) {
            return Ok(Self(text.to_owned()));
        }
        let likely: String = text.chars().map(|c| if c == ' ' { '-' } else { c }).collect();
        let next = if likely != text && likely.len() <= 64 && is_name(&likely) {
            format!("Write `{likely}`.")
        } else {
            "Write a name such as `release-pipeline`.".to_owned()
        };
        let expected = "2 to 64 letters, digits and characters of `_+=,.@-`";
        Err(Violation::new(RuleId::OWN032, quoted(text), expected, next).into())
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(RoleArn, SessionName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_name_their_account() {
        for good in [
            "arn:aws:iam::123456789012:role/deployer",
            "arn:aws:iam::123456789012:role/ci/eu/deployer",
            "arn:aws-us-gov:iam::123456789012:role/a_b+c=d,e.f@g-h",
        ] {
            let role: RoleArn = good.parse().unwrap();
            assert_eq!(role.to_string(), good);
            assert_eq!(role.account().to_string(), "123456789012");
        }
    }

    #[test]
    fn what_is_no_role_is_refused() {
        for bad in [
            "",
            "deployer",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role//x",
            "arn:aws:iam::123456789012:role/x/",
            "arn:aws:iam::12345:role/x",
            "arn:aws:iam:eu-west-1:123456789012:role/x",
            "arn:aws:iam::123456789012:user/x",
            "arn:gcp:iam::123456789012:role/x",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/x:y",
        ] {
            assert!(bad.parse::<RoleArn>().unwrap_err().breaks(RuleId::OWN031), "{bad}");
        }
        let long = format!("arn:aws:iam::123456789012:role/{}", "x".repeat(65));
        assert!(long.parse::<RoleArn>().is_err());
    }

    #[test]
    fn a_session_is_told_from_its_role() {
        let session = "arn:aws:sts::123456789012:assumed-role/deployer/ada";
        let told = session.parse::<RoleArn>().unwrap_err().to_string();
        assert!(told.contains("a session of a role"), "{told}");
    }

    #[test]
    fn session_names_have_few_characters() {
        assert_eq!("ab".parse::<SessionName>().unwrap().as_str(), "ab");
        for bad in ["", "a", "a/b", "ä-b", &"x".repeat(65)] {
            assert!(bad.parse::<SessionName>().unwrap_err().breaks(RuleId::OWN032), "{bad}");
        }
        let told = "my session".parse::<SessionName>().unwrap_err().to_string();
        assert!(told.contains("Write `my-session`."), "{told}");
    }
}
