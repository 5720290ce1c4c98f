//! Cases of policies: freezes, the order of environments, soak.

use pipeline_core::deployment::rules::{DeploymentFacts, Moment};
use pipeline_core::deployment::{History, Origin, Running};
use pipeline_core::policy::{
    After, AfterParts, CivilTime, ClockTime, Condition, Freeze, FreezeName, FreezeParts,
    FreezeWindow, Match, Order, OrderSurvey, Predecessor, Soak, WindowParts, Zone, circular,
};
use pipeline_core::{Deployment, Environment, EnvironmentName, EnvironmentParts, Version};

use super::deployments::{check, plan};
use super::samples::{COMMIT, OTHER, actor, parts, running, time};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("POL003", || at_time(4000), || at_time(100)),
    case("POL003", || weekly("09:00", "10:00"), || weekly("22:00", "11:00")),
    case("POL003", || of_days(&["fri"], "14:00", "24:00"), || of_days(&[], "14:00", "24:00")),
    case("POL003", || of_days(&["fri"], "22:00", "06:00"), || of_days(&["fri"], "06:00", "06:00")),
    case("POL003", || of_days(&["fri"], "00:00", "24:00"), || of_days(&["fri"], "24:00", "06:00")),
    case(
        "POL003",
        || of_days(&["fri"], "00:00", "24:00"),
        || of_days(&["fri", "fri"], "00:00", "24:00"),
    ),
    case("POL003", || once("2026-12-20T24:00"), || once("2026-12-20T08:00")),
    case("POL003", || many(32), || many(33)),
    case("POL003", || read::<Zone>("Europe/Berlin"), || read::<Zone>("europe/berlin")),
    case("POL003", || read::<Zone>("UTC"), || read::<Zone>("CEST")),
    case("POL003", || read::<ClockTime>("24:00"), || read::<ClockTime>("24:01")),
    case(
        "POL003",
        || read::<CivilTime>("2028-02-29T00:00"),
        || read::<CivilTime>("2026-02-29T00:00"),
    ),
    case("POL003", || read::<FreezeName>("Year end"), || read::<FreezeName>(" ")),
    case("POL004", || ordered(|_| ()), || ordered(|it| it.records.clear())),
    case("POL004", || ordered(|_| ()), || ordered(|it| it.condition = Condition::Running)),
    case(
        "POL004",
        || ordered(|it| it.also = Some(Match::Any)),
        || ordered(|it| it.also = Some(Match::All)),
    ),
    case("POL004", || ordered(|_| ()), || ordered(|it| it.is_registered = false)),
    case("POL004", || after(&["dev", "qa"]), || after(&["dev", "qa", "dev"])),
    case("POL004", || after(&["dev"]), || after(&[])),
    case("POL005", || ordered(|it| it.soak = Some("70s")), || ordered(|it| it.soak = Some("90s"))),
    case("POL005", || ran_once("20s"), || ran_once("30s")),
    case("POL005", || changed(|_| ()), || changed(|it| it.soak = Some("1h".parse().unwrap()))),
    case("POL005", || read::<Soak>("1d12h"), || read::<Soak>("1.5d")),
    case("POL006", || circle("dev"), || circle("staging")),
    case(
        "POL006",
        || changed(|it| it.after = Some(comes_after(&["dev"]).unwrap())),
        || changed(|it| it.after = Some(comes_after(&["dev", "staging"]).unwrap())),
    ),
];

/// Staging as it is, but for this; or what is wrong with it.
fn staging(change: impl FnOnce(&mut EnvironmentParts)) -> Result<Environment, Found> {
    let mut staging = EnvironmentParts {
        name: "staging".parse().unwrap(),
        regions: Vec::new(),
        approval: pipeline_core::ApprovalPolicy::none(),
        is_production: false,
        ..parts()
    };
    change(&mut staging);
    Environment::new(staging).map_err(|faults| faults.into_iter().collect())
}

fn changed(change: impl FnOnce(&mut EnvironmentParts)) -> Found {
    staging(change).err().unwrap_or_default()
}

/// What speaks against `api/v1.2.3` to staging at this second.
fn deployed(staging: &Environment, order: &OrderSurvey, seconds: i64) -> Found {
    let (version, by): (Version, _) = ("api/v1.2.3".parse().unwrap(), actor("ada"));
    let history = History::default();
    let mut facts = DeploymentFacts::of_nothing(&history, time(seconds));
    facts.version_tag = Some(COMMIT);
    facts.environment = Some(staging);
    facts.order = order.facts();
    check(&plan(&version, &staging.name, &by), &facts, Moment::Claim)
}

/// In or after a freeze that is over at 09:00.
fn at_time(seconds: i64) -> Found {
    let freeze = freeze("2025-10-09T08:00", "2025-10-09T09:00").unwrap();
    let staging = staging(|it| it.freezes = vec![freeze]).unwrap();
    deployed(&staging, &OrderSurvey::default(), seconds)
}

