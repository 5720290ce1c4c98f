//! Cases of what is said of AWS: regions, roles and their sessions.

use pipeline_core::model::{KnownRegions, RoleArn, SessionName};

use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("OWN030", || region("eu-west-1"), || region("eu-wset-1")),
    case(
        "OWN031",
        || read::<RoleArn>("arn:aws:iam::123456789012:role/ci/deployer"),
        || read::<RoleArn>("deployer"),
    ),
    case("OWN032", || read::<SessionName>("release-pipeline"), || read::<SessionName>("x")),
];

fn region(text: &str) -> Found {
    found(KnownRegions::default().aws_used(text))
}
