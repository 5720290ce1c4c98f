//! `pipeline_environment_lock`: one run holds an environment for all that it deploys there.
//!
//! Opening writes nothing, because a plan opens it too: the first deployment takes the lock with its own claim,
//! through the queue (`pipeline_core::deployment::deployer`). Here it is opened, kept beside whatever
//! runs, and given back.

use std::sync::Arc;

use pipeline_core::EnvironmentName;
use pipeline_core::deployment::deployer::{Closed, Opened};
use pipeline_core::environment;
use pipeline_core::queue::{LockId, Locking, rules};
use tfplugin::{Computed, Diagnostics, Ephemeral, EphemeralContext, Model, Path, Text};

use crate::deploying::Acting;
use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Holds an environment for one whole apply, so that nobody else deploys there between the deployments of this
/// configuration. It takes its turn in the queue that all deployments go through.
///
/// - A plan writes nothing. During an apply the first deployment to the environment takes the lock as it begins; until
///   then it waits for those who came before, as always.
/// - The deployments that follow pass under the lock, one after the other, before everybody else who waits.
///   Rules, freezes and approvals are judged for each of them as always.
/// - The lock ends when everything that depends on it is done, and after a failure with the run. A run that was
///   killed loses it when the `lease` of the provider block has run out; others put it aside then.
/// - Where it is lost while the run goes on, nothing more is deployed under it (BUS003).
///
/// Name it in `depends_on` of every deployment that it covers. Terraform opens it before those, and closes it after the
/// last of them and of what depends on them. Of a deployment that does not depend on it nobody can say
/// whether it comes before or after, or whether the lock is opened at all; a warning tells of those that did. Its
/// attributes are ephemeral and cannot be arguments of a deployment. Where the same configuration registers the
/// environment, take its name from there: `environment = pipeline_environment.staging.name`.
///
/// The lock covers one provider configuration: deployments of another alias wait for it like those of anybody
/// else, and never get their turn if a deployment under the lock depends on them.
///
/// Runs that lock several environments have to take them in the same order, by `depends_on` of the deployments: else
/// each may hold what the other one waits for, until `wait_timeout` ends both.
///
/// An environment whose sub-projects are deployed side by side (`concurrency = "sub_project"`) has no single queue, and
/// cannot be locked (BUS004).
#[derive(Debug, Clone, Model)]
pub struct EnvironmentLock {
    /// Name of the environment.
    pub environment: Text<EnvironmentName>,
    /// Why, in words. Whoever waits reads it in the queue.
    pub reason: Option<String>,
    /// ID of the lock, as the queue shows it while it is held; null while the provider block is not known. A plan and
    /// an apply have different ones.
    pub lock_id: Computed<Option<String>>,
}

/// The names of private bytes.
const LOCK: &str = "lock";
const ENVIRONMENT: &str = "environment";

impl Ephemeral for EnvironmentLock {
    const NAME: &'static str = "pipeline_environment_lock";
    type Provider = Pipeline;

    fn validate(draft: &EnvironmentLockDraft, out: &mut Diagnostics) {
        let reason = draft.reason.known().and_then(|reason| Locking::check_reason(reason));
        out.extend(reason.map(|fault| error::violation_under(&fault, &Path::root())));
    }

    async fn open(self, cx: &EphemeralContext<Self>) -> Result<Self, Diagnostics> {
        let Some(session) = cx.stop.unless(cx.provider.open_for_plan()).await?? else {
            return Ok(Self { lock_id: None.into(), ..self });
        };
        cx.stop.unless(check(&session, &self.environment, cx)).await??;
        let planned = session.announced().deployments;
        let is_planned = planned.iter().any(|it| it.environment == *self.environment);
        let lock_id = session.new_lock_id().blame(Path::root())?;
        let locking = Locking { lock_id, reason: self.reason.clone() };
        let Opened { lock_id, after } =
            session.pipeline.handover().open_lock(&self.environment, locking);
        if is_planned || after.is_some() {
            cx.warn(error::lock::opened_late(&self.environment, after.as_ref()));
        }
        cx.private().keep(LOCK, Some(&lock_id));
        cx.private().keep(ENVIRONMENT, Some(&*self.environment));
        keep(Arc::clone(&cx.provider), self.environment.0.clone(), lock_id.clone());
        Ok(Self { lock_id: Some(lock_id.to_string()).into(), ..self })
    }

    async fn close(cx: &EphemeralContext<Self>) -> Result<(), Diagnostics> {
        let private = cx.private();
        let opened = private.value::<LockId>(LOCK).zip(private.value(ENVIRONMENT));
        let Some((lock_id, environment)) = opened else { return Ok(()) };
        let session = cx.provider.open().await?;
        let acting = Acting::of(&session);
        match Box::pin(acting.deployer(&|_| ()).close_lock(&environment, &lock_id)).await {
            Closed::Lost(fault) => Err(error::violation_under(&fault, &Path::root()).into()),
            Closed::Left(why) => {
                cx.warn(error::lock::left(&environment, &lock_id, session.settings.lease, &why));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Whether the environment can be locked, by what is registered of it or will be in this walk.
async fn check(
    session: &Session<'_>,
    name: &EnvironmentName,
    cx: &EphemeralContext<EnvironmentLock>,
) -> Result<(), Diagnostics> {
    let registered = environment::registered(&session.ledger(), name).await.blame(Path::root())?;
    let registered = registered.map(|entry| entry.record.what.environment);
    let planned = session.planned_environment(name);
    if registered.is_none() && planned.is_none() {
        cx.warn(error::lock::not_registered(name));
    }
    let fault = registered.iter().chain(&planned).find_map(rules::check_lockable);
    error::refuse(fault, Path::root())
}

/// Renews the lock beside whatever runs, until it is closed or lost. What goes wrong is told by who deploys under it
/// and by who closes it.
fn keep(provider: Arc<Pipeline>, environment: EnvironmentName, id: LockId) {
    tokio::spawn(async move {
        let Ok(session) = provider.open().await else { return };
        let acting = Acting::of(&session);
        Box::pin(acting.deployer(&|_| ()).keep_lock(&environment, &id)).await;
    });
}

/// Gives back the locks that are still open, because the process ends: hosts do not close them where a deployment under
/// them failed.
pub(crate) async fn abandon(provider: &Pipeline) {
    // Nobody waits for a git that hangs where nothing is to be given back.
    if !provider.handover().may_hold_a_lock() {
        return;
    }
    let Ok(session) = Box::pin(provider.open()).await else { return };
    let acting = Acting::of(&session);
    Box::pin(acting.deployer(&|_| ()).abandon_locks()).await;
}
