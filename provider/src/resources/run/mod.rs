//! `pipeline_run`: what became of a run of a pipeline, in the ledger.
//!
//! Which rules it keeps is `pipeline_core::run`'s; here is what Terraform calls it.

mod model;
mod parts;

use pipeline_core::Timestamp;
use pipeline_core::git::Repository;
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::RegistrationSurvey;
use pipeline_core::run::{self, PipelineRun, RunKey, RunRecord};
use tfplugin::{
    Attr, Change, Context, Diagnostic, Diagnostics, Draft as _, ImportKey, Path, Resource,
};

pub use model::Run;
use model::RunDraft;

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::registered::{self, Registers};
use crate::session::Session;

impl Resource for Run {
    const NAME: &'static str = "pipeline_run";
    type Provider = Pipeline;

    fn validate(draft: &RunDraft, out: &mut Diagnostics) {
        let faults = draft.settled().and_then(|run| run.domain().err());
        out.extend(faults.into_iter().flat_map(|bad| error::violations(&bad, &Path::root())));
    }

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        let found = registered::plan(&session, change, |run, _| run).await?;
        if let Some((wanted, found)) = found.filter(|_| !change.is_noop()) {
            let is_other = change.prior.as_ref().is_some_and(|prior| !wanted.continues(prior));
            change.plan_computed(&wanted.completed(found.what()));
            change.planned.updated_at.set_unknown();
            if is_other {
                change.planned.registered_at.set_unknown();
            }
        }
        Ok(())
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        registered::register(self, None, cx).await
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        registered::read(self, cx).await
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        registered::register(self, Some(&prior), cx).await
    }

    async fn delete(self, cx: &Context<Self>) -> Result<(), Diagnostics> {
        let (name, run_id) = (&*self.name, &*self.run_id);
        cx.warn(Diagnostic::warning(
            Self::RUN_ID,
            "The run stays in git",
            format!(
                "\"{name}/{run_id}\" is history: Terraform forgets the run, and git keeps its record. Next: \
                 nothing; `pipeline_runs` still lists it, and an import takes it back."
            ),
        ));
        Ok(())
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let key = key.text(|it| match (it.name.known(), it.run_id.known()) {
            (Some(name), Some(run_id)) => format!("{name}/{run_id}"),
            _ => String::new(),
        });
        let run: RunKey = key.parse().blame(Self::RUN_ID)?;
        let slot = session.ledger().run(&run);
        registered::import(&session, &key, slot).await
    }
}

impl Registers for Run {
    type What = PipelineRun;
    const NAMED_BY: Attr = Self::RUN_ID;

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<RunRecord> {
        ledger.run(&self.key())
    }

    fn seen(&self) -> Option<Timestamp> {
        self.updated_at.get().map(|at| at.0)
    }

    fn continues(&self, prior: &Self) -> bool {
        self.key() == prior.key()
    }

    fn says(&self, _: &Session<'_>, what: &PipelineRun) -> bool {
        self.domain().is_ok_and(|own| own == *what)
    }

    fn of(what: &PipelineRun) -> Self {
        Self::of_domain(what)
    }

    fn recorded(self, record: &RunRecord) -> Self {
        self.completed(record).stamped(record)
    }

    async fn survey(
        &self,
        session: &Session<'_>,
    ) -> Result<RegistrationSurvey<PipelineRun>, Diagnostics> {
        let domain = self.domain().blame(Path::root())?;
        run::survey(&session.ledger(), domain).await.blame(Path::root())
    }
}
