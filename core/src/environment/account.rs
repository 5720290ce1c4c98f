//! Which AWS account may be touched.

use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};
use crate::{AccountId, EnvironmentName};

/// CFG005: the credentials belong to another account than the environment. An environment without an
/// account takes any.
#[must_use]
pub fn check_account(
    environment: &EnvironmentName,
    account: Option<&AccountId>,
    credentials: &AccountId,
) -> Option<Violation> {
    let expected = account.filter(|account| *account != credentials)?;
    Some(Violation::new(
        RuleId::CFG005,
        format!("AWS credentials of account `{credentials}`"),
        format!(
            "credentials of account `{expected}`, which is the account of {}",
            quoted(environment.as_str())
        ),
        format!("Log in to account `{expected}`, or assume a role in it."),
    ))
}
