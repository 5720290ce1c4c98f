//! Deployments that fail by themselves, and what is put back.

use pipeline_acceptance::ecs::{Act, Course, Fault, Script};

use crate::case::{Around, Back, Case, Ends, NEW, OLD};

const LOOK: &str = "DescribeServices";
const UPDATE: &str = "UpdateService";

fn failed(name: &'static str, script: Script) -> Case {
    Case::new(name, script, Ends::Failed)
}

fn course(course: Course) -> Script {
    Script::new().course(NEW, course)
}

/// Comes up, and fails its health check.
fn sick(name: &'static str, script: Script) -> Case {
    failed(name, script).around(Around::Unhealthy)
}

pub(crate) fn cases() -> Vec<Case> {
    [broken(), by_itself(), crashes(), choices(), ways_back()].into_iter().flatten().collect()
}

/// Rollouts that do not come up, where ECS leaves them alone.
fn broken() -> Vec<Case> {
    vec![
        failed("tasks fail for ever", course(Course::CrashLoop))
            .short()
            .back(Back::Done)
            .says("exit code 1")
            .says("OutOfMemoryError"),
        failed("tasks stay pending for ever", course(Course::Pending))
            .short()
            .back(Back::Done)
            .says("0 of 2 tasks run"),
        failed(
            "the breaker trips and does not roll back",
            course(Course::CrashLoop).breaker(false),
        )
        .back(Back::Done)
        .says("tasks failed to start")
        .updates(2),
        failed("an alarm goes off and nobody rolls back", course(Course::CrashLoop).alarms(false))
            .back(Back::Done)
            .says("alarm detected"),
        failed("a first deployment fails", {
            course(Course::CrashLoop).never_steady().breaker(false)
        })
        .back(Back::Nothing)
        .says("no revision of the service ever ran steadily")
        .runs(NEW),
        failed("a service by ARN fails", course(Course::CrashLoop).breaker(false))
            .set(|it| it.service = "arn:aws:ecs:eu-west-1:123456789012:service/main/web".into())
            .back(Back::Done)
            .says("exit code 1"),
        failed("scaled to zero while it rolls", course(Course::Slow(9)).at(LOOK, 4, Act::Scale(0)))
            .back(Back::Done)
            .says("scaled to zero"),
    ]
}

/// Rollouts that ECS takes back by itself.
fn by_itself() -> Vec<Case> {
    let back = |name, script: Script| {
        Case::new(name, script, Ends::RollingBack).back(Back::Done).updates(1)
    };
    vec![
        back("the breaker rolls back", course(Course::CrashLoop).breaker(true))
            .says("tasks failed to start"),
        back("the breaker rolls back to the ID of before", {
            course(Course::CrashLoop).breaker(true).reuses_id()
        }),
        back("the breaker takes its time to roll back", {
            course(Course::CrashLoop).breaker(true).hesitates(6)
        }),
        back("an alarm rolls back", course(Course::CrashLoop).alarms(true)),
        back("the breaker rolls back while looks fail", {
            course(Course::CrashLoop).breaker(true).fault(LOOK, 5..=8, Fault::Error500)
        }),
        back("the breaker rolled back before anybody looked", {
            course(Course::CrashLoop).breaker(true).fault(LOOK, 3..=12, Fault::Throttled)
        }),
        Case::new(
            "the breaker finds nothing to roll back to",
            course(Course::CrashLoop).breaker(true).never_steady(),
            Ends::RollingBack,
        )
        .back(Back::Nothing)
        .runs(NEW),
        Case::new(
            "the breaker finds nothing to roll back to, but a good deployment is known",
            course(Course::CrashLoop).breaker(true).never_steady().revision("web:good", true),
            Ends::RollingBack,
        )
        .good(2, "web")
        .back(Back::Done)
        .runs("web:good"),
        Case::new(
            "the breaker's own rollback does not come up",
            course(Course::CrashLoop).breaker(true).course(OLD, Course::Pending),
            Ends::RollingBack,
        )
        .short()
        .back(Back::Failed),
    ]
}

