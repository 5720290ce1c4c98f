//! Somebody else at the same service, and an ECS that does not answer: what others did stays, and what
//! nobody can tell is not guessed.

use pipeline_acceptance::ecs::{Act, Course, Fault, Script};

use crate::case::{Around, Back, Case, Ends, NEW};

const LOOK: &str = "DescribeServices";
const UPDATE: &str = "UpdateService";
const REGISTER: &str = "RegisterTaskDefinition";

/// What somebody else deploys.
const OTHER: &str = "web:other";

fn replaced(name: &'static str, script: Script) -> Case {
    Case::new(name, script, Ends::Replaced).runs(OTHER)
}

pub(crate) fn cases() -> Vec<Case> {
    [meanwhile(), on_the_way_back(), silence()].into_iter().flatten().collect()
}

/// While our rollout is under way.
fn meanwhile() -> Vec<Case> {
    let slow = || Script::new().course(NEW, Course::Slow(20));
    let deploys = Act::SomebodyDeploys(OTHER);
    vec![
        replaced("somebody deploys while it rolls", slow().at(LOOK, 5, deploys.clone()))
            .says("user/mallory")
            .updates(1),
        replaced(
            "somebody deploys before it is asked",
            Script::new().at(REGISTER, 1, deploys.clone()),
        )
        .says("was there first")
        .updates(0),
        replaced("somebody deploys before it is looked at again", {
            Script::new().at(LOOK, 5, deploys.clone())
        })
        .updates(1),
        replaced(
            "somebody deploys during the health check",
            Script::new().at(LOOK, 6, deploys.clone()),
        )
        .around(Around::Healthy)
        .updates(1),
        replaced("somebody deploys while looks fail", {
            slow().at(LOOK, 5, deploys.clone()).fault(LOOK, 4..=9, Fault::Error500)
        }),
        replaced("the reply is lost, and somebody deploys", {
            Script::new().fault(UPDATE, 1..=1, Fault::LosesReply).at(LOOK, 3, deploys.clone())
        })
        .updates(1),
        replaced("somebody starts our revision anew", slow().at(LOOK, 5, Act::SomebodyForces))
            .runs(NEW),
        replaced("somebody runs the old revision again", slow().at(LOOK, 5, Act::SomebodyRuns(1)))
            .runs("web:1.0")
            .says("web:1"),
        replaced("the service is deleted while it rolls", slow().at(LOOK, 5, Act::Delete))
            .runs(NEW),
        replaced("the deployment is not there any more", slow().at(LOOK, 5, Act::Vanish))
            .runs("web:1.0")
            .says("not there any more"),
        replaced(
            "somebody deploys at a service with a breaker",
            slow().breaker(true).at(LOOK, 5, deploys),
        ),
    ]
}

/// While something is put back.
fn on_the_way_back() -> Vec<Case> {
    let deploys = Act::SomebodyDeploys(OTHER);
    let broken = || Script::new().course(NEW, Course::CrashLoop);
    let failed =
        |name, script| Case::new(name, script, Ends::Failed).back(Back::Replaced).runs(OTHER);
    vec![
        failed("somebody deploys after the breaker tripped", {
            broken().breaker(false).at(LOOK, 6, deploys.clone())
        })
        .updates(1),
        failed("somebody deploys while it is put back", {
            broken().breaker(false).at(LOOK, 9, deploys.clone())
        }),
        Case::new(
            "somebody deploys while ECS rolls back",
            broken().breaker(true).at(LOOK, 8, deploys.clone()),
            Ends::RollingBack,
        )
        .back(Back::Replaced)
        .runs(OTHER)
        .updates(1),
        failed("somebody deploys before a sick one is put back", {
            Script::new().at(LOOK, 6, deploys)
        })
        .around(Around::Unhealthy)
        .updates(1),
        Case::new(
            "somebody puts the old revision back before us",
            broken().breaker(false).at(LOOK, 6, Act::SomebodyRuns(1)),
            Ends::Failed,
        )
        .back(Back::Done)
        .updates(1),
        Case::new(
            "the service is deleted before it is put back",
            broken().breaker(false).at(LOOK, 6, Act::Delete),
            Ends::Failed,
        )
        .back(Back::Replaced)
        .runs(NEW),
    ]
}

/// ECS does not answer any more.
fn silence() -> Vec<Case> {
    let short = Case::short;
    let unknown = |name, script| short(Case::new(name, script, Ends::Unknown).runs(NEW));
    let silent = |from: u32, fault| Script::new().fault(LOOK, from..=9999, fault);
    vec![
        Case::new(
            "somebody stops the rollout, and ECS leaves all as it is",
            stopped(false),
            Ends::Failed,
        )
        .back(Back::Done)
        .says("its record says STOPPED at stage SCALE_UP"),
        Case::new(
            "somebody stops the rollout, and ECS goes back",
            stopped(true),
            Ends::RollingBack,
        )
        .back(Back::Done)
        .says("ROLLBACK_IN_PROGRESS"),
        Case::new(
            "the service names the revision, and no deployment of it comes",
            Script::new().fault("UpdateService", 1..=1, Fault::Unseen),
            Ends::Unknown,
        )
        .says("names revision web:2")
        .updates(1),
        unknown("ECS answers 503 from the update on", silent(3, Fault::Error503)),
        unknown("ECS cuts every call off from the update on", silent(3, Fault::Reset)),
        unknown("ECS never answers again", silent(3, Fault::Hangs)),
        unknown("looks are throttled for ever", silent(3, Fault::Throttled)),
        unknown("the token expires for good", silent(3, Fault::Expired))
            .says("ExpiredTokenException"),
        unknown("looking is denied from the update on", silent(3, Fault::Denied)),
        unknown("the reply is lost, and ECS never answers again", {
            silent(3, Fault::Error500).fault(UPDATE, 1..=1, Fault::LosesReply)
        }),
        unknown("ECS is away when it is looked at again", silent(5, Fault::Error500)),
        unknown("ECS is away after the health check", silent(6, Fault::Error500))
            .around(Around::Healthy),
        short(
            Case::new(
                "ECS is away when it should put back",
                silent(6, Fault::Error500),
                Ends::Failed,
            )
            .around(Around::Unhealthy)
            .back(Back::Unknown)
            .runs(NEW),
        ),
        short(
            Case::new(
                "ECS is away after it was put back",
                silent(8, Fault::Error500),
                Ends::Failed,
            )
            .around(Around::Unhealthy)
            .back(Back::Unknown)
            .runs("web:1.0"),
        ),
    ]
}

/// Somebody stops a rollout that takes long, of which ECS keeps a record.
fn stopped(goes_back: bool) -> Script {
    Script::new().course(NEW, Course::Slow(500)).keeps_records().at(
        LOOK,
        6,
        Act::Stop { goes_back },
    )
}
