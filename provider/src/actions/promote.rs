//! `pipeline_promote`: what one environment runs goes to another one.

use pipeline_core::deployment::again::{Again, again, nowhere, unmigrated};
use pipeline_core::deployment::survey::Survey;
use pipeline_core::deployment::{Deployment as Record, Origin, Running, Scope};
use pipeline_core::{EnvironmentName, RegionName, SubProjectPath, Version, Violation};
use tfplugin::{
    Action, ActionContext, Attr, Diagnostic, Diagnostics, Draft as _, Model, Path, Span, Text,
};

use super::deployment::{self, How, Wanted};
use crate::error;
use crate::parts::no_url_secret;
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Deploys to one environment the version that another one runs, without the configuration of either: the target and
/// the health check are those of the newest successful deployment there, by its record, and the image is the one that
/// was deployed with the version before. It is a deployment like any other, under the same rules and in the same queue,
/// and what fails is put back.
///
/// What a record does not hold, the action does not do. It refuses (OWN057) where the newest deployment there was
/// brought into service by a `command` or by `stacks`, had a health check with a query in its URL, or where either
/// deployment ran migrations: those are in the `pipeline_deployment` alone. Variables of the container stay as they
/// are. Tests of a `pipeline_deployment` are not run, and an environment whose policy wants some refuses.
///
/// Afterwards a `pipeline_deployment` of that environment still names the version before. Its next plan shows what
/// runs, and is refused where the version that it names is lower (OWN002), unless it has `allow_downgrade = true`.
/// Set its `version` to the promoted one, such as by a `pipeline_version` or the output of a release pipeline, or leave
/// the version of such an environment to the action alone, with `lifecycle { ignore_changes = [version, ecs] }`.
#[derive(Debug, Clone, Model)]
pub struct Promote {
    /// Environment that runs the version.
    pub from: Text<EnvironmentName>,
    /// Environment to which it goes, where something was deployed before.
    pub to: Text<EnvironmentName>,
    /// Path of the sub-project; the root project where absent.
    pub sub_project_path: Option<Text<SubProjectPath>>,
    /// Region of `to`, where only one is meant. Where `from` has deployments to the same region, what runs there goes.
    pub region: Option<Text<RegionName>>,
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

/// What there is to do.
enum Todo {
    /// It runs there already.
    Nothing,
    Deploy(Box<Wanted>),
}

impl Action for Promote {
    const NAME: &'static str = "pipeline_promote";
    type Provider = Pipeline;

    fn validate(draft: &PromoteDraft, out: &mut Diagnostics) {
        if let (Some(from), Some(to)) = (draft.from.known(), draft.to.known())
            && from.0 == to.0
        {
            let detail = format!(
                "Found `{}` for both; expected two environments. Next: write the one that runs the version in \
                 `from`, and the one to which it goes in `to`.",
                from.0
            );
            out.error(Self::TO, "A version is promoted from one environment to another", detail);
        }
    }

    async fn plan(draft: &PromoteDraft, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let Some(this) = draft.settled() else { return Ok(()) };
        let todo = match deployment::arrival(&session, &this.scope(&this.from.0)) {
            // What there is to go by comes with the same apply.
            _ if deployment::arrival(&session, &this.scope(&this.to.0)).is_some() => return Ok(()),
            Some(version) => match Box::pin(this.foreseen(&session, version)).await? {
                Some(wanted) => Todo::Deploy(Box::new(wanted)),
                None => return Ok(()),
            },
            None => Box::pin(this.todo(&session)).await?,
        };
        match todo {
            Todo::Nothing => {
                cx.warn(this.runs_already());
                Ok(())
            }
            Todo::Deploy(wanted) => {
                Box::pin(deployment::check(&session, &wanted, &this.how(), cx)).await
            }
        }
    }

    async fn invoke(self, cx: &ActionContext<Self>) -> Result<(), Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        session.repository.refresh();
        match cx.stop.unless(Box::pin(self.todo(&session))).await?? {
            Todo::Nothing => {
                cx.progress(self.runs_already().detail);
                Ok(())
            }
            Todo::Deploy(wanted) => {
                cx.progress(format!("Promoting {} to `{}`", wanted.version, wanted.survey.scope()));
                Box::pin(deployment::deploy(&session, &wanted, &self.how(), cx)).await
            }
        }
    }
}

