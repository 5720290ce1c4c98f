//! `pipeline_approve`: a person decides about a version, as a `pipeline_approval` says it.

use pipeline_core::approval::{Decision, Review};
use pipeline_core::registration::{self, Registered, Registration, RegistrationSurvey};
use pipeline_core::{EnvironmentName, Timestamp, Version};
use tfplugin::{Action, ActionContext, Diagnostics, Draft as _, Model, Path, Text};

use crate::error;
use crate::parts::no_url_secret;
use crate::pipeline::Pipeline;
use crate::registered::{self, Registers as _};
use crate::resources::Approval;

/// Approves or rejects a version for an environment, in the name of whoever runs it. It writes the record that a
/// `pipeline_approval` writes, and keeps the same rules; it leaves no state.
///
/// Who decided about the same version before decides anew: another decision takes the place of theirs, and the same one
/// is renewed, so that it counts for as long as the environment's policy says from now on. The audit log keeps what
/// was replaced. Nobody replaces what somebody else decided.
///
/// No configuration names what it writes: to withdraw it, import it into a `pipeline_approval`
/// (`terraform import pipeline_approval.this environment/version/person`) and destroy that, or run the action with
/// `decision = "reject"`. Where a `pipeline_approval` of the same person manages the record already, its next plan
/// shows what the action changed, and the next apply would put back what the configuration says: change `decision`,
/// `reference` and `expires_at` there as well.
#[derive(Debug, Clone, Model)]
pub struct Approve {
    /// Environment to which the version is to go. It has to be registered.
    pub environment: Text<EnvironmentName>,
    /// Version, with its sub-project path, such as `api/v1.2.3`. Its tag must exist.
    pub version: Text<Version>,
    /// `approve` or `reject`.
    #[tf(default = "approve")]
    pub decision: Text<Decision>,
    /// Where it is written, such as the URL of a ticket.
    #[tf(validate = no_url_secret)]
    pub reference: Option<String>,
    /// When an approval ends, in UTC. A rejection never does by itself.
    pub expires_at: Option<Text<Timestamp>>,
}

impl Action for Approve {
    const NAME: &'static str = "pipeline_approve";
    type Provider = Pipeline;

    fn validate(draft: &ApproveDraft, out: &mut Diagnostics) {
        let fault = draft.settled().and_then(|it| it.approval().faults());
        out.extend(error::all(&fault, &Path::root()));
    }

    async fn plan(draft: &ApproveDraft, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let Some(wanted) = draft.settled() else { return Ok(()) };
        let plan = anew(wanted.approval().survey(&session).await?);
        for warning in plan.violations().iter().filter(|violation| violation.is_warning()) {
            cx.warn(error::violation_under(warning, &Path::root()));
        }
        let checked = plan.check();
        checked.map(drop).map_err(|why| error::registration::refused(why, Self::VERSION))
    }

    async fn invoke(self, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        let found = cx.stop.unless(self.approval().survey(&session)).await??;
        let before = found.record().map(Registered::written_at);
        let written = registered::write_down(anew(found), &session, &cx.stop).await;
        let record = written.map_err(|why| why.at(Self::VERSION))?;
        cx.progress(told(&record.what, record.written_at(), before));
        Ok(())
    }
}

impl Approve {
    fn approval(&self) -> Approval {
        Approval {
            reference: self.reference.clone(),
            expires_at: self.expires_at,
            ..Approval::blank(self.environment.0.clone(), self.version.0.clone(), self.decision.0)
        }
    }
}

/// What is registered is the person's own: whoever decides again knows it.
fn anew(found: RegistrationSurvey<Review>) -> Registration<Review> {
    let seen = found.record().map(Registered::written_at);
    registration::plan(found, seen).again()
}

fn told(review: &Review, at: Timestamp, before: Option<Timestamp>) -> String {
    let Review { environment, version, person, decision, commit_sha, .. } = review;
    let decided = match decision {
        Decision::Approve => "approved",
        Decision::Reject => "rejected",
    };
    let replaced = before
        .map_or_else(String::new, |before| format!(", in the place of the decision of {before}"));
    format!("{person} {decided} {version} ({commit_sha}) for {environment} at {at}{replaced}")
}
