//! What credentials have to be allowed to do so that a deployment can go through, and what is said where they are
//! not. Who asks IAM about it is elsewhere.
//!
//! `cdk deploy` does its work as the roles that `cdk bootstrap` left in the account. Where it may not assume them it
//! goes on with the credentials themselves, which then need CloudFormation.

use super::ConfiguredEnvironment;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};

/// The mark of a bootstrap that nobody gave another.
const QUALIFIER: &str = "hnb659fds";

/// The roles of a bootstrap that each deployment uses.
const ROLES: [&str; 2] = ["deploy-role", "file-publishing-role"];

/// What CloudFormation is asked for in a deployment without those roles.
const STACK: [&str; 6] = [
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
];

/// Actions on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The actions, such as `sts:AssumeRole`.
    pub actions: Vec<&'static str>,
    /// The ARN of the resource.
    pub resource: String,
}

/// The roles that a deployment to this environment assumes; `partition` is that of AWS, such as `aws`.
#[must_use]
pub fn roles(partition: &str, environment: &ConfiguredEnvironment) -> Vec<Need> {
    let ConfiguredEnvironment { account, region, .. } = environment;
    let role = |role: &str| Need {
        actions: vec!["sts:AssumeRole"],
        resource: format!(
            "arn:{partition}:iam::{account}:role/cdk-{QUALIFIER}-{role}-{account}-{region}"
        ),
    };
    ROLES.map(role).to_vec()
}

/// What the credentials need themselves where they may not assume those roles.
#[must_use]
pub fn stacks(partition: &str, environment: &ConfiguredEnvironment) -> Vec<Need> {
    let ConfiguredEnvironment { account, region, .. } = environment;
    let of_stack = |name: &str| Need {
        actions: STACK.to_vec(),
        resource: format!("arn:{partition}:cloudformation:{region}:{account}:stack/{name}/*"),
    };
    environment.stacks.iter().map(|stack| of_stack(stack.name())).collect()
}

/// CFG006: neither the roles may be assumed nor the stacks touched. Both are what IAM refuses.
#[must_use]
pub fn check(
    environment: &ConfiguredEnvironment,
    principal: &str,
    roles: &[Need],
    stacks: &[Need],
) -> Option<Violation> {
    let (role, stack) = (roles.first()?, stacks.first()?);
    let actions = stack.actions.join("`, `");
    let found = format!(
        "{}, whom IAM allows neither `sts:AssumeRole` on {} nor `{actions}` on {}",
        quoted(principal),
        quoted(&role.resource),
        quoted(&stack.resource)
    );
    let name = quoted(environment.name.as_str());
    let expected = format!("credentials that may deploy to {name}");
    let next = "Allow `sts:AssumeRole` on the roles that `cdk bootstrap` made in that account.";
    Some(Violation::new(RuleId::CFG006, found, expected, next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KnownRegions;
    use crate::configuration::read;

    fn environment() -> ConfiguredEnvironment {
        let text = "version: \"1.0\"\nbuild: {commands: [make]}\nenvironments: [{name: dev, region: us-east-1, \
                    account: \"123456789012\", stacks: [{name: App, path: a.ts}, {name: Db, path: b.ts}]}]\n";
        let read = read(text, &KnownRegions::default());
        read.configuration.unwrap().environments.remove(0)
    }

    #[test]
    fn a_deployment_assumes_the_roles_of_its_account_and_region() {
        let needs = roles("aws-cn", &environment());
        let expected =
            "arn:aws-cn:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-us-east-1";
        assert_eq!(needs[0].resource, expected);
        assert_eq!(needs.len(), 2);
        let stacks = stacks("aws", &environment());
        assert_eq!(stacks[1].resource, "arn:aws:cloudformation:us-east-1:123456789012:stack/Db/*");
    }

    #[test]
    fn one_of_the_two_ways_is_enough() {
        let (environment, one) = (environment(), "arn:aws:iam::123456789012:user/ada");
        let (roles, stacks) = (roles("aws", &environment), stacks("aws", &environment));
        assert_eq!(check(&environment, one, &[], &stacks), None);
        assert_eq!(check(&environment, one, &roles, &[]), None);
        let told = check(&environment, one, &roles[1..], &stacks).unwrap();
        assert!(told.is_warning());
        let told = told.to_string();
        for part in ["CFG006", "file-publishing-role", "stack/App/*", "user/ada", "`dev`"] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
