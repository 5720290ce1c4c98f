//! What is said of a lock of an environment: mistakes in the order of things, and one that is left behind.

use std::time::Duration;

use pipeline_core::base::cause::in_full;
use pipeline_core::ledger::LedgerError;
use pipeline_core::queue::LockId;
use pipeline_core::{DeploymentId, EnvironmentName};
use tfplugin::{Diagnostic, Path};

use crate::ephemeral_resources::EnvironmentLock;
use crate::resources::Deployment;

/// The warning that a deployment came before the lock.
pub(crate) fn opened_late(
    environment: &EnvironmentName,
    after: Option<&DeploymentId>,
) -> Diagnostic {
    let found = match after {
        Some(id) => format!(
            "the deployment {id} to \"{environment}\" that began before the lock was opened"
        ),
        None => format!("a deployment to \"{environment}\" that came before the lock"),
    };
    Diagnostic::warning(
        EnvironmentLock::ENVIRONMENT,
        "A deployment is not under the lock",
        format!(
            "Found {found}; expected the lock before every deployment that it covers. Next: name the lock in `depends_on` \
             of each of those deployments."
        ),
    )
}

/// The warning that a deployment came after the lock.
pub(crate) fn after_lock(environment: &EnvironmentName, lock: &LockId) -> Diagnostic {
    Diagnostic::warning(
        Deployment::ENVIRONMENT,
        "The deployment is not under the lock",
        format!(
            "Found that the lock {lock} of \"{environment}\" was closed before this deployment; expected it to be open \
             until the last deployment that it covers has ended. Next: name the lock in `depends_on` of this deployment, \
             if it is to be under it."
        ),
    )
}

/// The warning that nobody may ever take the lock.
pub(crate) fn not_registered(environment: &EnvironmentName) -> Diagnostic {
    Diagnostic::warning(
        EnvironmentLock::ENVIRONMENT,
        "The environment is not registered",
        format!(
            "Found no registration of \"{environment}\"; expected an environment to which this configuration deploys. \
             Next: nothing, if `pipeline_environment` registers it in the same apply; otherwise correct the name."
        ),
    )
}

/// The warning that others wait for a lock that nobody holds any more.
pub(crate) fn left(
    environment: &EnvironmentName,
    lock: &LockId,
    lease: Duration,
    why: &LedgerError,
) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "The lock was not given back",
        format!(
            "Found that the end of the lock {lock} of \"{environment}\" could not be written: {}. Expected the remote to take \
             it. Next: nothing; others put the lock aside after {} s without a sign of life.",
            in_full(why),
            lease.as_secs()
        ),
    )
}
