//! Cases of what holds everywhere: times, IDs, URLs, words, names and refs.

use pipeline_core::deployment::dialect::Dialect;
use pipeline_core::settings::rules::check as check_settings;
use pipeline_core::{
    Actor, EntityId, EnvironmentName, HttpUrl, Machine, RefName, Status, TagGrammar, TagType,
    Timestamp,
};

use super::{Case, Found, case, read};

pub(crate) const CASES: &[Case] = &[
    case(
        "GLB001",
        || read::<Timestamp>("2025-11-21T10:30:00Z"),
        || read::<Timestamp>("2025-11-21T12:30:00+02:00"),
    ),
    case(
        "GLB001",
        || read::<Timestamp>("2025-11-21T10:30:00+00:00"),
        || read::<Timestamp>("2025-11-21T10:30:00"),
    ),
    case(
        "GLB002",
        || read::<EntityId>("a1b2c3d4-e5f6-7890-abcd-ef1234567890"),
        || read::<EntityId>("42"),
    ),
    case("GLB002", || read::<EntityId>("arn:aws:s3:::bucket"), || read::<EntityId>("arn:aws")),
    case(
        "GLB003",
        || read::<HttpUrl>("https://example.com/up?deep=1"),
        || read::<HttpUrl>("ftp://example.com"),
    ),
    case("GLB004", || read::<Status>("in_progress"), || read::<Status>("in-progress")),
    case("GLB004", || read::<TagType>("state"), || read::<TagType>("branch")),
    case("GLB004", || read::<Dialect>("002"), || read::<Dialect>("005")),
    case("GLB004", || status("run", "cancelled"), || status("run", "canceled")),
    case("OWN003", || read::<Actor>("github-actions[bot]"), || read::<Actor>(" ")),
    case("OWN043", || agreed(&[]), || agreed(&["qa"])),
    case("OWN004", || read::<RefName>("refs/tags/v1.2.3"), || read::<RefName>("v1.2.3")),
];

/// A configuration that names more environments than the one that registered its settings.
fn agreed(more: &[&str]) -> Found {
    let registered = TagGrammar::default();
    let mut own = registered.clone();
    own.environment_names.extend(more.iter().map(|name| name.parse::<EnvironmentName>().unwrap()));
    check_settings(&(&registered).into(), &(&own).into())
}

fn status(entity: &str, word: &str) -> Found {
    Machine::by_name(entity).unwrap().status(word).err().into_iter().collect()
}