/// Tasks that end after the rollout was complete.
fn crashes() -> Vec<Case> {
    vec![
        failed("tasks crash right after completion", course(Course::CrashLater(1)))
            .back(Back::Done)
            .says("do not stay up")
            .says("exit code 1"),
        failed("tasks crash and come and crash", course(Course::Flaps(1)))
            .back(Back::Done)
            .says("do not stay up"),
        failed("tasks crash with a circuit breaker, which is done", {
            course(Course::CrashLater(1)).breaker(true)
        })
        .back(Back::Done)
        .updates(2),
        failed("tasks crash during the health check", course(Course::CrashLater(2)))
            .around(Around::Healthy)
            .back(Back::Done)
            .says("do not stay up"),
        failed("scaled to zero during the health check", Script::new().at(LOOK, 6, Act::Scale(0)))
            .around(Around::Healthy)
            .back(Back::Done)
            .says("scaled to zero"),
        failed("a task is away for good before it is looked at again", {
            Script::new().at(LOOK, 5, Act::Move(1000))
        })
        .back(Back::Done),
        sick("the health check fails", Script::new()).back(Back::Done).updates(2),
        sick("the health check fails with a circuit breaker", Script::new().breaker(true))
            .back(Back::Done)
            .updates(2),
    ]
}

/// Which revision is put back.
fn choices() -> Vec<Case> {
    let good = || Script::new().revision("web:good", true);
    vec![
        sick(
            "the verified revision goes before a hand-made one",
            good().revision("web:hand", true).runs(3),
        )
        .good(2, "web")
        .back(Back::Done)
        .runs("web:good"),
        sick(
            "of two revisions with one image the newest goes",
            good().revision("web:good", true).runs(3),
        )
        .good(2, "web")
        .back(Back::Done)
        .runs("web:good")
        .revision_in_the_end(3),
        sick("a good deployment of another service is none", good().runs(1))
            .good(2, "other")
            .back(Back::Done)
            .runs(OLD),
        sick("the good revision is INACTIVE", Script::new().revision("web:good", false))
            .good(2, "web")
            .back(Back::Done)
            .runs(OLD),
        sick("the running revision is INACTIVE, the good one is not", {
            good().at(UPDATE, 1, Act::Deregister(1))
        })
        .good(2, "web")
        .back(Back::Done)
        .runs("web:good"),
        sick("every revision is INACTIVE", Script::new().at(UPDATE, 1, Act::Deregister(1)))
            .back(Back::Failed)
            .says("INACTIVE")
            .runs(NEW),
        sick("the revision is deregistered in the last moment", {
            Script::new().at(UPDATE, 2, Act::Deregister(1))
        })
        .back(Back::Failed)
        .says("inactive")
        .runs(NEW),
    ]
}

/// Putting back, when that goes wrong.
fn ways_back() -> Vec<Case> {
    let back = |name, calls, fault| sick(name, Script::new().fault(UPDATE, calls, fault));
    vec![
        back("putting back is throttled", 2..=4, Fault::Throttled).back(Back::Done).updates(5),
        back("the reply to putting back is lost", 2..=2, Fault::LosesReply)
            .back(Back::Done)
            .updates(2),
        back("putting back is cut off before it arrives", 2..=2, Fault::Reset)
            .back(Back::Done)
            .updates(3),
        back("putting back is denied", 2..=99, Fault::Denied)
            .back(Back::Failed)
            .says("AccessDeniedException")
            .runs(NEW),
        back("putting back never arrives", 2..=99, Fault::Reset).back(Back::Failed).runs(NEW),
        sick("what is put back does not come up", Script::new().course(OLD, Course::CrashLoop))
            .short()
            .back(Back::Failed)
            .says("did not come up"),
        sick("scaled to zero while it is put back", Script::new().at(LOOK, 8, Act::Scale(0)))
            .back(Back::Done),
        sick("the lease is lost before it is put back", Script::new())
            .around(Around::UnhealthyAndLost)
            .back(Back::Failed)
            .says("the lease")
            .runs(NEW)
            .updates(1),
    ]
}
