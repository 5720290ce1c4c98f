//! Cases of what is said of AWS: regions, roles and their sessions.

use pipeline_core::environment::account::check_account;
use pipeline_core::stack::StackName;
use pipeline_core::{KnownRegions, RoleArn, SessionName};

use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("CFG005", || account("123456789012"), || account("210987654321")),
    case("OWN030", || region("eu-west-1"), || region("eu-wset-1")),
    case(
        "OWN031",
        || read::<RoleArn>("arn:aws:iam::123456789012:role/ci/deployer"),
        || read::<RoleArn>("deployer"),
    ),
    case("OWN035", || read::<StackName>("App-2"), || read::<StackName>("my_app")),
    case("OWN032", || read::<SessionName>("release-pipeline"), || read::<SessionName>("x")),
];

fn region(text: &str) -> Found {
    found(KnownRegions::default().aws_used(text))
}

fn account(credentials: &str) -> Found {
    let (environment, account) = ("production".parse().unwrap(), "123456789012".parse().unwrap());
    check_account(&environment, Some(&account), &credentials.parse().unwrap()).into_iter().collect()
}
