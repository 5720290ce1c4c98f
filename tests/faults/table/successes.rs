//! Deployments that come out, whatever happens on the way: none may be called a failure.

use pipeline_acceptance::ecs::{Act, Course, Fault, Script};

use crate::case::{Around, Case, Ends, NEW};

const LOOK: &str = "DescribeServices";
const UPDATE: &str = "UpdateService";
const REGISTER: &str = "RegisterTaskDefinition";

fn out(name: &'static str, script: Script) -> Case {
    Case::new(name, script, Ends::Out)
}

fn course(course: Course) -> Script {
    Script::new().course(NEW, course)
}

fn fault(operation: &'static str, calls: std::ops::RangeInclusive<u32>, fault: Fault) -> Script {
    Script::new().fault(operation, calls, fault)
}

pub(crate) fn cases() -> Vec<Case> {
    [courses(), faulty_looks(), faulty_changes(), surroundings()].into_iter().flatten().collect()
}

/// How tasks come up.
fn courses() -> Vec<Case> {
    vec![
        out("a healthy image", Script::new()).updates(1),
        out("one task", Script::new().desired(1)),
        out("slow but healthy", course(Course::Slow(25))),
        out("slow with a circuit breaker", course(Course::Slow(25)).breaker(true)),
        out("tasks fail at first, and nobody counts", course(Course::Recovers(6))),
        out(
            "tasks fail less often than the breaker bears",
            course(Course::Recovers(2)).breaker(true),
        ),
        out("old tasks drain after completion", course(Course::Drains(8))),
        out("no rollout state, as behind a Classic Load Balancer", course(Course::Untold)),
        out("more tasks run than should", course(Course::Crowded)),
        out("the older deployment stays in front for a while", {
            course(Course::Staged(6)).strategy("BLUE_GREEN")
        }),
        out("a service that never came up yet", Script::new().never_steady()),
        out("the image that is running already", Script::new())
            .set(|it| it.image = "web:1.0".into())
            .runs("web:1.0")
            .revision_in_the_end(2),
    ]
}

/// Looks that go wrong while the rollout is followed.
fn faulty_looks() -> Vec<Case> {
    vec![
        out("looks are throttled", fault(LOOK, 3..=7, Fault::Throttled)),
        out("the very first look is throttled", fault(LOOK, 1..=3, Fault::Throttled)),
        out("looks meet an error of the service", fault(LOOK, 3..=7, Fault::Error500)),
        out("looks meet a proxy's 503", fault(LOOK, 3..=7, Fault::Error503)),
        out("looks are cut off", fault(LOOK, 3..=7, Fault::Reset)),
        out("a look is answered with a sign-in page", fault(LOOK, 4..=5, Fault::Garbage)),
        out("a look hangs", fault(LOOK, 4..=4, Fault::Hangs)),
        out("looks are denied for a moment", fault(LOOK, 3..=6, Fault::Denied)),
        out("the token expires for a moment", fault(LOOK, 3..=6, Fault::Expired)),
        out("the cluster is not found for a moment", fault(LOOK, 4..=4, Fault::NoCluster)),
        out("answers are behind the truth", Script::new().at(LOOK, 3, Act::Stale(2))),
        out("every third look fails", {
            let faults = [3, 6, 9, 12].into_iter();
            faults.fold(course(Course::Slow(9)), |it, at| it.fault(LOOK, at..=at, Fault::Error500))
        }),
    ]
}

/// Changes whose replies get lost, or that are not carried out at first.
fn faulty_changes() -> Vec<Case> {
    vec![
        out("the update is throttled", fault(UPDATE, 1..=3, Fault::Throttled)).updates(4),
        out("the reply to the update is lost", fault(UPDATE, 1..=1, Fault::LosesReply)).updates(1),
        out("the update is carried out in spite of a 500", {
            fault(UPDATE, 1..=1, Fault::Error500AfterAll)
        })
        .updates(1),
        out("the update is carried out and never answered", {
            fault(UPDATE, 1..=1, Fault::HangsAfterwards)
        })
        .updates(1),
        out("the update meets a 500 and is not carried out", fault(UPDATE, 1..=1, Fault::Error500))
            .updates(2),
        out("the update meets a proxy's 503", fault(UPDATE, 1..=2, Fault::Error503)).updates(3),
        out("the update is cut off before it arrives", fault(UPDATE, 1..=1, Fault::Reset))
            .updates(2),
        out("the update hangs and is not carried out", fault(UPDATE, 1..=1, Fault::Hangs))
            .updates(2),
        out("the update arrives late", fault(UPDATE, 1..=1, Fault::Late(1))).updates(1),
        out("the update arrives after it was repeated", fault(UPDATE, 1..=1, Fault::Late(4))),
        out("the reply to the update is lost and the looks are stale", {
            fault(UPDATE, 1..=1, Fault::LosesReply).at(LOOK, 3, Act::Stale(1))
        }),
        out("the reply to the registration is lost", fault(REGISTER, 1..=1, Fault::LosesReply)),
        out("the registration is throttled", fault(REGISTER, 1..=2, Fault::Throttled)),
        out("the registration meets another one", fault(REGISTER, 1..=2, Fault::Concurrent)),
        out("the registration meets a 500", fault(REGISTER, 1..=1, Fault::Error500)),
        out("everything is throttled now and then", {
            let faults = [1, 3, 5, 7, 9, 11].into_iter();
            faults.fold(Script::new(), |it, at| it.fault("*", at..=at, Fault::Throttled))
        }),
    ]
}

/// What others do that does not concern the rollout.
fn surroundings() -> Vec<Case> {
    vec![
        out("the service grows while it rolls", Script::new().at(LOOK, 3, Act::Scale(4))),
        out(
            "the service grows before it is looked at again",
            Script::new().at(LOOK, 5, Act::Scale(3)),
        ),
        out(
            "a task is moved before it is looked at again",
            Script::new().at(LOOK, 5, Act::Move(3)),
        ),
        out("the running revision is deregistered", Script::new().at(LOOK, 1, Act::Deregister(1))),
        out("a healthy image with a health check", Script::new()).around(Around::Healthy),
        out("the service grows during the health check", Script::new().at(LOOK, 6, Act::Scale(5)))
            .around(Around::Healthy),
        out("ECS is away for a moment after the health check", fault(LOOK, 6..=9, Fault::Error503))
            .around(Around::Healthy),
        out("alarms are quiet", Script::new().alarms(true)),
        out("cluster and service by ARN", Script::new()).set(|it| {
            it.cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main".into();
            it.service = "arn:aws:ecs:eu-west-1:123456789012:service/main/web".into();
        }),
    ]
}
