//! Interruptions at every step: the service has to be as it was.

use pipeline_acceptance::ecs::{Course, Fault, Script};

use crate::case::{Around, Back, Case, Ends, NEW};

const LOOK: &str = "DescribeServices";
const UPDATE: &str = "UpdateService";
const REGISTER: &str = "RegisterTaskDefinition";

fn stopped(name: &'static str, script: Script, on: &'static str, calls: u32) -> Case {
    Case::new(name, script, Ends::Stopped).around(Around::Stop(on, calls))
}

pub(crate) fn cases() -> Vec<Case> {
    let fault = |operation, fault| Script::new().fault(operation, 1..=1, fault);
    let slow = || Script::new().course(NEW, Course::Slow(200));
    vec![
        stopped("stopped at the first look", fault(LOOK, Fault::Hangs), LOOK, 1)
            .back(Back::Unchanged)
            .updates(0),
        stopped(
            "stopped while the revision is read",
            fault("DescribeTaskDefinition", Fault::Hangs),
            "DescribeTaskDefinition",
            1,
        )
        .back(Back::Unchanged)
        .updates(0),
        stopped(
            "stopped while the revision is registered",
            fault(REGISTER, Fault::HangsAfterwards),
            REGISTER,
            1,
        )
        .back(Back::Unchanged)
        .updates(0),
        stopped(
            "stopped while the accepted update is not answered",
            fault(UPDATE, Fault::HangsAfterwards),
            UPDATE,
            1,
        )
        .back(Back::Done)
        .updates(2),
        stopped("stopped while the update is on its way", fault(UPDATE, Fault::Hangs), UPDATE, 1)
            .back(Back::Unchanged)
            .updates(1),
        stopped(
            "stopped, and the update arrives late",
            fault(UPDATE, Fault::Late(2)).fault(LOOK, 3..=3, Fault::Hangs),
            LOOK,
            3,
        )
        .back(Back::Done),
        stopped("stopped while it rolls", slow(), LOOK, 6).back(Back::Done).updates(2),
        stopped("stopped while it rolls with a breaker", slow().breaker(true), LOOK, 6)
            .back(Back::Done)
            .updates(2),
        stopped("stopped while a first deployment rolls", slow().never_steady(), LOOK, 6)
            .back(Back::Nothing)
            .runs(NEW),
        stopped(
            "stopped just before the breaker trips",
            {
                let script = Script::new().course(NEW, Course::CrashLoop).breaker(true);
                script.fault(LOOK, 4..=4, Fault::Hangs)
            },
            LOOK,
            4,
        )
        .back(Back::Done),
        stopped(
            "stopped while looks are throttled",
            slow().fault(LOOK, 4..=12, Fault::Throttled),
            LOOK,
            6,
        )
        .back(Back::Done)
        .updates(2),
    ]
}
