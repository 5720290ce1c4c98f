//! `pipeline_run`: what became of a run of a pipeline, in the ledger.
//!
//! Which rules it keeps is `pipeline_core::run`'s; here is what Terraform calls it.

mod model;
mod reports;

use std::collections::BTreeSet;

use pipeline_core::Timestamp;
use pipeline_core::base::suggest::did_you_mean_or;
use pipeline_core::base::violation::quoted;
use pipeline_core::git::Repository;
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::RegistrationSurvey;
use pipeline_core::run::{self, PipelineName, PipelineRun, RunKey, RunRecord};
use pipeline_core::telemetry::of_run;
use tfplugin::{Attr, Context, Diagnostic, Diagnostics, Draft as _, Path, Resource, Text};

pub use model::Run;
use model::RunDraft;

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::registered::{self, Imports, RecordSlot, Registers};
use crate::session::Session;
use crate::telemetry;
use crate::words::Says as _;

impl Resource for Run {
    const NAME: &'static str = "pipeline_run";
    type Provider = Pipeline;

    registered::steps!(plan, read, import);

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let made = registered::register(self, None, cx).await?;
        made.tell(None, cx).await;
        Ok(made)
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let made = registered::register(self, Some(&prior), cx).await?;
        made.tell(Some(&prior), cx).await;
        Ok(made)
    }

    fn validate(draft: &RunDraft, out: &mut Diagnostics) {
        if !draft.junit.is_null() && !draft.test_result.is_null() {
            out.push(reports::told_twice());
        }
        let faults = draft.settled().and_then(|run| PipelineRun::new(run.meant()).err());
        out.extend(faults.into_iter().flat_map(|bad| error::violations(&bad, &Path::root())));
    }

    async fn forget(&self, _: &Context<Self>) -> Result<Option<Diagnostic>, Diagnostics> {
        let detail = format!(
            "\"{}\" is history: Terraform forgets the run, and git keeps its record as long as RET001 and RET002 \
             ask for. Next: nothing; `pipeline_runs` lists it until then, and an import takes it back.",
            self.key()
        );
        Ok(Some(Diagnostic::warning(Self::RUN_ID, "The run stays in git", detail)))
    }
}

impl Run {
    /// Tells telemetry of a run that ended, once. It is recorded already: what goes wrong is a warning.
    async fn tell(&self, prior: Option<&Self>, cx: &Context<Self>) {
        let was_over = |prior: &Self| self.continues(prior) && prior.status.is_over();
        if prior.is_some_and(was_over) {
            return;
        }
        let Ok(session) = cx.provider.open().await else { return };
        if session.settings.telemetry.is_none() {
            return;
        }
        let Ok(run) = PipelineRun::new(self.meant()) else { return };
        let ended = match of_run(&run) {
            Ok(Some(ended)) => ended,
            Ok(None) => return,
            Err(untold) => return cx.warn(error::violation_under(&untold, &Path::root())),
        };
        telemetry::tell(&session, &ended).await.into_iter().for_each(|it| cx.warn(it));
    }

    fn key(&self) -> RunKey {
        RunKey { name: self.name.0.clone(), run_id: self.run_id.0 }
    }
}

impl Imports for Run {
    fn id(identity: &RunDraft) -> Option<String> {
        Some(identity.name.known()?.to_string())
    }

    /// The name of a pipeline alone means its newest run.
    async fn find(id: &str, session: &Session<'_>) -> Result<RecordSlot<Self>, Diagnostics> {
        let ledger = session.ledger();
        let key = match id.parse() {
            Ok(name) => {
                let newest = run::newest(&ledger, &name, session.now()).await.blame(Self::NAME)?;
                newest.ok_or(name)
            }
            Err(_) => Ok(id.parse().blame(Self::RUN_ID)?),
        };
        match key {
            Ok(key) => Ok(ledger.run(&key)),
            Err(name) => Err(no_run(&name, session).await?),
        }
    }
}

/// Nothing is on record of a pipeline.
async fn no_run(name: &PipelineName, session: &Session<'_>) -> Result<Diagnostics, Diagnostics> {
    let (snapshot, shelf) = (session.snapshot().await?, session.ledger().runs());
    let known: BTreeSet<&str> = snapshot
        .under(shelf.prefix())
        .filter_map(|(key, _)| Some(key.split_once('/')?.0))
        .collect();
    let (name, otherwise) = (name.to_string(), || "Record a run of it first.".to_owned());
    let next = did_you_mean_or(&name, known, otherwise);
    let detail = format!(
        "Found no run of the pipeline {} on record that has begun; expected one to import, the newest. Next: {next}",
        quoted(&name)
    );
    Ok(Diagnostic::error(Run::NAME, "The pipeline has no run to import", detail).into())
}

impl Registers for Run {
    type What = PipelineRun;
    const NAMED_BY: Attr = Self::RUN_ID;

    registered::stamps!(registered_at);

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<RunRecord> {
        ledger.run(&self.key())
    }

    fn continues(&self, prior: &Self) -> bool {
        self.key() == prior.key()
    }

    fn makes_another(&self, prior: &Self) -> bool {
        self.name == prior.name && self.run_id != prior.run_id
    }

    fn may_be_gone(&self, now: Timestamp) -> bool {
        self.seen().is_some_and(|written_at| self.meant().has_expired(written_at, now))
    }

    fn says(&self, _: &Session<'_>, what: &PipelineRun) -> bool {
        PipelineRun::new(self.meant()).is_ok_and(|own| own == *what)
    }

    fn of(what: &PipelineRun) -> Self {
        Self::said(what)
    }

    async fn settled(self, prior: Option<&Self>) -> Result<Self, Diagnostics> {
        let before = prior.filter(|prior| self.continues(prior));
        self.with_reports(before).await
    }

    fn keeping(self, state: &Self) -> Self {
        Self { junit: state.junit.clone(), ..self }
    }

    fn completed(self, what: &PipelineRun) -> Self {
        Self { id: what.key().to_string().into(), duration_seconds: what.span().into(), ..self }
    }

    fn found(self, survey: &RegistrationSurvey<PipelineRun>) -> Self {
        let since = survey.record().map(|record| Text(record.registered_at));
        let registered_at = since.map_or(self.registered_at, Into::into);
        Self { registered_at, ..self }.completed(survey.what())
    }

    fn announce(session: &Session<'_>, what: &PipelineRun) {
        session.plan_run(what.clone());
    }

    async fn survey(
        &self,
        session: &Session<'_>,
    ) -> Result<RegistrationSurvey<PipelineRun>, Diagnostics> {
        let run = PipelineRun::new(self.meant()).blame(Path::root())?;
        // Before anybody looks: of two that are planned at once, one sees the other.
        session.plan_run(run.clone());
        let mut planned = session.planned_runs(&run.name);
        planned.retain(|other| other.key() != run.key());
        run::survey(&session.ledger(), run, &planned, session.now()).await.blame(Path::root())
    }
}
