//! The tests of AWS once more, against moto: what one local AWS lets pass by mistake, another may not.
//!
//! It leaves out what moto does not have, by the name of the test and with the reason.

use pipeline_acceptance::{Outcome, aws};

use super::Stage;
use super::program::TestProgram;
use crate::cargo::aloud;
use crate::{screen, tools};

/// The tests that are run, by the beginnings of their names.
const TESTS: [&str; 2] = ["artifact::", "ecs::"];

/// What moto does otherwise than AWS.
const OTHERWISE: [(&str, &str); 1] =
    [("a_large_file_goes_in_parts", "moto keeps no checksum of an object that came in parts")];

/// Runs them, which are in this program.
pub(super) fn run(stage: &Stage<'_>, program: &TestProgram) -> Outcome {
    let moto = tools::installed(&tools::MOTO)?;
    let mut test = program.command();
    test.args(TESTS);
    for (name, why) in OTHERWISE {
        screen::remark(&format!("{name} is left out: {why}"));
        test.args(["--skip", name]);
    }
    stage.set(&mut test).env(aws::VARIABLE, moto).env_remove(aws::RECORD);
    aloud(&mut test)
}
