//! Which AWS account may be touched, and in which of its regions.

use crate::AccountId;
use crate::base::name::RegionName;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};
use crate::environment::Environment;

/// CFG005: the credentials belong to another account than the environment. An environment without an
/// account takes any.
#[must_use]
pub fn check_account(
    environment: &str,
    account: Option<&AccountId>,
    credentials: &AccountId,
) -> Option<Violation> {
    let expected = account.filter(|account| *account != credentials)?;
    Some(Violation::new(
        RuleId::CFG005,
        format!("AWS credentials of account `{credentials}`"),
        format!(
            "credentials of account `{expected}`, which is the account of {}",
            quoted(environment)
        ),
        format!("Log in to account `{expected}`, or assume a role in it."),
    ))
}

/// ENV026: AWS is asked in another region than the one that the environment says. That is what the
/// environment's region `region` is called in AWS, for a deployment to one, else `aws_region`. Where the
/// environment says neither, any region does.
#[must_use]
pub fn check_region(
    environment: &Environment,
    region: Option<&RegionName>,
    used: &str,
) -> Option<Violation> {
    let mapped = region.and_then(|name| environment.region(name)?.cloud_mappings.get("aws"));
    let (expected, why) = match (mapped, &environment.aws_region) {
        (Some(mapped), _) => (mapped, "`cloud_mappings` of that region"),
        (None, Some(own)) => (own.as_str(), "`aws_region`"),
        (None, None) => return None,
    };
    (expected != used).then(|| {
        Violation::new(
            RuleId::ENV026,
            format!("AWS region {}", quoted(used)),
            format!("{}, by {why} of {}", quoted(expected), quoted(environment.name.as_str())),
            format!("Deploy there by AWS region `{expected}`."),
        )
    })
}
