//! Cases of going back: the target of a rollback, and versions that were taken back.

use std::collections::BTreeMap;

use pipeline_core::rollback::{Current, RollbackFacts, check, held};
use pipeline_core::rollback::{RejectedVersion, RollbackTargetParts};
use pipeline_core::tag::releases::Releases;
use pipeline_core::{Deployment, EnvironmentName, SelectionCriteria, State, TagGrammar, Version};

use pipeline_core::deployment::again::{again, nowhere, unmigrated};
use pipeline_core::deployment::{CommandRollout, HealthTerms, MigrationsRun, Scope};

use super::samples::{COMMIT, id, running, time};
use super::{Case, Found, case, found};

pub(crate) const CASES: &[Case] = &[
    case("RBK001", || target(|_| ()), || target(|it| it.target_version = version("api/v1.3.0"))),
    case("RBK001", || target(|_| ()), || target(|it| it.current_version = version("web/v9.0.0"))),
    case(
        "RBK002",
        || target(|it| it.target_states = [State::Unstable].into()),
        || target(|it| it.target_states = [State::Deprecated, State::Stable].into()),
    ),
    case("RBK003", || judged("api/v1.1.0", relaxed), || judged("api/v1.2.0", relaxed)),
    case("RBK004", || target(|_| ()), || target(|it| it.candidate_versions.truncate(1))),
    case("RBK005", || target(|_| ()), || target(|it| reject(it, "api/v1.2.0", "deprecated"))),
    case(
        "RBK005",
        || target(|it| reject(it, "api/v1.0.9", "deprecated")),
        || target(|it| reject(it, "api/v1.0.9", " ")),
    ),
    case(
        "RBK006",
        || judged("api/v1.1.0", |_| ()),
        || judged("api/v1.1.0", |it| it.candidate_versions.push(version("api/v1.1.5"))),
    ),
    case("RBK007", || judged("api/v1.1.0", |_| ()), || judged("api/v1.2.0", |_| ())),
    case("RBK007", || judged("api/v1.1.0", |_| ()), || judged("api/v1.1.0", with_deprecated)),
    case(
        "RBK007",
        || judged("api/v1.1.0", relaxed),
        || judged("api/v1.1.0", |it| it.selection_criteria.exclude_unstable = true),
    ),
    case("OWN040", || held_after(false, None), || held_after(true, None)),
    case("OWN040", || held_after(true, Some("abc123")), || held_after(true, Some("zzz999"))),
    case("OWN057", || by_records(|_| ()), || by_records(by_command)),
    case("OWN057", || by_records(|it| checked(it, false)), || by_records(|it| checked(it, true))),
    case("OWN057", || by_records(|_| ()), || by_records(|it| it.health_check_url = url())),
    case("OWN057", || unmigrated_by(&[]), || unmigrated_by(&["0001_orders", "0002_index"])),
    case("OWN057", Vec::new, || vec![nowhere(&staging())]),
];

/// What records say of a deployment to where this one went.
fn by_records(change: impl FnOnce(&mut Deployment)) -> Found {
    let mut place = running();
    change(&mut place);
    again(&place, &running()).err().into_iter().flatten().collect()
}

fn by_command(place: &mut Deployment) {
    let program = "deploy.sh".to_owned();
    place.rollout = Some(CommandRollout { program, begun: true, restored: false }.into());
}

fn url() -> Option<pipeline_core::HealthCheckUrl> {
    Some("https://api.example.com/health".parse().unwrap())
}

fn checked(place: &mut Deployment, url_is_cut: bool) {
    place.health_check_url = url();
    place.health_check_terms = Some(HealthTerms {
        expected_status: 200,
        expected_body: Some("^ok$".parse().unwrap()),
        interval_ms: 2_000,
        retries: None,
        attempt_timeout_ms: 5_000,
        timeout_ms: 60_000,
        url_is_cut,
    });
}

fn unmigrated_by(names: &[&str]) -> Found {
    let names = names.iter().map(|&name| name.to_owned()).collect();
    let migrated = Deployment { migrations: MigrationsRun::begun(names), ..running() };
    unmigrated(&running(), &migrated).into_iter().collect()
}

fn staging() -> Scope {
    let (environment, region) = ("staging".parse().unwrap(), None);
    Scope { environment, sub_project_path: "api".parse().unwrap(), region }
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

/// Back from 1.3.0 to 1.2.0, which is unstable; 1.1.0 is stable.
fn parts() -> RollbackTargetParts {
    RollbackTargetParts {
        current_version: version("api/v1.3.0"),
        target_version: version("api/v1.2.0"),
        target_states: [State::Unstable].into(),
        environment: "production".parse().unwrap(),
        selection_criteria: SelectionCriteria::default(),
        candidate_versions: vec![version("api/v1.1.0"), version("api/v1.2.0")],
        rejected_versions: Vec::new(),
    }
}

fn target(change: fn(&mut RollbackTargetParts)) -> Found {
    let mut parts = parts();
    change(&mut parts);
    found(parts.check())
}

fn reject(parts: &mut RollbackTargetParts, rejected: &str, reason: &str) {
    let rejected = RejectedVersion { version: version(rejected), reason: reason.to_owned() };
    parts.rejected_versions.push(rejected);
}

fn relaxed(parts: &mut RollbackTargetParts) {
    parts.selection_criteria.prioritize_stable = false;
}

fn with_deprecated(parts: &mut RollbackTargetParts) {
    parts.candidate_versions.push(version("api/v1.0.0"));
}

/// What is wrong with going back to this version, given tags and deployments.
fn judged(text: &str, change: fn(&mut RollbackTargetParts)) -> Found {
    let mut parts = parts();
    parts.target_version = version(text);
    change(&mut parts);
    let target = parts.check().unwrap();
    let tags = [
        "api/v1.0.0",
        "api/v1.0.0-deprecated",
        "api/v1.1.0",
        "api/v1.1.0-stable",
        "api/v1.1.5",
        "api/v1.2.0",
        "api/v1.2.0-unstable",
        "api/v1.3.0",
    ];
    let releases = Releases::read(&TagGrammar::default(), tags.map(|name| (name, COMMIT)));
    let records = ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0", "api/v1.3.0"].map(|text| {
        let done = running().succeed(time(70)).unwrap();
        Deployment { version: version(text), ..done }
    });
    let environment: EnvironmentName = "production".parse().unwrap();
    let current = version("api/v1.3.0");
    let facts = RollbackFacts {
        environment: &environment,
        project: current.sub_project_path(),
        current: Current::Version(&current),
        releases: &releases,
        records: &records,
        revision_active: &BTreeMap::new(),
    };
    check(&target, &facts)
}

/// What keeps `api/v1.2.3` away after its deployment succeeded and perhaps was taken back.
fn held_after(taken_back: bool, named: Option<&str>) -> Found {
    let done = running().succeed(time(70)).unwrap();
    let record = if taken_back { done.roll_back(time(99), None).unwrap() } else { done };
    let named = named.map(id);
    held(&record.version, COMMIT, [&record], named.as_ref()).into_iter().collect()
}
