//! Cases of versions, constraints and bumps.

use pipeline_core::tag::rules::check_version_change;
use pipeline_core::{Bump, SubProjectPath, Version, VersionConstraint, VersionParts};

use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("VER001", || read::<Version>("v1.2.3-rc.1"), || read::<Version>("1.2.3")),
    case("VER001", || read::<Version>("v0.0.0"), || read::<Version>("v1.2.3-rc_1")),
    case("VER002", || read::<SubProjectPath>("services/api"), || read::<Version>("/api/v1.2.3")),
    case("VER002", || read::<Version>("api/v1.2.3"), || read::<SubProjectPath>("api/.git")),
    case("VER003", || read::<Version>("v18446744073709551615.0.0"), || read::<Version>("v01.2.3")),
    case(
        "VER003",
        || read::<Version>("v10.20.30"),
        || read::<Version>("v18446744073709551616.0.0"),
    ),
    case("VER004", || read::<Version>("v1.2.3-alpha.1.x-y"), || read::<Version>("v1.2.3-rc..1")),
    case("VER004", || read::<Version>("v1.2.3-0"), || read::<Version>("v1.2.3-rc.01")),
    case("VER005", || parts("api/v1.2.3"), || parts("v1.2.3")),
    case("VER006", || change("v1.2.3", "v1.2.4", true), || change("v1.2.3", "v1.2.4", false)),
    case("VER006", || change("v1.2.3", "v1.2.3", false), || change("v1.2.3", "api/v1.2.3", false)),
    case("VER007", || read::<Version>("v1.2.3-rc.1"), || read::<Version>("v1.2.3+build.5")),
    case(
        "OWN001",
        || read::<VersionConstraint>(">= 1.2, < 2, != 1.3.1"),
        || read::<VersionConstraint>("^1.2"),
    ),
    case("OWN005", || read::<Bump>("minor"), || read::<Bump>("smallest")),
];

fn parts(full_version: &str) -> Found {
    let version: Version = "api/v1.2.3".parse().unwrap();
    let parts = VersionParts { full_version: full_version.into(), ..VersionParts::from(&version) };
    found(Version::try_from(parts))
}

fn change(prior: &str, planned: &str, replaces: bool) -> Found {
    let (prior, planned) = (prior.parse().unwrap(), planned.parse().unwrap());
    check_version_change(&prior, &planned, replaces).into_iter().collect()
}
