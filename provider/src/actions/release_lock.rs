//! `pipeline_release_lock`: an environment that somebody holds who is gone.

use pipeline_core::EnvironmentName;
use pipeline_core::deployment::deployer::{NotReleased, Notice, Release};
use pipeline_core::queue::HeldBy;
use tfplugin::{Action, ActionContext, Diagnostic, Diagnostics, Draft as _, Model, Path, Text};

use crate::deploying::{self, Acting};
use crate::error;
use crate::parts::no_url_secret;
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Frees an environment that a deployment or a lock holds which is gone: whose process was killed, whose machine was
/// lost, or whose end is not known after a message that said so. It is never taken from one that lives.
///
/// Whoever holds an environment renews its lease. The action watches for the whole of a lease, by its own clock, as a
/// deployment that comes next would do by itself; it gives up (OWN058) as soon as the holder gives a sign of life.
/// Then one transaction frees the environment, records the deployment as `failed`, and notes who did it, and why, in the
/// audit log. The next in the queue begins.
///
/// A deployment that waits needs no help: it takes the place of a holder that is gone by itself. The action is for who
/// wants the environment free, and its record to say what happened, without deploying now.
///
/// Nothing is put back: neither the service nor the environment's tag is touched. Where the deployment rolled something
/// out, look at what runs. A `pipeline_deployment` whose apply was cut off is not in the state, or is as it was before;
/// its next apply deploys what it names.
#[derive(Debug, Clone, Model)]
pub struct ReleaseLock {
    /// Environment that is held.
    pub environment: Text<EnvironmentName>,
    /// ID of what holds it, as the message said it or as `pipeline_deployment_queue` shows it: of the deployment in
    /// `current_deployment`, or of the `lock` of a `pipeline_environment_lock`. What somebody else holds since is not
    /// touched.
    pub held_by: Text<HeldBy>,
    /// Why, for the audit log.
    #[tf(validate = reason)]
    pub reason: String,
}

fn reason(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("Found no reason; expected one for the audit log. Next: write why.".to_owned());
    }
    no_url_secret(text).map_err(|bad| bad.to_string())
}

impl Action for ReleaseLock {
    const NAME: &'static str = "pipeline_release_lock";
    type Provider = Pipeline;

    async fn plan(draft: &ReleaseLockDraft, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let Some(this) = draft.settled() else { return Ok(()) };
        let acting = Acting::of(&session);
        let tell = |_: Notice| ();
        let held = Box::pin(acting.deployer(&tell).held_by(&this.release(&session))).await;
        let held = held.map_err(not_released)?;
        if held.lease_until > session.now() {
            let detail = format!(
                "Found that `{}` of {} renewed its lease, which runs until {}; expected one that is gone. The action \
                 watches for {} s and gives up when it is renewed again. Next: make sure that it does not run any more.",
                held.holder.id,
                held.holder.actor,
                held.lease_until,
                held.lease.as_secs()
            );
            cx.warn(Diagnostic::warning(Self::HELD_BY, "The holder may be alive", detail));
        }
        Ok(())
    }

    async fn invoke(self, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        let acting = Acting::of(&session);
        let tell = |notice: Notice| cx.progress(notice.to_string());
        let release = self.release(&session);
        let stop = deploying::interrupted(&cx.stop);
        let done = Box::pin(acting.deployer(&tell).release(&release, stop)).await;
        let record = done.map_err(not_released)?;
        let recorded = match record {
            Some(record) => format!("; its record says that it is {}", record.status()),
            None => String::new(),
        };
        cx.progress(format!(
            "`{}` is free of `{}`{recorded}",
            release.environment, release.held_by
        ));
        Ok(())
    }
}

impl ReleaseLock {
    fn release(&self, session: &Session<'_>) -> Release {
        Release {
            environment: self.environment.0.clone(),
            held_by: self.held_by.0.clone(),
            by: session.actor(),
            reason: self.reason.clone(),
        }
    }
}

fn not_released(why: NotReleased) -> Diagnostics {
    let told =
        |summary: &str, detail: &str| Diagnostic::error(Path::root(), summary, detail).into();
    match why {
        NotReleased::Forbidden(fault) => error::all([&fault], &Path::root()),
        NotReleased::Ledger(error) => error::ledger(&error, &Path::root()),
        NotReleased::Stopped => told(
            "The lock was not released",
            "Found that the run was interrupted before the lease was over. Nothing was changed. Next: invoke it again.",
        ),
        NotReleased::Outrun => told(
            "The lock was not released",
            "Found that others changed the queue each time; expected to be first once. Nothing was changed. Next: \
             invoke it again.",
        ),
        NotReleased::Unknown(error) => {
            let mut problems = error::ledger(&error, &Path::root());
            problems.extend(told(
                "Whether the lock was released is not known",
                "Next: look at `pipeline_deployment_queue`, and invoke it again where the lock is still there.",
            ));
            problems
        }
    }
}
