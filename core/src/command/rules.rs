//! Whether a command can be run as it is meant to (TSK004).

use std::time::Duration;

use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, quoted};

/// What the variables begin with by which a deployment tells its commands which one it is.
const OWN: &str = "PIPELINE_";

/// Checks the variables and the time of a command (TSK004).
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
    for name in variables {
        let is_name = !name.is_empty() && !name.contains(['=', '\0']);
        findings.require(is_name && !name.starts_with(OWN), || {
            let expected = format!("the name of a variable, which does not begin with `{OWN}`");
            let next = "Rename it; those that begin so are set by the deployment.";
            Violation::new(RuleId::TSK004, quoted(name), expected, next)
                .under(FieldPath::from("environment"))
        });
    }
    findings.into_vec()
}
