//! Cases of what is said of AWS: regions, roles and their sessions.

use pipeline_core::environment::account::{check_account, check_region};
use pipeline_core::environment::region::Region;
use pipeline_core::stack::StackName;
use pipeline_core::{Environment, KnownRegions, RoleArn, SessionName};

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
    case("ENV026", || used(None, "us-east-1"), || used(None, "eu-west-1")),
    case("ENV026", || used(Some("ap-east"), "ap-east-1"), || used(Some("ap-east"), "us-east-1")),
    case("OWN032", || read::<SessionName>("release-pipeline"), || read::<SessionName>("x")),
];

fn region(text: &str) -> Found {
    found(KnownRegions::default().aws_used(text))
}

fn account(credentials: &str) -> Found {
    let account = "123456789012".parse().unwrap();
    check_account("production", Some(&account), &credentials.parse().unwrap()).into_iter().collect()
}

/// An environment in `us-east-1` whose region `ap-east` is `ap-east-1`, deployed to by way of `used`.
fn used(region: Option<&str>, used: &str) -> Found {
    let mappings = [("aws".to_owned(), "ap-east-1".to_owned())].into();
    let mut parts = Environment::by_convention("staging".parse().unwrap()).into_parts();
    parts.aws_region = Some("us-east-1".parse().unwrap());
    parts.regions =
        vec![Region::read("ap-east", "environments/staging/regions/ap-east", mappings).unwrap()];
    let region = region.map(|name| name.parse().unwrap());
    check_region(&Environment::new(parts).unwrap(), region.as_ref(), used).into_iter().collect()
}
