//! Deployments that never begin: nothing may have been changed.

use pipeline_acceptance::ecs::{Act, Fault, Script};

use crate::case::{Around, Back, Case, Ends};

const LOOK: &str = "DescribeServices";
const UPDATE: &str = "UpdateService";
const REGISTER: &str = "RegisterTaskDefinition";

fn untouched(name: &'static str, script: Script) -> Case {
    Case::new(name, script, Ends::Untouched)
}

pub(crate) fn cases() -> Vec<Case> {
    [services(), calls(), doubts()].into_iter().flatten().collect()
}

/// Services that cannot be deployed to.
fn services() -> Vec<Case> {
    vec![
        untouched("CodeDeploy rolls out", Script::new().controller("CODE_DEPLOY"))
            .says("CODE_DEPLOY")
            .updates(0),
        untouched("somebody external rolls out", Script::new().controller("EXTERNAL"))
            .says("EXTERNAL")
            .updates(0),
        untouched("there is no service", Script::new().without_service())
            .says("there is no service")
            .runs_nothing(),
        untouched("there is no cluster", Script::new())
            .set(|it| it.cluster = "nowhere".into())
            .says("ClusterNotFoundException"),
        untouched("there is no container", Script::new())
            .set(|it| it.container = "api".into())
            .says("proxy, app")
            .updates(0),
        untouched("scaled to zero", Script::new().desired(0)).says("scaled to zero").updates(0),
        untouched("the service is being deleted", Script::new().at(LOOK, 1, Act::Delete))
            .says("DRAINING"),
        untouched("the service is deleted before it is asked", {
            Script::new().at(REGISTER, 1, Act::Delete)
        })
        .says("DRAINING"),
    ]
}

/// Calls that ECS refuses.
fn calls() -> Vec<Case> {
    let fault =
        |name, operation, fault| untouched(name, Script::new().fault(operation, 1..=999, fault));
    vec![
        fault("looking is denied", LOOK, Fault::Denied).says("AccessDeniedException"),
        fault("the token has expired", LOOK, Fault::Expired).says("ExpiredTokenException"),
        fault("ECS is away", LOOK, Fault::Error503),
        fault("nobody may register", REGISTER, Fault::Denied).says("ecs:RegisterTaskDefinition"),
        fault("the registration is refused", REGISTER, Fault::Refused).says("Invalid setting"),
        fault("nobody may update", UPDATE, Fault::Denied).says("ecs:UpdateService").updates(1),
        fault("the update is refused", UPDATE, Fault::Refused).updates(1),
        fault("the update is throttled for ever", UPDATE, Fault::Throttled).says("Rate exceeded"),
        untouched("nobody listens at the address", Script::new()).around(Around::NobodyListens),
        untouched("the lease is lost before the registration", Script::new())
            .around(Around::LeaseLost(LOOK, 1))
            .says("the lease")
            .updates(0),
        untouched("the lease is lost before the update", Script::new())
            .around(Around::LeaseLost(REGISTER, 1))
            .says("the lease")
            .updates(0),
    ]
}

/// Updates that may have been carried out, and were not.
fn doubts() -> Vec<Case> {
    let never = |name, fault| {
        Case::new(name, Script::new().fault(UPDATE, 1..=999, fault), Ends::Failed)
            .back(Back::Unchanged)
            .says("does not take revision")
    };
    vec![
        never("the update never arrives", Fault::Reset),
        never("every update meets a 500", Fault::Error500),
        Case::new(
            "the update is cut off, and then denied",
            Script::new().fault(UPDATE, 1..=1, Fault::Reset).fault(UPDATE, 2..=99, Fault::Denied),
            Ends::Failed,
        )
        .back(Back::Unchanged)
        .updates(2),
    ]
}