impl Promote {
    fn how(&self) -> How {
        How {
            reason: self.reason.clone(),
            wait_timeout: self.wait_timeout.clone(),
            timeout: self.timeout.clone(),
            poll_interval: self.poll_interval.clone(),
            at: Self::TO,
        }
    }

    fn scope(&self, environment: &EnvironmentName) -> Scope {
        deployment::place(environment, self.sub_project_path.as_ref(), self.region.as_ref())
    }

    async fn todo(&self, session: &Session<'_>) -> Result<Todo, Diagnostics> {
        let good = self.good(session).await?;
        let survey = session.survey(self.scope(&self.to.0)).await?;
        let runs = survey.running().map(|running| running.commit);
        if runs == Some(good.commit_sha)
            && survey.deployed_by().is_some_and(|it| it.version == good.version)
        {
            return Ok(Todo::Nothing);
        }
        let place = last_good(&survey)?;
        let again = by_records(place, &good)?;
        let (version, commit_sha, allow_downgrade) = (good.version, good.commit_sha, false);
        let wanted = Wanted { version, commit_sha, survey, again, allow_downgrade };
        Ok(Todo::Deploy(Box::new(wanted)))
    }

    /// What is to do when the same apply has deployed this version to the first environment, as far as anybody knows
    /// now: by which image that will be, nobody does.
    async fn foreseen(
        &self,
        session: &Session<'_>,
        version: Version,
    ) -> Result<Option<Wanted>, Diagnostics> {
        let survey = session.survey(self.scope(&self.to.0)).await?;
        let place = last_good(&survey)?;
        let again = by_records(place, place)?;
        let commit = survey.commit_of(&version).or(session.planned_tag(&version.to_string()));
        Ok(commit.map(|commit_sha| {
            let allow_downgrade = false;
            Wanted { version, commit_sha, survey, again, allow_downgrade }
        }))
    }

    /// The deployment that put there what the first environment runs.
    async fn good(&self, session: &Session<'_>) -> Result<Record, Diagnostics> {
        let survey = session.survey(self.scope(&self.from.0)).await?;
        match (survey.deployed_by(), survey.running()) {
            (Some(record), _) => Ok(record.clone()),
            (None, Some(Running { commit, origin: Origin::Tag, .. })) => {
                let detail = format!(
                    "Found `{}` on commit `{commit}`, to which somebody moved its tag by hand; expected what a \
                     deployment put there. Next: deploy it to `{}`.",
                    survey.scope(),
                    *self.from
                );
                Err(Diagnostic::error(Self::FROM, "No deployment put there what runs", detail)
                    .into())
            }
            _ => Err(refused(&nowhere(survey.scope()), Self::FROM)),
        }
    }

    fn runs_already(&self) -> Diagnostic {
        let detail = format!(
            "`{}` runs already what `{}` runs. Next: nothing.",
            self.scope(&self.to.0),
            self.scope(&self.from.0)
        );
        Diagnostic::warning(Self::TO, "There is nothing to promote", detail)
    }
}

/// The newest success where it goes.
fn last_good(survey: &Survey) -> Result<&Record, Diagnostics> {
    survey.last_good().ok_or_else(|| refused(&nowhere(survey.scope()), Promote::TO))
}

/// How it goes there, or everything that records do not say.
fn by_records(place: &Record, good: &Record) -> Result<Again, Diagnostics> {
    let found = again(place, good).map_err(|bad| error::violations_at(&bad, Promote::TO));
    let unmigrated = unmigrated(place, good).map_or(Ok(()), |bad| Err(refused(&bad, Promote::TO)));
    match (found, unmigrated) {
        (Ok(again), Ok(())) => Ok(again),
        (found, unmigrated) => {
            Err(Diagnostics::both(found.map(drop), unmigrated).err().unwrap_or_default())
        }
    }
}

/// A broken rule, at an attribute that the action has.
pub(super) fn refused(fault: &Violation, at: Attr) -> Diagnostics {
    let told = error::violation_under(fault, &Path::root());
    Diagnostic { path: at.into(), ..told }.into()
}
