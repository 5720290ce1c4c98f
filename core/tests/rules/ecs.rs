//! Cases of deployments to Amazon ECS: what is written in the configuration, and what a plan finds.

use std::collections::BTreeMap;
use std::time::Duration;

use pipeline_core::deployment::ecs::rules::{Candidate, EcsFacts, EcsPlan, ServiceFacts, check};
use pipeline_core::{ContainerVariables, EcsName, EcsReference, ImageReference};

use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("OWN010", || service(|_| ()), || asked(&EcsFacts::NoCluster(names(&["mian"])))),
    case("OWN010", || service(|_| ()), || asked(&EcsFacts::NoCluster(Vec::new()))),
    case("OWN011", || service(|_| ()), || asked(&EcsFacts::NoService(names(&["wbe", "db"])))),
    case("OWN011", || service(|_| ()), || service(|it| it.status = "DRAINING".into())),
    case("OWN012", || service(|_| ()), || service(|it| it.containers = names(&["proxy"]))),
    case("OWN013", || service(|_| ()), || service(|it| it.controller = "CODE_DEPLOY".into())),
    case("OWN013", || service(|_| ()), || service(|it| it.controller = "EXTERNAL".into())),
    case("OWN014", || service(|it| it.desired = 1), || service(|it| it.desired = 0)),
    case(
        "OWN015",
        || service(|it| it.before = Some(revision(7, true))),
        || service(|it| it.before = Some(revision(7, false))),
    ),
    case(
        "OWN015",
        || {
            service(|it| {
                it.before = Some(revision(7, false));
                it.good = Some(revision(5, true));
            })
        },
        || service(|it| it.good = Some(revision(5, false))),
    ),
    case(
        "OWN037",
        || service(|it| it.bakes = minutes(19)),
        || service(|it| it.bakes = minutes(1440)),
    ),
    case(
        "OWN016",
        || read::<ImageReference>("registry.example.org:5000/team/api:1.2.3"),
        || read::<ImageReference>("registry.example.org:5000/team/api"),
    ),
    case("OWN016", || read::<ImageReference>("api:1"), || read::<ImageReference>("https://api:1")),
    case("OWN017", || read::<EcsName>("web_2-a"), || read::<EcsName>("web 2")),
    case("OWN017", || read::<EcsReference>("web"), || read::<EcsReference>("arn:aws:s3:::web")),
    case("OWN017", || variables("LOG_LEVEL", "TOKEN"), || variables("LOG LEVEL", "TOKEN")),
    case("OWN018", || variables("LEVEL", "TOKEN"), || variables("TOKEN", "TOKEN")),
    case("OWN019", || secret("/api/production/token"), || secret("hunter2")),
];

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn names(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn revision(number: u32, is_active: bool) -> Candidate {
    let revision = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}");
    Candidate { revision, image: Some(format!("web:1.{number}.0")), is_active }
}

fn asked(facts: &EcsFacts) -> Found {
    let timeout = Duration::from_secs(20 * 60);
    check(&EcsPlan { cluster: "main", service: "web", container: "app", timeout }, facts)
}

/// A service that can be deployed to, as changed.
fn service(change: fn(&mut ServiceFacts)) -> Found {
    let mut facts = ServiceFacts {
        status: "ACTIVE".to_owned(),
        controller: "ECS".to_owned(),
        desired: 2,
        bakes: Duration::ZERO,
        containers: names(&["proxy", "app"]),
        before: None,
        good: None,
    };
    change(&mut facts);
    asked(&EcsFacts::Service(facts))
}

fn variables(plain: &str, secret: &str) -> Found {
    let environment = BTreeMap::from([(plain.to_owned(), "debug".to_owned())]);
    let secrets = BTreeMap::from([(secret.to_owned(), "/api/token".to_owned())]);
    found(ContainerVariables::new(environment, secrets))
}

fn secret(place: &str) -> Found {
    let secrets = BTreeMap::from([("TOKEN".to_owned(), place.to_owned())]);
    found(ContainerVariables::new(BTreeMap::new(), secrets))
}
