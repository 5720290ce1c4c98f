//! Whether a command can be run as it is meant to (TSK004).

use std::time::Duration;

use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, quoted};

/// What the variables begin with by which a deployment tells its commands which one it is.
const OWN: &str = "PIPELINE_";

/// Checks the variables and the time of a command of a deployment (TSK004).
#[must_use]
pub fn check<'a>(
    variables: impl IntoIterator<Item = &'a str>,
    patience: Option<Duration>,
) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.require(patience.is_none_or(|patience| !patience.is_zero()), || {
        let next = "Write how long it may take, such as `15m`.";
        Violation::new(RuleId::TSK004, "no time at all", "a time in which it can end", next)
            .under("timeout")
    });
    let faults = variables.into_iter().filter_map(check_variable);
    findings.extend(faults.map(|fault| fault.under(FieldPath::from("environment"))));
    findings.into_vec()
}

/// Checks the name of a variable that the commands of a deployment are to get (TSK004).
#[must_use]
pub fn check_variable(name: &str) -> Option<Violation> {
    if name.starts_with(OWN) && is_name(name) {
        let expected = format!("the name of a variable, which does not begin with `{OWN}`");
        let next = "Rename it; those that begin so are set by the deployment.";
        return Some(Violation::new(RuleId::TSK004, quoted(name), expected, next));
    }
    check_name(name)
}

/// Checks the name of a variable that a command is to get (TSK004). Whoever mixes up name and value must not find
/// the value in a log: a name that is none is not shown.
#[must_use]
pub fn check_name(name: &str) -> Option<Violation> {
    (!is_name(name)).then(|| {
        let found = "a variable whose name (not shown) no shell has";
        let expected = "letters, digits and `_`, not a digit first";
        Violation::new(RuleId::TSK004, found, expected, "Write a name such as `RELEASE_CHANNEL`.")
    })
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