fn freeze(from: &str, to: &str) -> Result<Freeze, pipeline_core::Violations> {
    Freeze::new(FreezeParts {
        name: "Autumn".parse().unwrap(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        timezone: "UTC".parse().unwrap(),
    })
}

fn once(to: &str) -> Found {
    found(freeze("2026-12-20T18:00", to))
}

fn many(count: usize) -> Found {
    let freeze = freeze("2026-12-20T18:00", "2026-12-20T24:00").unwrap();
    changed(|it| it.freezes = vec![freeze; count])
}

fn window(days: &[&str], from: &str, to: &str) -> Result<FreezeWindow, pipeline_core::Violations> {
    FreezeWindow::new(WindowParts {
        name: "Nights".parse().unwrap(),
        days: days.iter().map(|day| day.parse().unwrap()).collect(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        timezone: "Europe/Berlin".parse().unwrap(),
    })
}

fn of_days(days: &[&str], from: &str, to: &str) -> Found {
    found(window(days, from, to))
}

/// Shortly before eleven of a Thursday in Berlin.
fn weekly(from: &str, to: &str) -> Found {
    let window = window(&["wed", "thu"], from, to).unwrap();
    let staging = staging(|it| it.freeze_windows = vec![window]).unwrap();
    deployed(&staging, &OrderSurvey::default(), 100)
}

/// What happened before, and what is asked of it.
struct Before {
    records: Vec<Deployment>,
    condition: Condition,
    is_registered: bool,
    soak: Option<&'static str>,
    also: Option<Match>,
}

/// Staging after dev, to which the version was deployed at 20; it is 100 now.
fn ordered(change: fn(&mut Before)) -> Found {
    let mut before = Before {
        records: vec![success(20, COMMIT)],
        condition: Condition::Succeeded,
        is_registered: true,
        soak: None,
        also: None,
    };
    change(&mut before);
    // Where it has to run, something else does by now.
    let (commit, runs) = match before.condition {
        Condition::Running => (OTHER, "api/v1.2.4"),
        Condition::Succeeded => (COMMIT, "api/v1.2.3"),
    };
    let origin = Origin::Tag;
    let runs = Running { commit, version: Some(runs.parse().unwrap()), origin };
    let mut names = vec!["dev"];
    names.extend(before.also.map(|_| "qa"));
    let after = After::new(AfterParts {
        environments: names.iter().map(|it| it.parse().unwrap()).collect(),
        r#match: before.also.unwrap_or(Match::All),
        condition: before.condition,
    });
    judged(after.unwrap(), before, runs)
}

fn judged(after: After, before: Before, runs: Running) -> Found {
    let history = History::new(before.records.into_iter().map(Into::into).collect());
    let name: EnvironmentName = if before.is_registered { "dev" } else { "den" }.parse().unwrap();
    let mut all = vec![Predecessor::made_up(name, history, Some(runs))];
    all.push(Predecessor::made_up("qa".parse().unwrap(), History::default(), None));
    let staging = staging(|it| {
        it.after = Some(after);
        it.soak = before.soak.map(|soak| soak.parse().unwrap());
    });
    deployed(&staging.unwrap(), &OrderSurvey::made_up(all, Order::new()), 100)
}

fn success(seconds: i64, commit_sha: pipeline_core::CommitSha) -> Deployment {
    let environment = "dev".parse().unwrap();
    Deployment { environment, commit_sha, ..running() }.succeed(time(seconds)).unwrap()
}

/// It ran from 20 to 45, when another one came.
fn ran_once(soak: &'static str) -> Found {
    let other = Deployment { version: "api/v1.2.4".parse().unwrap(), ..success(45, OTHER) };
    let other = Deployment { id: super::samples::id("zzz999"), ..other };
    let before = Before {
        records: vec![success(20, COMMIT), other],
        condition: Condition::Succeeded,
        is_registered: true,
        soak: Some(soak),
        also: None,
    };
    let version = Some("api/v1.2.4".parse().unwrap());
    let runs = Running { commit: OTHER, version, origin: Origin::Tag };
    judged(comes_after(&["dev"]).unwrap(), before, runs)
}

fn comes_after(names: &[&str]) -> Result<After, pipeline_core::Violations> {
    After::new(AfterParts {
        environments: names.iter().map(|it| it.parse().unwrap()).collect(),
        r#match: Match::All,
        condition: Condition::Succeeded,
    })
}

fn after(names: &[&str]) -> Found {
    found(comes_after(names))
}

/// Production after staging after dev, which comes after one of them or none.
fn circle(name: &str) -> Found {
    let names = |text: &str| vec![text.parse::<EnvironmentName>().unwrap()];
    let mut order: Order = [
        ("production".parse().unwrap(), names("staging")),
        ("staging".parse().unwrap(), names("dev")),
    ]
    .into();
    if name == "staging" {
        order.insert("dev".parse().unwrap(), names("production"));
    }
    circular(&name.parse().unwrap(), &order).into_iter().collect()
}
