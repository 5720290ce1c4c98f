//! `pipeline_rollback`: an environment goes back to a version that ran there before.

use std::collections::BTreeMap;

use pipeline_core::deployment::again::{again, nowhere};
use pipeline_core::deployment::{Deployment as Record, Scope};
use pipeline_core::rollback::{self, RollbackFacts, check, select};
use pipeline_core::{
    EnvironmentName, RegionName, SelectionCriteria, SubProjectPath, Version, Violations,
};
use tfplugin::{Action, ActionContext, Diagnostics, Draft as _, Model, Span, Text};

use super::deployment::{self, How, Wanted};
use super::promote::refused;
use crate::data_sources::revisions;
use crate::error::{self, Blame as _};
use crate::parts::no_url_secret;
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Brings an environment back to a version that ran there before, without its configuration: the one that
/// `pipeline_rollback_target` names, or another one of its candidates. The target and the health check are those of the
/// newest successful deployment there, by its record, and the image is the one that was deployed with the version. It
/// is a deployment like any other, under the same rules and in the same queue, and what fails is put back.
///
/// What a record does not hold, the action does not do. It refuses (OWN057) where the newest deployment there was
/// brought into service by a `command` or by `stacks`, or had a health check with a query in its URL: those are in the
/// `pipeline_deployment` alone. Variables of the container stay as they are now, migrations are neither run nor rolled
/// back, and tests of a `pipeline_deployment` are not run; an environment whose policy wants some refuses.
///
/// Afterwards a `pipeline_deployment` of that environment still names the version that was left. Its next plan shows
/// what runs and would move forward again; it is refused (OWN040) as long as it does not ask for that by
/// `redeploy_after`. Set its `version` to the one that runs now: its plan is then empty.
#[derive(Debug, Clone, Model)]
pub struct Rollback {
    /// Environment that goes back.
    pub environment: Text<EnvironmentName>,
    /// Path of the sub-project; the root project where absent.
    pub sub_project_path: Option<Text<SubProjectPath>>,
    /// Region of the environment, where only one is meant.
    pub region: Option<Text<RegionName>>,
    /// Version to go back to, with its sub-project path, such as `api/v1.2.3`. Where absent, it is the highest one that
    /// is lower than the one that runs and that was deployed there with success and not taken back; those with a
    /// `-stable` tag come first.
    pub target_version: Option<Text<Version>>,
    /// Why, for those who read the history. It goes into the record.
    #[tf(validate = no_url_secret)]
    pub reason: Option<String>,
    /// How long to wait in the queue, such as `1h`; then the place is given up. Defaults to `30m`.
    pub wait_timeout: Option<Text<Span>>,
    /// How long a rollout on ECS, or putting one back, may take. Defaults to `20m`.
    pub timeout: Option<Text<Span>>,
    /// Pause between two looks at the service. Defaults to `5s`.
    pub poll_interval: Option<Text<Span>>,
}

impl Action for Rollback {
    const NAME: &'static str = "pipeline_rollback";
    type Provider = Pipeline;

    async fn plan(draft: &RollbackDraft, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let Some(this) = draft.settled() else { return Ok(()) };
        if deployment::arrival(&session, &this.scope()).is_some() {
            // What is left will be known when the same apply has deployed it.
            return Ok(());
        }
        let wanted = Box::pin(this.wanted(&session, cx)).await?;
        Box::pin(deployment::check(&session, &wanted, &this.how(), cx)).await
    }

    async fn invoke(self, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        session.repository.refresh();
        let wanted = cx.stop.unless(Box::pin(self.wanted(&session, cx))).await??;
        let scope = wanted.survey.scope();
        cx.progress(format!("Going back to {} in `{scope}`", wanted.version));
        Box::pin(deployment::deploy(&session, &wanted, &self.how(), cx)).await
    }
}

impl Rollback {
    fn how(&self) -> How {
        How {
            reason: self.reason.clone(),
            wait_timeout: self.wait_timeout.clone(),
            timeout: self.timeout.clone(),
            poll_interval: self.poll_interval.clone(),
            at: Self::ENVIRONMENT,
        }
    }

    fn scope(&self) -> Scope {
        let Self { environment, sub_project_path, region, .. } = self;
        deployment::place(environment, sub_project_path.as_ref(), region.as_ref())
    }

    async fn wanted(
        &self,
        session: &Session<'_>,
        cx: &ActionContext<Self>,
    ) -> Result<Wanted, Diagnostics> {
        let survey = session.survey(self.scope()).await?;
        let Some(place) = survey.last_good() else {
            return Err(refused(&nowhere(survey.scope()), Self::ENVIRONMENT));
        };
        let good = self.target(session, cx).await?;
        let again = again(place, &good);
        let again = again.map_err(|bad| error::violations_at(&bad, Self::ENVIRONMENT))?;
        let (version, commit_sha) = (good.version, good.commit_sha);
        Ok(Wanted { version, commit_sha, survey, again, allow_downgrade: true })
    }

    /// The deployment that shows that the version to go back to is good.
    async fn target(
        &self,
        session: &Session<'_>,
        cx: &ActionContext<Self>,
    ) -> Result<Record, Diagnostics> {
        let (ledger, grammar) = (session.ledger(), &session.settings.grammar);
        let found = rollback::survey_of(&ledger, grammar, self.scope()).await;
        let (survey, _) = found.blame(Self::ENVIRONMENT)?;
        // Who names a version has chosen among them.
        let prioritize_stable = self.target_version.is_none();
        let criteria = SelectionCriteria { prioritize_stable, ..SelectionCriteria::default() };
        let nothing = BTreeMap::new();
        let facts = survey.facts(&nothing);
        let revision_active = revisions(session, facts, criteria).await;
        let facts = RollbackFacts { revision_active: &revision_active, ..facts };
        let found = select(&facts, criteria);
        let wanted = self.target_version.as_ref().map(|version| &version.0);
        let at = |bad: &Violations| error::violations_at(bad, Self::TARGET_VERSION);
        let (chosen, good) = found.choose(&facts, criteria, wanted).map_err(|bad| at(&bad))?;
        let faults = check(&chosen, &facts);
        let settled = error::settle(&faults, |warning| cx.warn(warning));
        deployment::placed(settled, Self::TARGET_VERSION)?;
        Ok(good.clone())
    }
}
